"""``measure cv``: from voltammograms to a ligand's potentials or a dot's edges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from echemscreen.campaign.measuring.subject import Measured, Measurement
from echemscreen.dots.edges.given_edges import MEASURED_SIGMA_V
from echemscreen.errors import InputError
from echemscreen.levels.fit.references import KIND_NOISE_V
from echemscreen.measurements.instrument_files import read_voltammogram
from echemscreen.measurements.own_rows import OwnMeasurement
from echemscreen.measurements.referencing import (
    Reference,
    by_electrode,
    by_found_ferrocene,
    by_given_ferrocene,
)
from echemscreen.measurements.scan_rates import Series, series_of
from echemscreen.measurements.text_tables import number_of
from echemscreen.measurements.voltammetry import Analysis, Rise, Wave, analysed
from echemscreen.options.measuring import CvOptions
from echemscreen.quantities import quantity
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.scales import electrode
from echemscreen.views.construction import Construction, Curve, Mark, Stroke

FOUND = "found"
_EDGES: dict[Process, str] = {Process.REDUCTION: "cbm", Process.OXIDATION: "vbm"}


class CvMeasurement(CvOptions, Measurement):
    """Voltammograms of one sample, of one or of several scan rates."""

    def run(self) -> Measured:
        """Read, analyse and keep.

        Raises
        ------
        InputError
            if a file cannot be read, the electrode is not said, or nothing is seen.
        StoreError
            if the figure or the measurement file cannot be written.
        """
        subject = self.subject()
        analyses = [analysed(read_voltammogram(path)) for path in self.files]
        first = analyses[0]
        reference = self._reference(first)
        waves = [
            wave
            for wave in first.waves
            if wave is not reference.standard and self.process in {None, wave.process}
        ]
        rises = [rise for rise in first.rises if self.process in {None, rise.process}]
        if not waves and not rises:
            other = "ferrocene alone" if reference.standard is not None else f"no {self.process or 'wave'}"
            raise InputError(
                f"The file {first.source.path.name} shows {other}.", "Widen the sweep, or check --process."
            )
        series = {id(wave): series_of(analyses, wave) for wave in waves} if len(analyses) > 1 else {}
        content: dict[str, Any] = {
            "files": [str(path) for path in self.files],
            "instrument": first.source.instrument,
            "reference": reference.words,
            "reference_sigma_v": round(reference.sigma_v, 4),
            "solvent": self.solvent,
            "waves": [
                _described(wave, scatter, reference, series.get(id(wave)))
                for wave, scatter in zip(first.waves, first.scatter_v, strict=True)
                if wave in waves
            ],
            "onsets": [_onset(rise, reference) for rise in rises],
            "notes": list(first.notes),
        }
        rows = self._rows(subject, content) if len(subject) > 1 else ()
        content["rows"] = [
            {"quantity": row.quantity, "value_v_she": round(row.value_v_she, 4), "sigma_v": row.sigma_v}
            for row in rows
        ]
        standard = () if reference.standard is None else (reference.standard,)
        read: tuple[Wave | Rise, ...] = (*waves, *rises, *standard)
        measured = Measured(
            content=content,
            lines=tuple(_lines(content, rows)),
            rows=rows,
            shown=(_shown(first, read, reference, content, subject["name"]),),
        )
        self.keep(rows, measured.shown)
        return measured

    def _reference(self, analysis: Analysis) -> Reference:
        asked = self.ferrocene
        if asked is None:
            return by_electrode(analysis, self.reference, solvent=self.solvent)
        if asked == FOUND:
            return by_found_ferrocene(analysis, self.reference)
        value = number_of(asked)
        if value is not None:
            return by_given_ferrocene(value, analysis)
        path = Path(asked)
        if not path.is_file():
            raise InputError(
                f"--ferrocene is '{asked}': neither '{FOUND}', a potential nor a file.",
                "Give its half-wave potential in this cell in V, or a voltammogram of it.",
            )
        standard = analysed(read_voltammogram(path))
        return by_found_ferrocene(standard, self.reference, in_words=f"in {path.name}")

    def _rows(self, subject: dict[str, str], content: dict[str, Any]) -> tuple[OwnMeasurement, ...]:
        """The nearest level of each process to the gap: first oxidation, first reduction."""
        found = []
        processes = PROCESSES
        for process in processes:
            levels = [item for item in (*content["waves"], *content["onsets"]) if item["process"] == process]
            if not levels:
                continue
            sign = -process.sign
            level = min(levels, key=lambda item: sign * item["value_v_she"])
            kind, is_dot = level["kind"], "dot" in subject
            sigma = math.hypot(level["sigma_v"], MEASURED_SIGMA_V if is_dot else KIND_NOISE_V[kind])
            found.append(
                OwnMeasurement(
                    **subject,
                    quantity=_EDGES[process] if is_dot else process,
                    value=round(level["value_v_she"], 4),
                    scale="she",
                    sigma_v=round(sigma, 4),
                    kind=("cv_onset" if kind == "onset" else "cv") if is_dot else kind,
                    solvent=self.solvent,
                    citation=", ".join(path.name for path in self.files),
                    note=f"{content['reference']}; {level['behaviour']}",
                )
            )
        return tuple(found)


def _described(wave: Wave, scatter_v: float, reference: Reference, series: Series | None) -> dict[str, Any]:
    value = wave.value_v if series is None else series.value_v
    reading = wave.sigma_v if series is None else series.sigma_v
    found: dict[str, Any] = {
        "process": wave.process,
        "behaviour": wave.behaviour,
        "kind": wave.kind,
        "value_v_she": round(reference.she(value), 4),
        "sigma_v": round(math.hypot(reading, scatter_v, reference.sigma_v), 4),
        "value_v_vs_file": round(value, 4),
        "peak_v_vs_file": round(wave.peak_v, 4),
        "return_peak_v_vs_file": None if wave.return_v is None else round(wave.return_v, 4),
        "half_peak_v_vs_file": round(wave.half_peak_v, 4),
        "onset_v_vs_file": round(wave.onset_v, 4),
        "onset_v_she": round(reference.she(wave.onset_v), 4),
        "onset_sigma_v": round(math.hypot(wave.onset_sigma_v, reference.sigma_v), 4),
        "peak_separation_v": None if wave.separation_v is None else round(wave.separation_v, 4),
        "current_ratio": None if wave.current_ratio is None else round(wave.current_ratio, 3),
    }
    if series is not None:
        growth = series.separation_v_per_decade
        found |= {
            "scan_rates_v_s": list(series.rates_v_s),
            "exponent": round(series.exponent, 3),
            "exponent_sigma": round(series.exponent_sigma, 3),
            "control": series.control,
            "separation_v_per_decade": None if growth is None else round(growth, 4),
            "is_slow": series.is_slow,
        }
    return found


def _onset(rise: Rise, reference: Reference) -> dict[str, Any]:
    return {
        "process": rise.process,
        "behaviour": "a rise without a peak",
        "kind": "onset",
        "value_v_she": round(reference.she(rise.onset_v), 4),
        "sigma_v": round(math.hypot(rise.sigma_v, reference.sigma_v), 4),
        "onset_v_vs_file": round(rise.onset_v, 4),
    }


_KIND_WORDS = {"E1/2": "E1/2", "half_peak": "half-peak", "onset": "onset"}


def _lines(content: dict[str, Any], rows: Sequence[OwnMeasurement]) -> list[str]:
    """For a reader: the reference, each wave with its evidence, the rows."""
    found = [f"{', '.join(Path(file).name for file in content['files'])}  {content['instrument']}"]
    found.append(f"  {content['reference']}")
    for item in (*content["waves"], *content["onsets"]):
        value = quantity(item["value_v_she"], item["sigma_v"], "V vs SHE", decimals=3)
        found.append(f"  {item['process']}  {_KIND_WORDS[item['kind']]} {value}, {item['behaviour']}")
        if item["kind"] == "onset":
            continue
        separation, ratio = item["peak_separation_v"], item["current_ratio"]
        evidence = f"    onset {quantity(item['onset_v_she'], item['onset_sigma_v'], decimals=3)} V vs SHE"
        if separation is not None:
            evidence += f", peaks {1000 * separation:.0f} mV apart, current ratio {ratio:.2f}"
        found.append(evidence)
        if "scan_rates_v_s" in item:
            growth = item["separation_v_per_decade"]
            slow = "" if growth is None else f", separation {1000 * growth:+.0f} mV per decade"
            low, high = item["scan_rates_v_s"][0], item["scan_rates_v_s"][-1]
            found.append(
                f"    {low:g} to {high:g} V/s: height grows as rate^{item['exponent']:.2f} "
                f"({item['control']}){slow}"
            )
    found += [f"  note: {note}" for note in content["notes"]]
    for row in rows:
        name = row.quantity.upper() if row.dot else row.quantity
        found.append(
            f"  row: {name} of {row.subject} {quantity(row.value, row.sigma_v, decimals=3)} V vs SHE"
        )
    return found


def _shown(
    analysis: Analysis,
    read: Sequence[Wave | Rise],
    reference: Reference,
    content: dict[str, Any],
    name: str,
) -> Construction:
    """The curve with baselines, tangents and values; the axis counts from the reference."""
    offset, source = reference.offset_v, analysis.source
    unit, factor = _unit(float(np.abs(source.currents_a).max()))
    sweeps_read = {index for item in read for index in (item.sweep, item.sweep + 1)}
    strokes, marks = [], []
    for item in read:
        sweep = analysis.sweeps[item.sweep]
        start = float(sweep.potentials_v[0])
        end = item.peak_v if isinstance(item, Wave) else float(sweep.potentials_v[-1])
        for line, first in ((item.baseline, start), (item.tangent, item.onset_v)):
            ends = (factor * line.at(first), factor * line.at(end))
            strokes.append(Stroke(x=(first - offset, end - offset), y=ends))
        points = [("onset", item.onset_v, item.baseline.at(item.onset_v))]
        what, value = "onset", item.onset_v
        if isinstance(item, Wave):
            points.append(("", item.peak_v, item.peak_a))
            if item.return_v is not None and item.return_a is not None:
                points.append(("", item.return_v, item.return_a))
            value = item.value_v
            what = "ferrocene" if item is reference.standard else _KIND_WORDS[item.kind]
        marks += [Mark(x=x - offset, y=factor * y, label=label, kind="point") for label, x, y in points]
        label = f"{what} {value - offset:+.3f}"
        marks.append(Mark(x=value - offset, y=None, label=label, sigma=item.sigma_v))
    values = "; ".join(
        f"{item['process']} {item['value_v_she']:+.3f} ± {item['sigma_v']:.3f} V vs SHE ({item['behaviour']})"
        for item in (*content["waves"], *content["onsets"])
    )
    area = " per area" if source.is_density else ""
    return Construction(
        title=f"{name}: {source.path.name}, {source.instrument}",
        x_label=f"potential ({electrode(reference.scale).label})",
        y_label=f"current{area} ({unit}), anodic positive",
        curves=tuple(
            Curve(
                x=sweep.potentials_v - offset, y=factor * sweep.currents_a, is_pale=index not in sweeps_read
            )
            for index, sweep in enumerate(analysis.sweeps)
        ),
        strokes=tuple(strokes),
        marks=tuple(marks),
        caption=f"{reference.words}. {values}.",
    )


def _unit(largest_a: float) -> tuple[str, float]:
    """The unit in which a current is read easily, and what turns ampere into it."""
    for name, size in (("A", 1.0), ("mA", 1e-3), ("µA", 1e-6), ("nA", 1e-9)):
        if largest_a >= size:
            return name, 1 / size
    return "pA", 1e12
