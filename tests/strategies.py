"""Shared Hypothesis strategies and small records for the tests."""

from hypothesis import strategies as st

from echemscreen.records.dots import BandEdge, BandEdges
from echemscreen.records.levels import EnergyLevel, RedoxCouple, RedoxLevels
from echemscreen.records.sources import Citation

SOURCE = Citation(source="made up for a test")

volts = st.floats(min_value=-4.0, max_value=4.0, allow_nan=False)
sigmas = st.floats(min_value=0.01, max_value=1.0, allow_nan=False)


def edges(cbm=-0.89, vbm=1.1, sigma=0.1):
    return BandEdges(
        cbm=BandEdge(value_v_she=cbm, sigma_v=sigma, kind="test", citation=SOURCE),
        vbm=BandEdge(value_v_she=vbm, sigma_v=sigma, kind="test", citation=SOURCE),
    )


def level(process, value, sigma=0.2, domain="calibrated", **more):
    return EnergyLevel(
        process=process, value_v_she=value, sigma_v=sigma, basis="calibrated", domain=domain, **more
    )


def levels(reduction=None, oxidation=None):
    return RedoxLevels(
        reduction=reduction,
        oxidation=oxidation,
        homo_ev=None,
        lumo_ev=None,
        electron_affinity_ev=None,
        ionization_energy_ev=None,
        method="test",
    )


def couple(e0, sigma=0.05, name="Q2+/Q"):
    return RedoxCouple(
        couple=name,
        metal=name.split("2")[0],
        oxidation_state=2,
        kind="aqueous",
        e0_v_she=e0,
        sigma_v=sigma,
        citation=SOURCE,
    )
