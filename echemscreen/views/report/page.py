"""The page of a report: what its script must know at once, and blocks of data.

What it may do is said in :mod:`~echemscreen.views.report.document`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jinja2 import UndefinedError

from echemscreen.engines.relax import bonds
from echemscreen.errors import InputError
from echemscreen.quantities import counted
from echemscreen.records.levels import CarrierDensity
from echemscreen.records.molecules import Geometry
from echemscreen.views.alignment.diagram import layout, window_of
from echemscreen.views.alignment.drawing import exciton_words, kind_words
from echemscreen.views.alignment.interactive import as_json
from echemscreen.views.map.map_layout import MANY_SPECIES
from echemscreen.views.map.map_layout import layout as map_layout
from echemscreen.views.map.map_page import frame_of
from echemscreen.views.report import document
from echemscreen.views.report.content import Cells, ReportContent
from echemscreen.views.report.drawings import inert, structure
from echemscreen.views.report.packing import Block, already_packed, in_portions, packed, packed_json
from echemscreen.views.tables.cells import known
from echemscreen.views.tables.columns import names_of, table_of

#: In the order in which they are joined: each uses names of those before it.
_SCRIPTS = (
    "unpack.js",
    "scales.js",
    "diagram.js",
    "map.js",
    "download.js",
    "card.js",
    "viewer.js",
    "substructure.js",
    "list.js",
)
#: How an edge is known, for a reader.
_KINDS = {
    "cv": "cyclic voltammetry",
    "pesa": "photoelectron spectroscopy in air (PESA)",
    "ups": "ultraviolet photoelectron spectroscopy (UPS)",
    "fitted": "from the joint fit of published edges, and confinement",
}
#: Items of a block.
_DETAILS, _STRUCTURES, _GEOMETRIES = 200, 100, 25
#: Rows from which a page has the search by substructure: some 3 MB.
_SEARCHED_FROM = 10


def render(content: ReportContent) -> str:
    """The whole page; the same content gives the same page.

    Raises
    ------
    InputError
        if ``run.json`` lacks what the page shows.
    """
    viewer, rdkit = document.asset("3Dmol-min.js"), document.asset("RDKit_minimal.js")
    drawn = {
        title: svg for title, svg in ((title, inert(text)) for title, text in content.figures.items()) if svg
    }
    try:
        return document.made(
            "report.html.j2",
            document.script_of(*_SCRIPTS),
            libraries=(viewer, rdkit),
            runs_modules=_searches(content),
            page=_facts(content, list(drawn)),
            blocks=[
                *_blocks(content),
                *_figures(drawn),
                *([packed("viewer", viewer)] if content.geometries else []),
                *(_rdkit(rdkit) if _searches(content) else ()),
            ],
            kind=content.kind,
            run=content.run,
            dot=content.run["qd"],
            notes=[*_notes(content), *content.notes],
            provenance=_provenance(content.run),
            exciton_words=exciton_words,
            kind_words=lambda kind: _KINDS.get(kind, kind_words(kind)),
        )
    except UndefinedError as error:
        raise InputError(f"run.json lacks what a report shows: {error}.", "Run the command again.") from error


def _searches(content: ReportContent) -> bool:
    """Whether the page brings RDKit along: a short list is searched by eye."""
    return len(content.table.rows) >= _SEARCHED_FROM


def _rdkit(script: str) -> tuple[Block, Block]:
    return packed("rdkit", script), already_packed(
        "rdkit-module", document.asset_bytes("RDKit_minimal.wasm.gz")
    )


def _listed(content: ReportContent) -> tuple[str, ...]:
    """Columns of the list and of its filters: unpacked at once; the others when a card opens."""
    return tuple(name for name in names_of(content.file, "list") if name in content.table.columns)


def _facts(content: ReportContent, figures: Sequence[str]) -> dict[str, Any]:
    """What the script must know before any block is unpacked."""
    dot, settings = content.run["qd"], content.run.get("settings", {})
    return document.facts() | {
        "kind": content.kind,
        "rows": len(content.table.rows),
        "columns": content.table.columns,
        "listed": _listed(content),
        "criteria": [[name, table_of(content.file)[name].title] for name in names_of(content.file, "card")],
        "portions": {
            "details": _DETAILS,
            "structures": _STRUCTURES,
            "geometries": _GEOMETRIES,
            "densities": _STRUCTURES,
        },
        "with_geometry": sorted(content.geometries),
        "with_density": sorted(content.densities),
        "figures": figures,
        "map": _map(content),
        "searches": _searches(content),
        "has_ledger": bool(content.ledger.rows),
        "moved_edges": bool(settings.get("ligand_dipole", False)),
        "dot": dot["name"] or dot["spec"],
        "drawing": as_json(layout([], dot, window_v=_window(content))),
        "couples": {
            name: {"value": couple.e0_v_she, "sigma": couple.sigma_v, "source": str(couple.citation)}
            for name, couple in content.couples.items()
        },
    }


def _map(content: ReportContent) -> dict[str, Any] | None:
    """The map of a long screen, its marks by the rows that the page has of them; ``None`` of any other."""
    rows = [content.table.plain(index) for index in range(len(content.table.rows))]
    if content.kind == "rank" or sum(row["status"] == "ok" for row in rows) <= MANY_SPECIES:
        return None
    try:
        drawing = map_layout(rows, content.run["qd"])
    except InputError:
        return None
    return {
        "frame": frame_of(drawing),
        "rows": [mark.row for mark in drawing.marks],
        "by_couple": [mark.row for mark in drawing.marks if mark.by_couple],
        "caption": drawing.words,
    }


def _window(content: ReportContent) -> tuple[float, float]:
    """One axis for every page of the list, V vs SHE."""
    table = content.ledger if content.kind == "rank" else content.table
    places = [table.columns.index(name) for name in ("e_red_v_she", "e_ox_v_she") if name in table.columns]
    dot = content.run["qd"]
    levels = [known(row[place]) for row in table.rows for place in places]
    return window_of(levels, float(dot["cbm_v_she"]), float(dot["vbm_v_she"]))


def _blocks(content: ReportContent) -> Iterable[Block]:
    table, ledger = content.table, content.ledger
    at_once = _listed(content)
    listed = [table.columns.index(name) for name in at_once]
    others = [index for index, name in enumerate(table.columns) if name not in at_once]
    drawn = [_drawn(table, index) for index in range(len(table.rows))]
    of_ledger = [_drawn(ledger, index) for index in range(len(ledger.rows))]
    places = {item: place for place, item in enumerate(dict.fromkeys((*drawn, *of_ledger)))}
    yield packed_json(
        "rows",
        {
            "cells": [[row[index] for index in listed] for row in table.rows],
            "structure": [places[item] for item in drawn],
        },
    )
    yield from in_portions("details", [[row[i] for i in others] for row in table.rows], _DETAILS)
    yield from in_portions("structures", [structure(*item) for item in places], _STRUCTURES)
    if ledger.rows:
        yield packed_json(
            "ledger",
            {
                "columns": ledger.columns,
                "cells": ledger.rows,
                "structure": [places[item] for item in of_ledger],
            },
        )
    shown = [[_plain(*item) for item in content.geometries[row]] for row in sorted(content.geometries)]
    yield from in_portions("geometries", shown, _GEOMETRIES)
    told = [[_shaded(item) for item in content.densities[row]] for row in sorted(content.densities)]
    yield from in_portions("densities", told, _STRUCTURES)


def _figures(drawn: Mapping[str, str]) -> Iterable[Block]:
    for index, svg in enumerate(drawn.values()):
        yield packed(f"figure-{index}", svg)


def _drawn(table: Cells, index: int) -> tuple[str, int | None]:
    """What is drawn of a row: its SMILES, and of a member of a ledger its unpaired electrons."""
    row = table.plain(index)
    spin = row.get("n_unpaired", "")
    return row.get("canonical_smiles") or row.get("smiles", ""), int(spin) if spin.isdigit() else None


def _plain(title: str, geometry: Geometry) -> dict[str, object]:
    """A geometry in hundredths of an angstrom: more digits are not seen and not compressed."""
    return {
        "title": title,
        "symbols": " ".join(geometry.symbols),
        "positions": [round(100.0 * float(x)) for x in geometry.positions_ang.ravel()],
        "site": list(geometry.site_atoms),
        "bonds": [index for bond in bonds(geometry) for index in bond],
    }


def _shaded(density: CarrierDensity) -> dict[str, object]:
    return {
        "process": density.process.value,
        "said": str(density),
        "smiles": density.smiles,
        "svg": structure(density.smiles, shares=density.shares),
    }


def _notes(content: ReportContent) -> list[str]:
    shown, total = len(content.table.rows), content.table.n_in_file
    if shown == total:
        return []
    said = f"{shown} of {counted(total, 'row')} are shown, those with the largest drives"
    return [f"{said}; the table beside this report holds all of them."]


def _provenance(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was run with what, as lines for a reader."""
    engine, source, settings = run.get("engine", {}), run.get("input", {}), run.get("settings", {})
    shown = [
        (key.replace("_", " "), str(value).replace("[]", "none"))
        for key, value in settings.items()
        if key
        not in {"engine", "out", "workers", "store", "input", "qd", "kind", "figure", "dask", "library"}
        and value not in (None, [], "")
    ]
    versions = ", ".join(f"{name} {number}" for name, number in run.get("versions", {}).items())
    return [
        ("input", str(source.get("source", ""))),
        ("SHA-256 of the input", str(source.get("sha256") or "not a file")),
        ("started", str(run.get("started", ""))),
        ("engine", f"{engine.get('name', '')} {engine.get('version', '')}".strip()),
        ("versions", versions),
        *shown,
    ]
