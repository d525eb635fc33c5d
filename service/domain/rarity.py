"""How much a word says: 0.1 for words that stand in every text, 1 for rare words and figures.

The weights come from a fixed frequency table (wordfreq, Speer 2022, doi 10.5281/zenodo.7199437), never from the articles at
hand, so that what two texts share does not depend on what else was ingested.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from wordfreq import get_frequency_dict, zipf_frequency

from service.domain.tokens import is_character

_LATIN_LANGUAGES = ("en", "de", "es", "fr", "it", "pt")
_COMMON_ZIPF, _RARE_ZIPF = 7.0, 3.8
_SCRIPT_LANGUAGES = (("\u0400", "\u04ff", "ru"), ("\u0600", "\u06ff", "ar"), ("\u0370", "\u03ff", "el"))
_CHARACTER_LANGUAGES = ("zh", "ja")
_KANA_AND_HAN = "\u3040"
_UNKNOWN_SCRIPT_WEIGHT = 0.6
_UNKNOWN_SCRIPT_INFORMATION = 4.0
_CHARACTER_INFORMATION = 1.0
"""Of a character that no table knows: those of an alphabet are all common."""
_ZIPF_CEILING = 8.0
_PER_BILLION = 1e9


@lru_cache(maxsize=200_000)
def _zipf(word: str) -> float | None:
    """Base-10 logarithm of the word's uses per billion words, 0 for unseen ones; None where no table covers its script."""
    if word[0] < "\u0250":
        return max(zipf_frequency(word, language, "small") for language in _LATIN_LANGUAGES)
    for first, last, language in _SCRIPT_LANGUAGES:
        if first <= word[0] <= last:
            return float(zipf_frequency(word, language, "small"))
    return None


@cache
def _characters() -> Mapping[str, float]:
    """Base-10 logarithm of a character's uses per billion characters of Chinese or Japanese, whichever uses it more."""
    found: dict[str, float] = {}
    for language in _CHARACTER_LANGUAGES:
        uses: dict[str, float] = defaultdict(float)
        for word, frequency in get_frequency_dict(language, "small").items():
            for character in word:
                if character >= _KANA_AND_HAN:
                    uses[character] += frequency
        total = math.fsum(uses.values())
        for character, used in uses.items():
            found[character] = max(found.get(character, 0.0), math.log10(_PER_BILLION * used / total))
    return found


def language_of(words: Iterable[str]) -> str:
    """The language among those with Latin letters in which casefolded words are the commonest, all together."""
    latin = [word for word in words if "a" <= word[0] < "\u0250"]
    return max(_LATIN_LANGUAGES, key=lambda language: math.fsum(zipf_frequency(word, language, "small") for word in latin))


def is_unknown(word: str) -> bool:
    """Whether a casefolded word stands in the table of no language, although there are some for its script."""
    return not word[0].isdigit() and _zipf(word) == 0.0


@lru_cache(maxsize=200_000)
def is_word(word: str, language: str) -> bool:
    """Whether the tables hold a casefolded word, in Latin letters that of `language`; True where none covers its script."""
    if word[0] < "\u0250":
        return bool(zipf_frequency(word, language, "small") > 0.0)
    return _zipf(word) != 0.0


@lru_cache(maxsize=200_000)
def commonness(word: str, language: str) -> float:
    """Base-10 logarithm of the uses of a casefolded word per billion words, rare ones included; 0 for unseen ones."""
    return float(zipf_frequency(word, language, "large")) if word[0] < "\u0250" else _zipf(word) or 0.0


@lru_cache(maxsize=200_000)
def rarity(word: str) -> float:
    """Weight of a casefolded word, 0.1 to 1: linear in its Zipf frequency, figures weigh 1."""
    if word[0].isdigit():
        return 1.0
    zipf = _zipf(word)
    if zipf is None:
        return _UNKNOWN_SCRIPT_WEIGHT
    return min(1.0, max(0.1, (_COMMON_ZIPF - zipf) / (_COMMON_ZIPF - _RARE_ZIPF)))


@lru_cache(maxsize=200_000)
def information(word: str) -> float:
    """Surprise of a casefolded word in decades, 0 for the commonest to 8 for unseen ones: an inverse document frequency
    that does not depend on the collection. In scripts without spaces a word is one character, and most of those are common.
    """
    zipf = _zipf(word)
    if zipf is None and is_character(word):
        zipf = _characters().get(word, _ZIPF_CEILING - _CHARACTER_INFORMATION)
    return _UNKNOWN_SCRIPT_INFORMATION if zipf is None else max(0.0, _ZIPF_CEILING - zipf)
