"""Shared by all tests: the GPU mark, fixed seeds for hypothesis, and a clean ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from geodesic_kit import claims

# Derandomised, so that a run fails or passes by the code alone; no deadline, since the two cores are shared.
settings.register_profile("kit", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("kit")


def _has_gpu() -> bool:
    try:
        import cupy
    except ImportError:
        return False
    try:
        return bool(cupy.cuda.is_available())
    except (RuntimeError, OSError):
        return False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked and not _has_gpu():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="no CUDA GPU with cupy here"))


@pytest.fixture
def ledger() -> Iterator[None]:
    """An empty ledger before and after."""
    claims.reset()
    yield
    claims.reset()
