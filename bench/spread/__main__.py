"""Makes spreading copy and, with --score, runs the service's real pipeline over it: `python -m bench.spread --help`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from bench.spread.simulation import Simulation


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.spread", description=__doc__)
    parser.add_argument("--events", type=int, default=40, help="how many events; each becomes about ten articles")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="folder for articles.jsonl (in order of arrival) and truth.json")
    parser.add_argument("--score", action="store_true", help="run the pipeline and print its figures")
    parser.add_argument("--hashing", action="store_true", help="score with the encoder that needs no model")
    parser.add_argument("--verbose", type=int, nargs="?", const=5, default=0, metavar="N", help="N wrong examples of each sort")
    given = parser.parse_args()
    articles = Simulation(given.events, given.seed).arrivals()
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(a.request(), ensure_ascii=False) + "\n" for a in articles)
        (given.out / "articles.jsonl").write_text(lines, encoding="utf8")
        truth = json.dumps({a.key: a.truth() for a in articles}, ensure_ascii=False, indent=0)
        (given.out / "truth.json").write_text(truth, encoding="utf8")
    if given.score:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        import structlog

        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # standard output is one JSON object
        from bench.spread.score import new_encoder, run

        found = run(articles, new_encoder(given.hashing), examples=given.verbose)
        for row in found["calibration"].values():
            del row["claims"]
        print(json.dumps({"seed": given.seed, "events": given.events, **found}, indent=1, ensure_ascii=False))
    elif not given.out:
        print(f"{len(articles)} articles of {given.events} events; name a folder with --out, or --score")


if __name__ == "__main__":
    main()
