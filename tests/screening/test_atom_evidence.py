"""Evidence covers every atom: what no reference molecule has is never called inert."""

from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.errors import EngineError, StructureError
from echemscreen.levels.fit.references import reference_calculations, reference_potentials
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.environments import environments
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.levels import ChargeState, Ladder, SinglePoint
from echemscreen.records.molecules import Geometry
from echemscreen.records.processes import PROCESSES
from echemscreen.screening.assess import assess
from echemscreen.screening.form_evidence.atom_evidence import reference_environments
from echemscreen.screening.workbench import Settings, Workbench

ENGINE, DOT = get_engine("tblite"), quantum_dot("CdSe:3.0/CdS:3.5")
THEORY = theory_of(ENGINE, "acetonitrile")


@dataclass(slots=True)
class ImaginedBench(Workbench):
    """A workbench whose ladders have whatever energies a test gives them: nothing is computed."""

    reduction_ev: float = 0.0
    """Energy of the anion above its parent."""
    oxidation_ev: float = 14.0

    def ladder(self, species, ligand):  # noqa: ARG002 - as the real one
        mol = Chem.AddHs(Chem.MolFromSmiles(species.smiles))
        symbols = tuple(atom.GetSymbol() for atom in mol.GetAtoms())
        geometry = Geometry(symbols=symbols, positions_ang=[(3.0 * i, 0.0, 0.0) for i in range(len(symbols))])
        energies = {0: 0.0, 1: self.reduction_ev, -1: self.oxidation_ev}

        def state(added):
            charge, n_unpaired = species.charge - added, int(added != 0)
            points = tuple(
                SinglePoint(
                    method=method,
                    charge=charge,
                    n_unpaired=n_unpaired,
                    energy_ev=energies[added],
                    homo_ev=-11.0,
                    lumo_ev=-3.0,
                    atomic_charges=(charge / len(symbols),) * len(symbols),
                )
                for method in THEORY.solution
            )
            return ChargeState(
                added_electrons=added,
                charge=charge,
                n_unpaired=n_unpaired,
                vertical=points,
                relaxed=points if added == 0 else (),
                geometry=geometry if added == 0 else None,
            )

        return Ladder(
            species=species,
            engine=ENGINE.name,
            engine_version="",
            protocol="",
            states=tuple(map(state, (0, 1, -1))),
        )

    def piece(self, key, compute):  # noqa: ARG002 - as the real one
        raise EngineError("Nothing is computed.")


def judged(smiles, **energies):
    bench = ImaginedBench(ENGINE, THEORY, Settings(level="fast"), {}, **energies)
    (assessment,) = assess(parse_smiles(smiles, smiles), DOT, bench)
    return assessment


# --- an account of the reference molecules that owes nothing to the code under test -------------


def bonds_of(mol):
    """Pairs of elements with the order between them; lone atoms by themselves."""
    mol = Chem.AddHs(mol)
    found = {
        (
            *sorted((bond.GetBeginAtom().GetSymbol(), bond.GetEndAtom().GetSymbol())),
            bond.GetBondTypeAsDouble(),
        )
        for bond in mol.GetBonds()
    }
    return found | {(atom.GetSymbol(),) for atom in mol.GetAtoms()}


KNOWN = {
    process: set().union(
        *(
            bonds_of(Chem.MolFromSmiles(row.smiles))
            for row in (*reference_potentials(), *reference_calculations())
            if row.process == process and "." not in row.smiles
        )
    )
    for process in PROCESSES
}


def verdict(smiles, **energies):
    """What is refused is not called inert either."""
    try:
        return judged(smiles, **energies).verdict
    except StructureError:
        return "refused"


def is_strange(smiles):
    return any(bonds_of(Chem.MolFromSmiles(smiles)) - KNOWN[process] for process in PROCESSES)


# --- what the issue names, and its neighbours --------------------------------------------------

STRANGE = {
    "tributyltin hydride": ("CCCC[SnH](CCCC)CCCC", "a Sn-C bond or a Sn-H bond"),
    "butyl hypochlorite": ("CCCCOCl", "a Cl-O bond"),
    "butanesulfenyl chloride": ("CCCCSCl", "a S-Cl bond"),
    "tetrabutyllead": ("CCCC[Pb](CCCC)(CCCC)CCCC", "a Pb-C bond"),
    "tributylarsine": ("CCCC[As](CCCC)CCCC", "an As-C bond"),
    "triethylgermane": ("CC[GeH](CC)CC", "a Ge-C bond or a Ge-H bond"),
    "tetramethyltin": ("C[Sn](C)(C)C", "a Sn-C bond"),
    "butyl hypobromite": ("CCCCOBr", "a Br-O bond"),
    "N-chlorodibutylamine": ("CCCCN(Cl)CCCC", "a N-Cl bond"),
    "dibutyl diselenide": ("CCCC[Se][Se]CCCC", "a Se-Se bond"),
    "dibutyl telluride": ("CCCC[Te]CCCC", "a Te-C bond"),
    "triphenylbismuth": ("c1ccc([Bi](c2ccccc2)c2ccccc2)cc1", "a Bi-C bond"),
    "tributylstibine": ("CCCC[Sb](CCCC)CCCC", "an Sb-C bond"),
    "dibutyl peroxide": ("CCCCOOCCCC", "an O-O bond"),
    "triethylsilane": ("CC[SiH](CC)CC", "a Si-H bond"),
    "amine-borane": ("C[N+](C)(C)[BH3-]", "a B-N bond or a B-H bond"),
    "dichlorophosphine": ("CCCCP(Cl)Cl", "a P-Cl bond"),
    "carbodiimide": ("CCCCN=C=NCCCC", "two-coordinate C bound as =N, =N"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_it_is_not_inert_and_the_reason_names_the_bond(name):
    smiles, words = STRANGE[name]
    found = judged(smiles)
    assert found.verdict == "undetermined"
    assert found.domain == "uncalibrated"
    assert words in found.reason


@pytest.mark.parametrize(
    "smiles", ["CCCCCCN", "CCCCCC(=O)O", "CCCCCC", "CCCCCCS", "CCN(CC)CC", "COc1ccccc1", "CCOC(C)=O"]
)
def test_with_the_same_energies_what_is_known_is_inert(smiles):
    assert judged(smiles).verdict == "inert"


def test_what_equal_centres_leave_out_needs_evidence_too():
    """Anilines at both ends are computed one by one; what is between them is in neither."""
    plain, peroxide, epoxide = (
        judged(f"Nc1ccc(CCC{bridge}CCCc2ccc(N)cc2)cc1") for bridge in ("CC", "OO", "C3OC3")
    )
    assert plain.verdict == "inert"
    for found, words in ((peroxide, "an O-O bond"), (epoxide, "no reference potential of: epoxide")):
        assert found.verdict == "undetermined"
        assert words in found.reason


# --- and everything that can be built ----------------------------------------------------------

CHAINS = ["C", "CC", "CCCC", "CC(C)C", "c1ccccc1", "CCCCCCCC", "C=CC", "OC(=O)CCC", "NCCC"]
#: Elements with their hydrogens, the ordinary among the strange.
HYDRIDES = ["[SnH4]", "[GeH4]", "[PbH4]", "[SiH4]", "[AsH3]", "[SbH3]", "[BiH3]", "P", "N", "[BH3]", "[TeH2]"]
HYDRIDES += ["[SeH2]", "S", "O", "[HgH2]", "F", "Cl", "Br", "I"]


def with_counted_hydrogens(smiles):
    mol = Chem.RWMol(Chem.MolFromSmiles(smiles))
    for atom in mol.GetAtoms():
        atom.SetNumExplicitHs(atom.GetTotalNumHs())
        atom.SetNoImplicit(True)
    return mol


def open_atoms(mol):
    return [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetNumExplicitHs()]


@st.composite
def molecules(draw):
    """Chains and elements joined by single bonds, each in the place of two hydrogens."""
    whole = with_counted_hydrogens(draw(st.sampled_from(CHAINS)))
    for _ in range(draw(st.integers(1, 3))):
        part = with_counted_hydrogens(draw(st.sampled_from(CHAINS) | st.sampled_from(HYDRIDES)))
        ends = draw(st.sampled_from(open_atoms(whole))), draw(st.sampled_from(open_atoms(part)))
        ends = ends[0], ends[1] + whole.GetNumAtoms()
        whole = Chem.RWMol(Chem.CombineMols(whole, part))
        whole.AddBond(*ends, Chem.BondType.SINGLE)
        for index in ends:
            atom = whole.GetAtomWithIdx(index)
            atom.SetNumExplicitHs(atom.GetNumExplicitHs() - 1)
    Chem.SanitizeMol(whole)
    return Chem.MolToSmiles(whole)


@settings(deadline=None)
@given(molecules(), st.floats(-4.0, 4.0), st.floats(6.0, 18.0))
def test_no_molecule_with_a_bond_that_no_reference_molecule_has_is_inert(smiles, reduction_ev, oxidation_ev):
    assume(is_strange(smiles))
    assert verdict(smiles, reduction_ev=reduction_ev, oxidation_ev=oxidation_ev) != "inert"


@settings(deadline=None)
@given(st.sampled_from([row.smiles for row in reference_calculations() if "." not in row.smiles]))
def test_a_reference_molecule_knows_itself(smiles):
    processes = {row.process for row in reference_calculations() if row.smiles == smiles}
    own = environments(smiles)
    assert all(own.missing_from(reference_environments(process)) == () for process in processes)
