"""The workflow on a real Slurm: skipped where there is none.

A cluster of one node is enough: ``apt-get install slurm-wlm``, a ``slurm.conf`` with one partition, and
``pip install dask-jobqueue``.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed")

SCRIPT = Path(__file__).parents[2] / "workflows" / "dask_slurm.py"
MOLECULES = "".join(f"{'C' * n}N\n{'C' * n}S\n{'C' * n}P(=O)(O)O\n" for n in range(2, 7))


def jobs(state):
    """Numbers of the jobs of this test's workers in a state."""
    asked = ["squeue", "--noheader", "--name=dask-worker", f"--states={state}", "--format=%i"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.skipif(shutil.which("sbatch") is None, reason="Slurm is not installed")
def test_a_cancelled_job_changes_no_row(tmp_path):
    source = tmp_path / "amines.smi"
    source.write_text(MOLECULES, encoding="utf-8")
    screen = [str(source), "--qd", "pu2020-red", "--level", "full", "--quiet"]
    asked = ["--cores", "1", "--memory", "1GB", "--minutes", "30", "--jobs", "2"]
    command = [sys.executable, str(SCRIPT), *asked, *screen, "--out", str(tmp_path / "slurm")]
    with subprocess.Popen(command, cwd=tmp_path) as running:
        while not jobs("RUNNING") and running.poll() is None:
            time.sleep(0.5)
        cancelled = jobs("RUNNING")[:1]
        subprocess.run(["scancel", *cancelled], check=True)
        assert running.wait() == 0
    assert cancelled
    local = [sys.executable, "-m", "echemscreen", "screen", *screen, "--out", str(tmp_path / "local")]
    subprocess.run(local, check=True)
    written = [(tmp_path / name / "results.csv").read_bytes() for name in ("slurm", "local")]
    assert written[0] == written[1]
    assert written[0].count(b"\n") == MOLECULES.count("\n") + 1
