"""The organisations that can be credited: look-up by alias, by site, and inside running text.

Owns name folding and the shape of made-up organisations. Never reads files (see service/registry_files.py) and never
decides whether a name is a credit.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

from service.domain.models import Organisation, OrganisationKind
from service.domain.urls import whole_site

SHORT_NAME_LETTERS = 4
"""Names of up to this many letters are matched in their exact case: AP, PA and ANI are also words and initials."""

UNNAMED_FEED = "syndicated-feed"

_WORD = re.compile(r"\w+")
# Scripts whose words `\w+` does not cut as a reader would: marks inside words, or no spaces between them.
_WIDE_SCRIPT = re.compile(
    r"[\u0600-\u06ff\u0900-\u09ff\u0e00-\u0eff\u1000-\u109f\u1200-\u137f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_SPACED_LETTER = re.compile(r"[\u0600-\u06ff\u0900-\u09ff\u1200-\u137f]")
_DOMAIN = re.compile(r"\A(?:https?://)?(?:www\.)?((?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24})(?:/\S{0,200})?", re.IGNORECASE)
_OFFICES = """
staff writer writers reporter reporters correspondent correspondents photographer bureau desk editor editors newsroom team sports
business science medical health political entertainment chief special foreign senior economics national inc llc ltd co corp gmbh
plc wire
"""
_ROLE_WORDS = frozenset(_OFFICES.split())


@dataclass(frozen=True, slots=True)
class Mention:
    """A registered name in a text, characters `start`..`end`. `credit_only`: too ambiguous to count inside prose."""

    organisation: Organisation
    start: int
    end: int
    credit_only: bool


@dataclass(frozen=True, slots=True)
class _Alias:
    organisation: Organisation
    words: tuple[str, ...]
    folded: tuple[str, ...]
    exact: bool
    needs_article: bool
    credit_only: bool


def name_key(name: str) -> str:
    """The letters and digits of a name, case-folded, without a leading article. Empty where there are none."""
    return "".join(_WORD.findall(_without_article(unicodedata.normalize("NFKC", name)).casefold())).replace("_", "")


def slug(name: str) -> str:
    """A stable identifier made of a name: lower-case ASCII and hyphens where the name allows it."""
    plain = unicodedata.normalize("NFKD", name)
    ascii_only = plain.encode("ascii", "ignore").decode()
    source = ascii_only if any(c.isalnum() for c in ascii_only) else plain.casefold()
    return "-".join(_WORD.findall(source.lower().replace("_", " ")))[:80]


def _without_article(name: str) -> str:
    trimmed = name.strip()
    return trimmed[4:] if trimmed[:4].casefold() == "the " else trimmed


def _is_short(key: str) -> bool:
    return len(key) <= SHORT_NAME_LETTERS


class Registry:
    """Immutable table of organisations. Build it with `Registry.from_records`."""

    def __init__(self, entries: Iterable[tuple[Organisation, tuple[str, ...], tuple[str, ...], bool]], version: str) -> None:
        """Each entry: organisation, aliases, aliases that count in credits only, whether it supplies pictures only."""
        self.version = version
        self._by_key: dict[str, Organisation] = {}
        self._by_exact: dict[str, Organisation] = {}
        self._by_site: dict[str, Organisation] = {}
        self._by_first_word: dict[str, list[_Alias]] = {}
        self._wide: list[tuple[str, Organisation, bool]] = []
        self._pictures: set[str] = set()
        self._by_id: dict[str, Organisation] = {}
        for organisation, aliases, credit_aliases, pictures_only in entries:
            self._by_id[organisation.id] = organisation
            if pictures_only:
                self._pictures.add(organisation.id)
            for site in organisation.sites:
                self._by_site.setdefault(_site(site), organisation)
            for alias in (*aliases, *credit_aliases):
                self._add_alias(alias, organisation, credit_only=alias in credit_aliases or organisation.kind == "unnamed")
        for choices in self._by_first_word.values():
            choices.sort(key=lambda a: (-len(a.words), a.needs_article, a.credit_only))
        self._wide.sort(key=lambda entry: -len(entry[0]))

    @classmethod
    def from_records(cls, records: Iterable[Mapping[str, Any]], version: str = "") -> Registry:
        """Records as in service/data/organisations.json; a later record replaces an earlier one with the same id.

        Raises ValueError for a record without id, name or a known kind. The version also reflects the content.
        """
        latest: dict[str, Mapping[str, Any]] = {}
        for record in records:
            if not record.get("id") or not record.get("name") or record.get("kind") not in OrganisationKind.__args__:  # type: ignore[attr-defined]
                raise ValueError(f"organisation record needs id, name and a known kind: {dict(record)!r}")
            latest[str(record["id"])] = record
        digest = hashlib.sha256(json.dumps(list(latest.values()), sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]
        return cls((_entry(record) for record in latest.values()), f"{version or '0'}-{digest}")

    def _add_alias(self, alias: str, organisation: Organisation, *, credit_only: bool) -> None:
        key = name_key(alias)
        if not key:
            return
        if _WIDE_SCRIPT.search(alias):
            self._by_key.setdefault(key, organisation)
            self._wide.append((alias, organisation, credit_only))
            return
        if _is_short(key):
            for spelling in {_without_article(alias), _without_article(alias).strip("."), key.upper()}:
                self._by_exact.setdefault(spelling, organisation)
        else:
            self._by_key.setdefault(key, organisation)
        # "the" begins too many names to be a key: such a name is filed under its second word and asks for the article.
        words = tuple(_WORD.findall(_without_article(alias)))
        folded = tuple(w.casefold() for w in words)
        needs_article = alias[:4] == "The " and len(words) == 1
        entry = _Alias(organisation, words, folded, sum(map(len, words)) <= SHORT_NAME_LETTERS, needs_article, credit_only)
        self._by_first_word.setdefault(folded[0], []).append(entry)

    def by_id(self, identifier: str) -> Organisation | None:
        """The organisation with that id."""
        return self._by_id.get(identifier)

    def by_alias(self, name: str) -> Organisation | None:
        """The organisation that is called exactly so; short names (up to four letters) only in their written case."""
        cleaned = _without_article(unicodedata.normalize("NFKC", name).strip(" \t\n\u00a0.,;:*\"'“”‘’«»()[]|"))
        key = name_key(cleaned)
        if not key:
            return None
        if _is_short(key) and not _WIDE_SCRIPT.search(cleaned):
            return self._by_exact.get(cleaned)
        return self._by_key.get(key)

    def by_title(self, name: str) -> Organisation | None:
        """As `by_alias`, but words of office behind the name are allowed: `Associated Press Writer`, `AP Staff`."""
        words = name.split()
        for _ in range(5):
            if not words:
                return None
            found = self.by_alias(" ".join(words))
            if found is not None:
                return found
            if words[-1].strip(".,;:").casefold() not in _ROLE_WORDS:
                return None
            words.pop()
        return None

    def by_site(self, site: str) -> Organisation | None:
        """The organisation whose site this is; sub-domains count as the site."""
        labels = _site(site).split(".")
        for first in range(len(labels) - 1):
            found = self._by_site.get(".".join(labels[first:]))
            if found is not None:
                return found
        return None

    def by_cut_alias(self, name: str) -> Organisation | None:
        """The organisation whose name lacks its last letter here, where it is one only; None for names of up to four letters."""
        if _is_short(name_key(name)):
            return None
        found = {o.id: o for letter in ascii_lowercase if (o := self.by_alias(name + letter)) is not None}
        return next(iter(found.values())) if len(found) == 1 else None

    def by_site_beginning(self, beginning: str) -> Organisation | None:
        """The organisation of the one site that begins so; None where several or none do."""
        wanted = _site(beginning)
        found = {o.id: o for site, o in self._by_site.items() if site.startswith(wanted)}
        return next(iter(found.values())) if len(found) == 1 else None

    def outlet(self, site: str, name: str) -> Organisation:
        """The article's own outlet: its entry by site or name, else one made up from the site."""
        found = self.by_site(site) or (self.by_alias(name) if name else None)
        if found is not None:
            return found
        host = _site(site)
        return Organisation(id=slug(host or name or "unknown"), name=name or host, kind="outlet", sites=(host,) if host else ())

    def resolve(self, name: str) -> Organisation:
        """The organisation of a credited name: its entry (by alias or by domain), else one made up from the name."""
        found = self.by_title(name)
        domain = _DOMAIN.fullmatch(name.strip())
        if found is None and domain:
            found = self.by_site(domain.group(1))
        if found is not None:
            return found
        plain = " ".join(name.split()).strip(" .,;:\"'“”‘’")
        sites = (_site(domain.group(1)),) if domain else ()
        return Organisation(id=slug(plain) or "unknown", name=plain, kind="outlet", sites=sites)

    def is_same(self, organisation: Organisation, site: str, name: str) -> bool:
        """Whether the organisation is the outlet with that site and display name (for made-up ones too)."""
        own = self.outlet(site, name)
        if own.id == organisation.id:
            return True
        key = name_key(organisation.name)
        host = _site(site)
        labels = host.split(".")
        names = {name_key(name), name_key(host)} | {
            label.replace("-", "") for label in labels[:-1] if len(label) > SHORT_NAME_LETTERS
        }
        names |= {label[3:] for label in names if label.startswith("the")}
        return bool(key) and (key in names or any(host == s or host.endswith(f".{s}") for s in map(_site, organisation.sites)))

    def supplies_pictures_only(self, organisation: Organisation) -> bool:
        """Whether a credit to it can only be a picture credit."""
        return organisation.id in self._pictures

    def mentions(self, text: str, limit: int = 400) -> Iterator[Mention]:
        """Registered names in running text, left to right, longest first, never inside a longer word; at most `limit`.

        Time is linear in the text.
        """
        found = 0
        busy_until = 0
        if _WIDE_SCRIPT.search(text):
            for mention in self._wide_mentions(text, limit):
                found += 1
                yield mention
        for word in _WORD.finditer(text):
            choices = self._by_first_word.get(word.group().casefold())
            if choices is None or word.start() < busy_until:
                continue
            for alias in choices:
                end = _alias_end(text, word, alias)
                if not end:
                    continue
                start = word.start()
                if alias.needs_article:
                    if text[max(0, start - 4) : start].casefold() != "the ":
                        continue
                    start -= 4
                busy_until = end
                found += 1
                yield Mention(alias.organisation, start, end, alias.credit_only)
                break
            if found >= limit:
                return

    def _wide_mentions(self, text: str, limit: int) -> Iterator[Mention]:
        taken: list[tuple[int, int]] = []
        for alias, organisation, credit_only in self._wide:
            start = text.find(alias)
            while start >= 0 and len(taken) < min(limit, 50):
                end = start + len(alias)
                inside_word = any(_SPACED_LETTER.match(c) for c in (text[start - 1 : start], text[end : end + 1]))
                if not inside_word and not any(a < end and start < b for a, b in taken):
                    taken.append((start, end))
                    yield Mention(organisation, start, end, credit_only)
                start = text.find(alias, end)


def _alias_end(text: str, word: re.Match[str], alias: _Alias) -> int:
    """Where the alias that begins with this word ends, or 0 where it does not stand there."""
    end = word.end()
    for position, expected in enumerate(alias.words):
        if position:
            following = _WORD.match(text, end + 1) or _WORD.match(text, end + 2)
            if following is None or "\n" in text[end : following.start()]:
                return 0
            word, end = following, following.end()
        got = word.group()
        if got == expected:
            continue
        if alias.exact:
            if got != expected.upper():
                return 0
        elif got.casefold() != alias.folded[position] or (got.islower() and not expected.islower()):
            return 0
    return end


def _site(site: str) -> str:
    host = site.strip().casefold().partition("://")[2] or site.strip().casefold()
    host = host.split("/", 1)[0].split(":", 1)[0]
    return whole_site(host)


def _entry(record: Mapping[str, Any]) -> tuple[Organisation, tuple[str, ...], tuple[str, ...], bool]:
    kind: OrganisationKind = record["kind"]
    organisation = Organisation(str(record["id"]), str(record["name"]), kind, tuple(record.get("sites", ())))
    by_script = record.get("aliases", {})
    listed = by_script.values() if isinstance(by_script, Mapping) else [by_script]
    aliases = tuple(alias for group in listed for alias in group)
    return organisation, aliases, tuple(record.get("credit_aliases", ())), bool(record.get("pictures_only", False))
