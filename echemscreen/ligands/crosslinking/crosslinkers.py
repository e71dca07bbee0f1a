"""What the structure of a crosslinker tells before anything is computed.

Photoactive groups are the cited SMARTS rows of ``photoactive_groups.csv``; what their intermediates do,
when they lose their nitrogen without light and how much light they needed in published films are rows of
``insertion_classes.csv``, ``thermal_stability.csv`` and ``crosslinking_doses.csv``; the bounds of the
classes and the safety rules for azides are rows of ``crosslinker_rules.csv``. A row whose quality is
``unverified`` decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import Literal, TypeVar

from rdkit import Chem, rdBase

from echemscreen.errors import EmbeddingError
from echemscreen.ligands.crosslinking.crosslinker_rows import (
    DoseRow,
    InsertionRow,
    PatterningRow,
    PhotoactiveGroupRow,
    Role,
    ThermalRow,
    dose_rows,
    insertion_rows,
    patterning_rows,
    photoactive_group_rows,
    rules,
    thermal_rows,
)
from echemscreen.ligands.crosslinking.reach import ligand_length_nm, stretched_distance_nm
from echemscreen.ligands.groups import anchors_in
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import Molecule
from echemscreen.records.sources import Citation

Function = Literal[
    "crosslinker", "patterning ligand", "initiated crosslinker", "mono-functional", "additive", "none"
]
ThermalClass = Literal["fragile", "moderate", "robust", "bounded", "unknown", "not energetic"]
DoseClass = Literal["low", "medium", "high", "unknown"]
RowT = TypeVar("RowT", InsertionRow, ThermalRow, DoseRow)

#: The ligand that a crosslinker has to bridge unless another is named.
OLEIC_ACID = "CCCCCCCC/C=C\\CCCCCCCC(=O)O"
_UNVERIFIED = "unverified"
#: Atoms that do not count in the rule of six: hydrogen, and fluorine, about as small.
_SMALL = frozenset({1, 9})
_C, _N, _O = 6, 7, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosslinkerProfile:
    """What the structure and the cited rows tell of one candidate. ``None`` is unknown, never zero."""

    smiles: str
    """Canonical SMILES of the part that was looked at: of an ion pair, the ion with most arms."""
    function: Function
    reason: str
    """A sentence that says what it is, or why it is no crosslinker."""
    arms: tuple[tuple[str, int], ...]
    """Linking groups and their numbers, in the order of the table."""
    additives: tuple[tuple[str, int], ...]
    """Groups that free something else, and their numbers."""
    patterning: tuple[PatterningRow, ...]
    """What it has that patterns dots by another mechanism than links of its arms, as published."""
    n_light_arms: int
    """Arms that light activates by itself."""
    n_initiated_arms: int
    """Arms that need a radical from elsewhere."""
    anchors: tuple[str, ...]
    """Donors other than the arms, by which it binds to a dot unasked."""
    reach_nm: float | None
    """Largest distance between the linking atoms of two arms when stretched."""
    ligand_length_nm: float
    """Length of the stretched ligand that it has to bridge."""
    reach_ratio: float | None
    """Reach divided by the length of the ligand."""
    nitrogen_ratio: float | None
    """(N_C + N_O)/N_N by numbers of atoms; ``None`` without nitrogen."""
    atoms_per_energetic_group: float | None
    """Atoms other than H, F and the stored nitrogen, for each energetic group."""
    nitrogen_rich: bool
    """Safety flag: it has an energetic group, and breaks the ratio rule or the rule of six."""
    thermal_class: ThermalClass
    """``bounded``: no decomposition was published, only a temperature that it stands."""
    thermal_temperature_c: float | None
    """Lowest published decomposition of its energetic groups, or the temperature it stands, in Celsius."""
    intermediate: str
    """What light makes of the arms of which there are most."""
    insertion_class: str
    """C-H insertion class of the intermediate; blank without cited row."""
    insertion_yield: float | None
    """Fraction of C-H insertion of one arm in cyclohexane, of the row's compound."""
    dose_class: DoseClass
    """From the median dose of films with nanocrystals, at wavelengths that the compounds absorb."""
    doses: tuple[DoseRow, ...]
    """Every published dose of the group."""
    citations: tuple[Citation, ...]


def crosslinker_profile(molecule: Molecule | str, *, ligand: str = OLEIC_ACID) -> CrosslinkerProfile:
    """Describe a candidate crosslinker by its structure and the cited rows of its groups.

    Parameters
    ----------
    molecule
        A molecule, or its SMILES.
    ligand
        SMILES of the native ligand whose length the reach is compared with.

    Returns
    -------
    CrosslinkerProfile
        The same for every order of the atoms and every name. The reach is ``None`` with fewer than
        two arms, or if no geometry is found.

    Raises
    ------
    StructureError
        if a SMILES cannot be screened.

    Examples
    --------
    >>> crosslinker_profile("CCCCCCCCCCCCCCCCCC(=O)O").reason
    'no photoactive group: not a crosslinker'
    """
    if isinstance(molecule, str):
        molecule = parse_smiles(molecule, "", allow_system=True)
    with rdBase.BlockLogs():
        part = _part(molecule.canonical_smiles)
        mol = Chem.MolFromSmiles(part)
        found = _groups_of(mol)
        counts = {row.group: len(atoms) for row, atoms in found.items()}
        linking = [row for row in found if row.role != "additive"]
        light = _linking_atoms(found, "light")
        initiated = _linking_atoms(found, "initiated")
        patterning = _patterning(molecule.canonical_smiles)
        function = _function(
            len(light),
            len(initiated),
            additives=len(found) > len(linking),
            patterns=bool(patterning),
        )
        # A thiol is an arm of a polythiol, and the anchor of a ketone that has one.
        anchors = _anchors(mol, {*light} if light else {*initiated})
        energetic = {row.group: counts[row.group] for row in found if row.energetic}
        ratio, per_group, nitrogen_rich = _safety(mol, energetic)
    length = ligand_length_nm(ligand)
    reach = _reach(part, light if len(light) > 1 else initiated)
    leading = max(linking, key=lambda row: (row.role == "light", counts[row.group]), default=None)
    names = {leading.group} if leading else set()
    insertion = next(iter(_of(insertion_rows(), names)), None)
    doses = tuple(_of(dose_rows(), names))
    thermal = tuple(_of(thermal_rows(), set(energetic)))
    thermal_class, temperature = _thermal(energetic, thermal)
    rows = (*found, *((insertion,) if insertion else ()), *thermal, *doses, *patterning)
    return CrosslinkerProfile(
        smiles=part,
        function=function,
        reason=_reason(function, found, anchors, patterning),
        arms=tuple((row.group, counts[row.group]) for row in linking),
        additives=tuple((row.group, counts[row.group]) for row in found if row.role == "additive"),
        patterning=patterning,
        n_light_arms=len(light),
        n_initiated_arms=len(initiated),
        anchors=anchors,
        reach_nm=reach,
        ligand_length_nm=length,
        reach_ratio=reach / length if reach is not None and length else None,
        nitrogen_ratio=ratio,
        atoms_per_energetic_group=per_group,
        nitrogen_rich=nitrogen_rich,
        thermal_class=thermal_class,
        thermal_temperature_c=temperature,
        intermediate=leading.intermediate if leading else "",
        insertion_class=insertion.insertion_class if insertion else "",
        insertion_yield=_yield_of_an_arm(insertion),
        dose_class=_dose_class(doses),
        doses=doses,
        citations=tuple(dict.fromkeys(Citation(source=row.citation, locator=row.locator) for row in rows)),
    )


def photoactive_groups(molecule: Molecule) -> tuple[str, ...]:
    """The groups by which light links a molecule to its neighbours, in the order of the table."""
    found = _groups_of(Chem.MolFromSmiles(molecule.canonical_smiles))
    return tuple(row.group for row in found if row.role == "light")


def _yield_of_an_arm(row: InsertionRow | None) -> float | None:
    if row is None or row.insertion_yield is None:
        return None
    return float(row.insertion_yield ** (1.0 / (row.arms_of_yield or 1)))


def is_nitrogen_rich(smiles: str) -> bool:
    """Whether a candidate breaks a safety rule for azides: of the profile, what costs no geometry."""
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(_part(smiles))
        return _safety(mol, {row.group: len(at) for row, at in _groups_of(mol).items() if row.energetic})[2]


def n_light_arms(smiles: str) -> int:
    """Arms that light activates by itself: of the profile, what costs no geometry."""
    with rdBase.BlockLogs():
        return len(_linking_atoms(_groups_of(Chem.MolFromSmiles(_part(smiles))), "light"))


# --- structure ----------------------------------------------------------------------------


def _groups_of(mol: Chem.Mol) -> dict[PhotoactiveGroupRow, tuple[int, ...]]:
    """The groups present, in the order of the table, with their linking atoms."""
    found: dict[PhotoactiveGroupRow, tuple[int, ...]] = {}
    for row, pattern in _patterns():
        atoms = sorted({match[0] for match in mol.GetSubstructMatches(pattern)})
        if atoms:
            found[row] = tuple(atoms)
    return found


def _linking_atoms(found: dict[PhotoactiveGroupRow, tuple[int, ...]], role: str) -> tuple[int, ...]:
    return tuple(sorted({atom for row, atoms in found.items() if row.role == role for atom in atoms}))


def _part(smiles: str) -> str:
    """The fragment with most linking arms, then most other groups, then atoms."""

    def order(part: str) -> tuple[int, int, int, str]:
        mol = Chem.MolFromSmiles(part)
        found = _groups_of(mol)
        linking = sum(len(atoms) for row, atoms in found.items() if row.role != "additive")
        return -linking, -len(found), -mol.GetNumHeavyAtoms(), part

    parts = {str(Chem.MolToSmiles(Chem.MolFromSmiles(part))) for part in smiles.split(".")}
    return min(parts, key=order)


def _anchors(mol: Chem.Mol, arms: set[int]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(anchor.code for anchor in anchors_in(mol) if not arms.intersection(anchor.atoms))
    )


def _patterning(smiles: str) -> tuple[PatterningRow, ...]:
    """What patterns by another mechanism, in any part of the molecule."""
    mol = Chem.MolFromSmiles(smiles)
    known = {row.group: pattern for row, pattern in _patterns()}
    return tuple(
        row
        for row in patterning_rows()
        if mol.HasSubstructMatch(Chem.MolFromSmarts(row.smarts) if row.smarts else known[row.group])
    )


def _function(n_light: int, n_initiated: int, *, additives: bool, patterns: bool) -> Function:
    if n_light > 1:
        return "crosslinker"
    if patterns:
        return "patterning ligand"
    if n_initiated > 1:
        return "initiated crosslinker"
    if n_light or n_initiated:
        return "mono-functional"
    return "additive" if additives else "none"


def _reason(
    function: Function,
    found: dict[PhotoactiveGroupRow, tuple[int, ...]],
    anchors: tuple[str, ...],
    patterning: tuple[PatterningRow, ...],
) -> str:
    def listed(role: Role) -> str:
        return " and ".join(f"{len(atoms)} {row.group}" for row, atoms in found.items() if row.role == role)

    if function == "crosslinker":
        return f"crosslinker: {listed('light')} arms"
    if function == "patterning ligand":
        return f"patterning ligand: {'; '.join(row.words for row in patterning)}"
    if function == "initiated crosslinker":
        return f"crosslinker with a radical initiator: {listed('initiated')} arms"
    if function == "mono-functional":
        arms = listed("light") or listed("initiated")
        bound = f"; bound to a dot by its {anchors[0].replace('_', ' ')} it can link" if anchors else ""
        return f"mono-functional ({arms} arm): not a crosslinker by itself{bound}"
    if function == "additive":
        return f"photoactive additive ({listed('additive')}) without a linking arm: not a crosslinker"
    return "no photoactive group: not a crosslinker"


def _reach(smiles: str, arms: tuple[int, ...]) -> float | None:
    try:
        return stretched_distance_nm(smiles, arms)
    except EmbeddingError:
        return None


def _safety(mol: Chem.Mol, energetic: dict[str, int]) -> tuple[float | None, float | None, bool]:
    """The two rules for azides, and whether either is broken."""
    atoms = Counter(atom.GetAtomicNum() for atom in mol.GetAtoms())
    ratio = (atoms[_C] + atoms[_O]) / atoms[_N] if atoms[_N] else None
    if not energetic or ratio is None:
        return ratio, None, False
    stored = {
        index
        for row, pattern in _patterns()
        if row.energetic
        for match in mol.GetSubstructMatches(pattern)
        for index in match
        if mol.GetAtomWithIdx(index).GetAtomicNum() == _N
    }
    others = sum(atom.GetAtomicNum() not in _SMALL and atom.GetIdx() not in stored for atom in mol.GetAtoms())
    per_group = others / sum(energetic.values())
    broken = ratio < _rule("nitrogen_ratio") or per_group < _rule("atoms_per_energetic_group")
    return ratio, per_group, broken


# --- cited rows ---------------------------------------------------------------------------


def _thermal(energetic: dict[str, int], rows: tuple[ThermalRow, ...]) -> tuple[ThermalClass, float | None]:
    """The class of the least stable energetic group."""
    if not energetic:
        return "not energetic", None
    if {row.group for row in rows} != set(energetic):
        return "unknown", None
    decomposes = [row.temperature_c for row in rows if row.kind == "decomposes"]
    stands = [row.temperature_c for row in rows if row.kind == "stable_to"]
    if not decomposes or (stands and min(stands) < min(decomposes)):
        return "bounded", min(stands)
    lowest = min(decomposes)
    if lowest < _rule("thermal_fragile"):
        return "fragile", lowest
    return ("robust" if lowest >= _rule("thermal_robust") else "moderate"), lowest


def _dose_class(rows: tuple[DoseRow, ...]) -> DoseClass:
    doses = [row.dose_mj_cm2 for row in rows if row.dots]
    if not doses:
        return "unknown"
    middle = median(doses)
    if middle <= _rule("dose_low"):
        return "low"
    return "medium" if middle <= _rule("dose_medium") else "high"


def _of(rows: Iterable[RowT], groups: set[str]) -> list[RowT]:
    return [row for row in rows if row.group in groups and row.quality != _UNVERIFIED]


def _rule(code: str) -> float:
    return rules()[code].value


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[PhotoactiveGroupRow, Chem.Mol], ...]:
    return tuple((row, Chem.MolFromSmarts(row.smarts)) for row in photoactive_group_rows())
