"""Screen on a local Dask cluster of two workers: the same call as on a large one.

python workflows/dask_local.py INPUT --qd CdSe:3.0/CdS:3.5 [options of 'echemscreen screen']
"""

from __future__ import annotations

import sys

import dask
from distributed import LocalCluster

from echemscreen.cli import app


def main() -> None:
    """Start the workers, run the command line against them, and end them."""
    # Once more on another worker, then a failed row: a molecule never takes more workers than that.
    dask.config.set({"distributed.scheduler.allowed-failures": 1})
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        app(["screen", *sys.argv[1:], "--dask", cluster.scheduler_address])


if __name__ == "__main__":
    main()
