"""The site: its columns are the program's, and every block is run or says that it is not.

What the blocks print is put onto the pages by ``mkdocs build --strict``, which fails if one of them does.
"""

import ast
import io
import json
import re
import shlex
import tomllib
from pathlib import Path

import yaml
from rich.console import Console
from typer.main import get_command

import echemscreen as es
from echemscreen.cli import app
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.verdicts.rules import _TRAPS
from echemscreen.views.tables.columns import table_of
from echemscreen.views.tables.table import print_summary, stream_results

DOCS = Path(__file__).parents[1] / "docs"
FILES = (
    "results.csv",
    "ranking.csv",
    "comparisons.csv",
    "ledger.csv",
    "sweep",
    "design.csv",
    "qd --json",
    "run.json",
)
PAGES = sorted(DOCS.rglob("*.md"))
BLOCK = re.compile(r"^```(?P<language>\w+)(?P<options>[^\n]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def documented(file):
    assert all(row.meaning for row in table_of(file).values())
    return list(table_of(file))


def blocks():
    for page in PAGES:
        for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
            yield page, match["language"], match["options"], match["code"]


def test_every_key_of_a_dot_is_explained():
    assert documented("qd --json") == list(describe(quantum_dot("CdSe:3.0")))


def test_every_key_of_a_run_is_explained(tmp_path):
    # A measured ion and an alkane: neither is computed.
    es.screen([("[Cl-]", "chloride")], "CdSe:3.0", out=tmp_path / "screen", workers=1, figure=False)
    es.rank([("CCCCCCCC", "octane")], "CdSe:3.0", out=tmp_path / "rank", workers=1, figure=False)
    keys = {
        key
        for name in ("screen", "rank")
        for key in json.loads((tmp_path / name / "run.json").read_text(encoding="utf-8"))
    }
    assert set(documented("run.json")) == keys


def test_units_are_those_of_the_names():
    endings = {"_v_she": "V vs SHE", "_sigma_v": "V", "_nm": "nm", "_kcal_mol": "kcal/mol", "_da": "Da"}
    for file in FILES:
        for name, row in table_of(file).items():
            for ending, unit in endings.items():
                if name.endswith(ending):
                    assert row.unit == unit, row
            if name.endswith("_ev"):
                assert row.unit in {"eV", "eV vs vacuum"}, row
            assert row.meaning, row


def test_every_block_of_commands_runs_or_says_that_it_does_not():
    for page, language, options, _ in blocks():
        if language in {"bash", "python"}:
            assert 'exec="1"' in options or "not run here" in options, f"{page.name}: {options}"


def test_commands_that_are_not_run_exist_with_their_options():
    known = get_command(app).commands
    seen = 0
    for page, language, options, code in blocks():
        if language != "bash" or "not run here" not in options:
            continue
        for line in code.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] != ["echemscreen"]:
                continue
            seen += 1
            command = known[words[1]]
            if commands := getattr(command, "commands", None):
                command = commands[words[2]]
            names = {name for item in command.params for name in (*item.opts, *item.secondary_opts)}
            asked = {word.partition("=")[0] for word in words[2:] if re.match(r"--?[a-z]", word)}
            assert asked <= names | {"--help"}, f"{page.name}: {line}"
    assert seen


def test_every_flag_is_explained_where_its_column_and_the_model_are():
    source = (DOCS.parent / "echemscreen" / "verdicts" / "rules.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    codes = {
        item.args[1].value
        for item in ast.walk(tree)
        if isinstance(item, ast.Call)
        and getattr(item.func, "id", "") == "_flag"
        and isinstance(item.args[1], ast.Constant)
    } | {code for *traps, _ in _TRAPS.values() for code in traps}
    assert {"metal_reduction", "hole_trap", "uncalibrated_class"} <= codes
    page = (DOCS / "science/model.md").read_text(encoding="utf-8")
    for text in (table_of("results.csv")["flags"].meaning, page):
        assert {code for code in codes if f"`{code}`" not in text} == set()


def test_the_versions_agree():
    cited = yaml.safe_load((DOCS.parent / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    released = re.search(
        r"^## \[(.+?)\] - (.+)$", (DOCS.parent / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert cited["version"] == project["version"] == released[1]
    assert str(cited["date-released"]) == released[2]


def test_what_the_pages_link_to_lies_in_the_clone():
    for page in (*PAGES, DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md"):
        for path in re.findall(
            r"`((?:workflows|band_data|ligand_library|tests|docs|echemscreen)/[\w./-]+\.\w+)`",
            page.read_text(encoding="utf-8"),
        ):
            assert (DOCS.parent / path).is_file(), f"{page.name}: {path}"


def test_the_table_of_the_readme_is_what_the_command_prints():
    published = stream_results(DOCS.parent / "workflows" / "tables" / "pu2020.csv")
    out = io.StringIO()
    print_summary((row for row in published if row["step"] == "red"), Console(file=out, width=116))
    shown = (DOCS.parent / "README.md").read_text(encoding="utf-8").partition("<!-- pu2020 -->\n```\n")[2]
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert shown.partition("```")[0].splitlines() == lines
