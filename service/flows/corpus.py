"""The working memory of the pipeline: the articles held, who shares how much with whom, and the partitions that follow.

A cache: everything in it is a function of the set of articles held and is rebuilt from the store at start. One thread uses
it. It never writes to the store and never reads a clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from service.domain.changes import Constraint
from service.domain.matches import ArticleMatch, article_matches, match_articles, unit_text
from service.domain.matching import Weights
from service.domain.models import Article, Touch, UnitPair
from service.domain.provenance_evidence import AGENCY_KINDS
from service.domain.registry import Registry
from service.domain.reports import Shares
from service.flows.entries import Entry, entry_of, is_in_window, without_boilerplate
from service.flows.event_chances import EventChances
from service.flows.partitions import Change, Partitions
from service.flows.recurring import Moved, Recurring
from service.flows.recurring_forms import RecurringForms
from service.flows.sharing import shares_of, unexplained
from service.flows.verdicts import Verdicts
from service.ports import VectorIndex
from service.store_values import UnitRow

__all__ = ["Change", "Corpus", "Entry"]

_ALONE = 2
"""Articles that share a reading which nobody else has: evidence between these two."""


class Corpus:
    def __init__(
        self,
        weights: Weights,
        registry: Registry,
        unit_index: VectorIndex,
        report_index: VectorIndex,
        window: timedelta,
        dimension: int,
    ) -> None:
        self._registry = registry
        self._agencies: dict[tuple[str, str], bool] = {}
        self.weights = weights
        self._window = window
        self._dimension = dimension
        self.verdicts = Verdicts(weights, unit_index)
        self._holders: dict[str, set[str]] = {}
        self.sightings: Counter[int] = Counter()
        self._readers: dict[int, set[str]] = defaultdict(set)
        self._stirred: set[str] = set()
        self.shared: dict[str, dict[str, Shares]] = {}
        self.chances = EventChances(weights, self.shared, self.verdicts, dimension)
        self._whole: dict[str, Entry] = {}
        """With all that each page shows for body; `entries` are without what was learned to be boilerplate."""
        self.entries: dict[str, Entry] = {}
        self._recurring = Recurring(self._whole, self._holders, self.verdicts, self.chances.by_units, self._is_agency)
        self._recurring_forms = RecurringForms(self.shared)
        self._recast: set[str] = set()
        self.key_of: dict[str, str] = {}
        self.partitions = Partitions(self.entries, self.shared, self.chances.of, report_index, weights.story_threshold, window)

    @property
    def version(self) -> str:
        """Of the verdicts: what was judged by other weights is not mixed with what is judged now."""
        return self.weights.version

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def story_count(self) -> int:
        return len(self.partitions.story_graph.stories)

    @property
    def is_indexed(self) -> bool:
        """Whether the index holds exactly as many vectors as there are units. May be asked from any thread."""
        return self.verdicts.is_indexed

    # ---- taking articles in and out --------------------------------------------------------------------------------

    def load(self, rows: Iterable[UnitRow], pairs: Iterable[UnitPair], articles: Sequence[Article]) -> None:
        """Fill an empty corpus from the store without judging any pair again. `rows` have vectors."""
        vectors = {row.key: row.vector for row in rows}
        texts = {unit.key: unit_text(article, unit) for article in reversed(articles) for unit in reversed(article.units)}
        self.verdicts.load(((key, text, vectors[key]) for key, text in texts.items()), pairs)
        self._hold(texts)
        keys = [self._enter(article) for article in articles]
        self._recurring.learn([self._recurring.moving(self._whole[key]) for key in keys])
        for key in keys:
            self._settle_body(key)
        for key in keys:
            self._link(key)
        self.recompute(set(keys))

    def add(self, article: Article, vectors: Mapping[str, npt.NDArray[np.float16]]) -> list[UnitPair]:
        """Take an article in; returns the verdicts that are new. `vectors` holds every unit of it by key."""
        texts = {unit.key: unit_text(article, unit) for unit in article.units if unit.key not in self._holders}
        found = self.verdicts.add([(key, text, vectors[key]) for key, text in texts.items()])
        self._hold(texts)
        key = self._enter(article)
        self._relearn(self._recurring.moving(self._whole[key]))
        return found

    def remove(self, article_id: str) -> set[str]:
        """Take an article out; returns the keys whose clusters have to be recomputed."""
        key = self.key_of.pop(article_id)
        entry = self._whole.pop(key)
        moved = self._recurring.moving(entry)
        del self.entries[key]
        self._see(entry, is_new=False)
        touched = self._unlink(key)
        del self.shared[key]
        self._recast.discard(key)
        for held in {unit.key for unit in entry.article.units}:
            self._holders[held].discard(key)
            if not self._holders[held]:
                del self._holders[held]
                self.verdicts.drop(held)
                self._recurring.drop(held)
        touched |= self.partitions.leave(key)
        self._relearn(moved)
        return touched & self.entries.keys()

    def _see(self, entry: Entry, *, is_new: bool) -> None:
        """Count what stands beside the copy. What two articles alone hold is evidence between them, so those who gain or lose it
        are looked at again, wherever they are.
        """
        for reading in entry.readings:
            readers = self._readers[reading]
            if is_new and len(readers) == _ALONE:
                self._stirred |= readers
            (readers.add if is_new else readers.discard)(entry.key)
            if not is_new and len(readers) == _ALONE:
                self._stirred |= readers
            if not readers:
                del self._readers[reading]
        (self.sightings.update if is_new else self.sightings.subtract)(entry.readings)

    def _hold(self, texts: Mapping[str, str]) -> None:
        for key in texts:
            self._holders[key] = set()
        self._recurring.hold(texts)

    def _enter(self, article: Article) -> str:
        """The key of a new article, which is linked with no other yet."""
        entry = entry_of(article, self.verdicts.units, self._dimension)
        if entry.key in self._whole:
            raise ValueError(f"article {article.id} is in the corpus already")
        self._whole[entry.key] = self.entries[entry.key] = entry
        self.shared[entry.key] = {}
        self._see(entry, is_new=True)
        self.key_of[article.id] = entry.key
        for unit in article.units:
            self._holders[unit.key].add(entry.key)
        return entry.key

    def _relearn(self, moved: Moved) -> None:
        """After an article came or went: what is boilerplate now, and who shares what without it."""
        recast = self._recurring.learn([moved])
        for key in recast:
            self._stirred |= self._unlink(key) | {key}
            self._settle_body(key)
        came = {moved.entry.key} & self._whole.keys()
        for key in recast | came:
            self._link(key)
            self._stirred |= self.shared[key].keys() if key in recast else set()
        self._recast |= recast

    def _settle_body(self, key: str) -> None:
        boilerplate = self._recurring.boilerplate(key)
        self.entries[key] = without_boilerplate(self._whole[key], boilerplate, self.verdicts.units, self._dimension)

    def _link(self, key: str) -> None:
        entry, row = self.entries[key], self.shared[key]
        for other in self._neighbours(entry) - row.keys():
            shares = shares_of(entry, self.entries[other], self.verdicts)
            if shares.mine or shares.theirs:
                row[other] = shares
                self.shared[other][key] = shares.reversed()
        self._stirred |= self._recurring_forms.link(key)

    def _unlink(self, key: str) -> set[str]:
        """The articles with which it shared anything."""
        self._stirred |= self._recurring_forms.unlink(key)
        others = set(self.shared[key])
        for other in others:
            del self.shared[other][key]
        self.shared[key] = {}
        return others

    # ---- who shares what ---------------------------------------------------------------------------------------------

    def _neighbours(self, entry: Entry) -> set[str]:
        """Articles in the window that hold a unit equal to, or matched with, a body unit of this one."""
        found: set[str] = set()
        for unit in entry.units:
            for key in self.verdicts.told_alike(unit.key):
                found |= self._holders.get(key, frozenset())
        found.discard(entry.key)
        return {key for key in found if is_in_window(entry, self.entries[key], self._window)}

    def unexplained(self, key: str, sources: frozenset[str]) -> float:
        """Part of an article's body characters in units of which next to nothing stands in any of the sources."""
        entry = self.entries[key]
        retold = {other for other, shares in self.shared[key].items() if shares.is_retold and other in sources}
        return unexplained(entry, sources, retold, self._holders, self.verdicts)

    def match(self, key: str, other: str) -> ArticleMatch | None:
        """What two articles share, with the places."""
        mine, theirs = self.entries[key], self.entries[other]
        shares = self.shared[key].get(other)
        known = self.verdicts.told_partners_of if shares is not None and shares.is_retold else self.verdicts.partners_of
        partners = {unit.key: known(unit.key) for unit in mine.article.units}
        return match_articles(mine.article, theirs.article, self.verdicts.pairs, partners)

    def matches_of(self, key: str) -> tuple[ArticleMatch, ...]:
        """All that an article of the window shares with others, as it is shown: with retellings."""
        entry = self.entries[key]
        units = {unit.key for unit in entry.units}
        pairs = {(pair.a, pair.b): pair for unit in units for pair in self.verdicts.told_pairs_of(unit)}
        holders = {held for unit in units.union(*pairs) for held in self._holders.get(unit, frozenset())} - {key}
        others = [self.entries[held] for held in holders if is_in_window(entry, self.entries[held], self._window)]
        return article_matches(entry.article, {other.article.id: other.article for other in others}, pairs.values())

    # ---- partitions --------------------------------------------------------------------------------------------------

    def recompute(self, dirty: set[str]) -> Change:
        """Bring reports and stories up to date around the articles named by `dirty`, and say what is in the touched part."""
        dirty = dirty | (self._stirred & self.entries.keys())
        recast, self._stirred, self._recast = self._recast, set(), set()
        return self.partitions.recompute(dirty, recast, self._report_of_article)

    def _is_agency(self, entry: Entry) -> bool:
        content = entry.article.content
        outlet = content.outlet_site, content.outlet_name
        if outlet not in self._agencies:
            self._agencies[outlet] = self._registry.outlet(*outlet).kind in AGENCY_KINDS
        return self._agencies[outlet]

    def _report_of_article(self, article_id: str) -> str | None:
        return self.partitions.report_of.get(self.key_of.get(article_id, ""))

    def constrain(self, constraints: Sequence[Constraint]) -> None:
        """Keep an editor's word, all of it, from the next recomputation on."""
        self.partitions.constrain(constraints)

    # ---- reading -----------------------------------------------------------------------------------------------------

    def save_index(self) -> None:
        """Keep the unit index for the next start, as far as it can be kept."""
        self.verdicts.save()

    def report_members(self, key: str) -> frozenset[str]:
        return self.partitions.reports[self.partitions.report_of[key]]

    def representative_of(self, key: str) -> str:
        return self.partitions.representatives[self.partitions.report_of[key]]

    def boilerplate_of(self, key: str) -> tuple[int, ...]:
        """Indices of the paragraphs of an article that are boilerplate by what the other articles hold."""
        return tuple(sorted(self.entries[key].boilerplate))

    def touches_of(self, key: str) -> tuple[Touch, ...]:
        """The events of a roundup, fullest first; none for any other article."""
        return tuple(Touch(self.entries[other].article.id, share) for other, share in self.partitions.touches(key).items())

    def pairs_of(self, unit_key: str) -> list[UnitPair]:
        return self.verdicts.pairs_of(unit_key)

    def has_unit(self, unit_key: str) -> bool:
        return unit_key in self._holders

    def nearest(self, query: npt.NDArray[np.float16], count: int) -> list[tuple[str, float]]:
        """The keys of the units nearest to a vector (shape (dimension,)), with their cosines, best first. May be asked from any
        thread: a unit that goes meanwhile is left out.
        """
        return self.verdicts.nearest(query, count)

    def vector(self, unit_key: str) -> npt.NDArray[np.float16] | None:
        """The stored vector of a unit held (float16, shape (dimension,)), or None."""
        return self.verdicts.vector(unit_key)
