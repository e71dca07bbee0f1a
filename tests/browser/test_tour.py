"""The path of docs/tour.md: page, a drawn thiol, a dot, a verdict, an analogue, the report, a figure.

With ``ECHEMSCREEN_TOUR=docs/tour`` it takes the pictures of that page.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from served import served

pytest.importorskip("playwright", reason="Playwright is not installed")
from playwright.sync_api import expect

LONG_MS = 600_000
#: As in a paper: two columns, the figure as wide as one.
PAPER = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Two columns</title>
<style>
body { margin: 0; background: #fff; color: #222; font: 9.5pt/1.35 "Liberation Serif", Georgia, serif; }
main { width: 183mm; padding: 6mm; display: grid; grid-template-columns: 89mm 89mm; gap: 5mm; }
p { margin: 0 0 2mm; text-align: justify; } figure { margin: 0; } img { width: 89mm; display: block; }
</style>
<main><figure><img src="figure.svg" alt="Levels beside the edges of the dot"></figure><div>
<p>A ligand on an emissive dot meets the electrons and holes that a device injects one after the other. It
survives if no carrier in the band edges of the dot can drive a reaction on it.</p>
<p>The figure sets the levels of a ligand that was drawn on the page beside those of its analogues with the
same anchor, each computed in the same way. Filled marks are reductions, open ones oxidations; the colour is
what each level says by itself, and bars and bands are one standard deviation.</p>
<p>The nitro group takes the electron near the conduction edge, so that the verdict on the ligand is open.
Without it the reduction lies far above the edge. The hole could oxidise every one of these thiols, but on a
dot with a shell it hardly arrives there while the device runs.</p>
<p>The figure is made as wide as a column, 89 mm, and is not scaled.</p></div></main></html>
"""


@pytest.fixture
def photograph(tab):
    """A function that takes a picture of the page for the tour, if it is to be taken."""

    def take(name, **options):
        folder = os.environ.get("ECHEMSCREEN_TOUR")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            tab.screenshot(path=Path(folder) / f"{name}.png", **options)

    return take


def draw_nitrobenzenethiol(tab):
    """A ring, a bond on it with sulphur at its end, and a nitro group from the menu of groups."""
    place = tab.locator("#editor iframe").bounding_box()
    frame = tab.frame_locator("#editor iframe")

    def click(*points):
        for x, y in points:
            tab.mouse.click(place["x"] + x, place["y"] + y)

    click((213, 37), (330, 200), (38, 37), (330, 170), (13, 138), (330, 148), (313, 37))
    frame.get_by_text("-NO2", exact=True).click()
    click((330, 226))


def test_the_tour(tab, photograph, tmp_path):
    tab.set_viewport_size({"width": 1180, "height": 820})
    with served(tmp_path / "served") as (address, queue):
        tab.goto(address)
        photograph("1-page")
        tab.get_by_role("link", name="One molecule").click()
        tab.get_by_role("button", name="Draw a structure").click()
        expect(tab.frame_locator("#editor iframe").locator("html[data-ready]")).to_be_attached()
        draw_nitrobenzenethiol(tab)
        tab.get_by_label("Name", exact=True).fill("4-nitrobenzenethiol")
        photograph("2-draw")
        tab.get_by_role("button", name="Use it").click()
        expect(tab.locator("#drawn figure")).to_have_count(1)
        line = tab.get_by_role("textbox", name="Molecule").input_value()
        assert line.endswith(" 4-nitrobenzenethiol")
        tab.get_by_label("Dot", exact=True).select_option("pu2020-red")
        photograph("3-dot")
        tab.get_by_role("button", name="Ask", exact=True).click()
        expect(tab.locator("#job-1")).to_have_attribute("data-state", "done", timeout=LONG_MS)
        tab.get_by_role("link", name="Open run 1").click()
        expect(tab.get_by_role("heading", level=1)).to_contain_text("4-nitrobenzenethiol")
        expect(tab.locator(".alternatives li")).not_to_have_count(0)
        tab.set_viewport_size({"width": 1180, "height": 1240})
        photograph("4-verdict")
        tab.set_viewport_size({"width": 1180, "height": 820})
        alternative = tab.locator(".alternatives h3").first.inner_text()
        tab.get_by_role("button", name="Screen them together").click()
        expect(tab.get_by_role("textbox", name="Molecules")).to_contain_text(alternative)
        tab.get_by_role("button", name="Screen", exact=True).click()
        expect(tab.locator("#job-2")).to_have_attribute("data-state", "done", timeout=LONG_MS)
        tab.locator("#runs").scroll_into_view_if_needed()
        photograph("5-runs")
        tab.get_by_role("link", name="Open run 2").click()
        report = tab.frame_locator("iframe")
        expect(report.get_by_role("button", name=alternative, exact=True)).to_be_visible()
        photograph("6-report")
        tab.set_viewport_size({"width": 400, "height": 860})
        # Laid out anew before it is photographed.
        tab.reload()
        expect(report.get_by_role("button", name=alternative, exact=True)).to_be_visible()
        photograph("7-telephone")
        tab.goto("about:blank")
        figure = tmp_path / "figure.svg"
        command = [sys.executable, "-m", "echemscreen", "diagram", str(queue.job(2).folder)]
        subprocess.run([*command, "-o", str(figure), "--width", "89"], check=True, capture_output=True)
    (tmp_path / "paper.html").write_text(PAPER, encoding="utf-8")
    tab.set_viewport_size({"width": 740, "height": 600})
    tab.goto((tmp_path / "paper.html").as_uri())
    assert tab.evaluate("document.querySelector('img').naturalWidth") > 0
    photograph("8-figure")
