"""Structure drawings of molecules, by RDKit."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.image import imread
from rdkit import Chem, rdBase
from rdkit.Chem.Draw import rdMolDraw2D

from echemscreen.errors import InputError

#: Size of a drawing, pixels.
WIDTH, HEIGHT = 520, 360
_CARBON, _PAIR = 6, 2
#: What two electrons to spare are by the species' unpaired ones.
_SPINS = {0: "singlet", 2: "triplet"}
#: Pixels of an inch of a structure in a figure.
_DPI = 300


def drawable(smiles: str, n_unpaired: int | None = None) -> Chem.Mol | None:
    """The molecule to be drawn; ``None`` if the SMILES cannot be read.

    A carbon with unpaired electrons or a lone pair has its letter: as a bare corner it would be read as CH2.

    Parameters
    ----------
    n_unpaired
        Unpaired electrons of the species. Where an atom has two electrons to spare, as in a carbene or a
        nitrene, it is noted whether they are paired (singlet) or not (triplet).
    """
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles) if smiles else None
    if mol is None or not mol.GetNumAtoms():
        return None
    for atom in mol.GetAtoms():
        spare = atom.GetNumRadicalElectrons()
        if spare and atom.GetAtomicNum() == _CARBON:
            hydrogens = atom.GetTotalNumHs()
            atom.SetProp("_displayLabel", f"C{'H' if hydrogens else ''}{_subscript(hydrogens)}")
        if spare == _PAIR and n_unpaired in _SPINS:
            atom.SetProp("atomNote", _SPINS[n_unpaired])
    return mol


def _subscript(count: int) -> str:
    return f"<sub>{count}</sub>" if count > 1 else ""


def structure_svg(smiles: str, *, legend: str = "", n_unpaired: int | None = None) -> str:
    """An SVG drawing of a canonical SMILES; the legend is drawn as glyphs, never as markup."""
    with rdBase.BlockLogs():
        drawer = rdMolDraw2D.MolDraw2DSVG(WIDTH, HEIGHT)
        _draw(drawer, smiles, legend, n_unpaired)
    return str(drawer.GetDrawingText())


def draw_structure(smiles: str, path: Path, *, legend: str = "") -> None:
    """Write a drawing of a canonical SMILES; the suffix decides.

    Raises
    ------
    InputError
        if the suffix is neither .svg nor .png, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix == ".svg":
        content = structure_svg(smiles, legend=legend).encode()
    elif suffix == ".png":
        with rdBase.BlockLogs():
            drawer = rdMolDraw2D.MolDraw2DCairo(WIDTH, HEIGHT)
            _draw(drawer, smiles, legend)
        content = drawer.GetDrawingText()
    else:
        raise InputError(f"A structure cannot be drawn as '{path.name}'.", "Name it .svg or .png.")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error


def structure_image(smiles: str, width_in: float, height_in: float) -> npt.NDArray[np.float32]:
    """A drawing of a canonical SMILES on a transparent ground."""
    with rdBase.BlockLogs():
        drawer = rdMolDraw2D.MolDraw2DCairo(int(width_in * _DPI), int(height_in * _DPI))
        options: Any = drawer.drawOptions()
        options.clearBackground = False
        options.bondLineWidth = 2.6
        options.padding = 0.04
        options.fixedBondLength = 42.0
        options.minFontSize = 20
        rdMolDraw2D.PrepareAndDrawMolecule(drawer, drawable(smiles))
        drawer.FinishDrawing()
    return np.asarray(imread(io.BytesIO(drawer.GetDrawingText()), format="png"), dtype=np.float32)


def _draw(drawer: rdMolDraw2D.MolDraw2D, smiles: str, legend: str, n_unpaired: int | None = None) -> None:
    rdMolDraw2D.PrepareAndDrawMolecule(drawer, drawable(smiles, n_unpaired), legend=legend)
    drawer.FinishDrawing()
