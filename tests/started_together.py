"""Commands that start together, each in a process of its own, without an engine and without drawings.

``together(commands)`` forks a process for each; they wait for each other before they begin. The rows are
failures that say which list and dot they are of.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from echemscreen import cli
from echemscreen.campaign import screening as _chemistry  # noqa: F401 - loaded once, for all of them
from echemscreen.campaign.outcomes import drawing, reporting
from echemscreen.records.rows import Failure
from echemscreen.screening import screen as screening
from echemscreen.screening.workers import starting
from echemscreen.screening.workers.executors import Pools
from echemscreen.screening.workers.telling import OnDot
from echemscreen.views.tables import table as _views  # noqa: F401 - the same


class OneThread(Pools):
    """Workers without processes."""

    def start(self):
        """Nothing."""

    def __call__(self):
        return ThreadPoolExecutor(1)


def row_at_once(plan, dots, *_):
    molecule = plan.molecule
    time.sleep(0.005)
    failures = [
        Failure(
            name=molecule.name,
            smiles=molecule.smiles,
            stage="forms",
            kind="none",
            message=f"{molecule.name} on {dot.spec}",
            remedy="",
        )
        for dot in dots
    ]
    return tuple(OnDot(results=(failure,)) for failure in failures), {}


def _command(arguments, log, gate):
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{log}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.read(gate, 1)
    sys.argv = ["echemscreen", *arguments]
    cli.main()


def together(commands, log):
    """Exit statuses; what each wrote stands in ``log.N.out`` and ``log.N.err``."""
    screening.work = row_at_once
    starting.workers_of = lambda asked: OneThread(1, asked.engine)
    drawing.draw = reporting.report = lambda *_, **__: None
    gate, opener = os.pipe()
    started = []
    for index, arguments in enumerate(commands):
        pid = os.fork()
        if pid == 0:
            status = 70
            try:
                os.close(opener)
                _command(arguments, f"{log}.{index}", gate)
            except SystemExit as end:
                status = end.code or 0
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        started.append(pid)
    os.close(gate)
    os.close(opener)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in started]


if __name__ == "__main__":
    # The rounds as JSON on standard input, the statuses as JSON on standard output.
    rounds = json.load(sys.stdin)
    told = [together(commands, Path(f"round{index}")) for index, commands in enumerate(rounds)]
    json.dump(told, sys.stdout)
