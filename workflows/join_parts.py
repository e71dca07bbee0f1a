"""Put the tables of a list's parts one after the other.

python workflows/join_parts.py library_parts library.csv
"""

import sys
from pathlib import Path

import pandas as pd

tables = [
    pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    for path in sorted(Path(sys.argv[1]).glob("part-*/results.csv"))
]
pd.concat(tables).to_csv(sys.argv[2], index=False, encoding="utf-8-sig", lineterminator="\n")
