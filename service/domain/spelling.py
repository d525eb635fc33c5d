"""Whether two words are spellings of one name: Kyiv and Kiev, Qadhafi and Gaddafi, Odesa and Odessa.

Writings of one name in Latin letters differ in vowels, in double letters and in which of a few letters stands for a sound; what
is left without these is compared. Words in other scripts are equal or they are not. Knows no names.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

_SOUNDS = str.maketrans(
    {"c": "k", "q": "k", "g": "k", "w": "v", "z": "s", "t": "d", "x": "ks", "h": ""} | dict.fromkeys("aeiouyj", "")
)
_VOWELS = frozenset("aeiouyj")
_LEAST_SOUNDS = 2
_LONG = 5
"""So many sounds may differ in one or two."""
_NEAR = 0.8


@lru_cache(maxsize=100_000)
def are_spellings(a: str, b: str) -> bool:
    """Whether two casefolded words can be one name. Symmetrical; a word is a spelling of itself."""
    if a == b:
        return True
    one, other = sorted((_sounds(a), _sounds(b)))
    if one[:1] != other[:1] or min(len(one), len(other)) <= _LEAST_SOUNDS:
        return False
    if one == other:
        return True
    return min(len(one), len(other)) > _LONG and SequenceMatcher(None, one, other, autojunk=False).ratio() >= _NEAR


def unspelled(words: Iterable[str], others: Iterable[str]) -> frozenset[str]:
    """The words of which none of the others is a spelling."""
    others = tuple(others)
    return frozenset(word for word in words if not any(are_spellings(word, other) for other in others))


@lru_cache(maxsize=100_000)
def _sounds(word: str) -> str:
    """What is left of a word, behind the sign of how it begins: a vowel, or not; "" for a word that is not Latin."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", word.replace("ß", "ss")) if not unicodedata.combining(sign))
    if not plain.isascii() or not plain.isalpha():
        return ""
    sounds = plain.replace("ph", "f").translate(_SOUNDS)
    single = "".join(sign for i, sign in enumerate(sounds) if i == 0 or sign != sounds[i - 1])
    return ("*" if plain[0] in _VOWELS else "-") + single
