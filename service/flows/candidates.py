"""Which units are worth comparing: those that share words, lie near each other in meaning, or are equal but for typography.

A pair is proposed or not by its two units alone, never by what else is held or came first. Judges nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from service.domain.crowds import filling, is_compared_by_meaning, is_row
from service.domain.matching import shingles
from service.domain.retelling import LIKENESS
from service.domain.units import Unit
from service.ports import VectorIndex

_COSINE = LIKENESS
"""Least cosine at which two units are compared without any words in common."""
_SHARED_SHINGLES = 2
_SHARED_SHINGLE_PART = 0.1

_Gram = tuple[str, ...]


class Candidates:
    """One thread uses it, but `nearest` and `is_complete` may be asked from any."""

    def __init__(self, index: VectorIndex) -> None:
        self._index = index
        self._held: dict[int, Unit] = {}
        self._sizes: dict[str, int] = {}
        # Rows apart from the others: they are never compared with each other by the form that they share.
        self._postings: dict[_Gram, set[str]] = defaultdict(set)
        self._row_postings: dict[_Gram, set[str]] = defaultdict(set)
        self._rows_filled: dict[str, set[str]] = defaultdict(set)
        self._equal: dict[tuple[str, ...], set[str]] = defaultdict(set)

    @property
    def is_complete(self) -> bool:
        """Whether the index holds exactly as many vectors as there are units."""
        return len(self._index) == len(self._held)

    def open(self, units: Iterable[Unit]) -> None:
        """Fill it when it is empty."""
        for unit in units:
            self._hold(unit)
        self._index.open(lambda: ((number, unit.vector.astype(np.float16)) for number, unit in self._held.items()))

    def add(self, units: Sequence[Unit]) -> None:
        for unit in units:
            self._hold(unit)
        if units:
            self._index.add([_number(unit.key) for unit in units], np.stack([unit.vector for unit in units]))

    def remove(self, unit: Unit) -> None:
        number = _number(unit.key)
        del self._held[number], self._sizes[unit.key]
        postings = self._row_postings if is_row(unit.key) else self._postings
        for gram in shingles(unit.tokens.words):
            _leave(postings, gram, unit.key)
        if filled := filling(unit.key):
            _leave(self._rows_filled, filled, unit.key)
        _leave(self._equal, unit.tokens.words, unit.key)
        self._index.remove([number])

    def save(self) -> None:
        """Keep the index for the next start, as far as it can be kept."""
        self._index.save()

    def of(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, set[str]]]:
        """For each unit the keys of those held to compare it with."""
        by_meaning = self._near([unit for unit in units if is_compared_by_meaning(unit.key)])
        for unit in units:
            found = self._sharing_words(unit) | self._equal[unit.tokens.words] | by_meaning.get(unit.key, set())
            if filled := filling(unit.key):
                found |= self._rows_filled[filled]
            found.discard(unit.key)
            yield unit, found

    def nearest(self, query: npt.NDArray[np.float32], count: int) -> list[tuple[str, float]]:
        """The keys of the units nearest to a vector (shape (1, dimension)), with their cosines, best first. A unit that goes
        meanwhile is left out.
        """
        found = self._index.nearest(query, count)
        return [(unit.key, cosine) for number, cosine in found if (unit := self._held.get(number)) is not None]

    def _hold(self, unit: Unit) -> None:
        grams = shingles(unit.tokens.words)
        self._held[_number(unit.key)] = unit
        self._sizes[unit.key] = len(grams)
        postings = self._row_postings if is_row(unit.key) else self._postings
        for gram in grams:
            postings[gram].add(unit.key)
        if filled := filling(unit.key):
            self._rows_filled[filled].add(unit.key)
        self._equal[unit.tokens.words].add(unit.key)

    def _near(self, units: Sequence[Unit]) -> dict[str, set[str]]:
        if not units:
            return {}
        found = self._index.within(np.stack([unit.vector for unit in units]), _COSINE)
        return {
            unit.key: {key for number, _ in row if is_compared_by_meaning(key := self._held[number].key)}
            for unit, row in zip(units, found, strict=True)
        }

    def _sharing_words(self, unit: Unit) -> set[str]:
        grams = shingles(unit.tokens.words)
        counts: Counter[str] = Counter()
        for gram in grams:
            counts.update(self._postings.get(gram, ()))
            if not is_row(unit.key):
                counts.update(self._row_postings.get(gram, ()))
        return {
            other
            for other, count in counts.items()
            if count >= _SHARED_SHINGLES and count >= _SHARED_SHINGLE_PART * min(len(grams), self._sizes[other])
        }


def _leave(groups: dict[Any, set[str]], name: object, key: str) -> None:
    groups[name].discard(key)
    if not groups[name]:
        del groups[name]


def _number(unit_key: str) -> int:
    """A unit's name in the vector index: the first 60 bits of its key, the same after every restart."""
    return int(unit_key[:15], 16)
