"""Runs that stay in the middle until a gate is opened, whatever the speed of the machine.

A test waits until somebody holds the molecule named ``held``, does what it has to do to the run, and
opens the gate (or never does).
"""

import os
import sys
import time
from functools import partial
from pathlib import Path

from echemscreen import cli
from echemscreen.screening import screen as screening
from echemscreen.screening.workers import work as working
from echemscreen.store import database

#: The smallest of molecules, so that it is the last one that is begun.
HELD = "O held"


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def lines_of(path):
    return path.read_text().count("\n") if path.exists() else 0


def work_behind_a_gate(gate, plan, *arguments):
    """What a worker does; ``gate/holder`` tells its process, and the molecule waits for ``gate/open``."""
    if plan.molecule.name == "held":
        (gate / "holder.part").write_text(str(os.getpid()))
        (gate / "holder.part").replace(gate / "holder")
        wait_for((gate / "open").exists, seconds=200)
    return working.work(plan, *arguments)


def close_gate(monkeypatch, gate):
    """Hold the molecule in the runs of this process."""
    gate.mkdir()
    monkeypatch.setattr(screening, "work", partial(work_behind_a_gate, gate))


def command_behind_a_gate(gate, *arguments, patience_s=database.RECONNECT_WITHIN_S):
    """A command line of echemscreen in which the molecule is held, and so long a lost store is waited for."""
    gate.mkdir()
    code = (
        "import signal, sys\n"
        "from pathlib import Path\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        # A test runner in the background hands an ignored Ctrl-C down; a terminal does not.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import gated\n"
        f"gated.run(Path({str(gate)!r}), {patience_s})\n"
    )
    return [sys.executable, "-c", code, *map(str, arguments)]


def run(gate, patience_s):
    """The command line, in a process of its own."""
    database.RECONNECT_WITHIN_S = patience_s
    screening.work = partial(work_behind_a_gate, gate)
    cli.main()
