"""``measure absorption`` and ``measure emission``: from spectra to the exciton and the size of a dot."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np

from echemscreen.campaign.measuring.subject import Measured, Measurement
from echemscreen.dots.sizes.emission import core_for_absorption, core_for_emission, stokes
from echemscreen.dots.sizes.sizing_curves import sizes_at
from echemscreen.dots.specification import DotSpec, parse
from echemscreen.errors import DotError
from echemscreen.measurements.curve_files import EV_NM, OPTICAL_AXES, MeasuredCurve, read_curve
from echemscreen.measurements.spectra import Band, emission_band, first_exciton
from echemscreen.options.measuring import SpectrumOptions
from echemscreen.quantities import magnitude
from echemscreen.views.construction import Construction, Curve, Mark


class _Spectrum(SpectrumOptions, Measurement):
    """A spectrum of a dot."""

    def _curve(self) -> MeasuredCurve:
        return read_curve(self.files[0], OPTICAL_AXES, column=self.column)


class AbsorptionMeasurement(_Spectrum):
    """An absorption spectrum of dots in solution or as a film."""

    def run(self) -> Measured:
        """Read, find the first exciton, and give the dot a size where it is named.

        Raises
        ------
        InputError
            if the file cannot be read, shows no band, or no core of the dot absorbs there.
        StoreError
            if the figure cannot be written.
        """
        subject = self.subject()
        curve = self._curve()
        band = first_exciton(curve)
        content = _described(curve, band, "exciton")
        lines = _lines(content, "first exciton", "a shoulder" if band.is_shoulder else "a maximum")
        if self.qd is not None:
            sizes = _sizes(parse(self.qd), band)
            content |= sizes
            lines += _size_lines(sizes)
        shown = _shown(curve, band, subject["name"], "first exciton", fitted=True)
        self.keep((), (shown,))
        return Measured(content=content, lines=tuple(lines), rows=(), shown=(shown,))


class EmissionMeasurement(_Spectrum):
    """An emission spectrum."""

    def run(self) -> Measured:
        """Read, find the band, and give the dot a size where it is named.

        Raises
        ------
        InputError
            if the file cannot be read, shows no whole band, or no core of the dot emits there.
        StoreError
            if the figure cannot be written.
        """
        subject = self.subject()
        curve = self._curve()
        band = emission_band(curve)
        content = _described(curve, band, "emission")
        content["fwhm_ev"] = round(2 * band.half_width_ev, 4)
        content["fwhm_nm"] = round(2 * band.half_width_ev * band.wavelength_nm / band.energy_ev, 1)
        lines = _lines(content, "emission", f"full width {1000 * content['fwhm_ev']:.0f} meV")
        if self.qd is not None:
            asked = parse(self.qd)
            solved = core_for_emission(asked, band.wavelength_nm)
            row = stokes(asked)
            content |= {"spec": solved.spec, "stokes_shift_ev": row.shift_ev, "stokes_sigma_ev": row.sigma_ev}
            shift = magnitude(row.shift_ev, row.sigma_ev, "eV", 3)
            lines.append(f"  {solved.spec} emits there, {shift} below its first exciton")
        shown = _shown(curve, band, subject["name"], "emission", fitted=False)
        self.keep((), (shown,))
        return Measured(content=content, lines=tuple(lines), rows=(), shown=(shown,))


def _described(curve: MeasuredCurve, band: Band, what: str) -> dict[str, Any]:
    sigma_nm = band.sigma_ev * band.wavelength_nm / band.energy_ev
    return {
        "files": [str(curve.path)],
        "column": curve.signal_name,
        f"{what}_ev": round(band.energy_ev, 4),
        f"{what}_nm": round(band.wavelength_nm, 2),
        "sigma_ev": round(band.sigma_ev, 4),
        "sigma_nm": round(sigma_nm, 2),
        "spread_ev": round(band.spread_ev, 4),
        "is_shoulder": band.is_shoulder,
        "notes": list(curve.notes),
    }


def _lines(content: dict[str, Any], what: str, words: str) -> list[str]:
    key = "exciton" if "exciton_ev" in content else "emission"
    position = (
        f"{magnitude(content[f'{key}_nm'], content['sigma_nm'], 'nm', 1)}, "
        f"{magnitude(content[f'{key}_ev'], content['sigma_ev'], 'eV', 3)}"
    )
    return [
        f"{content['files'][0]}  {content['column']}",
        f"  {what}  {position}, {words}",
        f"  width  {1000 * content['spread_ev']:.0f} meV (one standard deviation)",
        *(f"  note: {note}" for note in content["notes"]),
    ]


def _sizes(asked: DotSpec, band: Band) -> dict[str, Any]:
    """Sizes by published curves where the dot is a bare core of their material, and by the model."""
    found: dict[str, Any] = {"curves": []}
    if len(asked.layers) == 1:
        curves = sizes_at(asked.layers[0].material.name, band.energy_ev)
        found["curves"] = [
            {
                "curve": item.curve.name,
                "size": item.curve.size,
                "size_nm": round(item.size_nm, 3),
                "spread_nm": round(abs(item.per_ev_nm) * band.spread_ev, 3),
                "source": item.curve.citation,
            }
            for item in curves
        ]
        same = [item for item in curves if item.curve.size == curves[0].curve.size]
        if same:
            sizes = [item.size_nm for item in same]
            slope = statistics.fmean(abs(item.per_ev_nm) for item in same)
            scatter = statistics.stdev(sizes) if len(sizes) > 1 else 0.0
            found |= {
                "size_nm": round(statistics.fmean(sizes), 3),
                "size_sigma_nm": round(math.hypot(slope * band.sigma_ev, scatter), 3),
                "size_spread_nm": round(slope * band.spread_ev, 3),
            }
    try:
        solved = core_for_absorption(asked, band.wavelength_nm)
    except DotError:
        if not found["curves"]:
            raise
        return found
    return found | {"spec": solved.spec}


def _size_lines(sizes: dict[str, Any]) -> list[str]:
    lines = [
        f"  {item['curve']}: {item['size']} {item['size_nm']:.2f} nm  ({item['source']})"
        for item in sizes["curves"]
    ]
    if "size_nm" in sizes:
        lines.insert(
            0,
            f"  size  {magnitude(sizes['size_nm'], sizes['size_sigma_nm'])} nm by published curves, "
            f"distributed by at most {sizes['size_spread_nm']:.2f} nm",
        )
    if "spec" in sizes:
        lines.append(f"  model  {sizes['spec']} has its first exciton there")
    return lines


def _shown(curve: MeasuredCurve, band: Band, name: str, what: str, *, fitted: bool) -> Construction:
    """The spectrum over wavelengths, the fitted band and its position."""
    near = np.abs(curve.energies_ev - band.energy_ev) < 1.0
    signal = float(np.interp(band.energy_ev, curve.energies_ev, curve.signal))
    curves = [Curve(x=EV_NM / curve.energies_ev[near], y=curve.signal[near], label=curve.signal_name)]
    if fitted:
        curves.append(Curve(x=EV_NM / band.fitted[0], y=band.fitted[1], label="band on a step"))
    return Construction(
        title=f"{name}: {curve.path.name}",
        x_label="wavelength (nm)",
        y_label=f"signal ({curve.signal_name})",
        curves=tuple(curves),
        marks=(
            Mark(
                x=band.wavelength_nm,
                y=signal,
                label=f"{what} {band.wavelength_nm:.1f} nm",
                sigma=band.sigma_ev * band.wavelength_nm / band.energy_ev,
            ),
        ),
        caption=(
            f"{what} {band.energy_ev:.3f} ± {band.sigma_ev:.3f} eV; width {1000 * band.spread_ev:.0f} meV "
            "(one standard deviation)."
        ),
    )
