import random
from itertools import combinations

from hypothesis import assume, given
from hypothesis import strategies as st

from service.domain.learned_boilerplate import LOOKED_AT, SIGHTINGS, as_concluded, form_of, is_learned, with_boilerplate
from tests import samples
from tests.flows.parts import article_of

FOOT = "The lamps of this newsroom are kept burning by its readers, on Harbour Street since 1887."
NAMES = [f"a{n:02}" for n in range(40)]
relations = st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)))


def learned(count, related=frozenset(), copied=frozenset()):
    def are_unrelated(a, b):
        return (a, b) not in related and (b, a) not in related

    return is_learned(NAMES[:count], copied.__contains__, are_unrelated)


def test_three_unrelated_articles_of_one_outlet_are_enough():
    assert SIGHTINGS == 3
    assert [count for count in range(5) if learned(count)] == [3, 4]


def test_articles_that_share_an_item_are_one_sighting():
    assert not learned(5, set(combinations(NAMES, 2)))
    assert not learned(5, set(combinations(NAMES[:4], 2)))
    assert learned(5, set(combinations(NAMES[:3], 2)))


def test_the_first_article_may_be_related_to_all_others():
    assert learned(4, {(NAMES[0], name) for name in NAMES})
    assert not learned(3, {(NAMES[0], name) for name in NAMES})


def test_what_other_outlets_have_with_the_copy_around_it_takes_more_sightings():
    copied = frozenset(NAMES)
    assert not learned(7, copied=copied)
    assert learned(8, copied=copied)
    assert learned(4, copied=frozenset(NAMES[:2]))
    assert not learned(3, copied=frozenset(NAMES[:2]))
    assert learned(3, copied=frozenset(NAMES[:1]))


def test_however_many_are_related_the_work_is_bounded():
    asked = []

    def are_unrelated(a, b):
        asked.append((a, b))
        return False

    assert not is_learned([f"a{n:05}" for n in range(5_000)], lambda _: False, are_unrelated)
    assert len(asked) <= 2 * LOOKED_AT**2


@given(st.integers(3, 12), relations, st.sets(st.integers(0, 11)), st.randoms())
def test_who_came_first_plays_no_part(count, related, copied, chance):
    pairs = {(NAMES[i], NAMES[j]) for i, j in related}
    names = NAMES[:count]
    chance.shuffle(names)
    said = is_learned(names, {NAMES[i] for i in copied}.__contains__, lambda a, b: (a, b) not in pairs and (b, a) not in pairs)
    assert said == learned(count, pairs, {NAMES[i] for i in copied})


@given(st.integers(3, 9), relations)
def test_it_is_found_where_it_is_unless_nearly_all_are_related(count, related):
    pairs = {(NAMES[i], NAMES[j]) for i, j in related} | {(NAMES[j], NAMES[i]) for i, j in related}
    there = any(all(pair not in pairs for pair in combinations(three, 2)) for three in combinations(NAMES[:count], 3))
    assume(there or count < SIGHTINGS or random.Random(str(sorted(related))).random() < 0.2)
    if learned(count, pairs):
        assert there
    if count <= 4:
        assert learned(count, pairs) == there


def test_dates_filled_in_are_left_out_and_other_figures_are_not():
    dated = "Updated Monday, May 4, 2026, 12:30: the harbour office answers questions of readers every day."
    again = "UPDATED Friday, 12 June 2026, 9.15 - The harbour office answers questions of readers every day"
    assert form_of(dated) == form_of(again)
    assert form_of("本站编辑部 2026年5月4日 更新所有内容") == form_of("本站编辑部 2027年12月31日 更新所有内容")
    assert form_of("Brewery 17 rose 2.3 percent to 41") != form_of("Brewery 17 rose 2.4 percent to 41")
    assert form_of("The club won 3 of 5 matches in May") != form_of("The club won 4 of 5 matches in May")


def test_a_paragraph_too_short_to_tell_has_no_form():
    assert form_of("Yes, he did.") is None
    assert form_of("Monday, May 4, 2026 12:30") is None
    assert form_of("") is None


def test_what_was_learned_counts_above_what_the_page_alone_says():
    article = article_of("a", 1, samples.prepared(samples.body("a", (*samples.ORCHID, FOOT), "A", "a.example")))
    assert article.reading.paragraphs[3].role == "body"
    assert with_boilerplate(article, ()) is article is as_concluded(article)
    read = with_boilerplate(article, {3}).reading.paragraphs
    assert [p.role for p in read] == ["body", "body", "body", "boilerplate"]
    assert [p.text for p in read] == [*samples.ORCHID, FOOT]
