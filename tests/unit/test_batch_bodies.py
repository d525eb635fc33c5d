"""Arrays that stream in become one line an item, however they are parted; bodies on disk give their lines back."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.batch_bodies import ArrayLines
from service.errors import InvalidInput, MalformedJson, MissingBody
from service.store.spool import Spool

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def lines_of(body: bytes, cuts: list[int]) -> list[bytes]:
    reader = ArrayLines()
    places = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    out = b"".join(reader.feed(body[start:end]) for start, end in pairwise(places))
    reader.finish()
    return [line for line in out.split(b"\n") if line.strip()]


@given(st.lists(VALUES, max_size=5), st.lists(st.integers(0, 1000), max_size=10), st.sampled_from([None, 2]), st.booleans())
def test_any_array_in_any_parts_gives_its_items(items: list, cuts: list[int], indent: int | None, is_ascii: bool) -> None:
    body = json.dumps(items, indent=indent, ensure_ascii=is_ascii).encode("utf8", "surrogatepass")
    assert [json.loads(line) for line in lines_of(b" \r\n" + body + b"\n ", cuts)] == items


@pytest.mark.parametrize("body", [b"[1", b"[1,]", b"[,1]", b"[1,,2]", b"[1] 2", b"[1]]", b'["a', b"[}", b""])
def test_a_broken_array_is_refused(body: bytes) -> None:
    for cuts in ([], list(range(len(body)))):
        with pytest.raises(MalformedJson):
            lines_of(body, cuts)


@pytest.mark.parametrize("body", [b"{}", b"1", b'"["'])
def test_what_is_no_array_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        lines_of(body, [])


@given(
    st.lists(st.sampled_from([b"", b"  ", b"{}", b"abcdefgh", b"\t12345678901234567890"]), max_size=12),
    st.lists(st.integers(0, 300), max_size=6),
    st.booleans(),
)
def test_bodies_give_their_lines_back_with_numbers(tmp_path_factory, lines: list[bytes], cuts: list[int], ends: bool) -> None:
    body = b"\n".join(lines) + (b"\n" if ends else b"")
    spool = Spool(tmp_path_factory.mktemp("spool"))
    upload = spool.upload("j")
    places = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        upload.write(body[start:end])
    expected = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    if not expected:
        with pytest.raises(MissingBody):
            upload.finish()
        upload.discard()
        return
    assert upload.finish() == len(expected)
    items = list(spool.items("j", 9))
    assert [item.number for item in items] == list(range(1, len(expected) + 1))
    assert [(item.line, item.data) for item in items] == [(n, line if len(line) <= 9 else None) for n, line in expected]


def test_what_no_job_needs_is_swept(tmp_path) -> None:
    spool = Spool(tmp_path / "batches")
    spool.sweep(())
    for name in ("kept", "gone"):
        upload = spool.upload(name)
        upload.write(b"{}")
        upload.finish()
    broken = spool.upload("broken")
    broken.write(b"{}")
    spool.sweep({"kept"})
    assert [path.name for path in (tmp_path / "batches").iterdir()] == ["kept.ndjson"]
    broken.discard()
    spool.remove("kept")
    spool.remove("kept")
    assert list((tmp_path / "batches").iterdir()) == []
