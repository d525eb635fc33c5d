"""Sentences that know their own structure, so that edits change them without guessing: their words, order, voice and spelling.

A form is written in the markup of copy.txt: `[a|b]` words that may stand for each other, `@` before a part that can lead or be
cut, `<agent / active / passive / object>`, `;;` between sentences, `{name}` a fact. Owns rendering; the edits are in editing.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

from bench.spread.stores import Facts

_GROUP = re.compile(r"\[([^\]]*)\]")
_VOICE = re.compile(r"<(.+?) / (.+?) / (.+?) / (.+?)>")
_SLOT = re.compile(r"\{([\w:]+)\}")
_MILE = 1.609344
_SMALL = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_AMERICAN = {
    "neighbouring": "neighboring", "neighbours": "neighbors", "labour": "labor", "defence": "defense", "licence": "license",
    "harbour": "harbor", "grey": "gray", "theatre": "theater", "kilometres": "kilometers", "analyse": "analyze",
    "criticised": "criticized", "criticise": "criticize", "autumn": "fall", "holiday": "vacation", "lorries": "trucks",
    "rumours": "rumors", "towards": "toward", "favours": "favors", "unpasteurised": "unpasteurized", "catalogued": "cataloged",
    "paralysing": "paralyzing", "cancelled": "canceled", "travelled": "traveled",
}  # fmt: skip
_BRITISH = re.compile(r"\b(" + "|".join(_AMERICAN) + r")\b")


@dataclass(frozen=True, slots=True)
class Style:
    """How a house writes what can be written in several ways."""

    is_american: bool = False
    percent: str = " per cent"
    spelled_up_to: int = 10
    date: str = "weekday"
    unit: str = "km"
    quotes: str = "“”"
    money: str = "${n} million"


@dataclass(frozen=True, slots=True)
class Sentence:
    """`id` is its lineage: it stays the same under every edit, and no two independent sentences share one."""

    id: str
    form: str
    facts: Facts = field(hash=False)
    choices: tuple[int, ...] = ()
    is_passive: bool = False
    leads: bool = False
    is_cut: bool = False
    is_joined: bool = False
    style: Style = Style()

    @property
    def groups(self) -> list[list[str]]:
        return [found.split("|") for found in _GROUP.findall(self.form)]

    @property
    def is_movable(self) -> bool:
        return " @ " in self.form

    @property
    def has_voice(self) -> bool:
        return "<" in self.form

    @property
    def is_quotation(self) -> bool:
        return "{q}" in self.form

    def text(self) -> str:
        """Without capital and full stop."""
        picks = iter(self.choices)
        text = _GROUP.sub(lambda m: m[1].split("|")[next(picks)], self.form)
        text = _VOICE.sub(r"\4 \3 by \1" if self.is_passive else r"\1 \2 \4", text)
        main, _, extra = text.partition(" @ ")
        if extra and not self.is_cut:
            main = f"{extra}, {main}" if self.leads else f"{main} {extra}"
        text = _SLOT.sub(lambda m: _value(m[1], self.facts, self.style), main.removesuffix(","))
        text = _BRITISH.sub(lambda m: _AMERICAN[m[1]], text) if self.style.is_american else text
        text = text.replace('"', "“", 1).replace('"', "”", 1) if text.count('"') >= 2 else text
        return text.replace("“", self.style.quotes[0]).replace("”", self.style.quotes[1])


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`kind`: copy, own, background, or page furniture (boilerplate, credit), which has `fixed` text and no sentences."""

    kind: str
    sentences: tuple[Sentence, ...] = ()
    fixed: str = ""
    prefix: str = ""

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(s.id for s in self.sentences)

    def text(self) -> str:
        parts: list[str] = []
        for sentence in self.sentences:
            text = sentence.text()
            if sentence.is_joined and parts:
                parts[-1] += f", while {text}" if not text.startswith(('"', "“", "‘")) else f"; {text}"
            else:
                parts.append(_capital(text))
        return self.prefix + (" ".join(part + "." for part in parts) or self.fixed)


def _capital(text: str) -> str:
    start = 1 if text[:1] in "\"“‘'" else 0
    return text[:start] + text[start : start + 1].upper() + text[start + 1 :]


def _value(name: str, facts: Facts, style: Style) -> str:
    kind, _, _ = name.partition(":")
    if name in ("day", "day2", "weekday2"):
        return _day(facts["day2" if name.endswith("2") else "day"], style, is_bare=name == "weekday2")
    value = facts[name]
    match kind:
        case "n":
            return _SMALL[value] if value <= min(style.spelled_up_to, 12) else f"{value:,}"
        case "pct":
            return f"{value:.1f}{style.percent}"
        case "km":
            miles = f"{max(1, round(value / _MILE))} miles"
            return {"km": f"{value} km", "long": f"{value} kilometres", "miles": miles, "both": f"{value} km ({miles})"}[
                style.unit
            ]
        case "money":
            return style.money.format(n=value // 1_000_000) if value >= 1_000_000 else f"${value:,}"
    return str(value)


def _day(day: date, style: Style, *, is_bare: bool) -> str:
    name, month = day.strftime("%A"), day.strftime("%B")
    if is_bare:
        return name
    forms = {
        "weekday": f"on {name}", "bare": name, "month": f"on {month} {day.day}", "day": f"on {day.day} {month}",
        "full": f"on {name}, {day.day} {month}",
    }  # fmt: skip
    return forms[style.date]


@cache
def copy_book() -> dict[str, dict[str, list[str]]]:
    """Kind -> fact -> wordings that share nothing but the facts; the wordings of `title` are headlines."""
    book: dict[str, dict[str, list[str]]] = {}
    kind = fact = ""
    for line in Path(__file__).with_name("copy.txt").read_text(encoding="utf8").splitlines():
        mark, _, rest = line.partition(" ")
        if mark == "#":
            kind, book[rest] = rest, {}
        elif mark == "##":
            fact = rest
        else:
            book[kind].setdefault("title" if mark == "=" else fact, []).append(rest if mark == "=" else line)
    return book


def write(ident: str, form: str, facts: Facts, style: Style, random: Random) -> tuple[Sentence, ...]:
    """The sentences of one wording, in words and an order that `random` chooses."""
    made = []
    for number, part in enumerate(form.split(" ;; ")):
        sentence = Sentence(f"{ident}.{number}", part, facts, style=style)
        picks = tuple(random.randrange(len(group)) for group in sentence.groups)
        is_passive = sentence.has_voice and random.random() < 0.4
        made.append(replace(sentence, choices=picks, is_passive=is_passive, leads=sentence.is_movable and random.random() < 0.3))
    return tuple(made)
