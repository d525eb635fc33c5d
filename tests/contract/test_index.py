"""The vector index's contract on every index, and what the cached one promises about its file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.index.cached import CachedIndex
from service.index.exact import ExactIndex
from service.index.usearch_index import UsearchIndex
from service.ports import Matrix, VectorIndex

DIMENSION = 32
INDEXES: dict[str, Callable[[], VectorIndex]] = {
    "exact": lambda: ExactIndex(DIMENSION),
    "usearch": lambda: UsearchIndex(DIMENSION),
    "cached, exact": lambda: CachedIndex(None, "s", DIMENSION),
    "cached, both": lambda: CachedIndex(None, "s", DIMENSION, exact_below=300),
    "cached, graph": lambda: CachedIndex(None, "s", DIMENSION, exact_below=0),
}


def clustered(count: int, seed: int = 0) -> Matrix:
    """Vectors of length 1 in groups of about ten, near and far from each other."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(max(1, count // 10), DIMENSION))
    vectors = centres[random.integers(len(centres), size=count)] + random.normal(size=(count, DIMENSION)) * random.uniform(
        0.05, 1, (count, 1)
    )
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)


def truth(keys: list[int], vectors: Matrix, query: Matrix, minimum: float) -> dict[int, float]:
    rounded = vectors.astype(np.float64)
    cosines = rounded @ query.astype(np.float64) / np.linalg.norm(rounded, axis=1) / np.linalg.norm(query.astype(np.float64))
    return {key: float(cosine) for key, cosine in zip(keys, cosines, strict=True) if cosine >= minimum}


@pytest.fixture(params=list(INDEXES))
def index(request: pytest.FixtureRequest) -> VectorIndex:
    return INDEXES[request.param]()


def test_everything_within_the_bound_is_found_best_first(index: VectorIndex) -> None:
    vectors = clustered(600)
    keys = [int(key) for key in np.random.default_rng(1).integers(2**62, size=600)]
    for start in range(0, 600, 50):
        index.add(keys[start : start + 50], vectors[start : start + 50])
    assert len(index) == 600
    for query, found in zip(vectors[:100], index.within(vectors[:100], 0.5), strict=True):
        expected = truth(keys, vectors, query, 0.5)
        assert {key for key, _ in found} == expected.keys()
        assert all(abs(cosine - expected[key]) < 1e-6 for key, cosine in found)
        assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)


def test_no_number_of_neighbours_is_too_large(index: VectorIndex) -> None:
    index.add(range(1000), clustered(1000))
    (found,) = index.within(clustered(1), -1.01)
    assert sorted(key for key, _ in found) == list(range(1000))


def test_removed_keys_are_gone_and_a_key_added_again_has_the_new_vector(index: VectorIndex) -> None:
    vectors = clustered(400)
    index.add(range(400), vectors)
    index.remove(range(0, 400, 2))
    index.remove([0, 12345])
    assert len(index) == 200
    assert {key % 2 for found in index.within(vectors, -1.01) for key, _ in found} == {1}
    index.add([1, 1], vectors[[6, 8]])
    assert len(index) == 200
    assert (1, pytest.approx(1.0, abs=1e-6)) in index.within(vectors[8:9], 0.999)[0]


def test_an_empty_index_and_no_queries(index: VectorIndex) -> None:
    assert index.within(clustered(2), 0.5) == [[], []]
    index.add([], np.zeros((0, DIMENSION), dtype=np.float32))
    index.add([7], clustered(1))
    assert index.within(np.zeros((0, DIMENSION), dtype=np.float32), 0.5) == []


def test_wrong_shapes_and_numbers_that_are_none_are_refused(index: VectorIndex) -> None:
    for keys, vectors in (
        ([1], np.zeros((1, 3), np.float32)),
        ([1, 2], clustered(1)),
        ([1], np.full((1, DIMENSION), np.nan, np.float32)),
    ):
        with pytest.raises(ValueError, match="vector"):
            index.add(keys, vectors)
    assert len(index) == 0


def test_the_nearest_are_the_best_of_all(index: VectorIndex) -> None:
    assert index.nearest(clustered(1), 5) == []
    vectors = clustered(600)
    index.add(range(600), vectors)
    for query in vectors[:40]:
        expected = sorted(truth(list(range(600)), vectors, query, -1.01).values(), reverse=True)
        for count in (1, 7, 600, 1000):
            found = index.nearest(query[np.newaxis, :], count)
            assert [cosine for _, cosine in found] == pytest.approx(expected[:count], abs=1e-6)
            assert len({key for key, _ in found}) == min(count, 600)
    assert index.nearest(vectors[:1], 0) == []


@given(st.integers(1, 60), st.integers(0, 5), st.floats(-1, 1))
@settings(max_examples=30, deadline=None)
def test_an_answer_does_not_depend_on_what_is_asked_beside_it(count: int, seed: int, minimum: float) -> None:
    vectors = clustered(count, seed)
    index = ExactIndex(DIMENSION)
    index.add(range(count), vectors)
    together = index.within(vectors, minimum)
    assert together == [index.within(vectors[row : row + 1], minimum)[0] for row in range(count)]
    as_sets = [dict(found) for found in together]
    assert all(as_sets[b][a] == cosine for a in range(count) for b, cosine in together[a])


# The file of the cached index


class Rows:
    """A store of vectors by key that counts how often it is read."""

    def __init__(self, count: int) -> None:
        self.vectors = dict(enumerate(clustered(count).astype(np.float16)))

    def __call__(self) -> Iterator[tuple[int, np.ndarray]]:
        yield from self.vectors.items()


def opened(folder: Path, rows: Rows, *, space: str = "s") -> tuple[CachedIndex, object]:
    index = CachedIndex(folder, space, DIMENSION, exact_below=100)
    return index, index.open(rows)


def test_a_good_file_is_used_and_brought_up_to_date(tmp_path: Path) -> None:
    rows = Rows(500)
    index, report = opened(tmp_path, rows)
    assert (report.kind, report.from_file, report.added, report.reason) == ("graph", 0, 500, "there is no file")
    assert index.save() is True
    del rows.vectors[3]
    rows.vectors[900] = clustered(1, seed=9)[0].astype(np.float16)
    index, report = opened(tmp_path, rows)
    assert (report.vectors, report.from_file, report.added, report.removed, report.reason) == (500, 500, 1, 1, "")
    wanted = ExactIndex(DIMENSION)
    wanted.add(list(rows.vectors), np.stack(list(rows.vectors.values())).astype(np.float32))
    queries = clustered(500)[:50]
    assert index.within(queries, 0.4) == wanted.within(queries, 0.4)
    assert index.save() is True
    assert json.loads((tmp_path / "index-s.json").read_text())["generation"] == 2
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "damage", ["flipped byte", "truncated", "noise", "missing", "note is no JSON", "note of another file", "other dimension"]
)
def test_a_bad_file_is_built_anew(tmp_path: Path, damage: str) -> None:
    rows = Rows(300)
    index, _ = opened(tmp_path, rows)
    index.save()
    (file,) = tmp_path.glob("*.usearch")
    note = tmp_path / "index-s.json"
    data = bytearray(file.read_bytes())
    if damage == "flipped byte":
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    elif damage == "truncated":
        file.write_bytes(data[:-100])
    elif damage == "noise":
        file.write_bytes(np.random.default_rng(0).bytes(4096))
    elif damage == "missing":
        file.unlink()
    elif damage == "note is no JSON":
        note.write_text('{"format"')
    elif damage == "note of another file":
        note.write_text(json.dumps({**json.loads(note.read_text()), "vectors": 299}))
    else:
        note.write_text(json.dumps({**json.loads(note.read_text()), "dimension": 31}))
    index, report = opened(tmp_path, rows)
    assert (report.vectors, report.from_file, report.added) == (300, 0, 300)
    assert report.reason
    assert index.save() is True
    assert opened(tmp_path, rows)[1].from_file == 300


def test_a_crash_between_file_and_note_leaves_the_old_pair(tmp_path: Path) -> None:
    rows = Rows(300)
    index, _ = opened(tmp_path, rows)
    index.save()
    (tmp_path / "index-s-2.usearch").write_bytes(b"written, but its note never was")
    (tmp_path / "index-s-3.part").write_bytes(b"half")
    index, report = opened(tmp_path, rows)
    assert report.from_file == 300
    index.save()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index-s-2.usearch", "index-s.json"]


def test_spaces_do_not_share_a_file_and_small_stores_have_none(tmp_path: Path) -> None:
    rows = Rows(300)
    opened(tmp_path, rows)[0].save()
    assert opened(tmp_path, rows, space="other")[1].from_file == 0
    small, report = opened(tmp_path / "small", Rows(100))
    assert (report.kind, small.save(), (tmp_path / "small").exists()) == ("exact", False, False)


def test_growing_past_the_bound_moves_a_few_vectors_at_a_time() -> None:
    index = CachedIndex(None, "s", DIMENSION, exact_below=100)
    vectors = clustered(200)
    for key in range(200):
        index.add([key], vectors[key : key + 1])
        assert len(index) == key + 1
    assert len(index._matrix) == 0
