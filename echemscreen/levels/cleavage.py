r"""The potential at which an added electron breaks a bond, in one step with its arrival.

.. math:: E^0(\mathrm{RX + e^- \to R^\bullet + X^-}) = E^0(\mathrm{X^\bullet/X^-}) - (D - T\Delta S)/F + D_p/F

with the bond energy D (:mod:`~echemscreen.levels.bond_energies`), the entropy of two pieces and what is left
of the attraction between radical and anion in solution, :math:`D_p`. An onium ion sets a molecule free; its
own oxidation is then the couple. The wave of voltammetry lies further out, by the barrier of the dissociative
electron transfer (J.-M. Saveant, J. Am. Chem. Soc. 109, 6788 (1987); with an attraction of the pieces:
J.-M. Saveant, J. Phys. Chem. 98, 3716 (1994)):

.. math:: \Delta G_0^\ddagger = \tfrac14 \left[ (\sqrt D - \sqrt{D_p})^2 + \lambda_0 \right], \quad
     \Delta G^\ddagger = \Delta G_0^\ddagger \left( 1 + \frac{F (E - E^0)}{4 \Delta G_0^\ddagger} \right)^2 ,

and the peak is where :math:`\Delta G^\ddagger` equals what diffusion allows at 0.1 V/s. The solvent's share
:math:`\lambda_0` is Marcus' for an ion that touches its image (R. A. Marcus, J. Chem. Phys. 43, 679
(1965)). Of the attraction that xTB finds only a share is real, because its three-electron bonds are too
strong: that share and a common shift are fitted to measured waves (``cleavage_waves.csv``), a class of
their own.
The couples are those of ``leaving_couples.csv``. Some kinds of ``scissile_bonds.csv`` are slower than the
adiabatic limit by powers of ten (non-adiabatic transfer into O-O bonds): their wave peaks at a lower barrier.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from ase.data import atomic_numbers, vdw_radii
from ase.units import kB
from scipy import constants

from echemscreen.levels.binding import couple_in_acetonitrile
from echemscreen.levels.bond_energies import EV_PER_KJ_MOL, bond_energy_fit
from echemscreen.levels.fit.calibration import Z90
from echemscreen.levels.fit.references import ReferencePotential, check_potentials
from echemscreen.levels.redox import TEMPERATURE_K
from echemscreen.quantities import magnitude
from echemscreen.records.levels import EnergyLevel
from echemscreen.records.processes import Process
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows

#: Entropy that a molecule gains by falling in two, times the temperature, at 1 mol/L: ethyl bromide by the
#: standard entropies of its pieces (287, 247, 175 J/(mol K), Burcat), less RT ln 24.8 of the standard state.
SPLITTING_EV = (135.0e-3 * TEMPERATURE_K) * EV_PER_KJ_MOL - kB * TEMPERATURE_K * math.log(24.8)
#: Its spread, and that of the solvent's share of the barrier, eV.
_SPLITTING_SIGMA_EV, _SOLVENT_SIGMA_EV = 0.05, 0.15
#: 1/n^2 - 1/epsilon of acetonitrile.
_PEKAR = 1.0 / 1.3442**2 - 1.0 / 35.688
_COULOMB_EV_ANG = constants.e / (8.0 * math.pi * constants.epsilon_0) * 1e10
#: Sweep, diffusion coefficient and molar mass of a usual voltammogram: they enter by their logarithms.
_SWEEP_V_S, _DIFFUSION_CM2_S, _MASS_KG_MOL, _ALPHA = 0.1, 1e-5, 0.1, 0.35
#: Prior of the common shift, V; the shares of the attraction that are tried, and the scatters, V.
_SHIFT_PRIOR_V = 0.3
_SHARES = tuple(np.linspace(0.0, 1.0, 21))
_SCATTERS_V = (0.08, 0.12, 0.18, 0.25, 0.35, 0.5)
#: What a kind of bond without waves may differ by, V.
_UNKNOWN_KIND_V = 0.4
#: Waves from which bonds to the same keeper have evidence.
MIN_WAVES = 2
#: Half-peak less peak of an irreversible wave, in kT/alpha (R. S. Nicholson and I. Shain, Anal. Chem. 36,
#: 706 (1964)).
_HALF_PEAK = 1.857


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaved:
    """One bond and what was computed of its pieces, uncorrected."""

    kind: str
    pair: str
    n_heavy: tuple[int, int]
    n_acyl: int
    n_acyl_leaving: int
    n_oxo: int
    bond_ev: float
    """Its energy by spin-polarised GFN2-xTB."""
    attraction_ev: float
    """Of radical and anion in the relaxed ion, in solution; 0 where the ion was not relaxed."""
    anion_radius_ang: float
    molecule_radius_ang: float
    couple_v_she: float
    couple_sigma_v: float
    slower_decades: float = 0.0
    """Powers of ten by which the transfer is slower than the adiabatic one."""

    @property
    def keeper(self) -> str:
        """What keeps the radical, of whatever leaves: ``carbon``, ``nitrogen``, ``sulfonyl`` ..."""
        return self.kind.rpartition("_")[0] or self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class CleavageRow:
    """A row of ``cleavage_descriptors.csv``: what was computed for a measured wave."""

    entry: str
    kind: str
    pair: str
    n_heavy_radical: int
    n_heavy_leaving: int
    n_acyl: int
    n_acyl_leaving: int
    n_oxo: int
    bond_ev: float
    attraction_ev: float
    anion_radius_ang: float
    molecule_radius_ang: float
    couple: str
    citation: str

    @property
    def cleaved(self) -> Cleaved:
        """The same with its couple."""
        value, sigma = couple_in_acetonitrile(self.couple)
        return Cleaved(
            kind=self.kind,
            pair=self.pair,
            n_heavy=(self.n_heavy_radical, self.n_heavy_leaving),
            n_acyl=self.n_acyl,
            n_acyl_leaving=self.n_acyl_leaving,
            n_oxo=self.n_oxo,
            bond_ev=self.bond_ev,
            attraction_ev=self.attraction_ev,
            anion_radius_ang=self.anion_radius_ang,
            molecule_radius_ang=self.molecule_radius_ang,
            couple_v_she=value,
            couple_sigma_v=sigma,
        )


# --- the wave -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """The wave of a cleavage before the shift that is fitted, V vs SHE; energies in eV."""

    standard_v_she: float
    """E0 of the pieces, apart or attracted."""
    peak_v_she: float
    half_peak_v_she: float
    barrier_ev: float
    """Intrinsic, at E0."""


def peak_barrier_ev() -> float:
    """The barrier at the peak of a usual voltammogram, eV."""
    thermal_cm_s = 100.0 * math.sqrt(constants.R * TEMPERATURE_K / (2.0 * math.pi * _MASS_KG_MOL))
    per_s = _ALPHA * _SWEEP_V_S / (kB * TEMPERATURE_K)
    barrier: float = (
        kB * TEMPERATURE_K * (math.log(thermal_cm_s / math.sqrt(per_s * _DIFFUSION_CM2_S)) - 0.78)
    )
    return barrier


def wave(
    couple_v_she: float,
    bond_ev: float,
    attraction_ev: float,
    anion_radius_ang: float,
    radius_ang: float,
    *,
    slower_decades: float = 0.0,
) -> Wave:
    """The wave of one bond.

    Parameters
    ----------
    couple_v_she
        Of what leaves: X./X-, or L+./L of what an onium ion sets free.
    bond_ev, attraction_ev
        D and D_p.
    anion_radius_ang, radius_ang
        Of what leaves, and of the molecule.
    slower_decades
        Powers of ten by which the transfer is slower than the adiabatic one; below five.
    """
    bond, attraction = max(bond_ev, 0.0), max(attraction_ev, 0.0)
    standard = couple_v_she - bond_ev + SPLITTING_EV + attraction
    equivalent = anion_radius_ang * (2.0 * radius_ang - anion_radius_ang) / radius_ang
    # The image is two radii away: half of what the ion alone would ask of the solvent.
    solvent = _COULOMB_EV_ANG * _PEKAR / (2.0 * equivalent)
    intrinsic = ((math.sqrt(bond) - math.sqrt(attraction)) ** 2 + solvent) / 4.0
    lost = kB * TEMPERATURE_K * math.log(10.0) * slower_decades
    share = math.sqrt((peak_barrier_ev() - lost) / intrinsic)
    peak = standard - 4.0 * intrinsic * (1.0 - share)
    half_peak = peak + _HALF_PEAK * kB * TEMPERATURE_K / (0.5 * min(share, 1.0))
    return Wave(standard_v_she=standard, peak_v_she=peak, half_peak_v_she=half_peak, barrier_ev=intrinsic)


def _of(item: Cleaved, share: float, bond_ev: float | None = None) -> Wave:
    bond = bond_energy_fit().corrected(item.bond_ev, item)[0] if bond_ev is None else bond_ev
    return wave(
        item.couple_v_she,
        bond,
        share * max(item.attraction_ev, 0.0),
        item.anion_radius_ang,
        item.molecule_radius_ang,
        slower_decades=item.slower_decades,
    )


def radius_ang(symbols: Sequence[str]) -> float:
    """Radius of a sphere with the volume of the atoms' spheres (van der Waals), angstrom."""
    return math.cbrt(sum(vdw_radii[atomic_numbers[symbol]] ** 3 for symbol in symbols))


# --- measured waves and the fit ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredWave:
    """A measured wave and its bond."""

    row: ReferencePotential
    cleaved: Cleaved

    def predicted_v_she(self, share: float) -> float:
        """What is compared with it: the half-peak or the peak, without the common shift."""
        found = _of(self.cleaved, share)
        return found.half_peak_v_she if self.row.kind == "half_peak" else found.peak_v_she


@dataclass(frozen=True, slots=True, kw_only=True)
class CleavageFit:
    """Share of the attraction, common shift and scatter; see the module docstring."""

    share: float
    share_sigma: float
    shift_v: float
    shift_sigma_v: float
    scatter_v: float
    widened: float
    """Conformal factor on the standard deviation."""
    waves: dict[str, int]
    """Measured waves by what keeps the radical."""
    most_attraction_ev: float
    """The largest attraction of a measured wave, uncorrected."""

    def knows(self, item: Cleaved) -> bool:
        """Whether bonds to the same keeper have measured waves enough."""
        return self.waves.get(item.keeper, 0) >= MIN_WAVES

    def peak(self, item: Cleaved) -> tuple[float, float]:
        """The peak of a bond's wave and its standard deviation, V vs SHE."""
        bond, bond_sigma = bond_energy_fit().corrected(item.bond_ev, item)
        # An attraction beyond what a wave has tested counts as the largest tested.
        item = replace(item, attraction_ev=min(item.attraction_ev, self.most_attraction_ev))
        here = _of(item, self.share, bond).peak_v_she
        by_bond = abs(here - _of(item, self.share, bond + 0.1).peak_v_she) / 0.1
        by_share = abs(here - _of(item, min(self.share + 0.05, 1.0), bond).peak_v_she) / 0.05
        own = self.scatter_v**2 + self.shift_sigma_v**2 + (by_share * self.share_sigma) ** 2
        # What waves of its kind have tested lies in their scatter.
        if not self.knows(item):
            own += (by_bond * bond_sigma) ** 2 + item.couple_sigma_v**2 + _UNKNOWN_KIND_V**2
            own += _SPLITTING_SIGMA_EV**2 + _SOLVENT_SIGMA_EV**2
        return here + self.shift_v, self.widened * math.sqrt(own)


@lru_cache(maxsize=1)
def measured_waves() -> tuple[MeasuredWave, ...]:
    """The waves that are fitted, with their bonds."""
    rows = read_rows("ligand_library", "cleavage_waves.csv", ReferencePotential)
    check_potentials(rows, "cleavage_waves.csv")
    described = {
        row.entry: row for row in read_rows("ligand_library", "cleavage_descriptors.csv", CleavageRow)
    }
    return tuple(
        MeasuredWave(row=row, cleaved=described[row.entry].cleaved) for row in rows if row.entry in described
    )


def solve(waves: Sequence[MeasuredWave], *, widened: float = 1.0) -> CleavageFit:
    """Share, shift and scatter: the shift in closed form, the others on a grid, by their likelihood."""
    y = np.array([item.row.value_v_she for item in waves])
    noise = np.square([item.row.noise_v for item in waves])
    logs, shares, shifts, widths, scatters = [], [], [], [], []
    for share in _SHARES:
        rest = y - np.array([item.predicted_v_she(float(share)) for item in waves])
        for scatter in _SCATTERS_V:
            variances = noise + scatter**2
            total = np.diag(variances) + _SHIFT_PRIOR_V**2
            logs.append(-0.5 * (rest @ np.linalg.solve(total, rest) + np.linalg.slogdet(total)[1]))
            precision = 1.0 / _SHIFT_PRIOR_V**2 + float(np.sum(1.0 / variances))
            shares.append(float(share))
            shifts.append(float(np.sum(rest / variances)) / precision)
            widths.append(precision**-0.5)
            scatters.append(scatter)
    weights = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    share = float(weights @ shares)
    counts: dict[str, int] = {}
    for item in waves:
        counts[item.cleaved.keeper] = counts.get(item.cleaved.keeper, 0) + 1
    return CleavageFit(
        share=share,
        share_sigma=float(np.sqrt(weights @ np.square(np.array(shares) - share))),
        shift_v=float(weights @ shifts),
        shift_sigma_v=float(weights @ widths),
        scatter_v=float(np.sqrt(weights @ np.square(scatters))),
        widened=widened,
        waves=counts,
        most_attraction_ev=max((item.cleaved.attraction_ev for item in waves), default=0.0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutWave:
    """A measured wave, and what a fit without it says, V vs SHE."""

    wave: MeasuredWave
    predicted_v_she: float
    sigma_v: float
    """Not widened."""

    @property
    def error_v(self) -> float:
        """Predicted less measured."""
        return self.predicted_v_she - self.wave.row.value_v_she


@lru_cache(maxsize=1)
def left_out_waves() -> tuple[LeftOutWave, ...]:
    """Every wave predicted by the others."""
    waves = measured_waves()
    found = []
    for item in waves:
        fit = solve([other for other in waves if other is not item])
        peak, sigma = fit.peak(item.cleaved)
        shape = item.predicted_v_she(fit.share) - _of(item.cleaved, fit.share).peak_v_she
        found.append(LeftOutWave(wave=item, predicted_v_she=peak + shape, sigma_v=sigma))
    return tuple(found)


@lru_cache(maxsize=1)
def cleavage_fit() -> CleavageFit:
    """The fit of the shipped waves, its intervals widened until 90 % of those left out lie inside.

    Fewer rows than nine have no such quantile; their scatter holds the worst of them.
    """
    ratios = sorted(abs(item.error_v) / item.sigma_v for item in left_out_waves())
    place = math.ceil(0.9 * (len(ratios) + 1)) - 1
    widened = max(1.0, ratios[place] / Z90) if place < len(ratios) else 1.0
    return solve(measured_waves(), widened=widened)


# --- the level ----------------------------------------------------------------------------------


def cleavage_level(item: Cleaved) -> EnergyLevel | None:
    """The level at which an electron breaks a bond in one step, V vs SHE.

    ``None`` where nothing is known: neither a wave of such a bond, nor its energy from bonds like it.
    """
    fit = cleavage_fit()
    if not fit.knows(item) and not bond_energy_fit().knows(item):
        return None
    value, sigma = fit.peak(item)
    bond, bond_sigma = bond_energy_fit().corrected(item.bond_ev, item)
    found = _of(item, fit.share, bond)
    known = fit.knows(item)
    missing = "" if known else "; no measured wave of such a bond"
    return EnergyLevel(
        process=Process.REDUCTION,
        value_v_she=value,
        sigma_v=sigma,
        basis="calibrated",
        domain="calibrated" if known else "uncalibrated",
        raw_v_she=found.peak_v_she,
        intact=False,
        changed_bonds=(f"{item.pair} broken by the electron",),
        channel="breaks",
        citation=Citation(source="J.-M. Saveant, J. Am. Chem. Soc. 109, 6788 (1987)", locator=item.kind),
        note=(
            f"peak of the concerted cleavage of {item.pair}: bond {magnitude(bond, bond_sigma)} eV, "
            f"E0 {found.standard_v_she:+.2f} V, intrinsic barrier {found.barrier_ev:.2f} eV{missing}"
        ),
    )
