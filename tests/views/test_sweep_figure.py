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
from echemscreen.verdicts.alignment import probability_positive
from echemscreen.views.sweep.sweep_figure import draw_sweep, line_figure
from echemscreen.views.sweep.sweep_map import map_figure
from echemscreen.views.sweep.sweep_table import print_sweep, write_sweep
from echemscreen.views.sweep.sweep_words import swept

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


CORES = np.arange(1.5, 4.01, 0.25)
TURNS = (critical("inert", "above", 2.6), critical("active", "below", 1.6))


@pytest.mark.parametrize("turns", [(), TURNS[:1], TURNS, (TURNS[0], critical("active", "below", 3.9))])
def test_lines_neither_overlap_nor_leave_the_page(turns, check_texts):
    content = points(CORES, e_red=-1.67, turns=turns)
    figure, texts = check_texts(lambda: line_figure(content, **LIMITS))
    for item in turns:
        assert f"{item['verdict']} {item['side']} {item['size_nm']:.2f} nm" in texts
    assert "Potential / V vs SHE" in texts
    assert "Electron energy / eV vs vacuum" in texts
    assert any(text.startswith("E_ox ≥ +2.80") for text in texts)
    upper = figure.axes[0]
    # Electrons rise.
    assert upper.get_ylim()[0] > upper.get_ylim()[1]


def test_the_lines_are_the_edges():
    content = points(CORES, e_red=-1.67)
    with mpl.rc_context():
        upper = line_figure(content, **LIMITS).axes[0]
    drawn = [np.asarray(line.get_ydata()) for line in upper.lines if len(line.get_ydata()) == len(CORES)]
    for name in ("cbm_v_she", "vbm_v_she"):
        assert any(np.allclose(line, [item[name] for item in content]) for line in drawn)


def test_without_a_ligand_the_couples_of_its_own_metals(check_texts):
    _, texts = check_texts(lambda: line_figure(points(CORES), **LIMITS))
    assert "Cd2+/Cd \N{MINUS SIGN}0.40 V" in texts
    assert not any(text.startswith("Zn2+") for text in texts)
    assert "Exciton / nm" in texts


def test_maps_neither_overlap_nor_leave_the_page(check_texts):
    for e_red in (None, -1.0, -1.5, -3.0):
        content = points((2, 2.5, 3), (0, 0.5, 1), e_red=e_red)
        _, texts = check_texts(lambda content=content: map_figure(content, **LIMITS))
        assert "CdSe core diameter / nm" in texts
        assert "CdS shell thickness / nm" in texts


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
