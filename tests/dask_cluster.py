"""A Dask scheduler and its workers, each a process of its own, which can be killed and started again."""

import os
import signal
import socket
import subprocess
import sys


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(*arguments):
    code = f"from distributed.cli.{arguments[0]} import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments[1:])],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={
            **os.environ,
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
    )


def end(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Cluster:
    """A scheduler and workers, each a process of its own, as on a cluster."""

    def __init__(self, folder):
        self.folder = folder
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.workers = []
        self.start_scheduler()

    def start_scheduler(self):
        port = self.address.rpartition(":")[2]
        self.scheduler = start(
            "dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", "--no-show"
        )

    def start_worker(self):
        options = ("--nworkers", 1, "--nthreads", 1, "--no-dashboard", "--local-directory", self.folder)
        self.workers.append(start("dask_worker", self.address, *options, "--no-nanny", "--death-timeout", 60))

    def end(self):
        for process in (*self.workers, self.scheduler):
            end(process)
