"""Excited singlets by INDO/S with single excitations, in numpy: nothing to install, seconds a molecule.

The Hamiltonian is the spectroscopic INDO of J. Ridley and M. Zerner, Theor. Chim. Acta 32, 111 (1973):
a minimal valence basis of Slater functions, one-centre Slater-Condon integrals, two-centre repulsions
by the Mataga-Nishimoto-Weiss formula, sigma and pi overlaps scaled by 1.267 and 0.585, parametrised
for configuration interaction of single excitations. It is preferred to its alternatives because

- TD-DFTB (``scine-sparrow`` 5.2) has wheels for Linux on x86-64 and up to Python 3.12 only, no
  parameters for silicon, and its monopole transition charges give an n->pi* band, the very band
  of a diazirine, no intensity;
- a simplified Tamm-Dancoff treatment on GFN2-xTB orbitals inherits their semilocal gap;
- TDA of PySCF takes a quarter of an hour for a crosslinker before the first excitation.

Parameters are the rows of ``ligand_library/indo_parameters.csv``. Energies in eV inside, lengths in
bohr; no solvent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase.units import Hartree

from echemscreen.engines.base import check_parity
from echemscreen.engines.indo_integrals import Basis, indo_parameters
from echemscreen.errors import ConvergenceError, EngineError, InputError
from echemscreen.records.molecules import FloatArray, Geometry

#: Configurations further up than this (diagonal energy, eV) are left out, and at most so many kept.
CONFIGURATION_WINDOW_EV = 12.0
MAX_CONFIGURATIONS = 1500

#: Added to the empty orbitals of an azide group, eV. INDO/S leaves out what keeps the bent and the
#: delta-like states of a cumulated N3 apart, and puts the first band of methyl azide at 2.4 eV
#: (measured 4.3); mixed with a ring's states it then lends them intensity that is not there. The
#: shift puts that band right; between 1.5 and 2.5 eV strong bands of aryl azides move by 0.1 eV.
AZIDE_SHIFT_EV = 2.0
_NN_BOND_ANG = 1.4

_MAX_CYCLES = 300
_COMMUTATOR_TOLERANCE_EV = 1e-6
_DIIS_VECTORS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Excitation:
    """One vertical excitation to a singlet.

    ``rotation`` tells n->pi* from pi->pi*: how much of the one-centre part of the transition density
    turns an orbital of an atom into another one instead of charging the atom. It is near 0 for
    pi->pi* and of the order of 1 for n->pi*; neither the order of the atoms nor the axes matter.
    """

    energy_ev: float
    oscillator_strength: float
    rotation: float
    rotation_shares: tuple[float, ...]
    """Share of each atom in the rotation, in the order of the atoms."""


def excitations(geometry: Geometry, *, charge: int, n_states: int) -> tuple[Excitation, ...]:
    """The lowest singlet excitations of a closed shell at a fixed geometry, lowest first.

    Raises
    ------
    InputError
        if an element has no parameters.
    EngineError
        if the electrons are not paired.
    ConvergenceError
        if the self-consistent field does not converge.
    """
    known = indo_parameters()
    unknown = sorted(set(geometry.symbols) - set(known))
    if unknown:
        raise InputError(
            f"INDO/S has no parameters for {', '.join(unknown)}.",
            f"Spectra are computed for molecules of {', '.join(known)}.",
        )
    check_parity(geometry.symbols, charge, 0)
    basis = Basis.of(geometry, tuple(known[symbol] for symbol in geometry.symbols))
    n_occupied = (sum(known[symbol].valence_electrons for symbol in geometry.symbols) - charge) // 2
    n_virtual = len(basis.atom) - n_occupied
    if n_occupied < 1 or n_virtual < 1:
        raise EngineError(
            "A molecule without an occupied or an empty valence level has no excitation.",
            "Check its charge.",
        )
    orbital_ev, coefficients = _self_consistent_field(basis, n_occupied)
    orbital_ev, coefficients = _shifted(basis, geometry, orbital_ev, coefficients, n_occupied)
    return _singles(basis, orbital_ev, coefficients, n_occupied, n_states)


def _azide_atoms(geometry: Geometry) -> tuple[int, ...]:
    """Atoms of every N-N-N chain, by distance."""
    nitrogen = [index for index, symbol in enumerate(geometry.symbols) if symbol == "N"]
    positions = np.asarray(geometry.positions_ang)
    found: set[int] = set()
    for middle in nitrogen:
        ends = [
            n
            for n in nitrogen
            if n != middle and np.linalg.norm(positions[n] - positions[middle]) < _NN_BOND_ANG
        ]
        if len(ends) == 2:  # noqa: PLR2004 - both ends of the chain
            found |= {middle, *ends}
    return tuple(sorted(found))


def _shifted(
    basis: Basis, geometry: Geometry, orbital_ev: FloatArray, coefficients: FloatArray, n_occupied: int
) -> tuple[FloatArray, FloatArray]:
    """Raise the empty orbitals of N3 groups by ``AZIDE_SHIFT_EV``; occupied ones stay as they are."""
    on_azide = np.isin(basis.atom, _azide_atoms(geometry)).astype(float)
    if not on_azide.any():
        return orbital_ev, coefficients
    empty = coefficients[:, n_occupied:]
    fock = np.diag(orbital_ev[n_occupied:]) + AZIDE_SHIFT_EV * (empty.T * on_azide) @ empty
    levels, rotation = np.linalg.eigh(fock)
    return (
        np.concatenate([orbital_ev[:n_occupied], levels]),
        np.hstack([coefficients[:, :n_occupied], empty @ rotation]),
    )


def _self_consistent_field(basis: Basis, n_occupied: int) -> tuple[FloatArray, FloatArray]:
    """Orbital energies (eV) and coefficients of the closed-shell ground state, by DIIS from the core."""
    density = np.zeros_like(basis.core_ev)
    density[np.diag_indices_from(density)] = [
        basis.parameters[a].valence_electrons / (1 if basis.parameters[a].g1_ev is None else 4)
        for a in basis.atom
    ]
    focks: list[FloatArray] = []
    errors: list[FloatArray] = []
    for cycle in range(_MAX_CYCLES):
        fock = _fock_ev(basis, density)
        error = fock @ density - density @ fock
        # The start density is no determinant's, so its commutator says nothing yet.
        if cycle and float(np.abs(error).max()) < _COMMUTATOR_TOLERANCE_EV:
            orbital_ev, coefficients = np.linalg.eigh(fock)
            return orbital_ev, coefficients
        if cycle:
            focks, errors = [*focks, fock][-_DIIS_VECTORS:], [*errors, error][-_DIIS_VECTORS:]
            fock = _extrapolated(focks, errors)
        occupied = np.linalg.eigh(fock)[1][:, :n_occupied]
        density = 2.0 * occupied @ occupied.T
    raise ConvergenceError(
        f"The INDO/S field did not converge in {_MAX_CYCLES} cycles.",
        "Relax the geometry first, or screen a smaller model of the molecule.",
    )


def _fock_ev(basis: Basis, density: FloatArray) -> FloatArray:
    same = basis.atom[:, None] == basis.atom[None]
    populations = np.diag(density)
    gross = np.bincount(basis.atom, weights=populations)
    others = basis.gamma_ev @ gross - np.diag(basis.gamma_ev) * gross
    own = np.where(same, basis.repulsion_ev, 0.0)
    coulomb = own @ populations + others[basis.atom]
    fock: FloatArray = basis.core_ev - 0.5 * density * basis.repulsion_ev
    # Off the diagonal of one atom: P (3/2 K - 1/2 J); on it the exchange with the atom's other functions.
    fock = fock + 1.5 * density * basis.exchange_ev
    fock[np.diag_indices_from(fock)] += coulomb - 0.5 * basis.exchange_ev @ populations
    return fock


def _extrapolated(focks: list[FloatArray], errors: list[FloatArray]) -> FloatArray:
    size = len(focks)
    system = -np.ones((size + 1, size + 1))
    system[size, size] = 0.0
    system[:size, :size] = [[float(np.vdot(e, f)) for f in errors] for e in errors]
    target = np.zeros(size + 1)
    target[size] = -1.0
    scale = max(float(np.abs(system[:size, :size]).max()), 1e-300)
    system[:size, :size] /= scale
    weights = np.linalg.lstsq(system, target, rcond=1e-13)[0][:size]
    mixed: FloatArray = np.tensordot(weights, np.array(focks), axes=1)
    return mixed


def _singles(
    basis: Basis, orbital_ev: FloatArray, coefficients: FloatArray, n_occupied: int, n_states: int
) -> tuple[Excitation, ...]:
    """Configuration interaction of the single excitations within the window."""
    occupied, virtual = coefficients[:, :n_occupied], coefficients[:, n_occupied:]
    gap = orbital_ev[n_occupied:][None, :] - orbital_ev[:n_occupied][:, None]
    first, second, metric = _pairs(basis)
    dens_ii = _densities(occupied, occupied, first, second, paired=True)
    dens_aa = _densities(virtual, virtual, first, second, paired=True)
    diagonal = gap - dens_ii @ metric @ dens_aa.T
    order = np.argsort(diagonal, axis=None, kind="stable")
    kept = order[diagonal.ravel()[order] < max(CONFIGURATION_WINDOW_EV, diagonal.ravel()[order[0]] + 1e-9)]
    kept = kept[:MAX_CONFIGURATIONS]
    i, a = np.unravel_index(kept, gap.shape)
    transition = _densities(occupied[:, i], virtual[:, a], first, second, paired=True)
    matrix = 2.0 * transition @ metric @ transition.T
    matrix -= _coulomb(basis, occupied, virtual, (i, a))
    matrix[np.diag_indices_from(matrix)] += gap[i, a]
    energies_ev, vectors = np.linalg.eigh(matrix)
    if energies_ev[0] <= 0:
        raise ConvergenceError(
            "The INDO/S ground state is not the lowest one at this geometry.", "Relax the geometry first."
        )
    found = []
    for state in range(min(n_states, len(energies_ev))):
        density = np.sqrt(2.0) * (occupied[:, i] * vectors[:, state]) @ virtual[:, a].T
        found.append(_excitation(basis, float(energies_ev[state]), density))
    return tuple(found)


def _pairs(basis: Basis) -> tuple[np.ndarray, np.ndarray, FloatArray]:
    """Index pairs of the products of functions that have integrals, and the integrals between them.

    The products m m carry ``repulsion``, the products m n of one atom ``exchange`` with themselves.
    """
    n = len(basis.atom)
    one, two = np.nonzero(np.triu(basis.exchange_ev))
    metric = np.zeros((n + len(one), n + len(one)))
    metric[:n, :n] = basis.repulsion_ev
    metric[np.arange(n, n + len(one)), np.arange(n, n + len(one))] = basis.exchange_ev[one, two]
    return np.concatenate([np.arange(n), one]), np.concatenate([np.arange(n), two]), metric


def _densities(
    left: FloatArray, right: FloatArray, first: np.ndarray, second: np.ndarray, *, paired: bool
) -> FloatArray:
    """Densities of orbital pairs on the products of functions; rows are pairs (all, or one by one)."""
    n = left.shape[0]
    subscripts = "mi,mi->im" if paired else "mi,mj->ijm"
    dens = np.einsum(subscripts, left[first], right[second])
    crossed = np.einsum(subscripts, left[second], right[first])
    dens[..., n:] += crossed[..., n:]
    result: FloatArray = dens
    return result


def _coulomb(
    basis: Basis, occupied: FloatArray, virtual: FloatArray, configurations: tuple[np.ndarray, np.ndarray]
) -> FloatArray:
    """(ij|ab) between the kept configurations, one pair of occupied orbitals at a time to save memory."""
    first, second, metric = _pairs(basis)
    i, a = configurations
    matrix = np.zeros((len(i), len(i)))
    used = np.unique(a)
    place = np.searchsorted(used, a)
    dens_ab = _densities(virtual[:, used], virtual[:, used], first, second, paired=False) @ metric
    rows = {int(orbital): np.flatnonzero(i == orbital) for orbital in np.unique(i)}
    for orbital, mine in rows.items():
        for other, theirs in rows.items():
            dens_ij = _densities(occupied[:, [orbital]], occupied[:, [other]], first, second, paired=True)[0]
            matrix[np.ix_(mine, theirs)] = (dens_ab @ dens_ij)[np.ix_(place[mine], place[theirs])]
    return matrix


def _excitation(basis: Basis, energy_ev: float, density: FloatArray) -> Excitation:
    """Oscillator strength and character from the transition density of a singlet."""
    dipole = np.diag(density) @ basis.positions_bohr[basis.atom]
    sizes: list[float] = []
    for a, row in enumerate(basis.parameters):
        own = np.flatnonzero(basis.atom == a)
        block = density[np.ix_(own, own)]
        symmetric = 0.5 * (block + block.T)
        sizes.append(max(0.0, float((symmetric**2).sum()) - float(np.trace(block)) ** 2))
        if len(own) > 1:
            # <s|x|px> of two Slater functions of one exponent.
            hybrid = (2 * row.principal + 1) / (2 * np.sqrt(3) * row.zeta)
            dipole = dipole + 2.0 * hybrid * symmetric[0, 1:]
    rotation = sum(sizes)
    return Excitation(
        energy_ev=energy_ev,
        oscillator_strength=2.0 / 3.0 * energy_ev / Hartree * float(dipole @ dipole),
        rotation=rotation,
        rotation_shares=tuple(size / rotation if rotation > 0 else 0.0 for size in sizes),
    )
