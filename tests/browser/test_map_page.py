"""The map in a browser: pointing, moving, magnifying, the axes' switch, filters, files, hostile names."""

import numpy as np
import pytest
from report_folder import HOSTILE, result, screen_folder

import echemscreen as es
from echemscreen.quantities import MINUS

N_ROWS = 60


def rows(count=N_ROWS):
    """Levels around the edges; the first far from every other, a bound, and with a name that tries to act."""
    generator = np.random.default_rng(3)
    found = [
        result(
            HOSTILE[index] if index < len(HOSTILE) else f"molecule {index}",
            f"{'C' * (index + 1)}N",
            verdict=("active", "inert", "undetermined")[index % 3],
            e_red_v_she=float(generator.uniform(-2.5, -1.2)),
            e_ox_v_she=float(generator.uniform(1.5, 2.6)),
        )
        for index in range(count)
    ]
    found[0] |= {"e_red_v_she": -0.2, "e_ox_v_she": 0.8, "e_ox_bound": "at least"}
    found[1] |= {"e_red_v_she": -9.0}
    return found


def opened(tab, path):
    tab.goto(path.as_uri())
    tab.wait_for_selector("body[data-ready=yes]")
    tab.wait_for_selector("#map[data-drawn]")
    return tab


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return screen_folder(tmp_path_factory.mktemp("mapped") / "run", rows())


@pytest.fixture
def page(folder, tab):
    return opened(tab, es.draw(folder, folder / "map.html"))


def place_of(tab, ox, red):
    """Where a mark stands in the window: from the view that the map says it shows."""
    left, right, bottom, top = map(float, tab.locator("#map").get_attribute("data-view").split())
    box = tab.locator("#map svg > rect[fill=none]").first.bounding_box()
    return (
        box["x"] + box["width"] * (ox - left) / (right - left),
        box["y"] + box["height"] * (1.0 - (red - bottom) / (top - bottom)),
    )


def texts(tab):
    return tab.locator("#map svg text").evaluate_all("nodes => nodes.map(node => node.textContent)")


def test_what_stands_under_the_pointer_is_told_and_no_name_acts(page, expect, picture):
    page.mouse.move(*place_of(page, 0.8, -0.2))
    tip = page.locator(".map-tip")
    expect(tip.locator("b")).to_have_text(HOSTILE[0])
    said = tip.text_content()
    assert f"Ered {MINUS}0.20 ± 0.30 V vs SHE" in said
    assert said.endswith("Eox ≥ +0.80 ± 0.30 V vs SHE")
    assert tip.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert page.dialogs == []
    picture("map_page")
    page.mouse.move(2, 2)
    expect(tip).to_be_hidden()


def test_marks_have_the_colours_of_their_verdicts(page):
    """The pixel in the middle of the first mark, which is open, is white; that of its rim is orange."""
    x, y = place_of(page, 0.8, -0.2)
    at = page.locator("#map canvas").bounding_box()
    pixels = page.evaluate(
        """([x, y]) => [...document.querySelector("#map canvas").getContext("2d")
             .getImageData(x - 7, y - 7, 14, 14).data]""",
        [x - at["x"], y - at["y"]],
    )
    seen = {tuple(pixels[i : i + 3]) for i in range(0, len(pixels), 4) if pixels[i + 3] == 255}
    assert (255, 255, 255) in seen
    assert any(abs(r - 0xD5) < 25 and abs(g - 0x5E) < 40 and b < 60 for r, g, b in seen)


def test_it_is_moved_magnified_and_left_by_pointer_and_keyboard(page, expect):
    shown = page.locator("#map")
    whole = shown.get_attribute("data-view")
    assert shown.get_attribute("data-drawn") == str(N_ROWS)
    page.click("#map-closer")
    expect(shown).not_to_have_attribute("data-view", whole)
    close = shown.get_attribute("data-view")
    box = page.locator("#map canvas").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 80, middle[1], steps=4)
    page.mouse.up()
    expect(shown).not_to_have_attribute("data-view", close)
    dragged = shown.get_attribute("data-view")
    # What was under the pointer went with it: to the right, so that lower potentials come into view.
    assert float(dragged.split()[0]) < float(close.split()[0])
    assert dragged.split()[2:] == close.split()[2:]
    page.locator("#map canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(shown).to_have_attribute("data-view", close)
    page.click("#map-whole")
    expect(shown).to_have_attribute("data-view", whole)
    page.locator("#map canvas").focus()
    page.keyboard.press("n")
    expect(page.locator(".map-tip")).to_be_visible()
    page.mouse.move(*middle)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    expect(shown).not_to_have_attribute("data-view", whole)


def test_the_switch_changes_both_axes(page, expect):
    for scale, unit in (("vacuum", "eV vs vacuum"), ("fc", "V vs Fc+/Fc"), ("she", "V vs SHE")):
        view = page.locator("#map").get_attribute("data-view")
        page.locator(f".scale label:has(input[value={scale}])").click()
        expect(page.locator("#map svg").first).to_contain_text(f"Eox / {unit}")
        assert {f"Ered / {unit}", f"Eox / {unit}"} <= set(texts(page))
        # The marks stay where they are: only the numbers of the axes change.
        assert page.locator("#map").get_attribute("data-view") == view


def test_the_map_is_saved_with_its_key(page, tmp_path):
    for kind, start in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        with page.expect_download() as download:
            page.click(f"#map-{kind}")
        assert download.value.suggested_filename == f"map-she.{kind}"
        download.value.save_as(tmp_path / f"x.{kind}")
        assert (tmp_path / f"x.{kind}").read_bytes().startswith(start)
    drawn = (tmp_path / "x.svg").read_text()
    assert "active, 20" in drawn
    assert drawn.count("<circle") + drawn.count("<polygon") >= N_ROWS


def test_a_phone_shows_all_of_it(folder, tab, picture):
    tab.set_viewport_size({"width": 390, "height": 844})
    opened(tab, es.draw(folder, folder / "map.html"))
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    rights = tab.locator(".map-key span, #map svg text").evaluate_all(
        "nodes => nodes.map(node => node.getBoundingClientRect().right)"
    )
    assert max(rights) <= 390
    picture("map_phone")


def test_the_report_of_a_long_screen_begins_with_the_map(folder, tab, expect, picture):
    opened(tab, es.report(folder))
    expect(tab.locator("#map")).to_have_attribute("data-drawn", str(N_ROWS))
    assert not tab.locator("#overview").get_attribute("open")
    # What a filter leaves out is pale and not counted.
    tab.locator("#counts .active").click()
    expect(tab.locator("#map")).to_have_attribute("data-drawn", "20")
    tab.locator("#reset").click()
    expect(tab.locator("#map")).to_have_attribute("data-drawn", str(N_ROWS))
    tab.evaluate("document.getElementById('map-part').scrollIntoView()")
    tab.mouse.click(*place_of(tab, 0.8, -0.2))
    expect(tab.locator("#card h2")).to_have_text(HOSTILE[0])
    tab.keyboard.press("Escape")
    picture("report_map")


def test_a_short_screen_has_no_map(tmp_path, tab):
    folder = screen_folder(tmp_path / "short", rows(20))
    tab.goto(es.report(folder).as_uri())
    tab.wait_for_selector("body[data-ready=yes]")
    assert tab.locator("#map").count() == 0
    assert tab.locator("#overview").get_attribute("open") is not None
