"""The report and the map of a long screen in a real browser: figures to be read, never asserted.

``PYTHONPATH=tests/browser:tests python tests/benchmarks/pages.py [--rows N] [--keep DIR]`` writes a screen
of that many different molecules with levels drawn at random, its report and its map as a page, opens both in
Chromium, and moves and magnifies the map at each frame for three seconds, without a graphics card and without
an imitation of one. The machine may be shared: the best of three runs is told.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from conftest import program
from playwright.sync_api import Page, sync_playwright
from report_folder import result, screen_folder
from scale import alcohols

import echemscreen as es

#: Moves or magnifies the map before each frame; gives frames per second and how many views were drawn.
MOVING = """async (act) => {
  const canvas = document.querySelector("#map canvas"), around = canvas.getBoundingClientRect();
  const at = [around.left + around.width / 2, around.top + around.height / 2];
  const send = (kind, clientX, clientY) =>
    canvas.dispatchEvent(new PointerEvent(kind, { pointerId: 1, pointerType: "mouse", clientX, clientY }));
  canvas.setPointerCapture = () => {};
  const [clientX, clientY] = at;
  const wheel = (deltaY) =>
    canvas.dispatchEvent(new WheelEvent("wheel", { deltaY, ctrlKey: true, clientX, clientY }));
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  document.getElementById("map-whole").click();
  if (act === "pan") wheel(-120);
  await frame(); await frame();
  const views = new Set(), began = performance.now();
  let frames = 0;
  if (act === "pan") send("pointerdown", ...at);
  while (performance.now() - began < 3000) {
    const away = [60 * Math.sin(frames / 12), 60 * Math.cos(frames / 17)];
    if (act === "pan") send("pointermove", at[0] + away[0], at[1] + away[1]);
    else wheel(Math.sin(frames / 20) < 0 ? 25 : -25);
    await frame();
    frames += 1;
    views.add(document.getElementById("map").dataset.view);
  }
  if (act === "pan") send("pointerup", ...at);
  return { fps: (1000 * frames) / (performance.now() - began), views: views.size };
}"""


def rows(count: int):
    """Rows of different molecules, their levels around the edges of a dot."""
    generator = np.random.default_rng(20)
    for line in alcohols(count):
        smiles, _, name = line.partition(" ")
        red, ox = float(generator.normal(-1.7, 0.8)), float(generator.normal(1.9, 0.7))
        verdict = "active" if max(red + 0.89, 1.18 - ox) > 0.2 else "inert"
        yield result(
            name,
            smiles,
            verdict=verdict if generator.random() > 0.15 else "undetermined",
            e_red_v_she=red,
            e_ox_v_she=ox,
            e_ox_bound="at least" if generator.random() < 0.1 else "",
            reduction_drive_ev=red + 0.89,
            oxidation_drive_ev=1.18 - ox,
        )


def opened(page: Page, path: Path) -> float:
    """Seconds until the page is ready."""
    began = time.perf_counter()
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready=yes]")
    page.wait_for_selector("#map[data-drawn]")
    return time.perf_counter() - began


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--keep", type=Path, help="Folder for the pages and pictures.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = screen_folder(asked.keep or Path(scratch) / "many", list(rows(asked.rows)))
        report = es.report(folder)
        mapped = es.draw(folder, folder / "map.html")
        browser = playwright.chromium.launch(
            executable_path=program(), args=("--no-sandbox", "--disable-gpu")
        )
        for what, path in (("report", report), ("map page", mapped)):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            took = min(opened(page, path) for _ in range(3))
            print(f"{what}: {asked.rows} rows, {path.stat().st_size / 1e6:.1f} MB, open after {took:.2f} s")
            for act in ("pan", "zoom"):
                best = max((page.evaluate(MOVING, act) for _ in range(3)), key=lambda item: item["fps"])
                print(f"  {act}: {best['fps']:.0f} frames a second, {best['views']} different views")
            page.locator("#map-whole").click()
            if asked.keep:
                page.screenshot(path=asked.keep / f"{path.stem}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
