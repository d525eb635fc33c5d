"""The credit forms and traps that are known from practice, one named case each: what is credited, what is only cited, what is neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from service.domain.models import Article, Reading
from service.domain.segmentation import is_summary_only, read_article, unknown_credit_reason
from service.domain.wire_hints import wire_hint
from tests import samples
from tests.flows.parts import article_of, new_corpus, partitions, vectors_of
from tests.timing import seconds

REGISTRY = samples.REGISTRY
BODY = (
    "The government said on Thursday that it would review the plan after weeks of talks with the unions and the region's mayors.",
    "Officials expect a decision before the end of the month, two people close to the talks said, but the details are still open.",
    "The opposition called the review a delay and asked for a vote in parliament, which returns from its summer break next week.",
)
Expected = set[tuple[str, str, str]]


def read(*paragraphs: str, site: str = "gazette.example", authors: Sequence[str] = (), title: str = "") -> Reading:
    return read_article(
        paragraphs, title=title, authors=authors, outlet_site=site, outlet_name="", language=None, registry=REGISTRY
    )


def said(reading: Reading) -> Expected:
    return {(c.organisation.id, c.kind, c.carry) for c in reading.credits}


def names(reading: Reading) -> set[str]:
    return {c.organisation.id for c in reading.credits if c.kind != "photo"}


@dataclass(frozen=True)
class Form:
    """A credit as it is written: `place` is head, tail, author, title or lead (in front of the first sentence)."""

    family: str
    place: str
    text: str
    expected: Expected

    def reading(self) -> Reading:
        if self.place == "author":
            return read(*BODY, authors=[self.text])
        if self.place == "title":
            return read(*BODY, title=self.text)
        if self.place == "lead":
            return read(f"{self.text} {BODY[0]}", *BODY[1:])
        return read(self.text, *BODY, *BODY) if self.place == "head" else read(*BODY, *self.text.split("\n\n"))


def full(kind: str, *ids: str) -> Expected:
    return {(i, kind, "full") for i in ids}


def part(kind: str, *ids: str) -> Expected:
    return {(i, kind, "partial") for i in ids}


AP, REUTERS = "associated-press", "reuters"
FORMS = [
    Form("A dateline", "lead", "LONDON (Reuters) -", full("dateline", REUTERS)),
    Form("A dateline", "lead", "WASHINGTON, July 24 (Reuters) -", full("dateline", REUTERS)),
    Form("A dateline", "lead", "BRUSSELS, Belgium (AP) -", full("dateline", AP)),
    Form("A dateline", "lead", "BEIJING, Sept. 2 (Xinhua) --", full("dateline", "xinhua")),
    Form("A dateline", "lead", "ROMA (ITALPRESS) -", full("dateline", "italpress")),
    Form("A dateline", "lead", "WASHINGTON. AP.", full("dateline", AP)),
    Form("A dateline", "lead", "新华社北京9月12日电", full("dateline", "xinhua")),
    Form("B dateline without place", "lead", "(Reuters) -", full("dateline", REUTERS)),
    Form("B dateline without place", "lead", "(AP) —", full("dateline", AP)),
    Form("B dateline without place", "lead", "(CNN) —", full("dateline", "cnn")),
    Form("C dateline without agency", "lead", "WASHINGTON --", set()),
    Form("C dateline without agency", "lead", "PARIS, July 3 —", set()),
    *(
        Form("D byline", place, text, full("byline", identifier))
        for place in ("author", "head")
        for text, identifier in (
            ("By JOSH FUNK, Associated Press", AP),
            ("ERIC TUCKER Associated Press", AP),
            ("AP Staff", AP),
            ("By Reuters", REUTERS),
            ("Reuters Staff", REUTERS),
            ("Von Christian Hollmann, dpa", "dpa"),
        )
    ),
    Form("D byline", "author", "AFP AFP", full("byline", "afp")),
    Form("D byline", "author", "Trisha Easto USA TODAY", full("byline", "usa-today")),
    Form("E desk footer", "tail", "(Reporting by Jane Doe in Lima; Editing by John Roe)", full("desk_footer", REUTERS)),
    Form("E desk footer", "tail", "(Reporting by A. Smith, writing by B. Hill; Editing by C. Day)", full("desk_footer", REUTERS)),
    Form("E desk footer", "tail", "Our Standards: The Thomson Reuters Trust Principles", full("desk_footer", REUTERS)),
    Form("F contribution", "tail", "The Associated Press contributed to this report.", part("contribution", AP)),
    Form("F contribution", "tail", "Associated Press writer Jane Doe in Rome contributed.", part("contribution", AP)),
    Form("G mixed source", "tail", "(FRANCE 24 with AFP and REUTERS)", part("mixed_source", "france24", "afp", REUTERS)),
    Form("G mixed source", "tail", "(With inputs from agencies)", part("mixed_source", "agencies")),
    Form("G mixed source", "tail", "(Con información de AFP y EFE)", part("mixed_source", "afp", "efe")),
    Form("G mixed source", "tail", "(mit Material von dpa)", part("mixed_source", "dpa")),
    Form("G mixed source", "tail", "(avec AFP)", part("mixed_source", "afp")),
    Form(
        "H feed disclaimer",
        "tail",
        "(This story has not been edited by NDTV staff and is auto-generated from a syndicated feed.)",
        full("feed_disclaimer", "syndicated-feed"),
    ),
    Form(
        "H feed disclaimer",
        "tail",
        "(Only the headline and picture of this report may have been reworked by the Business Standard staff; the rest of the "
        "content is auto-generated from a syndicated feed.)",
        full("feed_disclaimer", "syndicated-feed"),
    ),
    Form(
        "H feed disclaimer",
        "tail",
        "(Except for the headline, this article has not been edited by FPJ's editorial team and is auto-generated from an agency "
        "feed.)",
        full("feed_disclaimer", "syndicated-feed"),
    ),
    Form(
        "H feed disclaimer",
        "tail",
        "(This story has not been edited by Devdiscourse staff and is auto-generated from a syndicated feed.)",
        full("feed_disclaimer", "syndicated-feed"),
    ),
    *(
        Form("I sign-off", "tail", text, full("signoff", identifier))
        for text, identifier in (("--IANS", "ians"), ("- PTI", "pti"), ("–IANS", "ians"), ("CGTN", "cgtn"), ("AFP", "afp"))
    ),
    *(
        Form("J source line", "tail", text, full("source_line", identifier))
        for text, identifier in (
            ("Source: Reuters", REUTERS),
            ("Source : CGTN", "cgtn"),
            ("Fuente: EFE", "efe"),
            ("Πηγή: Σινχούα", "xinhua"),
            ("출처: 신화통신", "xinhua"),
            ("来源：Reuters", REUTERS),
            ("稿源：新华社", "xinhua"),
            ("原载：新华社", "xinhua"),
            ("转载自：新华社", "xinhua"),
        )
    ),
    Form("K copyright", "tail", "© 2022 AFP", full("copyright", "afp")),
    Form("K copyright", "tail", "Copyright 2025 The Associated Press. All rights reserved.", full("copyright", AP)),
    Form(
        "K copyright",
        "tail",
        "©2025 Bloomberg L.P. Visit bloomberg.com. Distributed by Tribune Content Agency, LLC.",
        full("copyright", "bloomberg", "tca"),
    ),
    Form("K copyright", "tail", "The-CNN-Wire ™ & © 2023 Cable News Network, Inc.", full("copyright", "cnn")),
    Form(
        "L republication",
        "tail",
        "This article is republished from The Conversation under a Creative Commons license.",
        full("republication", "the-conversation"),
    ),
    Form("L republication", "tail", "Provided by The Conversation", full("source_line", "the-conversation")),
    Form("L republication", "tail", "This story was originally published by ProPublica.", full("republication", "propublica")),
    Form("L republication", "tail", "The post A review begins appeared first on KTVZ.", full("republication", "ktvz")),
    Form("M press release", "lead", "MUNICH, Sept. 3, 2026 /PRNewswire/ --", full("press_release", "prnewswire")),
    Form("M press release", "tail", "provided by Cision PR Newswire", full("source_line", "prnewswire")),
    *(
        Form("N translation", "head", f"{verb} Reuters", full("translation", REUTERS))
        for verb in ("编译自", "译自", "翻译自", "translated from")
    ),
    Form("O aggregator", "head", "Jane Doe, File Via Newsource", {("cnn", "photo", "unknown")}),
    Form("O aggregator", "author", "Via AP news wire", full("via", AP)),
    Form("O aggregator", "title", "A review begins - Reuters", full("via", REUTERS)),
    Form("O aggregator", "tail", "Read the original article on Business Insider.", full("republication", "business-insider")),
]


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f"{f.family}: {f.text[:40]} ({f.place})")
def test_a_form_of_credit_names_its_organisations_kind_and_carry(form: Form) -> None:
    assert said(form.reading()) == form.expected


@pytest.mark.parametrize(
    ("url", "is_strong"),
    [
        ("https://gazette.example/ap/review-begins", True),
        ("https://gazette.example/news/ap-review-begins", True),
        ("https://gazette.example/news/reuters-review-begins", True),
        ("https://gazette.example/wire/review-begins", True),
        ("https://gazette.example/stacker/stories/review-begins", True),
        ("https://gazette.example/nation-world/review-begins", False),
        ("https://gazette.example/national/review-begins", False),
        ("https://gazette.example/world/review-begins", False),
    ],
)
def test_a_section_of_the_url_is_a_hint_and_a_weak_section_decides_nothing(url: str, is_strong: bool) -> None:
    hint = wire_hint("", "A review begins", url, "gazette.example", "Gazette", REGISTRY)
    assert hint.reasons
    assert hint.is_wire is is_strong


@pytest.mark.parametrize(
    ("text", "organisation"),
    [
        ("The plan was shelved, the minister told Reuters.", REUTERS),
        ("A third of the towns, according to a report by Bloomberg, had objected.", "bloomberg"),
        ("The minister will step down, TASS reports, after the vote.", "tass"),
        ("The plan costs 4 billion a year, per Bloomberg.", "bloomberg"),
        ("The plan was shelved, sources told AP on Monday.", AP),
        ("The plan, confirmed to Reuters by two diplomats, was shelved.", REUTERS),
        ("The minister told AFP that talks went on.", "afp"),
    ],
)
def test_family_q_and_trap_1_an_attribution_cites_and_carries_nothing(text: str, organisation: str) -> None:
    reading = read(BODY[0], text, *BODY[1:])
    assert not reading.credits
    assert {c.organisation.id for c in reading.citations} == {organisation}


# Two hops: originator and distributor, both kept.


@pytest.mark.parametrize(
    ("paragraphs", "hops"),
    [
        (("©2025 Bloomberg L.P. Visit bloomberg.com. Distributed by Tribune Content Agency, LLC.",), ["bloomberg", "tca"]),
        (
            ("©2018 Deutsche Presse-Agentur GmbH (Hamburg, Germany), Distributed by Tribune Content Agency, LLC.",),
            ["dpa", "tca"],
        ),
        (("2022 CQ-Roll Call, Inc., All Rights Reserved. Distributed by Tribune Content Agency",), ["cq-roll-call", "tca"]),
        (
            ("The-CNN-Wire ™ & © 2023 Cable News Network, Inc.", "The post A review begins appeared first on KTVZ."),
            ["cnn", "ktvz"],
        ),
        (("(FRANCE 24 with AFP and REUTERS)",), ["france24", "afp", "reuters"]),
    ],
)
def test_a_line_of_two_hops_gives_both_in_order(paragraphs: tuple[str, ...], hops: list[str]) -> None:
    assert [c.organisation.id for c in read(*BODY, *paragraphs).credits] == hops


def test_a_press_release_gives_issuer_and_wire() -> None:
    reading = read("MUNICH, Sept. 3, 2026 /PRNewswire/ -- " + BODY[0], BODY[1], "SOURCE Maple Corp")
    assert said(reading) == full("press_release", "prnewswire", "maple-corp")


def test_a_picture_that_came_through_newsource_is_a_picture_credit() -> None:
    assert said(read(*BODY, "Jane Doe, File Via Newsource")) == {("cnn", "photo", "unknown")}


def test_an_aggregators_title_names_the_origin() -> None:
    assert names(read(*BODY, title="A review begins - Reuters", site="news.google.com")) == {REUTERS}


# The traps, by their number.


@pytest.mark.parametrize(
    "text",
    [
        "The Armed Forces of the Philippines (AFP) said that two soldiers were hurt.",
        "Two soldiers of the Armed Forces of the Philippines (AFP) were hurt in the blast, the army said.",
        "Its spokesman said the (AFP) would take part in the exercise.",
    ],
)
def test_trap_2_afp_may_be_an_army(text: str) -> None:
    assert not read(text, *BODY).credits
    assert not read(*BODY, text).credits


def test_trap_3_a_call_sign_is_no_agency() -> None:
    paragraphs = ("COLUMBIA, Mo. (KMIZ) — " + BODY[0], *BODY[1:])
    assert not read(*paragraphs).credits
    assert not read(*paragraphs, site="abc17kmiz.com").credits
    assert {(c.organisation.id, c.organisation.kind) for c in read(*paragraphs, site="ktvz.com").credits} == {("kmiz", "station")}
    assert not wire_hint("KMIZ", "A review begins", "", "kmiz.com", "KMIZ", REGISTRY).is_wire


@pytest.mark.parametrize(
    "text",
    [
        "A study of the Reuters Institute found that trust had fallen.",
        "Michael Bloomberg said he would vote for the plan.",
        "The APEC Secretariat said it would publish the figures.",
    ],
)
def test_trap_4_longer_names_are_other_bodies(text: str) -> None:
    reading = read(text, *BODY)
    assert not reading.credits
    assert not reading.citations


@pytest.mark.parametrize("author", ["Reuters Institute", "Michael Bloomberg", "APEC Secretariat", "Guardian Staff", "FRANCE24"])
def test_trap_4_as_authors_they_carry_nothing(author: str) -> None:
    assert not read(*BODY, authors=[author]).credits


@pytest.mark.parametrize(
    "text",
    [
        "This work was funded by the Thomson Reuters Foundation.",
        "This report was supported by a grant of the Thomson Reuters Foundation.",
        "Smith, J. (2019). What readers want. Oxford: Reuters Institute, Thomson Reuters.",
        "[3] Doe, J., Ministers split over review, 4 May 2021, Reuters.",
    ],
)
def test_trap_5_funding_notes_and_references_carry_nothing(text: str) -> None:
    assert not read(*BODY, text).credits


@pytest.mark.parametrize("author", ["Charlie Riedel", "Godofredo A. Vásquez", "Eakin Howard"])
def test_trap_6_a_personal_name_alone_is_never_wire(author: str) -> None:
    assert not read(*BODY, authors=[author]).credits
    assert not wire_hint(author, "A review begins", "", "gazette.example", "Gazette", REGISTRY).is_wire


def test_trap_7_a_feeds_credit_element_credits_a_picture() -> None:
    for credit in ("Photo: AP", "AP Photo/Jane Doe", "Photograph: Jane Doe/Reuters"):
        assert {c.kind for c in read(*BODY, credit).credits} == {"photo"}


@pytest.mark.parametrize(
    ("site", "paragraphs"),
    [
        ("apnews.com", ("VELDEN (AP) — " + BODY[0], *BODY[1:], "Copyright 2025 The Associated Press. All rights reserved.")),
        ("www.reuters.com", ("VELDEN (Reuters) - " + BODY[0], *BODY[1:], "(Reporting by Jane Doe; Editing by John Roe)")),
        ("edition.cnn.com", ("(CNN) — " + BODY[0], *BODY[1:])),
    ],
)
def test_trap_8_an_agency_on_its_own_site_is_the_origin_and_credits_nobody(site: str, paragraphs: tuple[str, ...]) -> None:
    assert not read(*paragraphs, site=site).credits


def _reports(*bodies: tuple[str, ...]) -> tuple[set[frozenset[str]], set[frozenset[str]]]:
    corpus, dirty = new_corpus(), set()
    for number, paragraphs in enumerate(bodies, 1):
        name = f"a{number}"
        ready = samples.prepared(samples.body(name, paragraphs, f"Outlet {number}", f"outlet{number}.example"))
        article: Article = article_of(name, number, ready)
        corpus.add(article, vectors_of(ready))
        dirty.add(corpus.key_of[name])
    corpus.recompute(dirty)
    return partitions(corpus)


def _by(agency: str, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    first = paragraphs[0].partition(") - ")[2] or paragraphs[0]
    return (f"VELDEN ({agency}) - {first}", *paragraphs[1:])


def test_trap_9_pieces_of_one_agency_are_not_one_because_of_its_name() -> None:
    pieces = [_by("Reuters", p) for p in (samples.WIRE, samples.LOCAL, samples.STRIKE, samples.ORCHID)]
    reports, _ = _reports(*pieces)
    assert reports == {frozenset({f"a{n}"}) for n in range(1, 5)}


def test_trap_10_two_agencies_on_one_event_are_two_reports() -> None:
    reports, _ = _reports(_by("Reuters", samples.WIRE), _by("AP", samples.LOCAL))
    assert reports == {frozenset({"a1"}), frozenset({"a2"})}


def test_trap_11_no_credit_is_unknown_and_not_original() -> None:
    assert unknown_credit_reason(read(*BODY, *BODY)) == "no_credit"
    assert unknown_credit_reason(read(*BODY, "Source: Reuters")) is None
    assert unknown_credit_reason(read(*BODY, "Photo: AP")) == "no_credit"


@pytest.mark.parametrize(
    "paragraphs",
    [
        (*BODY, "Chipotle (CMG) shares rose two percent."),
        (*BODY, "Shares of the chain (NYSE: CMG) rose two percent."),
        ("The China Global Television Network (CGTN) opened an office in the city.", *BODY),
        (*BODY, "The broadcaster (CGTN) opened an office in the city last year."),
        (BODY[0], "CGTN", *BODY[1:], *BODY),
    ],
)
def test_trap_12_tickers_acronyms_and_headings_credit_nobody(paragraphs: tuple[str, ...]) -> None:
    assert not read(*paragraphs).credits


def test_trap_13_a_picture_agency_in_the_author_field_is_a_picture_credit() -> None:
    assert said(read(*BODY, authors=["Getty Images"])) == {("getty-images", "photo", "unknown")}


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("The National Weather Service in Velden has issued a tornado warning for Lys County until 4:15 p.m.", *BODY),
        ("NATIONAL WEATHER SERVICE VELDEN", "AT 352 PM CDT, A SEVERE THUNDERSTORM WAS LOCATED NEAR ORRIN.", *BODY),
        ("VELDEN (NWS) — " + BODY[0], *BODY[1:]),
        (*BODY, "Source: National Weather Service"),
        (*BODY, "Provided by the National Weather Service"),
    ],
)
def test_trap_14_a_weather_alert_is_a_public_notice_and_not_wire(paragraphs: tuple[str, ...]) -> None:
    assert not read(*paragraphs).credits
    assert not read(*paragraphs, authors=["National Weather Service"]).credits


@pytest.mark.parametrize("piece", ["A, ", "(", "A. B ", "((A", "LONDON (", "LONDON, May 4 (", "- "])
def test_trap_15_hostile_datelines_cost_no_more_than_their_length(piece: str) -> None:
    hostile = (piece * 2_560)[:2_560]
    # 2,560 characters took 1.9 seconds where optional groups were nested; here they take milliseconds.
    assert min(seconds(lambda _: read(hostile), 1) for _ in range(3)) < 0.1


@pytest.mark.parametrize("joint", ["\n", " "])
def test_trap_16_the_cnn_wire_and_its_copyright_line_share_a_paragraph(joint: str) -> None:
    line = f"The-CNN-Wire{joint}™ & © 2023 Cable News Network, Inc., a Warner Bros. Discovery Company. All rights reserved."
    assert names(read(*BODY, line)) == {"cnn"}


def test_trap_17_a_wire_cut_by_sixty_per_cent_is_still_one_copy_group() -> None:
    assert _reports(samples.WIRE, samples.WIRE[:2])[0] == {frozenset({"a1", "a2"})}


@pytest.mark.parametrize(("head", "tail"), [("", " (Gazette)"), ("PTI  ", ""), ("", " - PTI"), ("PTI  ", " --PTI")])
def test_trap_18_prefix_and_sign_off_neither_split_twins_nor_are_copy(head: str, tail: str) -> None:
    plain = samples.plain(samples.LOCAL)
    signed = (head + plain[0], *plain[1:-1], plain[-1] + tail)
    assert _reports(plain, signed)[0] == {frozenset({"a1", "a2"})}
    if tail != " (Gazette)":
        cores = [p.core for p in read(*signed).paragraphs]
        assert cores == list(plain)


def test_trap_19_a_space_before_the_author_changes_nothing() -> None:
    (credit,) = read(*BODY, authors=[" AFP"]).credits
    assert (credit.organisation.id, credit.kind, credit.text) == ("afp", "byline", "AFP")


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("The government will review the plan after weeks of talks with the unions.",),
        (BODY[0], BODY[1][:90] + " …"),
        (BODY[0], BODY[1], "Continue reading"),
        (),
    ],
)
def test_trap_20_of_a_summary_the_credit_is_unknown_because_it_is_a_summary(paragraphs: tuple[str, ...]) -> None:
    assert unknown_credit_reason(read(*paragraphs)) == "summary_only"


def test_trap_20_a_whole_article_is_no_summary() -> None:
    assert not is_summary_only(read(*BODY))
    assert unknown_credit_reason(read("LONDON (Reuters) - The plan was shelved.")) is None


@pytest.mark.parametrize(
    ("line", "identifier"),
    [("(With inputs from agencies)", "agencies"), ("(Agencies)", "agencies"), ("With wire reports", "wire-reports")],
)
def test_unnamed_agencies_stay_unnamed(line: str, identifier: str) -> None:
    (credit,) = read(*BODY, line).credits
    assert (credit.organisation.id, credit.organisation.kind) == (identifier, "unnamed")
