"""Forms of credit in further layouts and houses, in running text and on lines of their own, and words that only look like credits."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from service.domain.models import Reading
from service.domain.segmentation import read_article
from tests import samples

REGISTRY = samples.REGISTRY
BODY = (
    "The city council voted late on Tuesday to close two of the four river crossings for repairs that engineers say are overdue.",
    "Residents of the eastern districts complained that the decision leaves them with a detour of more than nine kilometres.",
    "Work is to begin in the second week of March and to last until the autumn, if the plan that was put to the council holds.",
    "The opposition called the timetable unrealistic and demanded an independent review of the costs.",
    "Prices for steel have risen by a third since the first estimate was made two years ago.",
)
RUNNING = " ".join(BODY)


def read(*paragraphs: str, authors: Sequence[str] = ()) -> Reading:
    return read_article(
        paragraphs, title="", authors=authors, outlet_site="gazette.example", outlet_name="", language=None, registry=REGISTRY
    )


def said(reading: Reading) -> set[tuple[str, str]]:
    return {(c.organisation.id, c.kind) for c in reading.credits if c.kind != "photo"}


@pytest.mark.parametrize(
    ("lead", "organisation"),
    [
        ("Nairobi — (Xinhua) —", "xinhua"),
        ("SYDNEY, March 3 AAP -", "aap"),
        ("OTTAWA — The Canadian Press —", "canadian-press"),
        ("BELGRADE – Tanjug –", "tanjug"),
        ("Accra, March 3, GNA –", "gna"),
        ("Damascus, SANA –", "sana"),
        ("Madrid, 3 mar (EFE).-", "efe"),
        ("Roma, 3 giugno (Ansa) -", "ansa"),
        ("Brasília, 3 de março (Lusa) –", "lusa"),
        ("TEHRAN, Mar. 03 (MNA) –", "mehr"),
        ("VATICAN CITY (CNS) --", "cns-catholic"),
        ("Addis Ababa March 3/2020 (ENA)", "ena-ethiopia"),
        ("Sana'a, March 3 (Saba) -", "saba-yemen"),
        ("ZAGREB, March 3 (Hina) -", "hina"),
        ("Bern (sda) -", "sda"),
        ("KYIV, March 3 (Interfax-Ukraine) –", "interfax-ukraine"),
    ],
)
def test_a_dateline_of_another_house(lead: str, organisation: str) -> None:
    assert said(read(f"{lead} {RUNNING}")) == {(organisation, "dateline")}


def test_a_dateline_on_a_line_of_its_own_is_no_sign_off() -> None:
    assert said(read("NEW DELHI, March 3 (UNI) ", *BODY)) == {("uni-india", "dateline")}


@pytest.mark.parametrize(
    ("lead", "wire"),
    [
        ("HONG KONG, March 3, 2020 - (ACN Newswire) -", "acn-newswire"),
        ("New York, NY -- (SBWIRE) -- 03/03/2020 --", "sbwire"),
        ("Vancouver, British Columbia - (Newsfile Corp. - March 3, 2020) -", "newsfile"),
    ],
)
def test_a_press_wire_in_brackets(lead: str, wire: str) -> None:
    assert said(read(f"{lead} {RUNNING}")) == {(wire, "press_release")}


@pytest.mark.parametrize(
    ("lead", "organisation"),
    [
        ("By: Press Trust of India | Mumbai", "pti"),
        ("PTI | March 3, 2020 10:12 AM IST", "pti"),
        ("By KIM LOWE and TOM ROE, Los Angeles Times", "los-angeles-times"),
        ("by Kim Lowe, Reporter for Stateline", "stateline"),
        ("By Kim Lowe Special to The Seattle Times", "seattle-times"),
    ],
)
def test_a_byline_in_front_of_running_text(lead: str, organisation: str) -> None:
    assert said(read(f"{lead} {RUNNING}")) == {(organisation, "byline")}


@pytest.mark.parametrize(
    ("line", "organisation"),
    [
        ("Agence France-Presse in Paris", "afp"),
        ("Reuters in New York and agencies", "reuters"),
        ("Special to The Seattle Times", "seattle-times"),
        ("SPECIAL TO THE HARTWELL HERALD", "hartwell-herald"),
        ("(Special to The Denver Post)", "denver-post"),
    ],
)
def test_a_byline_on_a_line_of_its_own(line: str, organisation: str) -> None:
    assert (organisation, "byline") in {(i.lower(), k) for i, k in said(read("By Kate Lowe", line, *BODY))}


@pytest.mark.parametrize("joint", ["line", "running text"])
@pytest.mark.parametrize(
    ("closing", "expected"),
    [
        ("Information from the Chicago Tribune was used in this report.", {("chicago-tribune", "contribution")}),
        ("The Associated Press contributed.", {("associated-press", "contribution")}),
        ("CNN's Jane Roe and John Doe contributed to this report.", {("cnn", "contribution")}),
        ("This report includes information from The Associated Press.", {("associated-press", "contribution")}),
        ("This story includes reporting by The Associated Press.", {("associated-press", "contribution")}),
        ("(With AP inputs)", {("associated-press", "mixed_source")}),
        ("(Inputs from ANI)", {("ani", "mixed_source")}),
        ("(with agency inputs)", {("agencies", "mixed_source")}),
        ("With Post Wire Services", {("wire-reports", "mixed_source")}),
        ("(SD-Agencies)", {("agencies", "signoff")}),
        ("AP", {("associated-press", "signoff")}),
        ("(afp)", {("afp", "signoff")}),
        ("Provided by Deutsche Welle", {("dw", "source_line")}),
        ("Copyright 2020 by WXYZ Staff and The Associated Press. All rights reserved.", {("associated-press", "copyright")}),
        (
            "©2020 The Millbrook Observer. Visit millbrookobserver.com. Distributed by Tribune Content Agency, LLC.",
            {("millbrook-observer", "copyright"), ("tca", "copyright")},
        ),
        ("This article first appeared in the Herald Sun.", {("herald-sun", "republication")}),
        ("This story first appeared in the Hereford Times.", {("hereford-times", "republication")}),
        ("This article was first published on history.com.", {("history-com", "republication")}),
        ("This story was produced by Grist and is reproduced here as part of a series.", {("grist", "republication")}),
        ("This piece was co-published with ProPublica.", {("propublica", "republication")}),
    ],
)
def test_closing_words(closing: str, expected: set[tuple[str, str]], joint: str) -> None:
    paragraphs = [*BODY, closing] if joint == "line" else [f"{RUNNING} {closing}"]
    assert {(i.removeprefix("the-"), k) for i, k in said(read(*paragraphs))} == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rc/kms (AFP, Reuters, epd)", {("afp", "mixed_source"), ("reuters", "mixed_source"), ("epd", "mixed_source")}),
        ("Staff writer, with AFP", {("afp", "mixed_source")}),
        ("Staff and agencies", {("agencies", "mixed_source")}),
        ("Agencies and our correspondent", {("agencies", "mixed_source")}),
        ("This is an unedited, auto-generated story from a syndicated ANI feed.", {("ani", "feed_disclaimer")}),
        (
            "Disclaimer: This post has been auto-published from an agency feed without any modifications to the text.",
            {("syndicated-feed", "feed_disclaimer")},
        ),
        ("[ANSA]", {("ansa", "signoff")}),
        ("News source: Interfax-Ukraine", {("interfax-ukraine", "source_line")}),
        ("Courtesy of the Lansing State Journal", {("lansing-state-journal", "republication")}),
        ("Via CNN Newsource", {("cnn", "via")}),
        ("Agency Report", {("agencies", "signoff")}),
    ],
)
def test_a_closing_line(line: str, expected: set[tuple[str, str]]) -> None:
    assert said(read(*BODY, line)) == expected


def test_a_domain_that_the_end_of_the_text_may_have_cut_names_nobody() -> None:
    text = f"{RUNNING} This article first appeared on TheNationalDispatch.co"
    assert said(read(text)) == set()
    assert said(read(text + "m")) == {("thenationaldispatch-com", "republication")}
    assert said(read(text + ".")) == {("thenationaldispatch-co", "republication")}
    # Where the registry knows one site that begins so, it is that one.
    assert said(read(f"{RUNNING} This article first appeared on breitbart.co")) == {("breitbart", "republication")}


def test_a_name_that_lost_its_last_letter_at_the_end_of_the_text_is_completed() -> None:
    assert said(read(f"{RUNNING} This article first appeared on Breitbar")) == {("breitbart", "republication")}
    assert said(read(f"{RUNNING} This article first appeared on Breitbar.")) == {("breitbar", "republication")}


@pytest.mark.parametrize(
    "sentence",
    [
        "Students who pass AP Biology or AP Chemistry may skip the course.",
        "The survey was paid for by the Thomson Reuters Foundation.",
        "A study by the Reuters Institute found that trust had fallen.",
        "DPA Magazine ran a cover story on the bridges in 1998.",
        "The Press Association of Bangladesh protested.",
        "The Armed Forces of the Philippines (AFP) said the convoy had crossed.",
        "Shares of Thomson Reuters (TSX: TRI) rose.",
        "The ANI (National Intelligence Agency) refused to comment.",
        "UNI, the teachers' union, (UNI) backed it.",
        "The state news agency (SANA) carried the speech, monitors said.",
        "The UN (ANSA reported earlier) had warned of it.",
        '"We were stunned," she told AFP.',
        "Kate Lowe can be reached at klowe@ap.org.",
        "The novel was first published in The New Yorker in 1961 and has never been out of print.",
        "The Guardian first published leaked minutes; the article was later reprinted in Die Zeit.",
        "The mayor, in remarks first published by Der Spiegel, called it a scandal.",
        "The video was distributed by Reuters and shown on CNN.",
        "The letter appeared in the New York Times on Sunday.",
        "Article originally written by Jane Roe for her blog.",
        "Story originally reported by Jane Roe.",
        "Three things, the Associated Press said, contributed.",
        "Sources: company filings, Reuters calculations.",
        "Data: Johns Hopkins University, Reuters",
        "Photo source: Reuters",
        "© Jane Roe/Reuters",
        "Reuters could not independently verify the claim.",
        "Video provided by AFP shows the moment.",
        "Follow Reuters on Twitter.",
        "An AP-NORC poll found that most agree.",
        "Originally published as Council closes two river crossings",
        "The mayor's wife contributed to this report of misfortunes, neighbours said.",
        "The party said this report includes information from Reuters that is wrong.",
    ],
)
def test_what_only_looks_like_a_credit(sentence: str) -> None:
    assert said(read(*BODY, sentence)) == set()
    assert said(read(f"{RUNNING} {sentence}")) == set()
    assert said(read(f"{BODY[0]} {sentence} {RUNNING}")) == set()


@pytest.mark.parametrize("author", ["Reuters Breakingviews", "AP Biology", "DPA Magazine", "Courtesy of the mayor"])
def test_an_author_that_only_looks_like_an_agency(author: str) -> None:
    assert said(read(*BODY, authors=[author])) == set()


def test_a_courtesy_under_a_picture_at_the_head_is_no_republication() -> None:
    assert said(read("Courtesy of NBC News", *BODY, *BODY)) == set()


@pytest.mark.parametrize(
    "lead",
    [
        "TORONTO, Reuters - which opened an office there in 1890 - said it will close the bureau after staff left for good.",
        "Washington, Reuters - the two names that stand for news to many - are printed on the cover of the new book of hers.",
    ],
)
def test_a_sentence_about_an_agency_is_no_dateline(lead: str) -> None:
    assert not [
        c for c in read(lead, "The council voted to close two of the four river crossings.").credits if c.kind == "dateline"
    ]


CAPTION = "Cranes stand idle above the eastern crossing - the oldest of the four"


@pytest.mark.parametrize(
    "lines",
    [
        (CAPTION, f"Reuters\u00a0{CAPTION}"),
        (f"Reuters: {CAPTION}", CAPTION),
        (CAPTION, f"{CAPTION} Reuters"),
    ],
)
def test_a_name_that_a_caption_gains_when_it_is_printed_again_credits_the_picture(lines: tuple[str, str]) -> None:
    reading = read(*BODY[:2], *lines, *BODY[2:])
    assert [(c.organisation.id, c.kind, c.paragraph) for c in reading.credits] == [
        ("reuters", "photo", 2 + lines.index(max(lines, key=len)))
    ]
    assert [p.role for p in reading.paragraphs[2:4]] == ["caption", "caption"]


def test_a_name_before_words_that_stand_nowhere_else_credits_no_picture() -> None:
    assert not [
        c for c in read(*BODY[:2], "Reuters cranes stand idle above the crossing", *BODY[2:]).credits if c.kind == "photo"
    ]


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        (
            "Lights went out. Gridwatch, a site that monitors power lines across the region, said nine towns were cut off.",
            "Gridwatch",
        ),
        (
            "The Velden Post, an independent daily newspaper based in Riga, reported that the bridge stays closed.",
            "The Velden Post",
        ),
        (
            "“It will hold,” he said. Weltspiegel.de, a German news website, wrote that nobody had asked the engineers.",
            "Weltspiegel.de",
        ),
    ],
)
def test_an_outlet_that_is_introduced_by_what_it_is_is_cited(sentence: str, name: str) -> None:
    reading = read(*BODY[:2], sentence, *BODY[2:])
    assert [(c.organisation.name, c.paragraph) for c in reading.citations] == [(name, 2)]
    assert not reading.credits


@pytest.mark.parametrize(
    "sentence",
    [
        "Anna Berg, a newspaper editor from Leeds, said the plan was dead.",
        "Marten & Sons, a website operator, said it would appeal.",
        "The council, a body of twelve, said on its site that work would go on.",
        "On Monday, a news channel reported that the crossing had failed.",
    ],
)
def test_who_works_for_an_outlet_or_is_none_is_no_cited_outlet(sentence: str) -> None:
    assert not read(*BODY[:2], sentence, *BODY[2:]).citations
