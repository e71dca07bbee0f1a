"""Spectra as files hold them: text tables, JCAMP-DX (by jcamp) and Galactic ``.spc`` (by spc-io).

The horizontal axis says what it is: a wavelength in nm, a wavenumber in 1/cm, or an energy in eV that is a
photon's, a binding or a kinetic one. It is read in its unit and returned in eV, never guessed.
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from scipy import constants

from echemscreen.errors import InputError, MissingPackageError
from echemscreen.measurements.text_tables import (
    Column,
    Lines,
    columns_of,
    number_of,
    read_bytes,
    read_lines,
    read_table,
    separators_of,
    split,
)
from echemscreen.records.molecules import FloatArray

AxisKind = Literal["wavelength", "wavenumber", "photon", "binding", "kinetic"]

#: What the axis of an optical spectrum may be.
OPTICAL_AXES: tuple[AxisKind, ...] = ("wavelength", "wavenumber", "photon")
#: h c / e in eV nm.
EV_NM = constants.h * constants.c / constants.e / constants.nano
#: Points below which there is no spectrum.
MIN_POINTS = 20
#: Old and new Galactic files carry this in their second byte.
_SPC_VERSIONS = frozenset({0x4B, 0x4C, 0x4D})
_JCAMP = re.compile(rb"^\s*##\s*TITLE\s*=", re.IGNORECASE)
#: Names of axes, as instruments write them, without their unit.
_AXES: tuple[tuple[AxisKind, re.Pattern[str]], ...] = (
    ("wavelength", re.compile(r"(wave ?length|wl|λ|lambda|x)?", re.IGNORECASE)),
    ("wavenumber", re.compile(r"(wave ?numbers?|raman shift)?", re.IGNORECASE)),
    ("binding", re.compile(r"(binding energy|b\.?e\.?|e_?b)", re.IGNORECASE)),
    ("kinetic", re.compile(r"(kinetic energy|k\.?e\.?|e_?k)", re.IGNORECASE)),
    ("photon", re.compile(r"(photon energy|energy|h(\u03bd|v)|e)?", re.IGNORECASE)),
)
_UNITS: dict[AxisKind, re.Pattern[str]] = {
    "wavelength": re.compile(r"(nm|nanomet(er|re)s?)\.?", re.IGNORECASE),
    "wavenumber": re.compile(r"(1/cm|cm\^?-1|cm⁻¹)", re.IGNORECASE),
    "binding": re.compile(r"ev", re.IGNORECASE),
    "kinetic": re.compile(r"ev", re.IGNORECASE),
    "photon": re.compile(r"ev", re.IGNORECASE),
}
#: A unit that stands behind its name without any mark, as "Wavelength nm.".
_TRAILING = re.compile(r"^(?P<name>.*?)\s+(?P<unit>nm|eV|1/cm|cm-1)\.?$", re.IGNORECASE)
#: Axes by the names of the two formats.
_SPC_AXES: dict[str, AxisKind] = {"XNMETR": "wavelength", "XWAVEN": "wavenumber", "XEV": "photon"}
#: What the readers raise on a file that breaks off or bends their format.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, EOFError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredCurve:
    """A signal against an energy, ascending in energy."""

    path: Path
    axis: AxisKind
    """What the file has."""
    energies_ev: FloatArray
    """Shape (points,)."""
    signal: FloatArray
    """Shape (points,), in the file's own unit."""
    signal_name: str
    notes: tuple[str, ...] = ()


def read_curve(path: Path, axes: Sequence[AxisKind], *, column: str | None = None) -> MeasuredCurve:
    """The curve of a file.

    Parameters
    ----------
    axes
        What the horizontal axis may be.
    column
        Name of the signal where a table has several; the first by default.

    Raises
    ------
    InputError
        if the file is no such curve, or has no such column.
    MissingPackageError
        for a format whose reader is not installed.
    """
    raw = read_bytes(path)
    if _JCAMP.match(raw):
        found = _from_jcamp(path, raw, axes)
    elif len(raw) > 1 and raw[1] in _SPC_VERSIONS and path.suffix.lower() == ".spc":
        found = _from_spc(path, raw, axes)
    else:
        found = _from_table(read_lines(path), axes, column)
    return _checked(found)


def _checked(found: MeasuredCurve) -> MeasuredCurve:
    name = found.path.name
    if len(found.energies_ev) < MIN_POINTS:
        raise InputError(f"The file {name} has only {len(found.energies_ev)} points.", "It may be cut off.")
    if not np.isfinite(found.signal).all() or np.ptp(found.signal) == 0.0:
        raise InputError(f"The signal of {name} does not change, or is not finite.", "Export it again.")
    order = np.argsort(found.energies_ev, kind="stable")
    energies, first = np.unique(found.energies_ev[order], return_index=True)
    if len(energies) < len(found.energies_ev):
        found = replace(
            found, notes=(*found.notes, "points of one energy were joined: the first of each is kept")
        )
    return replace(found, energies_ev=energies, signal=found.signal[order][first])


def _in_ev(axis: AxisKind, values: FloatArray, where: str) -> FloatArray:
    if axis in {"wavelength", "wavenumber"}:
        if not (values > 0).all():
            raise InputError(f"{where}: a {axis} is not positive.", "Check which column is which.")
        return np.asarray(EV_NM / values if axis == "wavelength" else EV_NM * values * 1e-7)
    return values


# --- text -----------------------------------------------------------------------------------


def axis_of(column: Column, axes: Sequence[AxisKind]) -> AxisKind | None:
    """What a column's name and unit say that it is, among what is looked for."""
    name, unit = column.name, column.unit
    if not unit:
        trailing = _TRAILING.match(name)
        name, unit = (trailing["name"], trailing["unit"]) if trailing else ("", name)
    for axis, names in _AXES:
        if axis in axes and names.fullmatch(name.strip()) and _UNITS[axis].fullmatch(unit):
            return axis
    return None


def _from_table(text: Lines, axes: Sequence[AxisKind], wanted: str | None) -> MeasuredCurve:
    named: list[str] = []
    for index, line in enumerate(text.lines):
        for separator in separators_of(line):
            columns = columns_of(line, separator)
            found = [(column, axis) for column in columns if (axis := axis_of(column, axes)) is not None]
            if not found:
                continue
            energy, axis = found[0]
            signal = _signal(columns, energy, wanted, f"{text.path.name}, line {index + 1}")
            table = read_table(text, index + 1, separator, (energy, signal))
            cut = tuple(dict.fromkeys((*text.notes, *filter(None, [table.cut_off]))))
            return MeasuredCurve(
                path=text.path,
                axis=axis,
                energies_ev=_in_ev(axis, table.values[:, 0], text.path.name),
                signal=table.values[:, 1],
                signal_name=signal.name or "signal",
                notes=cut,
            )
        cells = [cell for cell in split(line, ",") if cell]
        if not named and cells and all(number_of(cell) is None for cell in cells):
            named = [cell for cell in cells if len(cell) <= MIN_POINTS]
    words = {
        "wavelength": "'Wavelength (nm)'",
        "wavenumber": "'Wavenumber (cm-1)'",
        "photon": "'Energy (eV)'",
        "binding": "'Binding energy (eV)'",
        "kinetic": "'Kinetic energy (eV)'",
    }
    seen = f" (it names {', '.join(named[:6])})" if named else ""
    raise InputError(
        f"No line of {text.path.name} names a spectrum's axis with its unit{seen}.",
        f"Name the first column {' or '.join(words[axis] for axis in axes)}.",
    )


def _signal(columns: Sequence[Column], energy: Column, wanted: str | None, where: str) -> Column:
    others = [column for column in columns if column.index != energy.index and (column.name or column.unit)]
    if wanted is None:
        behind = [column for column in others if column.index > energy.index]
        if behind or others:
            return (behind or others)[0]
        return Column(energy.index + 1, "", "")
    matches = [column for column in others if column.name.lower() == wanted.strip().lower()]
    if not matches:
        known = ", ".join(column.name for column in others[:12])
        raise InputError(f"{where}: there is no column '{wanted}'.", f"The columns are {known}.")
    return matches[0]


# --- formats with readers of their own --------------------------------------------------------


def _from_jcamp(path: Path, raw: bytes, axes: Sequence[AxisKind]) -> MeasuredCurve:
    try:
        import jcamp  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _missing(path, "JCAMP-DX", "jcamp") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = jcamp.read(io.StringIO(raw.decode("latin-1")))
        x, y = np.asarray(data["x"], dtype=np.float64), np.asarray(data["y"], dtype=np.float64)
    except _UNREADABLE as error:
        raise InputError(f"The JCAMP-DX file {path.name} cannot be read.", "Export it again.") from error
    if len(x) != len(y):
        raise InputError(f"The JCAMP-DX file {path.name} breaks off.", "Export it again.")
    unit = str(data.get("xunits", "")).strip()
    plain = {"nanometers": "nm", "nanometres": "nm", "electron volts": "eV"}.get(unit.lower(), unit)
    axis = axis_of(Column(0, "", plain), axes)
    if axis is None:
        raise InputError(f"The axis of {path.name} is in '{unit}'.", "Give a spectrum in nm, 1/cm or eV.")
    notes: tuple[str, ...] = ()
    announced = data.get("npoints")
    if isinstance(announced, (int, float)) and len(x) < int(announced):
        notes = (f"it announces {int(announced)} points and has {len(x)}",)
    return MeasuredCurve(
        path=path,
        axis=axis,
        energies_ev=_in_ev(axis, x, path.name),
        signal=y,
        signal_name=str(data.get("yunits", "signal")).lower(),
        notes=notes,
    )


def _from_spc(path: Path, raw: bytes, axes: Sequence[AxisKind]) -> MeasuredCurve:
    try:
        from spc_io import SPC  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _missing(path, "Galactic", "spc-io") from error
    try:
        # It prints what it thinks of dates.
        with contextlib.redirect_stdout(io.StringIO()):
            read = SPC.from_bytes_io(io.BytesIO(raw))
        x = np.asarray(read[0].xarray, dtype=np.float64)
        y = np.asarray(read[0].yarray, dtype=np.float64)
    except _UNREADABLE as error:
        raise InputError(
            f"The file {path.name} cannot be read: it is cut off, or no .spc of Galactic.",
            "Export it as CSV.",
        ) from error
    axis = _SPC_AXES.get(str(read.xtype))
    if axis is None or axis not in axes:
        raise InputError(
            f"The axis of {path.name} is of the kind {read.xtype}.", "Give a spectrum in nm or 1/cm."
        )
    notes = () if len(read) == 1 else (f"it holds {len(read)} spectra; the first is read",)
    return MeasuredCurve(
        path=path,
        axis=axis,
        energies_ev=_in_ev(axis, x, path.name),
        signal=y,
        signal_name=str(read.ytype).removeprefix("Y").lower(),
        notes=notes,
    )


def _missing(path: Path, what: str, package: str) -> MissingPackageError:
    return MissingPackageError(
        f"{path.name} is a {what} file; {package} reads it.",
        "pip install 'echemscreen[measurements]', or export it as CSV.",
    )
