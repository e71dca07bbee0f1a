"""The density-functional tier: anchored values, vertical and adiabatic kept apart."""

from dataclasses import replace

import numpy as np
import pytest

import echemscreen as es
from echemscreen.engines.pyscf import PyscfEngine
from echemscreen.errors import TableError
from echemscreen.levels import refined
from echemscreen.records.levels import ChargeState, Correction, Ladder, Method, SinglePoint
from echemscreen.records.molecules import Geometry, Species
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.scales import she_from

METHOD = Method(hamiltonian="PBE0/ma-def2-SVP/coarse", solvent="acetonitrile", solvation="cpcm")


def point(energy_ev):
    return SinglePoint(method=METHOD, charge=0, n_unpaired=0, energy_ev=energy_ev, homo_ev=None, lumo_ev=None)


def ladder(relaxed_ev=None, intact=None):
    """A parent at 0 eV whose anion lies at -3.0 eV on its geometry."""
    geometry = Geometry(symbols=("H", "H"), positions_ang=((0.0, 0.0, 0.0), (0.0, 0.0, 0.74)))
    parent = ChargeState(
        added_electrons=0,
        charge=0,
        n_unpaired=0,
        vertical=(point(0.0),),
        relaxed=(point(0.0),),
        geometry=geometry,
        intact=True,
    )
    ion = ChargeState(
        added_electrons=1,
        charge=-1,
        n_unpaired=1,
        vertical=(point(-3.0),),
        relaxed=() if relaxed_ev is None else (point(relaxed_ev),),
        geometry=None if relaxed_ev is None else geometry,
        intact=intact,
        changed_bonds=("H1-H2 broken",) if intact is False else (),
    )
    return Ladder(
        species=Species(smiles="[H][H]", charge=0, n_unpaired=0),
        engine="pyscf",
        engine_version="0",
        protocol="p",
        states=(parent, ion),
    )


def test_the_anchoring_is_the_mean_difference_of_measured_and_calculated(monkeypatch):
    """Eight made-up anchors that are 0.1 and 0.5 V off in turn: 0.3 V, with s = 0.2 sqrt(8/7)."""
    made_up = tuple((-1.0, -1.0 + off) for off in (0.1, 0.5) * 4)
    monkeypatch.setattr(refined, "anchors", {Process.REDUCTION: made_up}.get)
    anchored = refined.anchoring.__wrapped__(Process.REDUCTION)
    assert anchored.n_molecules == 8
    assert anchored.shift_v == pytest.approx(0.3)
    assert anchored.sigma_v == pytest.approx(0.2138, abs=1e-4)
    monkeypatch.setattr(refined, "anchors", {Process.OXIDATION: made_up[1:]}.get)
    with pytest.raises(TableError, match="Only 7 calculated"):
        refined.anchoring.__wrapped__(Process.OXIDATION)


def test_both_processes_have_their_anchors():
    for process in PROCESSES:
        assert refined.anchoring(process).n_molecules >= refined.MIN_ANCHORS
        assert 0.0 < refined.anchoring(process).sigma_v < 0.4


def test_the_adiabatic_value_decides_unless_the_ion_breaks():
    on_scale = refined.anchoring_line(Process.REDUCTION, METHOD.hamiltonian).measured_v_she
    whole = refined.refined_level(ladder(relaxed_ev=-3.5, intact=True), Process.REDUCTION)
    assert whole.value_v_she == pytest.approx(on_scale(3.5 - 4.44))
    assert not whole.vertical
    broken = refined.refined_level(ladder(relaxed_ev=-5.0, intact=False), Process.REDUCTION)
    assert broken.value_v_she == pytest.approx(on_scale(she_from(-3.0, "vacuum")))
    assert broken.vertical
    assert f"vertical {broken.value_v_she:+.2f} V" in broken.note
    unrelaxed = refined.refined_level(ladder(), Process.REDUCTION)
    assert unrelaxed.vertical


def test_an_element_that_no_reference_molecule_holds_is_never_calibrated():
    known = refined.refined_level(ladder(relaxed_ev=-3.5, intact=True), Process.REDUCTION)
    strange = refined.refined_level(ladder(relaxed_ev=-3.5, intact=True), Process.REDUCTION, elements=("Sn",))
    assert (known.domain, strange.domain) == ("calibrated", "extrapolated")
    assert strange.value_v_she == known.value_v_she
    assert strange.note.endswith("; no reference molecule holds Sn")


def test_corrections_are_kept():
    plain = refined.refined_level(ladder(relaxed_ev=-3.5, intact=True), Process.REDUCTION)
    bound = refined.refined_level(
        ladder(relaxed_ev=-3.5, intact=True),
        Process.REDUCTION,
        (Correction(name="x", value_v=0.4, sigma_v=0.3),),
    )
    assert bound.value_v_she == pytest.approx(plain.value_v_she + 0.4)
    assert bound.sigma_v == pytest.approx((plain.sigma_v**2 + 0.09) ** 0.5)


def test_a_ladder_is_computed_on_its_own_geometries():
    seen = []

    class Recorder(PyscfEngine):
        def single_point(self, geometry, *, charge, n_unpaired, method):
            assert len(geometry.symbols) == 2
            seen.append((charge, n_unpaired, method.hamiltonian))
            return replace(point(-1.0 * len(seen)), method=method)

    made = refined.refined_ladder(Recorder(), ladder(relaxed_ev=-3.5, intact=True), Process.REDUCTION)
    assert seen == [(0, 0, METHOD.hamiltonian), (-1, 1, METHOD.hamiltonian)]
    assert made.engine == "pyscf"
    assert (len(made.state(1).relaxed), len(made.state(1).vertical)) == (1, 0)
    # Only of an ion that breaks the vertical level decides.
    broken = refined.refined_ladder(Recorder(), ladder(relaxed_ev=-3.5, intact=False), Process.REDUCTION)
    assert (len(broken.state(1).relaxed), len(broken.state(1).vertical)) == (0, 1)


def test_what_is_left_open_is_sent_to_the_tier():
    """Sulfur dioxide has no functional group of the table: xTB alone has no evidence."""
    plain = es.assess("O=S=O", "CdSe", name="sulfur dioxide", level="fast")
    assert plain.domain == "uncalibrated"
    judged = es.assess("O=S=O", "CdSe", name="sulfur dioxide", level="refined")
    assert judged.domain == "calibrated"
    assert "Refined: PBE0/ma-def2-SVP/coarse: " in judged.reason
    # Measured: -0.75 V vs SCE and thereabouts in aprotic solvents.
    assert -1.2 < judged.levels.reduction.value_v_she < -0.1


def test_ions_are_anchored_by_the_mean_difference_and_neutral_molecules_by_the_line():
    line, mean = refined.anchoring_line(Process.REDUCTION), refined.anchoring(Process.REDUCTION)
    assert 0.8 < line.slope < 1.0
    assert mean.slope == 1.0
    # The two agree in the middle of the anchors.
    middle = sum(raw for raw, _ in refined.anchors(Process.REDUCTION)) / line.n_molecules
    assert line.measured_v_she(middle) == pytest.approx(mean.measured_v_she(middle))


def test_the_cheap_protocol_is_as_good_as_the_dear_one():
    """Neutral reductions by a line, each left out in turn."""

    def left_out(protocol):
        raw, measured = np.array(refined.anchors(Process.REDUCTION, protocol)).T
        errors = []
        for index in range(len(raw)):
            kept = np.arange(len(raw)) != index
            line = np.polyfit(raw[kept], measured[kept], 1)
            errors.append(abs(np.polyval(line, raw[index]) - measured[index]))
        return len(raw), float(np.mean(errors))

    n_cheap, cheap = left_out(refined.REFINED_HAMILTONIANS[Process.REDUCTION])
    _, dear = left_out("")
    assert n_cheap >= 2 * refined.MIN_ANCHORS
    assert cheap < dear + 0.01


def test_the_estimate_grows_with_the_molecule_and_holds_on_what_was_timed():
    protocol = refined.REFINED_HAMILTONIANS[Process.REDUCTION]
    assert refined.refined_seconds(50, "unknown") is None
    assert refined.refined_seconds(500, protocol) > 4.0 * refined.refined_seconds(200, protocol)
    for row in refined.read_refined_anchors():
        if row.protocol == protocol:
            assert 0.3 < refined.refined_seconds(row.n_functions, protocol) / row.cpu_s < 3.0


def test_a_long_calculation_is_told_before_it_begins(capsys):
    found = es.assess("O=S=O", "CdSe", name="sulfur dioxide", level="refined")
    assert found.domain == "calibrated"
    # A single molecule in Python is quiet; a screen on the terminal is not.
    assert capsys.readouterr().err == ""
