"""Quantum dots: layers and band edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from echemscreen.quantities import quantity
from echemscreen.records.levels import Reach, RedoxCouple
from echemscreen.records.processes import Process
from echemscreen.records.sources import Citation, as_html


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

    def of(self, process: Process) -> BandEdge:
        """The edge that drives a process."""
        return self.cbm if process == Process.REDUCTION else self.vbm


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


class DescribedLayer(TypedDict):
    """A layer in the JSON object of a dot."""

    material: str
    size_nm: float | None
    cbm_v_she: float
    vbm_v_she: float
    composition: dict[str, float]


class DescribedCouple(TypedDict):
    """A couple in the JSON object of a dot."""

    couple: str
    kind: str
    e0_v_she: float
    reduction_drive_ev: float


class DescribedDot(TypedDict):
    """The JSON object of a dot: ``qd --json``, ``qd`` of ``run.json``, what every figure is drawn from."""

    spec: str
    name: str
    cbm_v_she: float
    cbm_sigma_v: float
    cbm_kind: str
    vbm_v_she: float
    vbm_sigma_v: float
    vbm_kind: str
    exciton_ev: float
    exciton_nm: float | None
    band_alignment: str
    p_electron_surface: float
    p_hole_surface: float
    site_metal: str
    layers: list[DescribedLayer]
    couples: list[DescribedCouple]
    caveats: list[str]
    citations: list[str]


def described_edges(dot: DescribedDot) -> tuple[tuple[Literal["cbm", "vbm"], float, float, str], ...]:
    """Both edges: name, potential and standard deviation (V vs SHE), and how they are known."""
    return (
        ("cbm", dot["cbm_v_she"], dot["cbm_sigma_v"], dot["cbm_kind"]),
        ("vbm", dot["vbm_v_she"], dot["vbm_sigma_v"], dot["vbm_kind"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantumDot:
    """A dot ready to be compared with: layers, edges, carriers, couples."""

    spec: str
    name: str
    layers: tuple[Layer, ...]
    edges: BandEdges
    exciton_ev: float
    band_alignment: Literal["type I", "quasi-type II", "type II", ""]
    """Blank for a metal."""
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
        exciton = f"exciton {self.exciton_ev:.2f} eV, {self.band_alignment}" if self.exciton_ev else "a metal"
        return f"{name}: {edges}\n  {exciton}"

    def _repr_html_(self) -> str:
        return as_html(str(self))
