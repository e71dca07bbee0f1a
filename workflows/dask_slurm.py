"""Screen on a Slurm cluster: workers are Slurm jobs that come and go, the parent runs where this is started.

    pip install 'echemscreen[slurm,postgresql]'
    python workflows/dask_slurm.py library.smi.gz --qd CdSe:3.0/CdS:3.5 --out million \
        --store postgresql://me@dbhost/echemscreen --parquet

Adjust the partition, the account and the number of jobs below. A job that is killed at the end of its
time costs the molecules that it was working on, which others take over. The same command again goes on
where a run was ended.
"""

from __future__ import annotations

import sys

import dask
from dask_jobqueue import SLURMCluster

from echemscreen.cli import app

#: Of one Slurm job: one node's share. One single-threaded worker per core.
CORES, MEMORY, WALLTIME, PARTITION, ACCOUNT = 32, "64GB", "04:00:00", "standard", None
#: Slurm jobs at a time.
FEWEST_JOBS, MOST_JOBS = 1, 20


def main() -> None:
    """Ask Slurm for workers, run the command line against them, and give them back."""
    # Once more on another worker, then a failed row: a molecule never takes more workers than that.
    dask.config.set({"distributed.scheduler.allowed-failures": 1})
    with SLURMCluster(
        queue=PARTITION,
        account=ACCOUNT,
        cores=CORES,
        processes=CORES,
        memory=MEMORY,
        walltime=WALLTIME,
        job_script_prologue=[
            f"export {name}=1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
        ],
        # Workers leave before Slurm kills them, and let others take over.
        worker_extra_args=["--lifetime", "225m", "--lifetime-stagger", "10m"],
    ) as cluster:
        cluster.adapt(minimum_jobs=FEWEST_JOBS, maximum_jobs=MOST_JOBS)
        app(["screen", *sys.argv[1:], "--dask", cluster.scheduler_address])


if __name__ == "__main__":
    main()
