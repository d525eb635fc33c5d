"""Roles of paragraphs and the part of them that is copy."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.models import Reading
from service.domain.segmentation import read_article
from service.registry_files import load_registry

REGISTRY = load_registry()
TITLE = "Council delays the vote on the new bridge"
BODY = (
    "The council put off its vote on the new bridge on Thursday after a night of talks that ended without an agreement.",
    "Engineers had warned that the old bridge would have to close within two years if nothing was done about its cables.",
    "The mayor said the vote would be held in May, when the figures of a second study are expected to be ready.",
)


def read(paragraphs: Sequence[str], title: str = TITLE) -> Reading:
    return read_article(
        paragraphs, title=title, authors=(), outlet_site="gazette.example", outlet_name="", language=None, registry=REGISTRY
    )


def role_of(text: str, position: int = 3) -> str:
    paragraphs = [*BODY[:position], text, *BODY[position:]]
    return read(paragraphs).paragraphs[position].role


@pytest.mark.parametrize(
    "text",
    [
        "Subscribe to Newsletter",
        "Please wait",
        "Login Form",
        "Who's On Line",
        "We have 12 guests and no members online",
        "Star InactiveStar InactiveStar InactiveStar InactiveStar Inactive",
        "We use cookies on this website to give you the best experience. Accept Reject",
        "This website uses cookies to improve your experience. We'll assume you're ok with this, but you can opt-out if you wish.",
        "Read more: five things to know today",
        "Support local journalism. Subscribe today for unlimited access.",
        "Support local journalism: become a member of Wenlow Voices from 3 dollars a month.",
        "Become a member today and get our weekly newsletter.",
        "The Courier is free to read thanks to our members. Please consider a small donation.",
        "If you value our reporting, please consider becoming a member.",
        "Follow us on Facebook and never miss an update",
        "Sign up for our free morning newsletter",
        "Your email address will not be published. Required fields are marked *",
        "Share this article on Facebook",
        "Issued on:",
        "top of page",
        "bottom of page",
        "Post comment",
        "Post: Blog4_Post",
        "No right click",
        "Advertisement",
        "Lesen Sie auch: Der neue Plan",
        "Abonnez-vous à notre newsletter",
        "Подписывайтесь на наш канал",
        "Updated: 2014-11-16 10:44",
        "* * *",
        "   ",
    ],
)
def test_page_furniture_is_boilerplate(text: str) -> None:
    assert role_of(text) == "boilerplate"


@pytest.mark.parametrize(
    "text",
    [
        "He resigned.",
        "Share prices fell three percent.",
        "Nobody was hurt.",
        "“We will not follow them,” she said.",
        "Subscribers of the phone company lost their service for a day after the storm, the regulator said on Monday.",
        "More than 350 police were injured.",
        "Become a member of the European Union by 2030 is what the government wants, the minister said on Monday.",
        "Support for the plan fell to 40 percent among members of the party, a poll showed.",
        "If you like the old bridge you will hate the new one, the mayor told members of the council this month.",
        "The cookie factory will close in June.",
        "Read, the minister's lawyer, declined to comment.",
        "Follow-up talks are planned for May.",
        "Comments made by the mayor drew criticism from both parties in the council and from the unions.",
        "Revenue 8.2 billion vs 7.4 billion",
        "大臣は木曜日に辞任した。",
    ],
)
def test_short_sentences_stay_body(text: str) -> None:
    assert role_of(text, 1) == "body"


def test_the_title_is_known_where_it_stands_again_and_what_stands_above_it_is_menu() -> None:
    reading = read(["Home", "Quiet Corners", TITLE.upper(), BODY[0], "A night of talks", *BODY[1:], "Right Click"])
    assert [p.role for p in reading.paragraphs] == [
        "boilerplate",
        "boilerplate",
        "title",
        "body",
        "subheading",
        "body",
        "body",
        "boilerplate",
    ]


def test_a_caption_that_stands_twice_is_a_caption_both_times() -> None:
    caption = "Workers on the main cable of the old bridge"
    reading = read([BODY[0], caption, "Reuters " + caption, *BODY[1:]])
    assert [p.role for p in reading.paragraphs][1:3] == ["caption", "caption"]
    assert not [c for c in reading.credits if c.kind != "photo"]


def test_a_picture_credit_makes_a_caption() -> None:
    assert role_of("Workers on the main cable of the old bridge. (AP Photo/Jane Doe)") == "caption"


def test_credits_are_found_in_furniture_too() -> None:
    line = "(This story has not been edited by Gazette staff and is auto-generated from a syndicated feed.) Share this article"
    reading = read([*BODY, line])
    assert {c.kind for c in reading.credits} == {"feed_disclaimer"}
    assert reading.paragraphs[3].role in ("credit", "boilerplate")


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        ("LONDON (Reuters) - ", ""),
        ("PARIS, July 3 - ", ""),
        ("PTI  ", ""),
        ("", " (AFP)"),
        ("", " - Reuters"),
        ("BERLIN, May 2 (dpa) -- ", " (Reporting by A. Smith; Editing by L. Jones)"),
        ("\n ", " \n"),
    ],
)
def test_the_core_leaves_out_dateline_and_sign_off(head: str, tail: str) -> None:
    (paragraph,) = read([head + BODY[0] + tail]).paragraphs
    assert paragraph.text == head + BODY[0] + tail
    assert paragraph.core == BODY[0]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(st.text(max_size=60), st.sampled_from([*BODY, TITLE, "Advertisement", "LONDON (Reuters) - "])), max_size=8
    ),
    st.text(max_size=30),
)
def test_paragraphs_are_kept_one_for_one(paragraphs: list[str], title: str) -> None:
    reading = read(paragraphs, title)
    assert [p.text for p in reading.paragraphs] == paragraphs
    assert [p.index for p in reading.paragraphs] == list(range(len(paragraphs)))
    assert reading == read(paragraphs, title)


def test_many_paragraphs_take_linear_time() -> None:
    assert len(read(["LONDON (Reuters) - " + BODY[0], "told Reuters", "(AP)"] * 1000).paragraphs) == 3000
