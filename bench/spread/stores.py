"""Invented towns, people, firms and things, and the facts of an event. Owns words, never the form of a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

Facts = dict[str, Any]

_HEADS = "Mar Bel Tor Ves Hal Gri Dun Ost Lam Kes Rav Sil Ner Fal Wen Cor Bra Quil Pod Zel Ard Lis Mor Tam Ulm Yar Hox Pel".split()
_MIDDLES = "ro ve li ma do ne sa ti ku ra lo mi ga be no vi".split()
_TOWNS = "ford wick haven stadt burgh mouth dale bridge minster gate thorpe field nitz grad ville".split()
_REGIONS = "land mark via nia shire onia".split()
_FAMILIES = "sen ski ova etti man berg ez ault quist ard ulo ic enko ini well hurst".split()
_GIVEN = (
    "Anka Boris Celia Dario Edda Farid Greta Hugo Ilse Jonas Katya Leon Mirela Nadim Olga Pavel Rosa Samir Tilda Ugo Vera Wim "
    "Xenia Yusuf Zora Arne Bianca Corin Dunja Emil"
).split()
_FIRM_ENDS = "Holding, Werke, Industries, Group, Systems, Partners, Mills, Logistics, Foods, Motors".split(", ")
_FIELDS = "Applied Mechanics, Regional Studies, Public Health, Marine Science, Economic Research, Materials, History".split(", ")
_STORES: dict[str, tuple[str, ...]] = {
    "building": (
        "furniture warehouse", "old theatre", "paper mill", "covered market", "customs house", "seed depot", "chocolate factory",
        "hotel Continental", "municipal archive", "tram depot", "carpet store", "boat yard", "grain silo", "concert hall",
    ),
    "cause": (
        "a faulty boiler", "a forgotten welding torch", "a short circuit in a lift", "an overheated battery", "a broken valve",
        "a worn cable", "a leaking gas bottle", "a failed steering pump", "a badly fitted stove", "a blocked fan", "a loose chain",
    ),
    "product": (
        "roller bearings", "garden tractors", "hearing aids", "railway brakes", "lift doors", "dental drills", "sewing machines",
        "harvest robots", "ship propellers", "sparkling wine", "office chairs", "baby food", "solar pumps", "piano strings",
    ),
    "illness": (
        "marsh fever", "cholera", "typhoid", "measles", "dengue", "hepatitis", "botulism", "meningitis", "whooping cough",
        "legionnaires' disease", "diphtheria",
    ),
    "source": (
        "unpasteurised goat cheese", "smoked eel", "a public fountain", "bean sprouts", "pickled mushrooms", "a hotel cooling tower",
        "raw mussels", "home-made sausage", "imported dates", "a school canteen",
    ),
    "treasure": (
        "a gold reliquary", "an ivory chess set", "a bronze mask", "a jewelled sabre", "a medieval psalter", "a silver drinking horn",
        "an amber altar", "a painted fan", "a Roman glass cup", "an emerald crown", "a carved flute",
    ),
    "job": (
        "welder", "school cook", "tram driver", "midwife", "paint mixer", "violin maker", "bus mechanic", "typesetter", "beekeeper",
        "crane operator", "laboratory assistant",
    ),
    "post": (
        "the mayor", "the district commissioner", "the deputy governor", "the head of the town council", "the regional secretary",
        "the provincial ombudsman", "the harbour master", "the county treasurer",
    ),
    "body": (
        "chamber of trade", "tenants' league", "citizens' forum", "regional farmers' board", "association of small towns",
        "doctors' guild", "consumers' union", "friends of the old town", "council of parishes", "taxpayers' alliance",
    ),
}  # fmt: skip
_QUOTES = (
    "We have {verb} {thing} for {n} years, and nobody can tell us that this came as a surprise",
    "If {thing} means anything to those in charge, they should come here and {act} themselves",
    "First they {verb} {thing}, then they {verb2} us, and now they want {n} more months",
    "I have {n} letters about {thing} in my drawer, and not one of them was answered with more than a stamp",
    "There is a time to {act} and a time to be angry about {thing}, and today is for both",
    "Nobody should have to {act} because somebody {verb} {thing} {n} years ago",
)
_VERBS = "ignored, praised, neglected, defended, forgotten, postponed, promised, sold, measured, painted, mapped".split(", ")
_THINGS = (
    "the old drains, our harbour, honest work, the winter stores, this valley, the night bus, a decent wage, the north wall, "
    "clean water, the evening school, the archive, our doctors"
).split(", ")
_ACTS = "count the beds, walk the bank, read the files, carry the bags, answer the phone, light a candle, sweep the stairs".split(", ")


def word(random: Random, ends: Sequence[str]) -> str:
    middle = random.choice(_MIDDLES) if random.random() < 0.7 else ""
    return random.choice(_HEADS) + middle + random.choice(ends)


def town(random: Random) -> str:
    return word(random, _TOWNS)


def person(random: Random) -> str:
    return f"{random.choice(_GIVEN)} {word(random, _FAMILIES)}"


def firm(random: Random) -> str:
    return f"{word(random, ('ex', 'ona', 'tec', 'ia', 'um', 'is', 'ado'))} {random.choice(_FIRM_ENDS)}"


def quotation(random: Random) -> str:
    return random.choice(_QUOTES).format(
        verb=random.choice(_VERBS), verb2=random.choice(_VERBS), thing=random.choice(_THINGS), act=random.choice(_ACTS),
        n=random.randint(2, 40),
    )  # fmt: skip


def figures(random: Random) -> Facts:
    """Numbers by the letters that the forms use; each letter has a range of its own."""
    return {
        "n:a": random.randint(2, 39), "n:b": random.randint(40, 480), "n:c": random.randint(21, 940), "n:d": random.randint(90, 970),
        "n:e": random.randint(3, 9), "n:f": random.randint(2, 11), "n:g": random.randint(41, 89), "n:h": random.randint(1_100, 98_000),
        "n:big": random.randint(1_050, 94_000), "pct:p": random.randint(110, 890) / 10, "pct:q": random.randint(21, 380) / 10,
        "pct:r": random.randint(12, 290) / 10, "pct:s": random.randint(31, 190) / 10, "km:d": random.randint(2, 60),
        "km:g": random.randint(61, 340), "money:m": random.randint(2, 950) * 1_000_000, "money:w": random.randint(3, 90) * 1_000,
        "year": random.randint(1871, 1998),
    }  # fmt: skip


def event_facts(random: Random, at: datetime) -> Facts:
    facts = figures(random)
    facts |= {name: random.choice(words) for name, words in _STORES.items()}
    facts |= {name: person(random) for name in ("official", "witness", "expert", "accused", "speaker", "passer", "leader")}
    facts |= {"town": town(random), "city": town(random), "region": word(random, _REGIONS), "firm": firm(random), "rival": firm(random)}
    facts |= {"street": f"{word(random, _FAMILIES)} {random.choice(('Street', 'Road', 'Square', 'Quay'))}"}
    facts |= {"river": f"the {word(random, ('a', 'e', 'o', 'er', 'in'))} river", "q": quotation(random)}
    facts |= {"institute": f"the {town(random)} Institute of {random.choice(_FIELDS)}"}
    facts |= {"union": f"the {random.choice(('Metal', 'Harbour', 'Transport', 'Chemical', 'Printing'))} Workers' Union of {facts['region']}"}
    return facts | {"day": at.date(), "day2": (at + timedelta(days=1)).date()}
