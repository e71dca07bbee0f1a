"""The local page in a real browser: paste, start, watch, open, stop, and what must do no harm."""

import json
import re
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest
from report_folder import finished_screen, result
from served import GATED, served, wait_for

from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.server.submission import MAX_BYTES

pytest.importorskip("playwright", reason="Playwright is not installed")
from playwright.sync_api import expect

#: Ends a test that hangs; nothing is timed.
LONG_MS = 600_000
HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "=HYPERLINK(1)", "{{ 7 * 7 }}")


@pytest.fixture
def gate(tmp_path, monkeypatch):
    folder = tmp_path / "gate"
    folder.mkdir()
    monkeypatch.setenv("GATE", str(folder))
    return folder


def paste(tab, text, level="fast"):
    tab.get_by_label("Molecules").fill(text)
    tab.get_by_role("radio", name=re.compile(f"^{level}")).check()
    tab.get_by_role("button", name="Screen", exact=True).click()


def fits(tab):
    """Nothing is wider than the window."""
    return tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@contextmanager
def opened(tab, *arguments):
    """The page's server; the tab leaves it before it ends, since a page asks for its jobs all the time."""
    with served(*arguments) as found:
        yield found
        tab.goto("about:blank")


def test_paste_watch_and_open_the_result(tab, picture, tmp_path, gate):
    names = "\n".join(f"{'C' * n} {name}" for n, name in enumerate(HOSTILE, start=1))
    with opened(tab, tmp_path / "served", GATED) as (address, _):
        tab.goto(address)
        picture("serve-empty", full_page=True)
        paste(tab, f"CCO ethanol\nO gate\nnonsense\n{names}\n")
        screen = tab.locator("#job-1")
        # Watched, not reloaded: a mark on the document would be lost.
        tab.evaluate("document.mark = 1")
        expect(screen).to_contain_text("1 of 7 rows", timeout=LONG_MS)
        expect(screen.get_by_role("progressbar")).to_have_attribute("value", "1")
        expect(screen).to_contain_text("min left")
        assert tab.title() == "A list · echemscreen"
        picture("serve-running", full_page=True)
        (gate / "open").touch()
        expect(screen).to_have_attribute("data-state", "done", timeout=LONG_MS)
        assert tab.evaluate("document.mark") == 1
        expect(screen).to_contain_text("1 failed")
        expect(tab.locator("#news")).to_have_text("Run 1: done.")
        with tab.expect_download() as download:
            tab.get_by_role("link", name="Download run 1").click()
        assert download.value.suggested_filename == "run-1.zip"
        with ZipFile(download.value.path()) as archive:
            assert len(archive.read("run-1/results.csv").splitlines()) == 8
            assert json.loads(archive.read("run-1/run.json"))["rows"] == 7
        tab.get_by_role("link", name="Open run 1").click()
        # One view of the result, in the words and colours of the report: the report itself.
        report = tab.frame_locator("iframe")
        for name in HOSTILE:
            expect(report.get_by_role("button", name=name, exact=True)).to_be_visible()
        expect(report.get_by_text("No geometries are shown")).to_have_count(0)
        # In its sandbox the report can change nothing on the page.
        assert tab.frames[1].evaluate("window.origin") == "null"
        picture("serve-result")
        with tab.expect_download() as download:
            report.get_by_role("button", name="CSV of all rows").click()
        assert len(download.value.path().read_text().splitlines()) == 8
        tab.get_by_role("link", name="All runs").click()
        expect(screen).to_have_attribute("data-state", "done")
    assert tab.dialogs == []


def test_a_queue_is_stopped_and_continued_by_keyboard(tab, picture, tmp_path, gate):
    with opened(tab, tmp_path / "served", GATED) as (address, queue):
        tab.goto(address)
        paste(tab, "CCO ethanol\nO gate\n")
        expect(tab.locator("#job-1")).to_contain_text("1 of 2 rows", timeout=LONG_MS)
        wait_for((gate / "holder").exists)
        for _ in range(2):
            paste(tab, "C methane\n")
        expect(tab.locator("#job-2 .state")).to_have_text("waiting, next")
        expect(tab.locator("#job-3 .state")).to_have_text("waiting, place 2")
        picture("serve-queue", full_page=True)
        tab.get_by_role("button", name="Cancel run 2").press("Enter")
        expect(tab.locator("#job-2")).to_have_attribute("data-state", "stopped")
        # The focus stays on the screen, on the button that took the other's place.
        expect(tab.get_by_role("button", name="Continue run 2")).to_be_focused()
        expect(tab.locator("#job-3 .state")).to_have_text("waiting, next")
        tab.get_by_role("button", name="Stop run 1").press("Space")
        expect(tab.locator("#job-1")).to_have_attribute("data-state", "stopped", timeout=LONG_MS)
        expect(tab.locator("#job-1")).to_contain_text(
            "Stopped after 1 of 2 rows; what is finished is stored."
        )
        expect(tab.locator("#job-3")).to_have_attribute("data-state", "done", timeout=LONG_MS)
        # While it was stopping there was no button.
        assert tab.evaluate("document.activeElement.id") in {"job-1", "resume-1"}
        (gate / "open").touch()
        tab.get_by_role("button", name="Continue run 1").press("Enter")
        expect(tab.locator("#job-1")).to_have_attribute("data-state", "done", timeout=LONG_MS)
        assert {job.number: job.state for job in queue.jobs()} == {1: "done", 2: "stopped", 3: "done"}


def edge_words(dot):
    """The conduction edge as the page shows it."""
    edge = quantum_dot(dot).edges.cbm
    return f"\N{MINUS SIGN}{-edge.value_v_she:.2f} ± {edge.sigma_v:.2f} V vs SHE"


def test_a_dot_is_checked_while_it_is_written(tab, picture, tmp_path):
    with opened(tab, tmp_path / "served") as (address, _):
        tab.goto(address)
        dot = tab.locator("#dots .told")
        expect(dot).to_contain_text(edge_words("pu2020-red"))
        tab.get_by_label("Dot", exact=True).select_option("lu2022-red")
        expect(dot).to_contain_text(edge_words("lu2022-red"))
        expect(tab.get_by_label("Your own dot")).to_be_hidden()
        tab.get_by_label("Dot", exact=True).select_option("")
        own = tab.get_by_label("Your own dot")
        expect(own).to_be_focused()
        own.fill("<img src=x onerror=alert(1)>")
        expect(dot).to_contain_text("Unknown dot or material '<img src=x onerror=alert(1)>'")
        picture("serve-dot-unknown", full_page=True)
        own.fill("InP:3.2/ZnSe:1.5/ZnS:0.6")
        expect(dot).to_contain_text("InP:3.2/ZnSe:1.5/ZnS:0.6")
        expect(dot).to_contain_text("exciton")
        picture("serve-dot-own", full_page=True)
    assert tab.dialogs == []


def test_a_dropped_file_and_one_that_is_too_large(tab, tmp_path):
    with opened(tab, tmp_path / "served") as (address, queue):
        tab.goto(address)
        small = {"name": "<b>list.csv", "mimeType": "text/csv", "buffer": b"smiles,name\nC,methane\n"}
        large = {"name": "large.smi", "mimeType": "text/plain", "buffer": b"C" * (MAX_BYTES + 1)}
        tab.get_by_label("or a file", exact=True).set_input_files(large)
        tab.get_by_role("button", name="Screen", exact=True).click()
        expect(tab.get_by_role("alert")).to_contain_text("The upload is larger than 5 MB.")
        expect(tab.get_by_role("alert")).to_be_focused()
        assert queue.jobs() == []
        tab.get_by_role("button", name="Remove the file").click()
        expect(tab.get_by_label("Molecules")).to_be_focused()
        dropped = tab.evaluate_handle(
            """([name, text]) => {
                const data = new DataTransfer();
                data.items.add(new File([text], name));
                return data;
            }""",
            [small["name"], small["buffer"].decode()],
        )
        tab.locator("#drop").dispatch_event("drop", {"dataTransfer": dropped})
        tab.get_by_role("radio", name=re.compile("^fast")).check()
        tab.get_by_role("button", name="Screen", exact=True).click()
        expect(tab.locator("#job-1 h3")).to_have_text("1 <b>list.csv")
        expect(tab.locator("#job-1")).to_have_attribute("data-state", "done", timeout=LONG_MS)


def test_a_refusal_is_a_sentence_and_keeps_what_was_entered(tab, picture, tmp_path):
    with opened(tab, tmp_path / "served") as (address, queue):
        tab.goto(address)
        tab.get_by_label("Dot", exact=True).select_option("")
        tab.get_by_label("Your own dot").fill("Kryptonite:3")
        paste(tab, "C methane")
        expect(tab.get_by_role("alert")).to_contain_text("Unknown dot or material 'Kryptonite'")
        expect(tab.get_by_label("Molecules")).to_have_value("C methane")
        expect(tab.get_by_label("Your own dot")).to_have_value("Kryptonite:3")
        picture("serve-refused", full_page=True)
        assert "400" in tab.errors.pop()
        assert queue.jobs() == []


def test_the_page_fits_a_telephone_and_is_used_by_keyboard_alone(tab, picture, tmp_path):
    tab.set_viewport_size({"width": 390, "height": 844})
    with opened(tab, tmp_path / "served") as (address, _):
        tab.goto(address)
        assert fits(tab)
        tab.get_by_label("Molecules").focus()
        tab.keyboard.type("C methane")
        reached = []
        while "Screen" not in reached[-1:]:
            tab.keyboard.press("Tab")
            reached.append(
                tab.evaluate("document.activeElement.textContent.trim() || document.activeElement.name")
            )
            assert len(reached) < 40, reached
        assert "file" in reached
        assert {"level", "forms"} <= set(reached)
        picture("serve-390", full_page=True)
        tab.keyboard.press("Enter")
        expect(tab.locator("#job-1")).to_have_attribute("data-state", "done", timeout=LONG_MS)
        assert fits(tab)
        picture("serve-390-done", full_page=True)
        tab.get_by_role("link", name="Open run 1").press("Enter")
        expect(tab.frame_locator("iframe").get_by_role("table").first).to_be_visible()
        assert fits(tab)
        picture("serve-390-result", full_page=True)


def test_a_file_leaves_the_other_fields_as_they_are(tab, tmp_path):
    with opened(tab, tmp_path / "served") as (address, queue):
        tab.goto(address)
        tab.get_by_label("Molecules").fill("C methane")
        tab.get_by_label("Dot", exact=True).select_option("lu2022-red")
        tab.get_by_role("radio", name=re.compile("^fast")).check()
        tab.get_by_role("radio", name=re.compile("^free")).check()
        tab.get_by_text("How molecules are computed and judged").click()
        tab.get_by_label("Temperature (K)").fill("310")
        tab.get_by_label("Solvent", exact=True).select_option("toluene")
        rows = {"name": "list.csv", "mimeType": "text/csv", "buffer": b"smiles,name\nC,methane\n"}
        tab.get_by_label("or a file", exact=True).set_input_files(rows)
        tab.get_by_role("button", name="Screen", exact=True).click()
        expect(tab.locator("#job-1 h3")).to_have_text("1 list.csv")
        order = queue.job(1).order
        assert order.qd == "lu2022-red"
        chosen = {name: order.options[name] for name in ("level", "forms", "temperature_k", "solvent")}
        assert chosen == {"level": "fast", "forms": "free", "temperature_k": "310", "solvent": "toluene"}
        expect(tab.locator("#job-1")).to_have_attribute("data-state", "done", timeout=LONG_MS)
        # And beside a refusal they stand as they were.
        tab.get_by_label("Dot", exact=True).select_option("lu2022-red")
        tab.get_by_role("radio", name=re.compile("^free")).check()
        broken = {**rows, "buffer": b"name,formula\na,CH4\n"}
        tab.get_by_label("or a file", exact=True).set_input_files(broken)
        tab.get_by_role("button", name="Screen", exact=True).click()
        expect(tab.get_by_role("alert")).to_contain_text("list.csv")
        expect(tab.get_by_label("Dot", exact=True)).to_have_value("lu2022-red")
        expect(tab.get_by_role("radio", name=re.compile("^free"))).to_be_checked()
        assert "400" in tab.errors.pop()


# --- the whole job ----------------------------------------------------------------------------

#: The rules of axe-core (axe.min.js beside this file, MPL-2.0): WCAG 2.1 AA and good practice.
AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
CHECK = """async () => {
  const found = await axe.run(document, { iframes: false, resultTypes: ["violations"] });
  return found.violations.map((item) => `${item.id}: ${item.nodes.map((node) => node.html).join(" ")}`);
}"""


def is_accessible(tab):
    tab.evaluate(AXE)
    assert tab.evaluate(CHECK) == []


def test_every_page_is_accessible_in_light_and_dark(tab, tmp_path):
    (tmp_path / "served").mkdir()
    rows = [result("ethylamine"), result(HOSTILE[0], "CCS", verdict="active", reduction_drive_ev=0.25)]
    finished_screen(tmp_path / "served", 1, rows)
    finished_screen(tmp_path / "served", 2, [rows[0], result(HOSTILE[0], "CCS")], qd="CdSe:3.0")
    with opened(tab, tmp_path / "served") as (address, _):
        pages = (
            "/",
            "/ask",
            "/rank",
            "/sweep",
            "/exchange?new=CCCCS&qd=CdSe:3.0",
            "/exchange?new=x",
            "/nowhere",
        )
        for scheme in ("light", "dark"):
            tab.emulate_media(color_scheme=scheme)
            for path in pages:
                tab.goto(f"{address}{path}")
                for item in tab.locator("details.more").all():
                    item.evaluate("item => { item.open = true; }")
                is_accessible(tab)
    # The page that is not there.
    assert [text for text in tab.errors if "404" not in text] == []
    tab.errors.clear()
    assert tab.dialogs == []


def test_a_structure_is_drawn_and_entries_of_the_library_are_added(tab, picture, tmp_path):
    with opened(tab, tmp_path / "served") as (address, _):
        tab.goto(address)
        tab.get_by_role("button", name="Draw a structure").click()
        frame = tab.frame_locator("#editor iframe")
        expect(frame.locator("html[data-ready]")).to_be_attached()
        tab.get_by_role("button", name="Use it").click()
        expect(tab.locator("#drawing-problem")).to_have_text("Nothing is drawn yet.")
        draw_thiol(tab)
        tab.get_by_label("Name", exact=True).fill("drawn thiol")
        picture("serve-editor")
        tab.get_by_role("button", name="Use it").click()
        expect(tab.get_by_role("textbox", name="Molecules")).to_have_value("Sc1ccccc1 drawn thiol")
        tab.get_by_role("button", name="From the library").click()
        tab.get_by_label("Name, CAS number or formula").fill("112-80-1")
        tab.get_by_role("button", name="Add oleic acid", exact=True).press("Enter")
        expect(tab.locator("#library-said")).to_have_text("oleic acid added.")
        is_accessible(tab)
        picture("serve-library")
        tab.keyboard.press("Escape")
        lines = tab.get_by_role("textbox", name="Molecules").input_value().splitlines()
        assert [line.partition(" ")[2] for line in lines] == ["drawn thiol", "oleic acid"]
        expect(tab.locator("#drawn figure")).to_have_count(2)


def draw_thiol(tab):
    """Benzenethiol, drawn as with a mouse: a ring, a bond on it, and sulphur at its end."""
    place = tab.locator("#editor iframe").bounding_box()
    for x, y in ((213, 37), (330, 200), (38, 37), (330, 170), (13, 138), (330, 148)):
        tab.mouse.click(place["x"] + x, place["y"] + y)


def test_several_dots_stand_side_by_side_and_a_run_is_deleted(tab, picture, tmp_path):
    tab.add_init_script(
        """window.told = [];
        window.Notification = class {
            static permission = "granted";
            constructor(title) { window.told.push(title); }
        };"""
    )
    with opened(tab, tmp_path / "served") as (address, queue):
        tab.goto(address)
        tab.get_by_role("button", name="Tell me when a run is done").click()
        expect(tab.get_by_role("button", name="Tell me when a run is done")).to_have_attribute(
            "aria-pressed", "true"
        )
        tab.get_by_role("button", name="Add another dot").click()
        expect(tab.get_by_label("Dot 2", exact=True)).to_be_focused()
        tab.get_by_label("Dot 2", exact=True).select_option("")
        tab.get_by_label("Your own dot 2").fill("ZnSe:4.0")
        expect(tab.locator("#dots .told").nth(1)).to_contain_text("ZnSe:4")
        picture("serve-two-dots", full_page=True)
        tab.get_by_role("radio", name=re.compile("^free")).check()
        paste(tab, f"C methane\nCCO {HOSTILE[0]}\n")
        for number in (1, 2):
            expect(tab.locator(f"#job-{number}")).to_have_attribute("data-state", "done", timeout=LONG_MS)
        assert sorted(tab.evaluate("window.told")) == ["Run 1 is done", "Run 2 is done"]
        assert {job.order.qd for job in queue.jobs()} == {"pu2020-red", "ZnSe:4.0"}
        for number in (1, 2):
            tab.locator(f"#choose-{number}").check()
        tab.get_by_role("button", name="Compare 2 runs").click()
        expect(tab.get_by_role("rowheader").filter(has_text=HOSTILE[0])).to_have_count(1)
        expect(tab.get_by_role("columnheader").filter(has_text="ZnSe:4.0")).to_have_count(1)
        picture("serve-compare", full_page=True)
        tab.get_by_role("link", name="All runs").click()
        tab.get_by_text("Delete run 2").click()
        tab.locator("#gone-2").click()
        expect(tab.locator("#job-2")).to_have_count(0)
        assert not (tmp_path / "served/0002").exists()
    assert tab.dialogs == []
