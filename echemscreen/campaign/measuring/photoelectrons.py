"""``measure ups`` and ``measure pesa``: from photoemission to the valence edge of a dot."""

from __future__ import annotations

from typing import Any

import numpy as np

from echemscreen.campaign.measuring.subject import Measured, Measurement
from echemscreen.measurements.curve_files import MeasuredCurve, read_curve
from echemscreen.measurements.own_rows import OwnMeasurement
from echemscreen.measurements.photoemission import (
    Edge,
    PhotoelectronLevels,
    YieldThreshold,
    pesa_threshold,
    ups_levels,
)
from echemscreen.options.measuring import PesaOptions, UpsOptions
from echemscreen.quantities import magnitude, quantity
from echemscreen.scales import she_from
from echemscreen.views.construction import Construction, Curve, Mark, Stroke


class _Photoemission(Measurement):
    """Photoemission of a film of dots."""

    def _row(
        self, subject: dict[str, str], kind: str, ionisation_ev: float, sigma_ev: float, words: str
    ) -> tuple[OwnMeasurement, ...]:
        if "dot" not in subject and "smiles" not in subject:
            return ()
        is_dot = "dot" in subject
        return (
            OwnMeasurement(
                **subject,
                quantity="vbm" if is_dot else "oxidation",
                value=round(-ionisation_ev, 4),
                scale="vacuum",
                sigma_v=round(sigma_ev, 4),
                kind=kind if is_dot else "onset",
                solvent="film",
                citation=", ".join(path.name for path in self.files),
                note=words,
            ),
        )

    def _measured(
        self,
        content: dict[str, Any],
        lines: list[str],
        rows: tuple[OwnMeasurement, ...],
        shown: tuple[Construction, ...],
    ) -> Measured:
        for row in rows:
            content["row"] = {"quantity": row.quantity, "value_v_she": round(row.value_v_she, 4)}
            what = row.quantity.upper() if row.dot else row.quantity
            value = f"{quantity(row.value, row.sigma_v)} eV vs vacuum"
            lines.append(f"  row: {what} of {row.subject} {value}")
        self.keep(rows, shown)
        return Measured(content=content, lines=tuple(lines), rows=rows, shown=shown)


class UpsMeasurement(UpsOptions, _Photoemission):
    """Ultraviolet photoelectron spectra: one file with both ends, or the cut-off and the valence region."""

    def run(self) -> Measured:
        """Read, find both ends, and keep.

        Raises
        ------
        InputError
            if a file cannot be read or an end cannot be told.
        StoreError
            if the figure or the measurement file cannot be written.
        """
        subject = self.subject()
        curves = [read_curve(path, ("binding", "kinetic"), column=self.column) for path in self.files]
        found = ups_levels(curves[0], curves[-1], photon_ev=self.photon_ev)
        content: dict[str, Any] = {
            "files": [str(path) for path in self.files],
            "photon_ev": self.photon_ev,
            "cut_off_kinetic_ev": round(found.cut_off.kinetic_ev, 4),
            "onset_kinetic_ev": round(found.onset.kinetic_ev, 4),
            "ionisation_ev": round(found.ionisation_ev, 4),
            "sigma_ev": round(found.sigma_ev, 4),
            "work_function_ev": None if found.work_function_ev is None else round(found.work_function_ev, 4),
            "valence_edge_v_she": round(she_from(-found.ionisation_ev, "vacuum"), 4),
            "notes": [note for curve in curves for note in curve.notes],
        }
        value = f"{magnitude(found.ionisation_ev, found.sigma_ev)} eV"
        lines = [
            ", ".join(path.name for path in self.files),
            f"  ionisation energy  {value} (photons of {self.photon_ev:g} eV)",
        ]
        if found.work_function_ev is not None:
            lines.append(f"  work function  {magnitude(found.work_function_ev, found.cut_off.sigma_ev)} eV")
        lines += [f"  note: {note}" for note in content["notes"]]
        rows = self._row(subject, "ups_dots", found.ionisation_ev, found.sigma_ev, "ends of the spectrum")
        return self._measured(
            content, lines, rows, _ups_shown(curves, found, subject["name"], self.photon_ev)
        )


class PesaMeasurement(PesaOptions, _Photoemission):
    """A photoelectron yield in air."""

    def run(self) -> Measured:
        """Read, fit the threshold, and keep.

        Raises
        ------
        InputError
            if the file cannot be read or the yield does not rise from a background.
        StoreError
            if the figure or the measurement file cannot be written.
        """
        subject = self.subject()
        curve = read_curve(self.files[0], ("photon", "wavelength"), column=self.column)
        found = pesa_threshold(curve, power=self.power)
        content: dict[str, Any] = {
            "files": [str(path) for path in self.files],
            "power": self.power,
            "ionisation_ev": round(found.ionisation_ev, 4),
            "sigma_ev": round(found.sigma_ev, 4),
            "valence_edge_v_she": round(she_from(-found.ionisation_ev, "vacuum"), 4),
            "notes": list(curve.notes),
        }
        value = f"{magnitude(found.ionisation_ev, found.sigma_ev)} eV"
        lines = [
            self.files[0].name,
            f"  ionisation energy  {value} (yield to the power of 1/{self.power:g})",
            *(f"  note: {note}" for note in curve.notes),
        ]
        rows = self._row(subject, "pesa", found.ionisation_ev, found.sigma_ev, "threshold of the yield")
        return self._measured(content, lines, rows, (_pesa_shown(curve, found, subject["name"]),))


#: What is shown around an end of a spectrum, eV: below and above its binding energy.
_AROUND_EV = {"cut-off": (2.5, 1.0), "onset": (1.5, 2.5)}


def _ups_shown(
    curves: list[MeasuredCurve], found: PhotoelectronLevels, name: str, photon_ev: float
) -> tuple[Construction, ...]:
    """A panel around each end, over the binding energy, in parts of the highest signal shown."""
    panels = []
    for curve, edge, label in (
        (curves[0], found.cut_off, "cut-off"),
        (curves[-1], found.onset, "onset"),
    ):
        binding = curve.energies_ev if curve.axis == "binding" else photon_ev - curve.energies_ev
        binding = -binding if curve.axis == "binding" and binding.mean() < 0 else binding
        at = photon_ev - edge.kinetic_ev
        below, above = _AROUND_EV[label]
        near = (binding > at - below) & (binding < at + above)
        scale = float(np.abs(curve.signal[near]).max())
        panels.append(
            Construction(
                title=f"{name}: {', '.join(curve.path.name for curve in curves)}",
                x_label="binding energy (eV)",
                y_label="intensity (of the highest shown)",
                curves=(Curve(x=binding[near], y=curve.signal[near] / scale),),
                strokes=_edge_strokes(edge, photon_ev, scale),
                marks=(Mark(x=at, y=None, label=f"{label} {at:.2f}", sigma=edge.sigma_ev),),
                caption=f"ionisation energy {found.ionisation_ev:.2f} ± {found.sigma_ev:.2f} eV "
                f"with photons of {photon_ev:g} eV.",
                inverted_x=True,
            )
        )
    return tuple(panels)


def _edge_strokes(edge: Edge, photon_ev: float, scale: float) -> tuple[Stroke, Stroke]:
    reach = 2.0 * (edge.steepest_ev - edge.kinetic_ev)
    far = edge.kinetic_ev + reach
    back = edge.kinetic_ev - reach
    tangent = Stroke(
        x=(photon_ev - edge.kinetic_ev, photon_ev - far),
        y=(edge.tangent.at(edge.kinetic_ev) / scale, edge.tangent.at(far) / scale),
    )
    base = Stroke(
        x=(photon_ev - back, photon_ev - far),
        y=(edge.baseline.at(back) / scale, edge.baseline.at(far) / scale),
    )
    return tangent, base


def _pesa_shown(curve: MeasuredCurve, found: YieldThreshold, name: str) -> Construction:
    root = np.power(np.clip(curve.signal, 0.0, None), 1.0 / found.power)
    first, at, last = float(curve.energies_ev[0]), found.ionisation_ev, found.last_ev
    return Construction(
        title=f"{name}: {curve.path.name}",
        x_label="photon energy (eV)",
        y_label=f"(yield)^(1/{found.power:g})",
        curves=(Curve(x=curve.energies_ev, y=root),),
        strokes=(
            Stroke(x=(first, last), y=(found.background, found.background)),
            Stroke(x=(at, last), y=(found.background, found.background + found.slope * (last - at))),
        ),
        marks=(Mark(x=at, y=None, label=f"threshold {at:.2f}", sigma=found.sigma_ev),),
        caption=f"ionisation energy {found.ionisation_ev:.2f} ± {found.sigma_ev:.2f} eV.",
    )
