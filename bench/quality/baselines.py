"""What a user would otherwise reach for, each with its usual default threshold and as a whole curve over thresholds.

A partition method maps texts to clusters; a pair method maps two texts to a similarity. The best threshold of a curve is chosen
on the answers by whoever calls: an upper bound of the method, not a result.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.quality.sets import words
from service.ports import Encoder

Clusters = list[int]
Matrix = npt.NDArray[np.float64]
_PERMUTATIONS = 128
_SHINGLE = 3


@dataclass(frozen=True, slots=True)
class Method:
    """`default` is the threshold people start with, `why` whose it is; `cluster` is None where the method cannot run here."""

    name: str
    default: float
    why: str
    sweep: tuple[float, ...]
    cluster: Callable[[float], Clusters] | None


def _steps(first: float, last: float, step: float) -> tuple[float, ...]:
    return tuple(round(float(t), 3) for t in np.arange(first, last + step / 2, step))


def methods(texts: Sequence[str], encoder: Encoder) -> list[Method]:
    """Each ready to cluster these texts; shared work (signatures, vectors) is done once, here."""
    return [
        _minhash(texts),
        _communities(texts, encoder),
        _tfidf(texts),
        _semhash(texts, encoder),
        _bigrams(texts),
    ]


def _minhash(texts: Sequence[str]) -> Method:
    from datasketch import MinHashLSH

    signatures = [_signature(text) for text in texts]

    def cluster(threshold: float) -> Clusters:
        lsh = MinHashLSH(threshold=threshold, num_perm=_PERMUTATIONS)
        for i, signature in enumerate(signatures):
            lsh.insert(i, signature)
        return _linked(len(texts), ((i, j) for i, signature in enumerate(signatures) for j in lsh.query(signature)))

    why = "the default of datasketch; word trigrams, 128 permutations, connected components"
    return Method("datasketch MinHash LSH", 0.9, why, _steps(0.05, 0.95, 0.05), cluster)


@lru_cache(maxsize=20_000)
def _signature(text: str) -> Any:
    from datasketch import MinHash

    found = MinHash(num_perm=_PERMUTATIONS, scheme="affine32")
    found.update_batch([" ".join(gram).encode() for gram in shingles(text, _SHINGLE)])
    return found


def shingles(text: str, size: int) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[k : k + size]) for k in range(max(1, len(found) - size + 1))}


def _communities(texts: Sequence[str], encoder: Encoder) -> Method:
    from sentence_transformers import util

    vectors = encoder.encode(texts)

    def cluster(threshold: float) -> Clusters:
        groups = util.community_detection(vectors, threshold=threshold, min_community_size=1)
        return _numbered(len(texts), groups)

    why = "the default of util.community_detection, with communities of one allowed; same model as the service"
    return Method("MiniLM, community_detection", 0.75, why, _steps(0.4, 0.97, 0.03), cluster)


def _tfidf(texts: Sequence[str]) -> Method:
    from sklearn.cluster import AgglomerativeClustering

    apart = 1 - tfidf_cosines(texts)

    def cluster(threshold: float) -> Clusters:
        model = AgglomerativeClustering(
            n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1 - threshold
        )
        return [int(label) for label in model.fit_predict(np.clip(apart, 0, None))]

    why = "a customary start, scikit-learn has none; TfidfVectorizer as it comes, average linkage on cosine"
    return Method("TF-IDF, agglomerative", 0.5, why, _steps(0.1, 0.9, 0.02), cluster)


def tfidf_cosines(texts: Sequence[str]) -> Matrix:
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = TfidfVectorizer().fit_transform(texts)
    return np.asarray((rows @ rows.T).todense(), dtype=np.float64)


def _semhash(texts: Sequence[str], encoder: Encoder) -> Method:
    why = "the default of semhash, with the service's model in place of its own, which it would download; duplicates linked"
    sweep = _steps(0.4, 0.97, 0.03)
    try:
        from semhash import SemHash
    except ImportError:
        return Method("semhash", 0.9, "not installed", sweep, None)

    class Model:
        def encode(self, inputs: Sequence[str], **_: object) -> npt.NDArray[np.float32]:
            return encoder.encode(list(inputs))

    place: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        place.setdefault(text, []).append(i)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        index = SemHash.from_records(list(texts), model=Model())

    def cluster(threshold: float) -> Clusters:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = index.self_deduplicate(threshold=threshold)
        equal = [(group[0], other) for group in place.values() for other in group[1:]]
        near = [(place[str(row.record)][0], place[str(row.duplicate_of)][0]) for row in found.filtered]
        return _linked(len(texts), [*equal, *near])

    return Method("semhash", 0.9, why, sweep, cluster)


def _bigrams(texts: Sequence[str]) -> Method:
    from sklearn.cluster import AgglomerativeClustering

    apart = 1 - containments(texts, 2)

    def cluster(threshold: float) -> Clusters:
        model = AgglomerativeClustering(
            n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1 - threshold
        )
        return [int(label) for label in model.fit_predict(apart)]

    why = "a customary start; shared word bigrams by the shorter text's, average linkage"
    return Method("word bigram overlap", 0.5, why, _steps(0.05, 0.9, 0.025), cluster)


def containments(texts: Sequence[str], size: int) -> Matrix:
    """For each pair of texts the shared n-grams by those of the text that has fewer."""
    from scipy.sparse import csr_matrix

    names: dict[tuple[str, ...], int] = {}
    rows = [[names.setdefault(gram, len(names)) for gram in sorted(shingles(text, size))] for text in texts]
    starts = np.cumsum([0, *map(len, rows)])
    flat = np.array([column for row in rows for column in row])
    table = csr_matrix((np.ones(len(flat)), flat, starts), shape=(len(texts), len(names)))
    sizes = np.diff(starts)
    shared = np.asarray((table @ table.T).todense(), dtype=np.float64)
    return shared / np.maximum(1, np.minimum.outer(sizes, sizes))


def pair_methods(left: Sequence[str], right: Sequence[str], encoder: Encoder) -> dict[str, tuple[float, Matrix]]:
    """By name: the default threshold and the similarity of each pair (left[i], right[i]). semhash decides by the cosine."""
    count = len(left)
    one, two = encoder.encode(left), encoder.encode(right)
    cosine = np.sum(one * two, axis=1, dtype=np.float64)
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = TfidfVectorizer().fit_transform([*left, *right])
    common = np.asarray(rows[:count].multiply(rows[count:]).sum(axis=1)).ravel()
    signatures = [_signature(text) for text in (*left, *right)]
    jaccard = np.array([signatures[i].jaccard(signatures[count + i]) for i in range(count)])
    return {
        "datasketch MinHash LSH": (0.9, jaccard),
        "MiniLM, community_detection": (0.75, cosine),
        "TF-IDF, agglomerative": (0.5, common),
        "semhash": (0.9, cosine),
    }


def _linked(count: int, edges: Iterable[tuple[int, int]]) -> Clusters:
    """Connected components as labels."""
    parent = list(range(count))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in edges:
        parent[root(a)] = root(b)
    return [root(i) for i in range(count)]


def _numbered(count: int, groups: Iterable[Iterable[int]]) -> Clusters:
    """Labels from groups; what stands in none is alone."""
    labels = [-1 - i for i in range(count)]
    for number, group in enumerate(groups):
        for i in group:
            labels[int(i)] = number
    return labels
