#!/usr/bin/env python
"""Compare the protocols of the refined tier on the molecules that anchor it.

    python workflows/compare_refined_protocols.py                       print what is known
    python workflows/compare_refined_protocols.py --compute [--protocol NAME ...] [--limit N]

It may be stopped and started again at any time: rows that are there are not computed again.
"""

import argparse
import sys

from echemscreen.errors import EchemscreenError
from echemscreen.evidence.references.refined_anchors import (
    anchors_path,
    compute_missing,
    trade_text,
)
from echemscreen.levels.refined import read_refined_anchors


def say(line: str) -> None:
    """One line, at once: the output is usually a log file."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run; 0 if everything asked for is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--compute", action="store_true", help="compute the rows that are missing first")
    parser.add_argument("--protocol", action="append", default=[], metavar="NAME", help="only this one")
    parser.add_argument("--limit", type=int, metavar="N", help="compute at most N rows")
    asked = parser.parse_args()
    path, failed = anchors_path(), 0
    if asked.compute:
        failed = compute_missing(path, protocols=asked.protocol, limit=asked.limit, report=say)
    say(trade_text(read_refined_anchors(path)))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EchemscreenError as error:
        sys.exit(str(error))
