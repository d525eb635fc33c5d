"""Quantities with a unit, so that "28 kilometres" and "17 miles" are one figure: desks convert units for their readers.

Owns the units and how far rounding may take two figures apart. Knows nothing of articles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_ROUNDING = 0.05
"""Greatest relative distance of two figures that are one: converted figures are rounded, "about 60 miles" for 100 km."""

# Unit -> (what is measured, in which system, factor to the metric unit). Systems differ, or nothing was converted.
_UNITS: dict[str, tuple[str, str, float]] = {}
for _names, _kind, _system, _factor in (
    ("km kms kilometer kilometers kilometre kilometres", "length", "metric", 1000.0),
    ("m meter meters metre metres", "length", "metric", 1.0),
    ("cm centimeter centimeters centimetre centimetres", "length", "metric", 0.01),
    ("mile miles mi", "length", "imperial", 1609.344),
    ("yard yards", "length", "imperial", 0.9144),
    ("ft foot feet", "length", "imperial", 0.3048),
    ("inch inches", "length", "imperial", 0.0254),
    ("kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes", "mass", "metric", 1.0),
    ("lb lbs pound pounds", "mass", "imperial", 0.45359237),
    ("ounce ounces oz", "mass", "imperial", 0.028349523),
    ("gram grams gramme grammes", "mass", "metric", 0.001),
    ("kph kmh kmph", "length^1 per hour", "metric", 1000.0),
    ("mph", "length^1 per hour", "imperial", 1609.344),
    ("hectare hectares ha", "area", "metric", 1.0),
    ("acre acres", "area", "imperial", 0.40468564),
    ("liter liters litre litres", "volume", "metric", 1.0),
    ("gallon gallons", "volume", "imperial", 3.7854118),
    ("barrel barrels", "volume", "imperial", 158.98729),
):
    for _name in _names.split():
        _UNITS[_name] = (_kind, _system, _factor)


@dataclass(frozen=True, slots=True)
class Measure:
    """Token `index` holds a figure; `amount` is in the metric unit of its kind."""

    index: int
    kind: str
    system: str
    amount: float


def measures(words: tuple[str, ...]) -> tuple[Measure, ...]:
    """Figures that stand right before a unit. Miles an hour and square miles are told by what stands around them."""
    found = []
    for index in range(len(words) - 1):
        word, following = words[index], words[index + 1]
        squared = following in ("square", "sq", "cubic")
        unit = _UNITS.get(words[index + 2] if squared and index + 2 < len(words) else following)
        if unit is None or not word[0].isdigit():
            continue
        try:
            amount = float(word.replace(",", ""))
        except ValueError:
            continue
        kind, system, factor = unit
        power = {"cubic": 3, "square": 2, "sq": 2}.get(following, 1)
        is_per_hour = words[index + 2 : index + 4] in (("an", "hour"), ("per", "hour")) or words[index + 2 : index + 3] == ("h",)
        per = " per hour" if is_per_hour else ""
        name = kind if "per" in kind else f"{kind}^{power}{per}"
        found.append(Measure(index, name, system, amount * factor**power))
    return tuple(found)


def converted(a: Sequence[Measure], b: Sequence[Measure]) -> tuple[frozenset[int], frozenset[int]]:
    """Token indices of figures on either side that the other gives in units of another system."""
    mine, theirs = set[int](), set[int]()
    for one in a:
        for other in b:
            if one.kind == other.kind and one.system != other.system:
                larger = max(one.amount, other.amount)
                if larger > 0 and abs(one.amount - other.amount) <= _ROUNDING * larger:
                    mine.add(one.index)
                    theirs.add(other.index)
    return frozenset(mine), frozenset(theirs)
