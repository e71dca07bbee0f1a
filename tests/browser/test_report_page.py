"""The report in a browser: what a chemist does with it, with names that try to be code."""

import io
import re
import time
from importlib.resources import files

import matplotlib as mpl
import pytest
from report_folder import HOSTILE, rank_folder, result, screen_folder
from rich.console import Console

import echemscreen as es
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.quantities import MINUS, quantity, written
from echemscreen.views.alignment.diagram import layout
from echemscreen.views.alignment.rendering import render
from echemscreen.views.figure_file import RC
from echemscreen.views.tables.table import print_summary, row_of, stream_results

CBM_V_SHE = quantum_dot("pu2020-red").edges.cbm.value_v_she

#: Small, and each computed in a second: a real run, with its geometries in the store.
MOLECULES = [
    ("O=C1C=CC(=O)C=C1", "benzoquinone"),
    ("CCN", "ethylamine"),
    ("CC(=O)O", HOSTILE[1]),
    ("CS", HOSTILE[2]),
    ("[Cd+2].CC(=O)[O-].CC(=O)[O-]", HOSTILE[0]),
    ("C1CC", "an open ring"),
]


#: Counts the colours of the view in space.
COLOURS = """() => {
  const from = document.querySelector(".stage canvas"), to = document.createElement("canvas");
  to.width = from.width; to.height = from.height;
  const context = to.getContext("2d");
  context.drawImage(from, 0, 0);
  return new Set(new Uint32Array(context.getImageData(0, 0, to.width, to.height).data.buffer)).size;
}"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished") / "run"
    es.screen([*MOLECULES], qd="pu2020-red", out=folder, level="fast", workers=1)
    es.report(folder)
    return folder


@pytest.fixture
def opened(tab, finished):
    return open_report(tab, finished / "report.html")


def open_report(tab, path):
    tab.goto(path.as_uri())
    tab.wait_for_selector("body[data-ready=yes]")
    return tab


def names(tab):
    return tab.locator("#table tbody .open").all_text_contents()


def shown_as(name):
    """Text as a browser gives it back: one line."""
    return " ".join(name.split())


def saved(tab, press):
    with tab.expect_download() as waiting:
        press()
    return waiting.value


def test_the_list_shows_every_row_and_no_name_acts(opened, picture):
    assert [shown_as(name) for name in names(opened)] == [shown_as(name) for _, name in MOLECULES]
    assert opened.locator("#counts .failed b").text_content() == "1"
    # Every drawing of the page's list has arrived.
    opened.wait_for_function(
        "[...document.querySelectorAll('#table img')].every((i) => i.complete && i.naturalWidth)"
    )
    assert opened.dialogs == []
    assert opened.locator("img[src='x'], img[onerror]").count() == 0
    picture("report-list")


def test_sorting_goes_down_up_and_back(opened):
    def drives():
        found = opened.locator("#table tbody td[data-label^='Drive red.']").all_text_contents()
        return [float(text.removeprefix("≤ ").replace("\N{MINUS SIGN}", "-")) for text in found if text]

    before = names(opened)
    button = opened.locator("#table th button[data-key=driveRed]")
    button.click()
    assert drives() == sorted(drives(), reverse=True)
    assert opened.locator("#table th[aria-sort=descending]").count() == 1
    # What is unknown stands last, either way.
    assert names(opened)[-1] == "an open ring"
    opened.keyboard.press("Enter")
    assert drives() == sorted(drives())
    assert names(opened)[-1] == "an open ring"
    opened.keyboard.press("Enter")
    assert names(opened) == before


def test_filters_and_search_narrow_the_list(opened, expect):
    opened.locator("#counts .active").click()
    active = names(opened)
    assert HOSTILE[0] in active
    assert "ethylamine" not in active
    assert opened.locator("#counts .active").get_attribute("aria-pressed") == "true"
    opened.locator("#by-flag").select_option("metal_reduction")
    assert names(opened) == [HOSTILE[0]]
    opened.locator("#reset").click()
    assert len(names(opened)) == len(MOLECULES)
    for said, found in (("CCN", ["ethylamine"]), ("nothing like it", []), ("ONERROR", [HOSTILE[1]])):
        opened.locator("#search").fill(said)
        expect(opened.locator("#count")).to_have_text(f"{len(found)} of {len(MOLECULES)} rows")
        expect(opened.locator("#table tbody tr")).to_have_count(len(found))
        assert names(opened) == found
        assert opened.locator("#empty").is_visible() == (not found)


def test_a_card_tells_all_of_its_row_and_draws_its_geometry(opened, picture, expect):
    opened.locator("#table .open", has_text=HOSTILE[0]).click()
    card = opened.locator("#card")
    expect(card.locator("h2")).to_have_text(HOSTILE[0])
    assert "reduces free Cd2+" in card.locator(".reason").text_content()
    assert "Cd²⁺/Cd takes an electron" in card.locator(".main table").first.text_content()
    drive = f"{-0.403 - CBM_V_SHE:+.2f}"
    assert drive in card.locator(".main table").first.text_content()
    opened.wait_for_selector("[data-shown]")
    titles = card.locator("#geometry-choice option").all_text_contents()
    assert titles == ["ligand by itself"]
    opened.wait_for_selector("[data-shown='ligand by itself']")
    # The bonds of acetic acid: a metal's are given, not guessed by the viewer.
    assert opened.locator(".stage").get_attribute("data-bonds") == "7"
    # Something is drawn: the pixels are not all of one colour.
    assert opened.evaluate(COLOURS) > 10
    picture("report-card")
    xyz = saved(opened, card.get_by_text("XYZ file").click).path().read_text().splitlines()
    assert int(xyz[0]) == len(xyz) - 2 == 8
    opened.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_a_card_shows_where_the_charge_goes(opened, expect):
    opened.locator("#table .open", has_text="benzoquinone").click()
    said = opened.locator("#card .densities figcaption")
    expect(said).to_have_text(
        ["The electron sits on the quinone group: 100 %.", "The hole sits on the quinone group: 100 %."]
    )
    for image in opened.locator("#card .densities img").all():
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        assert "circle" in image.get_attribute("src")


def test_cards_are_read_by_keyboard(opened, expect):
    opened.locator("#table .open").first.focus()
    opened.keyboard.press("Enter")
    title = opened.locator("#card h2")
    expect(title).to_have_text("benzoquinone")
    opened.keyboard.press("ArrowRight")
    expect(title).to_have_text("ethylamine")
    opened.keyboard.press("ArrowLeft")
    expect(title).to_have_text("benzoquinone")
    opened.keyboard.press("Escape")
    # The focus is back where it was.
    expect(opened.locator("#table .open").first).to_be_focused()


@pytest.mark.parametrize(
    ("scale", "cbm", "unit", "constant"),
    [
        ("she", CBM_V_SHE, "V vs SHE", "standard hydrogen electrode"),
        ("vacuum", -CBM_V_SHE - 4.44, "eV vs vacuum", "4.44 ± 0.02 V"),
        ("fc", CBM_V_SHE - 0.63, "V vs Fc+/Fc", "0.63 ± 0.02 V"),
        ("sce", CBM_V_SHE - 0.241, "V vs SCE", "0.241 ± 0.005 V"),
    ],
)
def test_the_axis_moves_every_potential_and_names_its_constant(opened, scale, cbm, unit, constant):
    opened.locator(f"input[value={scale}]").check(force=True)
    said = opened.locator(".facts [data-volt]").first.text_content().replace("\N{MINUS SIGN}", "-")
    assert float(said.split()[0]) == pytest.approx(cbm, abs=0.006)
    assert said.endswith(unit)
    assert constant in opened.locator("#constant").text_content()
    assert unit in opened.locator("#table thead").text_content()
    # E_red of the amine is a bound: at most a potential is at least an energy.
    bound = opened.locator("#table tr", has_text="ethylamine").locator("td[data-label^=E_red]")
    assert bound.text_content().startswith("≥ " if scale == "vacuum" else "≤ ")
    opened.locator("#table .open").first.click()
    opened.wait_for_selector("#card h2")
    note = opened.locator("#card .quiet", has_text="The sentence is against SHE")
    assert note.count() == (scale != "she")
    opened.keyboard.press("Escape")
    svg = opened.locator("#overview svg").text_content()
    assert f"/ {unit}" in svg
    assert f"CBM {said.split()[0]}".replace("-", "\N{MINUS SIGN}") in svg


IONS = {
    "chloride": ("[Cl-]", "≤", ""),
    "nitrate": ("[O-][N+](=O)[O-]", "", "≥"),
    "phosphate": ("[O-]P(=O)([O-])[O-]", "≤", "≥"),
    "sulfide": ("[S-2]", "≤", ""),
    "perchlorate": ("[O-]Cl(=O)(=O)=O", "≤", "≥"),
}


def test_a_bound_is_one_in_the_table_and_in_the_card(tab, tmp_path, expect):
    rows = [row_of(es.assess(smiles, qd="pu2020-red", name=name)) for name, (smiles, _, _) in IONS.items()]
    open_report(tab, es.report(screen_folder(tmp_path / "bounds", rows)))
    for name, (_, red, ox) in IONS.items():
        line = tab.locator("#table tbody tr", has_text=name)
        cells = {
            label: line.locator(f"td[data-label^='{label}']").text_content()
            for label in ("E_red", "E_ox", "Drive red.", "Drive ox.")
        }
        assert cells["E_red"].startswith("≤ ") == bool(red), cells
        assert cells["E_ox"].startswith("≥ ") == bool(ox), cells
        # Either bound makes the drive the largest possible.
        assert cells["Drive red."].startswith("≤ ") == bool(red), cells
        assert cells["Drive ox."].startswith("≤ ") == bool(ox), cells
        line.locator(".open").click()
        expect(tab.locator("#card h2")).to_have_text(name)
        reactions = tab.locator("#card .main table").first.locator("tbody tr").all_text_contents()
        for reaction, sign in zip(reactions, (red, ox), strict=True):
            assert (reaction.count("≤") + reaction.count("≥") == 2) == bool(sign), reaction
        tab.keyboard.press("Escape")


#: A third decimal at or beside a half, where rounding twice is seen: 0.2649 is not 0.265 and then 0.27.
NEAR_A_HALF = (-0.4651, -0.4649, 0.2649, 0.2651, 0.465, 1.0049)


def test_a_number_has_the_same_digits_wherever_it_is_seen(tab, tmp_path, expect):
    rows = [
        result(
            f"molecule {index}",
            e_red_v_she=-1.0 - abs(value),
            e_ox_v_she=1.5 + abs(value),
            reduction_drive_ev=value,
            e_red_drive_ev=value,
            limiting_couple="Zn2+/Zn",
            couple_e0_v_she=value / 2,
            reason=quantity(value, 0.2649, "eV"),
        )
        for index, value in enumerate(NEAR_A_HALF)
    ]
    folder = screen_folder(tmp_path / "halves", rows)
    dot = describe(quantum_dot("pu2020-red"))
    seen = list(stream_results(folder / "results.csv"))
    printed = io.StringIO()
    print_summary(seen, Console(file=printed, width=200))
    figure = layout(seen, dot)
    with mpl.rc_context(RC):
        drawn = {text.get_text() for text in render(figure).findobj(mpl.text.Text)}
    open_report(tab, es.report(folder))
    for row, shown in zip(rows, printed.getvalue().splitlines()[2:], strict=False):
        columns = ("reduction_drive_ev", "e_red_v_she", "couple_e0_v_she")
        drive, red, couple = (written(row[name], sign=True) for name in columns)
        assert row["reason"].startswith(drive)
        assert {drive, red} <= set(shown.split())
        assert f"Zn²⁺/Zn {couple} V".replace("-", MINUS) in drawn
        line = tab.locator("#table tbody tr", has_text=row["name"])
        assert line.locator("td[data-label^='Drive red.']").text_content() == drive.replace("-", MINUS)
        assert line.locator("td[data-label^='E_red']").text_content().startswith(red.replace("-", MINUS))
        line.locator(".open").click()
        expect(tab.locator("#card h2")).to_have_text(row["name"])
        notes = tab.locator("#card .figure svg text").all_text_contents()
        assert any(note.startswith(f"Ered {red}".replace("-", MINUS)) for note in notes), notes
        assert any(f"Zn²⁺/Zn {couple}".replace("-", MINUS) in note for note in notes), notes
        tab.keyboard.press("Escape")


def test_a_level_has_its_own_colour_in_the_list_and_in_the_card(tab, tmp_path, expect):
    salts = {"cadmium chloride": "[Cd+2].[Cl-].[Cl-]", "zinc bromide": "[Zn+2].[Br-].[Br-]"}
    rows = [row_of(es.assess(smiles, qd="pu2020-red", name=name)) for name, smiles in salts.items()]
    open_report(tab, es.report(screen_folder(tmp_path / "colours", rows)))
    active, inert = "#D55E00", "#0072B2"
    for name in salts:
        column = tab.locator("#overview .species", has=tab.locator(f"title:text('{name}')"))
        assert column.locator(f"polygon[fill='{active}']").count() == 1  # the star
        assert column.locator(f"circle[stroke='{inert}']").count() >= 1
        tab.locator("#table .open", has_text=name).click()
        expect(tab.locator("#card h2")).to_have_text(name)
        marks = [mark.get_attribute("class") for mark in tab.locator("#card .mark").all()]
        assert marks == ["mark active", "mark inert", "mark inert"]
        tab.keyboard.press("Escape")


def test_the_card_rounds_as_the_sentence_does(opened, expect):
    """Every number of the table of reactions stands in the reason, to the digit."""
    for name in ("benzoquinone", HOSTILE[0], "ethylamine"):
        opened.locator("#table .open", has_text=name).first.click()
        expect(opened.locator("#card h2")).to_have_text(name)
        reason = opened.locator("#card .reason").text_content().replace("-", MINUS)
        drives = opened.locator("#card .main table").first.locator("strong").all_text_contents()
        told = [drive for drive in drives if drive in reason]
        assert told, (drives, reason)
        if not reason.startswith("Active"):
            assert told == drives
        opened.keyboard.press("Escape")


def test_the_report_writes_numbers_as_python_does(tab):
    """The same digits as sentences and tables: nothing is rounded two ways."""
    script = (files("echemscreen.views.report") / "assets" / "unpack.js").read_text(encoding="utf-8")
    code = script[script.index("/* Numbers, as") : script.index("const SUPERSCRIPTS")]
    values = [0.265, -0.465, 0.26496, 1.0005, -1.0005, 2.675, 0.125, -0.0004, 0.0, 1e-9, 12.3456, -0.4649999]
    values += [value / 1000 for value in range(-1005, 1006, 10)]
    tab.goto("about:blank")
    said = tab.evaluate(
        f"(values) => {{ {code} return values.map((v) => [written(v), written(v, 3), signed(v)]); }}", values
    )
    assert said == [[written(v), written(v, 3), written(v, sign=True, minus=MINUS)] for v in values]


def test_the_table_comes_back_as_it_was(opened, finished, expect):
    download = saved(opened, opened.locator("#save-all").click)
    assert download.suggested_filename == "results.csv"
    assert download.path().read_bytes() == (finished / "results.csv").read_bytes()
    opened.locator("#search").fill("calc")
    expect(opened.locator("#table tbody tr")).to_have_count(1)
    text = saved(opened, opened.locator("#save-shown").click).path().read_text()
    assert text.count("\n") == 2
    assert f"'{HOSTILE[2]}" in text


def test_figures_are_files_of_their_own(opened):
    opened.locator("#table .open").first.click()
    # The page behind has buttons of the same name; the card's come once its rows are unpacked.
    card = opened.locator("#card")
    svg = saved(opened, card.get_by_text("Figure as SVG").click)
    assert svg.suggested_filename == "benzoquinone-alignment-she.svg"
    text = svg.path().read_text()
    assert "Potential / V vs SHE" in text
    assert "<script" not in text
    png = saved(opened, card.get_by_text("Figure as PNG").click).path().read_bytes()
    assert png.startswith(b"\x89PNG")
    # Three times as many pixels as the drawing is wide.
    assert int.from_bytes(png[16:20]) == 3 * int(re.search(r'width="(\d+)"', text)[1])


def test_the_failure_sheet_says_why_and_what_to_do(opened, picture):
    opened.get_by_role("tab", name=re.compile("Failures")).click()
    row = opened.locator("#failure-rows tr")
    assert row.count() == 1
    cells = row.locator("th, td").all_text_contents()
    assert "an open ring" in cells[0]
    assert "C1CC" in cells[0]
    assert cells[2]
    assert cells[3] != "See the reason."
    picture("report-failures")


def test_on_paper_and_on_a_phone_nothing_runs_off_the_side(opened, picture):
    opened.set_viewport_size({"width": 390, "height": 844})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    picture("report-phone")
    opened.locator("#table .open").first.click()
    opened.wait_for_selector("[data-shown]")
    assert opened.evaluate("document.getElementById('card').scrollWidth") <= 390
    picture("report-phone-card")
    opened.keyboard.press("Escape")
    opened.emulate_media(media="print")
    assert not opened.locator("#controls").is_visible()
    assert opened.locator("#table").is_visible()


def test_a_ranking_opens_with_its_ledgers(tab, tmp_path, picture, expect):
    es.report(rank_folder(tmp_path / "rank"))
    open_report(tab, tmp_path / "rank" / "report.html")
    assert names(tab) == ["first", HOSTILE[0], "oleic acid"]
    assert "not a crosslinker" in tab.locator("#table tbody tr").last.text_content()
    tab.locator("#table .open").first.click()
    ledger = tab.locator("#card .ledger tbody tr")
    expect(ledger).to_have_count(2)
    assert HOSTILE[1] in ledger.last.text_content()
    picture("report-ranking-card")
    tab.keyboard.press("Escape")
    text = saved(tab, tab.locator("#save-ledger").click).path().read_bytes()
    assert text == (tmp_path / "rank" / "ledger.csv").read_bytes()
    assert tab.dialogs == []


def test_an_old_browser_is_told_what_to_do(tab, finished, expect):
    tab.add_init_script("delete window.DecompressionStream")
    tab.goto((finished / "report.html").as_uri())
    expect(tab.locator("#old-browser")).to_be_visible()
    assert "results.csv" in tab.locator("#old-browser").text_content()


def test_five_thousand_rows(tab, tmp_path, capsys, expect):
    rows = [
        result(
            f"{HOSTILE[index % len(HOSTILE)]} {index}",
            f"{'C' * (index % 100 + 1)}{'NOS'[index % 3]}",
            verdict=("active", "inert", "undetermined")[index % 3],
            reduction_drive_ev=index / 1000,
        )
        for index in range(5000)
    ]
    path = es.report(screen_folder(tmp_path / "many", rows))
    began = time.perf_counter()
    open_report(tab, path)
    took = time.perf_counter() - began
    with capsys.disabled():
        print(  # noqa: T201 - a figure to be read, not a bound
            f"\n5,000 rows: {path.stat().st_size / 1e6:.1f} MB, list drawn after {took:.2f} s"
        )
    assert tab.locator("#count").text_content() == "5000 rows"
    assert tab.locator("#table tbody tr").count() == 50
    tab.locator("#table th button[data-key=driveRed]").click()
    assert names(tab)[0].endswith(" 4999")
    tab.locator("#forth").click()
    assert tab.locator("#page-said").text_content() == "Rows 51 to 100, page 2 of 100"
    tab.locator("#counts .inert").click()
    assert tab.locator("#count").text_content() == "1667 of 5000 rows"
    tab.locator("#search").fill(" 4999")
    expect(tab.locator("#count")).not_to_have_text("1667 of 5000 rows")
    assert tab.locator("#table tbody tr").count() < 2
    assert tab.dialogs == []
