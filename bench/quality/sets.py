"""Reads the labelled data sets of a folder as bodies of POST /v1/articles with their labels. Keeps no text.

A set that is not in the folder is None; the form of each is that of its publisher's, as named in docs/quality.md.
"""

from __future__ import annotations

import csv
import json
import lzma
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.quality.pipeline import Body

LEAST_WORDS = 8
"""Paragraphs below this many words are not counted among those to be found."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Articles with one label each; `groups` parts them into what must not be learned from together."""

    bodies: list[Body]
    labels: list[str]
    groups: list[str]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def full_text(body: Body) -> str:
    """Title and body as one text: what a user would give to a general tool."""
    text = body["text"] if "text" in body else "\n".join(body["paragraphs"])
    return f"{body.get('title') or ''}\n{text}".strip()


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf8").splitlines()]


def labelled_articles(path: Path, label: str, group: str | None = None) -> Labelled:
    """One article a line with `label` as its gold story. Times without a zone are taken as UTC."""
    rows, bodies = _lines(path), []
    for i, row in enumerate(rows):
        body: Body = {
            "external_id": str(row.get("id") or row.get("url") or i),
            "url": f"https://doc-{i}.example/{i}",
            "title": row.get("title") or "",
            "language": "en",
        }
        body |= {"paragraphs": row["paragraphs"]} if "paragraphs" in row else {"text": row["text"]}
        when = str(row.get("date") or "").strip().replace(" ", "T")
        if re.match(r"\d{4}-\d\d-\d\d", when):
            zone = "" if re.search(r"(Z|[+-]\d\d:?\d\d)$", when) else "Z"
            body["published_at"] = (when if "T" in when else f"{when}T00:00:00") + zone
        bodies.append(body)
    return Labelled(bodies, [str(row[label]) for row in rows], [str(row[group]) if group else "" for row in rows])


def cascade(folder: Path) -> tuple[list[Body], dict[str, dict[str, Any]]]:
    """Bodies in order of arrival and the truth by external id."""
    return _lines(folder / "articles.jsonl"), json.loads((folder / "truth.json").read_text(encoding="utf8"))


def paraphrases(path: Path) -> list[tuple[bool, str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(row[0] == "1", row[3], row[4]) for row in rows[1:]]


@dataclass(frozen=True, slots=True)
class Answers:
    """Short answers with the original that some were written from; `grades` are cut, light, heavy or non, `tasks` part them."""

    bodies: list[Body]
    originals: dict[str, Body]
    grades: list[str]
    tasks: list[str]


def short_answers(folder: Path) -> Answers:
    def body(name: str) -> Body:
        raw = (folder / name).read_bytes()
        try:
            text = raw.decode("utf8")
        except UnicodeDecodeError:
            text = raw.decode("cp1252", errors="replace")
        # One answer says the byte 0x85 for an ellipsis; other control characters are no text.
        text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", " ", text)
        return {"external_id": name, "url": f"https://{name.partition('_')[0]}.example/{name}", "text": text, "language": "en"}

    with (folder / "file_information.csv").open(encoding="utf8") as stream:
        rows = [(row["File"], row["Task"], row["Category"]) for row in csv.DictReader(stream)]
    answers = [row for row in rows if row[2] != "orig"]
    return Answers(
        [body(name) for name, _, _ in answers],
        {task: body(name) for name, task, grade in rows if grade == "orig"},
        [grade for _, _, grade in answers],
        [task for _, task, _ in answers],
    )


def newswire(path: Path, limit: int, start: int = 0) -> list[Body]:
    """The items from `start` on by time, all of one agency, with their datelines put back before the text. Those without text or
    with a misprinted time are left out.
    """
    with lzma.open(path, "rt", encoding="utf8") as stream:
        rows = [json.loads(line) for line in stream]
    timed = [(at, int(row["id"]), row) for row in rows if row["paragraphs"] and (at := _time(row["date"])) is not None]
    bodies: list[Body] = []
    for at, number, row in sorted(timed, key=lambda item: item[:2])[start : start + limit]:
        first, *rest = row["paragraphs"]
        dateline = (row.get("dateline") or "").strip()
        bodies.append(
            {
                "external_id": str(number),
                "url": f"https://www.reuters.com/article/{number}",
                "outlet": "Reuters",
                "title": row.get("title") or "",
                "language": "en",
                "published_at": at.isoformat().replace("+00:00", "Z"),
                "paragraphs": [f"{dateline} {first}".strip(), *rest],
            }
        )
    return bodies


def newswire_topics(path: Path) -> dict[str, frozenset[str]]:
    """By external id the topics that an item was filed under; most have none."""
    with lzma.open(path, "rt", encoding="utf8") as stream:
        rows = [json.loads(line) for line in stream]
    return {str(row["id"]): frozenset(row["topics"]) for row in rows}


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip().partition(".")[0], "%d-%b-%Y %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def seeds(folder: Path) -> tuple[dict[str, Any], dict[str, Body], dict[str, list[int]]]:
    """The gold record, the articles by id without their title paragraph, and the gold index of each paragraph sent."""
    gold = json.loads((folder / "gold.json").read_text(encoding="utf8"))
    bodies, places = {}, {}
    for article in gold["articles"]:
        rows = [p for p in article["paragraphs"] if p["index"] != article.get("title_index")]
        bodies[article["id"]] = {
            "external_id": article["id"],
            "url": f"https://seed-{article['id']}.example/article",
            "title": article["title"],
            "language": "en",
            "paragraphs": [p["text"] for p in rows],
        }
        places[article["id"]] = [p["index"] for p in rows]
    return gold, bodies, places


def bylines(path: Path) -> list[dict[str, Any]]:
    return [row | {"authors": _names(row["byline"])} for row in _lines(path)]


def _names(byline: str | None) -> list[str]:
    try:
        found = json.loads(byline or "[]")
    except json.JSONDecodeError:
        found = byline
    return [str(name) for name in found if name] if isinstance(found, list) else [str(found)] if found else []
