"""Named dots against the wavelengths that were published for them; the table is printed (pytest -s)."""

import sys

from echemscreen.dots.materials import presets
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.dots.sizes.emission import emission_nm
from echemscreen.dots.sizes.sizing_curves import EV_NM
from echemscreen.dots.specification import parse

#: How far a named dot may lie from its published wavelength, nm.
LIMIT_NM = 8.0


def test_every_published_wavelength_is_met():
    misses = {}
    for name, row in presets().items():
        dot = quantum_dot(name)
        absorbs, emits = EV_NM / dot.exciton_ev, emission_nm(parse(dot.spec))
        published, ours = (row.emission_nm, emits) if row.emission_nm else (row.absorption_nm, absorbs)
        if published is None:
            continue
        misses[name] = abs(ours - published)
        what = "emission" if row.emission_nm else "absorption"
        sys.stdout.write(f"{name:24s} {dot.spec:42s} {what} {ours:5.1f} nm, published {published:g}\n")
    assert len(misses) >= 20
    assert max(misses.values()) <= LIMIT_NM, misses


def test_what_is_sized_by_its_emission_leaves_the_core_open():
    for row in presets().values():
        solved = row.sizes in {"from emission", "from absorption"}
        assert solved == parse(row.spec).open_core
        if row.sizes == "from emission":
            assert row.emission_nm is not None


def test_the_colours_of_lu2022_are_their_names():
    # Green and blue are words of the source; a wavelength that it does not print is told as assumed.
    for name, low, high in (("lu2022-green", 515, 545), ("lu2022-blue", 450, 480)):
        dot = quantum_dot(name)
        assert low < emission_nm(parse(dot.spec)) < high
        assert any("prints no wavelength" in caveat for caveat in dot.caveats)


def test_red_iodide_cubes_have_sizes_that_can_be_made():
    # L. Protesescu et al., Nano Lett. 15, 3692 (2015), abstract: cubes of 4 to 15 nm.
    for name, row in presets().items():
        if "cspb" in name:
            size_nm = quantum_dot(name).layers[0].size_nm
            sys.stdout.write(f"{name}: {size_nm:.1f} nm\n")
            assert 4.0 < size_nm < 15.0, row.spec
