"""What a chemist hands in: pasted lines or a file, checked before anything is computed.

A file's own name is a label for the page and tells its format; it never becomes a path.
"""

from __future__ import annotations

import gzip
import io
import tempfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from echemscreen.campaign.screening import ScreenCampaign
from echemscreen.engines.base import get_engine
from echemscreen.errors import InputError
from echemscreen.levels.refined import REFINED_ENGINE
from echemscreen.ligands.reading.input_files import FORMATS, TEXT_FORMATS, count_rows, read_input
from echemscreen.options.runs import ScreenOptions

#: Limits of one submission: bytes as sent and as unpacked, and rows. Larger lists belong to the
#: command line, which streams them.
MAX_BYTES, MAX_UNPACKED_BYTES, MAX_ROWS = 5_000_000, 20_000_000, 5_000
#: The options that stand in the form.
FORM_DEFAULTS: dict[str, str] = {
    name: ScreenOptions.model_fields[name].default
    for name in ScreenOptions.where(lambda option: bool(option.words))
}
#: Characters of a dot's specification, and of a label.
MAX_SPEC, MAX_LABEL = 200, 60
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be screened against what; kept beside the results."""

    label: str
    suffix: str
    n_rows: int
    qd: str
    options: dict[str, str]
    """What was chosen in the form."""

    def to_json(self) -> dict[str, Any]:
        """One object; the options stand beside the rest."""
        order = asdict(self)
        options: dict[str, str] = order.pop("options")
        return order | options

    @classmethod
    def from_json(cls, *, label: str, suffix: str, n_rows: int, qd: str, **options: str) -> Self:
        """What :meth:`to_json` made; what was no option then has its default."""
        if unknown := options.keys() - FORM_DEFAULTS.keys():
            raise TypeError(unknown)
        return cls(label=label, suffix=suffix, n_rows=n_rows, qd=qd, options=FORM_DEFAULTS | options)


def pasted(text: str) -> Molecules:
    """Lines of SMILES and names, or a table with a ``smiles`` column pasted from a spreadsheet.

    Raises
    ------
    InputError
        if nothing can be read, or there is too much of it.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    cells = [cell.strip().lower() for cell in first.replace("\t", ",").replace(";", ",").split(",")]
    suffix = ".csv" if "smiles" in cells and len(cells) > 1 else ".smi"
    found = _checked(text.encode("utf-8", errors="replace"), suffix, "The pasted list")
    name = _shortened(" ".join(first.split()[1:]) or first) if suffix == ".smi" else "a pasted table"
    more = f" and {found.n_rows - 1:,} more" if found.n_rows > 1 and suffix == ".smi" else ""
    return Molecules(text=found.text, suffix=suffix, n_rows=found.n_rows, label=name + more)


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


def order(molecules: Molecules, *, qd: str, **options: str) -> Order:
    """The order of a screen, once every choice is known to be usable.

    Raises
    ------
    EchemscreenError
        if the dot is unknown, an option is wrong, or the level needs an engine that is missing.
    """
    check_spec(qd)
    campaign = ScreenCampaign.validated(input="served", qd=qd, **options)
    campaign.dot()
    get_engine(campaign.engine)
    if campaign.level == "refined":
        get_engine(REFINED_ENGINE)
    return Order(
        label=molecules.label,
        suffix=molecules.suffix,
        n_rows=molecules.n_rows,
        qd=qd,
        options=options,
    )


def check_spec(qd: str) -> None:
    """Refuse no dot at all, and one that is too long to be a dot.

    Raises
    ------
    InputError
    """
    if not qd:
        raise InputError("No dot is given.", "Pick one, or write CORE:NM/SHELL:NM.")
    if len(qd) > MAX_SPEC:
        raise InputError(f"A dot is described in at most {MAX_SPEC} characters.", "Shorten it.")


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
            next(read_input(str(path)))
            n_rows = count_rows(str(path))
        except InputError as error:
            shown = error.message.replace(f"'{path}'", label)
            raise InputError(shown, error.remedy) from error
    if n_rows > MAX_ROWS:
        raise InputError(
            f"The list has {n_rows:,} rows; the page takes {MAX_ROWS:,} in one screen.", ELSEWHERE
        )
    return Molecules(text=content, suffix=suffix, n_rows=n_rows, label=label)
