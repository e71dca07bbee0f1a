"""The local page of ``echemscreen serve`` in this process, for tests with and without a browser."""

import os
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from werkzeug.serving import make_server

from echemscreen.server import jobs, page

GATED = (sys.executable, "-m", "gated_screen")


@contextmanager
def served(out, program=jobs.PROGRAM):
    """A page that a browser can open: its address and its queue."""
    queue = jobs.JobQueue(out, program=program)
    # Unlike waitress, which the command uses, it can be ended from another thread.
    server = make_server("127.0.0.1", 0, page.create_app(queue), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    with queue:
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.port}", queue
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def wait_for(condition, seconds=600):
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
