"""Band edges that a user measured: on which scale, whether they can be, and dots that have nothing else.

An edge is a potential in V vs SHE or an energy in eV vs vacuum (negative); one of the two. A number on the
wrong scale is mostly one that no solid has on the scale that was named:

- Edges of semiconductors and Fermi levels of metals lie between those of NiO, whose electron affinity is
  small (1.7 eV), and MoO3, whose bands are deep (6.7 and 9.7 eV below vacuum; ``device_layers.csv``). The
  windows are these with a little to spare; every published edge lies inside (tested).
- A gap between edges is not narrower than the first exciton, which is bound; two readings may leave it
  ``TOO_NARROW_EV`` too narrow, more than twice what valence edges of one material scatter by
  (``edge_scatter.csv``). It exceeds the exciton by less than ``TOO_WIDE_EV``: the widest of the published
  pairs (``electrochemical_gaps.csv``), read at the feet of two waves, by 1.3 eV.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from pymatgen.core import Composition, Element

from echemscreen.dots.edges.band_edges import valence_scatter_v
from echemscreen.dots.formulas import Formula, formula_of, is_metal
from echemscreen.dots.mixtures import shares_of
from echemscreen.dots.specification import named_and_sized, parse, size_of, split_layers
from echemscreen.errors import DotError
from echemscreen.options.runs import MeasuredEdges
from echemscreen.records.dots import BandEdge, BandEdges, Layer, QuantumDot
from echemscreen.records.sources import Citation
from echemscreen.scales import from_she, she_from

#: Standard deviation of an edge that is given without one, V: the usual scatter of voltammetric peaks.
MEASURED_SIGMA_V = 0.10
#: Energies against vacuum, eV, that an edge of a semiconductor or a Fermi level can have.
WINDOWS_EV = {"cbm": (-7.0, -1.6), "vbm": (-10.0, -1.6)}
#: By how much a gap between edges may fall short of the first exciton, and exceed it, eV.
TOO_NARROW_EV = 0.5
TOO_WIDE_EV = 1.5
#: What an optical gap is uncertain by as the gap between edges, eV: the binding of the exciton.
BINDING_SIGMA_EV = 0.2
#: An edge this far from the modelled one is told: published edges of one material hardly spread further, V.
FAR_FROM_MODEL_V = 1.0
#: Atoms of a formula up to which oxidation states are tried.
_MOST_ATOMS = 60
USER = Citation(source="given by the user")
_NAMES = {"cbm": "conduction edge", "vbm": "valence edge"}


class GivenEdges(MeasuredEdges):
    """What a user says about the edges of a dot, if it can be.

    Raises
    ------
    DotError
        for an edge on two scales, a sigma without its edge, or an edge where no semiconductor has one.
    """

    def model_post_init(self, _: object) -> None:
        """Refuse what each number alone does not show to be wrong."""
        for edge, spread in (("cbm", "cbm_sigma_v"), ("vbm", "vbm_sigma_ev")):
            given = {
                name: value
                for name in (f"{edge}_v_she", f"{edge}_ev")
                if (value := getattr(self, name)) is not None
            }
            options = f"--{edge}-v-she", f"--{edge}-ev"
            if len(given) > 1:
                raise DotError(
                    f"The {_NAMES[edge]} is given twice, by {' and '.join(options)}.",
                    "Leave one of them away.",
                )
            if getattr(self, spread) is not None and not given:
                raise DotError(
                    f"{_option(spread)} is given without {' or '.join(options)}.",
                    "Give the edge that it belongs to.",
                )
            for name, value in given.items():
                _check_window(edge, name, value)

    @property
    def cbm(self) -> float | None:
        """Conduction edge, V vs SHE."""
        return self.cbm_v_she if self.cbm_ev is None else she_from(self.cbm_ev, "vacuum")

    @property
    def vbm(self) -> float | None:
        """Valence edge, V vs SHE."""
        return self.vbm_v_she if self.vbm_ev is None else she_from(self.vbm_ev, "vacuum")

    def edge(self, which: Literal["cbm", "vbm"], default_sigma_v: float) -> BandEdge | None:
        """One edge as a record, if it is given."""
        value = self.cbm if which == "cbm" else self.vbm
        sigma = self.cbm_sigma_v if which == "cbm" else self.vbm_sigma_ev
        if value is None:
            return None
        return BandEdge(
            value_v_she=value, sigma_v=default_sigma_v if sigma is None else sigma, kind="user", citation=USER
        )


#: The options that say something about the edges of a dot.
EDGE_OPTIONS = tuple(MeasuredEdges.model_fields)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _check_window(edge: str, name: str, value: float) -> None:
    """Refuse an edge where no solid has one, and say how it may have been meant."""
    potentials = {f"{edge}_v_she": value, f"{edge}_ev": she_from(value, "vacuum")}
    low, high = sorted(she_from(energy, "vacuum") for energy in WINDOWS_EV[edge])
    if low <= potentials[name] <= high:
        return
    energy = f"write {_option(f'{edge}_ev')} {-abs(value):g} if it is an energy against vacuum"
    potential = f"write {_option(f'{edge}_v_she')} {value:g} if it is a potential against SHE"
    meant = [energy] if low <= she_from(-abs(value), "vacuum") <= high else []
    meant += [potential] if low <= value <= high else []
    scale = "V vs SHE" if name.endswith("v_she") else "eV vs vacuum"
    remedy = meant[0] if meant else "check sign, scale and electrode"
    raise DotError(
        f"A {_NAMES[edge]} at {value:g} {scale} is none that a "
        f"semiconductor or metal has: they lie between {low:+.2f} and {high:+.2f} V vs SHE "
        f"({from_she(low, 'vacuum'):g} and {from_she(high, 'vacuum'):g} eV vs vacuum).",
        f"{remedy[0].upper()}{remedy[1:]}.",
    )


def with_given(fitted: BandEdges, given: GivenEdges, exciton_ev: float, name: str) -> BandEdges:
    """The edges of a dot with those of the user in their stead; the other edge follows by the gap.

    Raises
    ------
    DotError
        if the edges are upside down or do not belong to a dot with that first exciton.
    """
    cbm = given.edge("cbm", MEASURED_SIGMA_V)
    vbm = given.edge("vbm", fitted.vbm.sigma_v)
    if exciton_ev <= 0 and given.gap_ev is None and (cbm is None or vbm is None):
        raise DotError(
            f"'{name}' has no gap: its valence edge lies above the conduction edge.",
            "Write it with a size, as HgTe:8, or with edges of your own: --cbm-v-she with --vbm-v-she or "
            "--gap-ev.",
        )
    if cbm is None and vbm is None:
        if given.gap_ev is not None:
            raise DotError(
                "--gap-ev is given without an edge.", "Give an edge too, or size the dot by --emission-nm."
            )
        return fitted
    # A gap of the user's differs from the modelled one by as much as the excitons do.
    wider_ev = 0.0 if given.gap_ev is None else given.gap_ev - exciton_ev
    if vbm is None and cbm is not None:
        moved_v = cbm.value_v_she - fitted.cbm.value_v_she + wider_ev
        vbm = replace(fitted.vbm, value_v_she=fitted.vbm.value_v_she + moved_v)
    elif cbm is None and vbm is not None:
        moved_v = vbm.value_v_she - fitted.vbm.value_v_she - wider_ev
        cbm = replace(fitted.cbm, value_v_she=fitted.cbm.value_v_she + moved_v)
    # Edges that the user measured err by themselves.
    edges = BandEdges(cbm=cbm or fitted.cbm, vbm=vbm or fitted.vbm)
    check_edges(edges, exciton_ev if given.gap_ev is None else given.gap_ev)
    return edges


def far_from_model(fitted: BandEdges, edges: BandEdges) -> tuple[str, ...]:
    """Sentences about edges of the user's that lie far from the modelled ones."""
    return tuple(
        f"Your {_NAMES[name]} ({edge.value_v_she:+.2f} V vs SHE) lies {abs(away_v):.1f} V "
        f"{'below' if away_v > 0 else 'above'} the modelled one: check sign, scale and electrode."
        for name, edge, away_v in (
            ("cbm", edges.cbm, edges.cbm.value_v_she - fitted.cbm.value_v_she),
            ("vbm", edges.vbm, edges.vbm.value_v_she - fitted.vbm.value_v_she),
        )
        if edge.kind == "user" and abs(away_v) > FAR_FROM_MODEL_V
    )


def check_edges(edges: BandEdges, exciton_ev: float) -> None:
    """Refuse two edges that lie nowhere, or whose gap cannot be that of a dot with this first exciton.

    Raises
    ------
    DotError
        saying where they lie, or which gap they leave.
    """
    cbm, vbm = edges.cbm, edges.vbm
    gap_ev = vbm.value_v_she - cbm.value_v_she
    at = [
        f"({v_she:+.2f} V vs SHE, {from_she(v_she, 'vacuum'):.2f} eV)"
        for v_she in (vbm.value_v_she, cbm.value_v_she)
    ]
    if gap_ev < 0 or (gap_ev == 0 and exciton_ev > 0):
        raise DotError(
            f"The valence edge {at[0]} lies above the conduction edge {at[1]}.",
            "Check signs and scales: --cbm-v-she and --vbm-v-she in V vs SHE, --cbm-ev and --vbm-ev in eV vs "
            "vacuum (negative).",
        )
    for name, edge in (("cbm", cbm), ("vbm", vbm)):
        low, high = WINDOWS_EV[name]
        if not low <= from_she(edge.value_v_she, "vacuum") <= high:
            raise DotError(
                f"The {_NAMES[name]} would be at {edge.value_v_she:+.2f} V vs SHE "
                f"({from_she(edge.value_v_she, 'vacuum'):.2f} eV), where no semiconductor or metal has one.",
                "Check sign, scale and electrode of the edge that you gave, and the gap.",
            )
    sigma_ev = 2 * math.hypot(cbm.sigma_v, vbm.sigma_v)
    if exciton_ev - max(TOO_NARROW_EV, sigma_ev) <= gap_ev <= exciton_ev + max(TOO_WIDE_EV, sigma_ev):
        return
    raise DotError(
        f"The valence edge {at[0]} and the conduction edge {at[1]} leave a gap of {gap_ev:.2f} eV, "
        f"but the first exciton is at {exciton_ev:.2f} eV.",
        "Check signs and scales, and that both are of one sample; if your dot has another exciton, give it "
        "by --gap-ev or --emission-nm.",
    )


# --- materials without a model --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMaterial:
    """A material that has no model: all that is known of it is what the user says."""

    name: str
    formula: Formula
    size_nm: float | None

    @property
    def spec(self) -> str:
        """The material with its size."""
        return self.name if self.size_nm is None else f"{self.name}:{self.size_nm:g}"

    @property
    def site(self) -> tuple[str, int]:
        """The metal that ligands bind to with its oxidation state; blank if there is none."""
        amounts = {symbol: x for symbol, x in self.formula.amounts.items() if Element.is_valid_symbol(symbol)}
        metals = [symbol for symbol in amounts if is_metal(symbol)]
        if len(amounts) < max(2, len(self.formula.amounts)) or not metals:
            return "", 0
        whole = Composition(Composition(amounts).get_integer_formula_and_factor()[0])
        guesses = whole.oxi_state_guesses() if whole.num_atoms <= _MOST_ATOMS else ()
        if not guesses:
            return "", 0
        metal = max(metals, key=lambda symbol: (amounts[symbol], -Element(symbol).X))
        return metal, max(round(guesses[0][metal]), 0)


def own_material(spec: str) -> OwnMaterial | None:
    """A single material, with or without a size, that has no model; ``None`` for everything else.

    Raises
    ------
    DotError
        if its formula could be several things, or its size is none.
    """
    parts = split_layers(spec)
    name, size = named_and_sized(parts[0])
    formula = formula_of(name) if len(parts) == 1 else None
    if formula is None or shares_of(name, formula, spec) is not None:
        return None
    size_nm = None if size is None else size_of(size, name, spec)
    if size_nm is not None and size_nm <= 0:
        raise DotError(f"In the dot '{spec}' a size of {size_nm:g} nm is none.", f"Write it as {name}:5.0.")
    return OwnMaterial(name=name, formula=formula, size_nm=size_nm)


def written_layers(spec: str) -> str:
    """The layers of a dot in one spelling, whether they have a model or not.

    Raises
    ------
    DotError
        if the specification means nothing.
    """
    own = own_material(spec)
    return parse(spec).spec if own is None else own.spec


def own_dot(spec: str, material: OwnMaterial, given: GivenEdges) -> QuantumDot:
    """A dot of a material without a model, from the user's edges alone.

    Raises
    ------
    DotError
        if they are not two of conduction edge, valence edge and gap, or do not belong together.
    """
    cbm, vbm, gap_ev = (
        given.edge("cbm", MEASURED_SIGMA_V),
        given.edge("vbm", valence_scatter_v()),
        given.gap_ev,
    )
    caveats = [f"{material.name} has no model: its edges are yours, and its carriers reach the surface."]
    if cbm is not None and vbm is not None:
        edges = BandEdges(cbm=cbm, vbm=vbm)
        if gap_ev is None:
            gap_ev = vbm.value_v_she - cbm.value_v_she
            caveats.append("Its exciton is taken for the gap between its edges.")
    elif gap_ev is not None and (known := cbm or vbm) is not None:
        sigma_v = math.hypot(known.sigma_v, BINDING_SIGMA_EV if gap_ev else 0.0)
        away_v = gap_ev if cbm else -gap_ev
        other = replace(known, value_v_she=known.value_v_she + away_v, sigma_v=sigma_v)
        edges = BandEdges(cbm=cbm or other, vbm=vbm or other)
        if gap_ev:
            caveats.append(
                "One edge is an optical gap from the other: its sigma holds the exciton's binding."
            )
    else:
        raise DotError(
            f"'{material.name}' has no model here: one edge does not tell the other.",
            "Give both edges (--cbm-v-she or --cbm-ev, --vbm-v-she or --vbm-ev), or one and --gap-ev, which "
            "is 0 for a metal.",
        )
    check_edges(edges, gap_ev)
    metal, charge = material.site
    if not metal:
        caveats.append(f"No ion of {material.name} is known that ligands bind to: they are judged unbound.")
    layer = Layer(
        material=material.name,
        size_nm=material.size_nm,
        cbm_v_she=edges.cbm.value_v_she,
        vbm_v_she=edges.vbm.value_v_she,
    )
    return QuantumDot(
        spec=material.spec,
        name=spec.strip(),
        layers=(layer,),
        edges=edges,
        exciton_ev=gap_ev,
        band_alignment="type I" if gap_ev else "",
        # Nothing is known of its inside: as of a bulk material, its carriers meet whatever binds to it.
        p_electron_surface=1.0,
        p_hole_surface=1.0,
        site_metal=metal,
        site_charge=charge,
        caveats=tuple(caveats),
        citations=(USER,),
    )
