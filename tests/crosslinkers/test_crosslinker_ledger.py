"""Who stays in the film of a patterning ligand, and who decides."""

import pytest

from echemscreen.crosslinkers.crosslinker_ledger import ledger_of
from echemscreen.ligands.crosslinking.crosslinkers import crosslinker_profile
from echemscreen.ligands.parse import parse_smiles
from echemscreen.verdicts.ledger import has_link


def ledger(smiles):
    molecule = parse_smiles(smiles, "ligand", allow_system=True)
    return ledger_of(molecule, "n2", patterning=crosslinker_profile(molecule).patterning)


@pytest.mark.parametrize(
    ("smiles", "deciding"),
    [
        ("Sc1nnc(S)s1", {"ligand", "disulfide", "thioether"}),
        ("Cn1nnnc1S", {"ligand", "carbodiimide", "isothiocyanate"}),
        ("OC(=O)CCS", {"ligand", "disulfide"}),
        ("Sc1nccs1", {"ligand"}),
        ("CN(C)C=O", {"ligand"}),
    ],
)
def test_a_link_decides_only_where_links_pattern(smiles, deciding):
    assert {member.name for member in ledger(smiles) if member.decides} == deciding


def test_what_a_decomposition_leaves_is_open_where_no_row_tells():
    """A thiol that might also link an alkene is not called inert by that link alone."""
    thiazole = ledger("Sc1nccs1")
    assert "side_product" in {member.role for member in thiazole}
    assert not has_link(thiazole)
    assert has_link(ledger("Cn1nnnc1S"))
