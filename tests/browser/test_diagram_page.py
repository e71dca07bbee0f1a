"""The diagram's page in a browser: hover, details, the buttons of the axis, names that are hostile."""

import pytest

from echemscreen.dots.device_stack import describe_stack, device_stack
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.views.alignment.diagram import draw

NAMES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<a href=javascript:alert(1)>x</a>",
    "<b>bold</b>",
    "</script><script>alert(2)</script>",
    "&lt;i&gt; &amp; x<sub>2</sub>",
]


@pytest.fixture(scope="module")
def dot():
    # A round edge, as if it were fitted.
    return describe(quantum_dot("pu2020-red")) | {"cbm_v_she": -0.89}


def rows(names):
    return [
        {
            "name": name,
            "canonical_smiles": "CCCCCCN",
            "status": "ok",
            "verdict": "inert",
            "e_red_v_she": -1.5,
            "e_red_sigma_v": 0.2,
            "e_ox_v_she": 1.6,
            "e_ox_sigma_v": None,
            "limiting_couple": "Zn2+/Zn",
            "reduction_drive_ev": -0.61,
            "oxidation_drive_ev": None,
            "reason": f"Inert, says {name}.",
            "method": "E_red adiabatic, E_ox vertical",
            "e_ox_bound": "at least",
        }
        for name in names
    ]


@pytest.fixture
def page(dot, tmp_path, tab):
    draw(rows(NAMES), dot, tmp_path / "x.html")
    tab.goto((tmp_path / "x.html").as_uri())
    tab.wait_for_selector(".es-plot .scatterlayer .points path")
    return tab


def labels(tab, selector):
    return tab.eval_on_selector_all(selector, "nodes => nodes.map(node => node.textContent)")


def point(tab, index):
    """Move the mouse to the marker of a reduction, the first levels of the plot."""
    place = tab.evaluate(
        """index => {
          const plot = document.querySelector(".es-plot");
          const trace = plot._fullData.findIndex(item => item.meta === "levels");
          const {xaxis, yaxis} = plot._fullLayout;
          const box = plot.getBoundingClientRect();
          return [box.x + xaxis._offset + xaxis.d2p(plot.data[trace].x[index]),
                  box.y + yaxis._offset + yaxis.d2p(plot.data[trace].y[index])];
        }""",
        index,
    )
    tab.mouse.move(place[0] + 30, place[1] + 30)
    tab.mouse.move(*place)
    tab.wait_for_selector(".es-plot .hoverlayer .hovertext")


def test_names_are_text_in_labels_hover_and_details(page, picture):
    ticks = labels(page, ".es-plot .xtick text")
    assert "<script>alert(1)</script>" in ticks
    assert "<b>bold</b>" in ticks
    for index, name in enumerate(NAMES):
        point(page, 2 * index)
        page.wait_for_function(
            "name => document.querySelector('.es-details').textContent.startsWith(name)", arg=name
        )
        (hover,) = labels(page, ".es-plot .hoverlayer .hovertext")
        assert hover.startswith(name)
        assert "E_red \N{MINUS SIGN}1.50 ± 0.20 V vs SHE, adiabatic" in hover
        assert "verdict: inert" in hover
        assert "SMILES CCCCCCN" in hover
    assert page.locator(".es-plot a, .es-plot script, .es-details a, .es-details script").count() == 0
    assert page.locator("img").count() == 1
    assert (
        page.locator(".es-details img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    )
    assert page.dialogs == []
    picture("diagram_page")


def test_the_buttons_change_the_axis_and_name_the_constant(page):
    def shown():
        return page.inner_text(".es-constant"), *labels(page, ".es-plot .ytitle, .es-plot .annotation-text")

    for scale, title, constant, edge in (
        ("vacuum", "Electron energy / eV vs vacuum", "4.44", "CBM \N{MINUS SIGN}3.55 eV"),
        ("fc", "Potential / V vs Fc+/Fc", "0.630 V vs SHE", "CBM \N{MINUS SIGN}1.52 V"),
        ("sce", "Potential / V vs SCE", "0.241 V vs SHE", "CBM \N{MINUS SIGN}1.13 V"),
        ("she", "Potential / V vs SHE", "standard hydrogen electrode", "CBM \N{MINUS SIGN}0.89 V"),
    ):
        page.click(f"button[data-scale={scale}]")
        page.wait_for_function(
            "title => document.querySelector('.es-plot .ytitle')?.textContent === title", arg=title
        )
        words, *texts = shown()
        assert constant in words
        assert edge in texts
        assert page.get_attribute(f"button[data-scale={scale}]", "aria-pressed") == "true"
        assert page.locator("button[aria-pressed=true]").count() == 1


def test_the_names_of_forty_species_stand_side_by_side(dot, tmp_path, tab, picture):
    names = [f"ligand number {index} with a long name" for index in range(40)]
    draw(rows(names), dot, tmp_path / "x.html")
    tab.set_viewport_size({"width": 900, "height": 900})
    tab.goto((tmp_path / "x.html").as_uri())
    tab.wait_for_selector(".es-plot .xtick text")
    ends = tab.eval_on_selector_all(
        ".es-plot .xtick text", "nodes => nodes.map(node => node.getBoundingClientRect().right)"
    )
    assert len(ends) == 40
    # Of slanted lines the ends must be further apart than a line is high, divided by the sine.
    assert min(right - left for left, right in zip(sorted(ends), sorted(ends)[1:], strict=False)) > 14
    frame = tab.locator(".es-plot .main-svg").first.bounding_box()
    boxes = tab.eval_on_selector_all(
        ".es-plot .annotation-text", "nodes => nodes.map(n => n.getBoundingClientRect().right)"
    )
    assert max(boxes) <= frame["x"] + frame["width"]
    picture("diagram_page_forty")


def test_the_plot_is_downloaded_as_svg(page, tmp_path):
    with page.expect_download() as download:
        page.click(".modebar-btn[data-title^='Download']")
    download.value.save_as(tmp_path / "x.svg")
    assert "<svg" in (tmp_path / "x.svg").read_text(encoding="utf-8")


def test_a_device_is_drawn_around_the_dot(dot, tmp_path, tab, picture):
    stack = describe_stack(device_stack("pu2020"), dot)
    draw(rows(NAMES[:2]), dot, tmp_path / "x.html", stack=stack)
    tab.goto((tmp_path / "x.html").as_uri())
    tab.wait_for_selector(".es-plot .annotation-text")
    texts = labels(tab, ".es-plot .annotation-text")
    assert {"poly-TPD30 nm", "ZnMgO60 nm"} <= set(texts)
    picture("device_page")
