"""What stands in the compounds of the table."""

import pytest
from pymatgen.core import Composition

from echemscreen.dots.formulas import amounts_of, charges_of, elements_of
from echemscreen.dots.materials import semiconductors


def test_oxidation_states_are_those_that_pymatgen_finds():
    for material in semiconductors():
        if not elements_of(material) & {"FA", "MA"}:
            expected = Composition(amounts_of(material)).oxi_state_guesses()[0]
            assert charges_of(material) == pytest.approx(dict(expected)), material
