"""The figures and tables of sweeps: made from made-up levels on real dots, without an engine."""

import csv
import io
import itertools

import matplotlib as mpl
import numpy as np
import pytest
from rich.console import Console

from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import InputError, StoreError
from echemscreen.records.processes import Process
from echemscreen.verdicts.alignment import probability_positive
from echemscreen.views.sheets import FigureStyle
from echemscreen.views.sweep.sweep_figure import draw_sweep
from echemscreen.views.sweep.sweep_lines import line_figure
from echemscreen.views.sweep.sweep_map import map_figure
from echemscreen.views.sweep.sweep_table import print_sweep, write_sweep
from echemscreen.views.sweep.sweep_words import swept
from echemscreen.views.typeset import SYMBOLS

LIMITS = {"inert": 0.10, "active": 0.75}


def critical(verdict, side, size, layer="CdSe core diameter"):
    return {
        "verdict": verdict,
        "layer": layer,
        "size_nm": size,
        "side": side,
        "is_root": True,
        "words": f"{verdict} {side} {size} nm {layer}",
    }


def points(cores, shells=(), e_red=None, turns=(), name="benzophenone"):
    """Dots, and what a level of reduction would do on each."""
    found = []
    for core, *shell in itertools.product(cores, *([shells] if len(shells) else [])):
        spec = f"CdSe:{core:g}" + "".join(f"/CdS:{size:g}" for size in shell)
        item = describe(quantum_dot(spec)) | {"sizes_nm": {"CdSe core diameter": float(core)}}
        for size in shell:
            item["sizes_nm"]["CdS shell thickness"] = float(size)
        if e_red is not None:
            drive = e_red - item["cbm_v_she"]
            p = probability_positive(drive, np.hypot(0.1, item["cbm_sigma_v"]))
            item |= {
                "ligand": name,
                "form": "as_given",
                "e_red_v_she": e_red,
                "e_red_sigma_v": 0.1,
                "e_ox_v_she": 2.8,
                "e_ox_sigma_v": 0.2,
                "e_red_bound": "",
                "e_ox_bound": "at least",
                "limiting_couple": "",
                "couple_e0_v_she": None,
                "couple_sigma_v": None,
                "couple_bound": "",
                "reduction_drive_ev": drive,
                "reduction_drive_bound": "",
                "oxidation_drive_ev": item["vbm_v_she"] - 2.8,
                "oxidation_drive_bound": "at most",
                "p_reduction": p,
                "p_reduction_bound": "",
                "p_oxidation": 0.0,
                "p_oxidation_bound": "at most",
                "verdict": "active" if p >= 0.75 else "inert" if p <= 0.1 else "undetermined",
                "flags": [],
                "domain": "calibrated",
                "reason": "=made up",
                "critical_sizes": list(turns),
            }
        found.append(item)
    return found


STYLES = [FigureStyle(), *(FigureStyle(width=w, journal=j) for w, j in (("single", "rsc"), ("double", "")))]
CORES = np.arange(1.5, 4.01, 0.25)
TURNS = (critical("inert", "above", 2.6), critical("active", "below", 1.6))


@pytest.mark.parametrize("turns", [(), TURNS[:1], TURNS, (TURNS[0], critical("active", "below", 3.9))])
def test_lines_neither_overlap_nor_leave_the_page(turns, check_texts):
    content = points(CORES, e_red=-1.67, turns=turns)
    for style in STYLES:
        figure, texts = check_texts(lambda style=style: line_figure(content, **LIMITS, sheet=style.sheet))
        for item in turns:
            words = f"{item['verdict']} {item['side']} {item['size_nm']:.2f} nm"
            assert {f"{words} →", f"← {words}"} & texts
        assert "Potential / V vs SHE" in texts
        assert ("Electron energy / eV vs vacuum" in texts) == (style.width != "single")
        assert any(text.startswith(rf"{SYMBOLS[Process.OXIDATION]} ≥ +2.80") for text in texts)
        upper = figure.axes[0]
        # Electrons rise.
        assert upper.get_ylim()[0] > upper.get_ylim()[1]
        if style.width is not None:
            assert figure.get_size_inches()[0] == pytest.approx(style.sheet.width_in)


def test_the_words_of_a_critical_size_begin_at_its_line_on_the_side_where_they_hold(check_texts):
    for side, turn in (("above", 2.0), ("below", 3.5)):
        content = points(CORES, e_red=-1.67, turns=(critical("inert", side, turn),))
        figure, _ = check_texts(lambda content=content: line_figure(content, **LIMITS))
        upper, renderer = figure.axes[0], figure.canvas.get_renderer()
        (words,) = [text for text in upper.texts if f"{side} {turn:.2f} nm" in text.get_text()]
        line = upper.transData.transform((turn, 0.0))[0]
        box = words.get_window_extent(renderer)
        end = box.x0 if side == "above" else box.x1
        assert abs(end - line) < 0.06 * figure.dpi, side


def test_the_lines_are_the_edges():
    content = points(CORES, e_red=-1.67)
    with mpl.rc_context():
        upper = line_figure(content, **LIMITS).axes[0]
    drawn = [np.asarray(line.get_ydata()) for line in upper.lines if len(line.get_ydata()) == len(CORES)]
    for name in ("cbm_v_she", "vbm_v_she"):
        assert any(np.allclose(line, [item[name] for item in content]) for line in drawn)


def test_without_a_ligand_the_couples_of_its_own_metals(check_texts):
    _, texts = check_texts(lambda: line_figure(points(CORES), **LIMITS))
    assert "Cd²⁺/Cd \N{MINUS SIGN}0.40 V" in texts
    assert not any(text.startswith("Zn²⁺") for text in texts)
    assert "Exciton / nm" in texts


def test_maps_neither_overlap_nor_leave_the_page(check_texts):
    for e_red, style in itertools.product((None, -1.0, -1.5, -3.0), STYLES):
        content = points((2, 2.5, 3), (0, 0.5, 1), e_red=e_red)
        # Names of alloys are as long as their axis.
        long = {"CdS shell thickness": "Cd0.55Zn0.45S shell thickness", "CdSe core diameter": "x"}
        for item in content:
            item["sizes_nm"] = {long[label]: size for label, size in item["sizes_nm"].items()}
        _, texts = check_texts(
            lambda content=content, style=style: map_figure(content, **LIMITS, sheet=style.sheet)
        )
        assert "x / nm" in texts
        assert any(text.replace("\n", " ") == "Cd0.55Zn0.45S shell thickness / nm" for text in texts)


def test_the_critical_contour_runs_where_the_probability_meets_the_threshold():
    content = points((2, 2.5, 3), (0, 0.5, 1), e_red=-1.5)
    axes = map_figure(content, **LIMITS).axes[0]
    labels = {text.get_text() for text in axes.get_legend().get_texts()}
    assert "critical: inert up to P = 0.1" in labels
    inert = {tuple(i["sizes_nm"].values()) for i in content if i["verdict"] == "inert"}
    assert 0 < len(inert) < len(content)


def test_a_sheet_shows_one_or_two_sizes(tmp_path):
    content = points(CORES[:1])
    assert swept(content) == ()
    with pytest.raises(InputError, match="0 sizes cannot be drawn"):
        draw_sweep(content, tmp_path / "a.svg")


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_files_are_written_whole_and_twice_the_same(tmp_path, suffix):
    for content, name in ((points(CORES[:3], e_red=-1.5), "line"), (points((2, 3), (0, 1)), "map")):
        for which in ("one", "two"):
            draw_sweep(content, tmp_path / f"{name}-{which}.{suffix}")
        one, two = (tmp_path / f"{name}-{which}.{suffix}" for which in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
    with pytest.raises(StoreError, match="cannot be written"):
        draw_sweep(points(CORES[:3]), tmp_path / "missing" / f"a.{suffix}")


def test_hostile_names_are_text(check_texts):
    for name in (r"$\frac{1}{2}$", "C" * 200, "a\x00b\n<script>"):
        check_texts(lambda name=name: line_figure(points(CORES[:3], e_red=-1.5, name=name), **LIMITS))


def test_the_csv_file_has_a_row_a_dot_and_runs_nothing(tmp_path):
    content = points((2, 3), (0, 1), e_red=-1.5, turns=TURNS)
    write_sweep(content, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["spec"] for row in rows] == [item["spec"] for item in content]
    assert float(rows[0]["CdSe_core_diameter_nm"]) == 2.0
    assert float(rows[0]["cbm_v_she"]) == content[0]["cbm_v_she"]
    assert rows[0]["reason"] == "'=made up"
    assert "inert above 2.6 nm" in rows[0]["critical_sizes"]
    with pytest.raises(StoreError, match="cannot be written"):
        write_sweep(content, tmp_path / "missing" / "a.csv")


def test_the_table_has_units_and_references_in_its_headers():
    out = io.StringIO()
    print_sweep(points((2, 3), e_red=-1.5), ["A note [with brackets]."], Console(file=out, width=170))
    text = out.getvalue()
    for word in ("V vs SHE", "eV", "nm", "core diameter", "verdict", "A note [with brackets]."):
        assert word in text
    assert "…" not in text
