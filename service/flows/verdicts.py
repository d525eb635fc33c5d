"""The units held and what was judged of their pairs: every verdict is made once, for all articles that hold the two units.

A cache of functions of two texts. Knows nothing of articles, writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

import numpy as np
import numpy.typing as npt

from service.domain.forms import Filled, Filling, filled, filling, filling_by_words, telling, telling_of_both
from service.domain.matches import quotes_whole
from service.domain.matching import MISPRINTS, Weights, judge
from service.domain.misprints import mended
from service.domain.models import RETOLD_KINDS, UnitPair, UnitPairKind
from service.domain.units import Unit, prepare
from service.flows.candidates import Candidates
from service.ports import VectorIndex

_FORMS_KEPT = 100_000
_FILLED_KEPT = 2_000

Ranges = list[tuple[int, int]]
Covered = tuple[Ranges, Ranges, float, float]
"""Character ranges that two units share, within each, and the part of each one's words that stands in the other."""
NewUnit = tuple[str, str, npt.NDArray[np.float16] | None]
"""Key, text, vector of shape (dimension,)."""


class Verdicts:
    """One thread uses it; what may be asked from others says so."""

    def __init__(self, weights: Weights, index: VectorIndex) -> None:
        self._weights = weights
        self._candidates = Candidates(index)
        self.units: dict[str, Unit] = {}
        self.pairs: dict[tuple[str, str], UnitPair] = {}
        self.partners: dict[str, set[str]] = defaultdict(set)
        # One retelling decides nothing, and one likeness less, so they are kept apart from what is asked at every step.
        self._retold: dict[str, set[str]] = defaultdict(set)
        self._like: dict[str, set[str]] = defaultdict(set)
        self._ranges: dict[tuple[str, str], tuple[Ranges, Ranges]] = {}
        self._fillings: dict[tuple[str, str], Filling] = {}
        self._filled: dict[tuple[str, tuple[str, ...]], Filled] = {}
        self._read_alike: dict[tuple[str, str], AbstractSet[str]] = {}

    @property
    def is_indexed(self) -> bool:
        """May be asked from any thread."""
        return self._candidates.is_complete

    def load(self, units: Iterable[NewUnit], pairs: Iterable[UnitPair]) -> None:
        """Fill it when it is empty, without judging. Pairs of units that are not there are left out."""
        for unit in units:
            self._prepare(unit)
        self._candidates.open(self.units.values())
        for pair in pairs:
            if pair.a in self.units and pair.b in self.units:
                self._keep(pair)

    def add(self, units: Iterable[NewUnit]) -> list[UnitPair]:
        """Hold units that are not held yet; the verdicts on every pair of one of them with another worth comparing."""
        fresh = [self._prepare(unit) for unit in units]
        self._candidates.add(fresh)
        found: list[UnitPair] = []
        done: set[tuple[str, str]] = set()
        for unit, others in self._candidates.of(fresh):
            for other in sorted(others):
                pair = (min(unit.key, other), max(unit.key, other))
                if pair not in done:
                    done.add(pair)
                    verdict = judge(unit, self.units[other], self._weights)
                    if verdict is not None:
                        found.append(verdict)
        for one in found:
            self._keep(one)
        return found

    def drop(self, key: str) -> None:
        self._candidates.remove(self.units.pop(key))
        for kept in (self.partners, self._retold, self._like):
            for other in kept.pop(key, set()):
                kept[other].discard(key)
                pair = (min(key, other), max(key, other))
                self.pairs.pop(pair, None)
                self._ranges.pop(pair, None)

    def alike(self, key: str) -> set[str]:
        """The unit itself and those with which it was matched, retellings and likenesses aside."""
        return {key, *self.partners.get(key, ())}

    def partners_of(self, key: str) -> AbstractSet[str]:
        return self.partners.get(key, frozenset())

    def retold_of(self, key: str) -> AbstractSet[str]:
        """Those that may be this one retold, and this one of them: retellings and likenesses."""
        return self._retold.get(key, frozenset()) | self._like.get(key, frozenset())

    def pairs_of(self, key: str) -> list[UnitPair]:
        return [self.pairs[min(key, other), max(key, other)] for other in self.partners_of(key)]

    def told_pairs_of(self, key: str) -> list[UnitPair]:
        """All that is said of a unit, retellings and likenesses too."""
        return [self.pairs[min(key, other), max(key, other)] for other in sorted(self.told_partners_of(key))]

    def told_alike(self, key: str) -> set[str]:
        """The unit itself and all with which it was matched, retellings and likenesses too."""
        return {key, *self.told_partners_of(key)}

    def told_partners_of(self, key: str) -> AbstractSet[str]:
        return self.partners_of(key) | self.retold_of(key)

    def kind(self, mine: str, other: str) -> UnitPairKind:
        """Of a pair that was judged."""
        return self.pairs[min(mine, other), max(mine, other)].kind

    def is_quotation(self, mine: str, other: str) -> bool:
        if mine == other:
            return self.units[mine].is_quotation
        return self.pairs[min(mine, other), max(mine, other)].kind == "quotation"

    def covered(self, mine: str, other: str, length: int) -> Covered | None:
        """What two units share that are alike, or of which one retells the other; None where that is part of a quotation.
        `length`: characters of `mine` where it stands.
        """
        if mine == other:
            return [(0, length)], [(0, length)], 1.0, 1.0
        a, b = min(mine, other), max(mine, other)
        pair = self.pairs[a, b]
        if pair.kind == "quotation" and not quotes_whole(pair):
            return None
        if (a, b) not in self._ranges:
            ta, tb = self.units[a].tokens, self.units[b].tokens
            self._ranges[a, b] = (
                [(ta.starts[s[0]], ta.ends[s[1] - 1] + 1) for s in pair.spans],
                [(tb.starts[s[2]], tb.ends[s[3] - 1] + 1) for s in pair.spans],
            )
        ranges = self._ranges[a, b]
        if mine == a:
            return ranges[0], ranges[1], pair.overlap_a, pair.overlap_b
        return ranges[1], ranges[0], pair.overlap_b, pair.overlap_a

    def telling(self, mine: str, other: str) -> AbstractSet[str]:
        """The words that two units that are alike share, names aside; of a retelling the words of one, of bad prints all words
        that both have as they are read.
        """
        if mine == other:
            return telling(self.units[mine])
        a, b = min(mine, other), max(mine, other)
        if self.pairs[a, b].kind in RETOLD_KINDS:
            # In other words the same is said: as much as the one who says less does.
            return min(telling(self.units[a]), telling(self.units[b]), key=len)
        if MISPRINTS in self.pairs[a, b].features:
            if (a, b) not in self._read_alike:
                if len(self._read_alike) >= _FORMS_KEPT:
                    self._read_alike.clear()
                one, two = self._as_read((a, b))
                self._read_alike[a, b] = telling_of_both(one, two, [(0, len(one.tokens))])
            return self._read_alike[a, b]
        return telling_of_both(self.units[a], self.units[b], self.pairs[a, b].spans)

    def has_exchanged_figure(self, mine: str, other: str) -> bool:
        """Whether in two units that are alike one figure stands in the place of another."""
        return mine != other and self.pairs[min(mine, other), max(mine, other)].features.get("figures_differ", 0.0) > 0.0

    def filling(self, mine: str, other: str) -> Filling:
        """What two different units fill otherwise, where they are one form."""
        pair = (min(mine, other), max(mine, other))
        if pair not in self._fillings:
            if len(self._fillings) >= _FORMS_KEPT:
                self._fillings.clear()
            self._fillings[pair] = filling(*self._as_read(pair))
        return self._fillings[pair]

    def _as_read(self, pair: tuple[str, str]) -> tuple[Unit, Unit]:
        """The two units as they were judged: without their misprints where they were matched so."""
        a, b = self.units[pair[0]], self.units[pair[1]]
        found = self.pairs.get(pair)
        read = mended(a, b) if found is not None and MISPRINTS in found.features else None
        return (read.a, read.b) if read else (a, b)

    def filling_by_words(self, mine: str, other: str) -> Filling:
        return filling_by_words(*self._as_read((min(mine, other), max(mine, other))))

    def filled(self, title: str, keys: tuple[str, ...]) -> Filled:
        """What an article with this title and these units fills in. It is compared with many others."""
        article = (title, keys)
        if article not in self._filled:
            if len(self._filled) >= _FILLED_KEPT:
                self._filled.clear()
            self._filled[article] = filled(title, [self.units[key] for key in keys])
        return self._filled[article]

    def vector(self, key: str) -> npt.NDArray[np.float16] | None:
        """The stored vector of a unit held (shape (dimension,)), or None. May be asked from any thread."""
        unit = self.units.get(key)
        return unit.vector.astype(np.float16) if unit is not None else None

    def nearest(self, query: npt.NDArray[np.float16], count: int) -> list[tuple[str, float]]:
        """The keys of the units nearest to a vector (shape (dimension,)), with their cosines, best first. May be asked from any
        thread.
        """
        return self._candidates.nearest(query.astype(np.float32)[np.newaxis, :], count)

    def save(self) -> None:
        """Keep what is slow to make for the next start, as far as it can be kept."""
        self._candidates.save()

    def _prepare(self, unit: NewUnit) -> Unit:
        key, text, vector = unit
        if vector is None:
            raise ValueError("a unit without a vector cannot be compared")
        found = self.units[key] = prepare(key, text, vector.astype(np.float32))
        return found

    def _keep(self, pair: UnitPair) -> None:
        self.pairs[pair.a, pair.b] = pair
        kept = {"retelling": self._retold, "likeness": self._like}.get(pair.kind, self.partners)
        kept[pair.a].add(pair.b)
        kept[pair.b].add(pair.a)
