"""From computed energies to levels: methods, ladders of charge states, potentials and couples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from echemscreen.quantities import Bound, quantity
from echemscreen.records.molecules import Geometry, Species
from echemscreen.records.processes import Process
from echemscreen.records.sources import Citation

Basis = Literal["orbital", "delta_scf", "calibrated", "bounded", "measured"]

#: How a level was found.
Found = Literal["adiabatic", "vertical", "measured", "estimated"]

Domain = Literal["calibrated", "measured", "bounded", "extrapolated", "uncalibrated"]


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
class Reorganisation:
    """What an ion relaxes by beyond an ion that keeps its bonds, eV; it is part of the barrier."""

    value_ev: float
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
    estimated: bool = False
    """From the structure of the molecule: nothing was computed."""
    raw_v_she: float | None = None
    corrections: tuple[Correction, ...] = ()
    intact: bool | None = None
    changed_bonds: tuple[str, ...] = ()
    one_sided: bool = False
    """A bound: the true level lies further out than the value."""
    channel: Literal["", "stays", "leaves", "breaks"] = ""
    """Of a ligand on a site: whether the ion of this level is still on it. Or: the electron breaks a bond."""
    leaving: Reorganisation | None = None
    """Of a ligand that leaves, where it is known what it would cost to oxidise it and let it stay."""
    citation: Citation | None = None
    note: str = ""
    by_own: Correction | None = None
    """By what the user's measurements of other molecules moved it; part of the value."""

    @property
    def symbol(self) -> str:
        """``E_red`` or ``E_ox``."""
        return self.process.symbol

    @property
    def found(self) -> Found:
        """Measured, estimated, or computed with the geometry of the neutral molecule or its own."""
        if self.basis == "measured":
            return "measured"
        return "estimated" if self.estimated else "vertical" if self.vertical else "adiabatic"

    @property
    def leaves(self) -> bool | None:
        """Of a ligand on a site: whether it is this level's ion that leaves it; ``None`` of any other."""
        return self.channel == "leaves" if self.channel else None

    @property
    def bound(self) -> Bound:
        """On which side of the value a one-sided level lies."""
        return self.process.outwards if self.one_sided else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierDensity:
    """Where an added electron, or a hole, sits in a species: shares of its vertical ion's odd electron."""

    process: Process
    smiles: str
    """The species; its tail may be cut."""
    shares: tuple[float, ...]
    """Of each heavy atom with its hydrogens, in the order of ``smiles``; their sum is about 1."""
    parts: tuple[tuple[str, float], ...]
    """Functional groups, rings and chains that hold the most, with their shares; the largest first."""

    @property
    def on(self) -> str:
        """The part that holds most of it."""
        return self.parts[0][0]

    @property
    def share(self) -> float:
        """How much of it that part holds."""
        return self.parts[0][1]

    def __str__(self) -> str:
        carrier = "electron" if self.process == Process.REDUCTION else "hole"
        said = ", ".join(f"{name}: {100.0 * share:.0f} %" for name, share in self.parts)
        return f"the {carrier} sits on the {said}"


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
    electron_density: CarrierDensity | None = None
    """``None`` where nothing was computed, or what was stored before tells no spins of atoms."""
    hole_density: CarrierDensity | None = None

    def of(self, process: Process) -> EnergyLevel | None:
        """The level of one process."""
        return self.reduction if process == Process.REDUCTION else self.oxidation

    @property
    def corrections(self) -> str:
        """The named terms inside the potentials, in words."""
        return "; ".join(
            f"{level.symbol} {item.name} {quantity(item.value_v, item.sigma_v, 'V')}"
            for level in (self.reduction, self.oxidation)
            if level is not None
            for item in level.corrections
        )


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
        return self.electron if process == Process.REDUCTION else self.hole
