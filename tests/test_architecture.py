"""The law of the house: who may import whom, and which library may be imported where."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import echemscreen as es

PACKAGE = Path(__file__).parents[1] / "echemscreen"
FLOOR = {"ligands", "levels", "dots", "measurements", "verdicts", "views"}
GROUND = {"quantities", "records", "errors"}
BELOW = {"options", "engines", "files", "store", "reference_tables", "scales"}
TOP = ("campaign", "server", "commands", "cli", "__main__")

#: What each room may import of ours, itself aside: the rooms below it.
ALLOWED = {
    "quantities": set(),
    "records": {"quantities"},
    "errors": set(),
    "files": GROUND,
    "reference_tables": GROUND,
    "scales": GROUND | {"reference_tables"},
    "options": GROUND | {"store"},
    "engines": GROUND | {"reference_tables", "scales"},
    "store": GROUND | {"reference_tables", "scales"},
    **dict.fromkeys(FLOOR, GROUND | BELOW),
    "screening": GROUND | BELOW | FLOOR,
    "crosslinkers": GROUND | BELOW | FLOOR | {"screening"},
    "design": GROUND | BELOW | FLOOR | {"screening"},
    "evidence": GROUND | BELOW | FLOOR | {"screening", "crosslinkers"},
    **{
        room: GROUND | BELOW | FLOOR | {"screening", "crosslinkers", "design", "evidence", *TOP[:place]}
        for place, room in enumerate(TOP)
    },
    "__init__": GROUND | BELOW | FLOOR | {"screening", "campaign"},
}

#: Library -> rooms or files that may import it.
ONLY_IN = {
    "rdkit": {"ligands", "views", "levels/fit/structures.py"},
    "matplotlib": {"views"},
    "jinja2": {"views"},
    "openpyxl": {"ligands", "views"},
    "pymatgen": {"dots", "ligands"},
    "pyscf": {"engines/pyscf.py"},
    "tblite": {"engines/tblite.py"},
    "xtb": {"engines/xtb.py"},
    "typer": {"cli.py", "commands"},
    "pydantic": {"options", "campaign", "screening/workbench.py"},
    "yaml": {"campaign/yaml_file.py"},
    "flask": {"server"},
    "waitress": {"server"},
    "sklearn": set(),
    "crepes": {"levels"},
    "galvani": {"measurements"},
    "jcamp": {"measurements"},
    "spc_io": {"measurements"},
}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "echemscreen":
                yield from (f"echemscreen.{alias.name}" for alias in node.names)
            else:
                yield node.module


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_in_one_direction(path):
    mine = room(path)
    for name in imports(path):
        if name.split(".")[0] == "echemscreen" and name != "echemscreen":
            other = name.split(".")[1]
            assert other == mine or other in ALLOWED[mine], f"{mine} imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_libraries_stay_in_their_rooms(path):
    where = path.relative_to(PACKAGE)
    for name in imports(path):
        rooms = ONLY_IN.get(name.split(".")[0])
        if rooms is not None:
            assert {where.parts[0], str(where)} & rooms, f"{where} imports {name}"


def test_no_room_has_more_than_a_dozen_modules():
    rooms = Counter(path.parent for path in modules() if path.name != "__init__.py")
    assert not {str(room): count for room, count in rooms.items() if count > 12}


def test_no_room_is_called_after_nothing():
    for path in modules():
        assert path.stem not in {"utils", "helpers", "helper", "manager", "handler", "common", "misc"}


def test_no_blanket_except_and_no_pickle():
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                assert node.type is not None, path
                caught = ast.unparse(node.type)
                assert "Exception" not in caught.replace("XTBException", "").replace(
                    "MolSanitizeException", ""
                ), path
        assert not {"pickle", "marshal", "shelve"} & {name.split(".")[0] for name in imports(path)}, path


def test_no_rule_names_a_metal_a_family_or_a_molecule():
    """Chemistry is rows: the rooms that judge carry no element symbols or library names."""
    metals = {"Cd", "Zn", "Mg", "Cu", "Pb", "In", "Ag", "Al", "cadmium", "zinc", "magnesium", "oleate"}
    for folder in ("verdicts", "levels", "screening", "crosslinkers", "evidence"):
        for path in (PACKAGE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    names = path.name == "reference_runs.py" and node.value in {"Cd", "Zn"}
                    assert node.value not in metals or names, f"{path.name}:{node.lineno} {node.value}"


def test_importing_the_package_loads_no_chemistry():
    code = (
        "import sys, echemscreen\n"
        "heavy = {'rdkit', 'tblite', 'xtb', 'pymatgen', 'matplotlib', 'sklearn', 'ase', 'numpy', 'pandas'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_no_chemistry():
    code = (
        "import sys\nfrom echemscreen import cli\nsys.argv = ['echemscreen', '--help']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'rdkit', 'tblite', 'pymatgen', 'matplotlib', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_public_names_exist():
    for name in es.__all__:
        assert getattr(es, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        es.nonsense  # noqa: B018
