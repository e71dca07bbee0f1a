"""A real PostgreSQL server in a folder of its own, which can be killed and started again."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

USER, PASSWORD = "screener", "s3cret/p@ss"
URL_PASSWORD = "s3cret%2Fp%40ss"


def binaries():
    """The newest folder with the server's programs, or None."""
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
    return folders[-1] if folders else None


class Server:
    """Started on a free port of the loopback; as the user postgres where we are root."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="echemscreen-pg-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.identity = {}
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self.identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": ()}
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self.run(
            "initdb", "-D", "data", "-A", "scram-sha-256", "-U", USER, "--pwfile", "password", "-E", "UTF8"
        )
        self.start()

    def run(self, program, *arguments):
        return subprocess.run(
            [binaries() / program, *arguments],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PGPASSWORD": PASSWORD, "LC_ALL": "C.UTF-8"},
            **self.identity,
        )

    def start(self):
        options = f"-p {self.port} -k '' -c listen_addresses=127.0.0.1"
        self.run("pg_ctl", "-w", "-t", "60", "-D", "data", "-l", "log", "-o", options, "start")

    def kill(self):
        """End every process of the server at once, as a power failure does."""
        postmaster = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.5)
        # In a container nobody may reap the dead postmaster, and its number then seems to be alive.
        (self.folder / "data/postmaster.pid").unlink()

    def database(self, name):
        """Make an empty database; its address."""
        self.run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, name)
        return f"postgresql://{USER}:{URL_PASSWORD}@127.0.0.1:{self.port}/{name}"

    def end(self):
        subprocess.run(
            [binaries() / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop"],
            check=False,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self.identity,
        )
        shutil.rmtree(self.folder, ignore_errors=True)
