"""The workflows for Slurm; that of Dask on a real one: skipped where there is none.

A cluster of one node is enough: ``apt-get install slurm-wlm``, a ``slurm.conf`` with one partition, and
``pip install dask-jobqueue``.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

WORKFLOWS = Path(__file__).parents[2] / "workflows"
SCRIPT = WORKFLOWS / "dask_slurm.py"
MOLECULES = "".join(f"{'C' * n}N\n{'C' * n}S\n{'C' * n}P(=O)(O)O\n" for n in range(2, 7))


def jobs(state):
    """Numbers of the jobs of this test's workers in a state."""
    asked = ["squeue", "--noheader", "--name=dask-worker", f"--states={state}", "--format=%i"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.skipif(shutil.which("sbatch") is None, reason="Slurm is not installed")
def test_a_cancelled_job_changes_no_row(tmp_path):
    pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed")
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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs bash and the split of GNU")
def test_the_parts_of_an_array_make_the_table_of_the_whole_list(tmp_path):
    (tmp_path / "list.smi").write_text("CO methanol\nCN a long name\nC#N\nCS thiol, small\nCCO ethanol\n")
    screen = ["--qd", "CdSe", "--level", "fast", "--no-figure"]
    program = f"{sys.executable} -m echemscreen"

    def task(number):
        # What Slurm tells a task, without Slurm.
        told = {"SLURM_ARRAY_TASK_ID": str(number), "SLURM_JOB_ID": "7", "SLURM_CPUS_PER_TASK": "1"}
        command = ["bash", str(WORKFLOWS / "slurm_array.sh"), "2", "list.smi", "parts", *screen]
        environment = os.environ | told | {"ECHEMSCREEN": program}
        subprocess.run(command, check=True, cwd=tmp_path, env=environment)

    join = [sys.executable, str(WORKFLOWS / "join_parts.py"), "parts", "joined.csv"]
    task(1)
    early = subprocess.run(join, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert early.returncode == 1
    assert early.stderr == "parts: not finished: part-0000-of-0002. Run their tasks again.\n"
    assert not (tmp_path / "joined.csv").exists()
    task(0)
    finished = (tmp_path / "parts/part-0001-of-0002/run.json").read_bytes()
    task(1)
    assert (tmp_path / "parts/part-0001-of-0002/run.json").read_bytes() == finished
    subprocess.run(join, check=True, cwd=tmp_path)
    whole = [*program.split(), "screen", "list.smi", *screen, "--workers", "1", "--quiet", "--out", "whole"]
    subprocess.run(whole, check=True, cwd=tmp_path)
    assert (tmp_path / "joined.csv").read_bytes() == (tmp_path / "whole/results.csv").read_bytes()
    parts = [path.read_text() for path in sorted((tmp_path / "parts").glob("*.smi"))]
    assert "".join(parts) == (tmp_path / "list.smi").read_text()
    assert all(parts)
