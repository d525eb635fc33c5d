"""How much a word says: 0.1 for words that stand in every text, 1 for rare words and figures.

The weights come from a fixed frequency table (wordfreq, Speer 2022, doi 10.5281/zenodo.7199437), never from the articles at
hand, so that what two texts share does not depend on what else was ingested.
"""

from __future__ import annotations

from functools import lru_cache

from wordfreq import zipf_frequency

_LATIN_LANGUAGES = ("en", "de", "es", "fr", "it", "pt")
_COMMON_ZIPF, _RARE_ZIPF = 7.0, 3.8
_SCRIPT_LANGUAGES = (("\u0400", "\u04ff", "ru"), ("\u0600", "\u06ff", "ar"), ("\u0370", "\u03ff", "el"))
_UNKNOWN_SCRIPT_WEIGHT = 0.6
_UNKNOWN_SCRIPT_INFORMATION = 4.0
_ZIPF_CEILING = 8.0


@lru_cache(maxsize=200_000)
def _zipf(word: str) -> float | None:
    """Base-10 logarithm of the word's uses per billion words, 0 for unseen ones; None where no table covers its script."""
    if word[0] < "\u0250":
        return max(zipf_frequency(word, language, "small") for language in _LATIN_LANGUAGES)
    for first, last, language in _SCRIPT_LANGUAGES:
        if first <= word[0] <= last:
            return float(zipf_frequency(word, language, "small"))
    return None


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
    that does not depend on the collection.
    """
    zipf = _zipf(word)
    return _UNKNOWN_SCRIPT_INFORMATION if zipf is None else max(0.0, _ZIPF_CEILING - zipf)
