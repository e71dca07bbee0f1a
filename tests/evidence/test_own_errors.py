"""A user's own rows in the calibration: errors before and after, each molecule left out in turn."""

import pytest
from typer.testing import CliRunner

from echemscreen.cli import app
from echemscreen.evidence.own_errors import own_errors

HEADER = "name,smiles,dot,quantity,value,scale,sigma_v,kind,solvent,citation,note\n"
#: Invented values with the trend of nitroarenes, all 0.25 V below what the calibration says of them.
ROWS = (
    ("4-nitrotoluene", "Cc1ccc([N+](=O)[O-])cc1", -0.98),
    ("4-nitroanisole", "COc1ccc([N+](=O)[O-])cc1", -0.97),
    ("nitromesitylene", "Cc1cc(C)c([N+](=O)[O-])c(C)c1", -1.14),
    ("4-ethylnitrobenzene", "CCc1ccc([N+](=O)[O-])cc1", -0.98),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "own.csv"
    lines = [
        f"{name},{smiles},,reduction,{value},she,0.05,E1/2,acetonitrile,notebook,\n"
        for name, smiles, value in ROWS
    ]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def found(file):
    return own_errors(file)


def test_each_row_is_predicted_without_itself_and_relatives_help(found):
    assert len(found.errors) == len(ROWS)
    before = [abs(item.before_v_she - item.row.value_v_she) for item in found.errors if not item.is_fitted]
    after = [abs(item.after_v_she - item.row.value_v_she) for item in found.errors if not item.is_fitted]
    assert sum(after) < 0.6 * sum(before)
    assert all(item.after_sigma_v <= item.before_sigma_v for item in found.errors)


def test_one_row_alone_moves_nothing(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text(
        HEADER + "toluidine,Cc1ccc(N)cc1,,oxidation,1.0,she,0.05,peak,acetonitrile,notebook,\n",
        encoding="utf-8",
    )
    (item,) = own_errors(path).errors
    assert item.after_v_she == pytest.approx(item.before_v_she)


def test_the_command_prints_before_and_after(file):
    result = CliRunner().invoke(app, ["calibrate", "--with", str(file)])
    assert result.exit_code == 0, result.output
    assert "left out in turn: before MAE" in result.output


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no rows"),
        ("dot,,CdSe:3.0,cbm,-0.9,she,0.1,,acetonitrile,notebook,\n", "no potential of a ligand"),
        ("bad,nonsense,,reduction,-0.9,she,0.1,,acetonitrile,notebook,\n", "The measured row 'bad'"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path, text, says):
    path = tmp_path / "own.csv"
    path.write_text(HEADER + text, encoding="utf-8")
    result = CliRunner().invoke(app, ["calibrate", "--with", str(path)])
    assert result.exit_code == 2
    assert says in result.output
