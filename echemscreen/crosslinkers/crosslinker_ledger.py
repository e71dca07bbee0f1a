"""The members of a crosslinker's ledger, and what each is assessed as.

What decides is assessed as asked; what is only shown, at its vertical levels: a side product of two
parents is twice as large as they are. The store answers for what was computed before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from echemscreen.ligands.crosslinking.crosslinker_rows import BY_LINKS, PatterningRow
from echemscreen.ligands.crosslinking.photochemistry import Gas, photoproducts
from echemscreen.ligands.parse import read_smiles
from echemscreen.records.dots import QuantumDot
from echemscreen.records.molecules import Molecule
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure, InputRow
from echemscreen.screening.plan import REACTIVE_INTERMEDIATE
from echemscreen.screening.screen import screen
from echemscreen.screening.workbench import Settings
from echemscreen.screening.workers.limits import Limits
from echemscreen.screening.workers.progress import Watch
from echemscreen.verdicts.ledger import LedgerMember
from echemscreen.verdicts.rules import severity

if TYPE_CHECKING:
    from echemscreen.store.database import Store

#: Members of one role that are assessed; isomers of many-armed crosslinkers beyond them are named only.
MAX_PER_ROLE = 6

Result = Assessment | Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What an assessment of many molecules needs."""

    dot: QuantumDot
    settings: Settings
    store: Store
    make_executor: Callable[[], Executor]
    workers: int | Callable[[], int]
    watch: Watch
    """Told of every stage, and of every step that is done."""
    limits: Limits = field(default_factory=Limits)
    """Time and memory of one molecule."""


def ledger_of(
    molecule: Molecule, atmosphere: Gas, *, patterning: Sequence[PatterningRow] = ()
) -> tuple[LedgerMember, ...]:
    """The members of a crosslinker's history, none assessed yet: the precursor first.

    Parameters
    ----------
    patterning
        Of a patterning ligand what it patterns by: its residues stay then, and links decide only where they
        are the mechanism. A thiol that decomposes is not known by the thioether it might also give.
    """
    links = not patterning or any(row.mechanism == BY_LINKS for row in patterning)
    members = [LedgerMember(name=molecule.name, role="precursor", smiles=molecule.canonical_smiles)]
    counts: dict[str, int] = {}
    for product in photoproducts(molecule, atmosphere=atmosphere):
        role = "side_product" if product.role == "wanted_link" and not links else product.role
        counts[role] = counts.get(role, 0) + 1
        members.append(
            LedgerMember(
                name=product.name,
                role=role,
                smiles=product.smiles,
                charge=product.charge,
                n_unpaired=product.n_unpaired,
                yield_fraction=product.yield_fraction,
                reaction=product.reaction,
                citation=product.citation,
                note="one of many isomers" if counts[role] > MAX_PER_ROLE else "",
                stays=bool(patterning) and role == "residue" and counts[role] <= MAX_PER_ROLE,
            )
        )
    return tuple(members)


def assess_members(
    ledgers: Mapping[str, Sequence[LedgerMember]],
    precursors: Mapping[str, Molecule],
    wanted: Callable[[LedgerMember], bool],
    tools: Tools,
    *,
    stage: str,
) -> dict[str, tuple[LedgerMember, ...]]:
    """Ledgers with the wanted members assessed; a species that occurs in several is assessed once.

    Parameters
    ----------
    ledgers
        By the canonical SMILES of the crosslinker, as ``precursors``.
    wanted
        Which members; a later assessment of the same member takes the place of an earlier one.
    stage
        What this is, for the progress.
    """
    molecules: dict[tuple[str, int], Molecule] = {}
    failed: dict[tuple[str, int], Failure] = {}
    for key, members in ledgers.items():
        for member in members:
            species = (member.smiles, member.n_unpaired)
            if not wanted(member) or member.note or species in molecules or species in failed:
                continue
            made = precursors[key] if member.role == "precursor" else _molecule_of(member)
            if isinstance(made, Failure):
                failed[species] = made
            else:
                molecules[species] = made
    results: dict[tuple[str, int], Result] = {**failed, **_assessed(molecules, tools, stage)}
    return {
        key: tuple(
            replace(member, result=results[member.smiles, member.n_unpaired])
            if wanted(member) and not member.note
            else member
            for member in members
        )
        for key, members in ledgers.items()
    }


def _molecule_of(member: LedgerMember) -> Molecule | Failure:
    """A product as something that can be assessed."""
    if member.role == "intermediate":
        # Radicals, carbenes and nitrenes are not read from an input; here the table vouches for them.
        return Molecule(
            name=member.name,
            smiles=member.smiles,
            canonical_smiles=member.smiles,
            inchikey="",
            formula="",
            charge=member.charge,
            n_unpaired=member.n_unpaired,
            family=REACTIVE_INTERMEDIATE,
        )
    return read_smiles(member.smiles, member.name, allow_system=True)


def _assessed(
    molecules: Mapping[tuple[str, int], Molecule], tools: Tools, stage: str
) -> dict[tuple[str, int], Result]:
    """Every molecule's worst form, by the machinery of a screen."""
    if not molecules:
        return {}
    # In canonical order: what two runs compute does not depend on the order of their input.
    ordered = sorted(molecules.items())
    rows: Iterable[InputRow] = (
        InputRow(index=index, location=molecule.name, entry=molecule)
        for index, (_, molecule) in enumerate(ordered)
    )
    found: dict[tuple[str, int], Result] = {}
    tools.watch.begin(stage, len(ordered))
    done = screen(
        rows,
        tools.dot,
        tools.settings,
        store=tools.store,
        make_executor=tools.make_executor,
        workers=tools.workers,
        limits=tools.limits,
    )
    for (key, _), item in zip(ordered, done, strict=True):
        found[key] = _worst_form(item.results)
        tools.watch.row(item)
    return found


def _worst_form(results: Sequence[Result]) -> Result:
    """The result that counts: a failure, because the worst is then unknown, or the worst form."""
    failure = next((item for item in results if isinstance(item, Failure)), None)
    if failure is not None:
        return failure
    assessed = [item for item in results if isinstance(item, Assessment)]
    return max(assessed, key=lambda item: severity(item.verdict, item.alignments))
