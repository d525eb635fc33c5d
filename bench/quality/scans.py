"""Scanned prints: items of the newswire as papers carried them, cut at the end, read by a machine that misreads words.

Each item is printed by several papers, each print cut and misread on its own, so that two prints of one item differ in about
twice as many words as the level says. Every other paper's print is one block. Titles are the papers' own and are left out. Items
lie far apart in time, as if of one day.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.quality import metrics, sets
from bench.quality.pipeline import Body, open_pipeline
from bench.quality.result import Rival, SetResult
from bench.quality.rivals import partition_rivals
from bench.quality.sets import full_text
from bench.quality.tools import Tools

_LEVELS = (0.05, 0.15, 0.3)
"""Part of the words that are misread in each print."""
_STRIDE = 140
_LEAST_PARAGRAPHS = 5
_LEAST_CHARACTERS = 900
_RESULTS = " vs "
"""Items of results are tables: who misreads their figures says something else."""
_MOST_PRINTS = 5
_CUTS = (1.0, 1.0, 0.8, 0.6, 0.4, 0.3)
"""Parts of an item that a paper keeps, in its paragraphs."""
_DAY = "1962-03-14T00:00:00Z"
_RUN_ON = "\x00"
"""Behind a word that is run into the next one, until that is done."""
_MISREAD = {
    "a": ("u", "s", "o", "8"),
    "b": ("h", "6", "lo"),
    "c": ("e", "o"),
    "d": ("cl", "l"),
    "e": ("c", "o"),
    "f": ("t", "i"),
    "g": ("q", "9"),
    "h": ("b", "li"),
    "i": ("l", "1", "j"),
    "k": ("lc", "h"),
    "l": ("1", "i", "t"),
    "m": ("rn", "in"),
    "n": ("u", "r", "ri"),
    "o": ("c", "0", "e"),
    "p": ("y", "r"),
    "r": ("i", "t"),
    "s": ("a", "8", "5"),
    "t": ("f", "l"),
    "u": ("n", "v"),
    "v": ("y", "r"),
    "w": ("vv", "iv"),
    "y": ("v", "g"),
}


def scans(folder: Path, tools: Tools) -> SetResult:
    """Reports at each level of misreading, with the service as it is shipped."""
    items = [
        body["paragraphs"]
        for body in sets.newswire(folder / "articles.jsonl.xz", 20_000)[::_STRIDE]
        if len(body["paragraphs"]) >= _LEAST_PARAGRAPHS
        and sum(map(len, body["paragraphs"])) >= _LEAST_CHARACTERS
        and _RESULTS not in body["paragraphs"][0]
    ]
    result = SetResult("scans", f"{len(items)} items in one to {_MOST_PRINTS} prints each")
    rivals: dict[tuple[str, bool], Rival] = {}
    for level in _LEVELS:
        bodies, gold = _prints(items, level)
        with open_pipeline(tools.encoder, tools.registry, tools.weights) as pipeline:
            found = pipeline.reports(pipeline.ingest(bodies))
        key, label = f"reports_{round(100 * level)}", f"reports, {level:.0%} of the words misread"
        noise = metrics.cluster_noise(gold, found)
        result.add_partition(key, label, metrics.bcubed(gold, found), metrics.pairs(gold, found), noise)
        for rival in partition_rivals([full_text(body) for body in bodies], gold, tools.encoder, key):
            before = rivals.get((rival.method, rival.is_tuned), rival)
            # The best threshold on the answers is another one at each level.
            threshold = rival.threshold if rival.threshold == before.threshold else None
            rivals[rival.method, rival.is_tuned] = replace(rival, threshold=threshold, values=before.values | rival.values)
        tools.say(f"scans: {level:.0%}")
    result.rivals = list(rivals.values())
    return result


def _prints(items: Sequence[Sequence[str]], level: float) -> tuple[list[Body], list[str]]:
    draw = random.Random(round(1_000 * level))
    bodies: list[Body] = []
    gold: list[str] = []
    for number, paragraphs in enumerate(items):
        for paper in range(draw.randint(1, _MOST_PRINTS)):
            kept = paragraphs[: max(2, round(len(paragraphs) * draw.choice(_CUTS)))]
            read = [misread(text, level, draw) for text in kept]
            body: Body = {
                "external_id": f"{number}-{paper}",
                "url": f"https://paper-{paper}.example/{number}",
                "language": "en",
                "published_at": _DAY,
            }
            bodies.append(body | ({"text": " ".join(read)} if paper % 2 else {"paragraphs": read}))
            gold.append(str(number))
    return bodies, gold


def misread(text: str, level: float, draw: random.Random) -> str:
    """A text as a machine reads a bad print: this part of its words with a letter or a sign otherwise, torn in two, or run into
    the next one.
    """
    words = text.split(" ")
    read = [_misread_word(word, draw) if draw.random() < level else word for word in words]
    return "".join(word if word.endswith(_RUN_ON) else f"{word} " for word in read).replace(_RUN_ON, "").strip()


def _misread_word(word: str, draw: random.Random) -> str:
    way = draw.random()
    if not word:
        return word
    at = draw.randrange(len(word))
    if way < 0.6:
        letters = _MISREAD.get(word[at].lower(), (".", ",", "") if word[at].isdigit() else ("",))
        return word[:at] + draw.choice(letters) + word[at + 1 :]
    if way < 0.7:
        return f"{word[:at]}{draw.choice(('- ', ' '))}{word[at:]}" if at else word
    if way < 0.8:
        return word + _RUN_ON
    if way < 0.9:
        return word[:at] + word[at + 1 :]
    return draw.choice((".", "'", '"', "-")) + word
