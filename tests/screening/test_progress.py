"""Progress without a terminal: a line for each stage of a run, none when it is to be quiet."""

from echemscreen.screening.workers.progress import Progress


def test_each_stage_says_how_much_it_has_to_do(capsys):
    with Progress(None) as progress:
        progress.begin("structures", 3)
        progress.advance({}, {})
        progress.begin("spectra", 2)
        progress.advance({"inert": 1}, {})
    assert capsys.readouterr().err.splitlines() == ["structures: 3", "spectra: 2"]


def test_quiet_says_nothing(capsys):
    with Progress(None, quiet=True) as progress:
        progress.begin("structures", 3)
        progress.advance({}, {})
    assert capsys.readouterr().err == ""


def test_a_line_names_its_stage_and_counts(capsys, monkeypatch):
    monkeypatch.setattr("echemscreen.screening.workers.progress.LINE_EVERY_S", 0.0)
    with Progress(None) as progress:
        progress.begin("precursors", 3)
        progress.advance({"inert": 1}, {"timeout": 2})
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith("precursors: 1 of 3 rows, ")
    assert line.endswith(": inert 1 failed 2")
