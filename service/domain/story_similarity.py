"""Are two articles about one event? A profile of each article and the features of a pair of profiles.

Same event is not same copy: the features weigh names, figures, rare words, meaning and time, and never ask who carried whom.
What each article says in a slot where the other says something else (its own names, another weekday, another round) counts
against one event. A pair's probability is a function of the two articles and the weights alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from service.domain.forms import AGREEING_TITLES, said
from service.domain.quotations import MARKS
from service.domain.rarity import information
from service.domain.tokens import Tokens, tokenize

STORY_FEATURES = (
    "unit_nearest",
    "title_shared",
    "lead_words",
    "rare_shared",
    "rarest_shared",
    "lead_names_least",
    "lead_names_most",
    "full_names_shared",
    "names_apart",
    "figures_shared",
    "figures_apart",
    "counts_differ",
    "months_differ",
    "shorter_length",
    "length_ratio",
    "days_apart",
)
STORY_AGAINST = frozenset(
    {
        "names_apart",
        "figures_apart",
        "counts_differ",
        "months_differ",
        "days_apart",
        "shorter_length",
    }
)
"""Features that may only lower the probability; all others may only raise it."""

_LEAD_TOKENS = 60
_NAME_INFORMATION = 1.5
_RARE_INFORMATION = 2.5
_SLOT_INFORMATION = 1.5
_TOP_NAMES = 6
_RAREST = 3
_UNDATED = 0.5
"""The most that names in common say where either article has no date: they may be of last year's election."""
_MANY_FIGURES = 15
_FORM_SAID = 7.0
"""Weight of different words, names aside and less one for every figure, up to which a text is a form: a sentence and a half."""
_FILLED_IN = 3
_FIGURES = 1 / 6
"""Figures that a form has at least, and their part of its words; a sentence or two with fewer is just short."""
_SUBJECT = 0.9
"""Words of a title that say this part of what the most telling one says are its subjects, as are a name and its short form."""
_UNNAMED = 0.5
"""Part of an article's names that another one has, where it names nobody."""
_NAMELESS = 0.1
"""The same in scripts in which no name can be told: what articles of two events have in common. More would join them all."""
_SECONDS_A_DAY = 86_400.0
_DAYS_CAP = 7.0
_SENTENCE_ENDS = frozenset(".!?:•…。！？\n")
_QUOTES = MARKS + " \t"
_JOINS = frozenset(" -–\u00a0")

# English names of numbers, weekdays and months; in other languages figures and years remain.
_CARDINALS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ORDINALS = (
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
)
_NUMBERS = {word: str(i) for words in (_CARDINALS, _ORDINALS) for i, word in enumerate(words) if word != "one"}
_WEEKDAYS = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
_MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_MONTHS = {name: i for i, name in enumerate(_MONTH_NAMES)}
_MONTHS |= {"jan": 0, "feb": 1, "aug": 7, "sept": 8, "oct": 9, "nov": 10, "dec": 11}

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Profile:
    """What an article is about, its title first. Vectors are float32 of length 1; `lead` holds
    weights whose squares sum to 1, `title`, `names` and `lead_names` weights that sum to 1, `rare`, `full_names` and `top_names`
    plain weights; `subjects` are the words of the title that say most; `counts` holds, by the stem of the word counted, the
    numbers beside it. `is_form`: the body says little but the figures filled in. `is_cased`: its script has capitals.
    """

    title: Mapping[str, float]
    subjects: frozenset[str]
    lead: Mapping[str, float]
    names: Mapping[str, float]
    rare: Mapping[str, float]
    lead_names: Mapping[str, float]
    full_names: Mapping[str, float]
    top_names: tuple[tuple[str, float], ...]
    vocabulary: frozenset[str]
    figures: frozenset[str]
    counts: Mapping[str, frozenset[str]]
    months: frozenset[int]
    length: int
    is_form: bool
    is_cased: bool
    mean_vector: Vector
    vectors: npt.NDArray[np.float32]
    at: datetime | None


def profile(
    title: str,
    body: Sequence[str],
    title_vector: Vector | None,
    body_vectors: Sequence[Vector],
    dimension: int,
    at: datetime | None,
) -> Profile:
    """`body` holds the texts of the article's prose in order, `body_vectors` one vector of `dimension` for each of its units.
    An article without any text gets zero vectors: it is like nothing.
    """
    text = "\n".join((title, *body)) if title else "\n".join(body)
    tokens = tokenize(text)
    words = tokens.words
    in_title = len(tokenize(title))
    counted = Counter(words)
    capital = [text[start].isupper() for start in tokens.starts]
    names = _names(text, tokens, capital, in_title)
    name_weights = {word: (1 + math.log(counted[word])) * information(word) for word in sorted(names)}
    early = names & set(words[:_LEAD_TOKENS])
    standing = sorted((-weight * (2 if word in early else 1), word) for word, weight in name_weights.items())
    full = Counter(
        f"{words[i]} {words[i + 1]}"
        for i in range(len(words) - 1)
        if words[i] in names and words[i + 1] in names and tokens.starts[i + 1] - tokens.ends[i] <= 2
    )
    weights = _weights(counted)
    title_shares = _shares(_weights(Counter(words[:in_title])))
    vectors = [v for v in (title_vector, *body_vectors) if v is not None]
    if not vectors:
        vectors = [np.zeros(dimension, np.float32)]
    return Profile(
        title=title_shares,
        subjects=frozenset(word for word, share in title_shares.items() if share >= _SUBJECT * max(title_shares.values())),
        lead=_unit(_weights(Counter(words[:_LEAD_TOKENS]))),
        names=_shares(name_weights),
        rare={word: weight for word, weight in weights.items() if information(word) > _RARE_INFORMATION},
        lead_names=_shares({word: name_weights[word] for word in sorted(early)}),
        full_names=_pair_weights(full),
        top_names=tuple((word, -weight) for weight, word in standing[:_TOP_NAMES]),
        vocabulary=frozenset(counted),
        figures=frozenset(word for word in counted if word[0].isdigit() and len(word) > 1),
        counts=_counts(text, tokens),
        months=frozenset(_MONTHS[word] for word, large in zip(words, capital, strict=True) if large and word in _MONTHS),
        length=len(words),
        is_form=_is_form(words[in_title:], names),
        is_cased=_is_cased(counted),
        mean_vector=_mean(vectors),
        vectors=np.stack(vectors),
        at=at,
    )


def story_features(a: Profile, b: Profile) -> dict[str, float]:
    """The named features of a pair, about 0 to 1 each (a cosine may fall below 0). Symmetric."""
    days = abs((a.at - b.at).total_seconds()) / _SECONDS_A_DAY if a.at and b.at else 0.0
    unnamed = _UNNAMED if a.is_cased or b.is_cased else _NAMELESS
    lead_a, lead_b = _held(a.lead_names, b.vocabulary, unnamed), _held(b.lead_names, a.vocabulary, unnamed)
    agree, differ = _compare_counts(a.counts, b.counts)
    rare, full = _common(a.rare, b.rare), _common(a.full_names, b.full_names)
    rarest = _rarest_shared(a, b) / 6
    shorter, longer = sorted((a.length, b.length))
    return {
        "unit_nearest": float((a.vectors @ b.vectors.T).max()),
        "title_shared": min(_held(a.title, b.vocabulary, 0.0), _held(b.title, a.vocabulary, 0.0)),
        "lead_words": _dot(a.lead, b.lead),
        "rare_shared": math.log1p(rare) / 6,
        "rarest_shared": rarest if a.at and b.at else min(rarest, _UNDATED),
        "lead_names_least": min(lead_a, lead_b),
        "lead_names_most": max(lead_a, lead_b),
        "full_names_shared": math.log1p(full) / 5,
        "names_apart": min(_strongest_missing(a, b), _strongest_missing(b, a)) / 30,
        "figures_shared": min(1.0, len(a.figures & b.figures) / max(3, min(len(a.figures), len(b.figures)))),
        "figures_apart": _figures_apart(a, b),
        "counts_differ": differ / (differ + agree + 1),
        "months_differ": _disjoint(a.months, b.months),
        "shorter_length": math.log1p(shorter) / 7,
        "length_ratio": shorter / max(1, longer),
        "days_apart": min(days, _DAYS_CAP) / _DAYS_CAP,
    }


def story_probability(a: Profile, b: Profile, intercept: float, weights: Mapping[str, float]) -> float:
    """Chance, 0 to 1, that two articles are about one event; rounded so that it is the same on every machine."""
    features = story_features(a, b)
    logit = intercept + math.fsum(weights[name] * features[name] for name in STORY_FEATURES)
    return round(1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit)))), 4)


def titles_agree(a: Profile, b: Profile) -> bool:
    """Whether most of what either title says stands in the other article; True where a title is missing."""
    if not a.title or not b.title:
        return True
    return min(_held(a.title, b.vocabulary, 0.0), _held(b.title, a.vocabulary, 0.0)) >= AGREEING_TITLES


def are_filled_for_two(a: Profile, b: Profile) -> bool:
    """Whether both are forms, filled in for two subjects: how alike they are says nothing about the event."""
    return a.is_form and b.is_form and (not titles_agree(a, b) or have_two_subjects(a, b))


def have_two_subjects(a: Profile, b: Profile) -> bool:
    """Whether each title says above all what stands nowhere in the other article."""
    return bool(a.subjects - b.vocabulary and b.subjects - a.vocabulary)


def _is_form(body: Sequence[str], names: AbstractSet[str]) -> bool:
    # A number written out, and one that looks like a name at its place in a table, is a figure like the others.
    numbers = {word for word in body if word == "one" or _number(word) is not None}
    plain = said(set(body) - names - numbers) - len(numbers)
    return sum(word in numbers for word in body) >= max(_FILLED_IN, _FIGURES * len(body)) and plain < _FORM_SAID


def _is_cased(words: Iterable[str]) -> bool:
    """Whether most of the words have capitals; figures are in any script."""
    letters = [word for word in words if not word[0].isdigit()]
    return 2 * sum(word == word.upper() for word in letters) <= len(letters)


def _names(text: str, tokens: Tokens, capital: Sequence[bool], in_title: int) -> set[str]:
    """Words that stand mostly with a capital inside sentences. A title written all in capitals says nothing about names."""
    shouted = in_title > 0 and sum(capital[:in_title]) > 0.6 * in_title
    inside: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for i, (word, large) in enumerate(zip(tokens.words, capital, strict=True)):
        if not large:
            small[word] += 1
        elif not (shouted and i < in_title) and not _opens(text, tokens.starts[i]):
            inside[word] += 1
    calendar = _WEEKDAYS | _MONTHS.keys()
    return {w for w, n in inside.items() if n > small[w] and information(w) > _NAME_INFORMATION and w not in calendar}


def _opens(text: str, start: int) -> bool:
    """Whether a sentence opens at `start`, behind quotation marks and spaces."""
    at = start - 1
    while at >= 0 and start - at <= 4 and text[at] in _QUOTES:
        if text[at] not in " \t":
            return True
        at -= 1
    return at < 0 or text[at] in _SENTENCE_ENDS


def _number(word: str) -> str | None:
    if word[0].isdigit():
        return word.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th")
    return _NUMBERS.get(word)


def _counts(text: str, tokens: Tokens) -> dict[str, frozenset[str]]:
    """Numbers by the word that they stand before ("sixth round") or after ("magnitude 6.1"), cut to six letters."""
    found: dict[str, set[str]] = {}
    words = tokens.words
    for i, word in enumerate(words):
        value = _number(word)
        if value is None:
            continue
        for j, mark in ((i + 1, ""), (i - 1, "<")):
            if not 0 <= j < len(words) or _number(words[j]) is not None or information(words[j]) <= _SLOT_INFORMATION:
                continue
            between = text[tokens.ends[min(i, j)] : tokens.starts[max(i, j)]]
            if len(between) <= 3 and set(between) <= _JOINS:
                found.setdefault(mark + words[j][:6].rstrip("s"), set()).add(value)
    return {slot: frozenset(values) for slot, values in found.items()}


def _compare_counts(a: Mapping[str, frozenset[str]], b: Mapping[str, frozenset[str]]) -> tuple[int, int]:
    """How many things both count with a number in common, and with none."""
    shared = a.keys() & b.keys()
    agree = sum(1 for slot in shared if a[slot] & b[slot])
    return agree, len(shared) - agree


def _figures_apart(a: Profile, b: Profile) -> float:
    """How far two texts that both say figures say others: results, tables and terms of one form tell of many events."""
    fewer = min(len(a.figures), len(b.figures))
    return (1 - len(a.figures & b.figures) / fewer) * min(1.0, fewer / _MANY_FIGURES) if fewer else 0.0


def _strongest_missing(a: Profile, b: Profile) -> float:
    return next((weight for word, weight in a.top_names if word not in b.vocabulary), 0.0)


def _rarest_shared(a: Profile, b: Profile) -> float:
    """How telling the rarest names are that both have, or, where no name can be told, the rarest words: the town, the
    ship, the victim. However long two articles are and whatever else they tell of, these few say which event it is.
    """
    shared = a.names.keys() & b.names.keys() if a.is_cased or b.is_cased else a.rare.keys() & b.rare.keys()
    return math.fsum(sorted(map(information, shared), reverse=True)[:_RAREST]) / _RAREST


def _disjoint(a: frozenset[int], b: frozenset[int]) -> float:
    return float(bool(a) and bool(b) and a.isdisjoint(b))


def _weights(counts: Mapping[str, int]) -> dict[str, float]:
    return {word: (1 + math.log(count)) * information(word) for word, count in counts.items() if information(word) > 0.5}


def _pair_weights(counts: Mapping[str, int]) -> dict[str, float]:
    """Two words joined by a space: such strings keep their hash, pairs do not."""
    return {pair: (1 + math.log(n)) * math.fsum(map(information, pair.split(" "))) for pair, n in counts.items()}


def _unit(weights: Mapping[str, float]) -> dict[str, float]:
    # fsum is exact, so that the last bit does not depend on how the map was filled.
    length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
    return {key: weight / length for key, weight in weights.items()} if length else {}


def _dot(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    if len(b) < len(a):
        a, b = b, a
    return math.fsum([weight * b[key] for key, weight in a.items() if key in b])


def _common(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    if len(b) < len(a):
        a, b = b, a
    return math.fsum([min(weight, b[key]) for key, weight in a.items() if key in b])


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = math.fsum(weights.values())
    return {key: weight / total for key, weight in weights.items()} if total else {}


def _held(shares: Mapping[str, float], vocabulary: frozenset[str], unknown: float) -> float:
    """Share of the weight that stands in the other text; `unknown` where there is nothing to hold."""
    return math.fsum([weight for word, weight in shares.items() if word in vocabulary]) if shares else unknown


def _mean(vectors: Iterable[Vector]) -> Vector:
    total: Vector = np.sum(np.stack(list(vectors)), axis=0, dtype=np.float32)
    return (total / max(1e-9, float(np.linalg.norm(total)))).astype(np.float32)
