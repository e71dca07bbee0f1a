"""The local page of ``echemscreen serve`` in this process, for tests with and without a browser."""

import os
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from waitress.server import create_server

from echemscreen.server import jobs, page

GATED = (sys.executable, "-m", "gated_screen")


@contextmanager
def served(out, program=jobs.PROGRAM):
    """A page that a browser can open: its address and its queue."""
    queue = jobs.JobQueue(out, program=program)
    server = create_server(page.create_app(queue), host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run)
    with queue:
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.socket.getsockname()[1]}", queue
        finally:
            server.pull_trigger()
            server.close()
            thread.join()


def wait_for(condition, seconds=300):
    """Until something has happened; the limit only ends a test that hangs."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.05)
    return found


def is_gone(pid):
    """Whether a process has ended; one that waits for its parent to notice has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"
