"""Rows of the density-functional reference calculations: what all have, and ligands on model sites."""

from __future__ import annotations

from dataclasses import dataclass

from echemscreen.records.processes import Process
from echemscreen.reference_tables import read_file, table_path

_FOLDER, _MOLECULES = "ligand_library", "bound_molecules.csv"


#: Sites that are only compared: on them an oxidised ligand meets another of its kind and may join it.
COMPARED_SITES = frozenset({"homoleptic", "bridge"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CalculatedRow:
    """What every calculated row says of its molecule and of how it was computed."""

    name: str
    smiles: str
    n_atoms: int
    protocol: str
    protocol_version: int
    engine: str
    seconds: float
    """Wall time of one core."""
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalculatedLevel(CalculatedRow):
    """A calculated level, of a free molecule or of a bound form.

    Potentials in V vs SHE, uncorrected. ``adiabatic_v_she`` and ``intact`` are ``None`` where the ion could
    not be relaxed; where it is not intact, the adiabatic value is of what it became. Orbital energies are
    those of the parent, eV.
    """

    chem_class: str
    process: Process
    vertical_v_she: float
    adiabatic_v_she: float | None
    intact: bool | None
    changed_bonds: str
    homo_ev: float | None
    lumo_ev: float | None
    geometry_engine: str
    retries: str
    note: str

    @property
    def summary(self) -> str:
        """For the log of a run."""
        adiabatic = "none" if self.adiabatic_v_she is None else f"{self.adiabatic_v_she:.2f} V"
        state = "" if self.intact else f" ({self.changed_bonds or self.note})"
        return (
            f"vertical {self.vertical_v_she:.2f} V, adiabatic {adiabatic}{state} vs SHE, "
            f"{self.n_atoms} atoms, {self.seconds:.0f} s"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundCalculation(CalculatedLevel):
    """A row of ``bound_calculations.csv``: one level of a ligand on a site.

    ``spin_on_ligand`` is the share of the vertical ion's unpaired electron on the ligand,
    ``spin_on_ligand_relaxed`` that of the relaxed ion. ``metal`` is blank and ``spectator`` is ``free`` for
    the ligand alone.
    """

    anchor: str
    binding: str
    metal: str
    spectator: str
    parent_changed: str
    """Bonds that the complex made or broke when it was relaxed; a carboxylate that chelates is one."""
    spin_on_ligand: float | None
    spin_on_ligand_relaxed: float | None

    @property
    def parent_broke(self) -> bool:
        """Whether the complex lost a bond when it was relaxed: it is another one than was asked for."""
        return "broken" in self.parent_changed

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What was asked: ligand, site, spectator and process."""
        return (self.smiles, self.metal, self.spectator, self.process)


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingCalculation(CalculatedRow):
    """A row of ``binding_calculations.csv``: what it gains to put a ligand on a site, eV.

    L: ``M(X)n + L -> L-M(X)n``; X: ``M(A)n + HX -> M(A)(n-1)X + HA`` with A the spectator. Negative
    means that it goes. ``counterpoise_ev`` (positive) and ``thermal_ev`` are to be added.
    """

    chem_class: str
    anchor: str
    binding: str
    metal: str
    spectator: str
    electronic_ev: float
    counterpoise_ev: float
    thermal_ev: float
    gfn2_electronic_ev: float

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What was asked: ligand, site, spectator and ``binding``."""
        return (self.smiles, self.metal, self.spectator, "binding")

    @property
    def free_energy_ev(self) -> float:
        """The Gibbs energy of the reaction at 298.15 K and 1 mol/L, eV."""
        return self.electronic_ev + self.counterpoise_ev + self.thermal_ev

    @property
    def summary(self) -> str:
        """For the log of a run."""
        return (
            f"electronic {self.electronic_ev:+.2f} (GFN2 {self.gfn2_electronic_ev:+.2f}), counterpoise "
            f"{self.counterpoise_ev:+.2f}, thermal {self.thermal_ev:+.2f}: {self.free_energy_ev:+.2f} eV, "
            f"{self.n_atoms} atoms, {self.seconds:.0f} s"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingCalculation(CalculatedRow):
    """A row of ``leaving_calculations.csv``: how much stronger a bond is than a methanethiolate's, eV.

    The Gibbs energy of ``M(A)X + CH3S. -> M(A)SCH3 + X.``, in which no ion and no bare site occurs: by
    as much more is the ligand held as a radical, and by as much harder it leaves when it is oxidised.
    The SMILES is that of the acid HX.
    """

    anchor: str
    metal: str
    spectator: str
    electronic_ev: float
    thermal_ev: float

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What was asked: ligand, site, spectator and ``leaving``."""
        return (self.smiles, self.metal, self.spectator, "leaving")

    @property
    def free_energy_ev(self) -> float:
        """The Gibbs energy of the reaction at 298.15 K, eV."""
        return self.electronic_ev + self.thermal_ev

    @property
    def summary(self) -> str:
        """For the log of a run."""
        return (
            f"electronic {self.electronic_ev:+.2f}, thermal {self.thermal_ev:+.2f}: "
            f"{self.free_energy_ev:+.2f} eV, {self.n_atoms} atoms, {self.seconds:.0f} s"
        )


def read_leaving_calculations() -> tuple[LeavingCalculation, ...]:
    """All strengths of bonds in file order; none if the table is not there yet."""
    path = table_path(_FOLDER, _MOLECULES).with_name("leaving_calculations.csv")
    return read_file(path, LeavingCalculation) if path.is_file() else ()


def read_bound_calculations() -> tuple[BoundCalculation, ...]:
    """All levels in file order; none if the table is not there yet."""
    path = table_path(_FOLDER, _MOLECULES).with_name("bound_calculations.csv")
    return read_file(path, BoundCalculation) if path.is_file() else ()


def read_binding_calculations() -> tuple[BindingCalculation, ...]:
    """All energies of binding in file order; none if the table is not there yet."""
    path = table_path(_FOLDER, _MOLECULES).with_name("binding_calculations.csv")
    return read_file(path, BindingCalculation) if path.is_file() else ()
