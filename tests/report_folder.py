"""Folders of finished runs, written without a calculation."""

import json

from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.views.tables.columns import names_of
from echemscreen.views.tables.table import COLUMNS, ResultsWriter, write_table

#: What a page must show as it is: markup, a way out of an attribute, formulas, a script's end.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "</script><svg onload=alert(1)>",
    "'quoted', \"twice\"\nand a line",
    "{{ 7 * 7 }} ${alert(1)} \u202e evil",
)


def run_json(folder, kind, **more):
    content = {
        "versions": {"echemscreen": "0.1.0", "python": "3.11.7"},
        "engine": {"name": "tblite", "version": "0.8.0"},
        "settings": {"qd": "pu2020-red", "kind": kind, "engine": "tblite", "solvent": "acetonitrile", **more},
        "input": {"source": "<b>ligands</b>.smi", "sha256": "0" * 64},
        "qd": describe(quantum_dot("pu2020-red")),
        "started": "2026-11-21T12:00:00+00:00",
    }
    (folder / "run.json").write_text(json.dumps(content), encoding="utf-8")


def result(name, smiles="CCN", **values):
    row = dict.fromkeys(COLUMNS) | {
        "name": name,
        "smiles": smiles,
        "canonical_smiles": smiles,
        "family": "amine",
        "form": "bound_L",
        "status": "ok",
        "verdict": "inert",
        "e_red_v_she": -1.9,
        "e_red_sigma_v": 0.3,
        "e_ox_v_she": 2.1,
        "e_ox_sigma_v": 0.3,
        "reduction_drive_ev": -1.01,
        "oxidation_drive_ev": -0.92,
        "e_red_verdict": "inert",
        "e_ox_verdict": "inert",
        "p_reduction": 0.001,
        "p_oxidation": 0.002,
        "domain": "calibrated",
        "reason": f"Inert: the reason of {name}",
        "qd": "pu2020-red",
    }
    return row | values


def screen_folder(
    folder, rows, figure='<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
):
    folder.mkdir(exist_ok=True)
    with ResultsWriter(folder) as writer:
        for row in rows:
            writer.write(row)
    run_json(folder, "screen")
    (folder / "alignment.svg").write_text(figure, encoding="utf-8")
    return folder


def finished_screen(folder, number, rows, **order):
    """A run of the page, written without a calculation."""
    place = screen_folder(folder / f"{number:04d}", rows)
    record = json.loads((place / "run.json").read_text()) | {
        "rows": len(rows),
        "verdicts": {},
        "failures": {},
    }
    (place / "run.json").write_text(json.dumps(record))
    made = {"label": "list", "suffix": ".smi", "n_rows": len(rows), "qd": "pu2020-red", "digest": "d"} | order
    (place / "order.json").write_text(json.dumps(made))


def rank_folder(folder):
    folder.mkdir(exist_ok=True)
    ranked = dict.fromkeys(names_of("ranking.csv")) | {
        "status": "ok",
        "lamp_nm": 365.0,
        "absorbs_at_lamp": "yes",
    }
    rows = [
        ranked | {"rank": 1, "rank_low": 1, "rank_high": 2, "name": "first", "smiles": "CN=[N+]=[N-]"},
        ranked | {"rank": 2, "rank_low": 1, "rank_high": 2, "name": HOSTILE[0], "smiles": "CCN=[N+]=[N-]"},
        ranked | {"name": "oleic acid", "smiles": "CCO", "reason": "no photoactive group: not a crosslinker"},
    ]
    for row, verdict in zip(rows, ("inert", "active", ""), strict=True):
        row |= {"canonical_smiles": row["smiles"], "verdict": verdict, "score": 0.5 if verdict else None}
    member = dict.fromkeys(names_of("ledger.csv")) | {"status": "ok", "form": "as_given", "verdict": "inert"}
    member |= {"n_unpaired": 0, "decides": "yes", "e_red_v_she": -1.5, "e_red_sigma_v": 0.2}
    ledger = [
        member | {"rank": rank, "crosslinker": name, "role": role, "member": product, "smiles": smiles}
        for rank, name in ((1, "first"), (2, HOSTILE[0]))
        for role, product, smiles in (("precursor", name, "CN=[N+]=[N-]"), ("wanted_link", HOSTILE[1], "CNC"))
    ]
    write_table(folder / "ranking.csv", rows)
    write_table(folder / "ledger.csv", ledger)
    run_json(folder, "rank", lamp_nm=365.0, atmosphere="n2")
    return folder
