"""Every vector in one matrix: the index for small stores and the oracle for the other one.

Owns how a cosine is computed when a bound decides, so that every index gives the same answer for the same vectors.
Persists nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from service.ports import Matrix

# Matrix products differ in the last bits with the shape of the batch; whoever is this near a bound is computed again.
ROUNDING = 1e-5
_QUERIES_AT_ONCE = 256
_SPARE = 16


def prepared(vectors: Matrix, dimension: int) -> Matrix:
    """Rounded to float16, as the store keeps them, then of length 1: an answer is the same before and after a restart.

    Raises ValueError for another shape than (n, dimension) and for numbers that are none.
    """
    matrix = np.asarray(vectors)
    if matrix.ndim != 2 or matrix.shape[1] != dimension:
        raise ValueError(f"vectors of shape {matrix.shape}, wanted (n, {dimension})")
    rounded = matrix.astype(np.float16).astype(np.float32)
    if not np.isfinite(rounded).all():
        raise ValueError("a vector holds numbers that are none")
    lengths = np.linalg.norm(rounded.astype(np.float64), axis=1, keepdims=True)
    return (rounded / np.where(lengths == 0.0, 1.0, lengths)).astype(np.float32)


def exact_cosines(query: npt.NDArray[np.float32], vectors: Matrix) -> npt.NDArray[np.float64]:
    """Row by row in float64, so that the result depends on the two vectors alone."""
    products = vectors.astype(np.float64) * query.astype(np.float64)
    cosines: npt.NDArray[np.float64] = np.add.reduce(products, axis=1)
    return cosines


def ranked(keys: npt.NDArray[np.int64], cosines: npt.NDArray[np.float64], minimum: float) -> list[tuple[int, float]]:
    """Those at or above `minimum`, best first, equal ones by key."""
    order = np.lexsort((keys, -cosines))
    return [(int(keys[at]), float(cosines[at])) for at in order if cosines[at] >= minimum]


class ExactIndex:
    """Implements `service.ports.VectorIndex` by comparing with everything. May be used by several threads."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._matrix = np.zeros((1024, dimension), dtype=np.float32)
        self._keys = np.zeros(1024, dtype=np.int64)
        self._rows: dict[int, int] = {}
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: int) -> bool:
        return key in self._rows

    def keys(self) -> list[int]:
        with self._lock:
            return list(self._rows)

    def add(self, keys: Sequence[int], vectors: Matrix) -> None:
        """A key that is there already gets the new vector."""
        matrix = prepared(vectors, self._dimension)
        if len(keys) != len(matrix):
            raise ValueError(f"{len(keys)} keys for {len(matrix)} vectors")
        with self._lock:
            self._reserve(len(self._rows) + len(keys))
            for key, vector in zip(keys, matrix, strict=True):
                row = self._rows.setdefault(int(key), len(self._rows))
                self._matrix[row] = vector
                self._keys[row] = key

    def remove(self, keys: Sequence[int]) -> None:
        """A key that is not there is no error."""
        with self._lock:
            for key in keys:
                row = self._rows.pop(int(key), None)
                if row is None:
                    continue
                last = len(self._rows)
                if row != last:
                    self._matrix[row] = self._matrix[last]
                    self._keys[row] = self._keys[last]
                    self._rows[int(self._keys[row])] = row

    def within(self, queries: Matrix, minimum: float) -> list[list[tuple[int, float]]]:
        prepared_queries = prepared(queries, self._dimension)
        found: list[list[tuple[int, float]]] = []
        with self._lock:
            size = len(self._rows)
            for start in range(0, len(prepared_queries), _QUERIES_AT_ONCE):
                some = prepared_queries[start : start + _QUERIES_AT_ONCE]
                rough = some @ self._matrix[:size].T
                for query, cosines in zip(some, rough, strict=True):
                    rows = np.flatnonzero(cosines >= minimum - ROUNDING)
                    found.append(ranked(self._keys[rows], exact_cosines(query, self._matrix[rows]), minimum))
        return found

    def nearest(self, query: Matrix, count: int) -> list[tuple[int, float]]:
        (wanted,) = prepared(query, self._dimension)
        with self._lock:
            size = len(self._rows)
            if not size or count < 1:
                return []
            rough = self._matrix[:size] @ wanted
            # Some more than asked for, because the rough cosines of neighbours may change places.
            kept = min(size, count + _SPARE)
            rows = np.argpartition(rough, size - kept)[size - kept :]
            return ranked(self._keys[rows], exact_cosines(wanted, self._matrix[rows]), -2.0)[:count]

    def vectors_of(self, keys: Sequence[int]) -> Matrix:
        """Shape (len(keys), dimension). Raises KeyError for one that is not there."""
        with self._lock:
            return self._matrix[[self._rows[key] for key in keys]]

    def _reserve(self, size: int) -> None:
        if size > len(self._keys):
            room = max(size, 2 * len(self._keys))
            matrix = np.zeros((room, self._dimension), dtype=np.float32)
            keys = np.zeros(room, dtype=np.int64)
            count = len(self._rows)
            matrix[:count], keys[:count] = self._matrix[:count], self._keys[:count]
            self._matrix, self._keys = matrix, keys
