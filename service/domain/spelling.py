"""Whether two words are spellings of one name: Kyiv and Kiev, Qadhafi and Gaddafi, Odesa and Odessa.

Writings of one name in Latin letters differ in vowels, in double letters and in which of a few letters stands for a sound; what
is left without these is compared. Words in other scripts are equal or they are not. Knows no names.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from rapidfuzz.distance import Indel

_SOUNDS = str.maketrans(
    {"c": "k", "q": "k", "g": "k", "w": "v", "z": "s", "t": "d", "x": "ks", "h": ""} | dict.fromkeys("aeiouyj", "")
)
_VOWELS = frozenset("aeiouyj")
_LEAST = 3
"""Shortest writing of sounds that names anything: the sign of how the word begins, and two of them."""
_LONG = 6
"""From this length on one or two sounds may differ, but not the first."""
_NEAR = 0.8


def are_spellings(a: str, b: str) -> bool:
    """Whether two casefolded words can be one name. Symmetrical; a word is a spelling of itself."""
    return not unspelled([a], [b])


def unspelled(words: Iterable[str], others: Iterable[str]) -> frozenset[str]:
    """The words of which none of the others is a spelling."""
    known = frozenset(others)
    heard = {sounds for other in known if len(sounds := _sounds(other)) >= _LEAST}
    long = [sounds for sounds in heard if len(sounds) >= _LONG]
    return frozenset(word for word in words if word not in known and not _is_heard(_sounds(word), heard, long))


def _is_heard(sounds: str, heard: AbstractSet[str], long: Sequence[str]) -> bool:
    return sounds in heard or (len(sounds) >= _LONG and any(_are_near(sounds, other) for other in long))


def _are_near(a: str, b: str) -> bool:
    return a[:2] == b[:2] and Indel.normalized_similarity(a, b) >= _NEAR


@lru_cache(maxsize=100_000)
def _sounds(word: str) -> str:
    """What is left of a word, behind the sign of how it begins: a vowel, or not; "" for a word that is not Latin."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", word.replace("ß", "ss")) if not unicodedata.combining(sign))
    if not plain.isascii() or not plain.isalpha():
        return ""
    sounds = plain.replace("ph", "f").translate(_SOUNDS)
    single = "".join(sign for i, sign in enumerate(sounds) if i == 0 or sign != sounds[i - 1])
    return ("*" if plain[0] in _VOWELS else "-") + single
