"""What is ordered: a kind of run, its molecules, its dot and its options, checked before it waits.

The check makes the campaign that the command will make, so that the page refuses what the command would:
a dot that means nothing, an option that does not fit, a wrong cell of a file, a missing engine.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from echemscreen.campaign.base import Campaign, settings_of
from echemscreen.campaign.ranking import RankCampaign
from echemscreen.campaign.screening import ScreenCampaign
from echemscreen.campaign.sweeping import check_sweep_output
from echemscreen.campaign.weights import Weights
from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError, InputError
from echemscreen.levels.redox import theory_of
from echemscreen.levels.refined import REFINED_ENGINE
from echemscreen.ligands.parse import parse_smiles
from echemscreen.options.runs import Calculation, MeasuredDotOptions, OwnMeasurements, SweepOptions
from echemscreen.server.forms import KINDS, Kind, KindName, fields_of, given, on_the_command_line
from echemscreen.server.submission import Molecules

#: Characters of a dot's specification, dots of one order, bytes of a file beside the list.
MAX_SPEC, MAX_DOTS, MAX_BESIDE_BYTES = 200, 8, 1_000_000
#: Options that are told of every run, chosen or not.
_TOLD = ("level", "forms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be run; kept beside the results."""

    kind: KindName = "screen"
    label: str
    suffix: str
    n_rows: int
    qd: str
    """The dot, or the sizes of a sweep."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What was chosen in the form, as text; files by the names under which they lie in the folder."""
    first: tuple[tuple[str, str], ...] = ()
    """Names and SMILES of the first rows."""
    digest: str = ""
    """Of the list: runs of the same list stand side by side."""

    @property
    def of(self) -> Kind:
        """Its kind of run."""
        return KINDS[self.kind]

    @property
    def told(self) -> tuple[str, ...]:
        """What was chosen, for a reader: level and forms, and whatever differs from its default."""
        fields = fields_of(self.of.model)
        found = [self.options.get(name) or fields[name].default for name in _TOLD]
        for name, text in self.options.items():
            if name not in _TOLD and text not in {"", fields[name].default}:
                label = fields[name].label
                is_switch = fields[name].control == "switch"
                found.append(label.lower() if is_switch else f"{label} {text}")
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """One object."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """What :meth:`to_json` made, now or before there were other kinds than screens.

        Raises
        ------
        TypeError, ValueError
            if it is no order.
        """
        beside = {name: content.pop(name) for name in content.keys() - cls.__dataclass_fields__.keys()}
        options = {**content.pop("options", {}), **beside}
        first = tuple((str(name), str(smiles)) for name, smiles in content.pop("first", ()))
        made = cls(**content, options=options, first=first)
        if made.kind not in KINDS or made.options.keys() - fields_of(made.of.model).keys():
            raise ValueError(made)
        return made

    def arguments(self, store: Path) -> Iterator[str]:
        """The command, as run in the folder of the order."""
        yield self.kind
        yield from on_the_command_line(self.of.model, self.options)
        name, smiles = self.first[0] if self.first else ("", "")
        if self.of.is_list:
            yield from (f"--qd={self.qd}", "--out=.", f"--store={store}", "--quiet")
            yield from ("--", f"input{self.suffix}")
        elif self.kind == "ask":
            yield from (f"--qd={self.qd}", f"--name={name}", "--json", "--out=answer.svg", "--", smiles)
        else:
            ligand = (f"--ligand={smiles}", f"--ligand-name={name}") if smiles else ()
            yield from (*ligand, "--output=sweep.svg", "--output=sweep.csv", "--", self.qd)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A file that was given for an option."""

    name: str
    """Under which it lies in the folder of the run: the option's, with the suffix of what was given."""
    content: bytes


def beside(option: str, given_name: str, content: bytes) -> Beside:
    """A file for an option; its own name tells its format and never becomes a path.

    Raises
    ------
    InputError
        if it is too large.
    """
    if len(content) > MAX_BESIDE_BYTES:
        raise InputError(
            f"The file for {option.replace('_', ' ')} is larger than {MAX_BESIDE_BYTES // 10**6} MB.",
            "Give the rows that the run needs.",
        )
    suffix = Path(given_name.replace("\\", "/").rsplit("/", 1)[-1]).suffix.lower()
    return Beside(name=f"{option}{suffix if suffix[1:].isalnum() else ''}", content=content)


def orders(
    kind: KindName,
    molecules: Molecules | None,
    dots: tuple[str, ...],
    options: Mapping[str, str],
    files: Mapping[str, Beside],
) -> tuple[Order, ...]:
    """One order for each dot, once all is known to be usable.

    Parameters
    ----------
    molecules
        The list, or one molecule; a sweep may do without.
    dots
        Specifications; the sizes of a sweep.
    options
        Texts of the form's fields.
    files
        Those that were given for options, by option.

    Raises
    ------
    EchemscreenError
        if a dot is unknown, an option is wrong, or the level needs an engine that is missing.
    """
    if not 0 < len(dots) <= MAX_DOTS:
        raise InputError(f"{len(dots)} dots are given.", f"Give one to {MAX_DOTS}.")
    for qd in dots:
        check_spec(qd)
    _check_names(kind, options)
    edges = {*MeasuredDotOptions.model_fields} - {*OwnMeasurements.model_fields}
    if len(set(dots)) > 1 and (
        of_one := edges & ({name for name, text in options.items() if text} | {*files})
    ):
        label = fields_of(KINDS[kind].model)[min(of_one)].label
        raise InputError(
            f"{label} belongs to one dot, and {len(set(dots))} are given.", "Run them one by one."
        )
    chosen = {name: text for name, text in options.items() if text} | {
        name: file.name for name, file in files.items()
    }
    if molecules is not None and not KINDS[kind].is_list:
        if molecules.n_rows != 1:
            raise InputError(f"{molecules.n_rows:,} molecules are given, where one is meant.", "Give one.")
        if molecules.refusal is not None:
            raise molecules.refusal
    made = tuple(_order(kind, molecules, qd, chosen) for qd in dict.fromkeys(dots))
    with tempfile.TemporaryDirectory() as folder:
        for file in files.values():
            (Path(folder) / file.name).write_bytes(file.content)
        for item in made:
            try:
                _check(item, {name: str(Path(folder) / file.name) for name, file in files.items()})
            except EchemscreenError as error:
                # Where it lay for the check is nothing to tell.
                said = [text.replace(f"{folder}/", "") for text in (error.message, error.remedy)]
                raise InputError(*said) from error
    return made


def _order(kind: KindName, molecules: Molecules | None, qd: str, chosen: Mapping[str, str]) -> Order:
    if molecules is None:
        return Order(kind=kind, label="no ligand", suffix="", n_rows=1, qd=qd, options=chosen)
    return Order(
        kind=kind,
        label=molecules.label,
        suffix=molecules.suffix,
        n_rows=molecules.n_rows,
        qd=qd,
        options=chosen,
        first=molecules.first,
        digest=hashlib.sha256(molecules.text).hexdigest(),
    )


def _check_names(kind: KindName, options: Mapping[str, str]) -> None:
    """Refuse a text where a file could be meant: the page has no business with the paths of this computer."""
    fields = fields_of(KINDS[kind].model)
    for name, text in options.items():
        if name not in fields or fields[name].control == "file":
            raise InputError(f"There is no option {name}.", "Open the page again.")
        if fields[name].takes_file and text and text not in fields[name].choices:
            known = ", ".join(fields[name].choices)
            raise InputError(f"{fields[name].label} '{text}' is unknown.", f"Known: {known}.")


def check_spec(qd: str) -> None:
    """Refuse no dot at all, and one that is too long to be a dot.

    Raises
    ------
    InputError
    """
    if not qd:
        raise InputError("No dot is given.", "Pick one, or write CORE:NM/SHELL:NM.")
    if len(qd) > MAX_SPEC:
        raise InputError(f"A dot is described in at most {MAX_SPEC} characters.", "Shorten it.")


def _check(item: Order, files: Mapping[str, str]) -> None:
    options = given(item.of.model, {**item.options, **files})
    if item.kind == "screen":
        ScreenCampaign.validated(input="served", qd=item.qd, **options).prepare()
    elif item.kind == "rank":
        campaign = RankCampaign.validated(input="served", qd=item.qd, **options)
        Weights.from_file(campaign.weights)
        campaign.prepare()
    elif item.kind == "ask":
        asked = Campaign.validated(qd=item.qd, **options)
        asked.dot()
        _check_calculation(asked, *item.first[0])
    else:
        swept = SweepOptions.validated(sizes=item.qd, **options)
        check_sweep_output("sweep.svg", swept.sizes)
        _check_calculation(swept, *(item.first[0] if item.first else ("", "")))


def _check_calculation(asked: Calculation, name: str, smiles: str) -> None:
    """Engine, solvent, settings and the molecule of a run over one molecule."""
    settings = settings_of(asked)
    theory_of(get_engine(settings.engine), settings.solvent)
    if settings.level == "refined":
        get_engine(REFINED_ENGINE)
    if name or smiles:
        parse_smiles(smiles, name)
