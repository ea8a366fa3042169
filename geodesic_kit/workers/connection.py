"""A Dask cluster that answers, and whose workers have the very kit and packages that this process has."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..base.extras import needing
from ..base.provenance import code_hash, versions
from ..errors import ClusterError, InvalidParameter, shown

__all__ = ["connected", "difference", "made_with"]

_PATIENCE = 5.0  # seconds that a scheduler has to answer, and a first worker to come
_DECIDES = ("geodesic-kit", "numpy", "scipy", "numba")  # what the bits of a result hang on
# As text: a worker without the kit cannot read a function of the kit that it is sent, and ends over it.
_ASK = "__import__('geodesic_kit.workers.connection', fromlist=['made_with']).made_with()"


def made_with() -> dict[str, str]:
    """What a result of this process hangs on: its Python, the packages' versions, and the kit's code."""
    known = versions()
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python} | {name: known.get(name, "none") for name in _DECIDES} | {"code": code_hash()}


def difference(theirs: dict[str, str]) -> str:
    """What a worker has otherwise than this process, in words; "" where nothing."""
    for name, own in made_with().items():
        if (found := theirs.get(name, "none")) != own:
            kind = "other code of geodesic-kit than this process" if name == "code" else ""
            return kind or f"{name} {found}, and this process {own}"
    return ""


@contextmanager
def connected(client: Any) -> Iterator[Any]:
    """A client of the cluster, closed at the end where an address was given.

    Raises MissingPlugin without Dask, InvalidParameter for what is neither client nor address, and
    ClusterError where no scheduler answers within 5 seconds, no worker is there, or one has another kit.
    """
    with needing("client= needs", "dask"):
        from distributed import Client

    if isinstance(client, Client):
        if client.asynchronous:
            raise InvalidParameter("client= is asynchronous: give one made without asynchronous=True")
        if client.status != "running":
            raise ClusterError(f"client= is {client.status}: open a new one, or give the scheduler's address")
        _check_workers(client)
        yield client
        return
    if not isinstance(client, str) or "://" not in client:
        raise InvalidParameter(
            f"client={shown(client)}: give a dask.distributed.Client, or a scheduler's address such as "
            "'tcp://10.0.0.1:8786'"
        )
    try:
        opened = Client(client, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as err:
        raise ClusterError(
            f"no scheduler answers at {client} within {_PATIENCE:g} s: start one by `dask scheduler`, and "
            "give the address that it prints"
        ) from err
    with opened:
        _check_workers(opened)
        yield opened


def _check_workers(client: Any) -> None:
    """Raises ClusterError where there is no worker, or one that could not give this process's results."""
    address = client.scheduler.address
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as err:
        raise ClusterError(
            f"the scheduler at {address} has no workers: start some by `dask worker {address}`"
        ) from err
    for worker, theirs in client.run(eval, _ASK, on_error="return").items():
        if isinstance(theirs, ImportError):
            raise ClusterError(
                f"the worker {worker} has no geodesic-kit, or an older one ({theirs}): install this one "
                "there, and start the worker again"
            )
        if isinstance(theirs, BaseException):
            raise ClusterError(f"the worker {worker} cannot say what it has: {theirs!r}; start it again")
        if told := difference(theirs):
            raise ClusterError(
                f"the worker {worker} has {told}: results would differ; install the same there, and start "
                "the worker again"
            )
