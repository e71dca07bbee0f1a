"""The weights of a ranking: the shipped ones, with what a user's file says in their stead."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from echemscreen.campaign.yaml_file import read_yaml
from echemscreen.errors import InputError
from echemscreen.options.declared import CheckedOptions, wrong
from echemscreen.reference_tables import table_path
from echemscreen.verdicts.criteria import CRITERIA, Preference, Preferences


class WeightOfCriterion(CheckedOptions):
    """How much a criterion counts, and between which values."""

    weight: float = Field(ge=0, allow_inf_nan=False)
    worst: float = Field(allow_inf_nan=False)
    best: float = Field(allow_inf_nan=False)
    log: bool = False


class AbsorbsFrom(CheckedOptions):
    """Molar decadic absorption coefficients at the lamp, 1/(M cm)."""

    weak_from: float = Field(gt=0, allow_inf_nan=False)
    yes_from: float = Field(gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.weak_from > self.yes_from:
            raise ValueError("weak_from is larger than yes_from")
        return self


class Weights(CheckedOptions):
    """The default score, or a user's own: a YAML file, safely loaded."""

    criteria: dict[str, WeightOfCriterion]
    pareto: tuple[str, ...] = Field(min_length=1)
    absorbs: AbsorbsFrom
    samples: int = Field(ge=100, le=100_000)

    @model_validator(mode="after")
    def _criteria_are_known(self) -> Self:
        known = {criterion.name: criterion for criterion in CRITERIA}
        for name, item in self.criteria.items():
            if name not in known:
                raise ValueError(f"criteria.{name} is no criterion; they are {', '.join(known)}")
            if item.worst == item.best or (item.best > item.worst) != (known[name].better == "higher"):
                raise ValueError(f"criteria.{name}: {known[name].better} is better, so 'best' must be too")
            if item.log and min(item.worst, item.best) <= 0:
                raise ValueError(f"criteria.{name}: a logarithm needs positive 'worst' and 'best'")
        if unweighted := [name for name in known if name not in self.criteria]:
            raise ValueError(
                f"criteria.{unweighted[0]} is a criterion without a weight (0 shows it uncounted)"
            )
        for name in self.pareto:
            if name not in known:
                raise ValueError(f"pareto: {name} is no criterion; they are {', '.join(known)}")
        if not any(item.weight for item in self.criteria.values()):
            raise ValueError("criteria: every weight is zero")
        return self

    @classmethod
    def from_file(cls, path: Path | None = None) -> Self:
        """The shipped weights, with what a user's file says in their stead.

        Raises
        ------
        InputError
            naming the file and the key that is wrong.
        """
        shipped_file = table_path("ligand_library", "ranking_weights.yaml")
        content = read_yaml(shipped_file)
        own = {} if path is None else read_yaml(path)
        for key, value in own.items():
            if key == "criteria" and isinstance(value, dict):
                for name, item in value.items():
                    shipped = content["criteria"].get(name, {})
                    content["criteria"][name] = shipped | item if isinstance(item, dict) else item
            else:
                content[key] = value
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            key, words = wrong(error)
            raise InputError(
                f"The weights {path or shipped_file}: {f'{key}: ' if key else ''}{words}.",
                "Correct the file.",
            ) from error

    def preferences(self) -> Preferences:
        """The weights as the ranking wants them."""
        criteria = {name: Preference(**item.model_dump()) for name, item in self.criteria.items()}
        return Preferences(criteria=criteria, pareto=self.pareto, samples=self.samples)
