"""Every noun of the package: frozen, slotted, keyword-only records.

Units stand in the names: ``_ev`` electronvolt, ``_v_she`` volt against the standard hydrogen
electrode, ``_ang`` angstrom, ``_nm`` nanometre. An uncertainty is one standard deviation;
``None`` means unknown, never zero. Of the package this module imports only how a number is written.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from echemscreen.quantities import Bound, quantity, stated_probability

FloatArray = npt.NDArray[np.float64]
Binding = Literal["L", "X", "Z", ""]
Role = Literal["as_given", "free", "bound_L", "bound_X", "salt_Z"]
Basis = Literal["orbital", "delta_scf", "calibrated", "bounded", "measured"]
Domain = Literal["calibrated", "measured", "bounded", "extrapolated", "uncalibrated"]
Verdict = Literal["inert", "active", "undetermined"]
Process = Literal["reduction", "oxidation"]
ProductRole = Literal["intermediate", "wanted_link", "side_product", "residue"]


def symbol_of(process: Process) -> str:
    """The potential of a process: ``E_red`` or ``E_ox``."""
    return "E_red" if process == "reduction" else "E_ox"


def _side_of(process: Process, one_sided: bool) -> Bound:
    """A one-sided level lies further out: a reduction at most at its value, an oxidation at least."""
    if not one_sided:
        return ""
    return "at most" if process == "reduction" else "at least"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a number is from: the publication, and the place in it."""

    source: str
    locator: str = ""

    def __str__(self) -> str:
        return f"{self.source}, {self.locator}" if self.locator else self.source


def _printable(text: str) -> str:
    """Text from outside in one line; nothing in it is a command to the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def _as_html(text: str) -> str:
    """Text for a notebook, as it is."""
    return f"<pre>{html.escape(text)}</pre>"


# --- ligands ------------------------------------------------------------------------------


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


# --- engines ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A level of theory: Hamiltonian and implicit solvent."""

    hamiltonian: str
    """``GFN2-xTB`` or ``IPEA1-xTB``."""
    solvent: str = ""
    """Solvent name; empty in vacuum."""
    solvation: str = ""
    """Model, ``alpb`` or ``gbsa``; empty in vacuum."""

    def __str__(self) -> str:
        return f"{self.hamiltonian}/{self.solvation}({self.solvent})" if self.solvent else self.hamiltonian


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SinglePoint:
    """One converged self-consistent field.

    Energies in eV; orbital energies negative for bound electrons. For an open shell ``homo_ev``
    is the highest doubly occupied level and ``somo_ev`` the highest singly occupied one.
    """

    method: Method
    charge: int
    n_unpaired: int
    energy_ev: float
    homo_ev: float | None
    lumo_ev: float | None
    somo_ev: float | None = None
    dipole_debye: tuple[float, float, float] | None = None
    atomic_charges: tuple[float, ...] = ()
    atomic_spins: tuple[float, ...] = ()
    """Unpaired electrons on each atom, of engines that tell; empty for a closed shell."""
    retries: tuple[str, ...] = ()
    """Steps of the SCF retry ladder that were needed, in order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChargeState:
    """A rung of the ladder: one charge state of a species.

    ``vertical`` holds single points on the neutral parent's relaxed geometry, ``relaxed`` those
    on this state's own geometry (for the parent they are the same). ``intact`` compares the
    bonds of the relaxed state with the parent's.
    """

    added_electrons: int
    """0 for the parent, +1 after reduction, -1 after oxidation."""
    charge: int
    n_unpaired: int
    vertical: tuple[SinglePoint, ...]
    relaxed: tuple[SinglePoint, ...] = ()
    geometry: Geometry | None = None
    intact: bool | None = None
    changed_bonds: tuple[str, ...] = ()
    """Such as ``C3-Br4 broken``."""
    n_gradients: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ladder:
    """The charge states of a species at one protocol: what the store keeps."""

    species: Species
    engine: str
    engine_version: str
    protocol: str
    states: tuple[ChargeState, ...]
    """The parent first."""
    wall_s: float = 0.0
    warnings: tuple[str, ...] = ()

    def state(self, added_electrons: int) -> ChargeState | None:
        """The rung reached by adding electrons (negative: removing), or ``None``."""
        for state in self.states:
            if state.added_electrons == added_electrons:
                return state
        return None


# --- levels -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A named term added to a level."""

    name: str
    value_v: float
    sigma_v: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteBinding:
    """How firmly the metal of a site holds a ligand: the Gibbs energy of its bond to the ion, eV.

    Negative where it is held: ``-(kT ln 10) log10 K1`` of the 1:1 complex at 298.15 K and 1 mol/L.
    """

    free_energy_ev: float
    sigma_ev: float
    basis: Literal["cited", "class", "computed"]
    """A constant of this ligand, the mean of its class, or a computed one of its class."""
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What it gains to put a ligand in the place of the native one of its kind, eV; negative: it goes."""

    native: str
    free_energy_ev: float
    sigma_ev: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyLevel:
    """A redox potential with its uncertainty, basis and evidence.

    ``value_v_she`` includes every term of ``corrections``.
    """

    process: Process
    value_v_she: float
    sigma_v: float | None
    basis: Basis
    domain: Domain
    vertical: bool = False
    raw_v_she: float | None = None
    corrections: tuple[Correction, ...] = ()
    intact: bool | None = None
    changed_bonds: tuple[str, ...] = ()
    one_sided: bool = False
    """A bound: the true level lies further out than the value."""
    channel: Literal["", "stays", "leaves", "breaks"] = ""
    """Of a ligand on a site: whether the ion of this level is still on it. Or: the electron breaks a bond."""
    citation: Citation | None = None
    note: str = ""
    by_own: Correction | None = None
    """By what the user's measurements of other molecules moved it; part of the value."""

    @property
    def symbol(self) -> str:
        """``E_red`` or ``E_ox``."""
        return symbol_of(self.process)

    @property
    def bound(self) -> Bound:
        """On which side of the value a one-sided level lies."""
        return _side_of(self.process, self.one_sided)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedoxLevels:
    """What is known about one form's frontier: potentials, orbitals, vacuum quantities."""

    reduction: EnergyLevel | None
    oxidation: EnergyLevel | None
    homo_ev: float | None
    lumo_ev: float | None
    electron_affinity_ev: float | None
    ionization_energy_ev: float | None
    method: str
    binding: SiteBinding | None = None
    """Of a ligand on a site, where its strength is known."""
    exchange: Exchange | None = None


# --- dots ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BandEdge:
    """The potential of a band edge."""

    value_v_she: float
    sigma_v: float
    kind: str
    """How it is known: ``cv``, ``pesa``, ``ups``, ``anchored``, ``user`` ..."""
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class BandEdges:
    """Conduction- and valence-band edge of a whole dot (1S electron and 1S hole)."""

    cbm: BandEdge
    vbm: BandEdge
    covariance_v2: float = 0.0
    """What the errors of the two edges share, V2: the axis and their compounds' places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Core (a sphere) or shell (a spherical layer) of a dot; ``size_nm`` is ``None`` in bulk.

    For the core ``size_nm`` is the diameter, for a shell the thickness. ``cbm_v_she`` and
    ``vbm_v_she`` are the layer's own edges on the anchored scale (bulk material; the confined
    edges of the whole dot stand in ``BandEdges``).
    """

    material: str
    size_nm: float | None
    cbm_v_she: float
    vbm_v_she: float
    composition: tuple[tuple[str, float], ...] = ()
    """Of an alloy: its compounds and their shares of the cations; blank for a compound and a gradient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedoxCouple:
    """A metal couple: potential of M(n+) + n e- -> M."""

    couple: str
    """``Cd2+/Cd``: the free aqueous couple is written so."""
    metal: str
    oxidation_state: int
    kind: Literal["aqueous", "complexed", "lattice"]
    e0_v_she: float
    sigma_v: float
    citation: Citation
    form: str = ""
    """What is reduced, such as ``Cd(acetate)2``; blank for the free ion."""
    other_form: str = ""
    """For comparison: the complex of a free ion, the free ion of a complex ..."""
    other_e0_v_she: float | None = None
    """... and its potential."""
    one_sided: bool = False
    """The ion is held by a ligand of unknown strength: its couple lies below the value."""
    note: str = ""

    @property
    def bound(self) -> Bound:
        """The side of a one-sided couple."""
        return "at most" if self.one_sided else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How much of either carrier meets the ligands: its probability at the surface of the dot."""

    electron: float
    hole: float

    def of(self, process: Process) -> float:
        """That of the carrier which drives a process."""
        return self.electron if process == "reduction" else self.hole


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantumDot:
    """A dot ready to be compared with: layers, edges, carriers, couples."""

    spec: str
    name: str
    layers: tuple[Layer, ...]
    edges: BandEdges
    exciton_ev: float
    band_alignment: Literal["type I", "quasi-type II", "type II"]
    p_electron_surface: float
    """Probability of the electron within an anchoring monolayer (0.3 nm) of the surface or outside it."""
    p_hole_surface: float
    site_metal: str
    """Metal of the outermost layer to which ligands bind."""
    site_charge: int
    """Its oxidation state."""
    lattice_couples: tuple[RedoxCouple, ...] = ()
    caveats: tuple[str, ...] = ()
    """What of its numbers was not read in a source, or was assumed."""
    citations: tuple[Citation, ...] = ()

    @property
    def reach(self) -> Reach:
        """Both carriers' probability at the surface."""
        return Reach(electron=self.p_electron_surface, hole=self.p_hole_surface)

    def __str__(self) -> str:
        name = self.spec if self.name in {"", self.spec} else f"{self.name} ({self.spec})"
        edges = ", ".join(
            f"{label} {quantity(edge.value_v_she, edge.sigma_v, 'V vs SHE')} ({edge.kind})"
            for label, edge in (("CBM", self.edges.cbm), ("VBM", self.edges.vbm))
        )
        return f"{name}: {edges}\n  exciton {self.exciton_ev:.2f} eV, {self.band_alignment}"

    def _repr_html_(self) -> str:
        return _as_html(str(self))


# --- verdicts -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRate:
    """How fast a carrier of the dot goes to a level, 1/s, with its 90 % range.

    ``p_quenches`` is the probability that the reaction is allowed *and* competes with emission,
    ``p_reacts`` that it is allowed *and* costs a device a visible share of its ligands while it runs.
    """

    per_s: float
    low_per_s: float
    high_per_s: float
    p_quenches: float
    p_reacts: float
    regime: Literal["not driven", "competes with emission", "reacts slowly", "cannot reach the carrier"]
    """What the likeliest drive and rate mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """One comparison of a level or couple with a band edge; positive drive = allowed."""

    process: Process
    against: Literal["cbm", "vbm"]
    source: Literal["molecule", "couple"]
    level_v_she: float
    edge_v_she: float
    drive_ev: float
    sigma_ev: float | None
    probability: float | None
    """P(drive > 0); ``None`` if the uncertainty is unknown."""
    one_sided: bool = False
    """The level is a bound: drive and probability are the largest possible, never the likely ones."""
    couple: RedoxCouple | None = None
    rate: TransferRate | None = None
    """Of a molecular level on a dot whose carriers are placed."""
    verdict: Verdict | None = None
    """What this comparison says by itself; ``None`` before it is judged."""

    @property
    def deciding(self) -> float | None:
        """What the verdict goes by: P(drive > 0), of a hole that it also arrives in a device's life."""
        if self.process == "oxidation" and self.rate is not None and self.probability is not None:
            return self.rate.p_reacts
        return self.probability

    @property
    def bound(self) -> Bound:
        """The side of drive and probability where the level is a bound."""
        return "at most" if self.one_sided else ""

    def __str__(self) -> str:
        if self.couple is None:
            name, sigma, side = symbol_of(self.process), None, _side_of(self.process, self.one_sided)
        else:
            name, sigma, side = self.couple.couple, self.couple.sigma_v, self.couple.bound
        level = quantity(self.level_v_she, sigma, "V vs SHE", bound=side)
        edge = f"{self.against.upper()} {quantity(self.edge_v_she, None, 'V vs SHE')}"
        drive = quantity(self.drive_ev, self.sigma_ev, "eV", bound=self.bound)
        text = f"{name} {level} against the {edge}: drive to {self.process} {drive}"
        if self.probability is None:
            return text
        return f"{text}, {stated_probability(self.probability, self.bound)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A named danger with its evidence."""

    code: str
    drive_ev: float
    sigma_ev: float | None
    probability: float | None
    reason: str
    citation: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The answer for one molecule in one form on one dot."""

    form: Form
    qd: str
    levels: RedoxLevels
    alignments: tuple[Alignment, ...]
    flags: tuple[Flag, ...]
    verdict: Verdict
    domain: Domain
    reason: str
    engine: str
    solvent: str
    limiting_couple: RedoxCouple | None = None
    worst_member: str = ""
    members: tuple[Assessment, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """A few lines: the verdict, the reason, and every comparison with the dot."""
        flags = ", ".join(dict.fromkeys(flag.code.replace("_", " ") for flag in self.flags))
        verdict = f"{self.verdict}{f' ({flags})' if flags else ''}, {self.domain}"
        head = f"{_printable(self.form.molecule.name)} ({self.form.role}) on {self.qd}: {verdict}"
        lines = [head, *(f"  {item}" for item in self.alignments), f"  {_printable(self.reason)}"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return _as_html(str(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A row that could not be answered: where it stopped, why, and what to do."""

    name: str
    smiles: str
    stage: str
    kind: str
    message: str
    remedy: str
    internal: bool = False
    """A bug of ours, not the input's fault: counted, and the exit status is 1."""
    canonical_smiles: str = ""
    inchikey: str = ""
    family: str = ""
    form: str = ""

    def __str__(self) -> str:
        name, message = _printable(self.name or self.smiles), _printable(self.message)
        return f"{name} failed ({self.stage}): {message} {self.remedy}".strip()

    def _repr_html_(self) -> str:
        return _as_html(str(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRow:
    """One line of the input: its position, and what was read from it."""

    index: int
    location: str
    """Such as ``line 12`` of the file."""
    entry: Molecule | Failure
