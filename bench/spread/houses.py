"""Who publishes: real agencies by name, invented outlets and aggregators, each with a style and habits of its own."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from bench.spread.forms import Style
from bench.spread.stores import person, town

Habit = Literal["verbatim", "styled", "trimmed", "desk", "rewriter", "farm"]
_PLACES = ("LONDON", "BRUSSELS", "VIENNA", "MADRID", "NEW YORK", "SINGAPORE", "GENEVA", "ROME")
_NAMES = ("The {} Courier", "{} Gazette", "The {} Observer", "{} Evening Post", "{} Tribune", "The {} Chronicle", "{} Daily")
_COLLECTORS = ("{} News Hub", "{} Digest", "All {} Today", "{} Wire Watch")
_FURNITURE = (
    "Subscribe to our newsletter and get the day's most important stories from {name} in your inbox every morning.",
    "You can reach the newsroom of {name} by post or telephone on all working days between nine and five.",
    "Support independent journalism: become a member of {name} today and read all articles without advertising.",
    "{name} takes part in affiliate programmes and may receive a commission when readers buy through links on this page.",
)


@dataclass(frozen=True, slots=True)
class House:
    """`short` is how an agency's credit names it. `taste` decides which of several words the house prefers."""

    name: str
    site: str
    style: Style
    taste: int
    habit: Habit = "verbatim"
    short: str = ""
    furniture: str = ""
    strips: float = 0.0

    @property
    def is_agency(self) -> bool:
        return bool(self.short)


AGENCIES = tuple(
    House(name, site, Style(is_american=us, percent=percent, date=date, unit=unit), taste, short=short)
    for taste, (name, site, short, us, percent, date, unit) in enumerate([
        ("Reuters", "www.reuters.com", "Reuters", False, "%", "weekday", "km"),
        ("AFP", "www.afp.com", "AFP", False, " percent", "weekday", "long"),
        ("Associated Press", "apnews.com", "AP", True, "%", "bare", "miles"),
        ("dpa", "www.dpa-international.com", "dpa", False, " per cent", "weekday", "long"),
        ("EFE", "efe.com", "EFE", True, " %", "month", "km"),
        ("Kyodo", "english.kyodonews.net", "Kyodo", True, " percent", "full", "long"),
        ("Xinhua", "www.xinhuanet.com", "Xinhua", True, " percent", "weekday", "long"),
        ("PTI", "www.ptinews.com", "PTI", False, " per cent", "weekday", "km"),
        ("UPI", "www.upi.com", "UPI", True, " percent", "bare", "both"),
        ("Yonhap", "en.yna.co.kr", "Yonhap", True, " percent", "weekday", "km"),
    ])
)  # fmt: skip


def outlets(random: Random, count: int) -> list[House]:
    """Newspapers first, then aggregators (a fifth), which mostly take from outlets and change nothing."""
    made: list[House] = []
    for number in range(count):
        place = town(random)
        is_collector = number >= count * 4 // 5
        name = random.choice(_COLLECTORS if is_collector else _NAMES).format(place)
        habits: tuple[Habit, ...] = ("verbatim", "styled", "styled", "trimmed", "desk", "desk", "rewriter", "farm")
        made.append(
            House(
                name,
                f"www.{name.lower().removeprefix('the ').replace(' ', '')}.example",
                _style(random),
                1000 + number,
                habit="verbatim" if is_collector else random.choice(habits),
                furniture=random.choice(_FURNITURE).format(name=name) if random.random() < 0.5 else "",
                strips=random.choice((0.0, 0.1, 0.3, 0.8)),
            )
        )
    return made


def is_collector(house: House, houses: list[House]) -> bool:
    return houses.index(house) >= len(houses) * 4 // 5


def _style(random: Random) -> Style:
    return Style(
        is_american=random.random() < 0.5,
        percent=random.choice(("%", " percent", " per cent", " pct")),
        spelled_up_to=random.choice((0, 10, 12)),
        date=random.choice(("weekday", "bare", "month", "day", "full")),
        unit=random.choice(("km", "long", "miles", "both")),
        quotes=random.choice(("“”", '""', "‘’")),
        money=random.choice(("${n} million", "{n} million dollars", "US${n}m", "${n} mln")),
    )


def dateline(house: House, random: Random) -> str:
    place = random.choice(_PLACES)
    return random.choice((f"{place} ({house.short}) - ", f"{place} ({house.short}) — ", f"({house.short}) - "))


def agency_credit(house: House, *, is_partial: bool, random: Random) -> tuple[str, str, list[str]]:
    """(prefix of the first paragraph, last paragraph, authors): one of them says whose copy it is."""
    if is_partial:
        forms = ("{name} contributed to this report.", "(With inputs from {short})", "Additional reporting by {name}.")
        last = random.choice(forms).format(name=house.name, short=house.short)
        return "", last, []
    match random.randrange(5):
        case 0 | 1:
            return dateline(house, random), "", []
        case 2:
            return "", f"Source: {house.short}", []
        case 3:
            return "", f"© 2026 {house.name}. All rights reserved.", []
    return "", "", [f"{person(random)}, {house.name}"]


def mixed_credit(first: House, second: House, own: House) -> str:
    return f"({own.name} with {first.short} and {second.short})"


def distributor_credit(house: House) -> str:
    return f"©2026 {house.name}. Distributed by Tribune Content Agency, LLC."


def outlet_credit(house: House, title: str, random: Random) -> str:
    """How one who takes from an outlet names it."""
    return random.choice((
        f"The post {title} first appeared on {house.name}.", f"This article was originally published by {house.name}.",
        f"Source: {house.name}", f"The post {title} appeared first on {house.name}.",
    ))  # fmt: skip
