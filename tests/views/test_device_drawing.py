"""The device around the diagram: places, flags of unverified layers, text that stays legible."""

import xml.etree.ElementTree as ET

import pytest

from echemscreen.dots.device_stack import describe_stack, device_stack, stack_names
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import InputError
from echemscreen.views.alignment.diagram import draw, layout_device
from echemscreen.views.device.device_drawing import render_device


@pytest.fixture(scope="module")
def dot():
    # A round edge, as if it were fitted.
    return describe(quantum_dot("pu2020-red")) | {"cbm_v_she": -0.89, "cbm_sigma_v": 0.10}


def row(name, verdict="inert", red=-1.5, ox=1.6, couple=""):
    return {
        "name": name,
        "status": "ok",
        "verdict": verdict,
        "e_red_v_she": red,
        "e_red_sigma_v": 0.2,
        "e_ox_v_she": ox,
        "e_ox_sigma_v": 0.2,
        "limiting_couple": couple,
        "reduction_drive_ev": red + 0.89,
        "oxidation_drive_ev": None,
    }


ROWS = [
    row("cadmium carboxylate", "active", couple="Cd2+/Cd"),
    row("zinc carboxylate", "active", couple="Zn2+/Zn"),
    row("a ligand with quite a long name", "undetermined", red=-9.0, ox=-8.0),
    row("W" * 26, red=-1.0, ox=9.0),
]


def made(dot, name, scale="she", rows=ROWS):
    return layout_device(rows, dot, describe_stack(device_stack(name), dot), scale=scale)


@pytest.mark.parametrize("scale", ["she", "vacuum", "fc", "sce"])
@pytest.mark.parametrize("name", stack_names())
def test_no_text_overlaps_and_none_is_clipped(dot, name, scale, check_texts):
    _, texts = check_texts(lambda: render_device(*made(dot, name, scale)))
    for layer in name and device_stack(name).before + device_stack(name).after:
        assert any(text.startswith(layer.name) for text in texts)


@pytest.mark.parametrize("count", [0, 1, 12])
@pytest.mark.parametrize("spec", ["CdSe", "pu2020-red-zns"])
def test_other_dots_and_counts(spec, count, check_texts):
    dot = describe(quantum_dot(spec))
    rows = [row(f"ligand number {i}", couple="Zn2+/Zn") for i in range(count)]
    check_texts(lambda: render_device(*made(dot, "pu2020", rows=rows)))


def test_layers_stand_at_their_energies_on_every_scale(dot):
    _, device = made(dot, "lu2022", "vacuum")
    assert [slot.name for slot in device.before] == ["ITO", "PEDOT:PSS", "TFB"]
    assert device.before[2].lower.value == pytest.approx(-5.3)
    assert device.before[0].upper is None
    _, she = made(dot, "lu2022")
    # A work function of 4.44 eV would stand at zero.
    assert she.before[2].lower.value == pytest.approx(5.3 - 4.44)


def test_the_dot_is_a_well_from_shell_to_core_and_out_again(dot):
    drawing, _ = made(dot, "pu2020")
    assert [block.label for block in drawing.blocks] == ["CdS 3.5 nm", "CdSe 3 nm", "CdS 3.5 nm"]


def test_every_layer_lies_inside_the_axis(dot):
    for name in stack_names():
        drawing, device = made(dot, name)
        for slot in (*device.before, *device.after):
            for level in (slot.upper, slot.lower):
                if level is not None:
                    assert drawing.top < level.drawn < drawing.bottom


def test_unverified_layers_are_hatched_and_said(dot):
    figure = render_device(*made(dot, "pu2020"))
    hatched = [patch for patch in figure.axes[0].patches if patch.get_hatch()]
    unread = [slot for slot in made(dot, "pu2020")[1].before if not slot.verified]
    assert len(hatched) == len(unread)
    if unread:
        assert any("no source" in text.get_text() for text in figure.texts)


def test_barriers_and_sources_stand_in_the_caption(dot):
    _, device = made(dot, "pu2020")
    assert "ITO/PEDOT:PSS/poly-TPD/PVK/QD/ZnMgO/Ag" in device.caption
    assert "10.1038/s41467-020-14756-5" in device.caption
    assert "ZnMgO to QD +0.45" in device.caption


def test_edges_of_the_user_are_said(check_texts):
    given = describe(quantum_dot("pu2020-red", cbm_v_she=-0.8, vbm_ev=-6.0))
    _, texts = check_texts(lambda: render_device(*made(given, "pu2020")))
    assert "CBM \N{MINUS SIGN}0.80 V, given by the user" in texts
    assert "VBM +1.56 V, given by the user" in texts
    drawing, _ = made(given, "pu2020")
    assert drawing.caption.count("(given by the user)") == 2


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_the_same_file_twice(dot, tmp_path, suffix):
    stack = describe_stack(device_stack("pu2020"), dot)
    for name in ("one", "two"):
        draw(ROWS, dot, tmp_path / f"{name}.{suffix}", stack=stack)
    assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()
    if suffix == "svg":
        root = ET.fromstring((tmp_path / "one.svg").read_text(encoding="utf-8"))
        texts = {"".join(node.itertext()).strip() for node in root.iter() if node.tag.endswith("text")}
        assert {"ITO", "unverified", "Cd²⁺/Cd \N{MINUS SIGN}0.40 V"} <= texts


def test_an_unknown_scale_is_refused(dot):
    with pytest.raises(InputError, match="Unknown reference scale"):
        made(dot, "pu2020", "volts")
