"""Where the package installs: what its markers ask for on each machine, and what pip finds for it there.

The index is asked by uv, which reads the markers of the other packages as the other machine would and looks
at wheels without fetching them; pip reads markers of its own machine only. Without an answer of the index
these tests are skipped, or fail where ``ECHEMSCREEN_REGISTRY=required`` says that there is one.
"""

import builtins
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from echemscreen.engines import base
from echemscreen.engines.base import get_engine
from echemscreen.errors import MissingEngineError

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENGINES = {"tblite", "xtb"}
#: Pure Python that is published as source only: every machine builds it without a compiler.
SOURCE_ONLY = ("galvani",)


@dataclass(frozen=True)
class Machine:
    """What the markers see there, and what uv calls it."""

    name: str
    sys_platform: str
    platform_machine: str
    platform_version: str
    uv: str
    macos: str = ""

    def environment(self, python, extra=""):
        return {
            "sys_platform": self.sys_platform,
            "platform_machine": self.platform_machine,
            "platform_version": self.platform_version,
            "python_version": python,
            "python_full_version": f"{python}.0",
            "extra": extra,
        }


def mac(macos, darwin, arm):
    machine, uv, built = ("arm64", "aarch64", "ARM64_T8132") if arm else ("x86_64", "x86_64", "X86_64")
    return Machine(
        f"macOS {macos} {machine}",
        "darwin",
        machine,
        f"Darwin Kernel Version {darwin}.1.0: Thu Oct 10 21:02:26 PDT 2024; root:xnu-1~2/RELEASE_{built}",
        f"{uv}-apple-darwin",
        f"{macos}.0",
    )


DEBIAN = "#1 SMP PREEMPT_DYNAMIC Debian 6.12.22-1 (2025-04-10)"
LINUX = Machine("Linux x86_64", "linux", "x86_64", DEBIAN, "x86_64-manylinux_2_28")
ARM = Machine("Linux aarch64", "linux", "aarch64", DEBIAN, "aarch64-manylinux_2_28")
WINDOWS = Machine("Windows AMD64", "win32", "AMD64", "10.0.26100", "x86_64-pc-windows-msvc")

#: Machine, Python, and the engines that have a wheel for them.
INSTALLS = (
    (LINUX, "3.11", {"tblite", "xtb"}),
    (LINUX, "3.14", {"tblite"}),
    (ARM, "3.11", set()),
    (ARM, "3.14", set()),
    (mac("26", "25", arm=True), "3.14", {"tblite"}),
    (mac("15", "24", arm=True), "3.11", {"tblite"}),
    (mac("15", "24", arm=False), "3.11", {"tblite"}),
    (mac("15", "24", arm=False), "3.13", {"tblite"}),
    (mac("14", "23", arm=True), "3.11", set()),
    (mac("14", "23", arm=True), "3.14", set()),
    (mac("13", "22", arm=False), "3.11", set()),
    (WINDOWS, "3.11", set()),
    (WINDOWS, "3.14", set()),
)
each = pytest.mark.parametrize(
    ("machine", "python", "engines"), INSTALLS, ids=[f"{m.name}, Python {p}" for m, p, _ in INSTALLS]
)


def asked(machine, python, *extras):
    """Requirements that apply there."""
    lines = [(line, "") for line in PROJECT["dependencies"]]
    lines += [(line, extra) for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    for line, extra in lines:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(machine.environment(python, extra)):
            yield requirement


@each
def test_engines_are_asked_for_where_they_have_a_wheel(machine, python, engines):
    assert {item.name for item in asked(machine, python)} & ENGINES == engines


@each
def test_all_else_is_asked_for_everywhere(machine, python, engines):
    names = {Requirement(line).name for line in PROJECT["dependencies"]}
    assert names - {item.name for item in asked(machine, python)} == ENGINES - engines


def unanswered(why):
    sentence = f"Nothing was resolved: {' '.join(why.split())[:300]}"
    if os.environ.get("ECHEMSCREEN_REGISTRY") == "required":
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="module")
def resolutions(tmp_path_factory):
    """One process of uv for each row of the table, all at once."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        unanswered("uv is not installed (pip install -e '.[dev]').")
    command = [uv, "pip", "compile", "--quiet", "--no-config", "--no-annotate", "--only-binary=:all:"]
    command += [f"--no-binary={name}" for name in SOURCE_ONLY]
    folder = tmp_path_factory.mktemp("resolved")
    started = {}
    for number, (machine, python, _) in enumerate(INSTALLS):
        wanted = folder / f"{number}.in"
        lines = []
        for item in asked(machine, python, *PROJECT["optional-dependencies"]):
            item.marker = None
            lines.append(f"{item}\n")
        wanted.write_text("".join(lines), encoding="utf-8")
        started[machine, python] = subprocess.Popen(
            [*command, f"--python-platform={machine.uv}", f"--python-version={python}", str(wanted)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | ({"MACOSX_DEPLOYMENT_TARGET": machine.macos} if machine.macos else {}),
        )
    yield started
    for process in started.values():
        process.kill()
        process.communicate()


@each
def test_wheels_of_everything_are_found(resolutions, machine, python, engines):
    process = resolutions[machine, python]
    out, err = process.communicate(timeout=300)
    # uv ends with 1 where nothing fits, and with 2 where it could not ask.
    if process.returncode not in {0, 1} or "network was disabled" in err:
        unanswered(err)
    assert process.returncode == 0, err
    found = {line.partition("==")[0] for line in out.splitlines()}
    assert found & ENGINES == engines
    assert {"rdkit", "pymatgen", "scipy"} <= found


def test_conda_brings_both_engines_and_pip_the_rest():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = {
        Requirement(line): line
        for line in environment["dependencies"]
        if "python=" not in line
        if isinstance(line, str)
    }
    lowest = {Requirement(line).name: str(Requirement(line).specifier) for line in PROJECT["dependencies"]}
    assert {item.name: str(item.specifier) for item in conda} == {
        "pip": "",
        "tblite-python": lowest["tblite"],
        "xtb-python": lowest["xtb"],
    }
    assert environment["dependencies"][-1] == {"pip": ["."]}


def without(monkeypatch, package, error):
    """As if the package were not installed, or broken."""
    importing = builtins.__import__

    def refusing(name, *args, **kwargs):
        if name.partition(".")[0] == package:
            raise error
        return importing(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    engine = f"echemscreen.engines.{package}"
    if engine in sys.modules:
        monkeypatch.delitem(sys.modules, engine)
    monkeypatch.setattr(builtins, "__import__", refusing)


@pytest.fixture(autouse=True)
def forgotten():
    get_engine.cache_clear()
    yield
    get_engine.cache_clear()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            ["tblite>=0.6; sys_platform == 'nowhere'"],
            r"no wheel for this machine \(.+, Python 3\.\d+\): install .*environment\.yml",
        ),
        (["tblite>=0.6"], r"not installed\. Install it with 'pip install tblite'\.$"),
    ],
)
def test_a_missing_engine_says_what_installs_it_here(monkeypatch, lines, says):
    monkeypatch.setattr(base, "requires", lambda _: lines)
    without(monkeypatch, "tblite", ModuleNotFoundError("No module named 'tblite'", name="tblite"))
    with pytest.raises(MissingEngineError, match=says) as caught:
        get_engine("tblite")
    assert "\n" not in str(caught.value)


def test_an_engine_that_does_not_load_says_why(monkeypatch):
    # What tblite raises on a system without libgomp.
    error = ImportError("tblite C extension unimportable, cannot use C-API")
    error.__cause__ = ImportError("libgomp.so.1: cannot open shared object file: No such file or directory")
    without(monkeypatch, "tblite", error)
    with pytest.raises(MissingEngineError, match=r"does not load: libgomp\.so\.1: .*environment\.yml"):
        get_engine("tblite")


def test_pyscf_has_no_build_for_windows_and_says_what_has_it(monkeypatch):
    monkeypatch.setattr(
        base, "requires", lambda _: ["pyscf>=2.6; sys_platform == 'nowhere' and extra == 'refined'"]
    )
    without(monkeypatch, "pyscf", ModuleNotFoundError("No module named 'pyscf'", name="pyscf"))
    with pytest.raises(MissingEngineError, match="image of the Dockerfile"):
        get_engine("pyscf")


def test_a_screen_without_its_engine_is_one_sentence(tmp_path):
    blocked = tmp_path / "blocked" / "tblite"
    blocked.mkdir(parents=True)
    (blocked / "__init__.py").write_text(
        "raise ModuleNotFoundError('No module named tblite')\n", encoding="utf-8"
    )
    (tmp_path / "list.smi").write_text("CCCCN amine\n", encoding="utf-8")
    path = os.pathsep.join([str(blocked.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "echemscreen", "screen", "list.smi", "--qd", "CdSe:3.0", "--workers", "1"],
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("echemscreen: The engine tblite needs the package tblite,")
    assert done.stderr.count("\n") == 1
