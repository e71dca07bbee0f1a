"""What print and a notebook show of results: the numbers with their electrode, and names as text."""

import json
import re
from dataclasses import replace

import pytest

import echemscreen as es
from echemscreen.campaign.screening import ScreenOutcome
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.views.tables.table import ResultsWriter, row_of

HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(1)> \x1b[31m'


@pytest.fixture(scope="module")
def result():
    """Measured couples: nothing is computed."""
    return es.assess("[Cl-].[Cl-].[Cd+2]", qd="pu2020-red", name=HOSTILE)


def test_an_assessment_prints_as_a_few_lines(result):
    lines = str(result).splitlines()
    assert 3 <= len(lines) <= 6
    assert lines[0].startswith("<script>alert(1)</script>")
    assert "active (metal reduction)" in lines[0]
    assert any(
        re.search(
            r"Cd2\+/Cd -0\.40 ± 0\.05 V vs SHE against the CBM -0\.8\d V vs SHE: .*\+0\.4\d ± 0\.1\d eV", line
        )
        for line in lines
    )
    assert lines[-1].strip() == result.reason
    assert "\x1b" not in str(result)


def test_no_volt_is_unlabelled(result):
    # The last line is the reason, which the rules write.
    for text in (*str(result).splitlines()[1:-1], str(es.QuantumDot.from_spec("lu2022-red"))):
        assert re.search(r"\d V vs SHE", text)
        assert re.findall(r"\d V\b", text) == re.findall(r"\d V(?= vs SHE)", text)


def test_html_of_an_assessment_is_text(result):
    text = result._repr_html_()
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


def test_a_dot_prints_its_edges():
    dot = es.QuantumDot.from_spec("CdSe:3.0/CdS:3.5", cbm_v_she=-1.05, cbm_sigma_v=0.05)
    assert "CBM -1.05 ± 0.05 V vs SHE (user)" in str(dot)
    assert "exciton" in dot._repr_html_()
    # A finished run is known by the whole record.
    assert "lattice_couples" in repr(dot)


def test_a_failure_prints_its_remedy():
    failure = es.Failure(
        name=HOSTILE, smiles="C", stage="parse", kind="bad", message="It is wrong.", remedy="Mend it."
    )
    assert str(failure).endswith("failed (parse): It is wrong. Mend it.")
    assert "<img" not in failure._repr_html_()


def outcome_of(folder, results):
    with ResultsWriter(folder) as writer:
        for result in results:
            writer.write(row_of(result))
    content = {"qd": describe(quantum_dot("pu2020-red"))}
    (folder / "run.json").write_text(json.dumps(content), encoding="utf-8")
    return ScreenOutcome(
        out=folder,
        n_rows=len(results),
        verdicts={},
        failures={},
        n_computed=0,
        internal_errors=0,
        wall_s=0.0,
    )


def test_a_screen_shows_a_table_and_the_diagram(result, tmp_path):
    failure = es.Failure(name="bad", smiles="C", stage="parse", kind="bad", message=HOSTILE, remedy="")
    text = outcome_of(tmp_path, [result, failure])._repr_html_()
    tags = set(re.findall(r"<(\w+)", text))
    assert tags == {"table", "thead", "tbody", "tr", "th", "td", "img"}
    assert text.count("<img") == 1
    assert 'src="data:image/svg+xml' in text
    assert text.count("<tr>") == 3
    assert "E_red / V vs SHE" in text
    assert "&lt;script&gt;" in text


def test_a_long_screen_is_cut(result, tmp_path):
    results = [replace(result, reason=str(index)) for index in range(25)]
    text = outcome_of(tmp_path, results)._repr_html_()
    assert text.count("<tr>") == 21
    assert "The table goes on in the file." in text


def test_a_sweep_is_a_figure():
    assert "<svg" in es.sweep("CdSe:2-3:1/CdS:2")._repr_svg_()
    assert es.sweep("CdSe:3/CdS:2")._repr_svg_() is None
