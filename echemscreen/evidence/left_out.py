"""What the calibration says of reference molecules that it has not seen: of a named one, and of all.

The errors of all are those of nested cross-validation, whole scaffolds left out. A named molecule is left
out with every row of it, measured or calculated, and told with what teaches its level instead. Both are
judged as ``screen`` would judge them: a molecule whose class is not covered without it has the wider
interval of that domain.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from echemscreen.errors import InputError
from echemscreen.evidence.references.reference_calculations import training_couples
from echemscreen.levels.fit.calibration import UNKNOWN_CLASS, Z90, Fit, chosen_fit, shipped_row
from echemscreen.levels.fit.cross_validation import (
    cross_validated_folds,
    factors_of_folds,
    learning_curve,
)
from echemscreen.levels.fit.gaussian import DescriptorSet, Pair, Rows, paired, rows_of, solved
from echemscreen.levels.fit.prediction import calibrated_level
from echemscreen.levels.fit.references import (
    Reference,
    reference_descriptors,
    reference_potentials,
    references,
)
from echemscreen.levels.redox import RawPotentials
from echemscreen.ligands.environments import environments, joined
from echemscreen.ligands.library import library
from echemscreen.ligands.parse import parse_smiles
from echemscreen.quantities import quantity
from echemscreen.records.levels import Domain, EnergyLevel
from echemscreen.records.processes import PROCESSES, Process

#: Members from which a class has a line in the error table.
MIN_MEMBERS = 5
#: Named instead of a molecule: every reference row.
EVERYTHING = "all"
_SYMBOLS = dict(zip(PROCESSES, ("E_red", "E_ox"), strict=True))
_MEASURED = "measured"
#: Rows that are named as teachers of a level.
_TEACHERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A reference value and what a fit without it says, V vs SHE."""

    reference: Reference
    groups: tuple[str, ...]
    raw_v_she: float
    predicted_v_she: float
    sigma_v: float
    domain: Domain
    """Without it."""
    bound_v_she: float | None
    """What alone ``screen`` would say of it: the level lies there or further out."""

    @property
    def error_v(self) -> float:
        """Predicted less reference value."""
        return self.predicted_v_she - self.reference.value_v_she

    @property
    def covered(self) -> bool:
        """Whether the 90 % interval holds the reference value; of a bound, whether it is kept."""
        off = abs(self.error_v)
        if self.bound_v_she is not None:
            off = self.reference.process.sign * (self.reference.value_v_she - self.bound_v_she)
        return off <= Z90 * self.sigma_v


def left_out(
    process: Process, engine: str, descriptor_set: DescriptorSet, pairs: Iterable[Pair]
) -> tuple[LeftOut, ...]:
    """Every reference value predicted by the folds without it; sigmas from the other folds too.

    Raises
    ------
    InputError
        if there are too few rows.
    """
    rows = rows_of(process, engine, descriptor_set, pairs)
    kinds = [environments(reference.smiles) for reference, _ in rows.pairs]
    predicted, spread = np.zeros_like(rows.y), np.zeros_like(rows.y)
    levels: dict[int, EnergyLevel] = {}
    for out, model in cross_validated_folds(rows):
        predicted[out], spread[out] = model.predict(rows.part(out))
        fit = chosen_fit(process, engine, descriptor_set, model)
        known = joined(kind for kind, left in zip(kinds, out, strict=True) if not left)
        for index in np.flatnonzero(out):
            levels[int(index)] = _level(rows, int(index), fit, kinds[index].missing_from(known))
    sigmas = np.zeros_like(spread)
    for out, own in factors_of_folds(rows, predicted - rows.y, spread):
        sigmas[out] = own * spread[out]
    return tuple(
        _judged(rows, index, levels[index], float(predicted[index]), float(sigmas[index]))
        for index in range(len(rows.y))
    )


def _level(rows: Rows, index: int, fit: Fit, unknown: Sequence[str]) -> EnergyLevel:
    """What ``screen`` would say with a fit."""
    _, described = rows.pairs[index]
    raw = RawPotentials(
        process=fit.process,
        gfn2_vertical_v_she=described.gfn2_vertical_v_she,
        gfn2_adiabatic_v_she=described.gfn2_adiabatic_v_she,
        ipea1_vertical_v_she=described.ipea1_vertical_v_she,
        ipea1_adiabatic_v_she=described.ipea1_adiabatic_v_she,
        homo_ev=described.homo_ev,
        lumo_ev=described.lumo_ev,
        intact=described.intact,
    )
    return calibrated_level(raw, described.group_names, engine=fit.engine, unknown=unknown, model=fit)


def _judged(rows: Rows, index: int, level: EnergyLevel, value: float, sigma: float) -> LeftOut:
    """A prediction with the interval of its domain; the scatter of the reference value counts too."""
    reference, _ = rows.pairs[index]
    of_level = level.sigma_v or 0.0
    if level.one_sided:
        sigma = math.hypot(of_level, reference.noise_v)
    elif level.domain != "calibrated":
        sigma = max(sigma, of_level)
    return LeftOut(
        reference=reference,
        groups=rows.classes[index],
        raw_v_she=float(rows.descriptors[index, 0]),
        predicted_v_she=value,
        sigma_v=sigma,
        domain=level.domain,
        bound_v_she=level.value_v_she if level.one_sided else None,
    )


# --- errors of all --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLine:
    """Errors of one quantity in one class, V."""

    quantity: str
    chem_class: str
    n: int
    raw_mae_v: float
    mae_v: float
    rmse_v: float
    max_v: float
    coverage: float

    def text(self) -> str:
        """One line of the table."""
        return (
            f"{self.quantity:9s} {self.chem_class:32s} {self.n:4d} {self.raw_mae_v:8.3f} {self.mae_v:6.3f} "
            f"{self.rmse_v:6.3f} {self.max_v:6.2f} {self.coverage:14.2f}"
        )


def error_lines(values: Sequence[LeftOut]) -> Iterator[ErrorLine]:
    """All values of a process, then those of each source, domain and functional class."""
    for process, symbol in _SYMBOLS.items():
        chosen = [item for item in values if item.reference.process == process]
        for name, members in _groupings(chosen):
            if len(members) >= MIN_MEMBERS:
                yield _line(symbol, name, members)


def _groupings(values: Sequence[LeftOut]) -> Iterator[tuple[str, list[LeftOut]]]:
    measured = [item for item in values if item.reference.chem_class == _MEASURED]
    yield "all", list(values)
    yield "measured", measured
    for series in sorted({item.reference.series for item in values}):
        yield f"in {series}"[:32], [item for item in values if item.reference.series == series]
    for domain in sorted({item.domain for item in values}):
        yield f"domain {domain}", [item for item in values if item.domain == domain]
        yield f"measured, domain {domain}", [item for item in measured if item.domain == domain]
    for name in sorted({_compilation(item) for item in measured}):
        yield f"measured, {name}", [item for item in measured if _compilation(item) == name]
    for name in sorted({item.reference.chem_class for item in values} - {_MEASURED}):
        yield (
            f"calculated {name.replace('_', ' ')}",
            [item for item in values if item.reference.chem_class == name],
        )
    for name in sorted({group for item in values for group in item.groups}):
        yield f"with {name.replace('_', ' ')}", [item for item in values if name in item.groups]


def _compilation(item: LeftOut) -> str:
    """The first word of an entry is the compilation that it is from."""
    return item.reference.entry.partition("-")[0]


def _line(quantity: str, chem_class: str, members: Sequence[LeftOut]) -> ErrorLine:
    errors = np.array([item.error_v for item in members])
    raw = np.array([item.raw_v_she - item.reference.value_v_she for item in members])
    return ErrorLine(
        quantity=quantity,
        chem_class=chem_class,
        n=len(members),
        raw_mae_v=float(np.abs(raw).mean()),
        mae_v=float(np.abs(errors).mean()),
        rmse_v=float(np.sqrt((errors**2).mean())),
        max_v=float(np.abs(errors).max()),
        coverage=float(np.mean([item.covered for item in members])),
    )


def worst(values: Sequence[LeftOut], count: int = 10) -> Iterator[str]:
    """The largest errors, each with the class of which the fewest members are fitted."""
    members = Counter(
        (item.reference.process, name) for item in values for name in item.groups or (UNKNOWN_CLASS,)
    )
    for item in sorted(values, key=lambda item: -abs(item.error_v))[:count]:
        process = item.reference.process
        rarest = min(item.groups or (UNKNOWN_CLASS,), key=lambda name: (members[process, name], name))
        yield (
            f"{item.error_v:+.2f} V  {process:9s} {item.reference.entry}: "
            f"{item.reference.value_v_she:+.2f} V, "
            f"predicted {quantity(item.predicted_v_she, item.sigma_v)} V; "
            f"{rarest.replace('_', ' ')} ({members[process, rarest]} fitted)"
        )


def learning_lines(pairs: Sequence[Pair], engine: str) -> Iterator[str]:
    """The learning curve of all rows and of each class with members enough."""
    yield "Learning curve, cross-validated MAE in V by the share of rows fitted:"
    for process, symbol in _SYMBOLS.items():
        for name, curve in learning_curve(process, engine, "adiabatic", pairs).items():
            points = ", ".join(f"{share:.0%} {error:.3f}" for share, error in curve.items())
            yield f"{symbol:9s} {name.replace('_', ' ') or 'all':28s} {points}"
    yield ""


def error_table(values: Sequence[LeftOut]) -> Iterator[str]:
    """Errors by class with their heading, then the worst predicted."""
    yield "Cross-validated errors, V (a value is predicted by fits that never saw it or its scaffold):"
    yield "quantity  class                               n  raw MAE    MAE   RMSE    max  90 % coverage"
    yield from (item.text() for item in error_lines(values))


def worst_table(values: Sequence[LeftOut]) -> Iterator[str]:
    """The worst predicted with their heading."""
    yield "The worst predicted, and the rarest class of each:"
    yield from worst(values)


# --- a named molecule -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Teacher:
    """A row that a level rests on."""

    reference: Reference
    name: str
    weight: float
    """What the level moves by for each volt that this value moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutMolecule:
    """The value of a named molecule and what the calibration says without any row of it."""

    name: str
    value: LeftOut
    teachers: tuple[Teacher, ...]

    def lines(self) -> Iterator[str]:
        """For a reader."""
        item, reference = self.value, self.value.reference
        source = "measured" if reference.chem_class == _MEASURED else "calculated"
        said = f"{item.predicted_v_she:+.2f}"
        if item.bound_v_she is not None:
            said = f"{'≤' if reference.process == Process.REDUCTION else '≥'} {item.bound_v_she:+.2f}"
        yield (
            f"{self.name}, {reference.process}: {reference.value_v_she:+.2f} V vs SHE ({source}, "
            f"{reference.entry}); without it {said} ± {item.sigma_v:.2f} V, "
            f"{item.error_v:+.2f} V off, {'inside' if item.covered else 'OUTSIDE'} its 90 % interval; "
            f"{item.domain}"
        )
        for teacher in self.teachers:
            kind = "measured" if teacher.reference.chem_class == _MEASURED else "calculated"
            yield (
                f"    weight {teacher.weight:+.2f}  {teacher.reference.value_v_she:+.2f} V  "
                f"{kind:10s} {teacher.name}"
            )


def left_out_molecule(wanted: str, engine: str) -> tuple[LeftOutMolecule, ...]:
    """Every value of a molecule, each predicted without all rows of the molecule.

    Parameters
    ----------
    wanted
        A name, an entry or a SMILES of the reference tables.

    Raises
    ------
    InputError
        if no described reference row is of that molecule.
    """
    pairs = paired(references(), reference_descriptors())
    smiles = _smiles_of(wanted, {reference.smiles for reference, _ in pairs})
    found = []
    for process in PROCESSES:
        own = [
            row
            for reference, row in pairs
            if reference.smiles == smiles and reference.process == process and row.engine == engine
        ]
        if own:
            kind: DescriptorSet = "adiabatic" if own[0].intact else "vertical"
            found += _without(smiles, rows_of(process, engine, kind, pairs), process, engine, kind)
    if not found:
        raise InputError(
            f"No reference row with {engine} is of '{wanted}'.",
            "Give the name, entry or SMILES of a row of reference_potentials.csv or dft_molecules.csv, or "
            f"{EVERYTHING}.",
        )
    return tuple(found)


def _without(
    smiles: str, rows: Rows, process: Process, engine: str, kind: DescriptorSet
) -> list[LeftOutMolecule]:
    """The values of a molecule by a fit of all other rows, its choices the shipped ones."""
    is_own = np.array([reference.smiles == smiles for reference, _ in rows.pairs])
    others = rows.part(~is_own)
    fit = chosen_fit(process, engine, kind, solved(others, shipped_row(process, engine, kind).choice))
    known = joined(environments(reference.smiles) for reference, _ in others.pairs)
    unknown = environments(smiles).missing_from(known)
    names = names_of_references()
    values, spread = fit.model.predict(rows.part(is_own))
    found = []
    for place, index in enumerate(np.flatnonzero(is_own)):
        _, described = rows.pairs[index]
        level = _level(rows, int(index), fit, unknown)
        (weights,) = fit.model.process.shares(fit.features(described, described.group_names)[None, :])
        order = np.argsort(-np.abs(weights))[:_TEACHERS]
        sigma = float(spread[place]) * fit.factor(rows.classes[index])
        found.append(
            LeftOutMolecule(
                name=names.get(smiles, smiles),
                value=_judged(rows, int(index), level, float(values[place]), sigma),
                teachers=tuple(
                    Teacher(
                        reference=others.pairs[i][0],
                        name=names.get(others.pairs[i][0].smiles, others.pairs[i][0].smiles),
                        weight=float(weights[i]),
                    )
                    for i in order
                ),
            )
        )
    return found


def names_of_references() -> dict[str, str]:
    """Names by canonical SMILES, of the measured rows and of the list of calculations."""
    found = {row.smiles: row.name for row in reference_potentials() if row.name}
    return {couple.molecule.smiles: couple.molecule.name for couple in training_couples()} | found


def _smiles_of(wanted: str, known: set[str]) -> str:
    """The canonical SMILES of a name, entry or SMILES; what nobody knows is taken as a SMILES."""
    if wanted in known:
        return wanted
    by_entry = {row.entry: row.smiles for row in reference_potentials()}
    by_name = {name.casefold(): smiles for smiles, name in names_of_references().items()}
    by_library = {
        row.entry.name.casefold(): row.entry.canonical_smiles
        for row in library().rows("all")
        if hasattr(row.entry, "canonical_smiles")
    }
    for table in (by_entry, by_name, by_library):
        found = table.get(wanted) or table.get(wanted.casefold())
        if found is not None:
            return found
    return parse_smiles(wanted, wanted).canonical_smiles


def left_out_text(wanted: Sequence[str], engine: str) -> str:
    """What ``calibrate --left-out`` prints."""
    if EVERYTHING in wanted:
        pairs = paired(references(), reference_descriptors())
        values = [item for process in PROCESSES for item in left_out(process, engine, "adiabatic", pairs)]
        return "\n".join([*error_table(values), "", *learning_lines(pairs, engine), *worst_table(values)])
    found = [item for name in wanted for item in left_out_molecule(name, engine)]
    return "\n".join(line for item in found for line in item.lines())
