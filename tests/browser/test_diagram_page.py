"""The diagram's page in a browser: pointing, the switch of the axis, magnifying, files, hostile names."""

import json

import pytest

from echemscreen.dots.device_stack import describe_stack, device_stack
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.views.alignment.diagram import draw, layout
from echemscreen.views.alignment.interactive import as_json
from echemscreen.views.palette import STYLES
from echemscreen.views.report import document

NAMES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<a href=javascript:alert(1)>x</a>",
    "<b>bold</b>",
    "</script><script>alert(2)</script>",
    "&lt;i&gt; &amp; x<sub>2</sub>",
]
MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def dot():
    # A round edge, as if it were fitted.
    return describe(quantum_dot("pu2020-red")) | {"cbm_v_she": -0.89}


def rows(names, **more):
    return [
        {
            "name": name,
            "canonical_smiles": "CCCCCCN",
            "status": "ok",
            "verdict": "active",
            "e_red_v_she": -1.5,
            "e_red_sigma_v": 0.2,
            "e_ox_v_she": 1.6,
            "e_ox_sigma_v": None,
            "limiting_couple": "Zn2+/Zn",
            "reduction_drive_ev": -0.61,
            "oxidation_drive_ev": None,
            "reason": f"Active, says {name}.",
            "e_red_basis": "adiabatic",
            "e_ox_basis": "vertical",
            "e_red_verdict": "inert",
            "e_ox_verdict": "undetermined",
            "couple_verdict": "active",
            "e_ox_bound": "at least",
            **more,
        }
        for name in names
    ]


def opened(tab, path):
    tab.goto(path.as_uri())
    tab.wait_for_selector("body[data-ready=yes]")
    return tab


@pytest.fixture
def page(dot, tmp_path, tab):
    draw(rows(NAMES), dot, tmp_path / "x.html")
    return opened(tab, tmp_path / "x.html")


def texts(tab):
    return tab.locator("#drawing svg text").evaluate_all("nodes => nodes.map(node => node.textContent)")


def test_names_are_text_beside_the_axis_and_in_the_details(page, expect, picture):
    assert "<script>alert(1)</script>" in texts(page)
    for index, name in enumerate(NAMES):
        page.locator(".species > rect").nth(index).hover()
        expect(page.locator("#details h2")).to_have_text(name)
        said = page.inner_text("#details")
        assert f"E_red {MINUS}1.50 ± 0.20 V vs SHE, adiabatic: inert" in said
        assert "E_ox ≥ +1.60 V vs SHE, vertical, a bound: the true value lies further out: undet" in said
        assert f"Active, says {name}." in said
        assert "CCCCCCN" in said
    assert page.locator("main a, main script").count() == 0
    assert page.locator("#details img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert page.dialogs == []
    picture("diagram_page")


def test_each_level_and_couple_has_its_own_colour(page):
    species = page.locator(".species").first
    for kind, verdict, paint in (
        ("reduction", "inert", "fill"),
        ("oxidation", "undetermined", "stroke"),
        ("couple", "active", "fill"),
    ):
        assert species.locator(f".{kind}").get_attribute(paint) == STYLES[verdict][0]
    assert species.locator(".oxidation").get_attribute("fill") == "#ffffff"


def test_the_keyboard_does_what_the_pointer_does(page, expect):
    page.locator("#frame").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#details h2")).to_have_text(NAMES[0])
    page.keyboard.press("Tab")
    expect(page.locator("#details h2")).to_have_text(NAMES[1])


def test_the_switch_changes_the_axis_and_names_the_constant(page, expect):
    for scale, title, constant, edge, bound in (
        ("vacuum", "Electron energy / eV vs vacuum", "4.44", f"CBM {MINUS}3.55", f"E_ox ≤ {MINUS}6.04 eV"),
        ("fc", "Potential / V vs Fc+/Fc", "0.63 ± 0.02 V", f"CBM {MINUS}1.52", "E_ox ≥ +0.97 V"),
        ("sce", "Potential / V vs SCE", "0.241 ± ", f"CBM {MINUS}1.13", "E_ox ≥ +1.36 V"),
        ("she", "Potential / V vs SHE", "standard hydrogen electrode", f"CBM {MINUS}0.89", "E_ox ≥ +1.60 V"),
    ):
        page.locator(f".scale label:has(input[value={scale}])").click()
        expect(page.locator("#constant")).to_contain_text(constant)
        assert {title, edge} <= set(texts(page))
        assert bound in page.locator(".species title").first.text_content()


def test_a_part_of_the_axis_is_magnified_moved_and_left(page, expect):
    whole = [text for text in texts(page) if text.replace(MINUS, "").replace(".", "").isdigit()]
    for _ in range(6):
        page.click("#closer")
    close = [text for text in texts(page) if text.replace(MINUS, "").replace(".", "").isdigit()]
    assert set(close) != set(whole)
    # Nothing is lost: what lies beyond is told by an arrow and its number.
    assert f"{MINUS}1.5" in texts(page)
    page.locator("#frame").focus()
    page.keyboard.press("ArrowDown")
    assert [text for text in texts(page) if text.replace(MINUS, "").replace(".", "").isdigit()] != close
    page.click("#whole")
    expect(page.locator("#whole")).to_be_disabled()
    assert [text for text in texts(page) if text.replace(MINUS, "").replace(".", "").isdigit()] == whole


def test_processes_are_chosen(page):
    count = {kind: page.locator(f".species .{kind}").count() for kind in ("reduction", "oxidation", "couple")}
    assert set(count.values()) == {len(NAMES)}
    for kind in count:
        page.locator(f"input[data-process={kind}]").uncheck()
        assert page.locator(f".species .{kind}").count() == 0
        page.locator(f"input[data-process={kind}]").check()


def test_the_names_of_forty_species_stand_side_by_side(dot, tmp_path, tab, picture):
    draw(rows([f"ligand number {index} with a long name" for index in range(40)]), dot, tmp_path / "x.html")
    for width in (900, 400):
        tab.set_viewport_size({"width": width, "height": 900})
        opened(tab, tmp_path / "x.html")
        ends = tab.locator("#drawing text[transform*='-40']").evaluate_all(
            "nodes => nodes.map(node => node.getBoundingClientRect().right)"
        )
        assert len(ends) == 40
        # Of slanted lines the ends must be further apart than a line is high, divided by the sine.
        assert min(right - left for left, right in zip(sorted(ends), sorted(ends)[1:], strict=False)) > 17
        # The figure scrolls by itself; the page does not.
        assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        frame = tab.locator("#drawing svg").bounding_box()
        rights = tab.locator("#drawing svg text").evaluate_all(
            "nodes => nodes.map(node => node.getBoundingClientRect().right)"
        )
        assert max(rights) <= frame["x"] + frame["width"] + 1
        picture(f"diagram_page_forty_{width}")


def test_the_figure_is_downloaded(page, tmp_path):
    for kind, start in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        with page.expect_download() as download:
            page.click(f"#save-{kind}")
        assert download.value.suggested_filename == f"alignment-she.{kind}"
        download.value.save_as(tmp_path / "x")
        assert (tmp_path / "x").read_bytes().startswith(start)


def test_a_device_is_drawn_around_the_dot(dot, tmp_path, tab, picture):
    stack = describe_stack(device_stack("pu2020"), dot)
    draw(rows(NAMES[:2]), dot, tmp_path / "x.html", stack=stack)
    opened(tab, tmp_path / "x.html")
    assert {"poly-TPD", "30 nm", "ZnMgO", "60 nm"} <= set(texts(tab))
    unread = tab.locator(".layer title", has_text="poly-TPD").text_content()
    assert "LUMO" in unread
    assert "unverified" in unread
    picture("device_page")


@pytest.mark.parametrize("spec", ["CdSe:3/CdS:3.5", "CdSe:3/Cd0.7Zn0.3Se:0.8/Cd0.5Zn0.5S:1/ZnS:0.5"])
def test_the_layers_of_a_small_picture_are_named_without_overlap(tmp_path, tab, spec):
    drawing = as_json(layout([], describe(quantum_dot(spec))))
    page = document.facts() | {"dot": spec, "portions": {}}
    script = document.script_of("unpack.js", "scales.js", "diagram.js", "sketch.js")
    (tmp_path / "x.html").write_text(
        "<meta charset=utf-8><div id=dot>"
        f"<div style='width: 300px' data-drawing='{json.dumps(drawing)}'></div></div>"
        f"<script type='application/json' id=page>{json.dumps(page)}</script><script>{script}</script>",
        encoding="utf-8",
    )
    tab.goto((tmp_path / "x.html").as_uri())
    boxes = tab.locator("#dot svg text").evaluate_all(
        "nodes => nodes.map(node => [node.textContent, node.getBoundingClientRect()])"
    )
    names = [words for words, _ in boxes]
    for block in drawing["blocks"]:
        assert block["label"] in names
    whole = tab.locator("#dot svg").bounding_box()
    for index, (words, one) in enumerate(boxes):
        assert one["right"] <= whole["x"] + whole["width"] + 1, words
        for other_words, other in boxes[index + 1 :]:
            apart = (
                one["right"] <= other["left"]
                or other["right"] <= one["left"]
                or one["bottom"] <= other["top"] + 2
                or other["bottom"] <= one["top"] + 2
            )
            assert apart, (words, other_words)
