"""PySCF in process: density-functional single points with C-PCM solvation, for reference values.

PBE0 (C. Adamo and V. Barone, J. Chem. Phys. 110, 6158 (1999)) in def2 bases (F. Weigend and
R. Ahlrichs, Phys. Chem. Chem. Phys. 7, 3297 (2005); diffuse functions of the D sets, D. Rappoport
and F. Furche, J. Chem. Phys. 133, 134105 (2010); minimal augmentation, J. Zheng, X. Xu and D. G. Truhlar,
Theor. Chem. Acc. 128, 295 (2011)) with density fitting. The solvent is a conductor around the molecule,
discretised with switched Gaussians (A. W. Lange and J. M. Herbert, J. Chem.
Phys. 133, 244111 (2010)); its permittivity is that of the Minnesota solvent descriptors (A. V.
Marenich, C. J. Cramer and D. G. Truhlar, J. Phys. Chem. B 113, 6378 (2009)) as tabulated in PySCF.
PySCF: Q. Sun et al., J. Chem. Phys. 153, 024109 (2020).

A single point runs on a graphics card where gpu4pyscf and a card are there; forces do not.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from ase.data import atomic_numbers
from ase.units import Bohr, Debye, Hartree

from echemscreen.engines.base import check_parity, frontier_ev, missing_engine
from echemscreen.errors import ConvergenceError, EngineError, InputError
from echemscreen.records.levels import Method, SinglePoint
from echemscreen.records.molecules import FloatArray, Geometry

try:
    from pyscf import df, dft, gto, lib
    from pyscf.scf.hf import mulliken_meta
    from pyscf.scf.uhf import mulliken_meta_spin
    from pyscf.solvent import pcm
    from pyscf.solvent.smd import solvent_db
except ImportError as error:
    # Neither the package index nor conda-forge has it for Windows.
    raise missing_engine(
        error, "pyscf", "pyscf", extra="refined", elsewhere="the image of the Dockerfile"
    ) from error

_LOG = logging.getLogger("echemscreen.engines")

FUNCTIONALS = ("PBE0",)
#: The diffuse set is needed by anions: it lowers phenyl azide's vertical anion by 0.2 eV.
BASES = ("def2-SVP", "def2-SVPD", "ma-def2-SVP")
#: Behind a basis: the coarse grids of the refined tier.
COARSE = "coarse"
HAMILTONIANS = frozenset(
    f"{functional}/{basis}{suffix}"
    for functional in FUNCTIONALS
    for basis in BASES
    for suffix in ("", f"/{COARSE}")
)
#: Fits the densities of every def2 basis (F. Weigend, J. Comput. Chem. 29, 167 (2008)); that of the library
#: for a minimally augmented basis is a series twice as long.
_AUXILIARY = {"ma-def2-SVP": "def2-universal-jkfit"}

#: Our solvent names, and PySCF's.
SOLVENTS = {
    "acetone": "acetone",
    "acetonitrile": "acetonitrile",
    "benzene": "benzene",
    "chloroform": "chloroform",
    "dichloromethane": "dichloromethane",
    "diethylether": "diethylether",
    "dmf": "N,N-dimethylformamide",
    "dmso": "dimethylsulfoxide",
    "hexane": "n-hexane",
    "methanol": "methanol",
    "thf": "tetrahydrofuran",
    "toluene": "toluene",
    "water": "water",
}
#: Column of the relative permittivity in a row of PySCF's solvent table.
_PERMITTIVITY_COLUMN = 5

SOLVATION = "cpcm"

#: Charge-state differences agree with level 3 within 1 meV (methyl azide, methyldiazirine).
GRID_LEVEL = 1
SCF_TOLERANCE_HARTREE = 1e-6
#: 110 points on an atom's sphere; 302 points move every reduction by the same 0.01 to 0.015 eV.
LEBEDEV_ORDER = 17
#: The same of coarse grids: 50 points; charge-state differences move by 0.04 V at most, anchored away.
COARSE_GRID_LEVEL, COARSE_LEBEDEV_ORDER = 0, 11
#: Elements from here on have an effective core in the def2 sets.
_FIRST_EFFECTIVE_CORE = atomic_numbers["Rb"]
#: Potential integrals up to this size are kept from one iteration to the next, bytes.
_STORED_BYTES = 2_000_000_000
#: Nuclei nearer than this are one point by mistake, angstrom.
_CLOSEST_ANG = 0.1


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One step of the retry ladder."""

    name: str
    cycles: int
    level_shift_hartree: float = 0.0
    second_order: bool = False


#: Tried in order until one converges, each from the start density of superposed atoms.
RETRIES = (
    _Attempt("plain", 60),
    _Attempt("level shift 0.3 hartree", 200, level_shift_hartree=0.3),
    _Attempt("second-order", 60, second_order=True),
)


class PyscfEngine:
    """Single points by PySCF; see the module docstring."""

    name = "pyscf"
    hamiltonians = HAMILTONIANS

    solvents = frozenset(SOLVENTS)

    @property
    def version(self) -> str:
        """Version of the installed PySCF."""
        return version("pyscf")

    def method(self, hamiltonian: str, solvent: str) -> Method:
        """C-PCM for a solvent name, vacuum for an empty one."""
        solvent = solvent.strip().lower()
        return Method(hamiltonian=hamiltonian, solvent=solvent, solvation=SOLVATION if solvent else "")

    def check(self, method: Method) -> None:
        """Refuse unknown Hamiltonians, solvents and solvation models."""
        if method.hamiltonian not in HAMILTONIANS:
            raise InputError(
                f"The engine pyscf has no Hamiltonian '{method.hamiltonian}'.",
                f"Known: {', '.join(sorted(HAMILTONIANS))}.",
            )
        if method.solvent and method.solvent not in SOLVENTS:
            raise InputError(
                f"Unknown solvent '{method.solvent}'.", f"Known solvents: {', '.join(sorted(SOLVENTS))}."
            )
        if method.solvent and method.solvation != SOLVATION:
            raise InputError(
                f"Unknown solvation model '{method.solvation}'.", f"The engine pyscf offers {SOLVATION}."
            )

    def single_point(
        self, geometry: Geometry, *, charge: int, n_unpaired: int, method: Method
    ) -> SinglePoint:
        """One self-consistent field from superposed atoms.

        Atomic charges are populations of meta-Lowdin orbitals (Q. Sun and G. K.-L. Chan, J. Chem.
        Theory Comput. 10, 3784 (2014)), which diffuse functions do not spoil. Orbital energies of
        an open shell are those of the channel in which the level is occupied or, for the lowest
        empty one, of the majority channel.
        """
        self.check(method)
        mol = _mole(geometry.symbols, geometry.positions_ang, charge, n_unpaired, method)
        with lib.with_omp_threads(1):
            field, retries = _converge(mol, method, on_gpu=_has_gpu())
            occupations, orbital_ev = _array(field.mo_occ), _array(field.mo_energy) * Hartree
            density, overlap = _array(field.make_rdm1()), mol.intor_symmetric("int1e_ovlp")
            spins: tuple[float, ...] = ()
            if density.ndim == 3:  # noqa: PLR2004 - two spin channels
                spins = tuple(float(n) for n in mulliken_meta_spin(mol, density, verbose=0, s=overlap)[1])
                density = density.sum(axis=0)
            charges = mulliken_meta(mol, density, verbose=0, s=overlap)[1]
            electrons = np.einsum("xpq,qp->x", mol.intor_symmetric("int1e_r", comp=3), density)
        dipole = (mol.atom_charges() @ mol.atom_coords() - electrons) * Bohr / Debye
        homo_ev, lumo_ev, somo_ev = _frontier_ev(orbital_ev, occupations)
        return SinglePoint(
            method=method,
            charge=charge,
            n_unpaired=n_unpaired,
            energy_ev=float(field.e_tot) * Hartree,
            homo_ev=homo_ev,
            lumo_ev=lumo_ev,
            somo_ev=somo_ev,
            dipole_debye=(float(dipole[0]), float(dipole[1]), float(dipole[2])),
            atomic_charges=tuple(float(q) for q in charges),
            atomic_spins=spins,
            retries=retries,
        )

    def n_functions(self, symbols: Sequence[str], method: Method) -> int:
        """Basis functions of a molecule of these elements."""
        basis = method.hamiltonian.split("/")[1]
        numbers = {
            symbol: int(gto.M(atom=f"{symbol} 0 0 0", basis=basis, spin=None, verbose=0).nao)
            for symbol in set(symbols)
        }
        return sum(numbers[symbol] for symbol in symbols)

    def part_energy_ev(self, geometry: Geometry, atoms: Sequence[int], method: Method) -> tuple[float, float]:
        """Energy in eV of a closed-shell, neutral part of a geometry: in its own basis, and in everyone's.

        The difference is the superposition error of that part (S. F. Boys and F. Bernardi, Mol. Phys.
        19, 553 (1970)). In vacuum: a continuum has no cavity around atoms that are not there.
        """
        own = [geometry.symbols[index] for index in atoms]
        positions = np.asarray(geometry.positions_ang)
        bare = replace(method, solvent="", solvation="")
        alone = _mole(own, positions[list(atoms)], 0, 0, bare)
        ghosts = [
            symbol if index in set(atoms) else f"ghost-{symbol}"
            for index, symbol in enumerate(geometry.symbols)
        ]
        basis = method.hamiltonian.split("/")[1]
        within = gto.M(
            atom=list(zip(ghosts, positions.tolist(), strict=True)),
            basis=basis,
            ecp={s: basis for s in own if atomic_numbers[s] >= _FIRST_EFFECTIVE_CORE},
            verbose=0,
        )
        with lib.with_omp_threads(1):
            energies = [
                float(_converge(mol, bare, on_gpu=False)[0].e_tot) * Hartree for mol in (alone, within)
            ]
        return energies[0], energies[1]

    def surface(
        self, symbols: Sequence[str], *, charge: int, n_unpaired: int, method: Method
    ) -> _PyscfSurface:
        """A surface with analytical gradients; each step starts anew, as the grid moves with it."""
        self.check(method)
        return _PyscfSurface(tuple(symbols), charge, n_unpaired, method)


class _PyscfSurface:
    def __init__(self, symbols: tuple[str, ...], charge: int, n_unpaired: int, method: Method) -> None:
        self._symbols, self._charge, self._n_unpaired, self._method = symbols, charge, n_unpaired, method

    def energy_and_forces(self, positions_ang: FloatArray) -> tuple[float, FloatArray]:
        """Energy in eV and forces in eV/angstrom at new positions."""
        mol = _mole(self._symbols, positions_ang, self._charge, self._n_unpaired, self._method)
        with lib.with_omp_threads(1):
            field, _ = _converge(mol, self._method, on_gpu=False)
            gradient = field.nuc_grad_method()
            # Without the response of the quadrature weights, forces on this small grid are noise.
            gradient.grid_response = True
            forces = -np.asarray(gradient.kernel()) * Hartree / Bohr
        if not np.isfinite(forces).all():
            raise EngineError("PySCF returned forces that are no numbers.", "Try another start geometry.")
        return float(field.e_tot) * Hartree, forces


class _StoredPotential(pcm.PCM):  # type: ignore[misc]  # PySCF ships no types
    """The library's C-PCM with its integrals kept between iterations.

    The potential of every pair of basis functions on the cavity does not change while a field
    converges. The library computes it twice in each iteration, more than half the time of a small
    molecule in a diffuse basis.
    """

    _keys = {"stored"}  # noqa: RUF012 - the library collects its attribute names so

    def __init__(self, mol: Any) -> None:  # noqa: ANN401
        super().__init__(mol)
        self.stored: FloatArray | None = None

    def build(self, ng: int | None = None) -> None:
        super().build(ng)
        self.stored = None
        n_pairs = self.mol.nao * (self.mol.nao + 1) // 2
        if n_pairs * len(self.surface["grid_coords"]) * 8 <= _STORED_BYTES:
            probes = gto.fakemol_for_charges(
                self.surface["grid_coords"], expnt=self.surface["charge_exp"] ** 2
            )
            self.stored = df.incore.aux_e2(self.mol, probes, intor="int3c2e", aosym="s2ij")

    def _get_v(self, dms: FloatArray) -> FloatArray:
        if self.stored is None:
            return np.asarray(super()._get_v(dms))
        both = dms + dms.transpose(0, 2, 1)
        diagonal = np.arange(dms.shape[-1])
        both[:, diagonal, diagonal] /= 2
        return np.asarray(lib.pack_tril(both) @ self.stored)

    def _get_vmat(self, q: FloatArray) -> FloatArray:
        if self.stored is None:
            return np.asarray(super()._get_vmat(q))
        packed = -(q.reshape(-1, self.stored.shape[1]) @ self.stored.T)
        return np.asarray(lib.unpack_tril(packed)).reshape(-1, self.mol.nao, self.mol.nao)


def _mole(
    symbols: Sequence[str], positions_ang: FloatArray, charge: int, n_unpaired: int, method: Method
) -> Any:  # noqa: ANN401 - PySCF ships no types
    check_parity(symbols, charge, n_unpaired)
    positions = np.asarray(positions_ang)
    apart = np.linalg.norm(positions[:, None] - positions[None, :], axis=-1)
    if (apart[np.triu_indices(len(symbols), k=1)] < _CLOSEST_ANG).any():
        raise EngineError("pyscf refuses the calculation: two atoms coincide.", "Try another start geometry.")
    basis = method.hamiltonian.split("/")[1]
    cores = {s: basis.removeprefix("ma-") for s in symbols if atomic_numbers[s] >= _FIRST_EFFECTIVE_CORE}
    try:
        with warnings.catch_warnings():
            # Of an element without basis the library warns, and then raises.
            warnings.simplefilter("ignore", UserWarning)
            return gto.M(
                atom=list(zip(symbols, positions.tolist(), strict=True)),
                basis=basis,
                ecp=cores,
                charge=charge,
                spin=n_unpaired,
                verbose=0,
            )
    except (RuntimeError, KeyError) as error:
        raise EngineError(f"pyscf refuses the calculation: {_words(error)}.") from error


def _converge(
    mol: Any,  # noqa: ANN401
    method: Method,
    *,
    on_gpu: bool,
    attempts: Sequence[_Attempt] = RETRIES,
) -> tuple[Any, tuple[str, ...]]:
    """Climb the retry ladder until the field converges; name the step that was needed."""
    for index, attempt in enumerate(attempts):
        field = _field(mol, method, on_gpu=on_gpu)
        field.max_cycle, field.level_shift = attempt.cycles, attempt.level_shift_hartree
        if attempt.second_order:
            field = field.newton()
        try:
            field.kernel()
        except (RuntimeError, np.linalg.LinAlgError) as error:
            raise EngineError(f"pyscf failed: {_words(error)}.") from error
        if field.converged and np.isfinite(float(field.e_tot)):
            return field, (attempt.name,) if index else ()
        _LOG.info("SCF attempt '%s' did not converge", attempt.name)
    raise ConvergenceError(
        f"The self-consistent field did not converge after {len(attempts)} attempts.",
        "Check the charge and the structure; a smaller model of the molecule may work.",
    )


def _field(mol: Any, method: Method, *, on_gpu: bool) -> Any:  # noqa: ANN401
    functional = method.hamiltonian.split("/")[0]
    basis, _, coarse = method.hamiltonian.partition("/")[2].partition("/")
    field = (dft.UKS if mol.spin else dft.RKS)(mol, xc=functional).density_fit(auxbasis=_AUXILIARY.get(basis))
    field.grids.level = COARSE_GRID_LEVEL if coarse else GRID_LEVEL
    field.conv_tol = SCF_TOLERANCE_HARTREE
    field.chkfile = None
    if method.solvent:
        # The card's library has a model of its own, found by the name of the class.
        field = field.PCM(pcm.PCM(mol) if on_gpu else _StoredPotential(mol))
        field.with_solvent.method = "C-PCM"
        field.with_solvent.lebedev_order = COARSE_LEBEDEV_ORDER if coarse else LEBEDEV_ORDER
        field.with_solvent.eps = solvent_db[SOLVENTS[method.solvent]][_PERMITTIVITY_COLUMN]
    return field.to_gpu() if on_gpu else field


def _has_gpu() -> bool:
    try:
        import cupy  # noqa: PLC0415 - optional, and slow to load
        import gpu4pyscf  # noqa: F401, PLC0415
    except ImportError:
        return False
    return bool(cupy.is_available())


def _array(values: Any) -> FloatArray:  # noqa: ANN401
    """A numpy array from one of this machine or of a graphics card."""
    return np.asarray(values.get() if hasattr(values, "get") else values)


def _frontier_ev(
    orbital_ev: FloatArray, occupations: FloatArray
) -> tuple[float | None, float | None, float | None]:
    if occupations.ndim == 1:
        return frontier_ev(orbital_ev, occupations)
    (majority_ev, minority_ev), (majority, minority) = orbital_ev, occupations > 0
    paired = int(minority.sum())
    somo = np.sort(majority_ev[majority])[paired:]
    return (
        float(minority_ev[minority].max()) if paired else None,
        float(majority_ev[~majority].min()) if not majority.all() else None,
        float(somo.max()) if somo.size else None,
    )


def _words(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
