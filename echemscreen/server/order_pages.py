"""The pages on which a run is ordered, the list of runs, and what is told of a dot while it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, abort, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from echemscreen.dots.materials import QuantumDotRow, presets
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import EchemscreenError
from echemscreen.ligands.reading.names import named
from echemscreen.records.dots import DescribedDot
from echemscreen.screening.exchange import exchange
from echemscreen.server import forms, orders, submission
from echemscreen.server.forms import KINDS
from echemscreen.server.jobs import Job, JobQueue
from echemscreen.server.library_pages import own_library
from echemscreen.views.exchange_words import lines_of_exchange
from echemscreen.views.report import document

DEFAULT_DOT = "pu2020-red"
DEFAULT_SIZES = "CdSe:2-6:0.25"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What stands in the form: each field by itself, whatever the others hold."""

    kind: forms.KindName = "screen"
    molecules: str = ""
    dots: tuple[tuple[str, str], ...] = ((DEFAULT_DOT, ""),)
    """Of each dot the preset and the specification beside it."""
    sizes: str = DEFAULT_SIZES
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def specifications(self) -> tuple[str, ...]:
        """The dots that are meant: a preset, or what is written beside it."""
        if self.kind == "sweep":
            return (self.sizes.strip(),)
        return tuple((preset or own).strip() for preset, own in self.dots)


def entered_in(asked: Request) -> Entered:
    """The form as it was sent; a field that was not sent has its default."""
    form, plain = asked.form, Entered()
    name = form.get("kind", asked.args.get("kind", "screen"))
    kind = KINDS.get(name, KINDS["screen"])
    presets_in, own_in = form.getlist("preset"), form.getlist("own")
    own_in += [""] * (len(presets_in) - len(own_in))
    switches = {item.name for item in forms.fields_of(kind.model).values() if item.control == "switch"}
    texts = {
        item: form.get(item, "no" if item in switches else "").strip()
        for item in forms.fields_of(kind.model)
        if item in form or (item in switches and form)
    }
    return Entered(
        kind=kind.name,
        molecules=form.get("molecules", asked.args.get("molecules", "")),
        dots=tuple(zip(presets_in, own_in, strict=False)) or plain.dots,
        sizes=form.get("sizes", plain.sizes),
        options=texts,
    )


def order_page(queue: JobQueue, entered: Entered, *, problem: EchemscreenError | None = None) -> str:
    """The page of a kind of run with what was entered, and the list of runs."""
    kind = KINDS[entered.kind]
    return render_template(
        "order.html",
        kind=kind,
        kinds=KINDS,
        entered=entered,
        problem=problem,
        presets=_by_source(),
        groups=forms.groups_of(kind.model),
        unusable=forms.unusable,
        limits=submission,
        most_dots=orders.MAX_DOTS,
        longest_dot=orders.MAX_SPEC,
        too_large=submission.too_large(),
        facts=document.facts() | {"dot": "the dot"},
        jobs=_shown(queue),
        told=[_told(spec) for spec in entered.specifications] if kind.name != "sweep" else [],
    )


def add_orders(app: Flask, queue: JobQueue) -> None:
    """The addresses of the forms and of the queue."""

    @app.get("/")
    def home() -> str:
        return order_page(queue, entered_in(request))

    @app.get("/<any(screen,ask,rank,sweep):kind>")
    def order(kind: forms.KindName) -> str:
        molecules = request.args.get("molecules", "")
        preset = request.args.get("qd", "")
        dots = ((preset, "") if preset in presets() else ("", preset),) if preset else Entered().dots
        return order_page(queue, Entered(kind=kind, molecules=molecules, dots=dots))

    @app.get("/dot")
    def dot() -> str:
        return render_template("dot.html", **_told(request.args.get("qd", "").strip()))

    @app.get("/diagram.js")
    def diagram() -> Response:
        script = document.script_of("unpack.js", "scales.js", "diagram.js", "sketch.js")
        return Response(script, mimetype="text/javascript")

    @app.get("/jobs")
    def jobs() -> str:
        return render_template("jobs.html", jobs=_shown(queue))

    @app.post("/jobs")
    def submit() -> AnyResponse:
        entered = entered_in(request)
        kind = KINDS[entered.kind]
        molecules = _molecules(entered, queue)
        files = {
            name: orders.beside(name, upload.filename, upload.read())
            for name, item in forms.fields_of(kind.model).items()
            if (item.control == "file" or item.takes_file)
            and (upload := request.files.get(f"{name}-file")) is not None
            and upload.filename
        }
        made = orders.orders(kind.name, molecules, entered.specifications, entered.options, files)
        queue.submit(made, b"" if molecules is None else molecules.text, files.values())
        return redirect(url_for("order", kind=kind.name, _anchor="runs"), 303)

    @app.post("/jobs/<int:number>/<any(stop,resume,delete):act>")
    def act(number: int, act: str) -> AnyResponse:
        found = job_of(queue, number)
        {"stop": queue.stop, "resume": queue.resume, "delete": queue.delete}[act](found.number)
        return redirect(url_for("order", kind=found.order.kind, _anchor="runs"), 303)


def add_exchange(app: Flask, queue: JobQueue) -> None:
    """The address of what needs no queue."""

    @app.get("/exchange")
    def exchange_page() -> str:
        new, native, qd = (request.args.get(name, "").strip() for name in ("new", "native", "qd"))
        problem, lines = None, []
        try:
            if new:
                orders.check_spec(qd)
                pair = [_structure(text, queue) for text in (new, native)]
                lines = lines_of_exchange(exchange(pair[0], pair[1] or None, qd).describe())
        except EchemscreenError as error:
            problem = error
        return render_template(
            "exchange.html",
            kinds=KINDS,
            new=new,
            native=native,
            qd=qd or DEFAULT_DOT,
            lines=lines,
            problem=problem,
            presets=_by_source(),
        )


def _structure(text: str, queue: JobQueue) -> str:
    """The entry of the library that a name or a CAS number stands for; else the text itself."""
    found = named(text, own_library(queue))
    if found is None:
        return text
    return found.smiles if found.is_own else found.name


def job_of(queue: JobQueue, number: int) -> Job:
    """The run of a number, or the page that says that there is none."""
    job = queue.job(number)
    if job is None:
        abort(404, f"There is no run {number}.")
    return job


@lru_cache(maxsize=256)
def described(spec: str) -> DescribedDot:
    """What is known of a dot.

    Raises
    ------
    EchemscreenError
        if the specification means nothing.
    """
    return describe(quantum_dot(spec))


def _molecules(entered: Entered, queue: JobQueue) -> submission.Molecules | None:
    """What was dropped, or else what was written; a sweep may do without."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return submission.dropped(upload.filename, _within_limits(upload.read()))
    if entered.kind == "sweep" and not entered.molecules.strip():
        return None
    _within_limits(entered.molecules.encode("utf-8", errors="replace"))
    return submission.pasted(entered.molecules, own_library(queue))


def _within_limits(content: bytes) -> bytes:
    if len(content) > submission.MAX_BYTES:
        raise RequestEntityTooLarge
    return content


def _shown(queue: JobQueue) -> list[dict[str, Any]]:
    """Every run with its counts, as the list shows it."""
    found = queue.jobs()
    shown = []
    for job in found:
        counts = job.counts()
        beside = [
            other.number
            for other in found
            if other.number != job.number
            and other.state == job.state == "done"
            and other.order.kind == job.order.kind
            and job.order.of.is_list
            and other.order.digest == job.order.digest != ""
        ]
        # A ranking looks at its molecules in several stages.
        is_counted = job.state == "running" and job.order.kind != "rank"
        waiting = job.order.first[counts.n_rows : counts.n_rows + 2] if is_counted else ()
        shown.append(
            {
                "job": job,
                "counts": counts,
                "left_s": job.left_s(counts),
                "stage": job.stage(),
                "beside": sorted((*beside, job.number)) if beside else [],
                "waiting": waiting,
            }
        )
    return shown


def _told(spec: str) -> dict[str, Any]:
    """What is told of a dot, or what is wrong with it."""
    try:
        orders.check_spec(spec)
        return {"dot": described(spec), "row": presets().get(spec), "problem": None}
    except EchemscreenError as error:
        return {"dot": None, "row": None, "problem": error}


def _by_source() -> dict[str, list[QuantumDotRow]]:
    """The presets under the papers that they are from."""
    groups: dict[str, list[QuantumDotRow]] = {}
    for row in presets().values():
        groups.setdefault(row.citation, []).append(row)
    return groups
