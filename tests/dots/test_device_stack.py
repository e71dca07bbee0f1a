"""The device around the dots: the rule that chooses a layer's numbers, stacks and barriers."""

import pytest

from echemscreen.dots import device_stack as ds
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import InputError, TableError


@pytest.fixture(scope="module")
def dot():
    return describe(quantum_dot("pu2020-red", cbm_v_she=-0.89))


def row(value, *, method="ups", quality="verified", sigma=None, citation="made up"):
    return ds.DeviceLayerRow(
        layer="X",
        sample="",
        role="electrode",
        work_function_ev=value,
        homo_ev=None,
        lumo_ev=None,
        sigma_ev=sigma,
        method=method,
        quality=quality,
        citation=citation,
        locator="",
        note="",
    )


def chosen(*rows):
    return ds._chosen(rows, "work_function")


def test_every_row_is_cited_and_unread_ones_say_so():
    for item in ds.device_layer_rows():
        assert item.citation
        assert item.locator
        assert item.quality in {"verified", "unverified"}
        assert item.method != "recalled" or item.quality == "unverified"
        assert any(item.value(quantity) is not None for quantity in ds.QUANTITIES)
        if item.homo_ev is not None and item.lumo_ev is not None:
            assert item.homo_ev < item.lumo_ev


def test_every_layer_of_every_stack_has_rows_and_one_place_for_the_dots():
    assert {"pu2020", "lu2022"} <= set(ds.stack_names())
    for name in ds.stack_names():
        stack = ds.device_stack(name)
        assert stack.label.split("/").count("QD") == 1
        for layer in (*stack.before, *stack.after):
            assert layer.level_of("hole") is not None
            assert layer.level_of("electron") is not None


def test_the_stacks_are_those_of_the_papers():
    assert ds.device_stack("pu2020").label == "ITO/PEDOT:PSS/poly-TPD/PVK/QD/ZnMgO/Ag"
    assert ds.device_stack("lu2022").label == "ITO/PEDOT:PSS/TFB/QD/ZnO/Al"
    assert [layer.thickness_nm for layer in ds.device_stack("pu2020").before] == [None, 35, 30, 5]


def test_a_row_that_was_read_goes_before_a_better_one_that_was_not():
    level = chosen(row(4.7, method="ups", quality="unverified"), row(5.0, method="exercise"))
    assert (level.energy_ev, level.verified) == (-5.0, True)
    # The disagreement with the unread row is uncertainty all the same.
    assert level.sigma_ev == pytest.approx(0.3)


def test_the_better_method_goes_before_the_earlier_row():
    assert chosen(row(5.0, method="model_input"), row(4.4, method="ups")).energy_ev == -4.4
    assert chosen(row(5.0, method="vendor"), row(4.4, method="vendor")).energy_ev == -5.0


def test_a_measurement_is_widened_by_measurements_only():
    level = chosen(row(4.4), row(4.8), row(9.0, method="model_input"))
    assert level.sigma_ev == pytest.approx(0.4)


def test_own_sigma_and_disagreement_add_in_quadrature():
    assert chosen(row(4.4, sigma=0.3), row(4.8)).sigma_ev == pytest.approx(0.5)


def test_a_single_number_has_no_uncertainty():
    assert chosen(row(4.4)).sigma_ev is None
    assert chosen(row(4.4), row(4.4)).sigma_ev is None


def test_what_nobody_read_is_flagged(dot):
    content = ds.describe_stack(ds.device_stack("pu2020"), dot)
    verified = {
        layer["name"]: all(level["verified"] for level in layer["levels"].values())
        for layer in content["before"] + content["after"]
    }
    for name, known in verified.items():
        rows = [item for item in ds.device_layer_rows() if item.layer == name]
        # Never the default if a read one exists.
        assert known == any(item.quality == "verified" for item in rows)
    unread = {name for name, known in verified.items() if not known}
    for barrier in content["barriers"]:
        assert barrier["verified"] == (not {barrier["source"], barrier["target"]} & unread)


def test_barriers_by_hand(dot):
    found = {(b.source, b.target): b for b in ds.barriers(ds.device_stack("lu2022"), dot)}
    tfb, zno = ds.device_layer("TFB"), ds.device_layer("ZnO")
    # A hole falls upwards: from PEDOT:PSS at -5.1 eV to TFB at -5.3 eV it climbs 0.2 eV.
    assert found["PEDOT:PSS", "TFB"].barrier_ev == pytest.approx(-5.1 - tfb.homo.energy_ev)
    assert found["PEDOT:PSS", "TFB"].carrier == "hole"
    # The edge of the dot at -0.89 V vs SHE lies at -3.55 eV; from ZnO an electron climbs.
    assert found["ZnO", "QD"].barrier_ev == pytest.approx(-3.55 - zno.lumo.energy_ev)
    assert found["ZnO", "QD"].carrier == "electron"


def test_barriers_add_up_from_electrode_to_dot(dot):
    stack = ds.device_stack("pu2020")
    for carrier, electrode, edge in (("hole", "ITO", "vbm"), ("electron", "Ag", "cbm")):
        total = sum(b.barrier_ev for b in ds.barriers(stack, dot) if b.carrier == carrier)
        work_function = -ds.device_layer(electrode).work_function.energy_ev
        edge_ev = -(dot[f"{edge}_v_she"] + 4.44)
        expected = edge_ev + work_function
        assert total == pytest.approx(expected if carrier == "electron" else -expected)


def test_unknown_names_are_told_with_the_known_ones():
    with pytest.raises(InputError, match=r"'nothing'.*pu2020, lu2022"):
        ds.device_stack("nothing")
    with pytest.raises(InputError, match=r"'Unobtainium'.*ITO"):
        ds.device_layer("Unobtainium")


def test_a_work_function_of_the_wrong_sign_is_refused(monkeypatch):
    monkeypatch.setattr(ds, "read_rows", lambda *_: (row(-4.4),))
    ds.device_layer_rows.cache_clear()
    with pytest.raises(TableError, match=r"line 2: work_function has the wrong sign"):
        ds.device_layer_rows()
    ds.device_layer_rows.cache_clear()
