"""Published rules of use: what is known of a kind of ligand on a kind of dot besides its potentials.

A rule is a row of ``rules_of_use.csv``. It flags, with its sentence and its source; it never changes the
verdict, which speaks of carriers only. A flag of a rule has no drive.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from echemscreen.records.results import Flag
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRule:
    """A row of ``rules_of_use.csv``; lists are joined by ``;`` and a blank one asks for nothing."""

    code: str
    anchors: str
    """The anchors by one of which the ligand sits on the dot (rows of ``anchors.csv``)."""
    all_of: str
    """Elements that the outermost layer of the dot has, every one of them."""
    any_of: str
    """Elements of which it has at least one."""
    of_the_lattice: bool
    """Whether the ligand is an ion of one of ``any_of`` that the layer is itself made of."""
    meaning: str
    citation: str
    locator: str
    note: str

    def holds(self, anchor: str, element: str, elements: Collection[str]) -> bool:
        """Whether a ligand of this anchor (and element, of an ion of one atom) on these elements is meant."""
        return (
            anchor in self.anchors.split(";")
            and (not self.all_of or set(self.all_of.split(";")) <= set(elements))
            and (not self.any_of or not set(self.any_of.split(";")).isdisjoint(elements))
            and (not self.of_the_lattice or element in set(elements))
        )


@lru_cache(maxsize=1)
def use_rules() -> tuple[UseRule, ...]:
    """Every row of ``rules_of_use.csv``."""
    return read_rows("ligand_library", "rules_of_use.csv", UseRule)


def use_flags(anchor: str, formula: str, elements: Collection[str]) -> tuple[Flag, ...]:
    """The flags of the rules that hold for a ligand on a dot.

    Parameters
    ----------
    anchor
        Row of ``anchors.csv`` by which it sits on the dot; blank if it does not.
    formula
        Of the ligand, with its charge: ``Br-``.
    elements
        Of the outermost layer of the dot.

    Examples
    --------
    >>> [flag.code for flag in use_flags("thiol", "C8H18S", {"Cs", "Pb", "Br"})]
    ['decomposes_dot']
    """
    element = formula.rstrip("+-0123456789")
    found = (
        Flag(
            code=rule.code,
            reason=rule.meaning,
            citation=Citation(source=rule.citation, locator=rule.locator),
        )
        for rule in use_rules()
        if rule.holds(anchor, element, elements)
    )
    return tuple(dict.fromkeys(found))


def use_words(flags: Collection[Flag]) -> str:
    """The flags of rules as a sentence with their sources; blank without any."""
    told = dict.fromkeys(
        f"{flag.reason} ({flag.citation.source})" for flag in flags if flag.drive_ev is None and flag.citation
    )
    return f"Of use: {'; '.join(told)}." if told else ""
