"""What a chemist hands in: pasted lines or a file, checked before anything is computed.

A file's own name is a label for the page and tells its format; it never becomes a path.
"""

from __future__ import annotations

import gzip
import io
import tempfile
import zlib
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from echemscreen.errors import InputError
from echemscreen.ligands.reading.input_files import FORMATS, TEXT_FORMATS, count_rows, read_input
from echemscreen.ligands.reading.names import named
from echemscreen.records.molecules import Molecule
from echemscreen.records.rows import Failure

#: Limits of one submission: bytes as sent and as unpacked, and rows. Larger lists belong to the
#: command line, which streams them.
MAX_BYTES, MAX_UNPACKED_BYTES, MAX_ROWS = 5_000_000, 20_000_000, 5_000
#: Characters of a label, and molecules that the page shows while a run goes on.
MAX_LABEL, MAX_SHOWN = 60, 200
#: Characters of a SMILES that is drawn.
MAX_DRAWN = 2000
ELSEWHERE = "Split it into several screens, or run 'echemscreen screen' on the command line."


@dataclass(frozen=True, slots=True, kw_only=True)
class Molecules:
    """A list of molecules that can be read."""

    text: bytes
    suffix: str
    """One of ``FORMATS``: what the bytes are, unpacked."""
    n_rows: int
    label: str
    """How the page calls it: the file's name, or the first molecule."""
    first: tuple[tuple[str, str], ...]
    """Names and SMILES of the first rows; the SMILES is blank of one that cannot be read."""
    refusal: InputError | None
    """Why the first row is no molecule that can be computed, if it is none."""


def pasted(text: str, own_library: Path | None = None) -> Molecules:
    """Lines of SMILES and names, or a table with a ``smiles`` column pasted from a spreadsheet.

    A line that is a name or a CAS number of the library, or of the user's own, stands for its entry.

    Raises
    ------
    InputError
        if nothing can be read, or there is too much of it.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    cells = [cell.strip().lower() for cell in first.replace("\t", ",").replace(";", ",").split(",")]
    suffix = ".csv" if "smiles" in cells and len(cells) > 1 else ".smi"
    if suffix == ".smi":
        text = "\n".join(_resolved(line, own_library) for line in text.splitlines())
        first = next((line for line in text.splitlines() if line.strip()), "")
    found = _checked(text.encode("utf-8", errors="replace"), suffix, "The pasted list")
    name = " ".join(first.split()[1:]) or first if suffix == ".smi" else "a pasted table"
    more = f" and {found.n_rows - 1:,} more" if found.n_rows > 1 and suffix == ".smi" else ""
    return replace(found, label=_shortened(name) + more)


def dropped(name: str, content: bytes) -> Molecules:
    """A file as it was dropped; gzip is unpacked, up to a limit.

    Raises
    ------
    InputError
        if it cannot be read, or is too large.
    """
    label = _shortened(name.replace("\\", "/").rsplit("/", 1)[-1])
    suffixes = [suffix.lower() for suffix in Path(label).suffixes]
    if suffixes[-1:] == [".gz"]:
        content = _unpacked(content, label)
        suffixes.pop()
    suffix = suffixes[-1] if suffixes else ""
    if suffix not in FORMATS:
        known = f"Known: {', '.join(TEXT_FORMATS)}, each also with .gz, and .xlsx."
        raise InputError(f"'{label}' has an unknown format.", known)
    return _checked(content, ".smi" if suffix == ".smiles" else suffix, label)


def too_large() -> InputError:
    """What is said of more bytes than the page takes."""
    return InputError(f"The upload is larger than {MAX_BYTES // 10**6} MB.", ELSEWHERE)


def _shortened(label: str) -> str:
    return label if len(label) <= MAX_LABEL else f"{label[: MAX_LABEL - 12]}…{label[-11:]}"


def _unpacked(content: bytes, label: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as handle:
            text = handle.read(MAX_UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"'{label}' cannot be unpacked: {error}.", "Check the file.") from error
    if len(text) > MAX_UNPACKED_BYTES:
        raise InputError(f"'{label}' unpacks to more than {MAX_UNPACKED_BYTES // 10**6} MB.", ELSEWHERE)
    return text


def _checked(content: bytes, suffix: str, label: str) -> Molecules:
    """The list, after its first row has been read by the reader of the command line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"input{suffix}"
        path.write_bytes(content)
        try:
            first = [row.entry for row in islice(read_input(str(path)), MAX_SHOWN)]
            n_rows = count_rows(str(path))
        except InputError as error:
            shown = error.message.replace(f"'{path}'", label)
            raise InputError(shown, error.remedy) from error
    if n_rows > MAX_ROWS:
        raise InputError(
            f"The list has {n_rows:,} rows; the page takes {MAX_ROWS:,} in one screen.", ELSEWHERE
        )
    begins = first[0]
    return Molecules(
        text=content,
        suffix=suffix,
        n_rows=n_rows,
        label=label,
        first=tuple(map(_shown, first)),
        refusal=InputError(begins.message, begins.remedy) if isinstance(begins, Failure) else None,
    )


def _shown(entry: Molecule | Failure) -> tuple[str, str]:
    return (entry.name, entry.canonical_smiles) if isinstance(entry, Molecule) else (entry.name, "")


def _resolved(line: str, own_library: Path | None) -> str:
    """The SMILES and the name of what a line names; any other line as it is."""
    found = named(line, own_library)
    return line if found is None else f"{found.smiles} {found.name}"
