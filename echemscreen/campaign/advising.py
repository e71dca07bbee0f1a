"""What to measure or compute next, for a list and a dot."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from echemscreen.campaign.base import Campaign, rows_of
from echemscreen.design import advice
from echemscreen.errors import InputError
from echemscreen.ligands.reading.input_files import read_row
from echemscreen.records.molecules import Molecule
from echemscreen.records.rows import Failure


def advise(
    source: str,
    qd: str,
    *,
    engine: str = "tblite",
    workers: int | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> advice.AdviceReport:
    """Rank the molecules of a list by the verdicts that a reference value of each would decide.

    Parameters
    ----------
    source
        A list as ``screen`` reads it.
    report
        Told the progress, line by line.

    Raises
    ------
    InputError
        if the list or the dot cannot be used, or no row of the list can be read.
    """
    campaign = Campaign.validated(qd=qd, engine=engine)
    entries = [read_row(row).entry for row in rows_of(source, None)]
    molecules = [entry for entry in entries if isinstance(entry, Molecule)]
    unread = tuple(
        f"{item.name or item.smiles}: {item.message}" for item in entries if isinstance(item, Failure)
    )
    if not molecules:
        raise InputError(f"No row of {source} can be read.", unread[0] if unread else "Give SMILES.")
    found = advice.advise(
        molecules, campaign.dot(), campaign.settings(), workers=workers or os.cpu_count() or 1, report=report
    )
    return replace(found, failures=(*unread, *found.failures))
