"""Extraction against a gold: `python bench/extraction.py FOLDER` (gold.jsonl and html/*.html.gz as in the labelled data).

Paragraph F1: paragraphs equal after folding case, spacing and typography, as multisets. Token F1: words, as multisets. Both over
the body (credit lines, which the gold leaves out and we keep as evidence, stand apart) and over all that is kept.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import unicodedata
from collections import Counter
from datetime import datetime
from pathlib import Path

from service.fetch.extract import extract_page


def folded(text: str) -> str:
    return " ".join(words(text))


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())


def f1(found: Counter[str], gold: Counter[str]) -> tuple[int, int, int]:
    return (found & gold).total(), found.total(), gold.total()


def score(hits: int, found: int, gold: int) -> float:
    return 2 * hits / (found + gold) if found + gold else 1.0


def same_time(found: str | None, gold: str) -> bool:
    return found is not None and abs((datetime.fromisoformat(found) - datetime.fromisoformat(gold)).total_seconds()) < 60


def main() -> None:
    folder = Path(sys.argv[1])
    is_verbose = "-v" in sys.argv
    totals = {name: [0, 0, 0] for name in ("paragraphs", "tokens", "with credits")}
    means: dict[str, list[float]] = {name: [] for name in totals}
    right = Counter[str]()
    lines = [json.loads(line) for line in (folder / "gold.jsonl").read_text(encoding="utf8").splitlines()]
    for gold in lines:
        page = extract_page(gzip.decompress((folder / "html" / gold["file"]).read_bytes()), url=gold["url"])
        body = [block.text for block in page.blocks if block.kind == "body"]
        wanted = Counter(map(folded, gold["paragraphs"]))
        sets = {
            "paragraphs": f1(Counter(map(folded, body)), wanted),
            "tokens": f1(Counter(w for p in body for w in words(p)), Counter(w for p in gold["paragraphs"] for w in words(p))),
            "with credits": f1(Counter(map(folded, page.paragraphs)), wanted),
        }
        for name, counts in sets.items():
            totals[name] = [a + b for a, b in zip(totals[name], counts, strict=True)]
            means[name].append(score(*counts))
        meta = page.metadata
        right["title"] += bool(meta.title and folded(meta.title.value) == folded(gold["title"]))
        right["time"] += same_time(meta.published_at.value if meta.published_at else None, gold["published_at"])
        right["authors"] += [folded(a.value) for a in meta.authors] == [folded(a) for a in gold["authors"]]
        print(f"{gold['file']:40} " + "  ".join(f"{name} {score(*counts):.3f}" for name, counts in sets.items()))
        if is_verbose:
            for block in page.blocks:
                if folded(block.text) not in wanted:
                    print(f"    + {block.kind}: {block.text[:150]}")
            for paragraph in gold["paragraphs"]:
                if folded(paragraph) not in Counter(map(folded, page.paragraphs)):
                    print(f"    - {paragraph[:150]}")
            print(f"    title {meta.title}\n    time {meta.published_at} gold {gold['published_at']}")
            print(f"    authors {meta.authors} gold {gold['authors']}")
            print(f"    claims {meta.claims} site {meta.site_name} publisher {meta.publisher} captions {len(page.captions)}")
    for name, counts in totals.items():
        print(f"{name:14} F1 {score(*counts):.4f} over all, {sum(means[name]) / len(means[name]):.4f} mean of pages")
    print("exact of", len(lines), dict(right))


if __name__ == "__main__":
    main()
