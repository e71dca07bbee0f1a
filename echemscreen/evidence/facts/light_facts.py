"""What light does to single molecules, outside a ranking: for published facts that are to come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from echemscreen.crosslinkers.crosslinker_ledger import Tools, ledger_of
from echemscreen.crosslinkers.photophysics import Photophysics, photophysics, spin_states
from echemscreen.ligands.crosslinking.photochemistry import Gas
from echemscreen.records.dots import QuantumDot
from echemscreen.records.molecules import Molecule
from echemscreen.screening.workbench import Settings
from echemscreen.screening.workers.progress import Unwatched

if TYPE_CHECKING:
    from echemscreen.store.database import Store


def light_facts(
    molecules: Sequence[Molecule],
    *,
    dot: QuantumDot,
    settings: Settings,
    store: Store,
    make_executor: Callable[[], Executor],
    lamp_nm: float | None = None,
    atmosphere: Gas | None = None,
) -> dict[str, Photophysics]:
    """Absorption and spin states of molecules by name, as far as they are asked for.

    Parameters
    ----------
    lamp_nm
        Asks for the absorption at this wavelength.
    atmosphere
        Asks for spin states: the intermediates are those of the ledger in this gas.
    """
    tools = Tools(
        dot=dot,
        settings=settings,
        store=store,
        make_executor=make_executor,
        workers=1,
        watch=Unwatched(),
    )
    found = photophysics(molecules, lamp_nm, tools)
    if atmosphere is not None:
        ledgers = {item.canonical_smiles: ledger_of(item, atmosphere) for item in molecules}
        found = spin_states({smiles: (light, ledgers[smiles]) for smiles, light in found.items()}, tools)
    return {item.name: found[item.canonical_smiles] for item in molecules}
