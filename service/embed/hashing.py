"""An encoder without a model: signed hashing of character n-grams, for tests and machines that must stay small.

It sees shared spelling, not shared meaning, and says so with its mode. Never changes the output of a given version.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from service.ports import Matrix

_VERSION: Final = 1
_DIMENSION: Final = 384
_SIZES: Final = (3, 4, 5)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


class HashingEncoder:
    """Implements `service.ports.Encoder`; deterministic on every machine, case and spacing do not count."""

    @property
    def space(self) -> str:
        return f"hashing-{_VERSION}-{_DIMENSION}"

    @property
    def dimension(self) -> int:
        return _DIMENSION

    @property
    def mode(self) -> Literal["semantic", "lexical"]:
        return "lexical"

    def encode(self, texts: Sequence[str]) -> Matrix:
        matrix = np.zeros((len(texts), _DIMENSION), dtype=np.float32)
        for row, text in enumerate(texts):
            matrix[row] = _embed(text)
        return matrix


def _embed(text: str) -> npt.NDArray[np.float32]:
    normal = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    points = np.frombuffer(f" {normal} ".encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)
    hashes = [_ngram_hashes(points, size) for size in _SIZES if len(points) >= size]
    sums: npt.NDArray[np.float64] = np.zeros(_DIMENSION)
    if hashes:
        distinct, counts = np.unique(np.concatenate(hashes), return_counts=True)
        # The root keeps a frequent trigram from drowning the rest; the sign makes collisions cancel on average.
        signs = np.where(distinct >> np.uint64(63), 1.0, -1.0)
        sums = np.bincount(distinct % np.uint64(_DIMENSION), weights=signs * np.sqrt(counts), minlength=_DIMENSION).astype(
            np.float64
        )
    length = float(np.sqrt(sums @ sums))
    if length == 0.0:
        sums[0], length = 1.0, 1.0
    return (sums / length).astype(np.float32)


def _ngram_hashes(points: npt.NDArray[np.uint64], size: int) -> npt.NDArray[np.uint64]:
    count = len(points) - size + 1
    mixed = np.full(count, size, dtype=np.uint64)
    for offset in range(size):
        mixed = (mixed ^ points[offset : offset + count]) * _FACTOR
        mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX
    return mixed ^ (mixed >> np.uint64(32))
