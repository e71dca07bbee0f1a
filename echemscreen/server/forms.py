"""The forms of the page, made of the options that the models declare: nothing is declared again here.

A model says what an option is called, of which type it is, which values it takes and what it means. Options
stand in the groups of the classes that declare them, so that what was measured of a dot stands together, and
what belongs to the kind of run alone stands first.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from echemscreen.dots.complexation import media
from echemscreen.engines.base import get_engine, registered_engines
from echemscreen.errors import EchemscreenError
from echemscreen.levels.redox import GEOMETRY_HAMILTONIAN
from echemscreen.levels.refined import REFINED_ENGINE
from echemscreen.options.declared import CheckedOptions
from echemscreen.options.runs import AskOptions, RankOptions, ScreenOptions, SweepOptions

KindName = Literal["screen", "rank", "sweep", "ask"]
Control = Literal["words", "choice", "switch", "number", "text", "file"]

#: Options that the page sets by a field of its own, or not at all.
_NOT_ASKED = frozenset({"kind", "qd", "library", "name", "ligand", "ligand_name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of run: what the page calls it, what it asks for, and what it leaves behind."""

    name: KindName
    tab: str
    question: str
    lead: str
    button: str
    model: type[CheckedOptions]
    table: str
    """The file that is there when the run has come to its end."""
    is_list: bool
    """Whether it takes a list of molecules, or one."""


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="screen",
            tab="A list",
            question="Which ligands does the injected charge reach?",
            lead="Give molecules and a dot. Each is judged against the dot's band edges: inert, active or "
            "undetermined, by how much, and why.",
            button="Screen",
            model=ScreenOptions,
            table="results.csv",
            is_list=True,
        ),
        Kind(
            name="ask",
            tab="One molecule",
            question="Is my ligand inert, and what could I use instead?",
            lead="Give one molecule and a dot: the verdict, why, how sure it is, and inert analogues with "
            "the same anchor and function, each computed in the same way.",
            button="Ask",
            model=AskOptions,
            table="answer.json",
            is_list=False,
        ),
        Kind(
            name="rank",
            tab="Crosslinkers",
            question="Which crosslinker patterns without a trap?",
            lead="Give crosslinkers, a dot and the lamp: they are ranked by what they do before, during and "
            "after the light.",
            button="Rank",
            model=RankOptions,
            table="ranking.csv",
            is_list=True,
        ),
        Kind(
            name="sweep",
            tab="Sizes",
            question="From which size on is it inert?",
            lead="Give a range of sizes and, if you like, one ligand: the edges of every dot, and the size "
            "at which the verdict turns.",
            button="Sweep",
            model=SweepOptions,
            table="sweep.txt",
            is_list=False,
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """An option as a form shows it."""

    name: str
    hint: str
    control: Control
    default: str
    """As text; blank for none."""
    choices: Mapping[str, str]
    """Values and what they mean, or nothing of a free field."""
    takes_file: bool = False
    """Whether a file may be given in the place of a name."""

    @property
    def label(self) -> str:
        """The name with its unit, as a reader writes it."""
        *words, last = self.name.split("_")
        unit = _UNITS.get(last, "")
        if "v_she" in self.name:
            words, unit = self.name.removesuffix("_v_she").split("_"), "V vs SHE"
        text = " ".join(words if unit else [*words, last])
        text = " ".join(filter(None, (_SPELLED.get(word, word) for word in text.split())))
        text = f"{text[:1].upper()}{text[1:]}"
        return f"{text} ({unit})" if unit else text


_UNITS = {"nm": "nm", "ev": "eV", "v": "V", "k": "K", "s": "s", "nm2": "per nm²"}
_SPELLED = {"cbm": "CBM", "vbm": "VBM", "p": "probability", "per": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Options that stand together, under the words of the class that declares them."""

    title: str
    fields: tuple[Field, ...]
    is_own: bool
    """Whether the kind of run declares them: they are not folded away."""


@cache
def groups_of(model: type[CheckedOptions]) -> tuple[Group, ...]:
    """All options of a kind of run on which its rows depend."""
    classes = [base for base in model.__mro__ if issubclass(base, CheckedOptions)]
    homes = {
        name: next(base for base in reversed(classes) if name in inspect.get_annotations(base))
        for name in _asked(model)
    }
    found: dict[type[CheckedOptions], list[Field]] = {base: [] for base in classes if base in homes.values()}
    for name, home in homes.items():
        # What a class adds to that of another one stands with it, under the words of the whole.
        whole = next(
            base for base in found if issubclass(base, home) and (base is not model or home is model)
        )
        found[whole].append(_field(model, name))
    return tuple(
        Group(
            title=(home.__doc__ or "").strip().splitlines()[0].rstrip("."),
            fields=tuple(fields),
            is_own=home is model,
        )
        for home, fields in found.items()
        if fields
    )


@cache
def fields_of(model: type[CheckedOptions]) -> Mapping[str, Field]:
    """The same by name."""
    return {field.name: field for group in groups_of(model) for field in group.fields}


@cache
def unusable(name: str, value: str) -> str:
    """Why a choice cannot be made on this machine; blank if it can."""
    engine = {("level", "refined"): REFINED_ENGINE}.get((name, value), value if name == "engine" else "")
    if not engine:
        return ""
    try:
        get_engine(engine)
    except EchemscreenError as error:
        return str(error)
    return ""


def given(model: type[CheckedOptions], texts: Mapping[str, str]) -> dict[str, Any]:
    """Options as the model reads them, of what stands in a form; what is blank is left to its default."""
    return {
        name: tuple(part.strip() for part in text.split(",") if part.strip())
        if get_origin(model.model_fields[name].annotation) is tuple
        else text
        for name, text in texts.items()
        if text
    }


def on_the_command_line(model: type[CheckedOptions], texts: Mapping[str, str]) -> Iterator[str]:
    """The same as arguments of a command."""
    for name, text in texts.items():
        flag = name.replace("_", "-")
        default = model.model_fields[name].default
        if isinstance(default, bool):
            if default != (text == "yes"):
                yield f"--{flag}" if text == "yes" else f"--no-{flag}"
        elif text:
            yield f"--{flag}={text}"


def _asked(model: type[CheckedOptions]) -> Iterator[str]:
    for name in model.where(lambda option: option.changes_rows and not option.is_argument):
        if name not in _NOT_ASKED:
            yield name


def _field(model: type[CheckedOptions], name: str) -> Field:
    info, said = model.model_fields[name], model.option(name)
    hint = info.annotation
    types = {hint, *get_args(hint)}
    choices: Mapping[str, str] = said.words or dict.fromkeys(model.choices(name), "") or _known(name)
    control: Control = "text"
    if said.words:
        control = "words"
    elif choices:
        control = "choice"
    elif bool in types:
        control = "switch"
    elif Path in types:
        control = "file"
    elif types & {int, float}:
        control = "number"
    default = info.default
    return Field(
        name=name,
        hint=info.description or "",
        control=control,
        default="" if default is None or default == () else _as_text(default),
        choices=choices,
        takes_file=said.is_input and model.takes_text(name),
    )


def _as_text(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _known(name: str) -> Mapping[str, str]:
    """The names that a free option knows; what else could be typed there could be no more than a mistake."""
    if name == "medium":
        return dict.fromkeys(media(), "")
    if name == "engine":
        return dict.fromkeys((item for item in registered_engines() if item != REFINED_ENGINE), "")
    if name == "solvent":
        return dict.fromkeys(sorted(_solvents()), "")
    return {}


def _solvents() -> frozenset[str]:
    """Of every engine that is here and computes levels."""
    found: frozenset[str] = frozenset()
    for name in registered_engines():
        if name != REFINED_ENGINE and not unusable("engine", name):
            engine = get_engine(name)
            found |= engine.solvents if GEOMETRY_HAMILTONIAN in engine.hamiltonians else frozenset()
    return found
