"""Pages in, articles out: the text in order, the evidence near it, nothing of the furniture; and what hostile pages cost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import UnreadablePage
from service.fetch.extract import NoArticleError, decode, extract_page, fragment_paragraphs
from service.fetch.workers import WorkerPool
from tests.unit.pages import BODY, FOOTER, page

URL = "https://harbour-gazette.example/news/quay"


def texts(markup: str) -> tuple[str, ...]:
    return extract_page(markup.encode(), url=URL).paragraphs


def test_paragraphs_in_order_without_furniture() -> None:
    found = extract_page(page().encode(), url=URL)
    assert found.paragraphs == BODY
    assert found.captions == ("The quay wall on Monday. Photo: AP",)
    assert found.confidence == "high"
    assert "trafilatura 2.3.1" in found.body_source


@pytest.mark.parametrize(
    ("line", "markup"),
    [
        (FOOTER, f'<p class="x">{FOOTER}</p>'),
        ("Source: Reuters", "<div>Source: Reuters</div>"),
        ("© 2026 AFP", "<p><small>© 2026 AFP</small></p>"),
        (
            "Copyright 2026 The Associated Press. All rights reserved.",
            "<p>Copyright 2026 The Associated Press. All rights reserved.</p>",
        ),
        ("The Associated Press contributed to this report.", "<p><em>The Associated Press contributed to this report.</em></p>"),
        (
            "This story has not been edited by our staff and is auto-generated from a syndicated feed.",
            '<div class="note">This story has not been edited by our staff and is auto-generated from a syndicated feed.</div>',
        ),
        (
            "This article is republished from The Conversation under a Creative Commons license.",
            (
                '<p>This article is republished from <a href="https://theconversation.com/x">The Conversation</a> under a Creative Commons '
                "license.</p>"
            ),
        ),
        ("--IANS", "<p>--IANS</p>"),
        ("dpa", '<span class="agency">dpa</span>'),
    ],
)
def test_credit_lines_behind_the_body_are_kept(line: str, markup: str) -> None:
    assert texts(page(after=markup)) == (*BODY, line)


def test_bylines_and_standfirsts_before_the_body_are_kept() -> None:
    lead = "Forty cars fell into the harbour and three islands are cut off from their supplies"
    before = f'<p class="standfirst">{lead}</p><div class="byline">By <a rel="author" href="/s">Mira Stolz</a> and agencies</div><time>4 May 2026</time>'
    found = extract_page(page(before=before).encode(), url=URL)
    assert found.paragraphs == (lead, "By Mira Stolz and agencies", *BODY)
    assert [block.kind for block in found.blocks] == ["body", "credit", "body", "body", "body", "body"]


def test_what_stands_between_paragraphs_and_is_none_of_theirs() -> None:
    inner = (
        '<div class="newsletter-signup"><p>Sign up for our morning newsletter and never miss a story from the coast.</p></div>'
    )
    inner += (
        '<nav><a href="/x">More on harbours</a></nav><p style="display: none">Hidden words that nobody sees on this page.</p>'
    )
    assert texts(page(body=(*BODY[:2], BODY[2] + "</p>" + inner + "<p>" + BODY[3]))) == BODY


def test_headings_stay_where_text_follows() -> None:
    body = (BODY[0], BODY[1] + "</p><h2>What went wrong</h2><p>" + BODY[2], BODY[3])
    assert texts(page(body=body, after="<h3>Read more</h3>")) == (BODY[0], BODY[1], "What went wrong", BODY[2], BODY[3])


def test_line_breaks_part_paragraphs_only_in_pairs() -> None:
    assert fragment_paragraphs("<div>One<br>two<br><br>three</div><p>four <b>five</b></p>") == ("One\ntwo", "three", "four five")


def test_a_page_whose_text_stands_in_its_metadata_only() -> None:
    said = '{"@type": "NewsArticle", "headline": "Quay", "articleBody": "' + "\\n\\n".join(BODY) + '"}'
    found = extract_page(page(json_ld=said, body=("Loading",)).encode(), url=URL)
    assert found.paragraphs == BODY
    assert (found.body_source, found.confidence) == ("ld+json:articleBody", "low")


def test_character_sets() -> None:
    text = "Müller für Öl – naïve"
    assert decode(text.encode("windows-1252"), "windows-1252") == text
    assert decode(b'<meta charset="iso-8859-1">' + "Müller".encode("latin-1")).endswith("Müller")
    assert decode("Müller".encode("utf-16")) == "Müller"
    assert decode("Müller".encode("utf-8-sig")) == "Müller"
    assert decode("Müller".encode("latin-1"), "no-such-charset") == "Müller"
    odd = '<meta charset="punycode"><p>The quay-wall leans.</p>'
    assert decode(odd.encode()) == odd


@pytest.mark.parametrize(
    "content", [b"", b"<html></html>", b"\x00\x01\x02", b"<p></p>", b"<!-- -->", b"<div>" * 3_000 + b"words " * 50]
)
def test_pages_without_an_article(content: bytes) -> None:
    with pytest.raises(NoArticleError):
        extract_page(content, url=URL)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<div>", "</div>", "<p>", "<table>", "<li>", "<!--", "<script>", "<figure>", "<a>", "word ", "&#0;", "<br>", "\x0b"]
        ),
        max_size=60,
    )
)
def test_no_markup_breaks_the_walk(parts: list[str]) -> None:
    for text in fragment_paragraphs("".join(parts)):
        assert text == text.strip() != ""
        assert "\x0b" not in text


# ---- processes -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    made = WorkerPool(size=1, max_page_bytes=5_000_000, limit_s=3, memory_bytes=1_000_000_000, pages_per_worker=3)
    yield made
    made.close()


def read(pool: WorkerPool, content: bytes) -> tuple[str, ...]:
    return asyncio.run(pool.read_page(content, url=URL, charset=None)).paragraphs


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<div>" * 3_000 + b"hello " * 100, "no article text"),
        (b"<b>" * 200_000 + b"x", "could not be read"),
        (b"<p " + b"a=1 " * 300_000 + b">x</p>", "could not be read"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><p>&b;&b;&b;</p>', "no article text"),
        (b"x" * 5_000_001, "the limit is 5000000"),
        (bytes(range(256)) * 500, "could not be read"),
        (b"<p>word word word." * 270_000, "took too long"),
    ],
    ids=["nested", "deep", "attributes", "entities", "large", "binary", "slow"],
)
def test_hostile_pages_fail_alone(pool: WorkerPool, content: bytes, reason: str) -> None:
    started = time.monotonic()
    with pytest.raises(UnreadablePage, match=reason):
        read(pool, content)
    assert time.monotonic() - started < 40
    assert read(pool, page().encode()) == BODY


def test_a_dead_worker_fails_nobody_else(pool: WorkerPool) -> None:
    assert read(pool, page().encode()) == BODY
    process = pool._workers[0]._process
    if process is not None:
        process.kill()
        process.wait()
    assert read(pool, page().encode()) == BODY


def test_workers_are_replaced(pool: WorkerPool) -> None:
    seen = set()
    for _ in range(5):
        assert read(pool, page().encode()) == BODY
        process = pool._workers[0]._process
        seen.add(process.pid if process else None)
    assert len(seen - {None}) >= 2 or None in seen


def test_memory_is_bounded() -> None:
    small = WorkerPool(size=1, max_page_bytes=5_000_000, limit_s=10, memory_bytes=320_000_000, pages_per_worker=10)
    try:
        with pytest.raises(UnreadablePage):
            read(small, b"<p><i>a</i><b>" * 350_000)
        assert read(small, page().encode()) == BODY
    finally:
        small.close()


def test_feeds_are_read_by_workers_too(pool: WorkerPool) -> None:
    feed = b"<rss><channel><item><title>Quay</title><link>https://a.example/1</link><source url='https://b.example/f'>Reuters</source></item></channel></rss>"
    (item,) = asyncio.run(pool.read_feed(feed, url=None))
    assert (item.title, item.url) == ("Quay", "https://a.example/1")
    assert [(claim.name, claim.role) for claim in item.claims] == [("Reuters", "source"), ("https://b.example/f", "source-url")]


def test_a_worker_is_not_told_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRETRACE_API_KEYS", "write:a-key-that-is-nobodys-business")
    made = WorkerPool(size=1, max_page_bytes=5_000_000, limit_s=30, memory_bytes=1_000_000_000, pages_per_worker=3)
    try:
        assert read(made, page().encode()) == BODY
        process = made._workers[0]._process
        assert process is not None
        environment = Path(f"/proc/{process.pid}/environ")
        if not environment.exists():
            pytest.skip("only Linux shows what a process was told")
        assert b"WIRETRACE_" not in environment.read_bytes()
    finally:
        made.close()
