"""Which paragraphs of one article stand in a crowd of near equals, so that comparing each with each would have no bound.

A table of a thousand quotations is a thousand lines of one form. Its lines, and the paragraphs of articles too long to be
compared by meaning, get a mark that becomes part of their unit key and says what they are compared with. A function of the
article alone, so that no result depends on what else was taken in. Compares nothing itself.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from service.domain.matching import shingles
from service.domain.tokens import surface, unit_key
from service.domain.units import filled_in, spelled

CROWD = 16
"""A word trigram that stands in more paragraphs of one article is of the form that they have in common."""
_FORM_TRIGRAMS = 2
_FORM_PART = 0.1
"""So many trigrams of the form make a line of it: as many as two units must share to be compared at all."""
LONG = 200
"""An article of more different paragraphs is compared by words alone: meaning would propose each of them with each."""
_SAME = 8
"""So many lines of one form may hold the same figures and names, and are still found by them."""
_KEY_LENGTH = len(unit_key(""))
_WORDS, _ROW = "-w", "-r"


def marks(texts: Sequence[str]) -> list[str]:
    """One mark for each text of an article's units, what `unit_key` takes: "" for nearly all. Time is linear in their length."""
    distinct = {surface(text): text for text in reversed(texts)}
    if len(distinct) <= CROWD:
        return [""] * len(texts)
    grams = {face: shingles(spelled(text).words) for face, text in distinct.items()}
    spread = Counter(gram for found in grams.values() for gram in found)
    rows = {face for face, found in grams.items() if _is_of_a_form(sum(spread[gram] > CROWD for gram in found), len(found))}
    filled = {face: _digest(filled_in(distinct[face])) for face in rows}
    alike = Counter(filled.values())
    plain = _WORDS if len(distinct) > LONG else ""
    return [_row(filled[face], alike) if face in rows else plain for face in map(surface, texts)]


def is_row(key: str) -> bool:
    """Whether a unit is a line of a form. Rows are compared with units that are none, and with rows of the same filling."""
    return key.startswith(_ROW, _KEY_LENGTH)


def is_compared_by_meaning(key: str) -> bool:
    """Whether nearness in meaning proposes pairs of a unit."""
    return len(key) == _KEY_LENGTH


def filling(key: str) -> str:
    """What is equal for two rows that are worth comparing; "" for a row that shares its figures and names with too many."""
    return key[_KEY_LENGTH + len(_ROW) :] if is_row(key) else ""


def _is_of_a_form(common: int, all_of_them: int) -> bool:
    return common >= _FORM_TRIGRAMS and common >= _FORM_PART * all_of_them


def _row(filled: str, alike: Counter[str]) -> str:
    return _ROW + (filled if filled and alike[filled] <= _SAME else "")


def _digest(words: frozenset[str]) -> str:
    """48 bits: two fillings that meet by chance cost one comparison."""
    return hashlib.blake2b(" ".join(sorted(words)).encode(), digest_size=6).hexdigest() if words else ""
