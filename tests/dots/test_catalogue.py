"""What has a name: every preset with its layers and emission, every material, every pair that mixes."""

from echemscreen.dots.catalogue import describe_catalogue, named_dots
from echemscreen.dots.materials import presets, semiconductors
from echemscreen.dots.quantum_dot import quantum_dot


def test_the_list_names_every_preset_with_its_sizes_and_its_emission():
    listed = named_dots()
    assert [dot.name for dot in listed] == list(presets())
    for dot in listed:
        assert dot.spec == quantum_dot(dot.name).spec
        published = presets()[dot.name].emission_nm
        assert 300 < dot.emission_nm < 900
        assert published is None or abs(dot.emission_nm - published) < 0.5


def test_the_list_names_every_material_and_every_alloy():
    content = describe_catalogue()
    listed = [name for names in content["materials"].values() for name in names]
    assert sorted(listed) == sorted(semiconductors())
    assert ["CdS", "ZnS"] in content["alloys"]
    assert all(set(pair) <= set(listed) for pair in content["alloys"])
