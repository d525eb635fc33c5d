"""Names whose position alone makes them credits: sign-offs and closing words, bylines in a flat head, the author field.

Owns what stands on no line of its own at the edges of a text. Never looks into its middle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.credit_brackets import initials_behind, mixed_parties
from service.domain.credit_lines import byline_organisation
from service.domain.credit_page import Finding, Page, looks_like_outlet, name_at, sentence_span, split_names
from service.domain.credit_patterns import (
    BY_PERSON_BEFORE,
    BYLINE_END,
    NOT_A_SOURCE,
    PERSON_BEFORE,
    ROMANCE_BYLINE,
    SENTENCE_END,
    SIGNED_LIST,
    STAFF_OF,
    STAMP_BEHIND,
    TAIL_SOURCE,
    THANKS,
    WRITES_FOR,
)
from service.domain.models import CreditKind, Organisation
from service.domain.registry import Mention

_SIGN_BEFORE = re.compile(r"(?:^|[.!?\"')\]\d…])[\s*]{0,3}(?P<dash>-{1,3} ?|\()?$|\n[\s*]{0,3}-{0,3} ?$")
_UNSIGNED_BEFORE = re.compile(
    r"\b(?:to|told|by|the|of|for|with|from|in|at|and|a|à|da|do|de|na|no|pela|pelo|la|el|al|der|die|von|an|is|was|are) $",
    re.IGNORECASE,
)
_CAPITAL_FOLLOWS = re.compile(r"!? {1,2}[A-Z\u00c0-\u00de](?:[a-z\u00df-\u00ff]|\s)")
_BY_DIRECT = re.compile(r"(?:^|\s)(?:By|BY):? (?:[Tt]he )?$")
_SPECIAL_TO = re.compile(r"\b(?:Special|SPECIAL) (?:to|TO|for|FOR) (?:[Tt]he |THE )?$")
_FROM_DIRECT = re.compile(r"[a-zA-Z?!\"'] From $")
_REPORTING_BEFORE = re.compile(
    r"\b(?:said|says|told|by|with|from|to|of|for|and|joined|left) (?:[A-Z][\w.'-]{0,20} ){1,3}[A-Z][\w.'-]{1,20}, ?$"
)
_TITLE_CASED_INITIALS = re.compile(r"\b[AEIOU][bcdfghjklmnpqrstvwxz]{2,3}\b(?=$| [AEIOU])")
_NOT_A_BYLINE = frozenset({"aggregator", "station"})


def find_signatures(page: Page, paragraph: int) -> Iterator[Finding]:
    """Names inside a paragraph whose position alone makes them credits: sign-offs at its end, bylines in a flat head."""
    text = page.texts[paragraph]
    for mention in page.mentions(paragraph):
        organisation = mention.organisation
        if page.registry.supplies_pictures_only(organisation):
            continue
        before = text[max(0, mention.start - 70) : mention.start]
        after = text[mention.end : mention.end + 60]
        if page.is_tail(paragraph, mention.end) and initials_behind(after.lstrip(") ")):
            signed = _SIGN_BEFORE.search(before)
            if (
                signed
                and (signed.group("dash") or _signs_bare(text, mention))
                and not (signed.group("dash") == "(" and after.lstrip()[:2] == ").")
            ):
                start = mention.start - len(before) + before.rstrip(" -(*").__len__()
                yield Finding(
                    organisation,
                    "signoff",
                    paragraph,
                    start + _leading_space(text[start:]),
                    _sign_end(text, mention.end),
                    0.85,
                )
                continue
        if (
            _FROM_DIRECT.search(before)
            and page.is_head(paragraph, mention.start, 300)
            and _CAPITAL_FOLLOWS.match(after)
            and not mention.credit_only
        ):
            yield Finding(organisation, "source_line", paragraph, mention.start - 5, mention.end, 0.65)
            continue
        opens_page = page.before(paragraph, mention.start) <= 4 and organisation.kind == "agency"
        if opens_page and not before.strip() and STAMP_BEHIND.match(after):
            yield Finding(organisation, "byline", paragraph, mention.start, mention.end, 0.8)
            continue
        special = _SPECIAL_TO.search(before)
        if special and page.is_head(paragraph, mention.start, 400) and (not after.strip() or _CAPITAL_FOLLOWS.match(after)):
            yield Finding(organisation, "byline", paragraph, mention.start - len(special.group()), mention.end, 0.75)
            continue
        byline_start = _flat_byline(page, paragraph, mention, before, after)
        if byline_start >= 0:
            end = mention.end + (1 if after.startswith("!") else 0)
            yield Finding(organisation, "byline", paragraph, byline_start, end, 0.75)


def _signs_bare(text: str, mention: Mention) -> bool:
    """Without dash or bracket only an agency in capitals, or a name alone on its line, signs a text."""
    name = text[mention.start : mention.end]
    line_start = text.rfind("\n", 0, mention.start) + 1
    return mention.organisation.kind in ("agency", "unnamed") and (
        (name.isupper() and (len(name) >= 3 or (not mention.credit_only and not text[mention.end :].strip(" ."))))
        or not text[line_start : mention.start].strip()
    )


def _leading_space(text: str) -> int:
    return len(text) - len(text.lstrip(" \n"))


def _sign_end(text: str, end: int) -> int:
    return end + 1 if text[end : end + 1] == ")" else end


def _flat_byline(page: Page, paragraph: int, mention: Mention, before: str, after: str) -> int:
    """Where a byline that ends in this name begins, or -1."""
    kind = mention.organisation.kind
    if kind in _NOT_A_BYLINE:
        return -1
    text = page.texts[paragraph]
    if page.is_head(paragraph, mention.start, 600):
        by = BY_PERSON_BEFORE.search(before)
        if by and (BYLINE_END.match(after) or after[:1] in " \n"):
            return mention.start - len(before) + by.start()
        person = PERSON_BEFORE.search(before)
        if person and before[: person.start()].endswith(": "):
            person = None  # `Data: Johns Hopkins University, Reuters`
        in_first_lines = page.is_head(paragraph, mention.start, 300) and not _REPORTING_BEFORE.search(before)
        if person and (BYLINE_END.match(after) or (in_first_lines and _CAPITAL_FOLLOWS.match(after))):
            return mention.start - len(before) + person.start()
        direct = _BY_DIRECT.search(before)
        if (
            direct
            and kind in ("agency", "unnamed")
            and (not after.strip() or _CAPITAL_FOLLOWS.match(after) or after[:1] == "\n" or BYLINE_END.match(after))
        ):
            return mention.start - len(direct.group().lstrip())
        romance = ROMANCE_BYLINE.search(before)
        if romance and (not after.strip() or after.startswith((", em ", ", no ", ", na ", "\n"))):
            return mention.start - len(romance.group().lstrip())
    if (
        page.is_head(paragraph, mention.start, 300)
        and kind == "agency"
        and _CAPITAL_FOLLOWS.match(after)
        and not mention.credit_only
    ):
        name = text[mention.start : mention.end]
        long_enough = len(name) >= 10 and (" " in name or name.isupper())
        if (
            long_enough
            and before.strip()
            and not _UNSIGNED_BEFORE.search(before)
            and not STAFF_OF.search(before)
            and before[-2:-1].isalpha()
        ):
            return mention.start
    if page.is_tail(paragraph, mention.end, 60) and not after.strip(" .") and kind == "agency":
        person = PERSON_BEFORE.search(before)
        if person and SENTENCE_END.search(before[: person.start()]):
            return mention.start - len(before) + person.start()
    return -1


def find_closing_words(page: Page, paragraph: int) -> Iterator[Finding]:
    """Closing words of a text that stand on no line of their own: source, list of agencies, mixed credit, a writer's paper."""
    text = page.texts[paragraph]
    end = len(text.rstrip())
    if not page.is_tail(paragraph, end, 600):
        return
    registry = page.registry
    start = max(0, end - 160)
    closing = text[start:end]
    source = TAIL_SOURCE.search(closing)
    if source and not NOT_A_SOURCE.search(source.group("name")):
        name = THANKS.sub("", source.group("name").strip(" .)]:*"), count=1)
        known, rest = split_names(registry, name)
        if rest or any(registry.supplies_pictures_only(o) for o in known):
            known = [registry.resolve(name)] if looks_like_outlet(name) else []
        for organisation in known:
            yield Finding(
                organisation,
                "source_line",
                paragraph,
                start + source.start("credit"),
                end,
                0.75,
            )
        if known:
            return
    signed = SIGNED_LIST.search(closing)
    organisations, rest = split_names(registry, signed.group("list")) if signed else ([], [])
    if signed and len(organisations) > 1 and not rest:
        for organisation in organisations:
            yield Finding(organisation, "mixed_source", paragraph, start + signed.start("credit"), end, 0.8)
        return
    begin, _ = sentence_span(text, end - 1, 130)
    if end - begin <= 125 and begin > 0:
        mixed = mixed_parties(page, text[begin:end].strip(" .-()"))
        if mixed:
            yield from (Finding(o, mixed[0], paragraph, begin, end, 0.8) for o in mixed[1])
            return
    for match in WRITES_FOR.finditer(closing):
        named = name_at(page, paragraph, start + match.end())
        if named and (registry.by_id(named[0].id) is not None or looks_like_outlet(named[0].name)):
            first = match.start("credit") if match.group("credit") else match.start("of")
            yield Finding(named[0], "byline", paragraph, start + first, named[2], 0.7)


def read_authors(page: Page, authors: list[str]) -> Iterator[tuple[int, Organisation, CreditKind, int, int]]:
    """Agencies in the author field: (author's index, organisation, kind, start, end). A personal name alone is never wire."""
    for index, author in enumerate(authors):
        trimmed = author.strip()
        start = len(author) - len(author.lstrip())
        end = start + len(trimmed)
        if not trimmed or len(trimmed) > 200:
            continue
        trimmed = _recased(trimmed)
        whole = page.registry.by_title(trimmed) or _doubled(page, trimmed)
        if whole is not None:
            if page.registry.supplies_pictures_only(whole):
                yield index, whole, "photo", start, end
            elif whole.kind not in ("outlet", "aggregator"):
                yield index, whole, "byline", start, end
            continue
        found = byline_organisation(page, trimmed, is_field=True)
        if found is not None:
            kind: CreditKind = "photo" if page.registry.supplies_pictures_only(found) else "byline"
            yield index, found, kind, start, end
            continue
        via = re.search(r"[Vv]ia (?=\S)", trimmed)
        named = page.registry.by_title(trimmed[via.end() :]) if via else None
        if named is not None:
            yield index, named, "via", start, end


def _recased(author: str) -> str:
    """`Afp Afp`, `Jane Doe In London Afp`: initials that a publishing system put in title case."""
    return _TITLE_CASED_INITIALS.sub(lambda m: m.group().upper(), author)


def _doubled(page: Page, author: str) -> Organisation | None:
    words = author.split()
    half = len(words) // 2
    return page.registry.by_title(" ".join(words[:half])) if len(words) % 2 == 0 and words[:half] == words[half:] else None
