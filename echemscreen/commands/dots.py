"""The commands about dots: qd and sweep."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from echemscreen.commands.options import JsonOption, asks
from echemscreen.errors import InputError
from echemscreen.options.pictures import FigureOptions
from echemscreen.options.runs import MeasuredDotOptions, SweepOptions


@asks
def qd(
    qd: Annotated[
        str | None,
        typer.Argument(
            metavar="QD",
            help="Preset, bulk material, or CORE:NM[/SHELL:NM...]; CORE:? with --emission-nm or "
            "--absorption. None: a list.",
        ),
    ] = None,
    *,
    given: Annotated[dict[str, Any], MeasuredDotOptions],
    as_json: JsonOption = False,
) -> None:
    """Show a dot (band edges, exciton, carriers at the surface, metal couples), or list what has a name."""
    if qd is None:
        if given:
            raise InputError("What was measured needs its dot.", "Name it, as CdSe:3.0.")
        _list_dots(as_json=as_json)
        return
    from echemscreen.campaign.base import NamedDot  # noqa: PLC0415 - engines are loaded when they are needed
    from echemscreen.dots.edges.edge_support import evidence_of  # noqa: PLC0415
    from echemscreen.dots.quantum_dot import describe  # noqa: PLC0415

    asked = NamedDot.validated(qd=qd, **given)
    dot = asked.dot()
    content = describe(dot) | {"evidence": evidence_of(dot)}
    if as_json:
        typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        _print_dot(content)
        for words in asked.own_edges().words:
            typer.echo(f"  yours: {words}")


@asks
def sweep(
    asked: SweepOptions,
    look: FigureOptions,
    *,
    output: Annotated[
        list[Path] | None, typer.Option("-o", "--output", help="FILE.csv, .svg, .png or .pdf; several too")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Sweep the sizes of a dot: edges, exciton, and where a ligand becomes inert or active."""
    from echemscreen.campaign import sweeping  # noqa: PLC0415 - engines are loaded when they are needed
    from echemscreen.campaign.outcomes.figure_style import style_of  # noqa: PLC0415
    from echemscreen.views.sweep import sweep_table  # noqa: PLC0415

    for path in output or ():
        sweeping.check_sweep_output(path, asked.sizes)
    found = sweeping.swept(asked)
    content = found.describe()
    for path in output or ():
        sweeping.write_sweep(found, path, style_of(look))
    if as_json:
        typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
        return
    sweep_table.print_sweep(content, found.notes())
    if output:
        typer.echo(f"written to {', '.join(map(str, output))}")


def _list_dots(*, as_json: bool) -> None:
    """The named dots, the materials, and the alloys."""
    from echemscreen.dots import catalogue  # noqa: PLC0415

    say: Callable[[str], None] = typer.echo
    if as_json:
        say(json.dumps(catalogue.describe_catalogue(), indent=2, ensure_ascii=False))
        return
    say("Named dots: layers with sizes in nm, emission ('echemscreen qd NAME' tells more)")
    for dot in catalogue.named_dots():
        mark = {"measured": "", "assumed": " *"}.get(dot.sizes, " ~")
        say(f"  {dot.name:22s} {_rounded(dot.spec)}{mark}, {dot.emission_nm:.0f} nm")
    say("  * sizes assumed   ~ core sized by the published wavelength")
    say("Materials: bulk, as layers of any size (CdSe:3.0/CdS:3.5), and mixed:")
    for system, names in catalogue.materials_by_system().items():
        say(_wrapped(f"{system}: ", ", ".join(names)))
    say(_wrapped("alloys between ", ", ".join("-".join(pair) for pair in catalogue.mixing_pairs())))
    say("Any other material takes edges of your own: echemscreen qd HfO2 --cbm-ev -2.5 --gap-ev 5.8")


def _rounded(spec: str) -> str:
    """Layers with sizes to three digits."""
    layers = (layer.partition(":") for layer in spec.split("/"))
    return "/".join(f"{name}:{float(size):.3g}" for name, _, size in layers)


def _wrapped(label: str, text: str) -> str:
    return textwrap.fill(f"{label}{text}", width=80, initial_indent="  ", subsequent_indent="    ")


def _print_dot(content: dict[str, Any]) -> None:
    """The dot for a reader: every number with its unit and its source."""
    from echemscreen.views.alignment.drawing import exciton_words, kind_words  # noqa: PLC0415

    say: Callable[[str], None] = typer.echo
    say(f"{content['name']}  {content['spec']}")
    for edge in ("cbm", "vbm"):
        say(
            f"  {edge.upper()}  {content[f'{edge}_v_she']:+.2f} ± {content[f'{edge}_sigma_v']:.2f} V vs SHE"
            f"  ({kind_words(content[f'{edge}_kind'])})"
        )
        rests = content["evidence"].get(edge)
        if rests is not None:
            say(f"       rests on {rests['summary']}")
            say(f"       one measurement of this dot to ± {rests['halved_by_v']:.2f} V would halve its sigma")
    for index, layer in enumerate(content["layers"]):
        size = "bulk" if layer["size_nm"] is None else f"{layer['size_nm']:.4g} nm"
        parts = ", ".join(f"{compound} {share:.0%}" for compound, share in layer["composition"].items())
        mixed = f", an alloy of {parts}" if parts else ""
        say(f"  {'shell' if index else 'core'}  {layer['material']}, {size}{mixed}")
    alignment = f", {content['band_alignment']}" if content["band_alignment"] else ""
    say(f"  exciton  {exciton_words(content['exciton_ev'], content['exciton_nm'])}{alignment}")
    say(
        f"  at the surface  electron {content['p_electron_surface']:.2f}, "
        f"hole {content['p_hole_surface']:.2f}"
    )
    say("  free metal ions that an electron at the CBM reduces:")
    for couple in content["couples"]:
        if couple["reduction_drive_ev"] > 0 and couple["kind"] != "complexed":
            say(
                f"    {couple['couple']:10s} {couple['kind']:9s} E0 {couple['e0_v_she']:+.2f} V vs SHE, "
                f"drive {couple['reduction_drive_ev']:+.2f} eV"
            )
    for caveat in content["caveats"]:
        say(f"  note: {caveat}")
    for citation in content["citations"]:
        say(f"  source: {citation}")
