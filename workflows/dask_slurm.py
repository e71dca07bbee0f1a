"""Screen on a Slurm cluster: workers are Slurm jobs that come and go, the parent runs where this is started.

    pip install 'echemscreen[slurm,postgresql]'
    python workflows/dask_slurm.py --partition standard --cores 32 --memory 64GB --jobs 20 \
        library.smi.gz --qd CdSe:3.0/CdS:3.5 --out million \
        --store postgresql://me@dbhost/echemscreen --parquet

What is not an option of this script goes to ``echemscreen screen``. A job that is killed at the end of its
time costs the molecules that it was working on, which others take over. The same command again goes on
where a run was ended.
"""

from __future__ import annotations

import argparse

import dask
from dask_jobqueue import SLURMCluster

from echemscreen.cli import app


def options() -> tuple[argparse.Namespace, list[str]]:
    """What is asked of Slurm, and what is asked of the screen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--partition", help="of the jobs; the cluster's default without it")
    parser.add_argument("--account", help="that pays for the jobs")
    parser.add_argument("--cores", type=int, default=32, help="of a job: one single-threaded worker per core")
    parser.add_argument("--memory", default="64GB", help="of a job, 2 GB a core")
    parser.add_argument("--minutes", type=int, default=240, help="wall time of a job")
    parser.add_argument("--jobs", type=int, default=20, help="at a time, at most")
    return parser.parse_known_args()


def main() -> None:
    """Ask Slurm for workers, run the command line against them, and give them back."""
    asked, screen = options()
    # Once more on another worker, then a failed row: a molecule never takes more workers than that.
    dask.config.set({"distributed.scheduler.allowed-failures": 1})
    with SLURMCluster(
        queue=asked.partition,
        account=asked.account,
        cores=asked.cores,
        processes=asked.cores,
        memory=asked.memory,
        walltime=f"{asked.minutes // 60:02d}:{asked.minutes % 60:02d}:00",
        job_script_prologue=[
            f"export {name}=1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
        ],
        # Workers leave before Slurm kills them, and let others take over.
        worker_extra_args=[
            "--lifetime",
            f"{0.9 * asked.minutes:.0f}m",
            "--lifetime-stagger",
            f"{0.05 * asked.minutes:.0f}m",
        ],
    ) as cluster:
        cluster.adapt(minimum_jobs=1, maximum_jobs=asked.jobs)
        app(["screen", *screen, "--dask", cluster.scheduler_address])


if __name__ == "__main__":
    main()
