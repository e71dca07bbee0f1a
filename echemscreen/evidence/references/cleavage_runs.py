"""The rows behind the levels of breaking bonds: computed again, written, and how well they do."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError, EngineError, TableError
from echemscreen.levels.bond_energies import (
    EV_PER_KJ_MOL,
    BondEnergyRow,
    bond_energies,
    bond_energy_fit,
    left_out_bonds,
)
from echemscreen.levels.cleavage import (
    CleavageRow,
    cleavage_fit,
    left_out_waves,
)
from echemscreen.levels.fit.calibration import Z90
from echemscreen.levels.fit.references import PREDICTION_SOLVENT, ReferencePotential
from echemscreen.levels.redox import relaxed_state, theory_of, vertical_ladder, with_state
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.scissile import bond_between, scissile_bonds
from echemscreen.quantities import magnitude, quantity
from echemscreen.records.molecules import Species
from echemscreen.records.processes import Process
from echemscreen.reference_tables import cell_of, read_rows
from echemscreen.screening.cleavages import PIECE_ENGINE, bond_energy_ev, cleaved, is_stretched
from echemscreen.screening.workbench import Settings, Workbench

_DECIMALS = 4


def computed_bond(row: BondEnergyRow) -> BondEnergyRow:
    """A bond of known energy with what xTB says of it.

    Raises
    ------
    TableError
        if the molecule has no such bond.
    EchemscreenError
        if a piece cannot be computed.
    """
    bench = _bench()
    bond = bond_between(Species(smiles=row.smiles, charge=0), row.radical, row.leaving)
    if bond is None:
        raise TableError(
            f"bond_energies.csv: {row.smiles} does not fall into {row.radical} and {row.leaving}.",
            "Correct the row.",
        )
    computed_ev = bond_energy_ev(bond, bench, None)
    return replace(
        row,
        computed_kj_mol=round(computed_ev / EV_PER_KJ_MOL, 2),
        pair=bond.ends.pair,
        n_heavy_radical=bond.ends.n_heavy[0],
        n_heavy_leaving=bond.ends.n_heavy[1],
        n_acyl=bond.ends.n_acyl,
        n_acyl_leaving=bond.ends.n_acyl_leaving,
        n_oxo=bond.ends.n_oxo,
    )


def described_wave(row: ReferencePotential) -> CleavageRow:
    """What is computed for a measured wave: of the bond that is broken most easily.

    Raises
    ------
    TableError
        if the molecule has no bond of a known kind.
    EchemscreenError
        if a piece cannot be computed.
    """
    bench = _bench()
    species = Species(smiles=row.smiles, charge=0)
    bonds = scissile_bonds(species)
    if not bonds:
        raise TableError(f"cleavage_waves.csv, {row.entry}: no bond of a known kind.", "Remove the row.")
    ladder = vertical_ladder(bench.engine, species, embed(species), bench.theory)
    ladder = with_state(ladder, relaxed_state(bench.engine, ladder, Process.REDUCTION, bench.theory))
    bond = min(bonds, key=lambda item: cleaved(item, ladder, bench).bond_ev)
    found = cleaved(bond, ladder, bench)
    if not is_stretched(bond, ladder):
        # The molecule takes the electron before it breaks: that wave is one of attachment.
        raise EngineError(f"The electron does not sit in the bond {found.pair} of {row.smiles}.")
    return CleavageRow(
        entry=row.entry,
        kind=found.kind,
        pair=found.pair,
        n_heavy_radical=found.n_heavy[0],
        n_heavy_leaving=found.n_heavy[1],
        n_acyl=found.n_acyl,
        n_acyl_leaving=found.n_acyl_leaving,
        n_oxo=found.n_oxo,
        bond_ev=round(found.bond_ev, _DECIMALS),
        attraction_ev=round(found.attraction_ev, _DECIMALS),
        anion_radius_ang=round(found.anion_radius_ang, _DECIMALS),
        molecule_radius_ang=round(found.molecule_radius_ang, _DECIMALS),
        couple=bond.couple,
        citation="computed by echemscreen calibrate --recompute",
    )


def _bench() -> Workbench:
    engine = get_engine(PIECE_ENGINE)
    theory = theory_of(engine, PREDICTION_SOLVENT)
    return Workbench(engine=engine, theory=theory, settings=Settings(engine=PIECE_ENGINE), stored={})


def recompute(out: Path) -> tuple[str, ...]:
    """Write ``bond_energies.csv`` and ``cleavage_descriptors.csv`` anew; a sentence for each failure."""
    failures = []
    bonds, waves = [], []
    for bond in bond_energies():
        try:
            bonds.append(computed_bond(bond))
        except EchemscreenError as error:
            failures.append(f"bond of {bond.smiles}: {error}")
            bonds.append(bond)
    for wave in read_rows("ligand_library", "cleavage_waves.csv", ReferencePotential):
        try:
            waves.append(described_wave(wave))
        except EchemscreenError as error:
            failures.append(f"wave {wave.entry}: {error}")
    _write(bonds, BondEnergyRow, out / "bond_energies.csv")
    _write(waves, CleavageRow, out / "cleavage_descriptors.csv")
    return tuple(failures)


def _write(rows: Sequence[Any], kind: type, path: Path) -> None:
    names = [column.name for column in fields(kind)]
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, names, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            cells = asdict(row) | {"citation": cell_of(row.citation)}
            writer.writerow({n: f"{v:g}" if isinstance(v, float) else v for n, v in cells.items()})


def cleavage_table() -> str:
    """Errors of bond energies and of waves, each predicted without itself."""
    bonds, fit = left_out_bonds(), cleavage_fit()
    raw = statistics.fmean(
        abs(row.computed_kj_mol - row.d298_kj_mol) * EV_PER_KJ_MOL for row in bond_energies()
    )
    inside = sum(abs(item.error_ev) <= Z90 * bond_energy_fit().widened * item.sigma_ev for item in bonds)
    head = (
        f"bond energies, eV: {len(bonds)} rows, raw MAE {raw:.3f}, left out "
        f"{statistics.fmean(abs(item.error_ev) for item in bonds):.3f}, {inside} inside 90 % intervals"
    )
    lines = ["bonds that an electron breaks", head, "pair       n  left-out MAE (eV)"]
    for pair in sorted({item.row.pair for item in bonds}):
        own = [abs(item.error_ev) for item in bonds if item.row.pair == pair]
        lines.append(f"{pair:8s} {len(own):3d} {statistics.fmean(own):10.3f}")
    waves = left_out_waves()
    inside = sum(abs(item.error_v) <= Z90 * fit.widened * item.sigma_v for item in waves)
    head = (
        f"waves, V: {len(waves)} rows, left-out MAE {statistics.fmean(abs(w.error_v) for w in waves):.3f}, "
        f"{inside} inside 90 % intervals; share of the attraction {magnitude(fit.share, fit.share_sigma)}, "
        f"shift {quantity(fit.shift_v, fit.shift_sigma_v)}, scatter {fit.scatter_v:.2f}"
    )
    lines += [
        head,
        "measured  predicted  sigma  wave",
        *(
            f"{item.wave.row.value_v_she:+8.2f} {item.predicted_v_she:+10.2f} "
            f"{fit.widened * item.sigma_v:6.2f}  {item.wave.row.smiles} ({item.wave.cleaved.pair})"
            for item in waves
        ),
    ]
    return "\n".join(lines)
