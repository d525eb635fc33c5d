"""Scores the credit rules on a folder of labelled documents, without a server.

    python bench/credits.py FOLDER

FOLDER holds credits.jsonl (labels) and texts.jsonl (texts), line by line the same documents. Prints precision, recall, F1 and
kind accuracy over organisations per document, then what was missed and what was wrong.
"""

from __future__ import annotations

import argparse
import collections
import json
import re
import time
from pathlib import Path
from typing import Any

from service.domain.segmentation import read_article
from service.registry_files import load_registry

SCORED = {"agency", "outlet", "pr_wire", "aggregator"}
SAME = {
    "ap": "associatedpress", "theassociatedpress": "associatedpress", "agencefrancepresse": "afp", "thomsonreuters": "reuters",
    "pa": "pamedia", "pressassociation": "pamedia", "cnnwire": "cnn", "cnnnewsource": "cnn", "deutschepresseagentur": "dpa",
    "presstrustofindia": "pti", "unitedpressinternational": "upi", "bloombergnews": "bloomberg", "itartass": "tass",
    "rianovosti": "ria",
}  # fmt: skip


def organisation_key(name: str | None) -> str:
    plain = re.sub(r"[^a-z0-9]", "", (name or "").lower())
    return SAME.get(plain, plain)


def split_text(text: str) -> list[str]:
    """Blank lines part the paragraphs; where there are none, lines do."""
    parts = re.split(r"\n[ \t\r\f\v]*\n", text)
    if len(parts) == 1:
        parts = text.split("\n")
    return [p for p in parts if p.strip()]


def _documents(folder: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    labels = [json.loads(line) for line in (folder / "credits.jsonl").read_text(encoding="utf8").splitlines()]
    texts = [json.loads(line) for line in (folder / "texts.jsonl").read_text(encoding="utf8").splitlines()]
    return list(zip(labels, texts, strict=True))


def score(folder: Path) -> dict[str, Any]:
    """Counts and rates over all documents without a doubt, own and truncated credits being optional."""
    registry = load_registry()
    right = wrong = missed = kinds = 0
    errors: list[str] = []
    families: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    began = time.perf_counter()
    documents = _documents(folder)
    for label, text in documents:
        site = label.get("outlet") or "unknown.example"
        reading = read_article(
            split_text(text["text"]),
            title="",
            authors=(),
            outlet_site=site,
            outlet_name="",
            language=label.get("lang"),
            registry=registry,
        )
        if label.get("doubt"):
            continue
        said = {organisation_key(c.organisation.name): c for c in reading.credits if c.kind != "photo"}
        entries = [
            (organisation_key(x["org"]), {x["kind"], x.get("kind_alt")}, x) for x in label["credits"] if x["kind"] != "photo"
        ]
        want = {o: k for o, k, x in entries if x["own"] is False and not x.get("truncated") and x.get("org_type") in SCORED}
        optional = {o for o, _, _ in entries if o not in want}
        for name in (said.keys() - optional) | want.keys():
            if name in said and name in want:
                right += 1
                kinds += said[name].kind in want[name]
                families[said[name].kind]["right"] += 1
                if said[name].kind not in want[name]:
                    errors.append(f"KIND   {label['id']} {name}: {said[name].kind} for {want[name]}")
            elif name in said:
                wrong += 1
                families[said[name].kind]["wrong"] += 1
                errors.append(f"WRONG  {label['id']} {name}: {said[name].kind} {said[name].text[:120]!r}")
            else:
                missed += 1
                families[str(min(map(str, want[name])))]["missed"] += 1
                errors.append(f"MISSED {label['id']} {name}: {want[name]}")
    seconds = time.perf_counter() - began
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return {
        "precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4),
        "kind_accuracy": round(kinds / max(1, right), 4), "right": right, "wrong": wrong, "missed": missed,
        "ms_per_document": round(1000 * seconds / max(1, len(documents)), 2),
        "families": {k: dict(v) for k, v in sorted(families.items())}, "errors": errors,
    }  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    print(json.dumps(score(parser.parse_args().folder), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
