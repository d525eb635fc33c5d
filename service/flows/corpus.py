"""The working memory of the pipeline: units, verdicts, who shares how much with whom, and the partitions that follow.

A cache: everything in it is a function of the set of articles held and is rebuilt from the store at start. One thread uses
it. It never writes to the store and never reads a clock.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from service.domain.changes import Constraint
from service.domain.clustering import average_linkage, components
from service.domain.constraints import sides_of, unite
from service.domain.evidence import Unit, prepare
from service.domain.matches import (
    ArticleMatch,
    body_characters,
    body_units,
    match_articles,
    quotations_count,
    quotes_whole,
    union_length,
    unit_text,
)
from service.domain.matching import Weights, judge, shingles
from service.domain.models import COPY_KINDS, Article, UnitPair, UnitRef
from service.domain.reports import RAW_THRESHOLD, Shares, partition_reports, representative
from service.domain.story_similarity import Profile, profile, story_probability
from service.domain.tokens import unit_key
from service.ports import UnitRow, VectorIndex

_UNIT_COSINE = 0.62
"""Least cosine at which two units are compared at all."""
_SHARED_SHINGLES = 2
_SHARED_SHINGLE_PART = 0.1
_TRACE = 0.2
"""Below this part of a unit found elsewhere, the unit is the article's own."""
_ALONE = 2
"""Articles that share a reading which nobody else has: evidence between these two."""
_LEADING_PART = 0.4
_LEADING_UNITS = 2
"""Two units shared in the first two fifths of both articles show one file; context reused from older stories stands lower."""
_MOSTLY = 0.6
_CHANCES_KEPT = 200_000
"""Chances are a function of two articles, and a report keeps its representative for most of its life."""
_CONTEXT = 0.5
"""Up to this part of both bodies, copy shared by two reports is context."""
_STORY_COSINE = 0.25
"""Least cosine of two reports' mean vectors at which they can be one story."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as the corpus holds it. `key` names it by content, so that no result depends on the order of arrival."""

    key: str
    article: Article
    units: tuple[UnitRef, ...]
    characters: int
    profile: Profile
    readings: frozenset[int]
    agencies: frozenset[str]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """The touched part after a recomputation: its reports and stories as sets of article keys; `fresh` are the reports whose
    members, or the sources of whose members, may have changed.
    """

    articles: frozenset[str]
    reports: tuple[frozenset[str], ...]
    stories: tuple[frozenset[str], ...]
    fresh: tuple[frozenset[str], ...]


_Covered = tuple[list[tuple[int, int]], list[tuple[int, int]], float, float]
_Shared = tuple[_Covered, list[UnitRef], list[UnitRef], bool]


class Corpus:
    def __init__(
        self, weights: Weights, unit_index: VectorIndex, report_index: VectorIndex, window: timedelta, dimension: int
    ) -> None:
        self._weights = weights
        self._window = window
        self._dimension = dimension
        self._unit_index = unit_index
        self._report_index = report_index
        self._units: dict[str, Unit] = {}
        self._holders: dict[str, set[str]] = {}
        self._unit_named: dict[int, str] = {}
        self._postings: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._verdicts: dict[tuple[str, str], UnitPair] = {}
        self._partners: dict[str, set[str]] = defaultdict(set)
        self._ranges: dict[tuple[str, str], tuple[list[tuple[int, int]], list[tuple[int, int]]]] = {}
        self.sightings: Counter[int] = Counter()
        self._readers: dict[int, set[str]] = defaultdict(set)
        self._stirred: set[str] = set()
        self._constraints: tuple[Constraint, ...] = ()
        self.entries: dict[str, Entry] = {}
        self.key_of: dict[str, str] = {}
        self.shared: dict[str, dict[str, Shares]] = {}
        self._chances: dict[tuple[str, str], float] = {}
        self._report_of: dict[str, str] = {}
        self._reports: dict[str, frozenset[str]] = {}
        self._report_numbers: dict[str, int] = {}
        self._report_names: dict[int, str] = {}
        self._representatives: dict[str, str] = {}
        self._related: dict[str, dict[str, float]] = {}
        self._story_of: dict[str, str] = {}
        self._stories: dict[str, frozenset[str]] = {}
        self._following_report = 0

    @property
    def version(self) -> str:
        """Of the verdicts: what was judged by other weights is not mixed with what is judged now."""
        return self._weights.version

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def is_indexed(self) -> bool:
        """Whether the index holds exactly as many vectors as there are units. May be asked from any thread."""
        return len(self._unit_index) == len(self._units)

    # ---- taking articles in and out --------------------------------------------------------------------------------

    def load(self, rows: Iterable[UnitRow], pairs: Iterable[UnitPair], articles: Sequence[Article]) -> None:
        """Fill an empty corpus from the store without judging any pair again. `rows` have vectors."""
        vectors = {row.key: row.vector for row in rows}
        for article in articles:
            for unit in article.units:
                if unit.key not in self._units:
                    self._hold(unit.key, unit_text(article, unit), _as_float(vectors[unit.key]))
        self._unit_index.open(lambda: ((number, unit.vector.astype(np.float16)) for number, unit in self._numbered()))
        for pair in pairs:
            if pair.a in self._units and pair.b in self._units:
                self._keep(pair)
        for article in articles:
            self._enter(article)
        self.recompute({self.key_of[article.id] for article in articles})

    def add(self, article: Article, vectors: Mapping[str, npt.NDArray[np.float16]]) -> list[UnitPair]:
        """Take an article in; returns the verdicts that are new. `vectors` holds every unit of it by key."""
        fresh = [key for key in dict.fromkeys(unit.key for unit in article.units) if key not in self._units]
        text_of = {unit.key: unit_text(article, unit) for unit in article.units}
        for key in fresh:
            self._hold(key, text_of[key], _as_float(vectors[key]))
        if fresh:
            self._unit_index.add([_number(key) for key in fresh], np.stack([self._units[key].vector for key in fresh]))
        found = self._judge_new(fresh)
        for pair in found:
            self._keep(pair)
        self._enter(article)
        return found

    def remove(self, article_id: str) -> set[str]:
        """Take an article out; returns the keys whose clusters have to be recomputed."""
        key = self.key_of.pop(article_id)
        entry = self.entries.pop(key)
        self._see(entry, is_new=False)
        touched = set(self.shared.pop(key, {}))
        for other in touched:
            self.shared[other].pop(key, None)
        touched |= set(self._reports[self._report_of[key]]) - {key} if key in self._report_of else set()
        for held in {unit.key for unit in entry.article.units}:
            self._holders[held].discard(key)
            if not self._holders[held]:
                self._drop(held)
        if key in self._report_of:
            name = self._report_of.pop(key)
            story = self._story_of.get(name)
            companions = self._stories.get(story or "", frozenset()) - {name}
            # A companion may have gone before, when several articles go between two recomputations.
            touched |= {min(self._reports[r]) for r in companions if r in self._reports}
            self._forget_report(name)
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

    def _hold(self, key: str, text: str, vector: npt.NDArray[np.float32]) -> None:
        unit = self._units[key] = prepare(key, text, vector)
        self._holders[key] = set()
        self._unit_named[_number(key)] = key
        for gram in shingles(unit.tokens.words):
            self._postings[gram].add(key)

    def _numbered(self) -> Iterable[tuple[int, Unit]]:
        return ((number, self._units[key]) for number, key in self._unit_named.items())

    def _drop(self, key: str) -> None:
        unit = self._units.pop(key)
        del self._holders[key], self._unit_named[_number(key)]
        for gram in shingles(unit.tokens.words):
            self._postings[gram].discard(key)
            if not self._postings[gram]:
                del self._postings[gram]
        self._unit_index.remove([_number(key)])
        for other in self._partners.pop(key, set()):
            self._partners[other].discard(key)
            pair = (min(key, other), max(key, other))
            self._verdicts.pop(pair, None)
            self._ranges.pop(pair, None)

    def _keep(self, pair: UnitPair) -> None:
        self._verdicts[pair.a, pair.b] = pair
        self._partners[pair.a].add(pair.b)
        self._partners[pair.b].add(pair.a)

    def _enter(self, article: Article) -> None:
        entry = self._entry(article)
        if entry.key in self.entries:
            raise ValueError(f"article {article.id} is in the corpus already")
        self.entries[entry.key] = entry
        self._see(entry, is_new=True)
        self.key_of[article.id] = entry.key
        for unit in article.units:
            self._holders[unit.key].add(entry.key)
        row = self.shared.setdefault(entry.key, {})
        for other in self._neighbours(entry):
            shares = self._shares(entry, self.entries[other])
            if shares.weight > 0:
                row[other] = shares
                self.shared[other][entry.key] = shares.reversed()

    def _entry(self, article: Article) -> Entry:
        content = article.content
        # Marked by what it is, because one article's external id may be another's address.
        name = f"e {content.external_id}" if content.external_id else f"u {content.canonical_url or article.id}"
        key = f"{article.content_hash}:{name}"
        body = body_units(article)
        about = self._profile(article, body)
        agencies = frozenset(
            c.organisation.id for c in article.reading.credits if c.organisation.kind == "agency" and c.kind != "photo"
        )
        furniture = [p.text for p in article.reading.paragraphs if p.role != "body" and p.text.strip()]
        datelines = [p.text[: p.core_start] for p in article.reading.paragraphs if p.role == "body" and p.core_start]
        readings = frozenset(map(_reading, (*furniture, *datelines)))
        return Entry(key, article, tuple(body), body_characters(article), about, readings, agencies, content.published_at)

    def _profile(self, article: Article, body: Sequence[UnitRef]) -> Profile:
        title = next((unit for unit in article.units if unit.paragraph < 0), None)
        return profile(
            article.content.title,
            [unit_text(article, unit) for unit in body],
            self._units[title.key].vector if title else None,
            [self._units[unit.key].vector for unit in body],
            self._dimension,
            article.content.published_at,
        )

    # ---- who shares what ---------------------------------------------------------------------------------------------

    def _judge_new(self, fresh: Sequence[str]) -> list[UnitPair]:
        """Verdicts on every pair of a new unit with a unit held that shares words or meaning with it."""
        if not fresh:
            return []
        units = self._units
        near = self._unit_index.within(np.stack([units[key].vector for key in fresh]), _UNIT_COSINE)
        found: list[UnitPair] = []
        done: set[tuple[str, str]] = set()
        for key, neighbours in zip(fresh, near, strict=True):
            grams = shingles(units[key].tokens.words)
            counts: Counter[str] = Counter()
            for gram in grams:
                counts.update(self._postings[gram])
            proposed = {self._unit_named[number] for number, _ in neighbours}
            proposed.update(
                other
                for other, count in counts.items()
                if count >= _SHARED_SHINGLES and count >= _SHARED_SHINGLE_PART * min(len(grams), len(units[other].tokens))
            )
            proposed.discard(key)
            for other in sorted(proposed):
                pair = (min(key, other), max(key, other))
                if pair not in done:
                    done.add(pair)
                    verdict = judge(units[key], units[other], self._weights)
                    if verdict is not None:
                        found.append(verdict)
        return found

    def _neighbours(self, entry: Entry) -> set[str]:
        """Articles in the window that hold a unit equal to, or matched with, a body unit of this one."""
        found: set[str] = set()
        for unit in entry.units:
            for key in (unit.key, *self._partners.get(unit.key, ())):
                found |= self._holders.get(key, frozenset())
        found.discard(entry.key)
        return {key for key in found if self._in_window(entry, self.entries[key])}

    def _in_window(self, a: Entry, b: Entry) -> bool:
        return a.at is None or b.at is None or abs(a.at - b.at) <= self._window

    def _shares(self, a: Entry, b: Entry) -> Shares:
        # A line that stands many times in both is compared once: a comparison for each pair of its places would be millions.
        theirs: dict[str, list[UnitRef]] = defaultdict(list)
        leads: Counter[str] = Counter()
        for rank, unit in enumerate(b.units):
            theirs[unit.key].append(unit)
            leads[unit.key] += rank < _LEADING_PART * len(b.units)
        ours: dict[tuple[str, int], list[UnitRef]] = defaultdict(list)
        leading_ours: Counter[tuple[str, int]] = Counter()
        for rank, unit in enumerate(a.units):
            ours[unit.key, unit.end - unit.start].append(unit)
            leading_ours[unit.key, unit.end - unit.start] += rank < _LEADING_PART * len(a.units)
        found: list[_Shared] = []
        leading = 0
        for (key, length), mine in ours.items():
            for other in {key, *self._partners.get(key, ())} & theirs.keys():
                covered = self._covered(key, other, length)
                if covered is not None:
                    found.append((covered, mine, theirs[other], self._is_quotation(key, other)))
                    leading += leading_ours[key, length] * leads[other]
        is_attested = leading >= _LEADING_UNITS and not a.agencies.isdisjoint(b.agencies)
        shares = _add_up([row for row in found if not row[3]], a, b, is_attested)
        if len(found) > 0 and quotations_count(shares.mine, shares.theirs) and any(row[3] for row in found):
            return _add_up(found, a, b, is_attested)
        return shares

    def _is_quotation(self, mine: str, other: str) -> bool:
        if mine == other:
            return self._units[mine].is_quotation
        return self._verdicts[min(mine, other), max(mine, other)].kind == "quotation"

    def _covered(self, mine: str, other: str, length: int) -> _Covered | None:
        """Character ranges that two units share, within each, and their overlaps; None where they share no copy and no whole
        quotation.
        """
        if mine == other:
            return [(0, length)], [(0, length)], 1.0, 1.0
        a, b = min(mine, other), max(mine, other)
        pair = self._verdicts[a, b]
        if pair.kind not in COPY_KINDS and not quotes_whole(pair):
            return None
        if (a, b) not in self._ranges:
            ta, tb = self._units[a].tokens, self._units[b].tokens
            self._ranges[a, b] = (
                [(ta.starts[s[0]], ta.ends[s[1] - 1] + 1) for s in pair.spans],
                [(tb.starts[s[2]], tb.ends[s[3] - 1] + 1) for s in pair.spans],
            )
        ranges = self._ranges[a, b]
        if mine == a:
            return ranges[0], ranges[1], pair.overlap_a, pair.overlap_b
        return ranges[1], ranges[0], pair.overlap_b, pair.overlap_a

    def unexplained(self, key: str, sources: frozenset[str]) -> float:
        """Part of an article's body characters in units of which next to nothing stands in any of the sources."""
        entry = self.entries[key]
        own = 0
        for unit in entry.units:
            length = unit.end - unit.start
            best = 0
            for other in {unit.key, *self._partners.get(unit.key, ())}:
                if self._holders.get(other, frozenset()).isdisjoint(sources):
                    continue
                covered = self._covered(unit.key, other, length)
                if covered is not None:
                    best = max(best, union_length(covered[0]))
            if best < _TRACE * length:
                own += length
        return _part(own, entry.characters)

    def match(self, key: str, other: str) -> ArticleMatch | None:
        """What two articles share, with the places."""
        return match_articles(self.entries[key].article, self.entries[other].article, self._verdicts, self._partners)

    # ---- partitions --------------------------------------------------------------------------------------------------

    def recompute(self, dirty: set[str]) -> Change:
        """Bring reports and stories up to date around the articles named by `dirty`, and say what is in the touched part."""
        dirty = dirty | (self._stirred & self.entries.keys())
        self._stirred = set()
        weights = {key: {other: s.weight for other, s in row.items()} for key, row in self._touched_rows(dirty).items()}
        touched: set[str] = set()
        for group in components(dirty, weights, RAW_THRESHOLD):
            touched |= group
        # An article that left a report leaves its old companions to be looked at again.
        touched |= {
            m for key in touched if key in self._report_of for m in self._reports[self._report_of[key]] if m in self.entries
        }
        old_reports = {self._report_of[key] for key in touched if key in self._report_of}
        new_reports: list[frozenset[str]] = []
        for group in components(touched, weights | self._touched_rows_weights(touched), RAW_THRESHOLD):
            new_reports.extend(partition_reports(group, self.shared))
        story_seeds = {other for name in old_reports for other in self._story_companions(name)} - old_reports
        unchanged = {name for name in old_reports if self._reports[name] in new_reports and name == min(self._reports[name])}
        for name in old_reports - unchanged:
            self._forget_report(name)
        for members in new_reports:
            name = min(members)
            if name not in unchanged:
                self._remember_report(name, members)
        around = {other for key in dirty & self.entries.keys() for other in self.shared[key]} | dirty
        seeds = {min(members) for members in new_reports} | (story_seeds & self._reports.keys())
        stories = self._recompute_stories(seeds)
        reports = {name for story in stories for name in story}
        articles = frozenset(key for name in reports for key in self._reports[name])
        return Change(
            articles,
            tuple(self._reports[name] for name in sorted(reports)),
            tuple(frozenset(key for name in story for key in self._reports[name]) for story in stories),
            tuple(members for members in new_reports if min(members) not in unchanged or not members.isdisjoint(around)),
        )

    def _touched_rows(self, dirty: set[str]) -> dict[str, dict[str, Shares]]:
        """The rows of the shared graph that can be reached from `dirty`."""
        rows: dict[str, dict[str, Shares]] = {}
        stack = [key for key in dirty if key in self.entries]
        while stack:
            key = stack.pop()
            if key in rows:
                continue
            rows[key] = self.shared[key]
            stack.extend(other for other, s in rows[key].items() if other not in rows and s.weight >= RAW_THRESHOLD)
        return rows

    def _touched_rows_weights(self, dirty: set[str]) -> dict[str, dict[str, float]]:
        return {key: {other: s.weight for other, s in row.items()} for key, row in self._touched_rows(dirty).items()}

    def _story_companions(self, name: str) -> frozenset[str]:
        return self._stories.get(self._story_of.get(name, ""), frozenset())

    def _forget_report(self, name: str) -> None:
        for key in self._reports.pop(name):
            if self._report_of.get(key) == name:
                del self._report_of[key]
        number = self._report_numbers.pop(name)
        del self._report_names[number]
        self._report_index.remove([number])
        self._representatives.pop(name)
        for other in self._related.pop(name, {}):
            self._related[other].pop(name, None)

    def _remember_report(self, name: str, members: frozenset[str]) -> None:
        self._reports[name] = members
        for key in members:
            self._report_of[key] = name
        sizes = {key: self.entries[key].characters for key in members}
        self._representatives[name] = representative(members, self.shared, sizes)
        entry = self.entries[self._representatives[name]]
        vector = entry.profile.mean_vector[np.newaxis, :]
        row: dict[str, float] = {}
        for number, _ in self._report_index.within(vector, _STORY_COSINE)[0]:
            other_name = self._report_names[number]
            other = self.entries[self._representatives[other_name]]
            if self._in_window(entry, other):
                chance = self._story_chance(entry, other)
                row[other_name] = chance
                self._related[other_name][name] = chance
        self._related[name] = row
        number = self._following_report
        self._following_report += 1
        self._report_numbers[name], self._report_names[number] = number, name
        self._report_index.add([number], vector)

    def _story_chance(self, a: Entry, b: Entry) -> float:
        """Chance that two reports are of one event, judged by what each has for itself: context that an agency reuses stands in
        both and says nothing about the event.
        """
        pair = (min(a.key, b.key), max(a.key, b.key))
        known = self._chances.get(pair)
        if known is not None:
            return known
        shares = self.shared[a.key].get(b.key)
        of_a, of_b = a.profile, b.profile
        if shares is not None and max(shares.mine, shares.theirs) <= _CONTEXT:
            of_a, of_b = self._without_shared(a, b), self._without_shared(b, a)
        chance = story_probability(of_a, of_b, self._weights.story_intercept, self._weights.story)
        if len(self._chances) >= _CHANCES_KEPT:
            self._chances.clear()
        self._chances[pair] = chance
        return chance

    def _without_shared(self, entry: Entry, other: Entry) -> Profile:
        theirs = {unit.key for unit in other.units}
        own = [unit for unit in entry.units if not self._stands_in(unit, theirs)]
        return self._profile(entry.article, own)

    def _stands_in(self, unit: UnitRef, theirs: set[str]) -> bool:
        """Whether most of a unit's text stands in one of the units named."""
        for key in {unit.key, *self._partners.get(unit.key, ())} & theirs:
            covered = self._covered(unit.key, key, unit.end - unit.start)
            if covered is not None and covered[2] >= _MOSTLY:
                return True
        return False

    def _recompute_stories(self, seeds: set[str]) -> list[frozenset[str]]:
        """Stories (sets of report names) of every part that a seed report belongs to."""
        threshold = self._weights.story_threshold
        touched = self._reach(seeds)
        said = self._constraints
        sides = {name: stand for name in touched if (stand := sides_of(self._ids_of(name), said))} if said else {}
        found: list[frozenset[str]] = []
        for group in components(touched, self._related, threshold):
            found.extend(average_linkage(group, self._related, threshold, sides))
        if said:
            found = unite(found, {name: self._ids_of(name) for name in touched}, said)
        gone = [name for name in self._story_of if name not in self._reports]
        for name in (*gone, *(name for story in found for name in story)):
            self._stories.pop(self._story_of.pop(name, ""), None)
        for story in found:
            self._stories[min(story)] = story
            for name in story:
                self._story_of[name] = min(story)
        return found

    def _reach(self, seeds: set[str]) -> set[str]:
        """Every report whose story may change when these did: related, in one story until now, or named by one constraint."""
        touched: set[str] = set()
        waiting = seeds
        while waiting:
            for group in components(waiting, self._related, self._weights.story_threshold):
                touched |= group
            near = {name for t in touched for name in self._story_companions(t)} | self._constrained_with(touched)
            waiting = (near & self._reports.keys()) - touched
        return touched

    def _constrained_with(self, names: set[str]) -> set[str]:
        found: set[str] = set()
        for one in self._constraints:
            keys = (self.key_of[article] for article in (*one.articles, *one.others) if article in self.key_of)
            named = {self._report_of[key] for key in keys if key in self._report_of}
            if not named.isdisjoint(names):
                found |= named
        return found

    def _ids_of(self, name: str) -> frozenset[str]:
        return frozenset(self.entries[key].article.id for key in self._reports[name])

    def constrain(self, constraints: Sequence[Constraint]) -> None:
        """Keep an editor's word, all of it, from the next recomputation on."""
        self._constraints = tuple(constraints)

    # ---- reading -----------------------------------------------------------------------------------------------------

    def save_index(self) -> None:
        """Keep the unit index for the next start, as far as it can be kept."""
        self._unit_index.save()

    def report_members(self, key: str) -> frozenset[str]:
        return self._reports[self._report_of[key]]

    def representative_of(self, key: str) -> str:
        return self._representatives[self._report_of[key]]

    def pairs_of(self, unit_key: str) -> list[UnitPair]:
        return [self._verdicts[min(unit_key, other), max(unit_key, other)] for other in self._partners.get(unit_key, ())]

    def has_unit(self, unit_key: str) -> bool:
        return unit_key in self._units

    def vector(self, unit_key: str) -> npt.NDArray[np.float16] | None:
        """The stored vector of a unit held (float16, shape (dimension,)), or None."""
        unit = self._units.get(unit_key)
        return unit.vector.astype(np.float16) if unit is not None else None


def _number(unit_key: str) -> int:
    """A unit's name in the vector index: the first 60 bits of its key, the same after every restart."""
    return int(unit_key[:15], 16)


def _as_float(vector: npt.NDArray[np.float16] | None) -> npt.NDArray[np.float32]:
    if vector is None:
        raise ValueError("a unit without a vector cannot be compared")
    return vector.astype(np.float32)


def _add_up(found: Sequence[_Shared], a: Entry, b: Entry, is_attested: bool) -> Shares:
    in_a: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    in_b: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    equal_a: dict[tuple[int, int], float] = defaultdict(float)
    equal_b: dict[tuple[int, int], float] = defaultdict(float)
    for (ranges_a, ranges_b, overlap_a, overlap_b), mine, theirs, _ in found:
        _cover(mine, ranges_a, overlap_a, in_a, equal_a)
        _cover(theirs, ranges_b, overlap_b, in_b, equal_b)
    return Shares(
        _part(sum(map(union_length, in_a.values())), a.characters),
        _part(sum(map(union_length, in_b.values())), b.characters),
        _part(math.fsum(equal_a.values()), a.characters),
        _part(math.fsum(equal_b.values()), b.characters),
        is_attested,
    )


def _cover(
    places: Sequence[UnitRef],
    ranges: Sequence[tuple[int, int]],
    overlap: float,
    covered: dict[tuple[int, int], list[tuple[int, int]]],
    equal: dict[tuple[int, int], float],
) -> None:
    for place in places:
        here = (place.paragraph, place.start)
        covered[here].extend(ranges)
        equal[here] = max(equal[here], overlap * (place.end - place.start))


def _part(characters: float, total: int) -> float:
    return round(min(1.0, characters / total), 4) if total else 0.0


def _reading(text: str) -> int:
    """A paragraph as it stands, as a number: equal for equal surfaces."""
    return int(unit_key(text)[:16], 16)
