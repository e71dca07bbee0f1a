"""Workers on many machines: the executor of a Dask scheduler that runs already.

The scheduler gives the work of a lost worker to another one and gives up on a molecule that took
too many workers with it (its setting ``distributed.scheduler.allowed-failures``). A scheduler that
was started again at the same address is found again; what was in flight there is submitted anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from importlib.metadata import version
from typing import Any, ParamSpec, TypeVar

from echemscreen.errors import ClusterError, MissingPackageError
from echemscreen.screening.workers.executors import Workers

CONNECT_WITHIN_S = 10.0
#: A scheduler that went away in mid-run may take this long to come back.
RECONNECT_WITHIN_S = 120.0
_COUNT_EVERY_S = 2.0
#: Loggers of which Dask sets each by itself.
_TALKATIVE = ("distributed", "distributed.client", "tornado", "tornado.application")

P = ParamSpec("P")
T = TypeVar("T")


class SchedulerGoneError(BrokenExecutor):
    """A scheduler went away with all that it held, of which nothing is to blame."""


class ClusterExecutor(Executor):
    """An executor of ``concurrent.futures`` on a Dask client."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - a distributed.Client
        self._client = client
        self._executor = client.get_executor(pure=False)
        self._counted = 0.0
        self._workers = 1

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Schedule a call.

        Raises
        ------
        SchedulerGoneError
        """
        if self._client.status == "closed":
            raise SchedulerGoneError("The client has given up.")
        try:
            future: Future[T] = self._executor.submit(fn, *args, **kwargs)
        except (OSError, RuntimeError) as error:
            raise SchedulerGoneError(str(error)) from error
        return future

    def capacity(self) -> int:
        """Threads of all workers; at least one, since workers may come later."""
        now = time.monotonic()
        if now - self._counted > _COUNT_EVERY_S:
            self._counted = now
            # A client that has given up has no scheduler to ask.
            with suppress(OSError, RuntimeError, TimeoutError, AttributeError):
                self._workers = max(1, sum(self._client.nthreads().values()))
        return self._workers

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the scheduler; what is in flight there is forgotten unless it is waited for."""
        with suppress(OSError, RuntimeError, TimeoutError):
            if wait and not cancel_futures:
                self._executor.shutdown(wait=True)
            self._client.close(timeout=CONNECT_WITHIN_S)


class Cluster(Workers):
    """Makes executors of one scheduler: the first at once or never, later ones with patience."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._met = False
        self._executor: ClusterExecutor | None = None

    def __call__(self) -> ClusterExecutor:
        """Connect.

        Raises
        ------
        ClusterError
            if there is no scheduler, or its workers cannot run this package.
        """
        client = self._client()
        self._executor = ClusterExecutor(client)
        if not self._met:
            self._met = True
            self._check_workers(client)
        return self._executor

    def capacity(self) -> int:
        """Threads of all workers of the scheduler, as they come and go."""
        return 1 if self._executor is None else self._executor.capacity()

    def _client(self) -> Any:  # noqa: ANN401
        try:
            import dask  # noqa: PLC0415 - an extra, loaded when it is asked for

            # Its own log tells of every lost connection, with tracebacks; ours is one sentence.
            dask.config.set({"logging": dict.fromkeys(_TALKATIVE, "critical")})
            from distributed import Client  # noqa: PLC0415
        except ImportError as error:
            raise MissingPackageError(
                f"--dask needs the package '{error.name}', which is not installed.",
                "Install it: pip install 'echemscreen[dask]'.",
            ) from error
        deadline = time.monotonic() + (RECONNECT_WITHIN_S if self._met else 0.0)
        while True:
            try:
                return Client(self._address, timeout=CONNECT_WITHIN_S, set_as_default=False)
            except (OSError, TimeoutError, ValueError, TypeError, ImportError) as error:
                if time.monotonic() > deadline:
                    words = " ".join(str(error).split()).rstrip(".") or type(error).__name__
                    raise ClusterError(
                        f"No Dask scheduler answers at '{self._address}': {words}.",
                        "Start one (see workflows/), or correct --dask; what is stored is kept.",
                    ) from error
                time.sleep(1.0)

    def _check_workers(self, client: Any) -> None:  # noqa: ANN401
        """Refuse workers with another echemscreen: their numbers would be stored under our keys."""
        try:
            found = set(client.run(_version).values())
        except (OSError, TimeoutError, ImportError, AttributeError, RuntimeError) as error:
            client.close()
            raise ClusterError(
                f"The workers of '{self._address}' cannot run echemscreen: {type(error).__name__}: {error}.",
                "Install the same echemscreen on every worker.",
            ) from error
        if found - {_version()}:
            client.close()
            raise ClusterError(
                f"The workers of '{self._address}' have echemscreen {', '.join(sorted(found))}, "
                f"this is {_version()}.",
                "Install the same version everywhere.",
            )


def _version() -> str:
    return version("echemscreen")


def killed_workers(error: BaseException | None) -> bool:
    """Whether a scheduler gave up on a call because its workers died."""
    return type(error).__name__ == "KilledWorker" and type(error).__module__.startswith("distributed")
