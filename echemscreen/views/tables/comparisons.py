"""What levels and couples are worth against the edges of a dot, as columns of a table."""

from __future__ import annotations

from collections.abc import Iterable

from echemscreen.records.processes import PROCESSES, Process
from echemscreen.records.results import Alignment


def drives_of(alignments: Iterable[Alignment], *, deciding: bool = False) -> dict[str, object]:
    """The largest drive and probability of each process, and the largest drive of a couple, with their sides.

    Parameters
    ----------
    deciding
        Give of a hole the probability that the verdict goes by instead.
    """
    items = list(alignments)
    values: dict[str, object] = {}
    for process in PROCESSES:
        found = [item for item in items if item.process == process]
        values |= _largest_drive(process, found)
        chances = [(item.deciding if deciding else item.probability, item) for item in found]
        known = [(value, item) for value, item in chances if value is not None]
        value, item = max(known, key=lambda pair: pair[0], default=(None, None))
        values |= {f"p_{process}": value, f"p_{process}_bound": item.bound if item else ""}
    return values | _largest_drive("couple", [item for item in items if item.couple is not None])


def _largest_drive(name: str, items: Iterable[Alignment]) -> dict[str, object]:
    item = max(items, key=lambda item: item.drive_ev, default=None)
    return {
        f"{name}_drive_ev": item.drive_ev if item else None,
        f"{name}_drive_bound": item.bound if item else "",
    }


def each_of(alignments: Iterable[Alignment]) -> dict[str, object]:
    """Of E_red, E_ox and the couple with the largest drive: what each says by itself, and its own drive."""
    items = list(alignments)
    own = {item.process: item for item in items if item.couple is None}
    couple = max(
        (item for item in items if item.couple is not None), key=lambda item: item.drive_ev, default=None
    )
    values: dict[str, object] = {}
    if (reduction := own.get(Process.REDUCTION)) is not None:
        values |= {
            "e_red_verdict": reduction.verdict,
            "e_red_drive_ev": reduction.drive_ev,
            "e_red_drive_sigma_ev": reduction.sigma_ev,
        }
    if (oxidation := own.get(Process.OXIDATION)) is not None:
        values |= {"e_ox_verdict": oxidation.verdict, "oxidation_drive_sigma_ev": oxidation.sigma_ev}
    if couple is not None and couple.couple is not None:
        values |= {
            "couple_verdict": couple.verdict,
            "couple_e0_v_she": couple.couple.e0_v_she,
            "couple_sigma_v": couple.couple.sigma_v,
            "couple_drive_sigma_ev": couple.sigma_ev,
        }
    return values
