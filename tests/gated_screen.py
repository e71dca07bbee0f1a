"""``echemscreen``, but a molecule named ``gate`` waits until ``$GATE/open`` is there.

Whatever the speed of the machine, a screen with that molecule is in the middle until then. The process
that holds it writes its number into ``$GATE/holder``.
"""

import os
import time
from functools import partial
from pathlib import Path


def work_behind_a_gate(gate, plan, *arguments):
    from echemscreen.screening.workers import work  # noqa: PLC0415 - in the worker

    if plan.molecule.name == "gate":
        (gate / "holder.part").write_text(str(os.getpid()))
        (gate / "holder.part").replace(gate / "holder")
        while not (gate / "open").exists():
            time.sleep(0.05)
    return work.work(plan, *arguments)


if __name__ == "__main__":
    import gated_screen

    from echemscreen import cli
    from echemscreen.screening import screen

    # A worker knows it by this name.
    screen.work = partial(gated_screen.work_behind_a_gate, Path(os.environ["GATE"]))
    cli.main()
