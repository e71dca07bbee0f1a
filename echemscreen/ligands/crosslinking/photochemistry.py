"""What light, heat or acid makes of a crosslinker or a light-sensitive ligand.

Each reaction is a cited row of ``photoreactions.csv``: a reaction SMARTS whose first reactant is the
light-sensitive group, and whose first product is what the row is about; the other products are given
off. Reactions run in RDKit. Every row must react with its own published example, and in every reaction
atoms and charge must balance.

The long ligands of a dot are stood for by small models in the ``reactants`` column, such as propane for
an alkyl chain (attacked at its secondary C-H) or but-2-ene for an oleyl chain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from rdkit import Chem, rdBase
from rdkit.Chem import rdChemReactions

from echemscreen.errors import TableError
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import Molecule, Photoproduct, ProductRole
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import iterate_file, table_path

Gas: TypeAlias = Literal["n2", "air"]
RowGas: TypeAlias = Literal["any", "n2", "air"]
#: In the ``reactants`` column: a second molecule of the parent.
PARENT = "parent"

_TABLE = "photoreactions.csv"
#: Partly converted molecules followed at each step; bounds what many different arms can cost.
_FRONTIER = 24
#: Matches of one row in one molecule that are followed.
_MATCHES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoreactionRow:
    """A row of ``photoreactions.csv``."""

    code: str
    name: str
    """Of the product, such as ``triplet nitrene``."""
    group: str
    """Of the parent, such as ``aryl azide``."""
    smirks: str
    role: ProductRole
    n_unpaired: int
    """Unpaired electrons of the product."""
    arms: Literal["one", "all"]
    """``one``: a single group reacts, each different one once; ``all``: every one in the molecule."""
    reactants: str
    """SMILES taken up for each group that reacts, separated by ``;``, in the order of the reaction."""
    atmosphere: RowGas
    stimulus: str
    wavelength_nm: str
    yield_fraction: float | None
    yield_smiles: str
    """The compound of which the yield was measured; it is given for no other."""
    follows: str
    """Code of the intermediate the reaction starts from; blank if it is not resolved."""
    example: str
    """A published parent, SMILES."""
    citation: str
    locator: str
    note: str


def photoproducts(molecule: Molecule | str, *, atmosphere: Gas = "n2") -> tuple[Photoproduct, ...]:
    """What the molecule becomes under its stimulus.

    Intermediates have one group converted, each symmetry-distinct group once; so have products of two
    parent molecules (azo compound, azine, pinacol), whose other groups are left. Links, side products
    and residues otherwise have every group of that kind converted: that is what stays in the film. Of
    an ion pair or a salt, each ion is also looked at by itself.

    Parameters
    ----------
    molecule
        A molecule, or its SMILES.
    atmosphere
        ``air`` adds the reactions with oxygen and leaves out those that need its absence.

    Returns
    -------
    tuple of Photoproduct
        In the order of the table, then of the canonical SMILES; empty if no row fits. Radicals,
        carbenes and nitrenes carry explicit radical electrons; the singlet and the triplet of a
        nitrene have the same SMILES and differ in ``n_unpaired``. A triplet ketone has the SMILES of
        its ground state.

    Raises
    ------
    StructureError
        if a SMILES cannot be screened.
    TableError
        if the table breaks a rule.

    Notes
    -----
    At most 24 partly converted molecules are followed at each step, the first in canonical order, so
    that a molecule with many different groups costs a bounded time.
    """
    found: dict[Photoproduct, None] = {}
    with rdBase.BlockLogs():
        parents = _parents(molecule)
        for reaction in _reactions():
            if reaction.row.atmosphere in {"any", atmosphere}:
                products = {item: None for parent in parents for item in reaction.products(parent)}
                found |= dict.fromkeys(sorted(products, key=lambda item: (item.smiles, item.released)))
    return tuple(found)


def photoreaction_rows(path: Path | None = None) -> tuple[PhotoreactionRow, ...]:
    """The rows of the shipped table, or of another, each checked on its example.

    Raises
    ------
    TableError
        if a row names an unknown role, atmosphere or intermediate, does not react with its example,
        does not balance there, or has another number of unpaired electrons than it says.
    """
    with rdBase.BlockLogs():
        reactions = _reactions() if path is None else _compiled_table(path)
        return tuple(reaction.row for reaction in reactions)


# --- reactions ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """A parent on its way: the product, what was given off, what was taken up."""

    product: str
    released: tuple[str, ...] = ()
    reactants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reaction:
    """A compiled row."""

    row: PhotoreactionRow
    reaction: rdChemReactions.ChemicalReaction
    reactants: tuple[str, ...]
    n_fragments: int
    """Of the parent's template: 2 where both ions of a pair react."""
    yield_smiles: str

    def fits(self, parent: str) -> bool:
        """Whether the parent has the row's group."""
        mol = Chem.MolFromSmiles(parent)
        return self.n_fragments == _n_fragments(mol) and bool(
            mol.HasSubstructMatch(self.reaction.GetReactantTemplate(0))
        )

    def products(self, parent: str) -> Iterator[Photoproduct]:
        """Products of one parent, unsorted."""
        if not self.fits(parent):
            return
        states = self.steps(_State(product=parent))
        if self.row.arms == "all":
            states = self._exhausted(states)
        row = self.row
        for state in states:
            yield Photoproduct(
                name=row.name,
                role=row.role,
                parent=parent,
                smiles=state.product,
                charge=int(Chem.GetFormalCharge(Chem.MolFromSmiles(state.product))),
                n_unpaired=row.n_unpaired,
                reaction=row.code,
                reactants=state.reactants,
                released=state.released,
                atmosphere=row.atmosphere,
                yield_fraction=row.yield_fraction if parent == self.yield_smiles else None,
                citation=Citation(source=row.citation, locator=row.locator),
            )

    def _exhausted(self, states: list[_State]) -> list[_State]:
        """Convert until no group is left; states that can react no further are done."""
        done: set[_State] = set()
        while states:
            following: set[_State] = set()
            for state in states:
                steps = self.steps(state)
                if steps:
                    following.update(steps)
                else:
                    done.add(state)
            states = _ordered(following)[:_FRONTIER]
        return _ordered(done)

    def steps(self, state: _State) -> list[_State]:
        """Every state one group further on; a fragment given off with a group reacts as well."""
        whole = [
            _State(
                product=new[0],
                released=tuple(sorted((*state.released, *new[1:]))),
                reactants=(*state.reactants, *taken),
            )
            for new, taken in self._outcomes(state.product)
        ]
        if whole:
            return _ordered(set(whole))[:_FRONTIER]
        for index, fragment in enumerate(state.released):
            rest = state.released[:index] + state.released[index + 1 :]
            split = {
                _State(
                    product=state.product,
                    released=tuple(sorted((*rest, *new))),
                    reactants=(*state.reactants, *taken),
                )
                for new, taken in self._outcomes(fragment)
            }
            if split:
                return _ordered(split)[:_FRONTIER]
        return []

    def _outcomes(self, smiles: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Balanced product sets of one group, and what was taken up.

        A set that does not balance is not a reaction of this molecule: a ring holds together what the
        row would set free.
        """
        if not self.fits(smiles):
            return []
        taken = tuple(smiles if item == PARENT else item for item in self.reactants)
        mols = [_reactant(item) for item in (smiles, *taken)]
        sets = {
            tuple(_canonical(mol) for mol in products)
            for products in self.reaction.RunReactants(tuple(mols), maxProducts=_MATCHES)
        }
        before = _content((smiles, *taken))
        return [(new, taken) for new in sorted(sets) if all(new) and _content(new) == before]


def _ordered(states: set[_State]) -> list[_State]:
    return sorted(states, key=lambda state: (state.product, state.released, state.reactants))


def _canonical(mol: Chem.Mol) -> str:
    """Canonical SMILES of a reaction product; blank if it is no molecule."""
    if Chem.SanitizeMol(mol, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE:
        return ""
    # Read again: a ring system changed by the reaction is perceived anew.
    again = Chem.MolFromSmiles(Chem.MolToSmiles(mol))
    return "" if again is None else str(Chem.MolToSmiles(again))


def _canonical_smiles(smiles: str) -> str:
    return str(Chem.MolToSmiles(Chem.MolFromSmiles(smiles)))


def _reactant(smiles: str) -> Chem.Mol:
    """The molecule with every carbon's hydrogen implicit, so that a stereocentre can give its own."""
    mol = Chem.MolFromSmiles(smiles)
    for atom in mol.GetAtoms():
        if atom.GetSymbol() == "C" and not atom.GetFormalCharge() and not atom.GetNumRadicalElectrons():
            atom.SetNoImplicit(False)
            atom.SetNumExplicitHs(0)
    mol.UpdatePropertyCache()
    return mol


def _content(parts: tuple[str, ...]) -> Counter[int]:
    """Atoms by atomic number, and the charge under the key -1."""
    content: Counter[int] = Counter()
    for part in parts:
        mol = Chem.MolFromSmiles(part)
        content[-1] += Chem.GetFormalCharge(mol)
        for atom in mol.GetAtoms():
            content[atom.GetAtomicNum()] += 1
            content[1] += atom.GetTotalNumHs()
    return content


def _n_fragments(mol: Chem.Mol) -> int:
    return len(Chem.GetMolFrags(mol))


def _parents(molecule: Molecule | str) -> tuple[str, ...]:
    """The whole as one, then its components; each once."""
    if isinstance(molecule, str):
        molecule = parse_smiles(molecule, "", allow_system=True)
    whole = molecule.canonical_smiles
    parts = sorted(_canonical_smiles(part) for part in whole.split("."))
    return tuple(dict.fromkeys((whole, *parts)))


# --- the table ----------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _reactions() -> tuple[_Reaction, ...]:
    return _compiled_table(table_path("ligand_library", _TABLE))


def _compiled_table(path: Path) -> tuple[_Reaction, ...]:
    compiled: dict[str, _Reaction] = {}
    for line, row in iterate_file(path, PhotoreactionRow):
        where = f"{path.parent.name}/{path.name}, line {line}, {row.code}"
        if row.code in compiled:
            raise TableError(f"{where}: the code stands twice.", "Give each row a code of its own.")
        if row.follows and (row.follows not in compiled or compiled[row.follows].row.role != "intermediate"):
            raise TableError(
                f"{where}: '{row.follows}' is no intermediate of an earlier row.", "Correct 'follows'."
            )
        compiled[row.code] = _compiled(row, where)
    return tuple(compiled.values())


def _compiled(row: PhotoreactionRow, where: str) -> _Reaction:
    reactants = tuple(item.strip() for item in row.reactants.split(";") if item.strip())
    one_only = row.role == "intermediate" or PARENT in reactants
    if one_only and row.arms != "one":
        raise TableError(
            f"{where}: role '{row.role}' and arms '{row.arms}' do not go together.",
            "An intermediate and a product of two parents have one arm converted.",
        )
    for item in (row.example, row.yield_smiles, *reactants):
        if item != PARENT and Chem.MolFromSmiles(item) is None:
            raise TableError(f"{where}: '{item}' cannot be read.", "Correct the SMILES.")
    try:
        reaction = rdChemReactions.ReactionFromSmarts(row.smirks)
    except ValueError as error:
        raise TableError(f"{where}: the reaction cannot be read.", "Correct 'smirks'.") from error
    reaction.Initialize()
    if reaction.GetNumReactantTemplates() != len(reactants) + 1:
        raise TableError(f"{where}: the reaction needs other reactants.", "Name one for each template.")
    compiled = _Reaction(
        row=row,
        reaction=reaction,
        reactants=tuple(item if item == PARENT else _canonical_smiles(item) for item in reactants),
        n_fragments=_n_fragments(reaction.GetReactantTemplate(0)),
        yield_smiles=_canonical_smiles(row.yield_smiles) if row.yield_smiles else "",
    )
    example = _canonical_smiles(row.example)
    products = tuple(compiled.products(example))
    if not products:
        raise TableError(
            f"{where}: the example {example} does not react, or atoms and charge do not balance.",
            "Correct 'smirks' or 'example'.",
        )
    if not all(_spin_fits(product) for product in products):
        raise TableError(
            f"{where}: {row.n_unpaired} unpaired electrons do not go with {products[0].smiles}.",
            "Correct 'n_unpaired' or 'smirks'.",
        )
    return compiled


def _spin_fits(product: Photoproduct) -> bool:
    """An intermediate may pair its radical electrons, or be excited; a stable product has none."""
    radical = sum(atom.GetNumRadicalElectrons() for atom in Chem.MolFromSmiles(product.smiles).GetAtoms())
    if product.role == "intermediate":
        return bool(product.n_unpaired % 2 == radical % 2)
    return bool(product.n_unpaired == radical == 0)
