"""Tells citing from self-reference: what a name inside prose does.

A citation names a source and carries nothing. Agency copy that speaks of its own reporters is weighed over the whole
article (`self_referring`). Never looks at credit lines itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from service.domain.credit_page import Finding, Page
from service.domain.models import Citation, Organisation
from service.domain.registry import Mention

Mark = Literal["own_eyes", "own_reporters", "reporters_said", "told", "shown", "cited"]

# What one mark says about the article being the named agency's own copy. An agency's text lets its reporters see and hear
# things ("own_eyes" where the sentence does nothing else) and is told and shown things; a citing outlet writes that
# "X reported", "according to X", "X reporters said". Others cite what X was shown, too, so it counts against X unless the
# whole text is credited to X.
MARK_WEIGHT: dict[Mark, float] = {
    "own_eyes": 3.0,
    "own_reporters": 2.0,
    "told": 1.0,
    "reporters_said": 0.5,
    "shown": -1.0,
    "cited": -1.0,
}
SHOWN_IN_OWN_COPY = 0.5
NAMED_IN_MIXED_CREDIT = 2.0
TEXT_CREDITED_TO_ANOTHER = -3.0
OTHER_AGENCY_IN_PROSE = -0.5
SELF_REFERENCE_BAR = 2.5
_NAME_CHARACTERS = 120
SELF_REFERENCE_ALONE = 3.0
"""Without a credit that names it, an agency needs this much: two sightings by its reporters, or one and a told."""

_GAP = (
    r"(?:(?:[Tt]he|a|an|its|state|state-run|state-owned|official|semi-official|news|agency|newswire|wire|channel|TV"
    r"|television|radio|broadcaster|newspaper|daily|weekly|magazine"
    r"|website|site|outlet|local|public|private|independent|business|reporters?|correspondents?|report|interview|story"
    r"|statement|by|from|in|on|of|with|to|[\w-]{2,20}'s"
    r"|[A-Z][a-z]{2,14}(?:an|ese|ish|ian|i|ch)) ){0,7}+"
)
_CITED_BEFORE = re.compile(
    r"\b(?P<verb>told|tells|telling|informed|[Aa]ccording to|confirmed to|confirmed by|said to|say to|spoke to|spoke with"
    r"|speaking to|speaking with|interview with|interviews? to|[Cc]iting|[Qq]uoting|cited by"
    r"|quoted by|quoted in|reported by|reported in|published by|published in|obtained by|seen by|reviewed by|carried by"
    r"|as per|per|statement to|comments? to|reports? by|reports|wrote for|told to|reported to|dijo a|declaró a"
    r"|según|informó|sagte|laut|zufolge|selon|déclaré à|disse à|segundo|secondo|ha detto a|по данным|сообщает|передает"
    r"|передаёт|сообщил) " + _GAP + r"$"
)
_CITED_AFTER = re.compile(
    r"(?:'s?)?(?: ?,)? ?(?:(?:news|agency|newspaper|channel|TV|television|newswire|website|broadcaster|service|daily"
    r"|magazine) ){0,3}+"
    r"(?:has |have |had |also |later |earlier |first |previously |quickly ){0,2}+"
    r"(?P<verb>reports?|reported|reporting|said|says|quoted|quotes|quoting|cited|cites|citing|wrote|writes|noted|added"
    r"|claimed|announced|confirmed|revealed|learned|understands|showed"
    r"|berichtet|meldet|informó|rapporte|сообщает|сообщило|передает)\b"
)
_REPORTERS = re.compile(
    r"(?:'s?)? (?:news )?(?:agency )?(?:(?:video|TV|television|text|own|staff|two|three) ){0,2}(?:correspondents?"
    r"|journalists?|witness(?:es)?|reporters?|reporting team|photographers?|crews?|teams?)\b"
)
_SAW = re.compile(
    r",? (?:(?:at|on|in|near|who|from|to|the|there|also|earlier|later|inside|outside|scene|ground"
    r"|[A-Z]\w{2,20}) ){0,6}+(?:saw|seen|heard|hear|see|witness|witnessed|watched|observed|counted|reported|reports"
    r"|visited|found|filmed|were able|was able|could)\b"
)
_SAW_THERE = re.compile(
    r" (?:(?:at|on|in|near|outside|inside|along|by|from|behind|with) (?:(?!said\b|says\b|told\b|who\b)[\w'-]{1,20} ){1,6}?)?"
    r"(?:saw|heard|counted|watched|witnessed|observed|filmed|could (?:see|hear))\b"
)
_CITING_VERB = re.compile(r",? (?:\w+ ){0,2}(?:said|says|told|wrote|tweeted|claimed)\b")
# "Weltspiegel, a news site that covers the region, said": an outlet that no registry knows is introduced by what it is.
_INTRODUCED = re.compile(
    r", (?:an?|the) (?:[\w'-]{1,20} ){0,5}"
    r"(?:news(?:paper| agency| service|wire)|(?:web)?site|(?:news|media|online) outlet|portal|daily|weekly|magazine"
    r"|(?:news|TV|television|radio) (?:channel|station))"
    r"(?: (?:that|which|based|in|of|from|for|covering|tracking|monitoring|run|owned|close|critical|known|published)\b"
    r"[^,.;:]{0,90})?"
    r", (?:has |had |also |later |earlier |first ){0,2}(?:said|says|reports?|reported|wrote|writes|quoted|cited|noted)\b"
)
_NAME_BEFORE = re.compile(
    r"(?:^|[\s\"'“‘(])(?P<name>[A-Z][\w&'-]{1,30}(?:\.\w{1,10})?"
    r"(?: (?:[A-Z0-9][\w&'-]{0,30}(?:\.\w{1,10})?|of|the|de|and)){0,4})$"
)
_LONGER_NAME = re.compile(
    r" (?:Institute|Foundation|Center|Centre|University|School|Fellow|Fellowship|Prize|Award|Top 25|All-Pro|All-America"
    r"|Tower|Building|Group|Inc|Holdings|poll)\b"
)
_CAPITAL_BEFORE = re.compile(r"(?:^|\s)(?P<word>[A-Z][a-z]+) $")
_SENTENCE_WORDS = frozenset(
    {
        "The",
        "By",
        "From",
        "With",
        "And",
        "But",
        "As",
        "When",
        "Citing",
        "While",
        "After",
        "In",
        "On",
        "To",
        "State",
        "An",
        "A",
        "Per",
        "Meanwhile",
        "However",
        "Earlier",
    }
)


@dataclass(frozen=True, slots=True)
class Cue:
    """One telling use of a name in prose: characters `start`..`end` of the paragraph hold the telling words."""

    organisation: Organisation
    mark: Mark
    paragraph: int
    start: int
    end: int


def read_cues(page: Page, taken: Sequence[Finding]) -> list[Cue]:
    """Every telling use of a name outside the places already `taken`, in order."""
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for finding in taken:
        spans[finding.paragraph].append((finding.start, finding.end))
    cues: list[Cue] = []
    for paragraph in range(len(page.texts)):
        for mention in page.mentions(paragraph):
            if mention.credit_only or any(a < mention.end and mention.start < b for a, b in spans[paragraph]):
                continue
            cue = _read_cue(page.texts[paragraph], paragraph, mention)
            if cue is not None:
                cues.append(cue)
        cues += _introduced(page, paragraph, [*spans[paragraph], *((c.start, c.end) for c in cues if c.paragraph == paragraph)])
    return sorted(cues, key=lambda cue: (cue.paragraph, cue.start))


def _introduced(page: Page, paragraph: int, taken: Sequence[tuple[int, int]]) -> Iterator[Cue]:
    """Outlets, known to the registry or not, that are cited with a clause between name and verb that says what they are."""
    for offset, text in page.windows(paragraph):
        for clause in _INTRODUCED.finditer(text):
            before = text[max(0, clause.start() - _NAME_CHARACTERS) : clause.start()]
            named = _NAME_BEFORE.search(before)
            if named is None or named.group("name") in _SENTENCE_WORDS:
                continue
            start = offset + clause.start() - len(before) + named.start("name")
            end = offset + clause.end()
            if not any(a < end and start < b for a, b in taken):
                yield Cue(page.registry.resolve(named.group("name")), "cited", paragraph, start, end)


def _read_cue(text: str, paragraph: int, mention: Mention) -> Cue | None:
    before = text[max(0, mention.start - 110) : mention.start]
    after = text[mention.end : mention.end + 110]
    if _LONGER_NAME.match(after):
        return None
    capital = _CAPITAL_BEFORE.search(before)
    if (
        capital
        and capital.group("word") not in _SENTENCE_WORDS
        and not capital.group("word").endswith(("ian", "an", "ese", "ish"))
        and " " not in text[mention.start : mention.end]
    ):
        return None
    reporters = _REPORTERS.match(after)
    if reporters:
        rest = after[reporters.end() :]
        end = mention.end + reporters.end()
        there = _SAW_THERE.match(rest)
        saw = there or _SAW.match(rest)
        witnesses = "witness" in reporters.group()
        mark: Mark = (
            "own_eyes"
            if there and not witnesses
            else "own_reporters"
            if saw or witnesses
            else "reporters_said"
            if _CITING_VERB.match(rest)
            else "told"
        )
        told = _CITED_BEFORE.search(before)
        if told and not witnesses:
            mark = "told" if told.group("verb") == "told" else mark
        start = mention.start - len(before) + told.start() if told and witnesses else mention.start
        return Cue(mention.organisation, mark, paragraph, start, end + (saw.end() if saw else 0))
    cited = _CITED_BEFORE.search(before)
    if cited:
        is_told = cited.group("verb") in (
            "told",
            "tells",
            "telling",
            "confirmed to",
            "spoke to",
            "said to",
            "speaking to",
            "interview with",
            "statement to",
            "comment to",
            "dijo a",
            "sagte",
        )
        shown = cited.group("verb") in ("obtained by", "seen by", "reviewed by")
        return Cue(
            mention.organisation,
            "told" if is_told else "shown" if shown else "cited",
            paragraph,
            mention.start - len(before) + cited.start(),
            mention.end,
        )
    cites = _CITED_AFTER.match(after)
    if cites:
        return Cue(mention.organisation, "cited", paragraph, mention.start, mention.end + cites.end())
    return None


def self_referring(cues: Iterable[Cue], places: Sequence[Finding]) -> dict[str, float]:
    """Agencies whose own copy this is by the way it speaks of them: organisation id to score.

    The score adds the marks (`MARK_WEIGHT`), rises where a credit names the agency, and falls where the whole text is
    credited to somebody else or other agencies are named in the prose. At least one sighting by own reporters is needed, or,
    in a text that is credited to the agency alone, something that it was shown.
    """
    marks: dict[str, list[Mark]] = defaultdict(list)
    agencies: set[str] = set()
    for cue in cues:
        if cue.organisation.kind == "agency":
            marks[cue.organisation.id].append(cue.mark)
            agencies.add(cue.organisation.id)
    text_credits = [
        c
        for c in places
        if c.organisation is not None and c.kind not in ("photo", "self_reference") and c.organisation.kind != "unnamed"
    ]
    in_mixed = {c.organisation.id for c in text_credits if c.organisation is not None and c.carry == "partial"}
    named = {c.organisation.id for c in text_credits if c.organisation is not None}
    in_full = {c.organisation.id for c in text_credits if c.organisation is not None and c.carry == "full"}
    scores: dict[str, float] = {}
    for identifier, seen in marks.items():
        is_own_copy = in_full == {identifier}
        if not ({"own_eyes", "own_reporters"} & set(seen) or (is_own_copy and "shown" in seen)):
            continue
        score = sum(SHOWN_IN_OWN_COPY if is_own_copy and mark == "shown" else MARK_WEIGHT[mark] for mark in seen)
        score += OTHER_AGENCY_IN_PROSE * (len(agencies) - 1)
        if identifier in named:
            score += NAMED_IN_MIXED_CREDIT
        elif any(c.carry == "full" and c.organisation is not None and c.organisation.id not in in_mixed for c in text_credits):
            score += TEXT_CREDITED_TO_ANOTHER
        if score >= (SELF_REFERENCE_BAR if identifier in named else SELF_REFERENCE_ALONE):
            scores[identifier] = score
    return scores


def as_citation(cue: Cue, text: str) -> Citation:
    """The citation that a cue stands for; `text` is the paragraph as given."""
    return Citation(cue.organisation, text[cue.start : cue.end], cue.start, cue.end, cue.paragraph)
