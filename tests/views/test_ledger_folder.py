"""The ledgers of a finished ranking, drawn again from its folder on any axis and in any format."""

import csv
import json

import matplotlib as mpl
import pytest

from echemscreen.campaign.outcomes.drawing import draw
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import InputError
from echemscreen.views.figure_file import RC
from echemscreen.views.ranking import ledger_figure
from echemscreen.views.ranking.ledger_layout import layout, read_groups
from echemscreen.views.sheets import FigureStyle

SMILES = "FC(F)(F)C1(c2ccc(C3(C(F)(F)F)N=N3)cc2)N=N1"
MEMBER = {
    "status": "ok",
    "verdict": "inert",
    "e_red_sigma_v": "0.2",
    "e_ox_v_she": "2.1",
    "e_ox_sigma_v": "",
    "reduction_drive_ev": "-0.3",
    "oxidation_drive_ev": "",
    "smiles": SMILES,
    "flags": "",
    "method": "a sentence that no view reads",
    "e_red_basis": "adiabatic",
    "e_ox_basis": "vertical",
    "e_ox_bound": "at least",
    "e_red_verdict": "active",
    "e_ox_verdict": "inert",
    "reason": "Inert.",
}
ROLES = ("precursor", "wanted_link", "side_product", "intermediate")
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def folder(tmp_path):
    ranking = [
        {
            "rank": str(rank) if rank else "",
            "name": f"linker {rank}" if rank else "no crosslinker",
            "canonical_smiles": SMILES,
            "verdict": "active",
            "triplet_ev": "2.45" if rank == 1 else "",
            "triplet_sigma_ev": "0.35" if rank == 1 else "",
        }
        for rank in (2, 1, 0, 3)
    ]
    for item in ranking:
        item["same_as"] = ""
    ranking.append(ranking[0] | {"name": "the same again", "same_as": "linker 2"})
    ledger = [
        MEMBER
        | {"rank": str(rank), "member": f"{HOSTILE} {role}", "role": role, "e_red_v_she": str(-0.5 * rank)}
        | {"decides": "yes" if role in {"precursor", "wanted_link"} else "no"}
        for rank in (1, 2, 3)
        for role in ROLES
    ]
    ledger.append(ledger[0] | {"status": "failed", "role": "residue"})
    for name, rows in (("ranking", ranking), ("ledger", ledger)):
        with (tmp_path / f"{name}.csv").open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    content = {"qd": describe(quantum_dot("lu2022-red"))}
    (tmp_path / "run.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def test_groups_are_read_best_first(folder):
    groups = read_groups(folder)
    assert [group.name for group in groups] == ["linker 1", "linker 2", "linker 3"]
    assert [member.role for member in groups[0].members] == list(ROLES)
    assert [member.decides for member in groups[0].members] == [True, True, False, False]
    assert groups[1].members[0].levels[0].value == -1.0
    assert (groups[0].triplet_ev, groups[1].triplet_ev) == (2.45, None)


@pytest.mark.parametrize("scale", ["she", "vacuum", "sce"])
def test_the_ledger_stands_on_the_asked_axis(folder, scale):
    dot = describe(quantum_dot("lu2022-red"))
    drawing = layout(read_groups(folder), dot, scale=scale)
    shifts = {"she": (1, 0.0), "vacuum": (-1, -4.44), "sce": (1, 0.241)}
    sign, shift = shifts[scale]
    assert drawing.columns[4].levels[0].value == pytest.approx(sign * (-1.0 - shift))
    assert [level.basis for level in drawing.columns[0].levels] == ["adiabatic", "vertical"]
    assert [level.bound for level in drawing.columns[0].levels] == ["", "at least"]
    assert [group.note for group in drawing.groups] == ["T1 2.45 ± 0.35 eV", "", ""]


@pytest.mark.parametrize("name", ["x.svg", "x.png", "x.pdf", "x.html"])
def test_every_format(folder, name):
    draw(folder, folder / name)
    first = (folder / name).read_bytes()
    draw(folder, folder / name)
    assert (folder / name).read_bytes() == first
    if name == "x.html":
        assert HOSTILE.encode() not in first


def test_a_column_of_a_journal_holds_the_best(folder, check_texts):
    dot = describe(quantum_dot("lu2022-red"))
    for width in ("single", "double"):
        style = FigureStyle(width=width)
        drawing = layout(read_groups(folder), dot, style=style)
        assert 1 <= len(drawing.groups) <= 3
        figure, texts = check_texts(lambda d=drawing, s=style: ledger_figure.render(d, s.sheet))
        assert figure.get_size_inches()[0] == pytest.approx(style.sheet.width_in)
        with mpl.rc_context(RC):
            assert min(text.get_fontsize() for text in figure.findobj(mpl.text.Text)) >= 6.0
        assert any(text.startswith("1   linker 1") for text in texts)


def test_what_is_not_offered_is_one_sentence(folder):
    with pytest.raises(InputError, match="without a device"):
        draw(folder, folder / "x.svg", stack="pu2020")
    with pytest.raises(InputError, match=r"x\.docx"):
        draw(folder, folder / "x.docx")
    (folder / "ranking.csv").write_text("name\nx\n", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        draw(folder, folder / "x.svg")
