"""Tokens, sentences and units: the pieces of text that are compared, each with its place in the text as returned.

Works on any script: letters and digits of one script run together, Han, Kana, Thai, Lao, Khmer and Burmese characters stand
alone because those scripts write no spaces. Never changes the text itself; all offsets are Python character offsets.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from service.domain.quotations import MARKS

# Scripts without spaces: one token a character, so that shingles and alignment work on them as on words.
_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
"""Soft hyphens, joiners, selectors and marks of direction: what a page holds inside a word and no reader sees."""
_NON_JOINER = "(?<![\u0600-\u06ff])\u200c"
"""Behind Arabic letters it stands for a space, as in Persian; elsewhere it keeps letters of one word apart."""
_STROKE = "\u0640"
"""The stroke that lengthens an Arabic word is a letter by its class, and none where it stands alone, as a dash."""
_MARKS_OF_LETTERS = "\u0300-\u036f"
"""Accents that stand behind their letter, as one of the two ways to write it."""
_POINTS = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u0652\u0670"
"""Vowel points of Hebrew and Arabic: one edition sets them, another does not."""
_LETTER = rf"[^\W\d_{_ALONE}{_STROKE}]"
_WORD = rf"{_LETTER}(?:{_LETTER}|[{_INVISIBLE}{_MARKS_OF_LETTERS}{_POINTS}{_STROKE}]|{_NON_JOINER})*"
_HIDDEN = rf"(?:[{_INVISIBLE}]|{_NON_JOINER})"
_DIGITS = rf"\d(?:{_HIDDEN}*\d)*"
# A number keeps its separators ("1,234.5", "1.234,5", "12:30") so that it is one figure. Words keep an inner apostrophe.
_TOKEN = re.compile(
    rf"{_DIGITS}(?:{_HIDDEN}*[.,:]{_HIDDEN}*{_DIGITS})*|[{_ALONE}]|{_WORD}(?:['’]{_HIDDEN}*{_WORD})?|[^\W_{_STROKE}]"
)
_UNSEEN = re.compile(_HIDDEN)
_UNHEARD = re.compile(f"{_HIDDEN}|[{_POINTS}{_STROKE}]")
# Letters of two scripts that look the same (Unicode Technical Standard 39), as far as a font shows no difference.
_LATIN, _OTHERS = "aceijopsvxyABCEHIJKMNOPSTXYZ", "асеіјорѕνхуАВСЕНІЈКМΝОРЅТХҮΖ"
_TO_LATIN = str.maketrans(_OTHERS + "οΟΑΒΕΗΙΚΜΡΤΥΧ", _LATIN + "oOABEHIKMPTYX")
_TO_CYRILLIC = str.maketrans("aceijopsxyABCEHIJKMOPSTX", "асеіјорѕхуАВСЕНІЈКМОРЅТХ")
_MIXED = re.compile(r"[a-zA-Z][\u0370-\u052f]|[\u0370-\u052f][a-zA-Z]")
_ANY_WORD = re.compile(_WORD)
_CHARACTER = re.compile(rf"[{_ALONE}]")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3})+")
"""Thousands set apart by either sign: "1,200", "1.200" and "1200" are one figure."""
_SENTENCE_END = re.compile(rf"[.!?…。！？؟।]+[{MARKS})\]]*(?=\s|$)|[。！？]")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'"})
# Typography that a content system changes without changing the copy. Stored keys rest on it: a sign more is a key changed.
_TYPOGRAPHY = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-", "…": "..."}
)

UNIT_TOKENS = 180
"""Longest unit in tokens; MiniLM reads 256 word pieces, about 190 English words."""


def is_character(word: str) -> bool:
    """Whether a word is a character of a script without spaces."""
    return _CHARACTER.fullmatch(word) is not None


@dataclass(frozen=True, slots=True)
class Tokens:
    """Parallel tuples: normalised words (casefolded, NFKC) and their character offsets."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.words)


@lru_cache(maxsize=65536)
def _normal(word: str) -> str:
    word = _UNHEARD.sub("", word)
    if _GROUPED.fullmatch(word):
        return word.replace(",", "").replace(".", "")
    return _undisguised(unicodedata.normalize("NFKC", word)).translate(_APOSTROPHES).casefold()


def _undisguised(text: str) -> str:
    """Words of two scripts in one of them, where the letters of the other look like letters of it: somebody has exchanged them
    so that machines find no copy.
    """
    return _ANY_WORD.sub(lambda found: _in_one_script(found.group()), text) if _MIXED.search(text) else text


def _in_one_script(word: str) -> str:
    if not _MIXED.search(word):
        return word
    others = [letter for letter in word if "\u0370" <= letter <= "\u052f"]
    is_cyrillic = all(letter >= "\u0400" for letter in others)
    latin = [letter for letter in word if letter.isascii()]
    if all(ord(letter) in _TO_LATIN for letter in others):
        word = word.translate(_TO_LATIN)
    elif is_cyrillic and all(ord(letter) in _TO_CYRILLIC for letter in latin):
        word = word.translate(_TO_CYRILLIC)
    return unicodedata.normalize("NFC", word)


@lru_cache(maxsize=8192)
def tokenize(text: str) -> Tokens:
    """Words and figures of `text` in order; punctuation and spaces are no tokens."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for found in _TOKEN.finditer(text):
        words.append(_normal(found.group()))
        starts.append(found.start())
        ends.append(found.end())
    return Tokens(tuple(words), tuple(starts), tuple(ends))


def surface(text: str) -> str:
    """The text with typography and spacing made equal (NFKC, straight quotes, plain dashes, single spaces, nothing invisible, no
    letters of another script for their likes), case kept.
    """
    if not text.isascii():
        text = _undisguised(unicodedata.normalize("NFKC", _UNSEEN.sub("", text).replace("\u200c", " ")).translate(_TYPOGRAPHY))
    return " ".join(text.split())


def unit_key(text: str, mark: str = "") -> str:
    """Content address of a unit: 128 bits of BLAKE2b over its surface, as 32 hex digits. A unit with a mark (`domain/crowds.py`)
    is another unit than one of the same text without it; its key ends in the mark.
    """
    return hashlib.blake2b((mark + surface(text)).encode(), digest_size=16).hexdigest() + mark


def sentences(text: str) -> list[tuple[int, int]]:
    """Character ranges of the sentences; a full stop after one or two letters ("U.S.", "Mr.") ends none."""
    ranges: list[tuple[int, int]] = []
    start = 0
    for found in _SENTENCE_END.finditer(text):
        if found.group()[0] == "." and _is_abbreviation(text, found.start()):
            continue
        ranges.append((start, found.end()))
        start = found.end()
    if text[start:].strip():
        ranges.append((start, len(text)))
    return [(a + len(text[a:b]) - len(text[a:b].lstrip()), b) for a, b in ranges if text[a:b].strip()]


def _is_abbreviation(text: str, stop: int) -> bool:
    begin = stop
    while begin > 0 and stop - begin < 4 and text[begin - 1].isalpha():
        begin -= 1
    word = text[begin:stop]
    if len(word) == 1 and word.isupper():
        return True
    return len(word) in (2, 3) and word[0].isupper() and word[1:].islower() and word in _TITLES


_TITLES = frozenset(
    {"Mr", "Mrs", "Ms", "Dr", "St", "Sen", "Rep", "Gov", "Gen", "Col", "Lt", "Sgt", "Jr", "Sr", "Inc", "Ltd", "Co", "Mo", "No"}
)


def unit_ranges(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut characters `start`..`end` of `text` into units of at most UNIT_TOKENS tokens, at sentence ends where there are any.

    Most paragraphs are one unit. A page given as a single block becomes several, so that no part of it is beyond the
    encoder's reach.
    """
    part = text[start:end]
    if len(part) < UNIT_TOKENS * 2 or len(tokenize(part)) <= UNIT_TOKENS:
        return [(start, end)] if part.strip() else []
    ranges: list[tuple[int, int]] = []
    begin = finish = count = 0
    for a, b in _short_sentences(part):
        size = len(tokenize(part[a:b]))
        if count and count + size > UNIT_TOKENS:
            ranges.append((start + begin, start + finish))
            begin, count = a, 0
        finish, count = b, count + size
    if count:
        ranges.append((start + begin, start + finish))
    return ranges


def _short_sentences(text: str) -> list[tuple[int, int]]:
    """Sentences, with those above UNIT_TOKENS cut between tokens."""
    found: list[tuple[int, int]] = []
    for a, b in sentences(text):
        tokens = tokenize(text[a:b])
        begin = a
        for cut in range(UNIT_TOKENS, len(tokens), UNIT_TOKENS):
            found.append((begin, a + tokens.starts[cut]))
            begin = a + tokens.starts[cut]
        found.append((begin, b))
    return found
