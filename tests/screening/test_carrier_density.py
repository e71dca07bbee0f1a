"""Where an added electron and a hole sit: by symmetry, by chemistry, and what is not known."""

import pytest

import echemscreen as es
from echemscreen.levels.redox import spins_of_ion
from echemscreen.ligands.groups import carrier_density
from echemscreen.records.levels import ChargeState, Ladder, Method, SinglePoint
from echemscreen.records.molecules import Species
from echemscreen.records.processes import Process
from echemscreen.views.report.drawings import structure
from echemscreen.views.tables.table import row_of


@pytest.fixture(scope="module")
def judged():
    def of(smiles):
        return es.assess(smiles, qd="pu2020-red", level="fast", forms="free")

    return of


def test_equal_atoms_hold_equal_shares(judged):
    """Of benzene's two degenerate orbitals the electron gas takes both alike."""
    levels = judged("c1ccccc1").levels
    for density in (levels.electron_density, levels.hole_density):
        assert density.shares == pytest.approx([1 / 6] * 6, abs=0.01)
        assert (density.on, density.share) == ("benzene ring", pytest.approx(1.0, abs=0.01))


@pytest.mark.parametrize(
    ("smiles", "process", "on"),
    [
        ("O=[N+]([O-])c1ccccc1", Process.REDUCTION, "nitro group"),
        ("CCCCCCS", Process.OXIDATION, "thiol group"),
        ("O=C1C=CC(=O)C=C1", Process.REDUCTION, "quinone group"),
        ("O=C(c1ccccc1)c1ccccc1", Process.OXIDATION, "benzene rings"),
    ],
)
def test_the_part_that_reacts_is_named(judged, smiles, process, on):
    found = judged(smiles)
    name = "electron" if process == Process.REDUCTION else "hole"
    density = getattr(found.levels, f"{name}_density")
    assert density.on == on
    assert sum(density.shares) == pytest.approx(1.0, abs=0.02)
    assert str(density).startswith(f"the {name} sits on the {on}: {100 * density.share:.0f} %")
    row = row_of(found)
    assert (row[f"{name}_on"], row[f"{name}_on_share"]) == (on, density.share)


@pytest.mark.parametrize(
    "smiles",
    ["CCO", "OC(=O)c1ccc(N=[N+]=[N-])cc1", "C1CCCCC1", "c1ccc2[nH]ccc2c1", "FC(F)(F)C", "[Cl-]", "N"],
)
def test_every_heavy_atom_has_a_part(smiles):
    """All of the charge on one atom is found in a part, whichever atom it is."""
    empty = carrier_density(smiles, Process.REDUCTION, ())
    assert empty is None
    n_atoms = next(n for n in range(1, 40) if carrier_density(smiles, Process.REDUCTION, [0.0] * n))
    for index in range(n_atoms):
        spins = [0.0] * n_atoms
        spins[index] = 1.0
        density = carrier_density(smiles, Process.REDUCTION, spins)
        assert density.share == 1.0
        assert sum(density.shares) == 1.0


def test_what_was_stored_without_spins_has_no_density():
    method = Method(hamiltonian="GFN2-xTB", solvent="water", solvation="alpb")
    point = SinglePoint(method=method, charge=-1, n_unpaired=1, energy_ev=0.0, homo_ev=None, lumo_ev=None)
    state = ChargeState(added_electrons=1, charge=-1, n_unpaired=1, vertical=(point,))
    ladder = Ladder(
        species=Species(smiles="O", charge=0),
        engine="tblite",
        engine_version="0",
        protocol="",
        states=(state,),
    )
    assert spins_of_ion(ladder, Process.REDUCTION) == ()
    assert spins_of_ion(ladder, Process.OXIDATION) == ()
    assert carrier_density("O", Process.REDUCTION, ()) is None


def test_discs_are_drawn_where_the_charge_is():
    plain = structure("O=[N+]([O-])c1ccccc1")
    shaded = structure("O=[N+]([O-])c1ccccc1", shares=(0.2, 0.3, 0.2, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0))
    assert shaded.count("<circle") == 4
    assert "<circle" not in plain
