"""Colours, markers and line styles, the same in every figure and in every renderer.

The colours are those of M. Okabe and K. Ito (Color Universal Design, 2008). None of them carries a
meaning alone: a verdict has a marker of its own, reduction and oxidation differ by filling, and how a
level was found is told by the line. So the figures can be read in grey and by the colour-blind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: Colour and matplotlib's marker of each verdict.
STYLES: dict[str, tuple[str, str]] = {
    "active": ("#D55E00", "v"),
    "undetermined": ("#E69F00", "D"),
    "inert": ("#0072B2", "o"),
}
#: Colour and marker of what has no verdict.
UNJUDGED = ("#888888", "s")


def severest(verdicts: Iterable[str]) -> str:
    """The worst of several verdicts, the styles running from the worst on; blank if there is none."""
    said = set(verdicts)
    return next((verdict for verdict in STYLES if verdict in said), "")


#: The verdicts' colours, dark enough for small type.
TEXT_COLOURS = {"active": "#B34E00", "undetermined": "#8F6200", "inert": "#0072B2"}
COUPLE_COLOUR, EDGE_COLOUR, GREY, INK = "#CC79A7", "#333333", "#888888", "#222222"
#: The couples' colour, darker for small type.
COUPLE_TEXT_COLOUR = "#8A3C6B"
#: Uncertainty of an edge, a layer's bands, and the gap.
SIGMA_COLOUR, BAND_COLOUR, GAP_COLOUR = "#56B4E9", "#BFC9D1", "#F5F5F5"
SIGMA_ALPHA = 0.25
#: Opacity of a member of a ledger that does not decide.
PALE = 0.45

#: Marker and words of each role in a ledger, in the order in which members stand.
ROLES: dict[str, tuple[str, str]] = {
    "precursor": ("s", "precursor"),
    "wanted_link": ("o", "wanted link"),
    "side_product": ("^", "side product"),
    "residue": ("v", "residue"),
    "intermediate": ("x", "intermediate"),
}

#: Fill of a layer of a device by its role, and the same under the hatching of what is unverified.
FILLS = {
    "electrode": "#8C8C8C",
    "conductor": "#B8B8B8",
    "hole_injection": "#F6DDB8",
    "hole_transport": "#F3CFA2",
    "electron_transport": "#BFD9EE",
    "insulator": "#E4E4E4",
}
PALE_FILLS = dict.fromkeys(("hole_injection", "hole_transport"), "#FCF1E4") | {
    "electron_transport": "#EDF5FB"
}
#: Shell and core inside a device.
DOT_FILL, CORE_FILL = "#F4D9DF", "#E6AEBB"

#: The same for the scripts of pages.
LOOK: Mapping[str, Any] = {
    "styles": STYLES,
    "other": UNJUDGED,
    "text": TEXT_COLOURS,
    "roles": ROLES,
    "couple": (COUPLE_COLOUR, COUPLE_TEXT_COLOUR),
    "edge": EDGE_COLOUR,
    "grey": GREY,
    "ink": INK,
    "sigma": SIGMA_COLOUR,
    "band": BAND_COLOUR,
    "gap": GAP_COLOUR,
    "pale": PALE,
    "fills": FILLS,
    "pale_fills": PALE_FILLS,
    "core": CORE_FILL,
    "shell": DOT_FILL,
}
