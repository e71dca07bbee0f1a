"""The fit of the rate of charge transfer to published rates: ``echemscreen calibrate --transfer``.

``transfer_rates.csv`` holds rates of single molecules on dots. Each gives ``log10(k / p)`` with the model's
probability of the carrier at the surface, at a drive from the calibrated level of the molecule and the edge
of the dot. ``k0`` and the reorganisation energy are those of the largest likelihood, with the uncertainty of
the drives; what is left scatters by ``scatter_decades``. Only forward transfer to molecules that sit on the
dot is fitted: collisions measure diffusion, and the carrier that comes back is another one.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.errors import InputError
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.quantities import quantity
from echemscreen.records.processes import Process
from echemscreen.records.results import Assessment
from echemscreen.reference_tables import read_rows
from echemscreen.screening.assess import assess
from echemscreen.screening.workbench import Settings, Workbench
from echemscreen.verdicts.exposure import TransferModel, transfer_model

_GRID_LOG10_K0 = np.arange(9.0, 14.01, 0.05)
#: Below 0.4 eV no molecule in a polar surrounding reorganises, above 1.2 eV the rates level off too late.
_GRID_REORGANISATION_EV = np.arange(0.4, 1.21, 0.05)
#: Dots of one series from which it tells of shells.
_LEAST_SHELLS = 3
_ON_THE_DOT = frozenset({"bound", "adsorbed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRateRow:
    """A row of ``transfer_rates.csv``; ``attachment`` is ``bound``, ``adsorbed`` or ``collision``."""

    entry: str
    series: str
    process: Process
    molecule: str
    smiles: str
    dot: str
    attachment: str
    drive_ev: float | None
    rate_per_s: float
    sigma_decades: float
    quality: str
    citation: str
    locator: str
    note: str

    @property
    def is_fitted(self) -> bool:
        """Forward transfer to a molecule on the dot, read in a source."""
        return (
            self.attachment in _ON_THE_DOT
            and self.quality == "verified"
            and not self.series.endswith(("-back", "-ensemble"))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRate:
    """A published rate and what the model needs to say of it."""

    row: TransferRateRow
    share: float
    drive_ev: float
    sigma_ev: float

    def log10_predicted(self, model: TransferModel) -> tuple[float, float]:
        """log10 of the rate and what the uncertainty of the drive makes of it, decades."""
        drives = self.drive_ev + self.sigma_ev * np.linspace(-2.0, 2.0, 41)
        weights = np.exp(-0.5 * np.linspace(-2.0, 2.0, 41) ** 2)
        weights /= weights.sum()
        logs = model.log10_rate(drives, self.share)
        mean = float(weights @ logs)
        return mean, math.sqrt(float(weights @ (logs - mean) ** 2))


def transfer_rates() -> tuple[TransferRateRow, ...]:
    """The published rates."""
    return read_rows("ligand_library", "transfer_rates.csv", TransferRateRow)


def compared_rates() -> Iterator[ComparedRate]:
    """The fitted rates with the drive and the surface of their dots, by live vertical levels."""
    engine = get_engine("tblite")
    theory = theory_of(engine, "acetonitrile")
    settings = Settings(level="fast", forms="free")
    for row in transfer_rates():
        if not row.is_fitted:
            continue
        dot = quantum_dot(row.dot)
        bench = Workbench(engine, theory, settings, {})
        process = row.process
        try:
            molecule = parse_smiles(row.smiles, row.molecule)
        except InputError:
            # A radical is no molecule that a screen takes.
            continue
        if molecule.kind == "salt":
            # Such as a metallocene drawn as ions: its level is not that of the whole.
            continue
        result = assess(molecule, dot, bench)[0]
        if not isinstance(result, Assessment):
            continue
        found = [
            item
            for item in result.alignments
            if item.process == process and item.source == "molecule" and item.sigma_ev is not None
        ]
        level = result.levels.of(process)
        # A drive from a level without evidence tells nothing of the rate.
        if found and level is not None and level.domain != "uncalibrated":
            yield ComparedRate(
                row=row,
                share=dot.reach.of(process),
                drive_ev=found[0].drive_ev,
                sigma_ev=found[0].sigma_ev or 0.0,
            )


def fitted_model(rates: list[ComparedRate], start: TransferModel) -> TransferModel:
    """``k0``, reorganisation energy and scatter of the largest likelihood; each series counts as one."""
    members: dict[str, int] = defaultdict(int)
    for item in rates:
        members[item.row.series] += 1
    weights = np.array([1.0 / members[item.row.series] for item in rates])
    measured = np.array([math.log10(item.row.rate_per_s) for item in rates])
    best: tuple[float, TransferModel] | None = None
    for reorganisation in _GRID_REORGANISATION_EV:
        trial = replace(start, log10_k0=0.0, reorganisation_ev=float(reorganisation))
        rest = measured - np.array([item.log10_predicted(trial)[0] for item in rates])
        drives = np.array([item.log10_predicted(trial)[1] for item in rates])
        for scatter in np.arange(0.3, 2.01, 0.05):
            variance = scatter**2 + drives**2 + np.array([item.row.sigma_decades**2 for item in rates])
            k0 = float((weights / variance) @ rest / (weights / variance).sum())
            likelihood = float(-0.5 * weights @ ((rest - k0) ** 2 / variance + np.log(variance)))
            if best is None or likelihood > best[0]:
                best = (
                    likelihood,
                    replace(
                        start,
                        log10_k0=round(k0, 2),
                        reorganisation_ev=round(float(reorganisation), 2),
                        scatter_decades=round(float(scatter), 2),
                    ),
                )
    assert best is not None
    return best[1]


def slope_of_shells(rows: Sequence[TransferRateRow]) -> tuple[float, float]:
    """Decades that a rate falls for each decade by which a shell hides the carrier, and its error.

    There are two estimates: 1 by the envelope model, and the slope of the series of one molecule that vary
    a shell, which needs no drive. Their mean is taken, and half their distance is its error.
    """
    series: dict[str, list[TransferRateRow]] = defaultdict(list)
    for row in rows:
        if row.is_fitted and "/" in row.dot:
            series[row.series].append(row)
    slopes = []
    for members in series.values():
        if len({row.dot for row in members}) >= _LEAST_SHELLS:
            process = members[0].process
            hidden = [math.log10(quantum_dot(row.dot).reach.of(process)) for row in members]
            slopes.append(float(np.polyfit(hidden, [math.log10(row.rate_per_s) for row in members], 1)[0]))
    measured = statistics.fmean(slopes)
    return round((1.0 + measured) / 2.0, 2), round(abs(measured - 1.0) / 2.0, 2)


def transfer_table() -> str:
    """The text of ``echemscreen calibrate --transfer``."""
    rates = list(compared_rates())
    shipped = transfer_model()
    exponent, error = slope_of_shells(transfer_rates())
    model = fitted_model(rates, replace(shipped, tail_exponent=exponent, tail_decades=error))
    lines = [
        "molecule                 dot                  process     drive / eV    p surface  log10 k  model"
    ]
    for item in sorted(rates, key=lambda item: item.drive_ev):
        mean, _ = item.log10_predicted(model)
        lines.append(
            f"{item.row.molecule[:24]:24s} {item.row.dot:20s} {item.row.process:10s} "
            f"{quantity(item.drive_ev, item.sigma_ev)} {item.share:10.1e} "
            f"{math.log10(item.row.rate_per_s):8.1f} {mean:6.1f}"
        )
    lines.append(
        f"log10_k0 {model.log10_k0:.2f}, reorganisation_ev {model.reorganisation_ev:.2f}, "
        f"scatter_decades {model.scatter_decades:.2f}, "
        f"tail_exponent {model.tail_exponent:.2f}, tail_decades {model.tail_decades:.2f} "
        f"({len(rates)} rates in {len({item.row.series for item in rates})} series)"
    )
    agrees = model == shipped
    lines.append(f"the shipped constants are {'these' if agrees else 'others'}")
    return "\n".join(lines)
