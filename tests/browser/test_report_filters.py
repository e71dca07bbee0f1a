"""The report's list in a browser: ranges, ticked rows, substructures, dark colours, phone and paper."""

import csv
import io

import pytest
from rdkit import Chem
from report_folder import result, screen_folder
from test_serve import is_accessible

import echemscreen as es

#: One name for each structure; E_red rises by a tenth of a volt from row to row.
SMILES = [
    "O=[N+]([O-])c1ccccc1",
    "CCCCN",
    "OC(=O)c1ccc(cc1)[N+](=O)[O-]",
    "CCCCCCS",
    "c1ccccc1",
    "C1CCCCC1",
    "OC(=O)CCCCCCC",
    "CCCCP(CCCC)CCCC",
    "O=C(c1ccccc1)c1ccccc1",
    "[Cd+2].CC(=O)[O-].CC(=O)[O-]",
    "c1ccncc1",
    "CCO",
]
MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    rows = [
        result(f"row {index}", smiles, e_red_v_she=round(-2.0 + 0.1 * index, 3))
        for index, smiles in enumerate(SMILES)
    ]
    rows[-1] |= {"e_red_v_she": None}
    return screen_folder(tmp_path_factory.mktemp("filters") / "run", rows)


@pytest.fixture
def page(folder, tab):
    tab.goto(es.report(folder).as_uri())
    tab.wait_for_selector("body[data-ready=yes]")
    return tab


def names(tab):
    return tab.locator("#table tbody .open").all_text_contents()


def test_a_range_of_numbers_narrows_the_list_on_the_axis_that_is_shown(page, expect):
    page.locator("#ranges summary").click()
    low, high = (page.get_by_label(f"E_red, {end}", exact=True) for end in ("at least", "at most"))
    low.fill("-1.7")
    high.fill("-1.5")
    expect(page.locator("#table tbody tr")).to_have_count(3)
    assert names(page) == ["row 3", "row 4", "row 5"]
    # The same rows on another axis: the ends go along, on that of energies the other way round.
    for scale, least, most in (("vacuum", -2.94, -2.74), ("fc", -2.33, -2.13), ("she", -1.7, -1.5)):
        page.locator(f".scale label:has(input[value={scale}])").click()
        assert names(page) == ["row 3", "row 4", "row 5"]
        found = [float(field.input_value()) for field in (low, high)]
        assert found == pytest.approx([least, most], abs=1e-6)
    page.locator("#reset").click()
    assert len(names(page)) == len(SMILES)
    assert low.input_value() == ""
    # What is unknown is in no range.
    low.fill("-9")
    expect(page.locator("#table tbody tr")).to_have_count(len(SMILES) - 1)


def test_ticked_rows_are_kept_shown_alone_and_exported(page, expect):
    page.get_by_label("Tick row 2", exact=True).check()
    page.locator("#search").fill("row 7")
    expect(page.locator("#table tbody tr")).to_have_count(1)
    page.get_by_label("Tick all rows of the list").check()
    page.locator("#search").fill("")
    expect(page.locator("#table tbody tr")).to_have_count(len(SMILES))
    assert not page.locator("#card").get_attribute("open")
    expect(page.locator("#save-ticked")).to_have_text("CSV of 2 ticked rows")
    with page.expect_download() as waiting:
        page.click("#save-ticked")
    assert waiting.value.suggested_filename == "results-ticked.csv"
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    assert [row["name"] for row in csv.DictReader(io.StringIO(text))] == ["row 2", "row 7"]
    page.locator("#only-ticked").check()
    assert names(page) == ["row 2", "row 7"]
    page.get_by_label("Tick row 2", exact=True).click()
    expect(page.locator("#table tbody tr")).to_have_count(1)
    page.locator("#reset").click()
    assert len(names(page)) == len(SMILES)


def test_substructures_are_those_that_rdkit_finds_in_python(page, expect):
    assert page.evaluate("window.initRDKitModule") is None
    for smarts in ("[N+](=O)[O-]", "c1ccccc1", "[CX4][SX2H]", "[PX3]", "[#48]", "[nX2]", "F"):
        pattern = Chem.MolFromSmarts(smarts)
        wanted = [
            f"row {index}"
            for index, smiles in enumerate(SMILES)
            if Chem.MolFromSmiles(smiles).HasSubstructMatch(pattern)
        ]
        page.locator("#smarts").fill(smarts)
        expect(page.locator("#table tbody tr")).to_have_count(len(wanted))
        expect(page.locator("#smarts-said")).to_have_text(
            f"Substructure: in {len(wanted)} row{'' if len(wanted) == 1 else 's'}"
        )
        expect(page.locator("#table tbody .open")).to_have_text(wanted)
    page.locator("#smarts").fill("[N+(")
    expect(page.locator("#smarts-said")).to_have_text("Substructure: this is no SMARTS")
    assert len(names(page)) == len(SMILES)
    page.locator("#smarts").fill("")
    expect(page.locator("#smarts-said")).to_have_text("Substructure")


def test_a_page_runs_modules_but_no_code_made_of_text(page):
    policy = page.locator("meta[http-equiv]").get_attribute("content")
    assert "'wasm-unsafe-eval'" in policy
    assert "'unsafe-eval'" not in policy
    assert "'unsafe-inline'" not in policy


def test_a_short_report_does_not_carry_the_search(tmp_path, tab):
    path = es.report(screen_folder(tmp_path / "short", [result("one")]))
    assert path.stat().st_size < 1e6
    tab.goto(path.as_uri())
    tab.wait_for_selector("body[data-ready=yes]")
    assert tab.locator("#smarts").count() == 0


#: Contrast of an element's text with the ground behind it, as WCAG 2 reckons.
CONTRAST = """(element) => {
  const channel = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const light = (rgb) => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  let ground = element;
  while (ground && parts(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
  const colours = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor];
  const [a, b] = colours.map((colour) => light(parts(colour)));
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_in_either_theme(folder, tab, theme, picture):
    tab.emulate_media(color_scheme=theme)
    tab.goto(es.report(folder).as_uri())
    tab.wait_for_selector("body[data-ready=yes]")
    for element in tab.locator("h1, dd, .open, .verdict, td.number, label > span, button:enabled").all():
        if element.is_visible():
            assert element.evaluate(CONTRAST) >= 4.5, element.text_content()
    dark = tab.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (int(dark.split("(")[1].split(",")[0]) < 60) == (theme == "dark")
    # The structures keep the paper that their colours are made for.
    paper = tab.locator("img.thumb").first.evaluate("image => getComputedStyle(image).backgroundColor")
    assert theme == "light" or paper == "rgb(255, 255, 255)"
    picture(f"report-{theme}")


def test_nothing_is_wider_than_a_window_of_1280_pixels(folder, tab):
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.goto(es.report(folder).as_uri())
    tab.wait_for_selector("body[data-ready=yes]")
    tab.locator("#ranges summary").click()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 1280
    for box in tab.locator("#list .scroll").all():
        assert box.evaluate("box => box.scrollWidth <= box.clientWidth")


def test_the_legend_is_read_on_a_phone_without_scrolling(folder, tab, picture):
    tab.set_viewport_size({"width": 400, "height": 860})
    tab.goto(es.report(folder).as_uri())
    tab.wait_for_selector("body[data-ready=yes]")

    def ends(svg):
        """Of the texts above the axis: its legend."""
        return tab.locator(svg).evaluate(
            """svg => { const words = [...svg.querySelectorAll(":scope > text")].slice(0, 5);
                 return words.map((each) => each.getBoundingClientRect().right); }"""
        )

    assert max(ends("#overview svg")) <= 400
    tab.locator("#table .open").first.click()
    tab.wait_for_selector("#card .figure svg")
    assert max(ends("#card .figure svg")) <= 400
    picture("report-phone-legend")


def test_the_first_sheet_of_paper_begins_with_the_list(page):
    """A section that may not be divided would leave the first sheet blank."""
    page.emulate_media(media="print")
    assert page.locator("#list").evaluate("list => getComputedStyle(list).breakInside") == "auto"
    assert not page.locator("#ranges").is_visible()
    assert page.locator("#table .tick").first.is_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_report_card_and_map_are_accessible(folder, tab, theme):
    long = [result(f"row {index}", e_red_v_she=-1.0 - 0.01 * index) for index in range(45)]
    mapped = screen_folder(folder.parent / f"mapped-{theme}", long)
    tab.emulate_media(color_scheme=theme, reduced_motion="reduce")
    for path in (es.report(folder), es.report(mapped), es.draw(mapped, mapped / "map.html")):
        tab.goto(path.as_uri())
        tab.wait_for_selector("body[data-ready=yes]")
        if tab.locator("#ranges").count():
            tab.locator("#ranges summary").click()
        is_accessible(tab)
        if tab.locator("#card").count():
            tab.locator("#table .open").first.click()
            tab.wait_for_selector("#card h2")
            is_accessible(tab)
