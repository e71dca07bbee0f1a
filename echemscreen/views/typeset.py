"""Text in figures: charges set high, lines measured, shortened and broken, letters that a font lacks."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache

from matplotlib import font_manager
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties

from echemscreen.records.processes import Process
from echemscreen.views.alignment.drawing import shortened

#: Letters are fitted to pixels, so that their widths depend on the resolution: those that figures have.
_DPI, _SLACK = (100.0, 200.0, 600.0), 1.01
_POINTS_PER_INCH = 72.0
#: No letter that is seen is narrower, in sizes of its font.
_NARROWEST_EM = 0.2
#: The charge of an ion: digits and a sign behind a symbol, before what ends the ion.
_CHARGE = re.compile(r"(?<=[A-Za-z)])(\d*[+-])(?=$|[/ ,;:.)])")
_HIGH = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
#: Potentials as matplotlib's own mathematics, for text of ours that holds no name of a user.
SYMBOLS = {Process.REDUCTION: r"$E_\mathrm{red}$", Process.OXIDATION: r"$E_\mathrm{ox}$"}
#: Fonts with the letters that DejaVu Sans lacks, as systems bring them along.
_WIDER_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Noto Sans CJK TC",
    "Noto Sans SC",
    "Noto Sans JP",
    "Noto Sans KR",
    "Source Han Sans SC",
    "Source Han Sans",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "IPAexGothic",
    "IPAGothic",
    "TakaoGothic",
    "NanumGothic",
    "Microsoft YaHei",
    "SimHei",
    "Yu Gothic",
    "MS Gothic",
    "Malgun Gothic",
    "PingFang SC",
    "Hiragino Sans",
    "Hiragino Sans GB",
    "Apple SD Gothic Neo",
    "Arial Unicode MS",
    "Unifont",
)


def ions(text: str) -> str:
    """The charges of ions set high: ``Zn2+/Zn`` becomes ``Zn²⁺/Zn``.

    Examples
    --------
    >>> ions("Fe3+/Fe2+"), ions("Li+/Li"), ions("CBM")
    ('Fe³⁺/Fe²⁺', 'Li⁺/Li', 'CBM')
    """
    return _CHARGE.sub(lambda found: found[1].translate(_HIGH), text)


@lru_cache(maxsize=1)
def wider_fonts() -> tuple[str, ...]:
    """Installed fonts with more letters than matplotlib's own, in the order in which they are asked."""
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return tuple(name for name in _WIDER_FONTS if name in installed)


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    """The letters of matplotlib's own font and of :func:`wider_fonts`."""
    paths = [font_manager.findfont(name) for name in ("DejaVu Sans", *wider_fonts())]
    return frozenset(code for path in paths for code in font_manager.get_font(path).get_charmap())


def is_written(text: str) -> bool:
    """Whether an installed font has every letter of a text; otherwise boxes would stand in its place."""
    return all(ord(letter) in _letters() for letter in text if letter.isprintable())


def legible(names: Iterable[str], instead: Iterable[str]) -> tuple[list[str], str]:
    """Names of which every letter can be drawn, and a sentence on those for which others stand.

    Parameters
    ----------
    instead
        What stands for each name that no installed font can write, such as its SMILES.
    """
    found, told = [], []
    for name, other in zip(names, instead, strict=True):
        is_legible = is_written(name) or not other
        found.append(name if is_legible else other)
        if not is_legible:
            told.append(other)
    if not told:
        return found, ""
    return found, f" No installed font has the letters of {len(told)} of the names: SMILES stand there."


def length_in(text: str, size_pt: float, *, is_mathematics: bool = False) -> float:
    """Length of a line of text as it is drawn, inches; mathematics is never a user's."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        font = FontProperties(size=size_pt)
        widths = [
            float(_renderer(dpi).get_text_width_height_descent(text, font, ismath=is_mathematics)[0]) / dpi  # type: ignore[no-untyped-call]
            for dpi in _DPI
        ]
    # What stands for a missing letter is narrower than the letters that are missing most often.
    missing = sum(ord(letter) not in _letters() for letter in text)
    return _SLACK * max(widths) + 0.4 * missing * size_pt / _POINTS_PER_INCH


@lru_cache(maxsize=len(_DPI))
def _renderer(dpi: float) -> RendererAgg:
    """What measures text; it draws nothing."""
    return RendererAgg(1, 1, dpi)  # type: ignore[no-untyped-call]


def fitted(text: str, size_pt: float, room_in: float) -> str:
    """A line of text that takes no more than ``room_in``, shortened in its middle if need be."""
    # Only so many of the narrowest letters have room: what is longer is not worth measuring.
    width = int(min(len(text), room_in * _POINTS_PER_INCH / (_NARROWEST_EM * size_pt))) + 1
    found = shortened(text, width) if width <= len(text) else text
    while width > 1 and (length := length_in(found, size_pt)) > room_in:
        width = max(min(width - 1, int(width * room_in / length) + 1), 1)
        found = shortened(text, width)
    return found


def filled(text: str, size_pt: float, width_in: float) -> str:
    """A paragraph broken into lines no longer than ``width_in``; a word that is longer is shortened."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and length_in(longer, size_pt) <= width_in:
            lines[-1] = longer
        else:
            lines.append(fitted(word, size_pt, width_in))
    return "\n".join(lines)


def in_lines(text: str, size_pt: float, width_in: float, most: int) -> list[str]:
    """A name in at most so many lines, its last one shortened if need be; it breaks at its hyphens too."""
    parts = re.findall(r"[^\s-]+-?|-+", text)
    starts = _starts(text, parts)
    lines: list[str] = []
    for part, is_new_word in zip(parts, starts, strict=True):
        longer = f"{lines[-1]}{' ' if is_new_word else ''}{part}" if lines else part
        if lines and (length_in(longer, size_pt) <= width_in or len(lines) == most):
            lines[-1] = longer
        else:
            lines.append(part)
    return [fitted(line, size_pt, width_in) for line in lines]


def _starts(text: str, parts: Sequence[str]) -> list[bool]:
    """Whether a blank stands before each part of a text."""
    found, place = [], 0
    for part in parts:
        at = text.index(part, place)
        found.append(at > place)
        place = at + len(part)
    return found
