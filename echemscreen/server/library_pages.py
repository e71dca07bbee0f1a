"""The library by name, CAS number, formula or family, drawings of structures, and the editor."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from echemscreen.errors import InputError
from echemscreen.files import written_whole
from echemscreen.ligands.library import families
from echemscreen.ligands.reading.names import MAX_FOUND, found, named
from echemscreen.server.jobs import JobQueue
from echemscreen.server.orders import MAX_BESIDE_BYTES
from echemscreen.server.submission import MAX_DRAWN
from echemscreen.views.report.drawings import structure as drawing

OWN_LIBRARY = "own_library.csv"
#: Lines of a list that are drawn while they are written.
MAX_LINES = 6
_DRAWING = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
#: In the place of the drawing of what is no structure.
_UNREADABLE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 130"><text x="100" y="72" text-anchor="middle" '
    'font-family="sans-serif" font-size="24" fill="#8a5a00">not readable</text></svg>'
)
#: The loader of the editor writes scripts into a frame of its own.
_EDITOR = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)


def own_library(queue: JobQueue) -> Path:
    """Where the user's own ligands lie, once there are any."""
    return queue.out / OWN_LIBRARY


def add_library(app: Flask, queue: JobQueue) -> None:
    """The addresses of the library, of drawings and of the editor."""

    @app.get("/library")
    def library() -> str:
        text, family = request.args.get("q", ""), request.args.get("family", "")
        path = own_library(queue)
        own = path if path.is_file() else None
        return render_template(
            "library.html",
            entries=found(text, own, family=family),
            most=MAX_FOUND,
            text=text,
            family=family,
            families=families(own),
            has_own=own is not None,
            whole="part" not in request.args,
        )

    @app.post("/library")
    def add_own() -> AnyResponse:
        upload = request.files.get("own_library")
        content = upload.read() if upload is not None else b""
        if not content:
            raise InputError(
                "No file of ligands is given.", "Choose a CSV file with family, name and smiles."
            )
        if len(content) > MAX_BESIDE_BYTES:
            raise InputError("The list of ligands is larger than 1 MB.", "Screen it as a list instead.")
        path = own_library(queue)
        # Checked under another name: a bad list does not take a good one's place.
        offered = path.with_suffix(".offered.csv")
        try:
            offered.write_bytes(content)
            families(offered)
        finally:
            offered.unlink(missing_ok=True)
        with written_whole(path, "The list") as place:
            place.write_bytes(content)
        return redirect(url_for("home"), 303)

    @app.get("/structure.svg")
    def structure() -> Response:
        smiles = request.args.get("smiles", "")
        drawn = drawing(smiles) if len(smiles) < MAX_DRAWN else ""
        response = Response(drawn or _UNREADABLE, mimetype="image/svg+xml")
        response.headers["Content-Security-Policy"] = _DRAWING
        # The same SMILES is the same drawing.
        response.headers["Cache-Control"] = "private, max-age=86400"
        return response

    @app.get("/drawn")
    def drawn() -> str:
        lines = [line.strip() for line in request.args.getlist("line") if line.strip()]
        entries = [(line, named(line, own_library(queue))) for line in lines[:MAX_LINES]]
        tiles = [
            (entry.name, entry.smiles) if entry else (" ".join(line.split()[1:]) or line, line.split()[0])
            for line, entry in entries
        ]
        return render_template("drawn.html", tiles=tiles)

    @app.get("/editor")
    def editor() -> Response:
        response = Response(render_template("editor.html"))
        response.headers["Content-Security-Policy"] = _EDITOR
        return response
