"""A dot sized by its absorption: the core of that first exciton, the distribution of sizes in its edges."""

from __future__ import annotations

import math
from dataclasses import replace

from echemscreen.dots.edges.band_edges import model_of, placed_edges
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.dots.sizes.emission import core_for_absorption
from echemscreen.dots.sizes.sizing_curves import EV_NM
from echemscreen.dots.specification import DotSpec, parse
from echemscreen.errors import DotError
from echemscreen.quantities import magnitude
from echemscreen.records.dots import BandEdge, QuantumDot


def absorbing_dot(spec: str, exciton_ev: float, sigma_ev: float, **edges: float | None) -> QuantumDot:
    """The dot whose first exciton lies at an energy, and whose sizes are distributed about it.

    Parameters
    ----------
    exciton_ev
        Position of the first exciton.
    sigma_ev
        Standard deviation of the energies of single dots and of the reading together; what it does to the
        edges through the size is added to their sigma.
    edges
        Measured edges, as :func:`~echemscreen.dots.quantum_dot.quantum_dot` takes them; they are not widened.

    Raises
    ------
    DotError
        if no core of the model's range absorbs there.
    """
    asked = parse(spec)
    solved = core_for_absorption(asked, EV_NM / exciton_ev)
    pairs = [(_near(asked, exciton_ev - sigma_ev, solved), _near(asked, exciton_ev + sigma_ev, solved))]
    relative = asked.preset.size_sigma if asked.preset else None
    if relative:
        # The shells of a preset may be assumed: the core then makes up for them.
        thin, thick = (asked.scaled(factor, core=False) for factor in (1 - relative, 1 + relative))
        pairs.append((_near(thin, exciton_ev, solved), _near(thick, exciton_ev, solved)))
    placed = [(placed_edges(model_of(low)), placed_edges(model_of(high))) for low, high in pairs]
    cbm_v = math.hypot(*((low.cbm_v_she - high.cbm_v_she) / 2 for low, high in placed))
    vbm_v = math.hypot(*((low.vbm_v_she - high.vbm_v_she) / 2 for low, high in placed))
    dot = quantum_dot(solved.spec, **edges)
    said = (
        f"The core is sized by a first exciton of {magnitude(exciton_ev, sigma_ev, decimals=3)} eV, "
        f"distribution included: {cbm_v:.2f} V of the conduction edge's sigma and {vbm_v:.2f} V of the "
        "valence edge's."
    )
    return replace(
        dot,
        name=asked.name,
        edges=replace(dot.edges, cbm=_widened(dot.edges.cbm, cbm_v), vbm=_widened(dot.edges.vbm, vbm_v)),
        caveats=(*dot.caveats, said),
    )


def _near(asked: DotSpec, energy_ev: float, otherwise: DotSpec) -> DotSpec:
    """The core of an energy, or the dot itself where the model does not reach: the other side tells."""
    try:
        return core_for_absorption(asked, EV_NM / energy_ev)
    except DotError:
        return otherwise


def _widened(edge: BandEdge, by_v: float) -> BandEdge:
    return edge if edge.kind == "user" else replace(edge, sigma_v=math.hypot(edge.sigma_v, by_v))
