"""What one article shares with another, put together from the verdicts on their units.

Turns unit pairs into paragraph matches with character spans, and into the share of each body that stands in the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import product

from service.domain.models import COPY_KINDS, RETOLD_KINDS, Article, MatchKind, UnitPair, UnitPairKind, UnitRef
from service.domain.retelling import Place, is_told_along
from service.domain.tokens import tokenize
from service.domain.units import is_quotation

Span = tuple[int, int, int, int]
_Places = Mapping[str, Sequence[UnitRef]]
_Pairs = Mapping[tuple[str, str], UnitPair | None]
"""By the keys of a unit of either article; None for equal units."""
_MOST_PLACES = 64
"""Up to so many pairs of places of two units all are told; a line a thousand times in each would be a million."""


@dataclass(frozen=True, slots=True)
class ParagraphMatch:
    """Two paragraphs that share copy; spans are characters (start, end, other_start, other_end) within them.
    `confidence`, 0 to 1: that they do; for a quotation, that it is one.
    """

    paragraph: int
    other_paragraph: int
    kind: MatchKind
    similarity: float
    overlap: float
    confidence: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class ArticleMatch:
    """`share`: part of this article's body characters that stands in the other as copy; `share_of_other` the reverse."""

    article_id: str
    share: float
    share_of_other: float
    pairs: tuple[ParagraphMatch, ...]


_CARRIER_SHARE = 0.25
_QUOTED_WHOLE = 0.5


def quotations_count(share: float, share_of_other: float) -> bool:
    """Whether quotations that two articles share are copy like the rest: they are when one carries the reporting around them
    from the other, and say nothing when the speaker's words are all that they share. Shares are without quotations.
    """
    return max(share, share_of_other) >= _CARRIER_SHARE


def quotes_whole(pair: UnitPair) -> bool:
    """Whether a shared quotation is most of one of the two units, so that it is carried with the copy around it."""
    return max(pair.overlap_a, pair.overlap_b) >= _QUOTED_WHOLE


_KIND_ORDER: dict[MatchKind, int] = {"verbatim": 0, "edited": 1, "paraphrase": 2, "quotation": 3}


def article_matches(article: Article, others: Mapping[str, Article], pairs: Iterable[UnitPair]) -> tuple[ArticleMatch, ...]:
    """Matches with each of `others` that shares anything, greatest share first. Titles take no part."""
    verdicts: dict[tuple[str, str], UnitPair] = {}
    partners: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        verdicts[pair.a, pair.b] = pair
        partners[pair.a].add(pair.b)
        partners[pair.b].add(pair.a)
    found = [
        match
        for other in others.values()
        if other.id != article.id and (match := match_articles(article, other, verdicts, partners)) is not None
    ]
    return tuple(sorted(found, key=lambda match: (-match.share, -match.share_of_other, match.article_id)))


def match_articles(
    article: Article,
    other: Article,
    verdicts: Mapping[tuple[str, str], UnitPair],
    partners: Mapping[str, AbstractSet[str]],
) -> ArticleMatch | None:
    """Everything that the two share, or None."""
    ours, theirs = _by_key(article), _by_key(other)
    pairs = {
        (key, other_key): None if key == other_key else verdicts[min(key, other_key), max(key, other_key)]
        for key in ours
        for other_key in sorted({key, *partners.get(key, ())} & theirs.keys())
    }

    def placed(chosen: Iterable[tuple[str, str]]) -> list[ParagraphMatch]:
        return [
            _place(article, other, mine, place, verdicts)
            for key, other_key in chosen
            for mine, place in _paired(ours[key], theirs[other_key])
        ]

    is_retold = any(map(_may_retell, pairs.values())) and _is_retold(article, ours, theirs, pairs)
    if not is_retold:
        pairs = {both: pair for both, pair in pairs.items() if not _is(pair, "likeness")}
    found, told = map(placed, _worth_telling(pairs))
    if not found and not told:
        return None
    if is_retold:
        found, told = found + told, []
    share, share_of_other = _shares(article, other, found)
    if quotations_count(share, share_of_other):
        found = [replace(match, kind=_carried_kind(match)) if match.kind == "quotation" else match for match in found]
        share, share_of_other = _shares(article, other, found)
    # Of two paragraphs that share copy too, what else is retold would make a paraphrase of all, as sure as the copy is.
    placed_already = {(match.paragraph, match.other_paragraph) for match in found}
    joined: dict[tuple[int, int], ParagraphMatch] = {}
    for match in (*found, *(one for one in told if (one.paragraph, one.other_paragraph) not in placed_already)):
        where = (match.paragraph, match.other_paragraph)
        joined[where] = _join(joined[where], match) if where in joined else match
    return ArticleMatch(other.id, share, share_of_other, tuple(joined[where] for where in sorted(joined)))


def _worth_telling(pairs: _Pairs) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Which pairs of units (mine, other) of two articles to tell: copies and quotations, and the retold. None for equal units.

    A piece says a thing twice, in its lead and further down. So a copy is left out where both sides are surer copies of others,
    and a retelling where one side is matched at all.
    """
    best: dict[tuple[int, str], float] = defaultdict(float)
    """Of each side that is matched, the surest copy; 0 for one that is only quoted, which is sure of no copy."""
    for both, pair in pairs.items():
        if not _may_retell(pair):
            for side in enumerate(both):
                best[side] = max(best[side], 0.0 if _is(pair, "quotation") else _sureness(pair))
    found = [
        both
        for both, pair in pairs.items()
        if not _may_retell(pair) and (_is(pair, "quotation") or any(best[side] <= _sureness(pair) for side in enumerate(both)))
    ]
    retold = [both for both, pair in pairs.items() if _may_retell(pair) and not any(side in best for side in enumerate(both))]
    return found, retold


def _is_retold(article: Article, ours: _Places, theirs: _Places, pairs: _Pairs) -> bool:
    """Whether one of two articles retells the other, passage by passage."""
    carried: list[tuple[Place, Place]] = []
    told: dict[str, list[tuple[Place, Place]]] = {kind: [] for kind in RETOLD_KINDS}
    for (key, other), pair in pairs.items():
        mine, place = ours[key][0], theirs[other][0]
        if not (is_quotation(unit_text(article, mine)) if pair is None else pair.kind == "quotation"):
            kept = carried if pair is None else told.get(pair.kind, carried)
            kept.append(((mine.paragraph, mine.start), (place.paragraph, place.start)))
    counts = [sum(map(len, places.values())) for places in (ours, theirs)]
    return is_told_along(carried, told["retelling"], told["likeness"], (counts[0], counts[1]))


def shown_kind(kind: UnitPairKind) -> MatchKind:
    """What a match is called in answers."""
    return "paraphrase" if kind == "retelling" or kind == "likeness" else kind  # noqa: PLR1714 (which narrows no type)


def _sureness(pair: UnitPair | None) -> float:
    return 1.0 if pair is None else pair.confidence


def _is(pair: UnitPair | None, kind: UnitPairKind) -> bool:
    return pair is not None and pair.kind == kind


def _may_retell(pair: UnitPair | None) -> bool:
    return pair is not None and pair.kind in RETOLD_KINDS


def _by_key(article: Article) -> dict[str, list[UnitRef]]:
    found: dict[str, list[UnitRef]] = defaultdict(list)
    for unit in body_units(article):
        found[unit.key].append(unit)
    return found


def _paired(mine: Sequence[UnitRef], theirs: Sequence[UnitRef]) -> Iterator[tuple[UnitRef, UnitRef]]:
    """Every place with every other; where one line stands again and again in both, each place once, in order."""
    if len(mine) * len(theirs) <= _MOST_PLACES:
        yield from product(mine, theirs)
        return
    for rank in range(max(len(mine), len(theirs))):
        yield mine[min(rank, len(mine) - 1)], theirs[min(rank, len(theirs) - 1)]


def _carried_kind(match: ParagraphMatch) -> MatchKind:
    if match.overlap >= 1.0:
        return "verbatim"
    return "edited" if match.overlap >= _QUOTED_WHOLE else "quotation"


def _shares(article: Article, other: Article, found: Iterable[ParagraphMatch]) -> tuple[float, float]:
    mine: dict[int, list[tuple[int, int]]] = defaultdict(list)
    theirs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for match in found:
        if match.kind in COPY_KINDS:
            mine[match.paragraph].extend((span[0], span[1]) for span in match.spans)
            theirs[match.other_paragraph].extend((span[2], span[3]) for span in match.spans)
    return _share(article, mine), _share(other, theirs)


def body_units(article: Article) -> list[UnitRef]:
    return [unit for unit in article.units if unit.paragraph >= 0 and article.reading.paragraphs[unit.paragraph].role == "body"]


def body_characters(article: Article) -> int:
    return sum(p.core_end - p.core_start for p in article.reading.paragraphs if p.role == "body")


def unit_text(article: Article, unit: UnitRef) -> str:
    text = article.content.title if unit.paragraph < 0 else article.reading.paragraphs[unit.paragraph].text
    return text[unit.start : unit.end]


def union_length(ranges: Iterable[tuple[int, int]]) -> int:
    """Characters that at least one of the ranges covers."""
    total = reach = 0
    for start, end in sorted(ranges):
        total += max(0, end - max(start, reach))
        reach = max(reach, end)
    return total


def _place(
    article: Article, other: Article, mine: UnitRef, place: UnitRef, verdicts: Mapping[tuple[str, str], UnitPair]
) -> ParagraphMatch:
    """The verdict on two units as characters of the paragraphs in which they stand."""
    if mine.key == place.key:
        whole = ((mine.start, mine.end, place.start, place.end),)
        kind: MatchKind = "quotation" if is_quotation(unit_text(article, mine)) else "verbatim"
        return ParagraphMatch(mine.paragraph, place.paragraph, kind, 1.0, 1.0, 1.0, whole)
    is_first = mine.key < place.key
    pair = verdicts[(mine.key, place.key) if is_first else (place.key, mine.key)]
    ours, theirs = tokenize(unit_text(article, mine)), tokenize(unit_text(other, place))
    spans: list[Span] = []
    for a0, a1, b0, b1 in pair.spans:
        m0, m1, o0, o1 = (a0, a1, b0, b1) if is_first else (b0, b1, a0, a1)
        if m1 > len(ours) or o1 > len(theirs):
            continue  # the same surface in another spelling of its characters, with other tokens: no span rather than a wrong one
        spans.append(
            (
                mine.start + ours.starts[m0],
                mine.start + ours.ends[m1 - 1],
                place.start + theirs.starts[o0],
                place.start + theirs.ends[o1 - 1],
            )
        )
    overlap = max(pair.overlap_a, pair.overlap_b)
    return ParagraphMatch(
        mine.paragraph, place.paragraph, shown_kind(pair.kind), pair.similarity, overlap, pair.confidence, tuple(spans)
    )


def _join(a: ParagraphMatch, b: ParagraphMatch) -> ParagraphMatch:
    """Two matches of the same two paragraphs, when those hold several units: the one more reworded names the kind."""
    copies = [match.kind for match in (a, b) if match.kind in COPY_KINDS] or [a.kind]
    kind = max(copies, key=_KIND_ORDER.__getitem__)
    spans = tuple(sorted(set(a.spans + b.spans)))
    similarity, overlap, sure = max(a.similarity, b.similarity), max(a.overlap, b.overlap), max(a.confidence, b.confidence)
    return ParagraphMatch(a.paragraph, a.other_paragraph, kind, similarity, overlap, sure, spans)


def _share(article: Article, covered: Mapping[int, list[tuple[int, int]]]) -> float:
    total = body_characters(article)
    return round(min(1.0, sum(map(union_length, covered.values())) / total), 4) if total else 0.0
