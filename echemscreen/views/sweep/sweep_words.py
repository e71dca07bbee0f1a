"""What the figures of a sweep share: its columns, title and caption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from echemscreen.quantities import MINUS, quantity
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import PROCESSES
from echemscreen.scales import electrode
from echemscreen.views.alignment.drawing import shortened
from echemscreen.views.tables.cells import shown, side
from echemscreen.views.typeset import ions, is_written

Content = Sequence[Mapping[str, Any]]
#: Characters of a ligand's name or SMILES.
_NAME_WIDTH = 60


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
    return f"{_name(content[0])} on {text}"


def _name(item: Mapping[str, Any]) -> str:
    """The ligand; its SMILES where no installed font has the letters of its name."""
    name = str(item["ligand"])
    return shortened(name if is_written(name) else str(item.get("ligand_smiles") or name), _NAME_WIDTH)


def words_of(content: Content) -> str:
    """Levels and evidence in words."""
    text = f"Absolute SHE {-electrode('vacuum').offset_v_she:.2f} eV."
    if len(swept(content)) == 1:
        text += " Bands: one standard deviation."
    if "verdict" not in content[0]:
        return f"Edges are those of the whole dot (1S). {text}"
    item = content[-1]
    levels = [
        f"{process} {shown(item, f'{name}_v_she', minus=MINUS)}"
        for process, name in zip(PROCESSES, ("e_red", "e_ox"), strict=True)
        if item[f"{name}_v_she"] is not None
    ]
    if item["limiting_couple"]:
        couple = quantity(item["couple_e0_v_she"], bound=side(item, "couple"), minus=MINUS)
        levels.append(f"{ions(item['limiting_couple'])} {couple}")
    verdicts = {entry["verdict"] for entry in content}
    everywhere = f" {verdicts.copy().pop().capitalize()} at every size." if len(verdicts) == 1 else ""
    smiles = str(item.get("ligand_smiles") or "")
    drawn = f" ({shortened(smiles, _NAME_WIDTH)})" if smiles and smiles != _name(item) else ""
    return (
        f"{_name(item)}{drawn}, {item['form'].replace('_', ' ')}: {', '.join(levels)} V vs SHE; "
        f"evidence: {item['domain']}."
        f"{everywhere} Critical sizes: where P meets a threshold. {text}"
    )
