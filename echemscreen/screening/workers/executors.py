"""Where rows are worked on: executors of ``concurrent.futures``.

Workers run module-level functions, one thread each, ignore Ctrl-C (the parent decides) and end
when their parent is gone or stops them. This module loads no chemistry: a pool can start, and load
it, while its parent still does.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from multiprocessing.synchronize import Event
from types import ModuleType, TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from echemscreen.engines import THREAD_VARIABLES

_WATCH_EVERY_S = 0.25
#: What a terminal sends to every process that was started there.
_OF_THE_TERMINAL = tuple(getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name))

P = ParamSpec("P")
T = TypeVar("T")


class WorkerPool(ProcessPoolExecutor):
    """A pool of single-threaded worker processes that can be stopped at once.

    The processes are spawned, not forked: the parent holds an open database and a progress
    thread, neither of which survives a fork.
    """

    def __init__(self, workers: int) -> None:
        for variable in THREAD_VARIABLES:
            os.environ[variable] = "1"
        context = multiprocessing.get_context("spawn")
        # Python watches it with a process of its own, which a closed terminal would end.
        with _interrupts_ignored():
            self._stop: Event = context.Event()
        self._started = False
        self._futures: set[Future[Any]] = set()
        super().__init__(
            max_workers=workers,
            mp_context=context,
            initializer=_prepare_worker,
            initargs=(os.getpid(), self._stop),
        )

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Schedule a call; see :class:`concurrent.futures.Executor`."""
        # The first call starts the processes. They inherit an ignored Ctrl-C, so that it cannot
        # reach them before they are ready.
        with _main_hidden(), nullcontext() if self._started else _interrupts_ignored():
            self._started = True
            future = super().submit(fn, *args, **kwargs)
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)
        return future

    def load(self, engine: str, workers: int) -> None:
        """Start some of the workers and let them load what the first row needs with an engine.

        What goes wrong there goes wrong again, and is told, where a row needs it.
        """
        with _interrupts_ignored():
            for _ in range(workers):
                self.submit(_load, engine)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the pool; with ``cancel_futures`` the workers end now, whatever they are doing."""
        if cancel_futures and self._futures:
            self._stop.set()
        super().shutdown(wait=wait, cancel_futures=cancel_futures)


class Workers(ABC):
    """Makes the executors of a run, one after the other if they break; a context manager."""

    @abstractmethod
    def __call__(self) -> Executor:
        """An executor of its own."""

    @abstractmethod
    def capacity(self) -> int:
        """Molecules that are worked on at a time."""

    def start(self) -> None:  # noqa: B027 - not everything is started
        """Begin to start what is asked for next, if that takes time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(  # noqa: B027 - the same
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what was started and never asked for."""


class Pools(Workers):
    """Makes pools of that many workers; the first can be started before it is asked for.

    Parameters
    ----------
    workers
        Of a pool; one that is not started ahead starts with a row.
    engine
        Loaded by the workers that are started ahead.
    ahead
        How many of them are.
    """

    def __init__(self, workers: int, engine: str, *, ahead: int = 1) -> None:
        self.workers = workers
        self.ahead = ahead
        self._engine = engine
        self._next: WorkerPool | None = None

    def start(self) -> None:
        """Start the pool that is asked for next, if it has not started."""
        if self._next is None:
            self._next = WorkerPool(self.workers)
            self._next.load(self._engine, self.ahead)

    def __call__(self) -> WorkerPool:
        """The pool that was started, or another one."""
        pool, self._next = self._next, None
        return pool or WorkerPool(self.workers)

    def capacity(self) -> int:
        """The workers of a pool."""
        return self.workers

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._next is not None:
            self._next.shutdown(wait=True, cancel_futures=True)
            self._next = None


@contextmanager
def uncollected() -> Iterator[None]:
    """What is loaded in here stays until the process ends, and is never looked at by the collector.

    Modules are garbage once, at the end: to look for it among them takes a fifth of the time to load them,
    and as long again to end.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _load(engine: str) -> None:
    with uncollected():
        from echemscreen.screening.workers.work import load  # noqa: PLC0415 - the parent has no chemistry yet

        load(engine)


@contextmanager
def _main_hidden() -> Iterator[None]:
    """Processes that start in here do not read the user's script again: all that they run is in modules.

    Else a script that calls us without asking for its ``__name__`` would run once in each of them.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers: list[Any] = [signal.signal(number, signal.SIG_IGN) for number in _OF_THE_TERMINAL]
    try:
        yield
    finally:
        for number, handler in zip(_OF_THE_TERMINAL, handlers, strict=True):
            signal.signal(number, handler)


def _prepare_worker(parent: int, stop: Event) -> None:
    for number in _OF_THE_TERMINAL:
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(parent, stop), daemon=True).start()


def _end_with_parent(parent: int, stop: Event) -> None:
    # A killed parent closes no pipe that its workers hold open among themselves.
    while os.getppid() == parent and not stop.is_set():
        time.sleep(_WATCH_EVERY_S)
    os._exit(1)
