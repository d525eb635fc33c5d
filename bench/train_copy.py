"""Learns the copy weights from articles whose every copied paragraph is known, and prints how well they do on stories unseen.

    python -m bench.train_copy DATA_FOLDER [--cache FOLDER] [--weights FILE]

DATA_FOLDER holds cascade/articles.jsonl and cascade/truth.json. Traps that such articles lack (one wording with other names and
figures) come from the generator of `bench/spread`. Needs scipy besides the service itself. Writes nothing but the cache of
vectors and, with --weights, the `copy` part of that weights file and the note of how it was learned.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from bench.quality.vectors import RememberingEncoder
from bench.spread.simulation import Simulation
from bench.weights_file import put
from service.domain.evidence import AGAINST, COPY_FEATURES, copy_features
from service.domain.matching import shingles, stretches_of
from service.domain.segmentation import read_article
from service.domain.tokens import sentences, surface, unit_key, unit_ranges
from service.domain.units import Unit, prepare
from service.ports import Encoder
from service.registry_files import load_registry
from service.settings import Settings

FOLDS = 5
THRESHOLD = 0.58
LEAST_COSINE = 0.62
TRAP_SEEDS, TRAP_EVENTS = (101, 103), 25
TRAP_WEIGHT = 0.1
"""Of all traps together, against all pairs of the labelled set."""
HELD_OUT_SEED = 102
# What the labelled set cannot teach: its copies seldom change a figure or a name, so that its own weights would be too small for
# tables, weather and results.
CEILING = {"figures_differ": -4.0, "figures_conflict": -4.0, "names_differ": -3.0}
FIXED = {"names_conflict": -0.5}
"""A longer version of one sentence often names somebody more; only a name in the place of another tells."""
MOST = {"longest_run": 2.0}


def units_of(texts: Iterable[str], encoder: Encoder) -> dict[str, Unit]:
    """Units by key."""
    wanted = {unit_key(t): t for t in texts}
    vectors = encoder.encode([surface(t) for t in wanted.values()])
    return {k: prepare(k, t, vector) for (k, t), vector in zip(wanted.items(), vectors, strict=True)}


@dataclass
class Held:
    """What is known of the units of a set: text, whose lines they are, story, the paragraphs they stand in."""

    text: dict[str, str] = field(default_factory=dict)
    line: Mapping[str, set[Any]] = field(default_factory=lambda: defaultdict(set))
    story: Mapping[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    around: Mapping[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    unclear: set[str] = field(default_factory=set)

    def candidates(self, encoder: Encoder) -> list[tuple[Unit, Unit]]:
        """Pairs as the service proposes them."""
        units = units_of(self.text.values(), encoder)
        keys = sorted(units)
        grams = {k: shingles(units[k].tokens.words) for k in keys}
        postings: dict[Any, list[str]] = defaultdict(list)
        for k in keys:
            for g in grams[k]:
                postings[g].append(k)
        proposed = set()
        for k in keys:
            for other, n in Counter(o for g in grams[k] for o in postings[g] if o > k).items():
                if n >= 2 and n >= 0.1 * min(len(grams[k]), len(units[other].tokens)):
                    proposed.add((k, other))
        matrix = np.stack([units[k].vector for k in keys])
        near = np.where(np.triu(matrix @ matrix.T, 1) >= LEAST_COSINE)
        proposed |= {(keys[i], keys[j]) for i, j in zip(*near, strict=True)}
        pairs = [(units[u], units[v]) for u, v in sorted(proposed)]
        return [(a, b) for a, b in pairs if a.tokens.words != b.tokens.words and min(len(a.tokens), len(b.tokens)) >= 6]


@dataclass
class Pairs:
    x: np.ndarray
    y: np.ndarray
    group: np.ndarray
    weight: np.ndarray

    def part(self, mask: np.ndarray) -> Pairs:
        return Pairs(self.x[mask], self.y[mask], self.group[mask], self.weight[mask])

    def with_(self, other: Pairs) -> Pairs:
        return Pairs(*(np.concatenate([getattr(self, n), getattr(other, n)]) for n in ("x", "y", "group", "weight")))


def row_of(a: Unit, b: Unit) -> list[float]:
    if b.key < a.key:
        a, b = b, a
    found = copy_features(a, b, float(a.vector @ b.vector), stretches_of(a, b))
    return [found[n] for n in COPY_FEATURES]


def read(row: Mapping[str, Any], registry: Any) -> list[tuple[int, str, list[str]]]:
    """Body paragraphs: index, text, texts of the units."""
    site = re.sub(r"^https?://(www\.)?", "", row.get("url", "")).split("/")[0]
    reading = read_article(
        tuple(row["paragraphs"]),
        title=row.get("title") or "",
        authors=row.get("authors", []),
        outlet_site=site,
        outlet_name=row.get("outlet") or "",
        language="en",
        registry=registry,
    )
    return [
        (p.index, p.text, [p.text[a:b] for a, b in unit_ranges(p.text, p.core_start, p.core_end)])
        for p in reading.paragraphs
        if p.role == "body"
    ]


def cascade_pairs(folder: Path, encoder: Encoder) -> Pairs:
    rows = {r["external_id"]: r for r in map(json.loads, (folder / "articles.jsonl").open(encoding="utf8"))}
    truth = json.loads((folder / "truth.json").read_text(encoding="utf8"))
    wires = {k: truth[k]["story"] + ":wire" for k in rows if truth[k]["parent"] is None}
    traced: dict[tuple[str, int], tuple[str, int]] = {}

    def trace(key: str, i: int) -> tuple[str, int]:
        """The line of the first known text that a paragraph descends from."""
        if (key, i) not in traced:
            traced[key, i] = (key, i)
            for p, source, j, _ in truth[key]["copied"]:
                if p == i:
                    traced[key, i] = (truth[key]["story"] + ":wire", j) if source is None else trace(source, j)
        return traced[key, i]

    registry, held = load_registry(), Held()
    for key, row in rows.items():
        for index, paragraph, texts in read(row, registry):
            holder, j = trace(key, index)
            for text in texts:
                unit = unit_key(text)
                held.text[unit] = text
                held.line[unit].add((wires.get(holder, holder), j))
                held.story[unit].add(truth[key]["story"])
                held.around[unit].add(paragraph)
                if truth[key]["carry"] == "roundup":
                    held.unclear.add(unit)
    x, y, group = [], [], []
    for a, b in held.candidates(encoder):
        u, v = a.key, b.key
        is_copy = bool(held.line[u] & held.line[v]) or any(contained(s, t) >= 0.5 for s in held.around[u] for t in held.around[v])
        is_open = {u, v} & held.unclear and not held.story[u] & held.story[v]
        if not is_copy and (is_open or shares_sentence(a.text, b.text)):
            continue  # true copy of a part, or of a file whose line is not recorded: no clean example of either
        x.append(row_of(a, b))
        y.append(is_copy)
        group.append(min(held.story[u]))
    return Pairs(np.array(x), np.array(y), np.array(group), np.full(len(y), 1 / len(y)))


def trap_pairs(seed: int, encoder: Encoder) -> Pairs:
    """Generated articles: sentences of one form about other people, places and numbers beside true copies."""
    registry, held = load_registry(), Held()
    for article in Simulation(TRAP_EVENTS, seed).arrivals():
        truth = article.truth()
        for index, _, texts in read(article.request(), registry):
            for text in texts:
                unit = unit_key(text)
                held.text[unit] = text
                held.line[unit].update(truth["lineage"][index])
                if len(texts) > 1 or truth["kinds"][index] != "copy":
                    held.unclear.add(unit)
    pairs = [(a, b) for a, b in held.candidates(encoder) if not {a.key, b.key} & held.unclear]
    y = np.array([bool(held.line[a.key] & held.line[b.key]) for a, b in pairs])
    weight = np.full(len(y), TRAP_WEIGHT / len(TRAP_SEEDS) / len(y))
    return Pairs(np.array([row_of(a, b) for a, b in pairs]), y, np.full(len(y), f"traps {seed}"), weight)


class BoundedLogistic:
    """Logistic regression whose weights keep the sign that their feature's meaning gives them."""

    def fit(self, pairs: Pairs, regularisation: float = 1e-4) -> BoundedLogistic:
        sign, weight = np.where(pairs.y, 1.0, -1.0), pairs.weight / pairs.weight.sum()

        def loss(c: np.ndarray) -> tuple[float, np.ndarray]:
            z = sign * (pairs.x @ c[1:] + c[0])
            pull = -sign / (1 + np.exp(np.clip(z, -50, 50))) * weight
            return (
                float((np.logaddexp(0, -z) * weight).sum() + regularisation * (c[1:] ** 2).sum()),
                np.r_[pull.sum(), pairs.x.T @ pull + 2 * regularisation * c[1:]],
            )

        bounds = [(None, None)] + [
            (FIXED[n], FIXED[n]) if n in FIXED else (None, CEILING[n]) if n in AGAINST else (0.0, MOST.get(n))
            for n in COPY_FEATURES
        ]
        start = np.array([0.0] + [FIXED.get(n, CEILING.get(n, 0.0)) for n in COPY_FEATURES])
        self.c = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 3000}).x
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(x @ self.c[1:] + self.c[0])))

    def as_weights(self) -> dict[str, Any]:
        """Intercept, threshold and weights as the weights file holds them."""
        return {
            "intercept": round(float(self.c[0]), 4),
            "threshold": THRESHOLD,
            "weights": {n: round(float(w), 4) for n, w in zip(COPY_FEATURES, self.c[1:], strict=True)},
        }


def calibration_error(p: np.ndarray, y: np.ndarray, bins: int = 10) -> float:
    which = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs(p[which == i].mean() - y[which == i].mean()) * (which == i).mean() for i in set(which)))


def trigrams(text: str) -> set[tuple[str, ...]]:
    w = re.findall(r"\w+", text.lower())
    return {tuple(w[i : i + 3]) for i in range(len(w) - 2)}


def contained(a: str, b: str) -> float:
    s, t = trigrams(a), trigrams(b)
    return len(s & t) / max(1, min(len(s), len(t)))


def shares_sentence(a: str, b: str) -> bool:
    for one, other in ((a, b), (b, a)):
        held = trigrams(other)
        for start, end in sentences(one):
            own = trigrams(one[start:end])
            if len(own) >= 5 and len(own & held) >= 0.6 * len(own):
                return True
    return False


def report(name: str, p: np.ndarray, y: np.ndarray) -> None:
    claimed = p >= THRESHOLD
    print(
        f"{name}, {len(y)} candidate pairs of units ({y.sum()} copies): precision {y[claimed].mean():.4f} "
        f"recall {(claimed & y).sum() / y.sum():.4f} calibration error {calibration_error(p, y):.4f}"
    )


class CopyTeacher:
    """Everything there is to learn copy from; `pairs.group` names the story of each labelled pair."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self.pairs = cascade_pairs(folder, encoder)
        traps = [trap_pairs(seed, encoder) for seed in TRAP_SEEDS]
        self.traps = traps[0].with_(traps[1])

    def taught_on(self, stories: Collection[str]) -> BoundedLogistic:
        """Learned on the pairs of these stories and on all traps."""
        chosen = np.isin(self.pairs.group, sorted(stories))
        return BoundedLogistic().fit(self.pairs.part(chosen).with_(self.traps))


def learn(folder: Path, encoder: Encoder) -> dict[str, Any]:
    teacher = CopyTeacher(folder, encoder)
    pairs, stories = teacher.pairs, sorted(set(teacher.pairs.group))
    p = np.zeros(len(pairs.y))
    for f in range(FOLDS):
        unseen = np.isin(pairs.group, stories[f::FOLDS])
        p[unseen] = teacher.taught_on(set(stories) - set(stories[f::FOLDS])).predict(pairs.x[unseen])
    report(f"cascade, {FOLDS} folds by story", p, pairs.y)
    model = teacher.taught_on(stories)
    held_out = trap_pairs(HELD_OUT_SEED, encoder)
    report("generated traps, unseen", model.predict(held_out.x), held_out.y)
    return model.as_weights() | {
        "learned": {
            "command": "python -m bench.train_copy DATA --weights service/data/weights.json",
            "data": f"cascade ({len(pairs.y)} pairs of units), bench.spread seeds {TRAP_SEEDS} ({len(teacher.traps.y)} pairs)",
            "date": datetime.now(UTC).date().isoformat(),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, help="folder that keeps vectors between runs")
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    encoder = RememberingEncoder(Settings(), options.cache)
    copy = learn(options.data / "cascade", encoder)
    encoder.save()
    print(json.dumps({"copy": copy}, indent=1))
    if options.weights:
        put(options.weights, "copy", copy)


if __name__ == "__main__":
    main()
