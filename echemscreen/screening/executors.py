"""Where rows are worked on: executors of ``concurrent.futures``.

Workers run module-level functions, one thread each, ignore Ctrl-C (the parent decides) and end
when their parent is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import Executor, ProcessPoolExecutor

#: Numerical libraries read these when they are loaded; more threads per worker is slower by far
#: (xtb-python issue 115 reports a factor of ten).
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

_PARENT_CHECK_S = 1.0


def process_pool(workers: int) -> Executor:
    """A pool of single-threaded worker processes.

    The processes are spawned, not forked: the parent holds an open database and a progress
    thread, neither of which survives a fork.
    """
    for variable in THREAD_VARIABLES:
        os.environ[variable] = "1"
    return ProcessPoolExecutor(
        max_workers=workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare_worker,
        initargs=(os.getpid(),),
    )


def _prepare_worker(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()


def _end_with_parent(parent: int) -> None:
    # A killed parent closes no pipe that its workers hold open among themselves.
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_S)
    os._exit(1)
