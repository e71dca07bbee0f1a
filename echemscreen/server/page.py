"""The addresses of the local page, and what keeps other web sites out of it.

Only this computer reaches the page. A web site open in the same browser must not: a request has to
name this computer as its host (against rebound names), and one that changes something has to come
from the page itself. No page runs a script or a style that is not a file of this package; a report,
which brings its own, is shown in a sandbox that can ask the page for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import islice
from threading import Lock
from typing import Any

from flask import Flask, Response, abort, redirect, render_template, request, send_from_directory, url_for
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from echemscreen.campaign.outcomes.reporting import report as write_report
from echemscreen.dots.materials import QuantumDotRow, presets
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import EchemscreenError
from echemscreen.options.runs import ScreenOptions
from echemscreen.quantities import MINUS, counted, quantity
from echemscreen.records.dots import DescribedDot
from echemscreen.server import submission
from echemscreen.server.jobs import Job, JobQueue
from echemscreen.server.submission import FORM_DEFAULTS
from echemscreen.views.alignment.diagram import dot_alone
from echemscreen.views.alignment.drawing import exciton_words, kind_words
from echemscreen.views.alignment.interactive import as_json
from echemscreen.views.report import document
from echemscreen.views.tables.cells import shown
from echemscreen.views.tables.table import stream_results

#: Rows that the result page shows; the files hold all of them.
SHOWN_ROWS = 200
#: What of a screen's folder may be fetched.
FILES = ("results.csv", "alignment.svg", "alignment.png", "run.json")
REPORT = "report.html"
#: Longer times are told in hours.
_MINUTES_AT_MOST = 90

_OWN_FILES_ONLY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_DRAWING = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; sandbox"
#: The report names its own scripts by their digests; this adds that it can reach nothing of the page.
_REPORT = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "sandbox allow-scripts allow-downloads allow-popups"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What stands in the form."""

    molecules: str = ""
    preset: str = "pu2020-red"
    own: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: FORM_DEFAULTS)

    @property
    def qd(self) -> str:
        """The dot meant: a preset, or the specification beside it."""
        return (self.preset or self.own).strip()


def create_app(queue: JobQueue) -> Flask:
    """The page over a queue of screens."""
    app = Flask(__name__)
    # Room for the other fields beside the list.
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = submission.MAX_BYTES + 10_000
    app.config["MAX_FORM_PARTS"] = 20
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
    _add_jobs(app, queue)
    _add_results(app, queue)
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
        response.headers["Cache-Control"] = "no-store"
        return response


def _refuse_in_words(app: Flask, queue: JobQueue) -> None:
    @app.errorhandler(EchemscreenError)
    def _sentence(error: EchemscreenError) -> tuple[str, int]:
        return _home(queue, _entered(), problem=error), 400

    @app.errorhandler(RequestEntityTooLarge)
    def _too_large(_error: RequestEntityTooLarge) -> tuple[str, int]:
        return _home(queue, Entered(), problem=submission.too_large()), 413

    @app.errorhandler(SecurityError)
    def _other_host(_error: SecurityError) -> tuple[str, int]:
        # Before any address is known, so without a page.
        return "This page answers to 127.0.0.1 and localhost only.", 400

    @app.errorhandler(HTTPException)
    def _other(error: HTTPException) -> tuple[str, int]:
        return render_template("problem.html", title=error.name, problem=error.description), error.code or 500


# --- the form and the list of screens ---------------------------------------------------------


def _add_jobs(app: Flask, queue: JobQueue) -> None:
    @app.get("/")
    def home() -> str:
        return _home(queue, Entered())

    @app.get("/dot")
    def dot() -> str:
        spec = request.args.get("qd", "").strip()
        try:
            submission.check_spec(spec)
            return render_template("dot.html", dot=_described(spec), row=presets().get(spec))
        except EchemscreenError as error:
            return render_template("dot.html", problem=error)

    @app.get("/diagram.js")
    def diagram() -> Response:
        script = document.script_of("unpack.js", "scales.js", "diagram.js", "sketch.js")
        return Response(script, mimetype="text/javascript")

    @app.get("/jobs")
    def jobs() -> str:
        return render_template("jobs.html", jobs=_shown(queue))

    @app.post("/jobs")
    def submit() -> AnyResponse:
        entered = _entered()
        upload = request.files.get("file")
        if upload is not None and upload.filename:
            found = submission.dropped(upload.filename, upload.read())
        else:
            found = submission.pasted(entered.molecules)
        order = submission.order(found, qd=entered.qd, **entered.options)
        queue.submit(order, found.text)
        return redirect(url_for("home", _anchor="screens"), 303)

    @app.post("/jobs/<int:number>/stop")
    def stop(number: int) -> AnyResponse:
        queue.stop(_job(queue, number).number)
        return redirect(url_for("home", _anchor="screens"), 303)

    @app.post("/jobs/<int:number>/resume")
    def resume(number: int) -> AnyResponse:
        queue.resume(_job(queue, number).number)
        return redirect(url_for("home", _anchor="screens"), 303)


def _home(queue: JobQueue, entered: Entered, *, problem: EchemscreenError | None = None) -> str:
    described: DescribedDot | None = None
    dot_problem: EchemscreenError | None = None
    try:
        submission.check_spec(entered.qd)
        described = _described(entered.qd)
    except EchemscreenError as error:
        dot_problem = error
    return render_template(
        "home.html",
        entered=entered,
        problem=problem,
        presets=_by_source(),
        choices={name: ScreenOptions.option(name).words for name in FORM_DEFAULTS},
        limits=submission,
        too_large=submission.too_large(),
        facts=document.facts() | {"dot": "the dot"},
        jobs=_shown(queue),
        dot=described,
        row=presets().get(entered.qd),
        dot_problem=dot_problem,
    )


def _entered() -> Entered:
    form = request.form
    if "molecules" not in form:
        return Entered()
    texts = {name: form.get(name, "") for name in ("molecules", "preset", "own")}
    return Entered(**texts, options={name: form.get(name, "") for name in FORM_DEFAULTS})


def _shown(queue: JobQueue) -> list[dict[str, Any]]:
    """Every screen with its counts, as the list shows it."""
    shown = []
    for job in queue.jobs():
        counts = job.counts()
        shown.append({"job": job, "counts": counts, "left_s": job.left_s(counts)})
    return shown


@lru_cache(maxsize=256)
def _described(spec: str) -> DescribedDot:
    return describe(quantum_dot(spec))


def _by_source() -> dict[str, list[QuantumDotRow]]:
    """The presets under the papers that they are from."""
    groups: dict[str, list[QuantumDotRow]] = {}
    for row in presets().values():
        groups.setdefault(row.citation, []).append(row)
    return groups


# --- results ----------------------------------------------------------------------------------


def _add_results(app: Flask, queue: JobQueue) -> None:
    making = Lock()

    @app.get("/jobs/<int:number>/")
    def result(number: int) -> str:
        job = _finished(queue, number)
        rows = list(islice(stream_results(job.folder / "results.csv"), SHOWN_ROWS + 1))
        return render_template(
            "result.html",
            job=job,
            counts=job.counts(),
            dot=_described(job.order.qd),
            rows=rows[:SHOWN_ROWS],
            has_more=len(rows) > SHOWN_ROWS,
            has_figure=(job.folder / "alignment.svg").is_file(),
        )

    @app.get("/jobs/<int:number>/<any(" + ",".join(f'"{name}"' for name in FILES) + "):name>")
    def file(number: int, name: str) -> Response:
        job = _finished(queue, number)
        if not (job.folder / name).is_file():
            abort(404)
        response = send_from_directory(
            job.folder.resolve(),
            name,
            as_attachment="download" in request.args,
            download_name=f"screen-{number}-{name}",
        )
        response.headers["Content-Security-Policy"] = _DRAWING
        return response

    @app.get("/jobs/<int:number>/report")
    def report(number: int) -> Response:
        job = _finished(queue, number)
        with making:
            if not (job.folder / REPORT).is_file():
                write_report(job.folder, job.folder / REPORT)
        response = send_from_directory(job.folder.resolve(), REPORT)
        response.headers["Content-Security-Policy"] = _REPORT
        return response


def _job(queue: JobQueue, number: int) -> Job:
    job = queue.job(number)
    if job is None:
        abort(404, f"There is no screen {number}.")
    return job


def _finished(queue: JobQueue, number: int) -> Job:
    job = _job(queue, number)
    if job.state != "done":
        abort(404, f"Screen {number} is not finished.")
    return job


# --- words ------------------------------------------------------------------------------------


def _time_left(seconds: float) -> str:
    """About how long."""
    minutes = math.ceil(seconds / 60)
    return f"about {minutes} min left" if minutes <= _MINUTES_AT_MOST else f"about {minutes / 60:.1f} h left"
