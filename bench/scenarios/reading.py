"""Reads the scenarios as bodies of POST /v1/articles with their gold partitions."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.quality.pipeline import Body

FOLDER = Path(__file__).parent
LEARNED_ON = ("learn", "develop")
HELD_OUT = "held_out"
PARTS = (*LEARNED_ON, HELD_OUT)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`stories` and `reports` hold a label for each body; no reports where editors could differ."""

    name: str
    about: str
    bodies: list[Body]
    stories: list[str]
    reports: list[str] | None


def read(part: str) -> list[Scenario]:
    """The scenarios of one part, by name.

    Raises ValueError where a partition does not hold every article once.
    """
    return [_scenario(path) for path in sorted((FOLDER / part).glob("*.json"))]


def is_right(gold: Sequence[str], found: Sequence[str]) -> bool:
    """Whether two partitions of the same articles are one."""
    return groups_of(gold) == groups_of(found)


def groups_of(labels: Sequence[str]) -> set[tuple[int, ...]]:
    """The places that have one label each."""
    groups: dict[str, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        groups[label].append(place)
    return {tuple(group) for group in groups.values()}


def _scenario(path: Path) -> Scenario:
    row = json.loads(path.read_text(encoding="utf8"))
    ids = [one["id"] for one in row["articles"]]
    bodies = [
        {
            "external_id": f"{path.stem}/{one['id']}",
            "url": f"https://{one['outlet']}/{path.stem}/{one['id']}",
            **{key: value for key, value in one.items() if key not in ("id", "outlet")},
        }
        for one in row["articles"]
    ]
    reports = _labels(path, ids, row["reports"]) if "reports" in row else None
    return Scenario(path.stem, row["about"], bodies, _labels(path, ids, row["stories"]), reports)


def _labels(path: Path, ids: list[str], groups: list[list[str]]) -> list[str]:
    group_of = {one: f"{path.stem}/{number}" for number, group in enumerate(groups) for one in group}
    if sorted(one for group in groups for one in group) != sorted(ids):
        raise ValueError(f"{path.name}: a partition has to hold every article once")
    return [group_of[one] for one in ids]
