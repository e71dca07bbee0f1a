"""The calibrated level of a molecule: value, sigma, domain and evidence.

Domain. ``calibrated``: every functional group of the molecule occurs in at least
``MIN_GROUP_MEMBERS`` fitted molecules, every kind of its atoms and bonds in one, and the leverage of its
descriptors is within the usual limit; ``extrapolated``: all this but the leverage; ``uncalibrated``: a group,
an atom or a bond has no evidence; ``bounded``: all have it and the level lies at the edge of the window of
voltammetry or beyond; or a cited one-sided limit (``potential_bounds.csv``) holds for every group of a
molecule that is not calibrated, or for its groups without evidence while the others say that it lies further
out still. A group whose limit is further out than the predicted level does not take its evidence away: the
covered ones decide. No limit holds for atoms and bonds that no fitted molecule has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from echemscreen.levels.fit.calibration import Fit, Prediction, shipped_fit, vertical_set
from echemscreen.levels.fit.gaussian import classes_of
from echemscreen.levels.fit.own_measurements import OwnPotentials, moved
from echemscreen.levels.fit.references import PREDICTION_SOLVENT, WINDOW_V_SHE, PotentialBound
from echemscreen.levels.fit.surrogate import shipped_surrogate
from echemscreen.levels.redox import RawPotentials
from echemscreen.records.levels import Correction, Domain, EnergyLevel
from echemscreen.records.processes import Process
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows

#: Levels further out than this are only known to be so, V vs SHE: the window, less what a prediction of its
#: edge may err.
EDGES_V_SHE: dict[Process, float] = {
    Process.REDUCTION: WINDOW_V_SHE[0] + 0.2,
    Process.OXIDATION: WINDOW_V_SHE[1] - 0.2,
}


def calibrated_level(
    raw: RawPotentials,
    groups: Sequence[str],
    *,
    engine: str,
    left_out: Sequence[str] = (),
    unknown: Sequence[str] = (),
    solvent: str = PREDICTION_SOLVENT,
    corrections: Sequence[Correction] = (),
    model: Fit | None = None,
    bounds: Sequence[PotentialBound] | None = None,
    own: OwnPotentials | None = None,
) -> EnergyLevel:
    """The calibrated potential of one process with its uncertainty, domain and evidence.

    The relaxed ion decides where it was computed, is intact, and its descriptors lie where the
    calibration knows them; otherwise the vertical descriptors do, and ``vertical`` says so.

    Parameters
    ----------
    groups
        Functional groups of the species that was computed.
    left_out
        Those of the molecule that the species leaves out: they need evidence too.
    unknown
        Atoms and bonds of the molecule that no reference molecule has, in words.
    solvent
        Solvent of the descriptors.
    corrections
        Named terms to be added, such as the binding shift.
    model, bounds
        A fit and limits to use instead of the shipped ones.
    own
        The user's own measurements of other molecules, which move the prediction.

    Raises
    ------
    InputError
        if the engine has no calibration.
    """
    adiabatic = raw.gfn2_adiabatic_v_she is not None and raw.intact is True
    strays = ""
    shipped, vertical = model is None, vertical_set(raw, engine)
    model = model or shipped_fit(raw.process, engine, "adiabatic" if adiabatic else vertical)
    predicted = model.predict(raw, groups)
    if shipped and adiabatic and not predicted.in_range:
        nearer = shipped_fit(raw.process, engine, vertical)
        by_nearer = nearer.predict(raw, groups)
        if by_nearer.in_range:
            model, predicted, adiabatic = nearer, by_nearer, False
            strays = "the relaxed ion lies outside what the calibration knows"
    by_own: Correction | None = None
    if own is not None and own.rows:
        predicted, by_own = moved(predicted, raw, groups, model, own)
    level = _with_evidence(
        predicted,
        model,
        raw.process,
        groups,
        intact=raw.intact,
        left_out=left_out,
        unknown=unknown,
        solvent=solvent,
        bounds=shipped_bounds() if bounds is None else bounds,
    )
    return _corrected(
        replace(
            level,
            vertical=not adiabatic,
            raw_v_she=raw.gfn2_adiabatic_v_she if adiabatic else raw.gfn2_vertical_v_she,
            intact=raw.intact,
            changed_bonds=raw.changed_bonds,
            note="; ".join(filter(None, (level.note, strays))),
            by_own=by_own if level.basis == "calibrated" else None,
        ),
        corrections,
    )


def estimated_level(
    process: Process,
    smiles: str,
    groups: Sequence[str],
    *,
    left_out: Sequence[str] = (),
    unknown: Sequence[str] = (),
    solvent: str = PREDICTION_SOLVENT,
) -> tuple[EnergyLevel, float]:
    """The potential of one process by the structure of a molecule alone; see :func:`calibrated_level`.

    Returns
    -------
    tuple
        The level, and the standard deviation in V of its estimate against that of ``full``.
    """
    surrogate = shipped_surrogate(process)
    found = surrogate.estimate(smiles, groups)
    level = _with_evidence(
        Prediction(value_v_she=found.value_v_she, sigma_v=found.sigma_v, in_range=True),
        surrogate.evidence,
        process,
        groups,
        intact=None,
        left_out=left_out,
        unknown=unknown,
        solvent=solvent,
        bounds=shipped_bounds(),
    )
    return replace(level, estimated=True), found.error_v


def _with_evidence(
    predicted: Prediction,
    model: Fit,
    process: Process,
    groups: Sequence[str],
    *,
    intact: bool | None,
    left_out: Sequence[str],
    unknown: Sequence[str],
    solvent: str,
    bounds: Sequence[PotentialBound],
) -> EnergyLevel:
    """A prediction with its domain, or the limit that stands in its place."""
    value, sigma = predicted.value_v_she, predicted.sigma_v
    everything = (*groups, *left_out)
    uncovered = model.uncovered(classes_of(everything, intact) if everything else ())
    # What was left out and has evidence of its own limits nothing.
    limited = (*groups, *(name for name in left_out if name in uncovered))
    limit = _least_extreme(bounds, process, uncovered)
    decided_elsewhere = limit is not None and _is_nearer(value, limit)
    if decided_elsewhere:
        # The groups without evidence are known to react further out only: the others decide.
        uncovered = ()
    covered = predicted.in_range and solvent == PREDICTION_SOLVENT
    domain: Domain = "uncalibrated" if uncovered or unknown else "calibrated" if covered else "extrapolated"
    if domain == "extrapolated":
        sigma = max(sigma, model.shipped.class_rmse_v)
    elif domain == "uncalibrated":
        # Nothing shows that the calibration helps this class: the error before it counts too.
        sigma = max(sigma, math.hypot(model.shipped.class_rmse_v, model.shipped.raw_mae_v))
    note = without_evidence(uncovered, unknown)
    basis: Literal["calibrated", "bounded"] = "calibrated"
    citation = None
    one_sided = False
    # What has evidence lies beyond the limit of what has none, or everything has a limit.
    bound = limit if uncovered and limit is not None else _least_extreme(bounds, process, limited)
    if bound is not None and domain != "calibrated" and not unknown:
        value, sigma, domain, basis, one_sided = bound.limit_v_she, bound.sigma_v, "bounded", "bounded", True
        citation = Citation(source=bound.citation, locator=bound.locator)
        note = f"bound by its {bound.group.replace('_', ' ')}"
    elif domain != "uncalibrated" and solvent == PREDICTION_SOLVENT and _is_beyond(value, process):
        value, domain, basis, one_sided = EDGES_V_SHE[process], "bounded", "bounded", True
        note = "at the edge of the window of voltammetry or beyond"
    return EnergyLevel(
        process=process,
        value_v_she=value,
        sigma_v=sigma,
        basis=basis,
        domain=domain,
        one_sided=one_sided,
        citation=citation,
        note=note,
    )


def _corrected(level: EnergyLevel, corrections: Sequence[Correction]) -> EnergyLevel:
    """The level with named terms added."""
    return replace(
        level,
        value_v_she=level.value_v_she + sum(c.value_v for c in corrections),
        sigma_v=math.hypot(level.sigma_v or 0.0, *(c.sigma_v for c in corrections)),
        corrections=tuple(corrections),
    )


def without_evidence(groups: Sequence[str], unknown: Sequence[str]) -> str:
    """The words for functional groups, atoms and bonds that no reference molecule has; blank for none."""
    return "; ".join(
        (
            *([f"no reference potential of: {', '.join(groups)}"] if groups else []),
            *([f"no reference molecule has {' or '.join(unknown)}"] if unknown else []),
        )
    )


@lru_cache(maxsize=1)
def shipped_bounds() -> tuple[PotentialBound, ...]:
    """The cited one-sided limits."""
    return read_rows("ligand_library", "potential_bounds.csv", PotentialBound)


def _least_extreme(
    bounds: Sequence[PotentialBound], process: Process, groups: Sequence[str]
) -> PotentialBound | None:
    """The limit of the groups that is nearest to the gap, or ``None`` if one of them has no limit."""
    limits = {bound.group: bound for bound in bounds if bound.process == process}
    if not groups or not set(groups) <= set(limits):
        return None
    return max((limits[group] for group in groups), key=lambda item: process.sign * item.limit_v_she)


def _is_nearer(value_v_she: float, bound: PotentialBound) -> bool:
    """Whether a level lies nearer to the gap than a limit."""
    sign = bound.process.sign
    return sign * value_v_she > sign * bound.limit_v_she


def _is_beyond(value_v_she: float, process: Process) -> bool:
    """Whether a level lies at the edge of the window of voltammetry or further out."""
    sign = process.sign
    return sign * value_v_she <= sign * EDGES_V_SHE[process]
