"""A sweep over sizes: run and written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from echemscreen.campaign.base import settings_of
from echemscreen.dots.edges.given_edges import EDGE_OPTIONS
from echemscreen.dots.size_ranges import parse_sweep
from echemscreen.engines.base import get_engine
from echemscreen.errors import InputError
from echemscreen.evidence.own_evidence import described
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.atoms import Mol
from echemscreen.ligands.library import library
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.reading.given_rows import given_structure
from echemscreen.options.declared import with_options
from echemscreen.options.runs import SweepOptions
from echemscreen.screening import workbench
from echemscreen.screening.sweep import Sweep
from echemscreen.screening.sweep import sweep as over_sizes
from echemscreen.views.sheets import PLAIN, SUFFIXES, FigureStyle
from echemscreen.views.sweep import sweep_figure, sweep_table


@with_options(SweepOptions)
def sweep(sizes: str, ligand: str | Mol | None = None, **options: Any) -> Sweep:  # noqa: ANN401
    """Dots of many sizes, and the size at which a ligand becomes inert or active.

    Parameters
    ----------
    sizes
        ``CORE:MIN-MAX[:STEP]/SHELL:MIN-MAX[:STEP]`` in nm; a layer may have one size.
    ligand
        SMILES or RDKit molecule; its levels are computed once, with every ion relaxed, since at some size
        of the sweep the relaxed level may decide.
    options
        Those of :class:`~echemscreen.options.runs.SweepOptions`.

    Raises
    ------
    InputError
        if the sweep, the SMILES or an option cannot be used, or the ligand cannot be judged.
    """
    edges = [key for key in EDGE_OPTIONS if key in options]
    if edges:
        raise InputError(
            f"A sweep takes no {edges[0]}: one measured edge does not belong to every size.",
            "Give it to 'qd' or 'screen'.",
        )
    if ligand is not None:
        options["ligand"], label = given_structure(ligand)
        options.setdefault("ligand_name", label)
    return swept(SweepOptions.validated(sizes=sizes, **options))


def swept(asked: SweepOptions) -> Sweep:
    """What :func:`sweep` finds, of options that are checked."""
    settings = settings_of(asked)
    if asked.ligand is None:
        return over_sizes(asked.sizes)
    settings, _ = described(settings)
    text, label = given_structure(asked.ligand)
    molecule = parse_smiles(text, asked.ligand_name or label)
    if not (asked.ligand_name or label):
        # A SMILES is no title: the library's name, or the formula, is.
        known = library().name_of(molecule.canonical_smiles)
        molecule = replace(molecule, name=known or molecule.formula)
    engine = get_engine(settings.engine)
    bench = workbench.Workbench(engine, theory_of(engine, settings.solvent), settings, {})
    return over_sizes(asked.sizes, ligand=molecule, bench=bench)


def write_sweep(found: Sweep, path: str | Path, style: FigureStyle = PLAIN) -> Path:
    """Write a sweep into a CSV file or a figure; the suffix decides.

    Raises
    ------
    InputError
        if the suffix is unknown, or the sweep has too many dimensions for a sheet of paper.
    StoreError
        if the file cannot be written.
    """
    path = Path(path)
    check_sweep_output(path, found.spec)
    if path.suffix.lower() == ".csv":
        sweep_table.write_sweep(found.describe(), path)
    else:
        sweep_figure.draw_sweep(
            found.describe(),
            path,
            inert=found.thresholds.inert,
            active=found.thresholds.active,
            style=style,
        )
    return path


def check_sweep_output(path: str | Path, spec: str) -> None:
    """Refuse a file that a sweep cannot be written as, before anything is computed.

    Raises
    ------
    InputError
        naming the suffixes that are known, or for a figure of more than two dimensions.
    """
    suffix, known = Path(path).suffix.lower(), (".csv", *SUFFIXES)
    if suffix not in known:
        raise InputError(f"A sweep cannot be written as '{Path(path).name}'.", f"Use {', '.join(known)}.")
    if suffix != ".csv":
        sweep_figure.check_dimensions(sum(layer.swept for layer in parse_sweep(spec)))
