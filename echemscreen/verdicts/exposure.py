r"""How fast a carrier of a dot reaches a level, and what that means for a ligand.

A dot is not a beaker: its carrier is at the surface for a part of the time only, less so the thicker the
shell. The rate of one-electron transfer to a level at drive :math:`\Delta` is

.. math:: k = k_0 \, p^\gamma \, \exp\left(-\frac{(\lambda - \min(\Delta, \lambda))^2}{4 \lambda k_B T}\right)

with :math:`p` the probability of the carrier at the surface and :math:`\gamma` near 1, which corrects the
tail of its wave function in a shell. It is the nonadiabatic rate of R. A. Marcus
(Annu. Rev. Phys. Chem. 15, 155 (1964)) without its inverted region: a drive beyond :math:`\lambda` leaves
with the other carrier (H. Zhu et al., Nano Lett. 14, 1263 (2014)). The constants are rows of
``transfer_model.csv``, fitted to the published rates of ``transfer_rates.csv`` by ``echemscreen calibrate
--transfer``, which prints how far they scatter: that scatter, in decades, is the uncertainty of a rate.

A ligand that leaves when it is oxidised pays for its bond: the reorganisation energy is what the new ion
relaxes by, from the geometry of its parent to its own. To :math:`\lambda`, which was fitted to molecules that
stay whole on the dot, comes the distance from the level of the ion that stays on the metal to the level at
which it has left, as in the dissociative electron transfer of J.-M. Saveant (J. Am. Chem. Soc. 109, 6788
(1987)). The standard deviation of that distance widens the rate.

The rule. Three things are told apart.

* *Competes with emission*: fast enough that ``visible_share`` of the excitons go that way (it quenches).
* *Reacts slowly*: a dot that is driven with ``holes_per_dot_per_s`` loses ``visible_share`` of its ligands
  within ``device_time_s`` (it degrades); of the transferred holes ``reaction_yield`` react, the others go
  back or meet the electron.
* *Cannot reach the carrier*: slower than that.

A hole-side level counts in a verdict with the probability that it is allowed and at least reacts slowly.
The thermodynamic probability keeps its own column. The electron side counts by its drive alone: the
electron of a core/shell dot is never far from the surface.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import constants
from scipy.special import ndtr

from echemscreen.records.levels import Reorganisation
from echemscreen.records.molecules import FloatArray
from echemscreen.records.results import TransferRate
from echemscreen.reference_tables import read_rows

_KT_EV = constants.k * 298.15 / constants.e
#: Nodes over the distribution of a drive, in standard deviations: 4 on either side.
_NODES = np.linspace(-4.0, 4.0, 161)
_WEIGHTS = np.exp(-0.5 * _NODES**2) / np.exp(-0.5 * _NODES**2).sum()
#: Standard deviations of a 90 % range.
_Z90 = 1.645
#: Below this a probability at the surface is no number any more.
_LEAST_SHARE = 1e-30


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferConstantRow:
    """A row of ``transfer_model.csv``."""

    name: str
    value: float
    unit: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferModel:
    """The constants of the rate and of the rule."""

    log10_k0: float
    """Of a carrier that is wholly at the surface, at a drive of the reorganisation energy; 1/s."""
    reorganisation_ev: float
    scatter_decades: float
    """Standard deviation of log10 k around the fit."""
    tail_exponent: float
    """Decades that the rate falls for each decade by which a shell hides the carrier."""
    tail_decades: float
    """Standard deviation of that."""
    emission_lifetime_s: float
    visible_share: float
    holes_per_dot_per_s: float
    device_time_s: float
    ligands_per_dot: float
    reaction_yield: float
    """Share of the transferred holes that react before they go back or meet the electron."""

    @property
    def quenches_per_s(self) -> float:
        """Rate from which a reaction competes with emission."""
        return self.visible_share / (1.0 - self.visible_share) / self.emission_lifetime_s

    @property
    def reacts_per_s(self) -> float:
        """Rate from which a device loses a visible share of its ligands while it runs."""
        reactions = self.visible_share * self.ligands_per_dot
        exposed_s = self.holes_per_dot_per_s * self.emission_lifetime_s * self.device_time_s
        return reactions / (exposed_s * self.reaction_yield)

    def log10_rate(self, drive_ev: FloatArray, share: float, leaving_ev: float = 0.0) -> FloatArray:
        """log10 of the rate in 1/s at drives in eV, for a carrier's share at the surface.

        ``leaving_ev`` is what the ion relaxes by when it leaves, beyond an ion that stays.
        """
        whole_ev = self.reorganisation_ev + leaving_ev
        missing = whole_ev - np.minimum(drive_ev, whole_ev)
        barrier = missing**2 / (4.0 * whole_ev * _KT_EV)
        hidden = self.tail_exponent * math.log10(max(share, _LEAST_SHARE))
        return np.asarray(self.log10_k0 + hidden - barrier / math.log(10.0))

    def spread_decades(self, share: float, leaving_sigma_ev: float = 0.0) -> float:
        """Standard deviation of log10 k at a known drive."""
        # A quarter of the reorganisation energy is the barrier of an even reaction.
        barrier = leaving_sigma_ev / (4.0 * _KT_EV * math.log(10.0))
        tail = self.tail_decades * math.log10(max(share, _LEAST_SHARE))
        return math.hypot(self.scatter_decades, tail, barrier)


@lru_cache(maxsize=1)
def transfer_model() -> TransferModel:
    """The shipped constants."""
    values = {
        row.name: row.value for row in read_rows("ligand_library", "transfer_model.csv", TransferConstantRow)
    }
    return TransferModel(**values)


@lru_cache(maxsize=256)
def transfer_rate(
    drive_ev: float,
    sigma_ev: float | None,
    share: float,
    *,
    leaving: Reorganisation | None = None,
    model: TransferModel | None = None,
) -> TransferRate | None:
    """The rate at an uncertain drive; ``None`` if its sigma is unknown.

    The same level meets the same edge several times while a row is judged.

    Parameters
    ----------
    share
        Probability of the carrier at the surface, 0 to 1.
    leaving
        Of what leaves: how far its ion relaxes by that.
    """
    if sigma_ev is None:
        return None
    model = model or transfer_model()
    drives = drive_ev + sigma_ev * _NODES
    leaving = leaving or Reorganisation(value_ev=0.0, sigma_ev=0.0)
    logs = model.log10_rate(drives, share, leaving.value_ev)
    spread = model.spread_decades(share, leaving.sigma_ev)
    mean = float(_WEIGHTS @ logs)
    width = _Z90 * math.sqrt(float(_WEIGHTS @ (logs - mean) ** 2) + spread**2)
    allowed = _WEIGHTS * (drives > 0.0)
    # The nodes stand for the distribution: what is allowed has its exact probability.
    exact = float(ndtr(drive_ev / sigma_ev)) if sigma_ev > 0.0 else float(drive_ev > 0.0)
    total = float(allowed.sum())
    allowed *= exact / total if total > 0.0 else 0.0

    def share_above(limit_per_s: float) -> float:
        return float(allowed @ ndtr((logs - math.log10(limit_per_s)) / spread))

    return TransferRate(
        per_s=10.0**mean,
        low_per_s=10.0 ** (mean - width),
        high_per_s=10.0 ** (mean + width),
        p_quenches=share_above(model.quenches_per_s),
        p_reacts=share_above(model.reacts_per_s),
        regime="not driven"
        if drive_ev <= 0.0
        else "competes with emission"
        if 10.0**mean >= model.quenches_per_s
        else "reacts slowly"
        if 10.0**mean >= model.reacts_per_s
        else "cannot reach the carrier",
    )
