"""A real headless Chromium, driven by Playwright; every page is watched for errors and foreign requests."""

import os
import re
import shutil
from pathlib import Path

import pytest

#: Names under which distributions install it; Playwright's own downloads are not used.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
#: What a page may ask for: its own file, its own bytes, and a server of ours on the loopback.
HOME = re.compile(r"^(file|data|blob|about):|^http://(127\.0\.0\.1|localhost):\d+/")
#: How long a page may take to do what was asked: a limit for broken pages, not for slow machines.
TIMEOUT_MS = 60_000
ARGUMENTS = (
    "--no-sandbox",  # it refuses to run as root otherwise, and only our own pages are opened
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--use-angle=swiftshader",  # WebGL without a graphics card
    "--enable-unsafe-swiftshader",
)


def program():
    """Where Chromium lies, or None."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the session; without it the tests are skipped, or fail where it is required."""
    if os.environ.get("ECHEMSCREEN_BROWSER") != "required":
        pytest.importorskip("playwright", reason="Playwright is not installed")
        if program() is None:
            pytest.skip("no Chromium is installed")
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415 - an extra, looked for above

    expect.set_options(timeout=TIMEOUT_MS)

    assert program() is not None, "ECHEMSCREEN_BROWSER=required, but no Chromium is installed"
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture
def expect(browser):  # noqa: ARG001 - Playwright is there if the browser is
    """Playwright's ``expect``, which waits until a page is as it should be."""
    from playwright.sync_api import expect as made  # noqa: PLC0415

    return made


@pytest.fixture
def tab(browser):
    """A fresh tab of 1440 x 900; the test fails if its console shows an error or it asks a foreign host.

    ``tab.errors`` lists what the console has shown, for a test that means one and takes it away.
    ``tab.dialogs`` lists what ``alert`` and its like have shown (they are dismissed).
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    errors, foreign, page.dialogs = [], [], []
    page.errors = errors

    def heard(message):
        if message.type in {"error", "warning"} and "GPU stall" not in message.text:
            errors.append(message.text)

    def shown(dialog):
        page.dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("console", heard)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", shown)
    page.on("request", lambda request: HOME.match(request.url) or foreign.append(request.url))
    yield page
    context.close()
    assert errors == []
    assert foreign == []


@pytest.fixture
def picture(tab):
    """A function that keeps a screenshot of the tab in ``$ECHEMSCREEN_SCREENSHOTS``, if that is set."""

    def take(name, **options):
        folder = os.environ.get("ECHEMSCREEN_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            tab.screenshot(path=Path(folder) / f"{name}.png", **options)

    return take
