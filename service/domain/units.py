"""Units made ready for comparison: their words with weights, and which of them are figures, names or quoted.

Everything is a function of the unit's text and vector. Judges nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from service.domain.measures import Measure, measures
from service.domain.quotations import quotations
from service.domain.rarity import rarity
from service.domain.tokens import Tokens, sentences, tokenize

_SMALL = (
    "nil - two three four five six seven eight nine ten eleven twelve "
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred"
_FIGURES = {word: str(value) for value, word in enumerate(_SMALL.split())} | {
    word: str(10 * value) for value, word in enumerate(_TENS.split(), start=2)
}
"""Style guides spell small figures, so "four" and "4" are one figure; "one" is left out because it is a pronoun as often."""
QUOTED_PART = 0.7
"""A match is a quotation when so much of what is shared, by weight, stands between quotation marks on both sides; the rest is
attribution."""
_NAMED_WORDS = 6
"""Words after a name that may tell who that is: "of the chamber of trade"."""
STEM = 5
PREFIX = 4
"""Letters that two forms of one word have in common: armored and armoured, entered and entering."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit made ready for comparison. `vector` is float32, shape (dimension,), length 1.

    `tokens` are those of the text, spelled figures as digits. `sums` are running totals of the words' weights, one longer than
    the words; `cuts` are the token indices at which sentences start, and the end. `figures`, `names`, `quoted` and `speakers` are
    token indices; names are capitals inside a sentence, speakers what tells in the sentence of a quote whose words it holds. The
    three of `_words` and `never_plain` hold words: those that stand as a figure anywhere, as a name
    anywhere, and nowhere as anything else.
    """

    key: str
    text: str
    tokens: Tokens
    vector: npt.NDArray[np.float32]
    weight: float
    sums: tuple[float, ...]
    cuts: tuple[int, ...]
    figures: frozenset[int]
    names: frozenset[int]
    quoted: frozenset[int]
    speakers: frozenset[int]
    is_quotation: bool
    bag: Counter[str]
    stems: Counter[str]
    figure_words: frozenset[str]
    name_words: frozenset[str]
    never_plain: frozenset[str]
    measures: tuple[Measure, ...]

    def sentence_start(self, index: int) -> int:
        """Token index at which the sentence of a token starts."""
        return self.cuts[bisect_right(self.cuts, index) - 1]

    def sentence_end(self, index: int) -> int:
        """Token index behind the sentence of a token."""
        return self.cuts[bisect_right(self.cuts, index)]


def spelled(text: str) -> Tokens:
    """The tokens of a text as units compare them: spelled figures as digits."""
    plain = tokenize(text)
    return Tokens(tuple(_one_spelling(word) for word in plain.words), plain.starts, plain.ends)


def _one_spelling(word: str) -> str:
    """Spelled figures as digits, 73.0 as 73."""
    if "." in word and word[0].isdigit():
        return word.rstrip("0").rstrip(".")
    return _FIGURES.get(word, word)


def prepare(key: str, text: str, vector: npt.NDArray[np.float32]) -> Unit:
    return _prepared(key, text, vector, spelled(text))


def with_tokens(unit: Unit, tokens: Tokens) -> Unit:
    """The unit read otherwise: as these words at these places of its text."""
    if tokens is unit.tokens:
        return unit
    return _prepared(unit.key, unit.text, unit.vector, tokens)


def _prepared(key: str, text: str, vector: npt.NDArray[np.float32], tokens: Tokens) -> Unit:
    sums = [0.0]
    for word in tokens.words:
        sums.append(sums[-1] + rarity(word))
    cuts = _cuts(text, tokens)
    figures, names = _figures(tokens), _names(text, tokens, cuts)
    quoted = {i for start, end in _quotes(text, tokens) for i in range(start, end)}
    return Unit(
        key,
        text,
        tokens,
        vector,
        sums[-1],
        tuple(sums),
        (*cuts, len(tokens)) if len(tokens) > cuts[-1] else tuple(cuts),
        figures,
        names,
        frozenset(quoted),
        _speakers(text, tokens, cuts, names, quoted) if quoted else frozenset(),
        is_quotation(text),
        Counter(tokens.words),
        Counter(word[:STEM] for word in tokens.words),
        frozenset(tokens.words[i] for i in figures),
        frozenset(tokens.words[i] for i in names),
        _never_plain(tokens, figures, names),
        measures(tokens.words),
    )


def _never_plain(tokens: Tokens, figures: frozenset[int], names: frozenset[int]) -> frozenset[str]:
    plain = {word for i, word in enumerate(tokens.words) if i not in figures and i not in names}
    return frozenset(word for word in tokens.words if word not in plain)


def filled_in(text: str) -> frozenset[str]:
    """The figures and names of a text: what differs in texts of one form that say different things."""
    tokens = spelled(text)
    marked = _figures(tokens) | _names(text, tokens, _cuts(text, tokens))
    return frozenset(tokens.words[i] for i in marked)


def _cuts(text: str, tokens: Tokens) -> list[int]:
    """Token indices at which sentences start."""
    cuts = [0]
    position = 0
    for start, _ in sentences(text):
        while position < len(tokens) and tokens.starts[position] < start:
            position += 1
        if position > cuts[-1]:
            cuts.append(position)
    return cuts


def _figures(tokens: Tokens) -> frozenset[int]:
    return frozenset(i for i, word in enumerate(tokens.words) if word[0].isdigit())


def _names(text: str, tokens: Tokens, cuts: list[int]) -> frozenset[int]:
    firsts = set(cuts)
    return frozenset(i for i, start in enumerate(tokens.starts) if i not in firsts and text[start].isupper())


def _quotes(text: str, tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Token ranges between quotation marks, in order."""
    for start, end in quotations(text):
        yield bisect_left(tokens.starts, start), bisect_left(tokens.starts, end)


def _speakers(text: str, tokens: Tokens, cuts: list[int], names: frozenset[int], quoted: set[int]) -> frozenset[int]:
    """Names outside the quotes of sentences with a quote, and what stands right behind them up to the next punctuation mark."""
    found = set[int]()
    for start, end in zip(cuts, [*cuts[1:], len(tokens)], strict=True):
        if not any(i in quoted for i in range(start, end)):
            continue
        left = 0
        for i in range(start, end):
            if i in quoted:
                left = 0
            elif i in names:
                found.add(i)
                left = _NAMED_WORDS
            elif left:
                found.add(i)
                left -= 1
            if i + 1 < end and text[tokens.ends[i] : tokens.starts[i + 1]].strip():
                left = 0
    return frozenset(found)


@lru_cache(maxsize=65_536)
def is_quotation(text: str) -> bool:
    """Whether most of a text, by weight, stands between quotation marks."""
    tokens = tokenize(text)
    total = math.fsum(map(rarity, tokens.words))
    quoted = math.fsum(rarity(tokens.words[i]) for start, end in _quotes(text, tokens) for i in range(start, end))
    return total > 0 and quoted >= QUOTED_PART * total
