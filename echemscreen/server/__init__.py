"""The local page: draw, pick or paste molecules, pick a dot, watch, open the result.

Flask and waitress: both are maintained by the Pallets and Pylons projects, pure Python, and
synchronous, which is all that one chemist's browser needs. Flask brings Jinja, whose templates
escape every text, and a form reader with limits; waitress is a server of one file, without a
compiler, that ends on Ctrl-C. An asynchronous pair (Starlette, uvicorn) would need more packages
for the same page.

- ``submission``: the molecules that were pasted or dropped, checked and counted;
- ``forms``: the kinds of run and their fields, made of the options that the models declare;
- ``orders``: a run with its dot, options and files, checked as the command will check it;
- ``jobs``: the queue; each run is a process of its own in a folder of its own;
- ``counts``: how far a run is;
- ``comparing``: runs side by side;
- ``order_pages``, ``library_pages``, ``result_pages``: the addresses;
- ``page``: the application, and what keeps other web sites out.

JSME (``static/jsme``, version 0.8.2 from the npm registry, BSD-3-Clause) draws structures: the files of its
package that browsers of today load, unchanged. Nothing is fetched from another host.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from waitress.server import TcpWSGIServer, create_server

from echemscreen.errors import InputError
from echemscreen.server.jobs import JobQueue
from echemscreen.server.page import create_app
from echemscreen.server.submission import MAX_BYTES

LOOPBACK = "127.0.0.1"
#: Beyond this a request is cut off without a page; below, the page says what is too large.
_CUT_OFF_BYTES = 8 * MAX_BYTES

#: Connections at a time: far more than a browser opens, fewer than the files that a process may open, so that
#: slow ones keep nobody else out. One that is silent for so long is closed.
_CONNECTIONS, _SILENT_FOR_S = 500, 30


def serve(port: int, out: Path, *, say: Callable[[str], None]) -> None:
    """Serve the page on this computer only, until Ctrl-C.

    Parameters
    ----------
    port
        0 takes a free one.
    out
        Folder of the runs; those of earlier sessions are listed again.
    say
        Called with the address once the page answers, and when it ends.

    Raises
    ------
    InputError
        if the port is taken, or not for this user.
    StoreError
        if the folder cannot be written.
    """
    queue = JobQueue(out)
    try:
        server = create_server(
            create_app(queue),
            host=LOOPBACK,
            port=port,
            threads=8,
            ident="echemscreen",
            max_request_body_size=_CUT_OFF_BYTES,
            connection_limit=_CONNECTIONS,
            channel_timeout=_SILENT_FOR_S,
            cleanup_interval=_SILENT_FOR_S // 6,
            asyncore_use_poll=True,
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"Port {port} of this computer cannot be used: {reason}.",
            "End the program that uses it, or choose another port with --port.",
        ) from error
    assert isinstance(server, TcpWSGIServer), "one address, one socket"
    assert server.socket is not None
    with closing(server), queue:
        say(f"http://{LOOPBACK}:{server.socket.getsockname()[1]}/  (Ctrl-C ends it; results in {out})")
        server.run()
        say("Ending; what is finished is stored, and the page can continue it.")
