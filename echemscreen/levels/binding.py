"""What a metal site does to a ligand's level: free level + binding shift.

Bare anions and bound donors lie far from what potentials are measured on, so a bound form starts
from the calibrated level of its free, neutral parent (the amine, the acid, the thiol) and adds the
shift that the model site causes, computed at the same theory for both:

    shift = U_raw(ligand on M(OAc)n) - U_raw(free ligand)

A named correction carries it.

- *Oxidation.* The mean of what the two Hamiltonians say, with half their disagreement as sigma, never
  below ``binding_shift_floor``; with one Hamiltonian its value and ``binding_shift_alone``. When the
  hole sits on the site's spectators, the ligand itself is harder to oxidise than the complex, so
  using the complex errs on the safe side.
- *Reduction.* xTB often puts the added electron on the site's metal. That is the metal's couple,
  which only a cited row may give (a lattice couple is never flagged), not the ligand's level. The
  computed GFN2 shift is the ligand's only if at least ``LIGAND_SHARE`` of the added electron sits
  on the ligand and the shift lies within ``TYPICAL_RANGE`` standard deviations of what such ligands
  show (a free ligand without a valence orbital to take the electron gives shifts of several volts:
  another state). Otherwise the free level is shifted by their mean, ``binding_shift_typical``, with
  their standard deviation as sigma. The mean eases reduction, so this too errs on the safe side.

The constants are rows of ``method_constants.csv``; ``echemscreen calibrate --binding`` computes
the ligands of ``binding_pairs.csv`` again and prints them.

Pu et al., Nat. Commun. 11, 937 (2020): anions bound to lattice metal sites are benign, free salts
are not, whatever the anion.
"""

from __future__ import annotations

from echemscreen.levels.redox import (
    RawPotentials,
    added_charge_on_ligand,
    method_constants,
    raw_potentials,
)
from echemscreen.records import Correction, Ladder, Process

#: Share of the added electron that must sit on the ligand for the shift to be the ligand's. In the
#: ligands of ``binding_pairs.csv`` it is 0.8 and more where a valence orbital takes the electron,
#: and below 0.8 where the metal does.
LIGAND_SHARE = 0.8
#: Standard deviations around the typical shift within which a computed one is believed.
TYPICAL_RANGE = 2.0


def binding_shift(free: Ladder, bound: Ladder, process: Process) -> Correction:
    """The shift of a ligand's potential by its site, V, as a named correction.

    Vertical potentials are compared, so that a relaxation which differs between free and bound
    ions does not enter twice.
    """
    constants = method_constants()
    before, after = raw_potentials(free, process), raw_potentials(bound, process)
    shift = after.gfn2_vertical_v_she - before.gfn2_vertical_v_she
    alone = constants["binding_shift_alone"].value
    if process == "reduction":
        share = added_charge_on_ligand(bound, process)
        typical = constants["binding_shift_typical"]
        spread = typical.sigma if typical.sigma is not None else alone
        usual = abs(shift - typical.value) <= TYPICAL_RANGE * spread
        if share is not None and share >= LIGAND_SHARE and usual:
            return Correction(name="binding shift", value_v=shift, sigma_v=alone)
        return Correction(name="typical binding shift", value_v=typical.value, sigma_v=spread)
    second = _ionisation_shift(before, after)
    if second is None:
        return Correction(name="binding shift", value_v=shift, sigma_v=alone)
    return Correction(
        name="binding shift",
        value_v=0.5 * (shift + second),
        sigma_v=max(constants["binding_shift_floor"].value, 0.5 * abs(shift - second)),
    )


def _ionisation_shift(before: RawPotentials, after: RawPotentials) -> float | None:
    if before.ipea1_vertical_v_she is None or after.ipea1_vertical_v_she is None:
        return None
    return after.ipea1_vertical_v_she - before.ipea1_vertical_v_she
