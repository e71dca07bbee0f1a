"""The density-functional training set: its list, its resumable run, and its error on the anchors."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from echemscreen.errors import EngineError, TableError
from echemscreen.evidence.protocol_errors import protocol_errors, protocol_text
from echemscreen.evidence.references import reference_calculations as rc
from echemscreen.levels.fit.references import (
    read_calculations,
    reference_calculations,
    reference_potentials,
    references,
)
from echemscreen.levels.refined import absolute_v_she
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.processes import Process
from echemscreen.reference_tables import iterate_file
from echemscreen.scales import she_from

COUPLES = rc.training_couples()


def fake(couple):
    """A row as the engines would make it."""
    return rc.ReferenceCalculation(
        smiles=couple.molecule.smiles,
        name=couple.molecule.name,
        chem_class=couple.molecule.chem_class,
        process=couple.process,
        role=couple.molecule.role,
        entry=couple.molecule.entry,
        vertical_v_she=-1.25,
        adiabatic_v_she=None,
        intact=None,
        changed_bonds="",
        homo_ev=-7.123456,
        lumo_ev=-1.5,
        n_atoms=6,
        protocol=rc.PROTOCOLS[couple.process],
        protocol_version=rc.PROTOCOL_VERSION,
        engine="fake 1",
        geometry_engine="fake 1",
        retries="",
        seconds=1.5,
        citation="invented",
        note="the ion, was not relaxed",
    )


def run(couples, path, work=fake):
    lines = []
    with ThreadPoolExecutor(1) as pool:
        failed = rc.compute_missing(couples, path, executor=pool, report=lines.append, work=work)
    return failed, lines


# --- the list -----------------------------------------------------------------------------


#: The classes for whose sake the set was made; the others lend evidence to single groups.
NAMED = (
    *("aryl_azide", "perfluoroaryl_azide", "alkyl_azide", "alkyl_diazirine", "aryl_diazirine"),
    *("phosphine", "phosphine_oxide", "phosphonic_acid", "aliphatic_amine", "thiol", "carboxylic_acid"),
    *("metal_thiolate", "metal_carboxylate", "xanthate_dithiocarbamate", "oxime_sulfonate", "triazine_pag"),
    *("ester", "ether", "alkene", "alkane"),
)


def test_a_couple_knows_its_sign():
    """What a table calls ``reduction`` adds an electron."""
    assert {couple.process.electrons for couple in COUPLES if couple.molecule.process == "reduction"} == {1}


def test_every_named_class_has_eight_members_and_both_processes_their_anchors():
    trained = {}
    for couple in COUPLES:
        if couple.molecule.role == "train":
            trained.setdefault((couple.molecule.chem_class, couple.process), set()).add(
                couple.molecule.smiles
            )
    for name in NAMED:
        assert max(len(found) for (chem_class, _), found in trained.items() if chem_class == name) >= 8, name
    anchors = Counter(c.process for c in COUPLES if c.molecule.role == "anchor")
    assert anchors[Process.REDUCTION] >= 14
    assert anchors[Process.OXIDATION] >= 14


@pytest.mark.parametrize(
    "molecule", {c.molecule.smiles: c.molecule for c in COUPLES}.values(), ids=lambda m: m.name
)
def test_molecules_are_canonical_small_and_can_be_built(molecule):
    assert parse_smiles(molecule.smiles, molecule.name).canonical_smiles == molecule.smiles
    species = rc.species_of_row(molecule.smiles, molecule.name)
    # A bare polyanion is refused everywhere: a continuum does not hold it.
    assert species.charge in {-1, 0, 1}
    # Whole crosslinkers are the largest.
    assert len(embed(species)[0].symbols) <= 60


def test_anchors_are_the_molecules_of_their_entries():
    measured = {reference.entry: reference for reference in reference_potentials()}
    for couple in COUPLES:
        if couple.molecule.role == "anchor":
            reference = measured[couple.molecule.entry]
            assert parse_smiles(reference.smiles, "").canonical_smiles == couple.molecule.smiles
            assert reference.process == couple.process


def test_a_salt_is_computed_as_its_complex():
    species = rc.species_of_row("O=C[O-].O=C[O-].[Zn+2]", "zinc formate")
    assert "." not in species.smiles
    assert len(embed(species)[0].symbols) == 9


def test_an_anchor_without_measurement_is_refused(tmp_path, monkeypatch):
    header = "name,smiles,chem_class,process,role,entry,citation,locator,note\n"
    table = tmp_path / "dft_molecules.csv"

    def read(_folder, _name, row_type):
        return tuple(row for _, row in iterate_file(table, row_type))

    monkeypatch.setattr(rc, "read_rows", read)
    for row, words in (
        ("water,O,x,oxidation,anchor,no-such,invented,,", "no measured oxidation has the entry 'no-such'"),
        ("water,O,x,burning,train,,invented,,", "'burning'"),
        ("water,O,x,both,train,,invented,,\nwater,O,x,oxidation,train,,invented,,", "listed twice"),
    ):
        table.write_text(header + row + "\n", encoding="utf-8")
        with pytest.raises(TableError, match=words):
            rc.training_couples()


# --- the run ------------------------------------------------------------------------------


def test_rows_come_back_as_they_were_written(tmp_path):
    path = tmp_path / "results.csv"
    failed, lines = run(COUPLES[:3], path)
    assert (failed, len(lines)) == (0, 3)
    rows = rc.read_results(path)
    assert [row.key for row in rows] == [couple.key for couple in COUPLES[:3]]
    assert rows[0] == replace(fake(COUPLES[0]), homo_ev=-7.12346)


def test_a_second_run_computes_only_what_is_missing(tmp_path):
    path = tmp_path / "results.csv"
    asked = []

    def work(couple):
        asked.append(couple.key)
        return fake(couple)

    run(COUPLES[:2], path, work)
    run(COUPLES[:5], path, work)
    before = path.read_bytes()
    assert run(COUPLES[:5], path, work) == (0, [])
    assert asked == [couple.key for couple in COUPLES[:5]]
    assert path.read_bytes() == before


def test_each_row_is_on_disk_before_the_next_is_reported(tmp_path):
    path = tmp_path / "results.csv"
    rows_seen = []
    with ThreadPoolExecutor(1) as pool:
        rc.compute_missing(
            COUPLES[:4],
            path,
            executor=pool,
            report=lambda _: rows_seen.append(len(rc.read_results(path))),
            work=fake,
        )
    assert rows_seen == [1, 2, 3, 4]


def test_a_new_protocol_version_is_computed_anew(tmp_path, monkeypatch):
    path = tmp_path / "results.csv"
    run(COUPLES[:2], path)
    assert rc.missing(COUPLES[:2], path) == ()
    monkeypatch.setattr(rc, "PROTOCOL_VERSION", rc.PROTOCOL_VERSION + 1)
    assert rc.missing(COUPLES[:2], path) == COUPLES[:2]


def test_a_failure_is_told_with_its_reason_and_stops_nothing(tmp_path):
    path = tmp_path / "results.csv"

    def work(couple):
        if couple == COUPLES[0]:
            raise EngineError("The field did not converge.", "Try again.")
        if couple == COUPLES[1]:
            raise ZeroDivisionError("a bug")
        return fake(couple)

    failed, lines = run(COUPLES[:3], path, work)
    assert failed == 2
    assert any("failed: The field did not converge. Try again." in line for line in lines)
    assert any("failed: ZeroDivisionError: a bug" in line for line in lines)
    assert [row.key for row in rc.read_results(path)] == [COUPLES[2].key]


# --- physics ------------------------------------------------------------------------------


def test_potentials_have_the_sign_of_their_process():
    # A released 4.44 eV is the standard hydrogen electrode.
    assert absolute_v_she(-10.0, -14.44, Process.REDUCTION) == pytest.approx(0.0, abs=1e-9)
    assert absolute_v_she(-10.0, -5.0, Process.OXIDATION) == pytest.approx(5.0 - 4.44)


def test_a_small_molecule_all_the_way():
    pytest.importorskip("pyscf")
    molecule = rc.TrainingMolecule(
        name="hydrogen sulfide",
        smiles="S",
        chem_class="thiol",
        process=Process.OXIDATION,
        role="train",
        entry="",
        citation="chosen for this test",
        locator="",
        note="",
    )
    row = rc.compute(rc.Couple(molecule=molecule, process=Process.OXIDATION))
    assert row.key == rc.Couple(molecule=molecule, process=Process.OXIDATION).key
    assert row.intact is True
    assert row.n_atoms == 3
    # 10.46 eV in the gas phase, less the Born energy of an ion of sulfur's radius (1.2 * 1.8 angstrom).
    born_ev = (1 - 1 / 35.688) * 14.4 / (2 * 1.2 * 1.8)
    assert row.vertical_v_she + 4.44 == pytest.approx(10.46 - born_ev, abs=0.4)
    assert row.vertical_v_she - 0.3 < row.adiabatic_v_she <= row.vertical_v_she + 0.01
    assert row.homo_ev < row.lumo_ev


# --- against experiment -------------------------------------------------------------------


def test_a_protocol_that_is_off_by_a_line_is_found_out():
    measured = {reference.entry: reference.value_v_she for reference in references(calculated=())}
    anchors = [c for c in COUPLES if c.molecule.role == "anchor" and c.process == "reduction"]
    rows = [
        replace(fake(couple), adiabatic_v_she=(measured[couple.molecule.entry] - 0.3) / 0.8, intact=True)
        for couple in anchors
    ]
    (error,) = protocol_errors(rows)
    assert error.n == len(anchors)
    assert error.slope == pytest.approx(0.8)
    assert error.intercept_v == pytest.approx(0.3)
    assert error.line_mae_v == pytest.approx(0.0, abs=1e-9)
    assert error.raw_mae_v >= error.shifted_mae_v > 0.01
    rows[0] = replace(rows[0], intact=False, changed_bonds="C1-Cl2 broken")
    assert protocol_errors(rows)[0].n == len(anchors) - 1
    assert "C1-Cl2 broken" in protocol_text(rows)


def test_the_shipped_rows_are_of_listed_couples():
    rows = rc.read_results(rc.results_path())
    listed = {couple.key for couple in COUPLES}
    current = [row for row in rows if row.protocol_version == rc.PROTOCOL_VERSION]
    assert {row.key for row in current} <= listed
    assert len({row.key for row in rows}) == len(rows)


def test_the_shipped_protocol_is_near_experiment():
    for error in protocol_errors(rc.read_results(rc.results_path())):
        assert error.shifted_mae_v < 0.3, error
        assert abs(error.mean_shift_v) < 0.5, error
    # benzonitrile: measured -2.43 V vs SCE
    row = next(r for r in rc.read_results(rc.results_path()) if r.name == "benzonitrile")
    assert row.adiabatic_v_she == pytest.approx(she_from(-2.43, "sce"), abs=0.3)


def test_a_row_is_appended_in_the_order_of_the_header_that_is_there(tmp_path):
    row = reference_calculations()[0]
    path = tmp_path / "rows.csv"
    rc.append_row(row, path)
    header, first = path.read_text(encoding="utf-8").splitlines()
    path.write_text(",".join(reversed(header.split(","))) + "\n", encoding="utf-8")
    rc.append_row(row, path)
    rc.append_row(row, path)
    again = read_calculations(path)
    assert again[0] == again[1]
    path.write_text(f"{header}\n{first}\n", encoding="utf-8")
    assert read_calculations(path) == again[:1]
