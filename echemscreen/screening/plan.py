"""What is computed for a molecule on some dots: decided once, where its row enters, and handed on.

A plan needs no calculation. It goes to the worker with the molecule, tells the store what may be asked for,
and tells a reader what a stored geometry is of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from echemscreen.engines.base import Engine
from echemscreen.levels.redox import Theory
from echemscreen.ligands.binding.forms import forms_of, judged_units, site_models
from echemscreen.ligands.redox_centres import RedoxCentre, equal_centres
from echemscreen.ligands.tails import ShortTailed, short_tailed
from echemscreen.options.runs import Forms
from echemscreen.records.dots import QuantumDot
from echemscreen.records.molecules import Form, MetalIon, Molecule, Species
from echemscreen.screening.cleavages import piece_key, pieces_of
from echemscreen.screening.workbench import STAGES, Settings, ladder_key

#: Family of the molecules that live for an instant: nitrenes, carbenes, triplets, radicals.
REACTIVE_INTERMEDIATE = "reactive_intermediate"
#: Class of a ligand on a dot whose binding site has no model; no reference has it.
UNKNOWN_SITE = "unknown_site"
#: On the model of a site, by itself, or one of its equal redox centres by itself.
Place = Literal["site", "free", "centre"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlannedForm:
    """A form, and the species that stand for it in a calculation; equal to nothing but itself."""

    whole: Form
    short: ShortTailed
    """Without the far end of a long tail, unless that is computed too."""
    centres: tuple[RedoxCentre, ...]
    """Equal redox centres of a form that no bond holds: each is computed by itself."""

    @property
    def form(self) -> Form:
        """As it is computed."""
        return self.short.form

    def species(self) -> Iterator[tuple[str, Place, Species]]:
        """What is relaxed, each in words: on the site, one of its equal centres, by itself."""
        form = self.form
        if form.bound is not None:
            yield f"on {form.site_metal}", "site", form.bound
        for centre in self.centres:
            yield f"one of {centre.count} equal centres", "centre", centre.species
        free = "by itself" if form.bound is None else "ligand by itself"
        if form.free.smiles != self.whole.free.smiles:
            free += ", its tail cut"
        yield free, "free", form.free


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A molecule, its forms, and all that may be computed for them."""

    molecule: Molecule
    forms: Mapping[MetalIon, tuple[tuple[PlannedForm, ...], ...]]
    """By the ion of a dot's sites, those that share a result row: one each, or one per member of what has
    members."""
    claims: tuple[str, ...]
    """One ``task_id`` for each species: all of its pieces are claimed with it."""
    keys: tuple[str, ...]
    """Every ``task_id`` that may be needed."""

    def on(self, dot: QuantumDot) -> tuple[tuple[PlannedForm, ...], ...]:
        """The forms on one of the dots."""
        return self.forms[site_ion(dot)]


def site_ion(dot: QuantumDot) -> MetalIon:
    """The ion to which a ligand binds."""
    return MetalIon(symbol=dot.site_metal, charge=dot.site_charge)


def plan_of(
    molecule: Molecule, dots: Sequence[QuantumDot], engine: Engine, theory: Theory, settings: Settings
) -> Plan:
    """The plan of a molecule on dots; those of one site metal have their forms in common.

    Raises
    ------
    EchemscreenError
        if its forms cannot be told.
    """
    forms = {
        site: planned_forms(molecule, dot, settings) for site, dot in {site_ion(d): d for d in dots}.items()
    }
    ladders: dict[Species, None] = {}
    pieces: dict[Species, None] = {}
    for item in (item for here in forms.values() for members in here for item in members):
        judged = (item.form.free, *(centre.species for centre in item.centres))
        broken = dict.fromkeys(piece for species in judged for piece in pieces_of(species))
        pieces |= broken
        ladders |= dict.fromkeys((*judged, *(piece for piece in broken if not piece.n_unpaired)))
        if settings.ligand_dipole and item.whole.bound is not None:
            # A layer of ligands is as thick as the whole ligand.
            ladders[item.whole.bound] = None
    of_pieces = [piece_key(species, settings.solvent) for species in pieces]
    of_ladders = [
        [ladder_key(species, engine, theory, settings, stage) for stage in STAGES] for species in ladders
    ]
    return Plan(
        molecule=molecule,
        forms=forms,
        claims=tuple(dict.fromkeys((*of_pieces, *(keys[0] for keys in of_ladders)))),
        keys=tuple(dict.fromkeys((*of_pieces, *(key for keys in of_ladders for key in keys)))),
    )


def planned_forms(
    molecule: Molecule, dot: QuantumDot, settings: Settings
) -> tuple[tuple[PlannedForm, ...], ...]:
    """The forms that are judged; those of a tuple share a result row."""

    def planned(form: Form) -> PlannedForm:
        short = ShortTailed(form=form) if settings.full_tails else short_tailed(form)
        sits = form.bound is not None and bool(form.bond_classes)
        centres = () if sits else equal_centres(short.form.free)
        return PlannedForm(whole=form, short=short, centres=centres)

    units = judged_units(molecule)
    if len(units) == 1:
        return tuple((planned(form),) for form in _forms(units[0], dot, settings, settings.forms))
    passes: tuple[Forms, ...] = ("bound", "free") if settings.forms == "all" else (settings.forms,)
    return tuple(tuple(planned(_forms(unit, dot, settings, which)[0]) for unit in units) for which in passes)


def _forms(unit: Molecule, dot: QuantumDot, settings: Settings, which: Forms) -> tuple[Form, ...]:
    has_site = site_ion(dot) in site_models()
    found = forms_of(
        unit,
        site_metal=dot.site_metal if has_site else "",
        site_charge=dot.site_charge,
        which=which,
        counter_ions=settings.counter_ion,
    )
    if unit.family == REACTIVE_INTERMEDIATE:
        return tuple(map(_as_intermediate, found))
    if unit.anchors and not has_site and which != "free":
        # What it becomes when it binds is unknown: free potentials are no evidence of that.
        return tuple(replace(form, groups=(*form.groups, UNKNOWN_SITE)) for form in found)
    return found


def _as_intermediate(form: Form) -> Form:
    """The form in the intermediate's own spin, with a class that has no reference potentials."""
    spin = form.molecule.n_unpaired
    return replace(
        form, free=replace(form.free, n_unpaired=spin), groups=(*form.groups, REACTIVE_INTERMEDIATE)
    )
