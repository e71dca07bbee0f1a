"""The OpenBLAS that tblite is given: found, on one thread, and no number moves by more than rounding."""

import ctypes
import json
import subprocess
import sys

import pytest

from echemscreen.engines import blas, tblite

_LADDER = """
import json, sys
from echemscreen.engines import blas
if sys.argv[1] == "without":
    blas.load_openblas = lambda: ""
from ase.build import molecule
from echemscreen.engines.base import get_engine
from echemscreen.records.molecules import Geometry
atoms = molecule("C6H6")
geometry = Geometry(symbols=tuple(atoms.get_chemical_symbols()), positions_ang=atoms.positions)
engine = get_engine("tblite")
found = []
for hamiltonian in ("GFN2-xTB", "IPEA1-xTB"):
    for charge, unpaired in ((0, 0), (1, 1), (-1, 1)):
        method = engine.method(hamiltonian, "acetonitrile")
        point = engine.single_point(geometry, charge=charge, n_unpaired=unpaired, method=method)
        found.append([point.energy_ev, point.homo_ev, point.lumo_ev])
print(json.dumps(found))
"""


def _ladder(which):
    done = subprocess.run([sys.executable, "-c", _LADDER, which], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


@pytest.mark.skipif(not tblite.OPENBLAS, reason="no OpenBLAS is at hand")
def test_energies_are_those_of_the_reference_library():
    for with_it, without in zip(_ladder("with"), _ladder("without"), strict=True):
        assert with_it == pytest.approx(without, abs=1e-6)


@pytest.mark.skipif(not tblite.OPENBLAS, reason="no OpenBLAS is at hand")
def test_it_computes_on_one_thread():
    assert ctypes.CDLL(tblite.OPENBLAS).openblas_get_num_threads() == 1


def test_without_any_tblite_keeps_its_own(monkeypatch, tmp_path):
    monkeypatch.setattr(blas, "_SYSTEM", "libno-such-library.so.0")
    monkeypatch.setattr(blas, "_IN_WHEELS", (("no_such_package", "lib"), ("json", str(tmp_path))))
    assert blas.load_openblas() == ""


def test_what_is_no_library_is_passed_over(monkeypatch, tmp_path):
    for name in ("libquadmath-1.so", "libgfortran-1.so", "libopenblas-1.so"):
        (tmp_path / name).write_bytes(b"no library")
    monkeypatch.setattr(blas, "_SYSTEM", "libno-such-library.so.0")
    monkeypatch.setattr(blas, "_IN_WHEELS", (("json", str(tmp_path)),))
    assert blas.load_openblas() == ""


def test_elsewhere_than_on_linux_nothing_is_looked_for(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert blas.load_openblas() == ""
