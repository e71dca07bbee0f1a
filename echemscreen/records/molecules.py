"""Molecules, the forms they take on a dot, their geometries and what light makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from echemscreen.records.sources import Citation

FloatArray = npt.NDArray[np.float64]

Binding = Literal["L", "X", "Z", ""]

Role = Literal["as_given", "free", "bound_L", "bound_X", "salt_Z"]

ProductRole = Literal["intermediate", "wanted_link", "side_product", "residue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A group by which a molecule can sit on a dot (one row of ``anchors.csv`` matched)."""

    code: str
    """Row name, such as ``carboxylic_acid``."""
    binding: Binding
    """Covalent-bond classification of the bound group."""
    atoms: tuple[int, ...]
    """Matched heavy-atom indices in the canonical SMILES' molecule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetalIon:
    """A metal cation of a salt."""

    symbol: str
    charge: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Molecule:
    """One row of the input, read and standardised.

    ``kind`` tells how it is judged: a ``molecule`` by itself, a ``salt`` (metal ions and
    anions) also by its metals' couples, an ``ion_pair`` by its worse ion, a ``system`` (a named
    mixture of the library) by its worst member.
    """

    name: str
    smiles: str
    """As the user wrote it."""
    canonical_smiles: str
    inchikey: str
    formula: str
    charge: int
    n_unpaired: int = 0
    n_heavy: int = 0
    kind: Literal["molecule", "salt", "ion_pair", "system"] = "molecule"
    family: str = ""
    anchors: tuple[Anchor, ...] = ()
    groups: tuple[str, ...] = ()
    """Functional groups present (names of ``functional_groups.csv``), sorted."""
    metals: tuple[MetalIon, ...] = ()
    members: tuple[Molecule, ...] = ()
    """Of a salt its anions (one each), of an ion pair its ions, of a system its members."""
    note: str = ""
    """In what the molecule that is computed differs from the drawing, as sentences for its result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Species:
    """What an engine is asked about: one bonded entity with a charge and a spin.

    ``smiles`` is canonical and isomeric; atoms of a geometry follow the order of the
    molecule that RDKit reads from it, hydrogens added last.
    """

    smiles: str
    charge: int
    n_unpaired: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a molecule is judged: free, or as it sits on the dot.

    ``free`` is the species whose calibrated level starts the estimate; ``bound`` the model of
    the molecule on a metal site, from which the binding shift is computed (``None`` for an
    unbound form).
    """

    molecule: Molecule
    role: Role
    free: Species
    bound: Species | None = None
    site_metal: str = ""
    anchor: str = ""
    binding: Binding = ""
    mode: Literal["", "monodentate", "chelating", "bridging"] = ""
    """How the model is drawn; a relaxation may close or open a chelate. Blank if unbound."""
    bond_classes: tuple[str, ...] = ()
    """Kinds of the bonds to the site (names of ``bond_classes.csv``); blank where none fits."""
    site_charge: int = 0
    """Oxidation state of ``site_metal``."""
    groups: tuple[str, ...] = ()
    """Functional groups of ``free``."""
    couple_metals: tuple[MetalIon, ...] = ()
    """Metals whose free couple counts for this form (salts only)."""
    with_counter_ions: bool = False
    """Whether ``free`` is an inorganic polyanion with the metal ions that balance it, not an acid."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Geometry:
    """Atoms in space, positions read-only."""

    symbols: tuple[str, ...]
    positions_ang: FloatArray
    """Shape (n_atoms, 3), angstrom."""
    site_atoms: tuple[int, ...] = ()
    """Indices of the atoms that belong to the model site, not to the ligand."""

    def __post_init__(self) -> None:
        positions = np.array(self.positions_ang, dtype=np.float64)
        if positions.shape != (len(self.symbols), 3):
            message = f"positions_ang has shape {positions.shape}, not ({len(self.symbols)}, 3)"
            raise ValueError(message)
        positions.setflags(write=False)
        object.__setattr__(self, "positions_ang", positions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptors:
    """What the structure alone tells of a molecule: filters and ranks need it, verdicts never."""

    molar_mass_da: float
    n_heavy: int
    n_rotatable: int
    log_p: float
    """Crippen's octanol-water partition estimate."""
    n_anchors: int
    synthetic_accessibility: float
    """Ertl and Schuffenhauer's score: 1 easy, 10 hard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photoproduct:
    """What light makes of a molecule: one product, its parent and its place in the film."""

    name: str
    """Such as ``triplet nitrene``."""
    role: ProductRole
    parent: str
    """Canonical SMILES of what absorbs."""
    smiles: str
    """Canonical SMILES of the product."""
    charge: int
    n_unpaired: int
    reaction: str
    """Row of ``photoreactions.csv``."""
    reactants: tuple[str, ...] = ()
    """Taken up besides the parent, canonical SMILES: the alkyl-ligand model, O2, water ..."""
    released: tuple[str, ...] = ()
    """Small molecules given off, canonical SMILES."""
    atmosphere: Literal["any", "n2", "air"] = "any"
    yield_fraction: float | None = None
    """Measured share of the converted parent; ``None`` if no publication gives it."""
    citation: Citation
