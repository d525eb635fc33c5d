"""Misprints: words that a scanner, a hurried hand or a broken line left one or two letters away from what the other text says.

`tbe govern- ment` is `the government` where the other passage says so. What counts as a misprint is no word of the text's
language and stands for one that is much commoner: between two words, or two names, nobody but the writer knows which is meant.
Functions of two texts made ready; judges nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from service.domain.evidence import words_shared
from service.domain.rarity import commonness, is_unknown, is_word, language_of
from service.domain.tokens import Tokens
from service.domain.units import Unit, with_tokens

_LEAST_LETTERS = 3
_LETTERS_AN_ERROR = 4
"""A word of this length may have one wrong letter, of twice the length two, and so on: more makes another word."""
_LEAST_NAME = 6
"""Two words that no table knows are names mostly; shorter ones with another letter are somebody else."""
_COMMONER = 2.0
"""Decades by which the word meant is commoner than the misprint, which may be a rare word: nitrite is none of nitrate."""
_LOOK_ALIKE = {"0": "oq", "1": "ilt", "2": "z", "3": "e", "4": "a", "5": "s", "6": "bg", "7": "t", "8": "bsa", "9": "gq"}
"""Letters that a scanner takes for a figure."""
_LETTERS_A_FIGURE = 3
"""So many letters for each such figure: 5am is no Sam."""
_PIECES = 6
"""A letter read as a figure leaves three pieces of a word; a chain of more than these is a code."""
_LEAST_WORDS = 10
"""Lines of tables and titles are shorter."""
_LEGIBLE = 0.3
"""Part of the lighter unit's words, by weight, that the other has as they stand; with fewer no misprints are looked for."""
_KNOWN = 0.75
"""Part of the words in common that are words of the language: with fewer it is one of which there is no table."""
_LEAST = 2
_LEAST_PART = 0.04
"""So many misprints, and so many for each word of the shorter passage, are a bad print; a single one may be another word."""
_MISPRINTS_A_FIGURE = 3
_FULL_PART = 0.1
"""So many misprints for each figure with one wrong digit, and so many for each word: then the figure is one more of them."""
_TORN = re.compile(r"[-\u2010\u2011]?\s{0,2}")
_TORN_FIGURE = re.compile(r"[-\u2010\u2011]\s{1,2}")
"""1-1/2 and 2 6 are two figures, or three."""


@dataclass(frozen=True, slots=True)
class Mended:
    """Two units read without their misprints, of which there were `count`."""

    a: Unit
    b: Unit
    count: int


def mended(a: Unit, b: Unit) -> Mended | None:
    """The two with their misprints read as the words that the other has for them, and words that are in pieces on one side alone
    put together; None where there are too few misprints for a bad print.
    """
    if not _may_be_bad_prints(a, b):
        return None
    common = [word for word in a.bag if word in b.bag and not word[0].isdigit()]
    language = language_of(common)
    if sum(is_word(word, language) for word in common) < _KNOWN * len(common):
        return None
    ours, torn = _joined(a, b, language)
    theirs, torn_too = _joined(b, a, language)
    # By number: `the` may be misread in one place and not in the others.
    mine, others = Counter(ours.words), Counter(theirs.words)
    own, other = mine - others, others - mine
    readings, misread = _readings(own, other, language)
    count = torn + torn_too + misread
    if count < _least(a, b):
        return None
    figures = _figures(own, other)
    if count >= _FULL_PART * min(len(ours), len(theirs)) and count >= _MISPRINTS_A_FIGURE * len(figures):
        readings |= figures
    return Mended(with_tokens(a, _read(ours, readings)), with_tokens(b, _read(theirs, readings)), count)


def _may_be_bad_prints(a: Unit, b: Unit) -> bool:
    """Whether enough words that no table of any language knows stand on one side alone: asked first, for most pairs are lines of
    forms that have all but a name or a figure in common.
    """
    if min(len(a.tokens), len(b.tokens)) < _LEAST_WORDS or words_shared(a, b) < _LEGIBLE:
        return False
    unknown = sum(is_unknown(word) for one, other in ((a, b), (b, a)) for word in one.bag if word not in other.bag)
    return unknown >= _LEAST


def _least(a: Unit, b: Unit) -> float:
    return max(_LEAST, _LEAST_PART * min(len(a.tokens), len(b.tokens)))


def _joined(unit: Unit, other: Unit, language: str) -> tuple[Tokens, int]:
    """The tokens of a unit, those that stand as one word in the other put together; and how many of these are misprints. `cease
    fire` is none, for both are words.
    """
    tokens = unit.tokens
    whole = {word for word in other.bag - unit.bag if len(word) > 1}
    if not whole:
        return tokens, 0
    found: list[tuple[str, int, int]] = []
    at = misprints = 0
    while at < len(tokens):
        word, size, is_misprint = _whole_word(unit, at, whole, language)
        found.append((word, tokens.starts[at], tokens.ends[at + size - 1]))
        misprints += is_misprint
        at += size
    if len(found) == len(tokens):
        return tokens, 0
    words, starts, ends = zip(*found, strict=True)
    return Tokens(words, starts, ends), misprints


def _whole_word(unit: Unit, at: int, whole: Collection[str], language: str) -> tuple[str, int, bool]:
    """The word of which the token at a place is the first piece, how many pieces it has, and whether that is a misprint."""
    words, starts, ends = unit.tokens.words, unit.tokens.starts, unit.tokens.ends
    if at + 1 == len(words):
        return words[at], 1, False
    torn = words[at] + words[at + 1]
    between = unit.text[ends[at] : starts[at + 1]]
    if torn in whole and (_TORN_FIGURE if torn[0].isdigit() else _TORN).fullmatch(between):
        # Names and new compounds are run together by some and not by others.
        return torn, 2, is_word(torn, language) and not all(is_word(piece, language) for piece in words[at : at + 2])
    last = at
    while last - at < _PIECES and last + 1 < len(words) and ends[last] == starts[last + 1]:
        last += 1
    scanned = "".join(words[at : last + 1])
    figures = sum(map(str.isdigit, scanned))
    if last > at and figures and len(scanned) - figures >= _LETTERS_A_FIGURE * figures:
        for word in sorted(whole):
            if len(word) == len(scanned) and all(map(_looks_like, scanned, word)):
                return word, last + 1 - at, is_word(word, language)
    return words[at], 1, False


def _looks_like(sign: str, letter: str) -> bool:
    return sign == letter or letter in _LOOK_ALIKE.get(sign, "")


def _readings(ours: Collection[str], theirs: Collection[str], language: str) -> tuple[dict[str, str], int]:
    """What is read as the nearest word that only the other side has, and how many of these are misprints. Two names with one
    letter otherwise are read as one and are none.
    """
    mine, others = (
        [word for word in sorted(words) if len(word) >= _LEAST_LETTERS and word.isalpha()] for words in (ours, theirs)
    )
    near = []
    for word in mine:
        for other in others:
            distance = _distance(word, other)
            if distance is None:
                continue
            wrong, right = sorted((word, other), key=lambda one: (commonness(one, language), one))
            if _is_misprint(wrong, right, language):
                near.append((distance, wrong, right, True))
            elif distance == 1 and not is_word(right, language) and min(len(word), len(other)) >= _LEAST_NAME:
                near.append((distance, wrong, right, False))
    found: dict[str, str] = {}
    taken: set[str] = set()
    count = 0
    for _, wrong, right, is_misprint in sorted(near):
        if wrong not in taken and right not in taken:
            taken |= {wrong, right}
            found[wrong] = right
            count += is_misprint
    return found, count


def _is_misprint(wrong: str, right: str, language: str) -> bool:
    if is_word(wrong, language) or not is_word(right, language):
        return False
    return commonness(right, language) - commonness(wrong, language) >= _COMMONER


def _distance(word: str, other: str) -> int | None:
    """How many letters are wrong (Damerau 1964: exchanged, lost, added, or two in the wrong order); None where too many are."""
    most = max(1, min(len(word), len(other)) // _LETTERS_AN_ERROR)
    if abs(len(word) - len(other)) > most:
        return None
    distance = OSA.distance(word, other, score_cutoff=most)
    return distance if distance <= most else None


def _figures(ours: Collection[str], theirs: Collection[str]) -> dict[str, str]:
    """The figures of one side that have one digit otherwise than the only such figure of the other."""
    mine, others = ([word for word in sorted(words) if word[0].isdigit()] for words in (ours, theirs))
    near = [(word, other) for word in mine for other in others if OSA.distance(word, other, score_cutoff=1) <= 1]
    firsts, seconds = zip(*near, strict=True) if near else ((), ())
    return {word: other for word, other in near if firsts.count(word) == 1 == seconds.count(other)}


def _read(tokens: Tokens, readings: Mapping[str, str]) -> Tokens:
    if readings.keys().isdisjoint(tokens.words):
        return tokens
    return Tokens(tuple(readings.get(word, word) for word in tokens.words), tokens.starts, tokens.ends)
