"""Checks another detector's flags by byline, headline and URL alone: how many of its errors go, how many true ones stay.

    python bench/bylines.py ROWS

ROWS is a file of JSON lines with outlet, byline, headline, url and not_wire (the detector was wrong). Outlets are dealt to a
development and a held-out part by a hash of their name. Where all errors come from one outlet they are dealt by URL instead,
so the held-out figure for errors says nothing about other outlets; the figures without the byline show what is left then.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from service.domain.wire_hints import FLAGGED_SHARE, wire_hint
from service.registry_files import load_registry


def _is_held_out(text: str) -> bool:
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 1


def score(rows: Path) -> dict[str, Any]:
    """Shares (0 to 1) of errors removed and of true flags kept, per part, with and without the byline, and per outlet."""
    registry = load_registry()
    records = [json.loads(line) for line in rows.read_text(encoding="utf8").splitlines()]
    one_outlet = len({r["outlet"] for r in records if r["not_wire"]}) == 1
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    lost: collections.Counter[str] = collections.Counter()
    mistakes: list[str] = []
    for record in records:
        by_url = record["not_wire"] and one_outlet
        part = "held out" if _is_held_out(record["url"] if by_url else record["outlet"]) else "development"
        site = urlsplit(record["url"]).hostname or ""
        for view, byline in (("all fields", record["byline"] or ""), ("without byline", "")):
            hint = wire_hint(byline, record["headline"], record["url"], site, record["outlet"], registry, prior=FLAGGED_SHARE)
            truth = "error" if record["not_wire"] else "true"
            for group in (view, f"{view}, {part}"):
                counts[group][truth] += 1
                counts[group][f"{truth} as flagged"] += hint.is_wire
            if view == "all fields" and hint.is_wire == record["not_wire"]:
                lost[record["outlet"]] += not record["not_wire"]
                mistakes.append(f"{truth}: {record['byline'][:40]} | {record['headline'][:90]} | {'; '.join(hint.reasons)[:160]}")
    return {
        "rows": len(records),
        "errors_come_from_one_outlet": one_outlet,
        "figures": {
            group: {
                "errors_removed": round(1 - c["error as flagged"] / max(1, c["error"]), 4), "errors": c["error"],
                "true_kept": round(c["true as flagged"] / max(1, c["true"]), 4), "true": c["true"],
            }
            for group, c in sorted(counts.items())
        },
        "true_lost_by_outlet": dict(lost.most_common()),
        "mistakes": mistakes,
    }  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path)
    print(json.dumps(score(parser.parse_args().rows), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
