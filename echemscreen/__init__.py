"""echemscreen: electrochemical-stability screening of quantum-dot ligands and photo-crosslinkers.

::

              what to screen        how energies come        what they are compared with
    SMILES -> ligands/       ->     engines/                 dots/  (band edges, metal couples)
              Molecule, forms,      SinglePoint <-> store       |
              Geometry                  |                       v
                                        +-> levels/  ->  verdicts/  ->  views/ (table, diagram)
                                            EnergyLevel +- sigma   Assessment | Failure

``screening/`` runs that line for one molecule and for many; ``campaign`` is the one door.

>>> import echemscreen as es                                             # doctest: +SKIP
>>> es.assess("CC(=O)[O-].CC(=O)[O-].[Cd+2]", qd="pu2020-red").verdict   # doctest: +SKIP
'active'

Names are loaded when they are first used: importing the package loads no chemistry.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from echemscreen.campaign.asking import Answer, ask
    from echemscreen.campaign.base import QuantumDot
    from echemscreen.campaign.designing import DesignCampaign, DesignOutcome, design
    from echemscreen.campaign.many_dots import DotsOutcome, screen_dots
    from echemscreen.campaign.outcomes.drawing import draw
    from echemscreen.campaign.outcomes.reporting import report
    from echemscreen.campaign.outcomes.results import Assessment, Failure, assess
    from echemscreen.campaign.ranking import RankCampaign, RankOutcome, rank
    from echemscreen.campaign.screening import ScreenCampaign, ScreenOutcome, screen
    from echemscreen.campaign.sweeping import sweep
    from echemscreen.campaign.workflow.running import WorkflowOutcome, run
    from echemscreen.errors import EchemscreenError
    from echemscreen.ligands.library import families
    from echemscreen.screening.exchange import exchange
    from echemscreen.screening.exchange_answer import ExchangeAnswer

__all__ = [
    "Answer",
    "Assessment",
    "DesignCampaign",
    "DesignOutcome",
    "DotsOutcome",
    "EchemscreenError",
    "ExchangeAnswer",
    "Failure",
    "QuantumDot",
    "RankCampaign",
    "RankOutcome",
    "ScreenCampaign",
    "ScreenOutcome",
    "WorkflowOutcome",
    "ask",
    "assess",
    "design",
    "draw",
    "exchange",
    "families",
    "rank",
    "report",
    "run",
    "screen",
    "screen_dots",
    "sweep",
]

_HOMES = {
    "Answer": "campaign.asking",
    "ask": "campaign.asking",
    "Assessment": "campaign.outcomes.results",
    "DesignCampaign": "campaign.designing",
    "DesignOutcome": "campaign.designing",
    "DotsOutcome": "campaign.many_dots",
    "EchemscreenError": "errors",
    "ExchangeAnswer": "screening.exchange_answer",
    "Failure": "campaign.outcomes.results",
    "QuantumDot": "campaign.base",
    "RankCampaign": "campaign.ranking",
    "RankOutcome": "campaign.ranking",
    "ScreenCampaign": "campaign.screening",
    "ScreenOutcome": "campaign.screening",
    "WorkflowOutcome": "campaign.workflow.running",
    "assess": "campaign.outcomes.results",
    "design": "campaign.designing",
    "draw": "campaign.outcomes.drawing",
    "exchange": "screening.exchange",
    "families": "ligands.library",
    "rank": "campaign.ranking",
    "report": "campaign.outcomes.reporting",
    "run": "campaign.workflow.running",
    "screen": "campaign.screening",
    "screen_dots": "campaign.many_dots",
    "sweep": "campaign.sweeping",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name not in _HOMES:
        raise AttributeError(f"module 'echemscreen' has no attribute '{name}'")
    return getattr(importlib.import_module(f"echemscreen.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
