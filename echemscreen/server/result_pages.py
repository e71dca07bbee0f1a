"""What a run has come to: the report of a list, an answer, a sweep; files, and runs side by side."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from threading import Lock
from typing import Any

from flask import Flask, Response, abort, render_template, request, send_file, send_from_directory

from echemscreen.campaign.outcomes.reporting import report as write_report
from echemscreen.server import comparing
from echemscreen.server.forms import KINDS
from echemscreen.server.jobs import Job, JobQueue
from echemscreen.server.order_pages import described, job_of

REPORT = "report.html"
#: What of a run's folder may be fetched by itself.
FILES = (
    "results.csv",
    "ranking.csv",
    "ledger.csv",
    "alignment.svg",
    "alignment.png",
    "map.svg",
    "ranking.svg",
    "answer.svg",
    "answer.json",
    "sweep.svg",
    "sweep.csv",
    "run.json",
)
_DRAWING = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; sandbox"
#: The report names its own scripts by their digests; this adds that it can reach nothing of the page.
_REPORT = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-scripts allow-downloads allow-popups allow-modals"
)


def add_results(app: Flask, queue: JobQueue) -> None:
    """The addresses of what has come to its end."""
    making = Lock()

    @app.get("/jobs/<int:number>/")
    def result(number: int) -> str:
        job = _finished(queue, number)
        return render_template(
            "result.html" if job.order.of.is_list else f"{job.order.kind}.html",
            job=job,
            kinds=KINDS,
            files=[name for name in FILES if (job.folder / name).is_file()],
            **_content(job),
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
            download_name=f"run-{number}-{name}",
        )
        response.headers["Content-Security-Policy"] = _DRAWING
        return response

    @app.get("/jobs/<int:number>/report")
    def report(number: int) -> Response:
        job = _finished(queue, number)
        if not job.order.of.is_list:
            abort(404, f"Run {number} has no report.")
        with making:
            if not (job.folder / REPORT).is_file():
                write_report(job.folder, job.folder / REPORT)
        response = send_from_directory(job.folder.resolve(), REPORT)
        response.headers["Content-Security-Policy"] = _REPORT
        return response

    @app.get("/jobs/<int:number>/run.zip")
    def whole(number: int) -> Response:
        job = _finished(queue, number)
        return send_file(_zipped(job), as_attachment=True, download_name=f"run-{number}.zip")

    @app.get("/compare")
    def compare() -> str:
        numbers = dict.fromkeys(number for number in request.args.getlist("run", type=int))
        jobs = [job_of(queue, number) for number in numbers]
        lines = comparing.lines_of(jobs)
        return render_template(
            "compare.html",
            kinds=KINDS,
            jobs=jobs,
            headings=_headings(jobs),
            dots=[_dot(job) for job in jobs],
            lines=lines[: comparing.MAX_LINES],
            n_lines=len(lines),
            n_changed=sum(line.is_changed for line in lines),
        )


def _finished(queue: JobQueue, number: int) -> Job:
    job = job_of(queue, number)
    if job.state != "done":
        abort(404, f"Run {number} is not finished.")
    return job


def _content(job: Job) -> dict[str, Any]:
    """What the page of a run shows that is no list."""
    if job.order.of.is_list:
        return {}
    text = (job.folder / job.order.of.table).read_text(encoding="utf-8")
    return {"answer": json.loads(text)} if job.order.kind == "ask" else {"said": text}


def _headings(jobs: Sequence[Job]) -> list[str]:
    """What tells the runs apart: the dot if they differ in it, and whatever else they differ in."""
    told = [dict.fromkeys((job.order.qd, job.order.label, *job.order.told)) for job in jobs]
    common = set(told[0]).intersection(*told)
    return [
        ", ".join(item for item in mine if item not in common) or f"run {job.number}"
        for mine, job in zip(told, jobs, strict=True)
    ]


def _dot(job: Job) -> dict[str, Any]:
    """The dot as the run had it, its own edges too."""
    try:
        run = json.loads((job.folder / "run.json").read_text(encoding="utf-8"))
        found: dict[str, Any] = run["qd"]
    except (OSError, ValueError, KeyError):
        return dict(described(job.order.qd))
    return found


def _zipped(job: Job) -> io.BytesIO:
    """The folder of a run: what was given, what was found, and the settings."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(job.folder.iterdir()):
            # A lock or a file that is being written is nothing to keep.
            if (
                path.is_file()
                and not path.name.startswith(".")
                and path.suffix not in {".part", ".partial", ".lock"}
            ):
                archive.write(path, f"run-{job.number}/{path.name}")
    packed.seek(0)
    return packed
