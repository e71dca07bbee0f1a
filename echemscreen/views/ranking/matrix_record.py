"""The matrix of a ranking as a file beside its tables, from which its figure is drawn again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from echemscreen.errors import InputError
from echemscreen.files import written_whole
from echemscreen.views.ranking.ranking_figure import CandidateRow, Cell, CriterionColumn, RankingMatrix

#: Its name in the folder of a ranking.
RECORD = "ranking_figure.json"


def write(matrix: RankingMatrix, path: Path) -> None:
    """Write a matrix.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    with written_whole(path, "The record of the figure") as place:
        place.write_text(json.dumps(asdict(matrix), ensure_ascii=False), encoding="utf-8")


def read(path: Path) -> RankingMatrix:
    """The matrix of a finished ranking.

    Raises
    ------
    InputError
        if there is none, or it cannot be read.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = (
            CandidateRow(**{**row, "cells": tuple(Cell(**cell) for cell in row["cells"])})
            for row in content["rows"]
        )
        return RankingMatrix(
            columns=tuple(CriterionColumn(**column) for column in content["columns"]),
            rows=tuple(rows),
            n_ranked=int(content["n_ranked"]),
            caption=str(content["caption"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"The record of the criteria, {path}, cannot be read.", "Run 'echemscreen rank' again."
        ) from error
