"""IPTC ninjs items (1.x, 2.x in lower case, 3.x) as drafts of articles. Reads names without regard to case, decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.domain.models import ClaimedSource
from service.errors import Fault, InvalidInput
from service.fetch.extract_types import Found
from service.fetch.values import clean, read_time

_ROLES = ("originator", "distributor", "aggregator")
_KEPT = (
    "version",
    "versioncreated",
    "firstcreated",
    "pubstatus",
    "usageterms",
    "ednote",
    "copyrightnotice",
    "located",
    "urgency",
    "genre",
)
_GONE = frozenset({"canceled", "cancelled", "withheld"})


@dataclass(frozen=True, slots=True)
class NinjsItem:
    """`body` is text or, where `is_html`, markup. Each value with where it was read."""

    url: Found | None
    external_id: Found | None
    title: Found | None
    authors: tuple[Found, ...]
    language: Found | None
    published_at: Found | None
    body: Found | None
    is_html: bool
    claims: tuple[ClaimedSource, ...]
    kept: Mapping[str, Any]


def read_ninjs(data: Any) -> NinjsItem:
    """Raises InvalidInput for what is no text item that may be published."""
    if not isinstance(data, dict):
        raise InvalidInput("# must be a JSON object", [Fault("#", "must be a JSON object")])
    names = {key.lower().replace("_", ""): key for key in data}

    def get(name: str) -> Any:
        return data[names[name]] if name in names else None

    def text(*wanted: str) -> Found | None:
        for name in wanted:
            value = get(name)
            if isinstance(value, str) and (cleaned := clean(value)):
                return Found(cleaned, f"ninjs:{names[name]}")
        return None

    status = text("pubstatus")
    if status is not None and status.value.lower() in _GONE:
        detail = f"says {status.value}: such an item is not for publication; delete the article if it was taken in before"
        raise InvalidInput(f"#/{names['pubstatus']} {detail}", [Fault(f"#/{names['pubstatus']}", detail)])
    uri = text("uri", "guid")
    is_address = uri is not None and uri.value.lower().startswith(("http://", "https://"))
    body, is_html = _body(get, names)
    times = [
        Found(at, found.where)
        for name in ("firstcreated", "contentcreated", "versioncreated")
        if (found := text(name)) and (at := read_time(found.value))
    ]
    return NinjsItem(
        url=uri if is_address else text("url", "canonicalurl"),
        external_id=None if is_address else uri,
        title=_headline(get, names) or text("headline", "name", "title"),
        authors=_authors(get, names, text("by", "byline")),
        language=text("language"),
        published_at=times[0] if times else None,
        body=body,
        is_html=is_html,
        claims=tuple(_claims(get, names, text("copyrightholder"))),
        kept={names[name]: clean(str(get(name)))[:500] for name in _KEPT if isinstance(get(name), str | int | float)},
    )


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield {key.lower(): part for key, part in one.items()}


def _headline(get: Any, names: Mapping[str, str]) -> Found | None:
    found = [(str(one.get("role", "")).lower(), clean(str(one.get("value", "")))) for one in _objects(get("headlines"))]
    ranked = sorted((entry for entry in found if entry[1]), key=lambda entry: entry[0] not in ("main", "hl1", "headline", ""))
    return Found(ranked[0][1], f"ninjs:{names['headlines']}") if ranked else None


def _body(get: Any, names: Mapping[str, str]) -> tuple[Found | None, bool]:
    """The main body, the longest of several; plain text before markup of the same role."""
    found: list[tuple[bool, int, str, bool]] = []
    for one in _objects(get("bodies")):
        value, kind = one.get("value"), str(one.get("contenttype", "text/plain")).lower()
        if isinstance(value, str) and value.strip():
            is_main = str(one.get("role", "main")).lower() in ("main", "body", "text", "maintext")
            found.append((is_main, len(value), value, "html" in kind or "xml" in kind))
    if found:
        _, _, value, is_html = max(found, key=lambda entry: entry[:2])
        return Found(value, f"ninjs:{names['bodies']}"), is_html
    for name, is_html in (("bodyhtml", True), ("bodyxhtml", True), ("bodytext", False), ("body", False)):
        value = get(name)
        if isinstance(value, str) and value.strip():
            return Found(value, f"ninjs:{names[name]}"), is_html
    return None, False


def _authors(get: Any, names: Mapping[str, str], line: Found | None) -> tuple[Found, ...]:
    if line is not None:
        return (line,)
    people = [
        (name, one)
        for name in ("people", "person")
        for one in _objects(get(name))
        if str(one.get("rel", "")).lower() in ("author", "creator", "by")
    ]
    return tuple(Found(text, f"ninjs:{names[name]}") for name, one in people if (text := clean(str(one.get("name") or ""))))


def _claims(get: Any, names: Mapping[str, str], holder: Found | None) -> Iterator[ClaimedSource]:
    for name in ("infosources", "infosource"):
        value = get(name)
        if isinstance(value, str) and clean(value):
            yield ClaimedSource(clean(value)[:500], "infoSource", f"ninjs:{names[name]}")
        for one in _objects(value):
            text = clean(str(one.get("name") or one.get("literal") or ""))[:500]
            role = str(one.get("role") or one.get("rel") or "").lower().rsplit("/", 1)[-1].rsplit(":", 1)[-1]
            if text:
                yield ClaimedSource(text, role if role in _ROLES else "infoSource", f"ninjs:{names[name]}")
    if holder is not None:
        yield ClaimedSource(holder.value[:500], "copyrightHolder", holder.where)
    for one in _objects(get("associations")):
        if str(one.get("rel", "")).lower() in ("derivedfrom", "isbasedon") and isinstance(one.get("uri"), str):
            yield ClaimedSource(clean(one["uri"])[:2_000], "isBasedOn", f"ninjs:{names['associations']}")
