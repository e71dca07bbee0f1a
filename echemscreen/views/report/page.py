"""The page of a report: a template, a stylesheet, a script, and blocks of data.

Its content security policy names the two scripts by their digests and allows nothing else: no host, no
other script, no form. Names and SMILES reach the page as text only, through the template's escaping or
as JSON that the script sets as text.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, UndefinedError
from markupsafe import Markup

from echemscreen.engines.relax import bonds
from echemscreen.errors import InputError
from echemscreen.quantities import counted
from echemscreen.records.molecules import Geometry
from echemscreen.scales import reference_electrodes
from echemscreen.views.alignment.drawing import exciton_words, kind_words
from echemscreen.views.report.content import Cells, ReportContent
from echemscreen.views.report.drawings import inert, structure
from echemscreen.views.report.packing import Block, in_portions, packed, packed_json
from echemscreen.views.tables.columns import names_of, table_of

_ASSETS = files("echemscreen.views.report") / "assets"
#: In the order in which they are joined: each uses names of those before it.
_SCRIPTS = ("unpack.js", "scales.js", "diagram.js", "download.js", "card.js", "viewer.js", "list.js")
#: How an edge is known, for a reader.
_KINDS = {
    "cv": "cyclic voltammetry",
    "pesa": "photoelectron spectroscopy in air (PESA)",
    "ups": "ultraviolet photoelectron spectroscopy (UPS)",
    "fitted": "from the joint fit of published edges, and confinement",
}
#: Items of a block.
_DETAILS, _STRUCTURES, _GEOMETRIES = 200, 100, 25


def render(content: ReportContent) -> str:
    """The whole page; the same content gives the same page.

    Raises
    ------
    InputError
        if ``run.json`` lacks what the page shows.
    """
    body = "\n".join(_asset(name) for name in _SCRIPTS)
    script = f'(() => {{\n"use strict";\n{body}\n}})();'
    style, viewer = _asset("report.css"), _asset("3Dmol-min.js")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(_asset("report.html.j2"))
    drawn = {
        title: svg for title, svg in ((title, inert(text)) for title, text in content.figures.items()) if svg
    }
    try:
        return template.render(
            policy=_policy((script, viewer), style),
            script=Markup(script),  # noqa: S704 - our own asset
            style=Markup(style),  # noqa: S704 - our own asset
            page=_facts(content, list(drawn)),
            blocks=[
                *_blocks(content),
                *_figures(drawn),
                *([packed("viewer", viewer)] if content.geometries else []),
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


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _policy(scripts: Iterable[str], style: str) -> str:
    """What the page may do: these scripts, this style, images out of itself."""

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; script-src {' '.join(map(digest, scripts))}; style-src {digest(style)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _listed(content: ReportContent) -> tuple[str, ...]:
    """Columns of the list and of its filters: unpacked at once; the others when a card opens."""
    return tuple(name for name in names_of(content.file, "list") if name in content.table.columns)


def _facts(content: ReportContent, figures: Sequence[str]) -> dict[str, Any]:
    """What the script must know before any block is unpacked."""
    dot, settings = content.run["qd"], content.run.get("settings", {})
    return {
        "kind": content.kind,
        "rows": len(content.table.rows),
        "columns": content.table.columns,
        "listed": _listed(content),
        "criteria": [[name, table_of(content.file)[name].title] for name in names_of(content.file, "card")],
        "portions": {"details": _DETAILS, "structures": _STRUCTURES, "geometries": _GEOMETRIES},
        "with_geometry": sorted(content.geometries),
        "figures": figures,
        "has_ledger": bool(content.ledger.rows),
        "moved_edges": bool(settings.get("ligand_dipole", False)),
        "dot": {
            **{key: dot[key] for key in ("name", "spec", "layers")},
            **{
                edge: {"value": dot[f"{edge}_v_she"], "sigma": dot[f"{edge}_sigma_v"]}
                for edge in ("cbm", "vbm")
            },
        },
        "scales": _scales(),
        "couples": {
            name: {"value": couple.e0_v_she, "sigma": couple.sigma_v, "source": str(couple.citation)}
            for name, couple in content.couples.items()
        },
    }


def _scales() -> list[dict[str, Any]]:
    """Axes of the page, in the order of the switch."""
    return [
        {
            "key": row.scale,
            "label": row.label,
            "offset": row.offset_v_she,
            "sigma": row.uncertainty_v,
            "source": str(row.source),
        }
        for row in reference_electrodes().values()
    ]


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
