"""Lines of a text file as it comes: bounded, decoded, and honest about what cannot be read.

A line is the unit in which a list goes wrong, so each carries its own problem and the others are read
on. Three things are decided here and nowhere else.

* Encoding. UTF-8, with or without a byte order mark, and UTF-16 with one. A line that is no UTF-8 is
  Windows-1252, in which Excel writes its CSV in Western Europe, as long as no earlier line has shown
  that the file is UTF-8; a mixture of both cannot be read right, and its line says so.
* Length. A line longer than :data:`MAX_LINE_BYTES` is read over without being held: a gzip of a few
  kilobytes may unpack to one line of gigabytes.
* NUL. It spoils its line, wherever it stands. A file that is no text at all shows it by its many
  control characters, not by a NUL.
"""

from __future__ import annotations

import codecs
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

#: Longest line in bytes; a SMILES, its CXSMILES block and all columns beside it are far shorter.
MAX_LINE_BYTES = 1_000_000
#: Bytes at the start of a file that tell whether it is text.
SAMPLE_BYTES = 65_536
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b")) + b"\x7f"
#: More control characters than this, and a larger part of the sample than this, are no text.
_FEW_CONTROLS = 2
_SHARE_OF_CONTROLS = 0.05
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Bytes(Protocol):
    """What gives bytes, not more than are asked for."""

    def read(self, size: int, /) -> bytes:
        """The next bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line without its end."""

    number: int
    """Counted from 1."""
    text: str
    problem: str = ""
    """Why it cannot be read, as a sentence; the text is then what is left of it."""


def is_text(sample: bytes) -> bool:
    """Whether the first bytes of a file are those of a text."""
    if sample.startswith(_UTF_16):
        return True
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls <= _FEW_CONTROLS or controls <= _SHARE_OF_CONTROLS * len(sample)


class Lines(Iterator[Line]):
    """The lines of a binary stream, with what was read too far given back."""

    def __init__(self, handle: Bytes) -> None:
        self._lines = _lines(handle)
        self._given_back: deque[Line] = deque()

    def __next__(self) -> Line:
        return self._given_back.popleft() if self._given_back else next(self._lines)

    def give_back(self, *lines: Line) -> None:
        """Read these lines next, in this order."""
        self._given_back.extendleft(reversed(lines))

    def first(self) -> Line | None:
        """The next line that is not blank, which stays to be read; those before it are gone."""
        for line in self:
            if line.text.strip() or line.problem:
                self.give_back(line)
                return line
        return None


def _lines(handle: Bytes) -> Iterator[Line]:
    head = handle.read(2)
    wide = head in _UTF_16
    # Latin-1 keeps every byte as it is, and the text layer ends lines at \n, \r\n and \r alike.
    stream = io.TextIOWrapper(
        io.BufferedReader(_Joined(head, handle)),
        encoding="utf-16" if wide else "latin-1",
        errors="replace",
        newline=None,
    )
    decoder = _Decoder()
    number = 0
    while part := stream.readline(MAX_LINE_BYTES):
        number += 1
        if len(part) == MAX_LINE_BYTES and not part.endswith("\n"):
            while (rest := stream.readline(MAX_LINE_BYTES)) and not rest.endswith("\n"):
                pass
            yield Line(
                number=number, text="", problem=f"The line is longer than {MAX_LINE_BYTES:,} characters."
            )
            continue
        part = part.removesuffix("\n")
        text, problem = (part, "") if wide else decoder.decoded(part.encode("latin-1"))
        if number == 1:
            text = text.removeprefix("\ufeff")
        if "\0" in text:
            text, problem = text.replace("\0", " "), "The line holds a NUL character."
        yield Line(number=number, text=text, problem=problem)
    # The stream is the caller's to close.
    stream.detach()


class _Decoder:
    """Text of one line after the other, in the encoding that the lines before have shown."""

    def __init__(self) -> None:
        self._is_utf8 = False

    def decoded(self, raw: bytes) -> tuple[str, str]:
        """The text, and what is wrong with it."""
        if raw.isascii():
            return raw.decode("ascii"), ""
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            where = f"Its byte 0x{raw[error.start]:02X} in column {error.start + 1}"
        else:
            self._is_utf8 = True
            return text, ""
        if self._is_utf8:
            return raw.decode("utf-8", errors="replace"), f"{where} is no UTF-8, unlike the lines before it."
        try:
            return raw.decode("cp1252"), ""
        except UnicodeDecodeError:
            return raw.decode("utf-8", errors="replace"), f"{where} is neither UTF-8 nor Windows-1252."


class _Joined(io.RawIOBase):
    """The bytes that were looked at, then those that follow."""

    def __init__(self, head: bytes, tail: Bytes) -> None:
        super().__init__()
        self._head = head
        self._tail = tail

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        found, self._head = self._head, b""
        if not found:
            # A pipe hands over what it has, instead of waiting for a full buffer.
            read = getattr(self._tail, "read1", self._tail.read)
            found = read(len(buffer))
        buffer[: len(found)] = found
        return len(found)
