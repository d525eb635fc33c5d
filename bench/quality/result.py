"""The record of one run: figures with their noise, what the other methods reach, reliability curves. Plain data, kept as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bench.quality import metrics
from bench.quality.metrics import Bin, Pairs, Rates

Direction = Literal["up", "down", "none"]
"""Which way is better; `none` is reported and never judged."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`noise` is one standard error, 0 for a plain count."""

    key: str
    label: str
    value: float
    noise: float = 0.0
    better: Direction = "up"
    is_count: bool = False

    def fell_below(self, before: Figure) -> bool:
        """Whether it is worse than a committed one by more than that one's noise."""
        if before.better == "none":
            return False
        worse = before.value - self.value if before.better == "up" else self.value - before.value
        return worse > before.noise + 1e-9


@dataclass(frozen=True, slots=True)
class Rival:
    """What a method reached at a threshold. `is_tuned`: that threshold was chosen on the answers. `values` go by figure key."""

    method: str
    threshold: float | None
    is_tuned: bool
    why: str
    values: dict[str, float]


@dataclass(slots=True)
class SetResult:
    name: str
    items: str
    figures: list[Figure] = field(default_factory=list)
    rivals: list[Rival] = field(default_factory=list)
    curves: dict[str, list[Bin]] = field(default_factory=dict)
    date: str = ""
    seconds: float = 0.0
    model: str = ""
    weights: str = ""

    def add(self, key: str, label: str, value: float, noise: float = 0.0, better: Direction = "up") -> None:
        """A whole number is a count, anything else a share."""
        self.figures.append(Figure(key, label, round(float(value), 4), round(float(noise), 4), better, isinstance(value, int)))

    def add_partition(self, key: str, label: str, b3: Rates, pair: Pairs, noise: tuple[float, float, float]) -> None:
        """Three figures: B3 F1, pair F1, ARI."""
        self.add(f"{key}_b3", f"{label}: B3 F1", b3.f1, noise[0])
        self.add(f"{key}_pair", f"{label}: pair F1", pair.rates.f1, noise[1])
        self.add(f"{key}_ari", f"{label}: ARI", pair.ari, noise[2])

    def add_calibration(self, key: str, label: str, claims: Sequence[tuple[float, bool]]) -> None:
        """The expected calibration error of claims (confidence, right or not), and their curve."""
        bins = metrics.reliability(claims)
        error, noise = metrics.calibration_error(bins), metrics.calibration_noise(claims)
        self.add(f"{key}_ece", f"{label}: calibration error of {len(claims):,} claims", error, noise, "down")
        self.curves[label] = bins

    def record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, record: dict[str, Any]) -> SetResult:
        plain = {**record}
        plain["figures"] = [Figure(**row) for row in record["figures"]]
        plain["rivals"] = [Rival(**row) for row in record["rivals"]]
        plain["curves"] = {name: [Bin(**row) for row in rows] for name, rows in record["curves"].items()}
        return cls(**plain)


def falls(now: SetResult, before: SetResult) -> list[str]:
    """What fell below the committed figures by more than their noise; a figure that went missing counts too."""
    current = {figure.key: figure for figure in now.figures}
    found = []
    for old in before.figures:
        new = current.get(old.key)
        if new is None:
            found.append(f"{now.name}: {old.label} is no longer measured")
        elif new.fell_below(old):
            found.append(f"{now.name}: {old.label} was {old.value:.4f} with noise {old.noise:.4f}, is {new.value:.4f}")
    return found
