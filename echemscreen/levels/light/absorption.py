"""Absorption at the lamp: computed excitations, corrected by class of transition against spectra.

Vertical excitations come from INDO/S (:mod:`echemscreen.engines.indo`) at the GFN2-xTB geometry of the
neutral molecule. Each is put into a class by its transition density alone (``pi``; ``n_`` carbonyl,
conjugated ketone, diazirine, azide or other), shifted by the class's mean deviation from the bands of
``ligand_library/published_spectra.csv`` (``pi``: a straight line), and broadened to a Gaussian of full
width ``FWHM_EV``, which is fitted to whole spectra of other molecules
(:mod:`echemscreen.evidence.absorption_errors`). Intensities are corrected by one factor for allowed bands,
because single excitations overestimate them, and by a least oscillator strength for weak ones, because
vibrations lend them some. No crosslinker of Lu et al. (2022) is among the rows. Rows marked ``unverified``
are used only in a class that has no other row; ``spectra.absorption_errors`` says which those are.

The bands of ketones with donors on their rings (aminobenzophenones, thioxanthones, dienones) come out
0.3 to 0.5 eV too blue: their absorption at 365 and 405 nm is a lower estimate. The mean shift of the
azide class says little about its error: the level shift of the engine was chosen on the same band.

Not modelled: solvents (a polar one moves charge-transfer bands by up to 0.2 eV), vibrational
structure, and heavy-atom n->sigma* bands (those of C-I come out almost 1 eV too red).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import exp, log, sqrt
from typing import Any

import numpy as np
from ase.units import kB
from scipy.special import ndtr

from echemscreen.engines.indo import Excitation, excitations
from echemscreen.errors import InputError
from echemscreen.levels.light.contacts import neighbours
from echemscreen.levels.light.spectra import (
    EV_NM,
    FWHM_EV,
    STRONG_F,
    Kind,
    corrections,
    intensity,
    peak_epsilon,
)
from echemscreen.records.molecules import FloatArray, Geometry

#: A transition is n->pi* from this one-centre rotation on, unless it is strong.
N_ROTATION = 0.15

N_STATES = 30
#: Standard deviation of the decadic logarithm of a height: with it nine tenths of the measured coefficients
#: of ``absorption_curves.csv`` lie inside their 90 % intervals, as ``calibrate --absorption`` prints.
INTENSITY_SIGMA_DECADES = 0.40
#: A coefficient of nothing, L/mol/cm, whose logarithm is taken.
_DARK = 1e-3
_INTERVAL_SIGMAS = 1.645


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One corrected transition."""

    energy_ev: float
    sigma_ev: float
    oscillator_strength: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """Bands of one molecule, lowest first: plain numbers that can be stored."""

    bands: tuple[Band, ...]
    method: str = "INDO/S-CIS//GFN2-xTB, class-corrected"

    def epsilon_at(self, wavelength_nm: float, *, shift_sigmas: float = 0.0) -> float:
        """Molar decadic absorption coefficient in L/mol/cm.

        Parameters
        ----------
        wavelength_nm
            Vacuum wavelength, positive.
        shift_sigmas
            Move every band by so many of its standard deviations (positive to the blue).
        """
        if not wavelength_nm > 0:
            raise InputError(f"A lamp cannot have {wavelength_nm} nm.", "Give its wavelength in nm.")
        photon_ev = EV_NM / wavelength_nm
        return sum(_epsilon(band, photon_ev, shift_sigmas) for band in self.bands)

    def epsilon_quantiles(self, wavelength_nm: float, at_sigmas: Sequence[float]) -> tuple[float, ...]:
        """The coefficient at quantiles of its distribution, written as standard deviations of a normal one.

        All bands move together by their standard deviations, and the heights by
        ``INTENSITY_SIGMA_DECADES``: a mixture of normal distributions of log10 epsilon.
        """
        shifts = np.linspace(-3.0, 3.0, 25)
        weights = np.exp(-0.5 * shifts**2)
        logs = np.log10(
            [max(self.epsilon_at(wavelength_nm, shift_sigmas=float(shift)), _DARK) for shift in shifts]
        )
        grid = np.linspace(
            logs.min() - 5 * INTENSITY_SIGMA_DECADES, logs.max() + 5 * INTENSITY_SIGMA_DECADES, 601
        )
        below = ndtr((grid[:, None] - logs) / INTENSITY_SIGMA_DECADES) @ (weights / weights.sum())
        found = np.interp(np.asarray(ndtr(at_sigmas)), below, grid)
        return tuple(float(10.0**value) for value in np.atleast_1d(found))

    def epsilon_interval(self, wavelength_nm: float) -> tuple[float, float]:
        """Both ends of the 90 % interval of :meth:`epsilon_quantiles`; it holds the value itself."""
        low, high = self.epsilon_quantiles(wavelength_nm, (-_INTERVAL_SIGMAS, _INTERVAL_SIGMAS))
        value = self.epsilon_at(wavelength_nm)
        return min(low, value), max(high, value)

    @property
    def s1_ev(self) -> float | None:
        """Vertical energy of the lowest singlet, eV; ``None`` without a band."""
        return self.bands[0].energy_ev if self.bands else None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, without loss."""
        return asdict(self)


def absorption_spectrum(geometry: Geometry, *, charge: int = 0) -> Spectrum:
    """Compute the absorption spectrum of a closed-shell molecule.

    Parameters
    ----------
    geometry
        Relaxed with GFN2-xTB, without model-site atoms: what the correction was fitted to.
    charge
        Charge of the molecule; the electrons must be paired.

    Raises
    ------
    InputError
        for an element without INDO/S parameters.
    EngineError
        if the electrons are not paired or the field does not converge.
    """
    return spectrum_of(excitations(geometry, charge=charge, n_states=N_STATES), geometry)


def averaged_spectrum(
    spectra: Sequence[Spectrum], energies_ev: Sequence[float], *, temperature_k: float = 298.15
) -> Spectrum:
    """The spectrum of a mixture of conformers, each with Boltzmann's weight of its energy.

    Parameters
    ----------
    spectra, energies_ev
        Of the conformers, in the same order; the energies are electronic ones in the solvent, so that
        vibrations and the number of mirror images are left out.

    Examples
    --------
    >>> band = Band(energy_ev=3.4, sigma_ev=0.2, oscillator_strength=0.5, kind="pi")
    >>> one, other = Spectrum(bands=(band,)), Spectrum(bands=())
    >>> mixed = averaged_spectrum([one, other], [-0.2, -0.2])
    >>> round(mixed.epsilon_at(365) / one.epsilon_at(365), 3)
    0.5
    """
    weights = boltzmann_weights(energies_ev, temperature_k=temperature_k)
    bands = [
        replace(band, oscillator_strength=weight * band.oscillator_strength)
        for spectrum, weight in zip(spectra, weights, strict=True)
        for band in spectrum.bands
    ]
    count = f", Boltzmann mean of {len(spectra)} conformers" if len(spectra) > 1 else ""
    return Spectrum(
        bands=tuple(sorted(bands, key=lambda band: band.energy_ev)), method=f"{spectra[0].method}{count}"
    )


def boltzmann_weights(energies_ev: Sequence[float], *, temperature_k: float = 298.15) -> FloatArray:
    """Shares of states in equilibrium; they add up to one."""
    energies = np.asarray(energies_ev, dtype=np.float64)
    factors = np.exp(-(energies - energies.min()) / (kB * temperature_k))
    return np.asarray(factors / factors.sum())


def spectrum_of(states: Sequence[Excitation], geometry: Geometry) -> Spectrum:
    """Put computed excitations into classes and correct them."""
    return corrected_spectrum(
        [(state.energy_ev, state.oscillator_strength, transition_kind(state, geometry)) for state in states]
    )


def corrected_spectrum(transitions: Sequence[tuple[float, float, Kind]]) -> Spectrum:
    """The spectrum of computed transitions: energy in eV, oscillator strength and class of each."""
    rules = corrections()
    factor, least = intensity()
    bands = []
    for energy_ev, computed, kind in transitions:
        rule = rules[kind]
        strength = computed * (factor if computed >= STRONG_F else 1.0)
        bands.append(
            Band(
                energy_ev=rule.intercept_ev + rule.slope * energy_ev,
                sigma_ev=rule.sigma_ev,
                oscillator_strength=max(strength, least["pi" if kind == "pi" else "n"]),
                kind=kind,
            )
        )
    return Spectrum(bands=tuple(sorted(bands, key=lambda band: band.energy_ev)))


def transition_kind(state: Excitation, geometry: Geometry) -> Kind:
    """The class of a transition, from its transition density and the neighbours of its main atom."""
    if state.rotation < N_ROTATION or state.oscillator_strength >= STRONG_F:
        return "pi"
    main = int(np.argmax(state.rotation_shares))
    symbols = geometry.symbols
    if symbols[main] == "O":
        return "n_conjugated_ketone" if _is_conjugated_ketone(main, geometry) else "n_carbonyl"
    if symbols[main] == "N":
        near = neighbours(geometry)
        if any(_is_azide(atom, symbols, near) for atom in (main, *near[main])):
            return "n_azide"
        if any(symbols[b] == "N" and near[main] & near[b] for b in near[main]):
            return "n_diazirine"
    return "n_other"


def assigned_state(states: Sequence[Excitation], geometry: Geometry, band: str) -> tuple[Excitation, Kind]:
    """The computed state that belongs to a measured band, by the rules of ``PublishedSpectrum``.

    Raises
    ------
    InputError
        if there is none, or the rule is unknown.
    """
    for state in states:
        kind = transition_kind(state, geometry)
        fits = {
            "pi_strong": state.oscillator_strength >= STRONG_F,
            "pi_weak": kind == "pi",
            "n_pi": kind != "pi",
        }
        if band not in fits:
            raise InputError(f"Unknown kind of band '{band}'.", f"Known: {', '.join(fits)}.")
        if fits[band]:
            return state, kind
    raise InputError(f"No computed state is a '{band}' band.", "Check the molecule of the row.")


def _epsilon(band: Band, photon_ev: float, shift_sigmas: float) -> float:
    width_ev = FWHM_EV / (2 * sqrt(2 * log(2)))
    offset = (photon_ev - band.energy_ev - shift_sigmas * band.sigma_ev) / width_ev
    return peak_epsilon(band.oscillator_strength) * exp(-0.5 * offset * offset)


def _is_azide(atom: int, symbols: Sequence[str], near: dict[int, set[int]]) -> bool:
    """The middle of an N-N-N chain."""
    return symbols[atom] == "N" and sum(symbols[b] == "N" for b in near[atom]) >= 2  # noqa: PLR2004


def _is_conjugated_ketone(oxygen: int, geometry: Geometry) -> bool:
    """An oxygen on a carbon that has only C and H besides, one of these a flat (three-coordinate) carbon."""
    near, symbols = neighbours(geometry), geometry.symbols
    if len(near[oxygen]) != 1:
        return False
    (carbon,) = near[oxygen]
    others = near[carbon] - {oxygen}
    if symbols[carbon] != "C" or not {symbols[b] for b in others} <= {"C", "H"}:
        return False
    return any(symbols[b] == "C" and len(near[b]) == 3 for b in others)  # noqa: PLR2004 - sp2
