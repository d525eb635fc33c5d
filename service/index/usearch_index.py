"""Neighbours from a usearch graph, for stores too large to compare with everything.

The graph only proposes: every cosine handed out is computed from the vectors. One thread at a time is let into the library,
because it loses vectors when several add at once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from usearch.index import Index

from service.index.exact import exact_cosines, prepared, ranked
from service.ports import Matrix

# The graph's own cosine, from float16, is at most 2e-5 off (measured).
_SLACK = 1e-4
_FIRST_NEIGHBOURS = 64
_CONNECTIVITY = 32
_EXPANSION_ADD = 128
_EXPANSION_SEARCH = 128


class UsearchIndex:
    """Implements `service.ports.VectorIndex`. Holds vectors as float16. May be used by several threads, one at a time runs."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._index: Any = Index(
            ndim=dimension,
            metric="cos",
            dtype="f16",
            connectivity=_CONNECTIVITY,
            expansion_add=_EXPANSION_ADD,
            expansion_search=_EXPANSION_SEARCH,
        )
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, key: int) -> bool:
        with self._lock:
            return bool(self._index.contains(int(key)))

    def keys(self) -> list[int]:
        with self._lock:
            return [int(key) for key in np.asarray(self._index.keys)]

    def add(self, keys: Sequence[int], vectors: Matrix) -> None:
        """A key that is there already gets the new vector."""
        matrix = prepared(vectors, self._dimension)
        if len(keys) != len(matrix):
            raise ValueError(f"{len(keys)} keys for {len(matrix)} vectors")
        latest = {int(key): row for row, key in enumerate(keys)}
        if not latest:
            return
        wanted = np.fromiter(latest, dtype=np.uint64, count=len(latest))
        with self._lock:
            self.remove(list(latest))
            self._index.add(wanted, matrix[list(latest.values())], threads=1)

    def remove(self, keys: Sequence[int]) -> None:
        """A key that is not there is no error."""
        with self._lock:
            for key in keys:
                if self._index.contains(int(key)):
                    self._index.remove(int(key), threads=1)

    def within(self, queries: Matrix, minimum: float) -> list[list[tuple[int, float]]]:
        with self._lock:
            return [self._within(query, minimum) for query in prepared(queries, self._dimension)]

    def _within(self, query: Matrix, minimum: float) -> list[tuple[int, float]]:
        """Asks for more and more neighbours until the farthest lies below the bound."""
        count = _FIRST_NEIGHBOURS
        while len(self._index):
            asked = min(count, len(self._index))
            # A search as wide as what it returns is the least that finds them.
            self._index.expansion_search = max(_EXPANSION_SEARCH, 2 * asked)
            matches = self._index.search(query, asked, threads=1)
            distances = np.asarray(matches.distances)
            # Fewer than asked: the graph has nothing more to reach from here.
            if asked == len(self._index) or len(distances) < asked or 1.0 - float(distances[-1]) < minimum - _SLACK:
                near = np.asarray(matches.keys)[1.0 - distances >= minimum - _SLACK]
                if not len(near):
                    return []
                vectors = prepared(np.asarray(self._index.get(near), dtype=np.float32), self._dimension)
                return ranked(near.astype(np.int64), exact_cosines(query, vectors), minimum)
            count *= 4
        return []

    def nearest(self, query: Matrix, count: int) -> list[tuple[int, float]]:
        (wanted,) = prepared(query, self._dimension)
        with self._lock:
            asked = min(count, len(self._index))
            if asked < 1:
                return []
            self._index.expansion_search = max(_EXPANSION_SEARCH, 2 * asked)
            near = np.asarray(self._index.search(wanted, asked, threads=1).keys)
            vectors = prepared(np.asarray(self._index.get(near), dtype=np.float32), self._dimension)
        return ranked(near.astype(np.int64), exact_cosines(wanted, vectors), -2.0)

    def save(self, path: Path) -> None:
        """Overwrites `path` in place: the caller names a temporary file."""
        with self._lock:
            self._index.save(str(path))

    def load(self, path: Path) -> None:
        """Replaces the content. The caller has checked the file: the library loads noise without a word.

        Raises ValueError when it holds vectors of another kind.
        """
        with self._lock:
            try:
                self._index.load(str(path))
            except RuntimeError as error:
                raise ValueError(f"not an index file: {error}") from error
            if self._index.ndim != self._dimension:
                raise ValueError(f"the file holds vectors of {self._index.ndim} numbers, wanted {self._dimension}")
