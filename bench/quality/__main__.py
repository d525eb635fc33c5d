"""Measures the real pipeline, and the methods that a user would otherwise reach for, on labelled data sets.

    python -m bench.quality DATA [--only SET] [--write] [--cache FOLDER] [--sample FILE]

DATA is a folder with one folder a set; sets that are not there are left out and said so. Prints one table. Exits 1 when a
figure falls below the committed one (bench/quality/baseline.json) by more than its noise.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.quality.chart import reliability_svg
from bench.quality.copying import cascade
from bench.quality.others import credits_set, reuters21578, wire_bylines
from bench.quality.page import label, page, rival_cell, shown
from bench.quality.pairs import clough_stevenson, msrp, seeds
from bench.quality.result import SetResult, falls
from bench.quality.scans import scans
from bench.quality.situations import scenarios
from bench.quality.spreading import spread
from bench.quality.stories import ecbplus, gedikli
from bench.quality.tools import Tools, quieten
from bench.quality.vectors import RememberingEncoder
from service.registry_files import load_registry
from service.resources import load_weights
from service.settings import Settings

SETS: dict[str, Callable[[Path, Tools], SetResult]] = {
    "ecbplus": ecbplus,
    "gedikli": gedikli,
    "cascade": cascade,
    "seeds": seeds,
    "msrp": msrp,
    "clough_stevenson": clough_stevenson,
    "reuters21578": reuters21578,
    "scans": scans,
    "credits": credits_set,
    "wire_bylines": wire_bylines,
    "spread": spread,
    "scenarios": scenarios,
}
_KEPT_IN = {"scans": "reuters21578"}
"""Sets made of the texts of another one."""
_OWN = frozenset({"spread", "scenarios"})
"""What this project brings along."""
_ROOT = Path(__file__).parents[2]
_BASELINE = Path(__file__).with_name("baseline.json")
_PAGE = _ROOT / "docs" / "quality.md"
_PLOT = _ROOT / "docs" / "quality-reliability.svg"
_COMMAND = "make bench-quality LABELLED=FOLDER"
_PACKAGES = ("wiretrace", "sentence-transformers", "torch", "numpy", "scikit-learn", "datasketch", "semhash")


def main() -> int:
    """Command line; the exit code."""
    arguments = _arguments()
    # Settings of the shell would make the figures those of another service.
    for name in [name for name in os.environ if name.startswith("WIRETRACE_")]:
        del os.environ[name]
    quieten()
    # A pipe has no width of its own; the 80 columns that are then assumed would break every word of the table.
    console, notes = Console(width=None if sys.stdout.isatty() else 200), Console(stderr=True)
    committed = _committed()
    encoder = RememberingEncoder(Settings(), arguments.cache)
    tools = Tools(encoder, load_registry(), load_weights(), lambda text: notes.print(text, highlight=False), arguments.sample)
    results: dict[str, SetResult] = {}
    for name in arguments.only or SETS:
        folder = arguments.data / _KEPT_IN.get(name, name)
        if name not in _OWN and not folder.is_dir():
            notes.print(f"{name}: not in {arguments.data}, left out", highlight=False)
            continue
        notes.print(f"{name} ...", highlight=False)
        began = time.perf_counter()
        result = results[name] = SETS[name](folder, tools)
        result.seconds = round(time.perf_counter() - began, 1)
        result.date = datetime.now(UTC).date().isoformat()
        result.model, result.weights = Settings().model, tools.weights.version
        encoder.save()
    if not results:
        notes.print(f"{arguments.data} holds none of the sets: {', '.join(SETS)}")
        return 2
    _print(console, results, committed)
    fallen = [line for name, result in results.items() if name in committed for line in falls(result, committed[name])]
    if arguments.write:
        _write({name: found for name in SETS if (found := results.get(name) or committed.get(name))})
    for line in fallen:
        notes.print(f"FELL: {line}", style="bold red", highlight=False)
    return 1 if fallen else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.quality", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with one folder a set")
    parser.add_argument("--only", action="append", choices=list(SETS), help="this set alone; may be given several times")
    parser.add_argument("--write", action="store_true", help="write docs/quality.md, its plot and the committed figures")
    parser.add_argument("--cache", type=Path, help="folder that keeps embeddings between runs")
    parser.add_argument("--sample", type=Path, help="file for 200 reports of the newswire, to be read by somebody")
    return parser.parse_args()


def _committed() -> dict[str, SetResult]:
    if not _BASELINE.is_file():
        return {}
    record = json.loads(_BASELINE.read_text(encoding="utf8"))
    return {name: SetResult.of(row) for name, row in record["sets"].items()}


def _write(results: Mapping[str, SetResult]) -> None:
    versions = {name: _version(name) for name in _PACKAGES}
    record = {
        "note": "The committed figures of `make bench-quality`; `noise` is one standard error, `better` says which way is up.",
        "command": _COMMAND,
        "versions": versions,
        "sets": {name: result.record() for name, result in results.items()},
    }
    _BASELINE.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
    model = next(iter(results.values())).model
    _PAGE.write_text(page(results, _COMMAND, model, versions), encoding="utf8")
    curves = {f"{result.name}: {name}": bins for result in results.values() for name, bins in result.curves.items()}
    _PLOT.write_text(reliability_svg(curves), encoding="utf8")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _print(console: Console, results: Mapping[str, SetResult], committed: Mapping[str, SetResult]) -> None:
    methods = list(dict.fromkeys(rival.method for result in results.values() for rival in result.rivals))
    table = Table(title="Quality: at the default threshold (tuned on the answers: an upper bound)", title_justify="left")
    for heading in ("set", "figure"):
        table.add_column(heading, overflow="fold")
    for heading in ("Wiretrace", "±", "committed", *methods):
        table.add_column(heading, justify="right", overflow="fold")
    for result in results.values():
        before = {figure.key: figure for figure in committed[result.name].figures} if result.name in committed else {}
        for figure in result.figures:
            old = before.get(figure.key)
            table.add_row(
                result.name,
                label(figure),
                f"[bold]{shown(figure.value, figure)}[/bold]",
                shown(figure.noise, figure) if figure.noise else "",
                shown(old.value, figure) if old else "",
                *(rival_cell(result.rivals, method, figure) for method in methods),
                style="red" if old and figure.fell_below(old) else None,
            )
        table.add_section()
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
