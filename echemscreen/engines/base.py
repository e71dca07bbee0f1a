"""What an engine is, and where engines are found.

An engine computes single points of molecules in eV and angstrom. It satisfies :class:`Engine`;
third parties register theirs under the entry-point group ``echemscreen.engines`` (a callable that
returns an engine). Engines are imported when they are asked for, never before.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points, requires
from typing import Protocol, runtime_checkable

from ase.data import atomic_numbers
from packaging.requirements import Requirement

from echemscreen.errors import EngineError, InputError, MissingEngineError
from echemscreen.records.levels import Method, SinglePoint
from echemscreen.records.molecules import FloatArray, Geometry

ENTRY_POINT_GROUP = "echemscreen.engines"


@runtime_checkable
class Surface(Protocol):
    """A potential-energy surface of one charge state; it may keep its density between calls."""

    def energy_and_forces(self, positions_ang: FloatArray) -> tuple[float, FloatArray]:
        """Energy in eV and forces in eV/angstrom, shape (n_atoms, 3)."""
        ...


@runtime_checkable
class CountsFunctions(Protocol):
    """An engine with a basis: it tells how large a calculation will be."""

    def n_functions(self, symbols: Sequence[str], method: Method) -> int:
        """Basis functions of a molecule of these elements."""
        ...


@runtime_checkable
class RememberingSurface(Surface, Protocol):
    """A surface that can tell more of its last point: it saves a calculation after each relaxation."""

    def last_point(self) -> SinglePoint:
        """Orbitals, dipole and charges of the last call of ``energy_and_forces``."""
        ...


@runtime_checkable
class Engine(Protocol):
    """A program that computes single points."""

    @property
    def name(self) -> str:
        """Short name, as on the command line."""
        ...

    @property
    def version(self) -> str:
        """Version of the library behind it."""
        ...

    @property
    def hamiltonians(self) -> frozenset[str]:
        """Hamiltonians it offers, such as ``GFN2-xTB``."""
        ...

    @property
    def solvents(self) -> frozenset[str]:
        """Names of the implicit solvents it knows."""
        ...

    def method(self, hamiltonian: str, solvent: str) -> Method:
        """The level of theory for a solvent name, with this engine's solvation model."""
        ...

    def check(self, method: Method) -> None:
        """Refuse what cannot be computed, before anything runs.

        Raises
        ------
        InputError
            naming the known Hamiltonians or solvents.
        """
        ...

    def single_point(
        self, geometry: Geometry, *, charge: int, n_unpaired: int, method: Method
    ) -> SinglePoint:
        """One converged self-consistent field, independent of what was computed before.

        Raises
        ------
        ConvergenceError
            if it does not converge after every retry.
        EngineError
            for everything else that goes wrong in the engine.
        """
        ...

    def surface(self, symbols: Sequence[str], *, charge: int, n_unpaired: int, method: Method) -> Surface:
        """The surface on which one charge state is relaxed."""
        ...


#: The engines that come with the package, written as entry points: loaded when asked for.
_BUILT_IN = {
    "pyscf": "echemscreen.engines.pyscf:PyscfEngine",
    "tblite": "echemscreen.engines.tblite:TbliteEngine",
    "xtb": "echemscreen.engines.xtb:XtbEngine",
}


@lru_cache(maxsize=1)
def registered_engines() -> dict[str, EntryPoint]:
    """Where all engines are found, by name: those of the package and those of installed plug-ins.

    Raises
    ------
    EngineError
        if two of them share a name.
    """
    points = {
        name: EntryPoint(name=name, value=value, group=ENTRY_POINT_GROUP) for name, value in _BUILT_IN.items()
    }
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name in points:
            raise EngineError(f"Two engines are called '{point.name}'.", f"Uninstall {point.value}.")
        points[point.name] = point
    return points


@lru_cache(maxsize=8)
def get_engine(name: str) -> Engine:
    """The engine of a name.

    Raises
    ------
    InputError
        if there is no such engine.
    MissingEngineError
        if its library is not installed.
    """
    points = registered_engines()
    if name not in points:
        raise InputError(f"Unknown engine '{name}'.", f"Known engines: {', '.join(sorted(points))}.")
    engine: Engine = points[name].load()()
    return engine


def missing_engine(
    error: ImportError,
    engine: str,
    package: str,
    *,
    extra: str = "",
    elsewhere: str = "the conda environment of environment.yml",
) -> MissingEngineError:
    """What to raise when the library of an engine cannot be imported, with the way to have it here.

    Parameters
    ----------
    error
        What the import raised.
    package
        Its name on the package index. Our own metadata say for which machines it has a wheel (the
        markers of ``pyproject.toml``): there pip installs it.
    extra
        The extra of ours that asks for it, if one does.
    elsewhere
        Where the files of the repository install it.
    """
    repository = f"install echemscreen in {elsewhere}, which lies in its repository."
    if not isinstance(error, ModuleNotFoundError):
        # The wheel of tblite wants the system's libgomp, and names it in the cause only.
        return MissingEngineError(
            f"The engine {engine} is installed, but does not load: {error.__cause__ or error}.",
            f"Install the library that it names, or {repository}",
        )
    asked = [item for item in map(Requirement, requires("echemscreen") or ()) if item.name == package]
    if any(item.marker is None or item.marker.evaluate({"extra": extra}) for item in asked):
        return MissingEngineError(
            f"The engine {engine} needs the package {package}, which is not installed.",
            f"Install it with 'pip install {package}'.",
        )
    python = "{}.{}".format(*sys.version_info)
    return MissingEngineError(
        f"The engine {engine} needs the package {package}, which has no wheel for this machine"
        f" ({platform.system()} {platform.machine()}, Python {python}):",
        repository,
    )


def check_parity(symbols: Sequence[str], charge: int, n_unpaired: int) -> None:
    """Refuse a charge and spin that the number of electrons cannot have.

    Raises
    ------
    EngineError
        with the number of electrons.
    """
    electrons = sum(atomic_numbers[symbol] for symbol in symbols) - charge
    if electrons < n_unpaired or (electrons - n_unpaired) % 2:
        raise EngineError(
            f"{electrons} electrons cannot have {n_unpaired} unpaired ones.",
            "Check the charge and the spin of the species.",
        )


def frontier_ev(
    orbital_ev: FloatArray, occupations: FloatArray
) -> tuple[float | None, float | None, float | None]:
    """HOMO, LUMO and SOMO energies from the occupations, eV.

    The electronic temperature smears occupations, so levels are counted as doubly occupied above
    1.5, singly between 0.5 and 1.5 and empty below 0.5.

    Parameters
    ----------
    orbital_ev, occupations
        Shape (n_orbitals,), occupations between 0 and 2; or (2, n_orbitals) for two spin channels
        with occupations between 0 and 1.

    Returns
    -------
    tuple
        The highest doubly occupied, the lowest empty and the highest singly occupied level; each
        ``None`` where there is none.
    """
    if occupations.ndim == 2:  # noqa: PLR2004 - two spin channels
        # Orbitals pair by their order: channels differ by polarisation only.
        occupations = occupations.sum(axis=0)
        orbital_ev = orbital_ev.mean(axis=0) if orbital_ev.ndim == 2 else orbital_ev  # noqa: PLR2004
    double, single, empty = occupations > 1.5, (occupations > 0.5) & (occupations <= 1.5), occupations <= 0.5  # noqa: PLR2004
    return (
        float(orbital_ev[double].max()) if double.any() else None,
        float(orbital_ev[empty].min()) if empty.any() else None,
        float(orbital_ev[single].max()) if single.any() else None,
    )
