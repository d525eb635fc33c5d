"""Credits and citations: every family, every trap, spans, and time on hostile input."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.models import Reading
from service.domain.segmentation import read_article
from service.registry_files import load_registry
from tests.timing import is_linear, seconds

REGISTRY = load_registry()
BODY = (
    "The government said on Thursday that it would review the plan after weeks of talks with the unions and the region's mayors.",
    "Officials expect a decision before the end of the month, two people close to the talks said, but the details are still open.",
    "The opposition called the review a delay and asked for a vote in parliament, which returns from its summer break next week.",
)


def read(
    *paragraphs: str, site: str = "gazette.example", name: str = "", authors: Sequence[str] = (), title: str = ""
) -> Reading:
    return read_article(
        paragraphs, title=title, authors=authors, outlet_site=site, outlet_name=name, language="en", registry=REGISTRY
    )


def said(reading: Reading) -> set[tuple[str, str, str]]:
    return {(c.organisation.id, c.kind, c.carry) for c in reading.credits}


def credited(reading: Reading) -> set[str]:
    return {c.organisation.id for c in reading.credits if c.kind != "photo"}


def at_head(line: str) -> Reading:
    return read(line + " " + BODY[0], *BODY[1:])


def at_tail(line: str) -> Reading:
    return read(*BODY, line)


@pytest.mark.parametrize(
    ("lead", "organisation"),
    [
        ("LONDON (Reuters) -", "reuters"),
        ("WASHINGTON, July 24 (Reuters) -", "reuters"),
        ("BRUSSELS, Belgium (AP) -", "associated-press"),
        ("MACON, Ga. (AP) —", "associated-press"),
        ("BEIJING, Sept. 2 (Xinhua) --", "xinhua"),
        ("ROMA (ITALPRESS) –", "italpress"),
        ("(Reuters) -", "reuters"),
        ("(AP) —", "associated-press"),
        ("(CNN) —", "cnn"),
        ("Berlin (dpa) -", "dpa"),
        ("Berlin (dpa/tmn) -", "dpa"),
        ("Shimla, Jan 1 (IANS)", "ians"),
        ("New York [USA], Jan 1 (ANI):", "ani"),
        ("Madrid, 3 jun (EFE).-", "efe"),
        ("МОСКВА, 5 января. /ТАСС/.", "tass"),
        ("JTA —", "jta"),
        ("PTI  ", "pti"),
        ("新华社北京9月12日电", "xinhua"),
        ("(서울=연합뉴스)", "yonhap"),
    ],
)
def test_a_dateline_at_the_start_credits_its_agency_and_is_no_copy(lead: str, organisation: str) -> None:
    reading = at_head(lead)
    assert (organisation, "dateline", "full") in said(reading)
    assert reading.paragraphs[0].core == BODY[0]


@pytest.mark.parametrize(
    "lead", ["PARIS, July 3 —", "WASHINGTON --", "GENEVA -", "COLUMBIA, Mo. (KMIZ) —", "BUFFALO, N.Y. (WIVB) —"]
)
def test_a_dateline_without_agency_credits_nobody_but_is_no_copy(lead: str) -> None:
    reading = at_head(lead)
    assert not reading.credits
    assert reading.paragraphs[0].core == BODY[0]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("(Reporting by Jane Doe in Lima; Editing by John Roe)", {("reuters", "desk_footer", "full")}),
        ("(Reporting by A. Smith; Editing by L. Jones) (dpa)", {("dpa", "desk_footer", "full"), ("dpa", "signoff", "full")}),
        ("Our Standards: The Thomson Reuters Trust Principles.", {("reuters", "desk_footer", "full")}),
        ("The Associated Press contributed to this report.", {("associated-press", "contribution", "partial")}),
        (
            "Associated Press writer Jane Doe in London contributed to this report.",
            {("associated-press", "contribution", "partial")},
        ),
        ("With files from The Canadian Press", {("canadian-press", "contribution", "partial")}),
        (
            "(FRANCE 24 with AFP and REUTERS)",
            {("france24", "mixed_source", "partial"), ("afp", "mixed_source", "partial"), ("reuters", "mixed_source", "partial")},
        ),
        ("(With inputs from agencies)", {("agencies", "mixed_source", "partial")}),
        ("(Con información de AFP y EFE)", {("afp", "mixed_source", "partial"), ("efe", "mixed_source", "partial")}),
        ("(mit Material von dpa)", {("dpa", "mixed_source", "partial")}),
        ("(avec AFP)", {("afp", "mixed_source", "partial")}),
        (
            "(AP, AFP, Reuters)",
            {
                ("associated-press", "mixed_source", "partial"),
                ("afp", "mixed_source", "partial"),
                ("reuters", "mixed_source", "partial"),
            },
        ),
        (
            "(This story has not been edited by NDTV staff and is auto-generated from a syndicated feed.)",
            {("syndicated-feed", "feed_disclaimer", "full")},
        ),
        ("--IANS", {("ians", "signoff", "full")}),
        ("- PTI", {("pti", "signoff", "full")}),
        ("–IANS", {("ians", "signoff", "full")}),
        ("CGTN", {("cgtn", "signoff", "full")}),
        ("AFP", {("afp", "signoff", "full")}),
        ("Source: Reuters", {("reuters", "source_line", "full")}),
        ("Source : CGTN", {("cgtn", "source_line", "full")}),
        ("Fuente: EFE", {("efe", "source_line", "full")}),
        ("Πηγή: Σινχούα", {("xinhua", "source_line", "full")}),
        ("출처: 신화통신", {("xinhua", "source_line", "full")}),
        ("来源：Reuters", {("reuters", "source_line", "full")}),
        ("Source: Thanks france24", {("france24", "source_line", "full")}),
        ("Source: The Capital Tribune", {("the-capital-tribune", "source_line", "full")}),
        ("© 2022 AFP", {("afp", "copyright", "full")}),
        ("Copyright 2025 The Associated Press. All rights reserved.", {("associated-press", "copyright", "full")}),
        (
            "©2025 Bloomberg L.P. Visit bloomberg.com. Distributed by Tribune Content Agency, LLC.",
            {("bloomberg", "copyright", "full"), ("tca", "copyright", "full")},
        ),
        (
            "©2018 Deutsche Presse-Agentur GmbH (Hamburg, Germany), Distributed by Tribune Content Agency, LLC.",
            {("dpa", "copyright", "full"), ("tca", "copyright", "full")},
        ),
        (
            "This article is republished from The Conversation under a Creative Commons license.",
            {("the-conversation", "republication", "full")},
        ),
        ("Provided by The Conversation", {("the-conversation", "source_line", "full")}),
        ("The post Review of the plan begins appeared first on KTVZ.", {("ktvz", "republication", "full")}),
        ("The post first appeared on The Summit Observer.", {("the-summit-observer", "republication", "full")}),
        (
            "This article originally appeared on Page Six and was reproduced with permission.",
            {("page-six", "republication", "full")},
        ),
        ("This story was originally published by Jane Doe on WXYZ in Detroit.", {("wxyz", "republication", "full")}),
        ("Read the original article on Business Insider.", {("business-insider", "republication", "full")}),
    ],
)
def test_a_line_at_the_tail_credits(line: str, expected: set[tuple[str, str, str]]) -> None:
    reading = at_tail(line)
    assert said(reading) == expected
    assert reading.paragraphs[-1].role == "credit"


@pytest.mark.parametrize(
    ("line", "organisation", "kind"),
    [
        ("By JOSH FUNK, Associated Press", "associated-press", "byline"),
        ("ERIC TUCKER Associated Press", "associated-press", "byline"),
        ("By Jane Doe\nAssociated Press", "associated-press", "byline"),
        ("By Reuters", "reuters", "byline"),
        ("AP Staff", "associated-press", "byline"),
        ("Von Christian Hollmann, dpa", "dpa", "byline"),
        ("da Reuters, em Bogotá", "reuters", "byline"),
        ("(Agencies)", "agencies", "byline"),
        ("编译自 Reuters", "reuters", "translation"),
        ("来源：新华社", "xinhua", "source_line"),
        ("(MENAFN - Gulf Times)", "gulf-times", "via"),
    ],
)
def test_a_line_at_the_head_credits(line: str, organisation: str, kind: str) -> None:
    reading = read(line, *BODY, *BODY)
    assert (organisation, kind) in {(c.organisation.id, c.kind) for c in reading.credits}


@pytest.mark.parametrize(
    ("author", "organisation"),
    [
        (" AFP", "afp"),
        ("AFP AFP", "afp"),
        ("Reuters Staff", "reuters"),
        ("By JANE MERRIT, PA Media", "pa-media"),
        ("Josh Funk, Associated Press", "associated-press"),
        ("Trisha Easto USA TODAY", "usa-today"),
    ],
)
def test_an_agency_in_the_author_field_is_a_byline(author: str, organisation: str) -> None:
    (credit,) = read(*BODY, authors=["Jane Doe", author]).credits
    assert (credit.organisation.id, credit.kind, credit.field, credit.paragraph) == (organisation, "byline", "authors[1]", None)
    assert author[credit.start : credit.end] == credit.text == author.strip()


@pytest.mark.parametrize(
    ("closing", "expected"),
    [
        ("(AFP)", {("afp", "signoff")}),
        ("- AFP/VNA", {("afp", "mixed_source"), ("vna", "mixed_source")}),
        ("With inputs from PTI", {("pti", "mixed_source")}),
        ("Source: BBC", {("bbc", "source_line")}),
        ("Additional reporting by Reuters", {("reuters", "contribution")}),
        ("Additional reporting by Jane Doe", set()),
        ("Jane Doe writes for The Gainesville Sun.", {("the-gainesville-sun", "byline")}),
        ("Reprinted with permission from The Atlantic.", {("the-atlantic", "republication")}),
        ("This article appeared in the Guardian.", {("guardian", "republication")}),
        ("The report appeared in the Guardian.", set()),
    ],
)
def test_closing_words_credit_in_the_last_paragraph_too(closing: str, expected: set[tuple[str, str]]) -> None:
    for reading in (at_tail(closing), read(BODY[0], BODY[1], f"{BODY[2]} {closing}")):
        assert {(c.organisation.id, c.kind) for c in reading.credits} == expected


@pytest.mark.parametrize(
    "line", ["Reuters, London", "IANS  |  New Delhi", "ANI | Updated: Jan 01, 2020 10:00 IST", "Web Desk | Reuters", "By: PTI"]
)
def test_a_byline_may_put_the_agency_first(line: str) -> None:
    assert {c.kind for c in read(line, *BODY, *BODY).credits} == {"byline"}


def test_a_press_release_names_the_wire_and_the_issuer() -> None:
    reading = read("MUNICH, Sept. 3, 2026 /PRNewswire/ -- " + BODY[0], BODY[1], "SOURCE Maple Corp")
    assert {(c.organisation.id, c.kind) for c in reading.credits} == {
        ("prnewswire", "press_release"),
        ("maple-corp", "press_release"),
    }
    assert reading.paragraphs[0].core == BODY[0]


def test_a_title_that_ends_in_an_agency_came_through_an_aggregator() -> None:
    title = "Government reviews the plan - Reuters"
    (credit,) = read(*BODY, title=title).credits
    assert (credit.kind, credit.field, title[credit.start : credit.end]) == ("via", "title", "Reuters")


# Traps: text that looks like a credit and is none.


@pytest.mark.parametrize(
    ("text", "organisation"),
    [
        ("The plan was shelved, sources told AP on Monday.", "associated-press"),
        ("The plan, confirmed to Reuters by two diplomats, was shelved.", "reuters"),
        ("A third of the towns, according to a report by Bloomberg, had objected.", "bloomberg"),
        ("The minister will step down, TASS reports, after the vote.", "tass"),
        ("The minister had refused, state television said, citing TASS.", "tass"),
        ("The spokesman told Russia's RIA news agency that talks went on.", "ria"),
        ("The clerk told The Associated Press that it was boarded up.", "associated-press"),
        ("According to the Associated Press, the dismissal came early.", "associated-press"),
        ("Prosecutors have not signed off on the facility, reports AP.", "associated-press"),
        ("The deal is dead. Citing three people, Bloomberg says so.", "bloomberg"),
    ],
)
def test_citing_is_not_carrying(text: str, organisation: str) -> None:
    reading = read(BODY[0], text, *BODY[1:])
    assert not reading.credits
    assert organisation in {c.organisation.id for c in reading.citations}


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("The Armed Forces of the Philippines (AFP) — the country's military — said so.", *BODY),
        ("Officials of the Armed Forces of the Philippines (AFP) met in Manila.", *BODY),
        ("A study of the Reuters Institute found that trust had fallen.", *BODY),
        ("Michael Bloomberg said he would vote for the plan.", *BODY),
        ("The APEC Secretariat said it would publish the figures.", *BODY),
        (*BODY, "The work was funded by the Thomson Reuters Foundation."),
        (*BODY, "Chipotle (CMG) shares rose two percent."),
        (BODY[0], "CGTN", *BODY[1:], *BODY),
        ("The China Global Television Network (CGTN) opened an office in the city.", *BODY),
        ("The National Weather Service (NWS) issued a storm warning for the coast.", *BODY),
        (*BODY, "Originally published as Review of the plan begins"),
        (*BODY, "The study was originally published in Nature in 2019."),
        (*BODY, "All who have contributed to it deserve thanks."),
        (*BODY, "Copyright © Jane Doe, MD"),
        (*BODY, "Source: rawpixel"),
        (*BODY, "Source: Jane Doe's official Twitter"),
        ("VALLEY (MARE) – " + BODY[0], *BODY[1:]),
        BODY,
    ],
)
def test_false_friends_credit_nobody(paragraphs: tuple[str, ...]) -> None:
    assert not credited(read(*paragraphs))


@pytest.mark.parametrize("author", ["Charlie Riedel", "Godofredo A. Vásquez", "Guardian Staff", "FRANCE24", "Jane Doe"])
def test_a_person_or_an_outlet_in_the_author_field_is_no_wire(author: str) -> None:
    assert not read(*BODY, authors=[author]).credits


def test_a_picture_agency_in_the_author_field_is_a_picture_credit() -> None:
    assert said(read(*BODY, authors=["Getty Images"])) == {("getty-images", "photo", "unknown")}


@pytest.mark.parametrize(
    ("line", "organisation"),
    [
        ("Photo: AP", "associated-press"),
        ("A worker at the plant on Monday. (AP Photo/Jane Doe)", "associated-press"),
        ("사진: Reuters", "reuters"),
        ("The square on Monday. REUTERS/Jane Doe", "reuters"),
        ("The square on Monday. John Roe/AP", "associated-press"),
        ("Jane Doe, File Via Newsource", "cnn"),
        ("Image copyright EPA", "epa"),
        ("PHOTO: AP", "associated-press"),
        ("The minister speaks. [Reuters]", "reuters"),
    ],
)
def test_a_picture_credit_says_nothing_about_the_text(line: str, organisation: str) -> None:
    for paragraphs in ((line, *BODY), (BODY[0], line, *BODY[1:]), (*BODY, line)):
        reading = read(*paragraphs)
        assert {(c.organisation.id, c.kind) for c in reading.credits} == {(organisation, "photo")}


@pytest.mark.parametrize(
    ("site", "paragraphs"),
    [
        ("reuters.com", ("LONDON (Reuters) - " + BODY[0], *BODY[1:], "Our Standards: The Thomson Reuters Trust Principles.")),
        ("edition.cnn.com", ("WASHINGTON (CNN) -- " + BODY[0], *BODY[1:])),
        ("uk.reuters.com", (*BODY, "© 2022 Reuters")),
        ("capital-tribune.example", (*BODY, "Source: The Capital Tribune")),
    ],
)
def test_an_outlet_on_its_own_site_credits_nobody(site: str, paragraphs: tuple[str, ...]) -> None:
    reading = read(*paragraphs, site=site)
    assert not reading.credits


def test_another_stations_call_sign_on_a_stations_site_is_syndication() -> None:
    paragraphs = ("COLUMBIA, Mo. (KMIZ) — " + BODY[0], *BODY[1:])
    assert {(c.organisation.name, c.organisation.kind) for c in read(*paragraphs, site="ktvz.com").credits} == {
        ("KMIZ", "station")
    }
    assert not read(*paragraphs, site="kmiz.com").credits


def test_wire_and_copyright_line_in_one_paragraph_credit_cnn() -> None:
    reading = at_tail("The-CNN-Wire\n™ & © 2023 Cable News Network, Inc., a Time Warner Company. All rights reserved.")
    assert credited(reading) == {"cnn"}


def test_originator_and_last_hop_are_both_kept() -> None:
    reading = read(*BODY, "The-CNN-Wire ™ & © 2023 Cable News Network, Inc.", "The post Review begins appeared first on KTVZ.")
    assert credited(reading) == {"cnn", "ktvz"}


def test_disclaimer_and_sign_off_give_full_carry_by_the_agency() -> None:
    reading = at_tail("(This story has not been edited by Mint staff and is auto-generated from a syndicated feed.) PTI")
    assert ("pti", "feed_disclaimer", "full") in said(reading)


def test_a_sign_off_behind_the_last_sentence_is_no_copy() -> None:
    for tail in (" (AFP)", " - Reuters", " PTI", " --IANS", "\n- PTI"):
        reading = read(BODY[0], BODY[1], BODY[2] + tail)
        assert len(credited(reading)) == 1, tail
        assert reading.paragraphs[2].core == BODY[2]


# Self-reference: agency copy that speaks of its own reporters.

AGENCY_COPY = (
    "Shots were heard as troops came near the crowd, according to Reuters witnesses.",
    "The airport had been seized, a source familiar with the matter told Reuters.",
    "Reuters journalists saw thousands of people pressing towards the centre.",
)


def test_agency_copy_that_speaks_of_its_own_reporters_is_a_credit() -> None:
    reading = read(*AGENCY_COPY, *BODY)
    assert {(c.organisation.id, c.kind, c.carry) for c in reading.credits} == {("reuters", "self_reference", "unknown")}
    assert not reading.citations


def test_a_write_up_that_cites_an_agencys_reporters_is_none() -> None:
    cited = "Reuters reporters said they heard explosions as soldiers advanced."
    assert not read(cited, *BODY).credits
    assert credited(read(*AGENCY_COPY[1:2], cited, *BODY, "Source: Sky News")) == {"sky-news"}
    assert not read("The town was quiet, an AFP correspondent told local radio.", *BODY).credits


def test_one_sighting_beside_a_mixed_credit_is_self_reference() -> None:
    reading = read(AGENCY_COPY[0], *BODY, "(FRANCE 24 with AFP and REUTERS)")
    assert ("reuters", "self_reference", "unknown") in said(reading)
    assert not {c.organisation.id for c in read(AGENCY_COPY[0], *BODY).credits}


SEEN = "A Reuters reporter on the access road saw three trucks burning and soldiers at the gate."
SHOWN = "The decision was taken in March, according to records reviewed by the AP."


@pytest.mark.parametrize("lead", ["", "LONDON (Reuters) - "])
def test_what_an_agencys_reporter_saw_is_self_reference_unless_the_text_is_anothers(lead: str) -> None:
    assert ("reuters", "self_reference", "unknown") in said(read(lead + BODY[0], SEEN, *BODY[1:]))
    for other in (read("LONDON (AP) — " + BODY[0], SEEN, *BODY[1:]), read(BODY[0], SEEN, *BODY[1:], "Source: Sky News")):
        assert "self_reference" not in {c.kind for c in other.credits}


def test_what_an_agency_was_shown_is_self_reference_in_its_own_copy_and_a_citation_elsewhere() -> None:
    own = read("LONDON (AP) — " + BODY[0], SHOWN, *BODY[1:])
    assert ("associated-press", "self_reference", "unknown") in said(own)
    assert not own.citations
    for lead in ("", "LONDON (Reuters) - "):
        other = read(lead + BODY[0], SHOWN, *BODY[1:])
        assert "associated-press" not in credited(other)
        assert {c.organisation.id for c in other.citations} == {"associated-press"}
    partly = read(BODY[0], SHOWN, *BODY[1:], "The Associated Press contributed to this report.")
    assert {c.kind for c in partly.credits} == {"contribution"}


def test_in_a_sentence_something_else_was_distributed_by_a_press_wire() -> None:
    assert not at_tail("The drug worked, the companies said in a statement distributed by Business Wire.").credits
    assert credited(at_tail("Distributed by Tribune Content Agency, LLC.")) == {"tca"}


# Spans and time.

SNIPPETS = st.sampled_from(
    [
        "LONDON (Reuters) - ",
        "(AP) —",
        "By Jane Doe, AFP",
        "Source: Sky News",
        "told Reuters",
        "© 2020 AFP",
        "\n",
        " ",
        "“dpa”",
        "(AP Photo/X Y)",
        "据新华社报道",
        "\u00a0",
        "(",
        ")",
        "-",
        "😀",
        "The post X appeared first on Y.",
        BODY[0],
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(st.one_of(SNIPPETS, st.text(max_size=20)), max_size=8).map("".join), max_size=5),
    st.lists(st.one_of(SNIPPETS, st.text(max_size=20)), max_size=3),
)
def test_every_span_reproduces_its_text(paragraphs: list[str], authors: list[str]) -> None:
    title = authors[0] if authors else ""
    reading = read(*paragraphs, authors=authors, title=title)
    assert [p.text for p in reading.paragraphs] == paragraphs
    for credit in reading.credits:
        if credit.paragraph is not None:
            source = paragraphs[credit.paragraph]
        else:
            source = title if credit.field == "title" else authors[int(credit.field[8:-1])]
        assert source[credit.start : credit.end] == credit.text
        assert 0 <= credit.confidence <= 1
    for citation in reading.citations:
        assert paragraphs[citation.paragraph][citation.start : citation.end] == citation.text
    for paragraph in reading.paragraphs:
        assert 0 <= paragraph.core_start <= paragraph.core_end <= len(paragraph.text)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "(",
        "A ",
        "A, ",
        "A. ",
        "(Reuters) ",
        "LONDON (Reuters) - ",
        "Reuters ",
        "told Reuters ",
        "By A ",
        "© ",
        "\n",
        "a\n",
        "AP\n",
        "/ ",
        "Source: ",
        "-",
        "contributed to this report ",
        "published on ",
        "The ",
        "1 ",
        "新",
        "来源：",
        "(Reporting by ",
        "from which this column was adapted ",
        "((a)",
        "[a",
        "the " * 7,
        "A B/ ",
        "\u00a0",
        "Photo: ",
    ],
)
def test_hostile_input_takes_linear_time(piece: str) -> None:
    def work(size: int) -> None:
        hostile = piece * (size // len(piece))
        read(hostile, title=hostile[:400], authors=[hostile[:300]])

    assert is_linear(work, 1_000_000, enough=2.0)


def test_a_typical_article_takes_milliseconds() -> None:
    paragraphs = (
        "LONDON (Reuters) - " + BODY[0],
        *(text * 3 for text in BODY * 3),
        "(Reporting by A. Smith; Editing by L. Jones)",
    )
    read(*paragraphs)
    assert min(seconds(lambda _: read(*paragraphs), 1) for _ in range(5)) < 0.010


# Labelled data, where there is any.

EVALUATION = Path(os.environ.get("WIRETRACE_EVALUATION_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


@pytest.mark.skipif(not (EVALUATION / "seeds" / "gold.json").exists(), reason="no labelled data")
def test_labelled_articles_have_all_their_credits_and_no_citation_among_them() -> None:
    gold = json.loads((EVALUATION / "seeds" / "gold.json").read_text(encoding="utf8"))
    for article in gold["articles"]:
        rows = [p for p in article["paragraphs"] if p["index"] != article.get("title_index")]
        reading = read(*(p["text"] for p in rows), title=article["title"])
        labels = gold["credits"][article["id"]]
        want = {REGISTRY.resolve(c["org"]).id for c in labels["credits"] if c["kind"] != "photo" and "unnamed" not in c["org"]}
        assert credited(reading) - {"syndicated-feed"} == want, article["id"]
        wrong = [
            (p["index"], p["role"], q.role)
            for p, q in zip(rows, reading.paragraphs, strict=True)
            if q.role not in (p["role"], *p.get("alt_roles", ()))
        ]
        assert not wrong, article["id"]


@pytest.mark.skipif(not (EVALUATION / "credits" / "credits.jsonl").exists(), reason="no labelled data")
def test_labelled_credits_keep_the_measured_bar() -> None:
    from bench.credits import score

    measured = score(EVALUATION / "credits")
    assert measured["precision"] >= 0.98
    assert measured["recall"] >= 0.95
    assert measured["kind_accuracy"] >= 0.92
