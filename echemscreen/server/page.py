"""The local page as an application, and what keeps other web sites out of it.

Only this computer reaches the page. A web site open in the same browser must not: a request has to
name this computer as its host (against rebound names), and one that changes something has to come
from the page itself. No page runs a script or a style that is not a file of this package; a report,
which brings its own, is shown in a sandbox that can ask the page for nothing, and the editor of structures,
whose loader makes scripts, has a page of its own.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

from flask import Flask, Response, abort, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from echemscreen.errors import EchemscreenError
from echemscreen.quantities import MINUS, counted, quantity
from echemscreen.server import submission
from echemscreen.server.jobs import JobQueue
from echemscreen.server.library_pages import add_library
from echemscreen.server.order_pages import Entered, add_exchange, add_orders, entered_in, order_page
from echemscreen.server.orders import MAX_BESIDE_BYTES
from echemscreen.server.result_pages import add_results
from echemscreen.views.alignment.diagram import dot_alone
from echemscreen.views.alignment.drawing import exciton_words, kind_words
from echemscreen.views.alignment.interactive import as_json
from echemscreen.views.tables.cells import shown

#: Longer times are told in hours.
_MINUTES_AT_MOST = 90

_OWN_FILES_ONLY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_app(queue: JobQueue) -> Flask:
    """The page over a queue of runs."""
    app = Flask(__name__)
    # Room for the other fields beside the list, and for files of measurements.
    room = submission.MAX_BYTES + 4 * MAX_BESIDE_BYTES
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = room
    app.config["MAX_FORM_PARTS"] = 100
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]
    app.jinja_env.filters |= {
        "quantity": partial(quantity, minus=MINUS),
        "shown": partial(shown, minus=MINUS),
        "time_left": _time_left,
        "counted": counted,
        "exciton_words": exciton_words,
        "kind_words": kind_words,
        "sketch": lambda dot: as_json(dot_alone(dot)),
    }
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _guard(app)
    _refuse_in_words(app, queue)
    add_orders(app, queue)
    add_exchange(app, queue)
    add_library(app, queue)
    add_results(app, queue)
    return app


# --- other web sites --------------------------------------------------------------------------


def _guard(app: Flask) -> None:
    @app.before_request
    def _from_this_page() -> None:
        # Browsers name the origin of every request that changes something.
        if request.method not in {"GET", "HEAD"} and request.headers.get("Origin") != request.host_url.rstrip(
            "/"
        ):
            abort(403, "Only the page itself may ask for this: open it in this browser and try again.")

    @app.after_request
    def _headers(response: Response) -> Response:
        if "Content-Security-Policy" not in response.headers:
            response.headers["Content-Security-Policy"] = _OWN_FILES_ONLY
            response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _refuse_in_words(app: Flask, queue: JobQueue) -> None:
    @app.errorhandler(EchemscreenError)
    def _sentence(error: EchemscreenError) -> tuple[str, int]:
        return order_page(queue, entered_in(request), problem=error), 400

    @app.errorhandler(RequestEntityTooLarge)
    def _too_large(_error: RequestEntityTooLarge) -> tuple[str, int]:
        try:
            entered = replace(entered_in(request), molecules="")
        except RequestEntityTooLarge:
            # Not read to its end.
            entered = Entered()
        return order_page(queue, entered, problem=submission.too_large()), 413

    @app.errorhandler(SecurityError)
    def _other_host(_error: SecurityError) -> tuple[str, int]:
        # Before any address is known, so without a page.
        return "This page answers to 127.0.0.1 and localhost only.", 400

    @app.errorhandler(HTTPException)
    def _other(error: HTTPException) -> tuple[str, int]:
        return render_template("problem.html", title=error.name, problem=error.description), error.code or 500


# --- words ------------------------------------------------------------------------------------


def _time_left(seconds: float) -> str:
    """About how long."""
    minutes = math.ceil(seconds / 60)
    return f"about {minutes} min left" if minutes <= _MINUTES_AT_MOST else f"about {minutes / 60:.1f} h left"
