"""What one article can cost the single writer, counted in comparisons: linear in its length, however alike its lines are."""

import random

import pytest

from service.domain import matching
from service.domain.models import ArticleInput
from service.flows.preparing import prepare_article
from tests import samples
from tests.flows.parts import article_of, new_corpus, vectors_of

DIGITS = ["many", "few", "quiet", "loud", "angry", "happy", "young", "old", "tired", "brave"]
SENTENCE = [
    "fire",
    "tore",
    "largest",
    "grain",
    "terminal",
    "port",
    "velden",
    "early",
    "monday",
    "destroying",
    "wheat",
    "closing",
    "harbor",
    "ships",
    "first",
    "nine",
    "years",
]


def figures(n):
    return f"Share number {n} rose {n % 7}.{n % 9 + 1} percent in thin trading on Monday as buyers waited for the third quarter."


def names(n):
    return f"The town hall of {name(n)} will stay closed on Friday because of the storm, the mayor's office said."


def adjectives(n):
    said = " ".join(DIGITS[int(digit)] for digit in f"{n:04}")
    return f"the fire near the old quay was seen by {said} people from the village who stood there"


def shuffled(n):
    words = SENTENCE[:]
    random.Random(n).shuffle(words)
    return " ".join(words).capitalize() + "."


def distinct(n):
    chance = random.Random(n)
    return " ".join(name(chance.randrange(1_500)) for _ in range(8)).lower() + "."


def name(n):
    return chr(65 + n % 26) + chr(97 + n // 26 % 26) + chr(97 + n // 676 % 26) + "burg"


def all_alike(ready):
    """One vector for every text: nothing so long may be compared by meaning."""
    vector = vectors_of(samples.prepared(samples.SAMPLES["orchid"])).popitem()[1]
    return dict.fromkeys(ready.texts, vector)


@pytest.fixture
def work(monkeypatch):
    """How many pairs of units were looked at, and how many of them aligned."""
    count = {"judged": 0, "aligned": 0}

    def counted(name, inner):
        def call(*given):
            count[name] += 1
            return inner(*given)

        return call

    monkeypatch.setattr("service.flows.verdicts.judge", counted("judged", matching.judge))
    monkeypatch.setattr("service.domain.matching.align", counted("aligned", matching.align))
    return count


def take(corpus, number, lines, vectors=vectors_of):
    ready = prepare_article(
        ArticleInput(tuple(lines), canonical_url=f"https://o{number}.example/a", outlet_site=f"o{number}.example"),
        samples.REGISTRY,
    )
    found = corpus.add(article_of(f"a{number}", number, ready), vectors(ready))
    corpus.recompute({corpus.key_of[f"a{number}"]})
    return found


@pytest.mark.parametrize("line", [figures, names, adjectives, shuffled])
def test_near_equal_lines_are_not_compared_each_with_each(work, line):
    """Three hundred lines in an article and in an edited copy of it: pairs of lines would be 180,000."""
    count, corpus = 300, new_corpus()
    for number, word in enumerate(("percent", "per cent")):
        found = take(corpus, number, [line(n).replace("percent", word).replace("storm", f"{word} storm") for n in range(count)])
        assert len(found) <= 5 * count
    assert work["judged"] <= 12 * count
    assert work["aligned"] <= 10 * count
    a, b = corpus.entries
    match = corpus.match(a, b)
    assert match is None or len(match.pairs) <= 5 * count
    if line in (figures, names):
        assert corpus.shared[a][b].mine == corpus.shared[a][b].theirs == 1.0


def test_lines_of_many_articles_are_turned_down_without_an_alignment(work):
    """Sixteen lines are no crowd yet; twenty articles of them are compared, but not word by word."""
    corpus = new_corpus()
    for number in range(20):
        take(corpus, number, [f"Brewery {16 * number + n} up {n % 7}.{n % 9 + 1} percent to {n + 40}" for n in range(16)])
    assert work["judged"] > 5_000
    assert work["aligned"] <= 0.02 * work["judged"]


def test_thousands_of_paragraphs_against_thousands(work):
    """Two bodies of 5,000 paragraphs: half of the one stands in the other, and nothing is compared that shares no words."""
    count, corpus = 5_000, new_corpus()
    take(corpus, 1, map(distinct, range(count)), all_alike)
    take(corpus, 2, map(distinct, range(count // 2, count + count // 2)), all_alike)
    assert work["judged"] <= 2 * count
    a, b = corpus.entries
    assert corpus.shared[a][b].mine == pytest.approx(0.5, abs=0.01)
    match = corpus.match(a, b)
    assert match is not None
    assert len(match.pairs) == count // 2


def test_a_cut_table_stands_in_the_whole_one():
    """Ten of the lines in another article are no crowd there: the two kinds of units still meet."""
    corpus = new_corpus()
    take(corpus, 1, map(figures, range(60)))
    take(corpus, 2, [figures(n).replace("percent", "per cent") if n % 2 else figures(n) for n in range(10)])
    whole, cut = corpus.entries
    assert corpus.shared[cut][whole].mine == 1.0
    match = corpus.match(cut, whole)
    assert match is not None
    assert {pair.kind for pair in match.pairs if pair.paragraph == pair.other_paragraph} == {"verbatim", "edited"}
    assert len(corpus.partitions.reports) == 1
