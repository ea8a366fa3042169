"""What all shards of a piece of work share, packed so that a worker opens it within a shard.

A worker that cannot read what it is sent, a solver of a module that it has not, closes without a word;
opened within a shard, the error comes back. Arrays travel beside the rest, without a copy.
"""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Parcel"]


class Parcel:
    """Something packed; a worker opens it once, for all of its shards."""

    def __init__(self, head: bytes, arrays: list[NDArray[np.uint8]]) -> None:
        self._head, self._arrays = head, arrays

    @classmethod
    def of(cls, content: Any) -> Parcel:
        """Raises what `content` raises when it is pickled."""
        import cloudpickle

        buffers: list[pickle.PickleBuffer] = []
        head = cloudpickle.dumps(content, protocol=5, buffer_callback=buffers.append)
        return cls(head, [np.frombuffer(buffer.raw(), dtype=np.uint8) for buffer in buffers])

    def __reduce__(self) -> Any:
        return Parcel, (self._head, self._arrays)

    def __sizeof__(self) -> int:
        """Its bytes, which Dask's scheduler reckons with."""
        return len(self._head) + sum(array.nbytes for array in self._arrays)

    def opened(self) -> Any:
        """The content."""
        if not hasattr(self, "_content"):
            # Whoever can send a worker this can make it run anything: that is what Dask's workers are for.
            self._content = pickle.loads(self._head, buffers=self._arrays)  # noqa: S301
        return self._content
