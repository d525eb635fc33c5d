"""What a search compares: the words of a text, how much of a query's words were found, and how two rankings become one.

Pure arithmetic on values; who holds the texts and who answers is `service/flows/searching.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from service.domain.rarity import rarity
from service.domain.tokens import tokenize

Item = TypeVar("Item", bound=Hashable)

WORDS_VERSION = "2"
"""Of `search_words`; what was indexed by another one is indexed anew."""
MOST_QUERY_WORDS = 10
FUSION_CONSTANT = 60
"""k of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): how little the first places count above the next."""
_LONGEST_WORD = 40
_SAYS_LITTLE = 0.3
"""Words of at most this rarity ("the", "said") are left out of a query that has others."""
_SEPARATORS = re.compile(r"[.,:]")
_LAST_ACCENTED = "\u0590"
"""Latin, Greek and Cyrillic letters lose their accents; in the scripts behind, a mark is a letter of its own."""


def search_words(text: str) -> tuple[str, ...]:
    """The different words and figures of `text` in order, as they are indexed and looked up: casefolded, without accents,
    parted at apostrophes. Letters, digits and `_` only.
    """
    found: dict[str, None] = {}
    for word in tokenize(unicodedata.normalize("NFKC", text)).words:
        for part in word.split("'"):
            # What stands before or behind an apostrophe alone is an ending or an article: callan's, l'europe.
            if part and (len(part) > 1 or part == word):
                found[_plain(part)] = None
    return tuple(word for word in found if word)


@lru_cache(maxsize=65_536)
def _plain(word: str) -> str:
    letters: list[str] = []
    base = ""
    for letter in unicodedata.normalize("NFKD", _SEPARATORS.sub("_", word)):
        is_mark = unicodedata.category(letter) == "Mn"
        base = base if is_mark else letter
        if not (is_mark and base < _LAST_ACCENTED):
            letters.append(letter)
    plain = unicodedata.normalize("NFC", "".join(letters)).casefold()
    return "".join(letter for letter in plain if letter.isalnum() or letter == "_")[:_LONGEST_WORD]


def query_words(text: str) -> dict[str, float]:
    """The words of a query that are looked up, at most MOST_QUERY_WORDS, rarest first, with how much each says (0.1 to 1)."""
    weights = {word: rarity(word) for word in search_words(text)}
    telling = {word: weight for word, weight in weights.items() if weight > _SAYS_LITTLE} or weights
    return dict(sorted(telling.items(), key=lambda one: -one[1])[:MOST_QUERY_WORDS])


def coverage(found: Iterable[str], weights: Mapping[str, float]) -> float:
    """The part of a query that these words are, 0 to 1."""
    total = sum(weights.values())
    return min(1.0, sum(weights[word] for word in found) / total) if total else 0.0


def fuse(rankings: Sequence[Sequence[Item]]) -> dict[Item, float]:
    """Reciprocal rank fusion of rankings, each best first. Scores are above 0 and at most 1, which is first in all of them."""
    most = len(rankings) / (FUSION_CONSTANT + 1)
    scores: dict[Item, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            scores[item] = scores.get(item, 0.0) + 1 / (FUSION_CONSTANT + rank) / most
    return scores
