"""Invented towns, people, firms and things, and the facts of an event. Owns words, never the form of a sentence."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

Facts = dict[str, Any]

_THINGS = ("building", "cause", "product", "illness", "source", "treasure", "job", "post", "body")
_PEOPLE = ("official", "witness", "expert", "accused", "speaker", "passer", "leader")


@cache
def words(store: str) -> tuple[str, ...]:
    """The words of one line of words.txt. Raises KeyError for a store that is not there."""
    lines = Path(__file__).with_name("words.txt").read_text(encoding="utf8").splitlines()
    return tuple(dict(line.split(": ", 1) for line in lines)[store].split(" | "))


def name(random: Random, ends: str) -> str:
    """An invented name whose last syllable comes from the store `ends`."""
    middle = random.choice(words("middles")) if random.random() < 0.7 else ""
    return random.choice(words("heads")) + middle + random.choice(words(ends))


def town(random: Random) -> str:
    return name(random, "town ends")


def person(random: Random) -> str:
    return f"{random.choice(words('given'))} {name(random, 'family ends')}"


def firm(random: Random) -> str:
    return f"{name(random, 'firm stems')} {random.choice(words('firm ends'))}"


def quotation(random: Random) -> str:
    return random.choice(words("quotations")).format(
        verb=random.choice(words("verbs")),
        verb2=random.choice(words("verbs")),
        thing=random.choice(words("things")),
        act=random.choice(words("acts")),
        n=random.randint(2, 40),
    )


def figures(random: Random) -> Facts:
    """Numbers by the letters that the forms use; each letter has a range of its own."""
    ranges = {
        "n:a": (2, 39),
        "n:b": (40, 480),
        "n:c": (21, 940),
        "n:d": (90, 970),
        "n:e": (3, 9),
        "n:f": (2, 11),
        "n:g": (41, 89),
        "n:h": (1_100, 98_000),
        "n:big": (1_050, 94_000),
        "km:d": (2, 60),
        "km:g": (61, 340),
        "year": (1871, 1998),
    }
    found: Facts = {key: random.randint(*bounds) for key, bounds in ranges.items()}
    tenths = {"pct:p": (110, 890), "pct:q": (21, 380), "pct:r": (12, 290), "pct:s": (31, 190)}
    found |= {key: random.randint(*bounds) / 10 for key, bounds in tenths.items()}
    return found | {"money:m": random.randint(2, 950) * 1_000_000, "money:w": random.randint(3, 90) * 1_000}


def event_facts(random: Random, at: datetime) -> Facts:
    facts = figures(random)
    facts |= {thing: random.choice(words(thing)) for thing in _THINGS}
    facts |= {role: person(random) for role in _PEOPLE}
    facts |= {"town": town(random), "city": town(random), "region": name(random, "region ends")}
    facts |= {"firm": firm(random), "rival": firm(random), "q": quotation(random)}
    facts |= {"street": f"{name(random, 'family ends')} {random.choice(words('street kinds'))}"}
    facts |= {"river": f"the {name(random, 'river ends')} river"}
    facts |= {"institute": f"the {town(random)} Institute of {random.choice(words('fields'))}"}
    facts |= {"union": f"the {random.choice(words('trades'))} Workers' Union of {facts['region']}"}
    return facts | {"day": at.date(), "day2": (at + timedelta(days=1)).date()}
