"""The commands about dots: qd and sweep."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from echemscreen.commands.options import (
    CbmOption,
    CbmSigmaOption,
    EmissionOption,
    JsonOption,
    OwnOption,
    VbmOption,
    VbmSigmaOption,
    clear_errors,
)


def qd(  # noqa: PLR0917 - typer reads the options from the signature
    spec: Annotated[
        str,
        typer.Argument(
            metavar="QD", help="Preset, bulk material, or CORE:NM[/SHELL:NM...]; CORE:? with --emission."
        ),
    ],
    as_json: JsonOption = False,
    emission: EmissionOption = None,
    cbm_v_she: CbmOption = None,
    cbm_sigma: CbmSigmaOption = None,
    vbm_ev: VbmOption = None,
    vbm_sigma: VbmSigmaOption = None,
) -> None:
    """Show a dot: band edges, exciton, carriers at the surface, metal couples."""
    with clear_errors():
        from echemscreen.dots.edge_support import evidence_of  # noqa: PLC0415
        from echemscreen.dots.quantum_dot import describe, quantum_dot  # noqa: PLC0415

        dot = quantum_dot(
            spec,
            emission_nm=emission,
            cbm_v_she=cbm_v_she,
            cbm_sigma_v=cbm_sigma,
            vbm_ev=vbm_ev,
            vbm_sigma_ev=vbm_sigma,
        )
        content = describe(dot) | {"evidence": evidence_of(dot)}
        if as_json:
            typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
        else:
            _print_dot(content)


def sweep(
    spec: Annotated[
        str,
        typer.Argument(
            metavar="CORE:MIN-MAX[:STEP][/SHELL:...]",
            help="Ranges of the core diameter and of shell thicknesses in nm; a layer may have one size.",
        ),
    ],
    ligand: Annotated[
        str | None, typer.Option("--ligand", metavar="SMILES", help="Judge this ligand on every dot.")
    ] = None,
    measured: OwnOption = None,
    as_json: JsonOption = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="FILE.csv, .svg, .png or .pdf")
    ] = None,
) -> None:
    """Sweep the sizes of a dot: edges, exciton, and where a ligand becomes inert or active."""
    with clear_errors():
        from echemscreen.campaign import sweeping  # noqa: PLC0415 - engines are loaded when they are needed
        from echemscreen.views import sweep_table  # noqa: PLC0415

        if output is not None:
            sweeping.check_sweep_output(output, spec)
        found = sweeping.sweep(spec, ligand, measured=measured)
        content = found.describe()
        if output is not None:
            sweeping.write_sweep(found, output)
        if as_json:
            typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
            return
        sweep_table.print_sweep(content, found.notes())
        if output is not None:
            typer.echo(f"written to {output}")


def _print_dot(content: dict[str, Any]) -> None:
    """The dot for a reader: every number with its unit and its source."""
    from echemscreen.views.drawing import kind_words  # noqa: PLC0415

    say: Callable[[str], None] = typer.echo
    say(f"{content['name']}  {content['spec']}")
    for edge in ("cbm", "vbm"):
        say(
            f"  {edge.upper()}  {content[f'{edge}_v_she']:+.2f} +- {content[f'{edge}_sigma_v']:.2f} V vs SHE"
            f"  ({kind_words(content[f'{edge}_kind'])})"
        )
        rests = content["evidence"].get(edge)
        if rests is not None:
            say(f"       rests on {rests['summary']}")
            say(
                f"       one measurement of this dot to +- {rests['halved_by_v']:.2f} V would halve its sigma"
            )
    say(
        f"  exciton  {content['exciton_ev']:.2f} eV, {content['exciton_nm']:.0f} nm, "
        f"{content['band_alignment']}"
    )
    say(
        f"  at the surface  electron {content['p_electron_surface']:.2f}, "
        f"hole {content['p_hole_surface']:.2f}"
    )
    say("  couples inside the gap (an electron at the CBM reduces the free ion):")
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
