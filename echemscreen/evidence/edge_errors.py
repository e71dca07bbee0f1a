"""How well the joint fit of band edges does, for a reader: ``echemscreen calibrate --edges``."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from echemscreen.dots.edges.band_edges import model_of
from echemscreen.dots.edges.edge_axis import EdgeCovarianceRow, EdgeModelRow, edge_axis
from echemscreen.dots.edges.edge_evidence import BandEdgeRow, electrochemical_gaps, published_edges
from echemscreen.dots.edges.edge_fit import (
    EdgeFit,
    Observation,
    edge_observation,
    fit_edges,
    left_out,
)
from echemscreen.dots.sizes.emission import core_for_absorption
from echemscreen.dots.sizes.sizing_curves import EV_NM
from echemscreen.dots.specification import parse
from echemscreen.engines.base import get_engine
from echemscreen.levels.redox import theory_of
from echemscreen.quantities import magnitude, quantity
from echemscreen.screening.ligand_dipole import calculated_spans, fitted_response
from echemscreen.screening.workbench import Settings, Workbench

MODEL_TABLE, COVARIANCE_TABLE = "edge_model.csv", "edge_covariance.csv"
#: Quantile of a normal distribution for an interval of 90 %.
_LEVEL_90 = 1.645
#: Refitted and shipped parameters may differ by this, V: the tables round to a tenth of it.
_AGREEMENT_V = 2e-3
_Predicted = tuple[Observation, float, float]


def edge_table(fit: EdgeFit) -> str:
    """Parameters, residuals and errors of what was left out."""
    return "\n".join(_lines(fit))


def _lines(fit: EdgeFit) -> Iterator[str]:
    yield "parameter                              mean   sigma (V)   rows"
    for parameter in fit.rows():
        if parameter.n_rows:
            yield (
                f"{parameter.parameter:36s} {parameter.mean_v:+6.2f}   {parameter.sigma_v:6.2f}   "
                f"{parameter.n_rows:7d}"
            )
    yield ""
    yield f"scatter, surface: {fit.scatter.surface_v:.2f} V between compounds"
    for family, scatter in sorted(fit.scatter.methods.items()):
        yield (
            f"scatter, {family}: {scatter.between_v:.2f} V between publications, "
            f"{scatter.within_v:.2f} V between rows of one"
        )
    yield "\npublished edges, V vs SHE (steps in V), as the fit reads them:"
    for one in fit.observations:
        value, sigma = fit.predicted(one)
        sample = f"{one.row.sample} ({one.row.kind})" if isinstance(one.row, BandEdgeRow) else one.row.method
        yield (
            f"  {one.material:14s} {one.edge}  {one.observed_v:+5.2f}  fit {quantity(value, sigma)}  "
            f"residual {one.observed_v - value:+5.2f}  {sample}"
        )
    yield "\nleft out                  n   publications   MAE (V)   90 % coverage"
    publications = left_out(fit, lambda one: one.row.citation)
    yield _error("publication, all", publications)
    yield _error("publication, dots", [item for item in publications if item[0].on_dots])
    known = [item for item in publications if _kind_is_known(item[0], fit.observations)]
    yield _error("- whose kind is known", known)
    materials = left_out(fit, lambda one: one.compound if isinstance(one.row, BandEdgeRow) else None)
    yield _error("material, CBM", [item for item in materials if item[0].edge == "cbm"])
    yield _error("material, VBM", [item for item in materials if item[0].edge == "vbm"])
    yield "\nelectron transfer that was seen, against the edges of the fit:"
    brackets = [row for row in published_edges() if row.kind.startswith("transfer_bracket") and row.dot]
    yield from (f"  {_bracket(fit, row)}" for row in brackets)


def gap_table() -> str:
    """Published electrochemical gaps beside the optical ones, and what the model gives for the same dots.

    The model's gap between 1S edges exceeds its first exciton by the binding of the pair; no charging of the
    surroundings is in it (:mod:`echemscreen.dots.sizes.dielectric`).
    """
    lines = ["electrochemical against optical gaps of dots, eV:"]
    excess: dict[str, list[tuple[float, float]]] = {}
    for row in electrochemical_gaps():
        asked = parse(row.dot)
        wavelength_nm = row.exciton_nm or EV_NM / row.optical_gap_ev
        solved = core_for_absorption(asked, wavelength_nm) if asked.open_core else asked
        model = model_of(solved)
        binding_ev = model.electron_ev - model.hole_ev - model.exciton_ev
        excess.setdefault(row.kind, []).append((row.excess_ev, binding_ev))
        lines.append(
            f"  {solved.spec:12s} {row.kind:9s} optical {row.optical_gap_ev:.2f}, peak "
            f"{EV_NM / wavelength_nm:.2f}, electrochemical {row.electrochemical_gap_ev:.2f}: "
            f"{row.excess_ev:+.2f}; model {binding_ev:+.2f}"
        )
    for kind, found in excess.items():
        published, modelled = np.mean(found, axis=0)
        lines.append(f"  mean of {len(found)} by {kind}: {published:+.2f}; model {modelled:+.2f}")
    return "\n".join(lines)


def _kind_is_known(one: Observation, others: Sequence[Observation]) -> bool:
    """Whether another publication tells what this kind of reading adds to that edge."""
    return any(
        set(one.coefficients) - set(edge_axis().names) <= set(other.coefficients)
        for other in others
        if other.row.citation != one.row.citation and other.edge == one.edge
    )


def _error(what: str, rows: Sequence[_Predicted]) -> str:
    errors = np.array([one.observed_v - value for one, value, _ in rows])
    sigmas = np.array([sigma for _, _, sigma in rows])
    coverage = float((np.abs(errors) < _LEVEL_90 * sigmas).mean())
    n = len({one.row.citation for one, _, _ in rows})
    return f"{what:22s} {len(rows):4d}   {n:12d}   {np.abs(errors).mean():7.2f}   {coverage:13.2f}"


def _bracket(fit: EdgeFit, row: BandEdgeRow) -> str:
    value, sigma = fit.predicted(edge_observation(row))
    # "Above" is nearer to the vacuum: a more negative potential.
    side = -1.0 if row.kind.endswith("above") else 1.0
    margin_v = side * (value - row.value_v_she)
    word = (
        "agrees"
        if margin_v > 0
        else "agrees within its sigma"
        if margin_v > -_LEVEL_90 * sigma
        else "CONTRADICTS"
    )
    return (
        f"{row.dot}: {row.edge} {quantity(value, sigma)}, "
        f"{'above' if side < 0 else 'below'} {row.value_v_she:+.2f} V vs SHE: {word} ({row.sample})"
    )


def shipped_agrees(fit: EdgeFit) -> bool:
    """Whether the shipped parameters are those of the fit."""
    shipped = edge_axis().rows
    return all(
        row.parameter in shipped
        and abs(row.mean_v - shipped[row.parameter].mean_v) < _AGREEMENT_V
        and abs(row.sigma_v - shipped[row.parameter].sigma_v) < _AGREEMENT_V
        for row in fit.rows()
    )


def write_edge_tables(fit: EdgeFit, folder: Path) -> None:
    """Write the tables of the fit as they are shipped."""
    tables: tuple[tuple[str, type[Any], Sequence[Any]], ...] = (
        (MODEL_TABLE, EdgeModelRow, fit.rows()),
        (COVARIANCE_TABLE, EdgeCovarianceRow, fit.covariances()),
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name, kind, rows in tables:
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [field.name for field in fields(kind)], lineterminator="\n")
            writer.writeheader()
            writer.writerows(asdict(row) for row in rows)


def _dipole_table() -> str:
    """Published shifts of edges under two ligands, beside those of upright full shells."""
    engine = get_engine("tblite")
    bench = Workbench(engine, theory_of(engine, "acetonitrile"), Settings(level="fast"), {})
    spans = calculated_spans(bench)
    value, sigma = fitted_response(spans)
    lines = [
        f"  {row.deeper} against {row.shallower} on {row.site_metal}: published {row.span_v:.2f} V, "
        f"upright full shells {calculated_v:.2f} V"
        for row, calculated_v in spans
    ]
    lines.append(f"  response {magnitude(value, sigma)} (ligand_layers.csv)")
    return "\n".join(["ligands move edges, V:", *lines])


def calibrated_edges(out: Path | None) -> tuple[str, bool]:
    """The table for a reader, and whether the shipped fit is what its rows give now."""
    fit = fit_edges()
    if out is not None:
        write_edge_tables(fit, out)
        # Written into the shipped folder, it is the shipped one from now on.
        edge_axis.cache_clear()
    agrees = shipped_agrees(fit)
    remedy = "write it with --out" if out is None else f"that of the fit is in {out}"
    verdict = f"The shipped axis {'agrees' if agrees else f'DIFFERS: {remedy}'}."
    return "\n\n".join([edge_table(fit), gap_table(), _dipole_table(), verdict]), agrees
