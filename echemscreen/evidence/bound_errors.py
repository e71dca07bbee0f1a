"""How far bound forms can be trusted: their fits and the scales of their evidence, in words."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np

from echemscreen.levels.bound_references import read_bound_calculations
from echemscreen.levels.fit.calibration import Z90
from echemscreen.levels.site_shift import BoundFit, LeftOutShift, bound_fit, left_out
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.screening.form_evidence.site_evidence import (
    calculated_energies,
    energy_line,
    leaving_scale,
)


def binding_table() -> str:
    """The text of ``echemscreen calibrate --binding``."""
    lines: list[str] = []
    for process in PROCESSES:
        for binding in ("X", "L"):
            fit = bound_fit(process, binding)
            if fit.rows:
                lines += _fit_lines(fit, left_out(process, binding))
    lines += ["", *_site_lines(), "", *_scale_lines()]
    return "\n".join(lines)


def _fit_lines(fit: BoundFit, values: tuple[LeftOutShift, ...]) -> Iterator[str]:
    kind = "anions (X)" if fit.binding == "X" else "donors (L)"
    yield f"{fit.process} of bound {kind}, each ligand predicted by the others, V:"
    yield "class                ligands  rows  mean shift    MAE   RMSE  90 % coverage"
    by_class: dict[str, list[LeftOutShift]] = defaultdict(list)
    for item in values:
        by_class[item.row.bond_class].append(item)
    for name in sorted(by_class):
        yield _line(name, fit, by_class[name])
    if values:
        yield _line("all", fit, list(values))
    alone = sorted(set(fit.names) - set(by_class))
    if alone:
        yield f"a single ligand, not predicted: {', '.join(alone)}"
    yield f"scatter {fit.scatter_v:.2f} V, widened by {fit.widened:.2f}"
    yield ""


def _line(name: str, fit: BoundFit, items: list[LeftOutShift]) -> str:
    errors = np.array([item.shift_v - item.row.shift_v for item in items])
    sigmas = np.array([item.sigma_v * fit.widened for item in items])
    inside = np.abs(errors) <= Z90 * sigmas
    return (
        f"{name:20s} {len({item.row.smiles for item in items}):7d} {len(items):5d} "
        f"{statistics.fmean(item.row.shift_v for item in items):11.2f} {np.abs(errors).mean():6.3f} "
        f"{np.sqrt((errors**2).mean()):6.3f} {inside.mean():14.2f}"
    )


def _site_lines() -> Iterator[str]:
    """The same ligand on other sites: what a site model is worth."""
    rows = [row for row in read_bound_calculations() if row.process == Process.OXIDATION and row.metal]
    if not rows:
        return
    common = Counter((row.metal, row.spectator) for row in rows).most_common(1)[0][0]
    usual = {row.smiles: row for row in rows if (row.metal, row.spectator) == common}
    yield f"The same ligand on other sites, E_ox against that on {common[0]}({common[1]}), V:"
    differences: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        if (row.metal, row.spectator) != common and row.smiles in usual:
            there = usual[row.smiles]
            differences[row.metal, row.spectator].append(row.vertical_v_she - there.vertical_v_she)
    for (metal, spectator), values in sorted(differences.items()):
        spread = f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else ""
        mean = statistics.fmean(values)
        yield f"{metal}({spectator}): {mean:+.2f}{spread} ({len(values)} ligands, vertical)"


def _scale_lines() -> Iterator[str]:
    scale = leaving_scale()
    if scale is not None:
        mean, scatter, count = scale
        yield (
            f"Leaving as a radical: calculated bonds lead to cited levels by {mean:+.2f} V, "
            f"scatter {scatter:.2f} V ({count} ligands)"
        )
    for binding in ("L", "X"):
        line = energy_line(binding)
        if line is not None:
            yield (
                f"log10 K1 of {'donors' if binding == 'L' else 'anions'} = {line.intercept:+.2f} "
                f"{line.slope:+.2f} per eV of calculated energy, scatter {line.scatter:.2f} "
                f"({line.n_classes} classes)"
            )
        means = {name: statistics.fmean(values) for name, values in calculated_energies(binding).items()}
        for name, energy in sorted(means.items(), key=lambda item: item[1]):
            yield f"  {name:20s} {energy:+.2f} eV"
