"""Server-sent events: whatever pieces the bytes come in, the events are the same."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.client.errors import UnexpectedAnswer
from service.client.events import MOST_EVENT_CHARACTERS, Event, EventReader

FIELD = st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=("Cs",)), max_size=12)


def events(*parts: bytes) -> list[Event]:
    reader = EventReader()
    return [event for part in parts for event in reader.feed(part)]


@given(
    st.lists(st.tuples(FIELD, FIELD, st.lists(FIELD, min_size=1, max_size=3)), max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.data(),
)
def test_pieces_do_not_matter(made: list[tuple[str, str, list[str]]], end: str, with_mark: bool, data: st.DataObject) -> None:
    text, wanted, last = "\ufeff" if with_mark else "", [], ""
    for ident, kind, lines in made:
        text += "".join(
            f"{line}{end}" for line in (": a comment", f"id: {ident}", f"event: {kind}", *(f"data: {one}" for one in lines), "")
        )
        last = ident
        wanted.append(Event(last, kind or "message", "\n".join(lines)))
    whole = (text + ":" + end).encode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(whole)), max_size=12)) | {0, len(whole)})
    assert events(*(whole[start:stop] for start, stop in pairwise(cuts))) == wanted
    assert events(*(whole[place : place + 1] for place in range(len(whole)))) == wanted


def test_the_rules_of_the_format() -> None:
    assert events(b"data\n\ndata\ndata\n\n") == [Event("", "message", ""), Event("", "message", "\n")]
    assert events(b"data:x\ndata:  y\n\n") == [Event("", "message", "x\n y")]
    assert events(b"id: 7\n\ndata: a\n\nid: a\0b\ndata: b\n\nid\ndata: c\n\n") == [
        Event("7", "message", "a"), Event("7", "message", "b"), Event("", "message", "c"),
    ]  # fmt: skip
    assert events(b"event: x\n\ndata: a\n\n") == [Event("", "message", "a")]
    assert events(b"unknown: x\ndata: a\n") == []
    assert events(b"data: \xff\n\n") == [Event("", "message", "\ufffd")]


def test_the_time_that_the_server_asks_for() -> None:
    reader = EventReader()
    assert list(reader.feed(b"retry: 3000\nretry: soon\n\n")) == []
    assert reader.retry_ms == 3000


@pytest.mark.parametrize("line", [b"x", b"data: 0123456789\n"])
def test_what_has_no_end_is_let_go(line: bytes) -> None:
    reader = EventReader()
    with pytest.raises(UnexpectedAnswer, match="event of more than"):
        for _ in range(MOST_EVENT_CHARACTERS // 5_000):
            list(reader.feed(line * 10_000))
