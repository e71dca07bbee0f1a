"""What the figures of a sweep share: its columns, title and caption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from echemscreen.quantities import MINUS, quantity
from echemscreen.records.molecules import FloatArray
from echemscreen.scales import electrode
from echemscreen.views.tables.cells import shown, side

Content = Sequence[Mapping[str, Any]]
#: Characters of a ligand's name in title and caption.
_NAME_WIDTH = 36


def swept(content: Content) -> tuple[str, ...]:
    """The sizes that take more than one value."""
    return tuple(
        label for label in content[0]["sizes_nm"] if len({item["sizes_nm"][label] for item in content}) > 1
    )


def column_of(content: Content, name: str) -> FloatArray:
    """A column as numbers, NaN where nothing is known."""
    return np.array([np.nan if item.get(name) is None else item[name] for item in content], dtype=np.float64)


def title_of(content: Content) -> str:
    """Ligand and dot; a layer of one size with it."""
    moving = swept(content)
    text = "/".join(
        label.partition(" ")[0] if label in moving else f"{label.partition(' ')[0]} {size:g} nm"
        for label, size in content[0]["sizes_nm"].items()
    )
    if "verdict" not in content[0]:
        return text
    return f"{_shortened(content[0]['ligand'])} on {text}"


def _shortened(name: str) -> str:
    """One line of printable characters that fits a sheet."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return clean if len(clean) <= _NAME_WIDTH else clean[: _NAME_WIDTH - 1] + "…"


def caption_of(content: Content) -> str:
    """Levels and evidence in words."""
    text = f"Absolute SHE {-electrode('vacuum').offset_v_she:.2f} eV."
    if len(swept(content)) == 1:
        text += " Bands: one standard deviation."
    if "verdict" not in content[0]:
        return f"Edges are those of the whole dot (1S). {text}"
    item = content[-1]
    levels = [
        f"{symbol} {shown(item, f'{name}_v_she', minus=MINUS)}"
        for symbol, name in (("E_red", "e_red"), ("E_ox", "e_ox"))
        if item[f"{name}_v_she"] is not None
    ]
    if item["limiting_couple"]:
        couple = quantity(item["couple_e0_v_she"], bound=side(item, "couple"), minus=MINUS)
        levels.append(f"{item['limiting_couple']} {couple}")
    verdicts = {entry["verdict"] for entry in content}
    everywhere = f" {verdicts.copy().pop().capitalize()} at every size." if len(verdicts) == 1 else ""
    return (
        f"{_shortened(item['ligand'])}, {item['form'].replace('_', ' ')}: {', '.join(levels)} V vs SHE; "
        f"evidence: {item['domain']}."
        f"{everywhere} Critical sizes: where P meets a threshold. {text}"
    )
