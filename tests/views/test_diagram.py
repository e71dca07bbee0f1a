"""The diagram: positions of levels, clipping, scales, and text that neither overlaps nor runs."""

import itertools
import json
import warnings
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from table_rows import row

from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import InputError, StoreError
from echemscreen.quantities import MINUS
from echemscreen.views import typeset
from echemscreen.views.alignment import drawing
from echemscreen.views.alignment.diagram import draw, layout
from echemscreen.views.alignment.placing import dot_of
from echemscreen.views.alignment.rendering import render
from echemscreen.views.alignment.selection import MAX_SPECIES, condensed
from echemscreen.views.figure_file import RC
from echemscreen.views.map.map_layout import layout as map_layout
from echemscreen.views.palette import STYLES, TEXT_COLOURS
from echemscreen.views.sheets import FigureStyle


@pytest.fixture(scope="module")
def dot():
    # Round edges, as if they were fitted.
    return describe(quantum_dot("pu2020-red")) | {"cbm_v_she": -0.89, "vbm_v_she": 1.18}


def test_levels_stand_where_they_belong(dot):
    drawing = layout([row("a", red=-1.25, ox=1.5, couple="Cd2+/Cd")], dot)
    (column,) = drawing.columns
    assert [level.value for level in column.levels] == [-1.25, 1.5]
    assert column.couple_value == -0.403
    assert drawing.cbm == -0.89
    assert drawing.top < drawing.cbm < drawing.vbm < drawing.bottom


def test_every_scale_is_a_shift_and_vacuum_runs_the_other_way(dot):
    rows = [row("a", red=-1.25)]
    she = layout(rows, dot)
    vacuum = layout(rows, dot, scale="vacuum")
    assert vacuum.cbm == pytest.approx(-3.55)
    assert vacuum.columns[0].levels[0].value == pytest.approx(1.25 - 4.44)
    assert vacuum.top > vacuum.bottom
    assert layout(rows, dot, scale="fc").cbm == pytest.approx(-0.89 - 0.63)
    assert "V vs SHE" in she.axis_label
    assert "eV vs vacuum" in vacuum.axis_label
    assert "4.44" in she.caption
    with pytest.raises(InputError, match="Unknown reference scale"):
        layout(rows, dot, scale="volts")


def test_a_metal_has_no_exciton(dot):
    metal = describe(quantum_dot("Au", cbm_ev=-5.1, gap_ev=0.0))
    for content, told, arrows in (
        (metal, "exciton none (a metal)", []),
        (dot, "exciton 1.97 eV", ["exciton 1.97 eV"]),
    ):
        drawing = layout([row("a", red=-1.25, ox=1.5)], content)
        assert told in drawing.caption
        with mpl.rc_context(RC):
            drawn = [text.get_text() for text in render(drawing).findobj(mpl.text.Text)]
        assert [text for text in drawn if text.startswith("exciton")] == arrows


def test_far_levels_are_clipped_and_say_their_number(dot):
    (column,) = layout([row("a", red=-6.0, ox=4.0)], dot).columns
    assert [level.clipped for level in column.levels] == [-1, 1]
    drawing = layout([row("a", red=-6.0, ox=4.0)], dot, scale="vacuum")
    assert [level.clipped for level in drawing.columns[0].levels] == [-1, 1]
    with mpl.rc_context(RC):
        shown = {text.get_text() for text in render(drawing).findobj(mpl.text.Text)}
    assert {"\N{MINUS SIGN}8.4", "+1.6"} <= shown  # eV: -(4.0 + 4.44), -(-6.0 + 4.44)


def test_no_level_enters_the_strips_for_numbers(dot):
    rows = [row(str(i), red=-4.0 + 0.2 * i, ox=4.0 - 0.2 * i) for i in range(30)]
    for scale in ("she", "vacuum", "sce"):
        drawing = layout(rows, dot, scale=scale)
        low, high = sorted((drawing.top, drawing.bottom))
        strip = 0.0999 * (high - low)
        inside = [level for column in drawing.columns for level in column.levels if not level.clipped]
        assert 0 < len(inside) < 60
        assert all(low + strip < level.value < high - strip for level in inside)


def test_a_couple_beyond_the_axis_stands_at_its_frame(dot):
    drawing = layout([row("a", couple="Li+/Li")], dot)
    assert drawing.columns[0].couple_value is None
    assert [guide.label[:3] for guide in drawing.guides] == ["CBM", "VBM"]
    # A star at the frame with the couple's value: the column of a lithium salt is not empty.
    assert (drawing.columns[0].couple_clipped, drawing.columns[0].couple_beyond) == (-1, -3.04)
    assert "A star at the frame: a couple beyond the axis (Li⁺/Li)." in drawing.caption
    with mpl.rc_context(RC):
        shown = {text.get_text() for text in render(drawing).findobj(mpl.text.Text)}
    assert "\N{MINUS SIGN}3.0 ★" in shown


def test_an_unknown_sigma_has_no_error_bar(dot):
    known, unknown = layout([row("a")], dot).columns[0].levels
    assert (known.sigma, unknown.sigma) == (0.2, None)
    with mpl.rc_context(RC):
        figure = render(layout([row("a")], dot))
    assert sum(isinstance(c, mpl.container.ErrorbarContainer) and c.has_yerr for c in bars(figure)) == 1


def bars(figure):
    return [container for axes in figure.axes for container in axes.containers]


def test_edges_and_couples_are_labelled_in_the_unit_of_the_axis(dot):
    rows = [row("a", couple="Cd2+/Cd")]
    assert [g.label for g in layout(rows, dot).guides] == [
        "CBM \N{MINUS SIGN}0.89 V",
        "Cd2+/Cd \N{MINUS SIGN}0.40 V",
        "VBM +1.18 V",
    ]
    assert layout(rows, dot, scale="vacuum").guides[0].label == "CBM \N{MINUS SIGN}3.55 eV"


def test_names_are_shortened_in_the_middle(dot):
    names = [f"ethyl 4-azido-2,3,5,6-tetrafluorobenzoate {i}" for i in (1, 2)]
    on_page = layout([row(name) for name in names], dot, label_width=26)
    assert [column.label for column in on_page.columns] == [
        "ethyl 4-azido…robenzoate 1",
        "ethyl 4-azido…robenzoate 2",
    ]
    # On paper there is room for the whole name.
    assert [column.label for column in layout([row(name) for name in names], dot).columns] == names
    # An ideograph is as wide as two letters.
    assert len(layout([row("油" * 60)], dot).columns[0].label) == 30


def test_names_that_shorten_to_one_keep_what_differs(dot):
    names = [
        f"ligand number {index} with a long name of its own, and more and more and more"
        for index in range(12)
    ]
    labels = [column.label for column in layout([row(name) for name in names], dot).columns]
    assert len(set(labels)) == 12
    assert all(str(index) in label for index, label in enumerate(labels))
    assert max(map(len, labels)) <= 60
    # The same name twice is the same label twice.
    twice = [column.label for column in layout([row(names[0]), row(names[0])], dot).columns]
    assert len(set(twice)) == 1


LONG = 100_000


@pytest.mark.parametrize("text", ["x", "油", "ab ", "a-", "e\u0301", "<b>$&", "i\n"])
def test_a_name_of_any_length_is_measured_a_few_times_and_not_once_for_each_of_its_letters(
    dot, text, tmp_path, monkeypatch
):
    measured = []

    def counted(module, name):
        real = getattr(module, name)

        def measure(text, *more):
            measured.append(len(text))
            return real(text, *more)

        monkeypatch.setattr(module, name, measure)

    counted(drawing, "text_width")
    counted(typeset, "length_in")
    name = text * (LONG // len(text))
    rows = [row(name), row(f"{name}1"), row("short")]
    draw(rows, dot, tmp_path / "a.html")
    draw(rows, dot, tmp_path / "a.svg")
    draw(rows, dot, tmp_path / "b.svg", style=FigureStyle(width="single"))
    assert sum(measured) < 100 * LONG


def test_how_a_level_was_found_and_which_is_a_bound(dot):
    for red, ox in (("vertical", "adiabatic"), ("adiabatic", "measured"), ("", "a word that is none")):
        cells = {"e_red_basis": red, "e_ox_basis": ox, "method": "E_red measured, E_ox measured"}
        (column,) = layout([row("a", **cells, e_ox_bound="at least")], dot).columns
        assert [level.basis for level in column.levels] == [red, ox if ox == "adiabatic" or red else ""]
        assert [level.bound for level in column.levels] == ["", "at least"]
    drawing = layout([row("a", e_red_basis="vertical", e_ox_basis="adiabatic", e_ox_bound="at least")], dot)
    assert "Arrow at a level, ≤ or ≥: a one-sided bound" in drawing.caption
    with mpl.rc_context(RC):
        texts = {text.get_text() for text in render(drawing).findobj(mpl.text.Text)}
    assert {"vertical", "adiabatic", "inert", "reduction (filled)", "oxidation (open)"} <= texts
    assert not {"measured", "active", "undetermined", "metal couple"} & texts


def test_the_exciton_begins_at_the_valence_band_edge(dot):
    for scale in ("she", "vacuum"):
        drawing = layout([row("a")], dot, scale=scale)
        assert abs(drawing.exciton_value - drawing.vbm) == pytest.approx(dot["exciton_ev"])
        assert min(drawing.cbm, drawing.vbm) < drawing.exciton_value < max(drawing.cbm, drawing.vbm)
    assert f"exciton {dot['exciton_ev']:.2f} eV" in drawing.caption


def test_pages_of_a_long_table(dot):
    rows = [row(str(index), drive=float(index % 7)) for index in range(95)]
    rows.insert(3, row("bad", status="failed"))
    found = []
    for page in (1, 2, 3):
        drawing = layout(rows, dot, page=page)
        found += [column.label for column in drawing.columns]
        assert f"Page {page} of 3: species" in drawing.caption
        assert "of 95 in the order of the table. 1 failed row is not drawn." in drawing.caption
        # What is kept of a streamed table is enough.
        assert layout(condensed(iter(rows), page=page), dot, page=page) == drawing
    assert found == [str(index) for index in range(95)]
    assert len(layout(rows, dot, page=1, top=10).columns) == 10
    assert "Page" not in layout(rows[:5], dot, page=1).caption
    for page in (0, 4):
        with pytest.raises(InputError, match=f"no page {page}: 95 species make 3 of 40 each"):
            layout(rows, dot, page=page)


def test_a_journals_column_takes_fewer_species(dot):
    rows = [row(str(index), drive=float(index)) for index in range(60)]
    single, double = (layout(rows, dot, style=FigureStyle(width=width)) for width in ("single", "double"))
    assert 15 <= len(single.columns) < len(double.columns) == MAX_SPECIES
    shown = f"Drawn: {len(single.columns)} of 60 species, those with the largest drives; a column of 89 mm"
    assert shown in single.caption
    assert single.selection.startswith(shown)


def test_fonts_are_embedded_and_text_stays_text(dot, tmp_path):
    draw([row("a")], dot, tmp_path / "a.pdf", style=FigureStyle(width="single"))
    content = (tmp_path / "a.pdf").read_bytes()
    assert b"/CIDFontType2" in content or b"/TrueType" in content
    assert b"/Type3" not in content
    draw([row("a")], dot, tmp_path / "a.svg", style=FigureStyle(width="double"))
    root = ET.parse(tmp_path / "a.svg").getroot()
    assert root.attrib["width"] == "518.740157pt"  # 183 mm
    assert "Potential / V vs SHE" in "".join(root.itertext())


def test_the_verdicts_differ_without_colour_and_for_the_colour_blind():
    """Deuteranopia by the matrix of G. M. Machado et al., IEEE Trans. Vis. Comput. Graph. 15, 1291 (2009)."""
    matrix = np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    )
    colours = [np.array(mpl.colors.to_rgb(colour)) for colour, _ in STYLES.values()]
    linear = [np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for c in colours]
    seen = [np.clip(matrix @ c, 0, 1) for c in linear]
    for one, two in itertools.combinations(seen, 2):
        assert np.linalg.norm(one ** (1 / 2.4) - two ** (1 / 2.4)) > 0.15
    assert len({marker for _, marker in STYLES.values()}) == len(STYLES)
    # Small type has a contrast to white of 4.5 (WCAG 2.1).
    for colour in TEXT_COLOURS.values():
        c = np.array(mpl.colors.to_rgb(colour))
        luminance = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)
        assert 1.05 / (luminance + 0.05) >= 4.5


def test_the_first_of_two_couples_of_one_name_counts(dot):
    complexed = {"couple": "Cd2+/Cd", "kind": "complexed", "e0_v_she": -0.7}
    doubled = dot | {"couples": [*dot["couples"], complexed]}
    assert layout([row("a", couple="Cd2+/Cd")], doubled).columns[0].couple_value == -0.403


def test_failed_rows_and_surplus_rows_are_said(dot):
    rows = [row(str(i), drive=float(i)) for i in range(50)] + [row("bad", status="failed")]
    drawing = layout(rows, dot)
    assert len(drawing.columns) == MAX_SPECIES
    assert [c.label for c in drawing.columns] == [str(i) for i in range(10, 50)]
    assert "Drawn: 40 of 50 species, those with the largest drives." in drawing.caption
    assert "1 failed row is not drawn" in drawing.caption
    assert [c.label for c in layout(rows, dot, top=2).columns] == ["48", "49"]
    with pytest.raises(InputError, match="0 species"):
        layout(rows, dot, top=0)


COUPLES = ["Cd2+/Cd", "Zn2+/Zn", "Mg2+/Mg", "Pb2+/Pb", "Fe3+/Fe2+", "Sn2+/Sn", "", ""]


@pytest.mark.parametrize("scale", ["she", "vacuum"])
@pytest.mark.parametrize("count", [0, 1, 6, 20, 40])
def test_no_text_overlaps_and_none_is_clipped(dot, count, scale):
    verdicts = itertools.cycle(STYLES)
    rows = [
        row(
            f"ligand number {i} with a long name",
            next(verdicts),
            -0.3 - 0.17 * i,
            0.6 + 0.13 * i,
            COUPLES[i % 8],
        )
        for i in range(count)
    ]
    if rows:
        # Both levels beyond the same end, and the widest of characters.
        rows[-1] |= {"e_red_v_she": -9.0, "e_ox_v_she": -8.0, "name": "W" * 26}
    with mpl.rc_context(RC):
        figure = render(layout(rows, dot, scale=scale))
        renderer = figure.canvas.get_renderer()
        figure.draw(renderer)
        texts = [t for t in figure.findobj(mpl.text.Text) if t.get_visible() and t.get_text().strip()]
        # Ticks beyond the axis exist, but are not drawn.
        for axes in figure.axes:
            low, high = sorted(axes.get_ylim())
            unseen = {t for t in axes.get_yticklabels() if not low <= t.get_position()[1] <= high}
            texts = [t for t in texts if t not in unseen]
        boxes = [(t, t.get_window_extent(renderer)) for t in texts]
        page = figure.bbox
        for text, box in boxes:
            assert page.x0 <= box.x0 < box.x1 <= page.x1, text.get_text()
            assert page.y0 <= box.y0 < box.y1 <= page.y1, text.get_text()
        # Boxes of slanted labels overlap although their text does not: those are compared by spacing.
        upright = [(t, b) for t, b in boxes if t.get_rotation() != 50]
        for (a, box_a), (b, box_b) in itertools.combinations(upright, 2):
            assert not box_a.shrunk(0.98, 0.9).overlaps(box_b.shrunk(0.98, 0.9)), (a.get_text(), b.get_text())
        (caption,) = [b for t, b in boxes if "absolute SHE" in " ".join(t.get_text().split())]
        assert all(b.y0 > caption.y1 for t, b in boxes if t.get_rotation() == 50)
        frame = figure.axes[0].get_window_extent(renderer)
        assert all(b.x1 < frame.x1 for t, b in boxes if t.get_text().startswith(("CBM", "Fe3+")))
        # A couple's star hides no number.
        stars = [
            line.get_transform().transform(line.get_xydata())[0]
            for line in figure.axes[0].lines
            if line.get_marker() == "*"
        ]
        assert len(stars) == sum(bool(r["limiting_couple"]) for r in rows)
        assert not any(b.padded(4 / 72 * figure.dpi).contains(*star) for star in stars for _, b in boxes)
        slanted = sorted(t.get_window_extent(renderer).x1 for t in texts if t.get_rotation() == 50)
        line_px = 7 / 72 * figure.dpi
        assert all(right - left > line_px for left, right in itertools.pairwise(slanted))


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_the_same_file_twice(dot, tmp_path, suffix):
    rows = [row("a", couple="Cd2+/Cd"), row("b", "active")]
    for name in ("one", "two"):
        draw(rows, dot, tmp_path / f"{name}.{suffix}")
    assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


def test_hostile_names_are_text(dot, tmp_path):
    names = [
        "<script>alert(1)</script>",
        r"$\frac{1}{2}$",
        '"><img src=x onerror=alert(1)>',
        "a_b^c",
        "\x00\x07&amp;",
        "=1",
    ]
    draw([row(name) for name in names], dot, tmp_path / "a.svg")
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    root = ET.fromstring(svg)
    assert "<script" not in svg
    assert "<img" not in svg
    texts = {"".join(node.itertext()) for node in root.iter() if node.tag.endswith("text")}
    assert "<script>alert(1)</script>" in texts
    assert r"$\frac{1}{2}$" in texts


def test_an_unknown_suffix_names_the_known_ones(dot, tmp_path):
    with pytest.raises(InputError, match=r"a\.docx.*\.svg, \.png, \.pdf, \.html"):
        draw([], dot, tmp_path / "a.docx")


def test_a_script_without_glyphs_is_text_in_the_svg_and_no_warning(dot, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw([row("油酸锌")], dot, tmp_path / "a.svg")
        draw([row("油酸锌")], dot, tmp_path / "a.png")
    assert "油酸锌" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_the_users_settings_of_matplotlib_neither_matter_nor_change(dot, tmp_path):
    draw([row("$x$")], dot, tmp_path / "one.svg")
    with mpl.rc_context({"text.usetex": True, "svg.fonttype": "path"}):
        draw([row("$x$")], dot, tmp_path / "two.svg")
        assert mpl.rcParams["text.usetex"]
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_a_figure_that_cannot_be_written_is_one_sentence(dot, tmp_path):
    with pytest.raises(StoreError, match="cannot be written"):
        draw([], dot, tmp_path / "missing" / "a.svg")
    (tmp_path / "a.svg").mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        draw([], dot, tmp_path / "a.svg")
    assert not list(tmp_path.glob("*.partial"))


def test_a_run_that_is_none_says_so(tmp_path, dot):
    path = tmp_path / "run.json"
    for text, told in (
        ("not json", "not of a finished run"),
        ("[]", "not of a finished run"),
        ('{"qd": {"spec": "CdSe"}}', "lacks of its dot: .*cbm_v_she.*layers"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=told):
            dot_of(tmp_path)
    path.write_text(json.dumps({"qd": dot}), encoding="utf-8")
    assert dot_of(tmp_path) == dot


@pytest.mark.parametrize("count", [1, 4, 12])
def test_a_column_with_few_species_cuts_neither_a_level_nor_the_name_of_a_line(dot, count, check_texts):
    style = FigureStyle(width="single")
    rows = [row(f"a{index}", couple="Cd2+/Cd") for index in range(count)]
    drawing = layout(rows, dot, style=style)
    figure, texts = check_texts(lambda: render(drawing, style.sheet))
    assert "CBM \N{MINUS SIGN}0.89" in texts
    assert figure.axes[0].get_xlim()[1] >= drawing.last_x


@pytest.mark.parametrize(
    ("scale", "edge", "constant"),
    [
        ("she", "CBM -0.89", "absolute SHE 4.44 eV"),
        ("vacuum", "CBM -3.55", "absolute SHE 4.44 eV"),
        ("fc", "CBM -1.52", "Fc+/Fc +0.63 ± 0.02 V vs SHE"),
        ("sce", "CBM -1.13", "SCE +0.241 ± 0.005 V vs SHE"),
    ],
)
def test_the_caption_is_on_the_scale_of_the_axis_and_has_its_constant(dot, scale, edge, constant):
    caption = layout([row("a")], dot, scale=scale).caption
    assert edge.replace("-", MINUS) in caption
    assert constant in caption
    assert map_layout([row("a")], dot, scale=scale).caption.startswith(caption.partition(" Bars")[0])
