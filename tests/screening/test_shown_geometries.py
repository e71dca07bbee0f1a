"""The stored geometries of a row: those of its own forms, each with a title."""

import numpy as np
import pytest

from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.levels import ChargeState, Ladder, Method, SinglePoint
from echemscreen.records.molecules import Geometry
from echemscreen.records.processes import Process
from echemscreen.screening.plan import planned_forms
from echemscreen.screening.runs.shown_geometries import ShownSpecies, stored_geometries
from echemscreen.screening.workbench import Settings, ladder_key
from echemscreen.store import open_store

DOT = quantum_dot("pu2020-red")
ENGINE = get_engine("tblite")
THEORY = theory_of(ENGINE, "acetonitrile")
SETTINGS = Settings()


def piece(species, *, added=0, bonds=()):
    point = SinglePoint(
        method=Method(hamiltonian="GFN2-xTB"),
        charge=0,
        n_unpaired=0,
        energy_ev=-1.0,
        homo_ev=None,
        lumo_ev=None,
    )
    state = ChargeState(
        added_electrons=added,
        charge=-added,
        n_unpaired=abs(added),
        vertical=(point,),
        relaxed=(point,),
        geometry=Geometry(symbols=("O",), positions_ang=np.zeros((1, 3))),
        intact=not bonds,
        changed_bonds=bonds,
    )
    return Ladder(species=species, engine="tblite", engine_version="0", protocol="p", states=(state,))


@pytest.fixture
def store(tmp_path):
    """Acetic acid on cadmium and by itself, which an electron breaks."""
    form = planned_forms(parse_smiles("CC(=O)O", "acid"), DOT, SETTINGS)[0][0].whole
    with open_store(tmp_path / "calculations.db") as made:

        def put(species, stage, **state):
            made.put(ladder_key(species, ENGINE, THEORY, SETTINGS, stage), piece(species, **state))

        put(form.bound, "vertical")
        put(form.free, "vertical")
        put(form.free, Process.REDUCTION, added=1, bonds=("O3-H7 broken",))
        yield made


def titles(store, *shown):
    rows = stored_geometries(
        [list(shown)], dot=DOT, engine=ENGINE, theory=THEORY, settings=SETTINGS, store=store
    )
    return [found.title for found in next(rows)]


def test_a_row_has_the_geometries_of_its_form(store):
    shown = ShownSpecies(title="", smiles="CC(=O)O", role="bound_X", site_metal="Cd", mode="monodentate")
    assert titles(store, shown) == [
        "on Cd",
        "ligand by itself",
        "ligand by itself, one electron added (O3-H7 broken)",
    ]


@pytest.mark.parametrize(
    "other",
    [
        ShownSpecies(title="", smiles="CC(=O)O", role="salt_Z"),
        ShownSpecies(title="", smiles="CC(=O)O", role="bound_X", site_metal="Zn"),
        ShownSpecies(title="", smiles="CCC(=O)O", role="bound_X"),
        ShownSpecies(title="", smiles="C1CC", role=""),
    ],
)
def test_no_row_has_those_of_another(store, other):
    assert titles(store, other) == []


def test_members_of_a_ledger_are_told_apart(store):
    member = ShownSpecies(title="residue, acid: ", smiles="CC(=O)O", role="")
    radical = ShownSpecies(title="radical: ", smiles="[CH3]", role="", n_unpaired=1, is_intermediate=True)
    assert titles(store, radical, member)[0] == "residue, acid: on Cd"
