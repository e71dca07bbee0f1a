"""The candidate spaces: cited, sound, distinct, the same every time, and streamed."""

import gzip
import os
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from functools import lru_cache
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.errors import EngineError, InputError
from echemscreen.ligands.binding.forms import forms_of, judged_units
from echemscreen.ligands.building.blocks import BlockRow, JointRow, read_space
from echemscreen.ligands.building.build import _distinct, _drawings, build, write_smi
from echemscreen.ligands.building.descriptors import MEASURES, BuildFilter, describe
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.parse import parse_smiles
from echemscreen.reference_tables import read_rows

KINDS = ("ligands", "crosslinkers")
SLICE = {"ligands": 25_000, "crosslinkers": 6000}
BLOCKS = read_rows("ligand_library", "building_blocks.csv", BlockRow)
JOINTS = read_rows("ligand_library", "building_joints.csv", JointRow)

#: Bonds that no block or joint may make; azides and diazirines are the N-N bonds that are meant.
ABSURD = {
    name: Chem.MolFromSmarts(smarts)
    for name, smarts in {
        "N-N": "[#7;!$([#7]~[#7]~[#7])]-[#7;!$([#7]~[#7]~[#7])]",
        "O-O": "[#8]-[#8]",
        "N-halogen": "[#7]-[F,Cl,Br,I]",
        "O-halogen": "[#8]-[F,Cl,Br,I]",
        "S-O of a thiol": "[SX2]-[#8]",
        "S-S": "[SX2]-[SX2]",
        "P-S or P-N": "[#15]-[#16,#7]",
        "gem-diol, acetal, aminal": "[CX4;!$(C1N=N1)]([#8,SX2,#7])[#8,SX2,#7]",
        "acyl azide": "C(=O)N=[N+]=[N-]",
        "acyl halide": "C(=O)[F,Cl,Br,I]",
        "anhydride": "C(=O)OC=O",
        "acylphosphine": "C(=O)[#15]",
        "enol, enamine": "[CX3]=[CX3]-[OX2H,NX3H2,SX2H]",
        "alpha-fluoro alcohol, thiol or amine": "[CX4](F)[OX2,SX2,NX3]",
        "cumulene": "C=C=C",
        "radical or carbene": "[#6;v0,v1,v2,v3;+0]",
    }.items()
}


@lru_cache(maxsize=2)
def some(kind):
    """The first thousands: every centre with every end, and the first salts or bridges."""
    return tuple(build(kind, limit=SLICE[kind]))


def evenly(items, count):
    return [items[index * len(items) // count] for index in range(count)]


def embedded(built):
    """Names of those that have no geometry."""
    failed = []
    for item in built:
        try:
            for unit in judged_units(parse_smiles(item.smiles, item.name)):
                for form in forms_of(unit, site_metal="Cd", site_charge=2):
                    embed(form.free)
        except EngineError:
            failed.append(item.name)
    return failed


# --- tables -------------------------------------------------------------------------------


@pytest.mark.parametrize("row", BLOCKS, ids=lambda row: f"{row.kind}-{row.role}-{row.code}-{row.joint}")
def test_every_block_parses_and_is_cited(row):
    assert row.citation
    assert row.locator
    assert row.code
    assert row.name
    for length in (0, 3):
        for smiles in filter(None, (row.smiles, row.salt_smiles)):
            m = max(length, row.m_min or 0)
            n = max(length, row.n_min or 0)
            mol = Chem.MolFromSmiles(smiles.replace("{m}", row.unit_m * m).replace("{n}", row.unit_n * n))
            assert mol is not None
            assert {atom.GetAtomMapNum() for atom in mol.GetAtoms() if not atom.GetAtomicNum()} == {
                "centre": {1},
                "end": {1},
                "bridge": {1, 2},
                "metal": set(),
            }.get(row.role)
    # A series states its unit and both ends, or is no series.
    for unit, low, high, mark in (
        (row.unit_m, row.m_min, row.m_max, "{m}"),
        (row.unit_n, row.n_min, row.n_max, "{n}"),
    ):
        assert bool(unit) == (low is not None) == (high is not None) == (mark in row.smiles)
        assert unit == "" or (low <= high and mark in row.code)


def test_joints_are_cited_and_join_something():
    assert len({(row.kind, row.inner, row.outer) for row in JOINTS}) == len(JOINTS)
    for row in JOINTS:
        assert row.citation
        assert row.locator
        inner = {b.outer_joint if b.role == "bridge" else b.joint for b in BLOCKS if b.kind == row.kind}
        outer = {b.joint for b in BLOCKS if b.kind == row.kind and b.role in {"bridge", "end"}}
        assert row.inner in inner
        assert row.outer in outer


# --- members ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "smiles"),
    [
        ("ligands", "carboxylic-acid-C7-cis-C8", "CCCCCCCC/C=C\\CCCCCCCC(=O)O"),
        ("ligands", "carboxylic-acid-C7-trans-C8", "CCCCCCCC/C=C/CCCCCCCC(=O)O"),
        ("ligands", "amine-C8", "CCCCCCCCN"),
        ("ligands", "thiol-C1-ethyl-C4", "SCC(CC)CCCC"),
        ("ligands", "phosphine-C8", "CCCCCCCCP(CCCCCCCC)CCCCCCCC"),
        ("ligands", "phosphonic-acid-C8", "CCCCCCCCP(=O)(O)O"),
        (
            "ligands",
            "Zn-carboxylic-acid-C7-cis-C8",
            "[Zn+2].CCCCCCCC/C=C\\CCCCCCCC(=O)[O-].CCCCCCCC/C=C\\CCCCCCCC(=O)[O-]",
        ),
        ("ligands", "Cd-phosphonic-acid-C8", "[Cd+2].CCCCCCCCP(=O)([O-])[O-]"),
        # The crosslinker of J. Yang et al., Nat. Commun. 11, 2874 (2020).
        (
            "crosslinkers",
            "pfpa-ester-C2-x2",
            "[N-]=[N+]=Nc1c(F)c(F)c(c(F)c1F)C(=O)OCCOC(=O)c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F",
        ),
        # The crosslinker of M. L. Lepage et al., Science 366, 875 (2019).
        (
            "crosslinkers",
            "tfmpd-p-hexafluoroisopropylidene-x2",
            "FC(F)(F)C1(N=N1)c1ccc(cc1)C(C(F)(F)F)(C(F)(F)F)c1ccc(cc1)C1(N=N1)C(F)(F)F",
        ),
        ("crosslinkers", "acrylate-ether-tmp-x3", "CCC(COC(=O)C=C)(COC(=O)C=C)COC(=O)C=C"),
        (
            "crosslinkers",
            "mercaptopropionate-ether-pentaerythritol-x4",
            "SCCC(=O)OCC(COC(=O)CCS)(COC(=O)CCS)COC(=O)CCS",
        ),
    ],
)
def test_a_published_molecule_is_a_member(kind, name, smiles):
    wanted = Chem.CanonSmiles(smiles)
    found = [item for item in some(kind) if item.smiles == wanted]
    assert [item.name for item in found] == [name]


@pytest.mark.parametrize("kind", KINDS)
def test_two_runs_are_equal(kind):
    assert tuple(build(kind, limit=500)) == some(kind)[:500]


@pytest.mark.parametrize("kind", KINDS)
def test_structures_and_names_stand_once(kind):
    built = some(kind)
    assert len(built) == SLICE[kind]
    assert len({item.smiles for item in built}) == len(built)
    assert len({item.name for item in built}) == len(built)
    assert all(Chem.CanonSmiles(item.smiles) == item.smiles for item in built[::50])


@pytest.mark.parametrize("kind", KINDS)
def test_every_molecule_can_be_screened(kind):
    for item in evenly(some(kind), 150):
        molecule = parse_smiles(item.smiles, item.name)
        assert molecule.canonical_smiles == item.smiles
        assert molecule.anchors or kind == "crosslinkers"


@pytest.mark.parametrize("kind", KINDS)
def test_no_molecule_has_an_absurd_bond(kind):
    for item in evenly(some(kind), 1200):
        mol = Chem.MolFromSmiles(item.smiles)
        found = [name for name, pattern in ABSURD.items() if mol.HasSubstructMatch(pattern)]
        assert found == [], item


def test_a_crosslinker_has_a_reactive_group_for_each_arm():
    azide = Chem.MolFromSmarts("N=[N+]=[N-]")
    for item in (item for item in some("crosslinkers") if item.name.startswith("pfpa-")):
        arms = int(item.name.rpartition("-x")[2])
        assert arms >= 2
        assert len(Chem.MolFromSmiles(item.smiles).GetSubstructMatches(azide)) == arms


def test_a_salt_is_neutral():
    salts = [item for item in some("ligands") if "." in item.smiles]
    assert len(salts) > 1000
    assert all(Chem.GetFormalCharge(Chem.MolFromSmiles(item.smiles)) == 0 for item in salts[::20])


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_tell_what_a_molecule_is_made_of(kind):
    for item in some(kind)[::100]:
        assert 2 <= len(item.blocks) <= 3
        assert all(block in item.name for block in item.blocks)


# --- filters ------------------------------------------------------------------------------


#: Lower and upper bounds worth trying, from nothing left out to all of it.
SPAN = {
    "molar_mass_da": (0.0, 1500.0),
    "n_heavy": (0, 120),
    "n_rotatable": (0, 60),
    "log_p": (-10.0, 30.0),
    "n_anchors": (0, 8),
}


@lru_cache(maxsize=2)
def sample(kind):
    """Every hundredth drawing of the first thousands: all the filters could ever see, made small."""
    return tuple(islice(_drawings(read_space(kind), kind), 0, 4000, 100))


def kept(kind, limits):
    return {item.smiles for item in _distinct(iter(sample(kind)), limits.bounds(), False, False)}


@st.composite
def nested_bounds(draw):
    """Loose bounds, and bounds within them."""
    loose, tight = {}, {}
    for name in draw(st.sets(st.sampled_from(sorted(SPAN)), min_size=1)):
        low, high = SPAN[name]
        number = st.integers(low, high) if isinstance(low, int) else st.floats(low, high)
        outer_low, inner_low, inner_high, outer_high = sorted(draw(st.tuples(*[number] * 4)))
        loose |= {f"min_{name}": outer_low, f"max_{name}": outer_high}
        tight |= {f"min_{name}": inner_low, f"max_{name}": inner_high}
    return BuildFilter(**loose), BuildFilter(**tight)


@settings(max_examples=25, deadline=None)
@given(nested_bounds(), st.sampled_from(KINDS))
def test_tighter_bounds_leave_a_subset(bounds, kind):
    everything = kept(kind, BuildFilter())
    loose, tight = (kept(kind, limits) for limits in bounds)
    assert tight <= loose <= everything
    for smiles in everything:
        mol = Chem.MolFromSmiles(smiles)
        inside = all(low <= MEASURES[name](mol) <= high for name, (low, high) in bounds[0].bounds().items())
        assert (smiles in loose) == inside


def test_the_score_is_bounded_too():
    limits = BuildFilter(max_synthetic_accessibility=2.0)
    for item in build("ligands", limits=limits, limit=20, described=True):
        assert item.descriptors == describe(item.smiles)
        assert item.descriptors.synthetic_accessibility <= 2.0


def test_descriptors_are_there_on_request_only():
    assert next(build("ligands")).descriptors is None
    described = next(build("ligands", described=True))
    assert replace(described, descriptors=None) == next(build("ligands"))


# --- stereoisomers, limits, memory --------------------------------------------------------


def isomers(name):
    """Of one ligand, each stereoisomer by itself."""
    drawing = next(drawing for drawing in _drawings(read_space("ligands"), "ligands") if drawing.name == name)
    return {item.name: item.smiles for item in _distinct(iter([drawing]), {}, True, False)}


def test_stereoisomers_are_enumerated_on_request():
    hands = isomers("thiol-C1-ethyl-C4")
    assert list(hands) == ["thiol-C1-ethyl-C4-s1", "thiol-C1-ethyl-C4-s2"]
    assert set(hands.values()) == {"CCCC[C@@H](CC)CS", "CCCC[C@H](CC)CS"}
    # Three equal arms: all hands alike, or one unlike the others, each in two mirror images.
    assert len(isomers("phosphine-C1-ethyl-C4")) == 4


def test_a_double_bond_drawn_in_the_table_stays_as_drawn():
    assert isomers("carboxylic-acid-C7-cis-C8") == {
        "carboxylic-acid-C7-cis-C8": Chem.CanonSmiles("CCCCCCCC/C=C\\CCCCCCCC(=O)O")
    }


@pytest.mark.parametrize("limit", [0, 1, 7])
def test_the_limit_is_kept(limit):
    assert [item.name for item in build("ligands", limit=limit)] == [i.name for i in some("ligands")[:limit]]


def test_nonsense_is_refused_at_once():
    with pytest.raises(InputError, match="polymers"):
        build("polymers")
    with pytest.raises(InputError, match="-1"):
        build("ligands", limit=-1)


def test_streaming_keeps_memory_flat():
    """Of a molecule passed only its hash stays: a tenth of a kilobyte, where a record takes several."""
    stream = build("ligands")
    next(stream)
    tracemalloc.start()
    try:
        for _ in islice(stream, 1000):
            pass
        before = tracemalloc.get_traced_memory()[0]
        for _ in islice(stream, 4000):
            pass
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert after - before < 4000 * 250


# --- files --------------------------------------------------------------------------------


def test_a_file_has_a_line_for_each_molecule(tmp_path):
    plain, zipped = tmp_path / "ligands.smi", tmp_path / "ligands.smi.gz"
    assert write_smi(build("ligands", limit=25), plain) == 25
    assert write_smi(build("ligands", limit=25), zipped) == 25
    lines = plain.read_text(encoding="utf-8")
    assert lines == "".join(f"{item.smiles} {item.name}\n" for item in some("ligands")[:25])
    with gzip.open(zipped, "rt", encoding="utf-8") as handle:
        assert handle.read() == lines


def test_standard_output_is_the_default(capsys):
    assert write_smi(build("crosslinkers", limit=3), None) == 3
    assert capsys.readouterr().out.count("\n") == 3


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere.*cannot be written"):
        write_smi(build("ligands", limit=1), tmp_path / "nowhere" / "ligands.smi")


def test_a_reader_that_leaves_early_gives_no_traceback():
    code = (
        "from echemscreen.ligands.building.build import build, write_smi\n"
        "print(write_smi(build('ligands', limit=5000), None))"
    )
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 0


# --- geometries ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_have_a_geometry(kind):
    small = [item for item in some(kind) if len(item.smiles) < 80]
    assert embedded(evenly(small, 6)) == []


@pytest.mark.reference
def test_the_crosslinkers_are_many_and_distinct_and_have_geometries():
    built = list(build("crosslinkers"))
    assert len(built) >= 5000
    assert len({item.smiles for item in built}) == len(built)
    assert len({item.name for item in built}) == len(built)
    for item in evenly(built, 500):
        assert parse_smiles(item.smiles, item.name).canonical_smiles == item.smiles
    assert len(embedded(evenly(built, 300))) <= 3


@pytest.mark.reference
def test_the_ligands_are_many_and_distinct():
    built = list(build("ligands"))
    assert len(built) >= 50_000
    assert len({item.smiles for item in built}) == len(built)
    assert len({item.name for item in built}) == len(built)
    for item in evenly(built, 500):
        assert parse_smiles(item.smiles, item.name).canonical_smiles == item.smiles


@pytest.mark.parametrize("code", ["allyl", "maleimide", "ester-xylylene"])
def test_a_named_block_is_in_every_molecule(code):
    chosen = list(islice(build("crosslinkers", blocks=[code]), 5))
    assert len(chosen) == 5
    assert all(code in item.blocks for item in chosen)


def test_an_unknown_block_is_told_with_the_nearest():
    with pytest.raises(InputError, match=r"no block 'alyl' of crosslinkers\. The nearest: allyl"):
        build("crosslinkers", blocks=["alyl"])
