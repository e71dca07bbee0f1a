"""What a metal site does to a ligand's level: free level + binding shift.

Bare anions and bound donors lie far from what potentials are measured on, so a bound form starts
from the calibrated level of its free, neutral parent (the amine, the acid, the thiol) and adds the
shift that the model site causes, computed at the same theory for both:

    shift = U_raw(ligand on M(OAc)n) - U_raw(free ligand)

A named correction carries it. Its sigma is the disagreement of the two Hamiltonians about the
shift, never below ``binding_shift_floor``; with one Hamiltonian it is ``binding_shift_alone``.

Two cases need care, because the model site is not the dot's lattice:

- *Reduction.* xTB often puts the added electron on the site's metal. That is the metal's couple,
  which only a cited row may give (a lattice couple is never flagged), not the ligand's level. When
  less than half of the added electron sits on the ligand, the free level is kept and the sigma of
  an unknown shift, ``binding_shift_alone``, is added.
- *Oxidation.* When the hole sits on the site's spectators, the ligand itself is harder to oxidise
  than the complex, so using the complex errs on the safe side.

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

#: Share of the added electron that must sit on the ligand for the shift to be the ligand's.
LIGAND_SHARE = 0.5


def binding_shift(free: Ladder, bound: Ladder, process: Process) -> Correction:
    """The shift of a ligand's potential by its site, V, as a named correction.

    Vertical potentials are compared, so that a relaxation which differs between free and bound
    ions does not enter twice.
    """
    constants = method_constants()
    alone = constants["binding_shift_alone"].value
    share = added_charge_on_ligand(bound, process)
    if process == "reduction" and (share is None or share < LIGAND_SHARE):
        return Correction(
            name="binding shift unknown: the electron would sit on the model site", value_v=0.0, sigma_v=alone
        )
    before, after = raw_potentials(free, process), raw_potentials(bound, process)
    shift = after.gfn2_vertical_v_she - before.gfn2_vertical_v_she
    second = _ionisation_shift(before, after)
    if second is None:
        return Correction(name="binding shift", value_v=shift, sigma_v=alone)
    floor = constants["binding_shift_floor"].value
    return Correction(
        name="binding shift",
        value_v=0.5 * (shift + second),
        sigma_v=max(floor, abs(shift - second)),
    )


def _ionisation_shift(before: RawPotentials, after: RawPotentials) -> float | None:
    if before.ipea1_vertical_v_she is None or after.ipea1_vertical_v_she is None:
        return None
    return after.ipea1_vertical_v_she - before.ipea1_vertical_v_she
