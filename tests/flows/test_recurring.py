"""Boilerplate that is learned from all articles held: who came first, restarts and what came and went leave no trace."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.store_values import UnitRow
from tests import samples
from tests.flows.parts import Shelf, article_of, new_corpus, partitions, vectors_of

FOOT = (
    "The lamps of this newsroom on Harbour Street are kept burning by those who read it; whoever can spare the price of a loaf "
    "helps us to sit through council meetings to which nobody else goes. Nothing that stands on these pages was ever paid for by "
    "a shipowner, a minister or a brewery."
)
DATED = "Heard on the quay on {}: our reporter Mads answers letters from readers of the evening paper at the kiosk."
CONTEXT = (
    "The inland shipping office was founded after the great flood, employs nine hundred people and has been led by an admiral "
    "for as long as anyone in the province remembers."
)
OWN = {
    "orchid": ("Ghost orchid found above Lund", samples.ORCHID[:2]),
    "strike": ("Trams stay in the depot on Thursday", samples.STRIKE[:2]),
    "fire": ("What the neighbours of the silo saw", samples.LOCAL[:2]),
    "chess": (
        "A boy of nine beats the master",
        (
            "Under the plane trees of Saint Anne a boy of nine has beaten the county's chess master in twenty-six moves.",
            "The master offered a rematch with the black pieces, which the boy refused because supper was waiting.",
        ),
    ),
    "bakery": (
        "Rye is back in the ovens",
        (
            "Three bakers have bought a watermill together and grind rye again that nobody wanted for forty years.",
            "Their loaves weigh four pounds, keep for a fortnight and are sold out by nine.",
        ),
    ),
}


WHOLE = {"strike": samples.STRIKE[:3], "fire": samples.LOCAL, "orchid": samples.ORCHID}


def body(name, outlet, extra=(), **changes):
    title, paragraphs = OWN[name]
    number = len(name) + sum(map(ord, outlet))
    found = samples.body(name, (*paragraphs, *extra), outlet.title(), f"{outlet}.example", number % 24, title=title)
    return found | changes


def wire(name, outlet, paragraphs, title="Fire destroys grain terminal in port of Velden"):
    return samples.body(name, paragraphs, outlet.title(), f"{outlet}.example", len(name), title=title)


BODIES = {
    # Three unrelated articles of one outlet with a paragraph in common, and one with a date filled in.
    **{f"{name} of post": body(name, "post", (FOOT, DATED.format(day))) for name, day in zip(OWN, ("May 4", "12 June", "July 1"), strict=False)},
    "bakery of post": body("bakery", "post", (DATED.format("Monday"),)),
    # Copied with all that stood on the page, and once without having anything else of it.
    "copied": body("orchid", "river", (FOOT, DATED.format("May 4"))),
    "alone": wire("alone", "lake", (FOOT, "Nobody at the lake had heard of that when our correspondent called there.")),
    # Another outlet with too few sightings of its own paragraph.
    **{f"{name} of echo": body(name, "echo", (CONTEXT,)) for name in ("chess", "bakery")},
    # One item five times in one outlet.
    **{
        f"item {n}": wire(f"item{n}", "gazette", (*samples.plain(samples.WIRE), f"The gazette's reader number {n} {word} the smoke."))
        for n, word in enumerate(("saw", "smelt", "heard of", "fled", "painted"))
    },
    # Context that an agency reuses in three stories, with a paper that prints all of them.
    **{
        f"{name} of {outlet}": samples.body(
            f"{name}-context", (*WHOLE[name], CONTEXT), outlet, f"{site}", 3, title=OWN[name][0]
        )
        for name in WHOLE
        for outlet, site in (("Reuters", "reuters.com"), ("Mirror", "mirror.example"))
    },
}  # fmt: skip
READY = {name: samples.prepared(one) for name, one in BODIES.items()}
ARTICLES = {name: article_of(name, number, ready) for number, (name, ready) in enumerate(READY.items(), 1)}
VECTORS = {name: vectors_of(ready) for name, ready in READY.items()}
NAMES = list(ARTICLES)


SHELF = Shelf(ARTICLES, VECTORS)
add, filled = SHELF.add, SHELF.filled


def state(corpus):
    name = {key: entry.article.id for key, entry in corpus.entries.items()}
    shared = {name[a]: {name[b]: shares for b, shares in row.items()} for a, row in corpus.shared.items()}
    learned = {name[key]: corpus.boilerplate_of(key) for key in corpus.entries}
    related = {}
    for report, row in corpus.partitions.story_graph.related.items():
        related[corpus.partitions.ids_of(report)] = {corpus.partitions.ids_of(other): chance for other, chance in row.items()}
    return partitions(corpus), shared, learned, related, set(corpus.verdicts.pairs), dict(corpus._recurring._learned)


def learned(corpus):
    """Names of the articles with the paragraphs that are boilerplate."""
    found = {name: corpus.boilerplate_of(key) for name, key in corpus.key_of.items()}
    return {name: paragraphs for name, paragraphs in found.items() if paragraphs}


def assert_clean(corpus):
    recurring = corpus._recurring
    assert corpus._whole.keys() == corpus.entries.keys()
    assert recurring._form.keys() <= corpus.verdicts.units.keys()
    assert recurring._found.keys() <= corpus.entries.keys()
    assert all(recurring._units.values())
    assert all(recurring._found.values())
    for a, row in corpus.shared.items():
        for b, shares in row.items():
            assert corpus.shared[b][a] == shares.reversed()


WANTED = state(filled(NAMES))
POST = ["orchid of post", "strike of post", "fire of post"]


def test_the_third_sighting_takes_the_paragraph_out_of_all_bodies():
    corpus = filled(POST[:2])
    assert learned(corpus) == {}
    assert any(shares.is_fragment for row in corpus.shared.values() for shares in row.values())
    corpus.recompute({add(corpus, POST[2])})
    assert learned(corpus) == dict.fromkeys(POST, (2, 3))
    assert partitions(corpus) == ({frozenset({name}) for name in POST},) * 2
    assert all(row == {} for row in corpus.shared.values())
    orchid = corpus.entries[corpus.key_of["orchid of post"]]
    assert orchid.characters == sum(map(len, samples.ORCHID[:2]))
    assert [p.role for p in orchid.article.reading.paragraphs] == ["body"] * 2 + ["boilerplate"] * 2
    corpus.recompute({add(corpus, "bakery of post")})
    assert learned(corpus)["bakery of post"] == (2,)


def test_without_the_third_it_is_shared_again():
    corpus = filled(POST)
    corpus.recompute(corpus.remove(POST[1]))
    assert learned(corpus) == {}
    assert state(corpus) == state(filled([POST[0], POST[2]]))
    assert all(corpus.shared.values())


def test_a_page_copied_whole_takes_its_boilerplate_along():
    corpus = filled([*POST, "copied", "alone"])
    assert learned(corpus)["copied"] == (2, 3)
    assert "alone" not in learned(corpus)
    reports, _ = partitions(corpus)
    assert frozenset({"orchid of post", "copied"}) in reports
    assert frozenset({"alone"}) in reports


def test_one_item_many_times_in_one_outlet_stays_copy():
    names = [name for name in NAMES if name.startswith("item")]
    corpus = filled(names)
    assert learned(corpus) == {}
    assert partitions(corpus)[0] == {frozenset(names)}


def test_two_sightings_are_not_enough():
    assert learned(filled(["chess of echo", "bakery of echo"])) == {}


def test_context_that_an_agency_reuses_is_no_boilerplate():
    theirs = [name for name in NAMES if name.endswith(("Reuters", "Mirror"))]
    corpus = filled(theirs)
    assert learned(corpus) == {}
    reports, stories = partitions(corpus)
    for name in WHOLE:
        pair = frozenset({f"{name} of Reuters", f"{name} of Mirror"})
        assert pair in reports
        assert pair in stories
    a, b = corpus.key_of["strike of Mirror"], corpus.key_of["fire of Mirror"]
    match = corpus.match(a, b)
    assert match is not None
    assert match.pairs[0].kind == "verbatim"


def test_what_is_meant():
    found = learned(filled(NAMES))
    assert found.keys() == {*POST, "bakery of post", "copied"}


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_arrival_and_any_batches_give_the_same(seed):
    chance = random.Random(seed)
    corpus = filled(chance.sample(NAMES, len(NAMES)), chance.choice([1, 1, 3, 100]))
    assert state(corpus) == WANTED
    assert_clean(corpus)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=30))
def test_what_came_and_went_leaves_no_trace(steps):
    corpus = SHELF.came_and_went(steps)
    fresh = filled([name for name in NAMES if name in corpus.key_of])
    assert state(corpus) == state(fresh)
    assert_clean(corpus)


@pytest.mark.parametrize("name", NAMES[::2])
def test_a_change_names_every_article_whose_conclusions_may_have_changed(name):
    corpus = filled([other for other in NAMES if other != name])
    before, reports, stories = learned(corpus), *partitions(corpus)
    change = corpus.recompute({add(corpus, name)})
    touched = {corpus.entries[key].article.id for key in change.articles}
    now, new_reports, new_stories = learned(corpus), *partitions(corpus)
    assert {n for n in NAMES if now.get(n) != before.get(n)} <= touched
    assert {n for group in new_reports ^ reports for n in group} <= touched
    assert {n for group in new_stories ^ stories for n in group} <= touched


def test_loading_what_was_stored_equals_having_taken_it_in():
    corpus, loaded = filled(NAMES), new_corpus()
    rows = [UnitRow(key, text, VECTORS[name][key]) for name in NAMES for key, text in READY[name].texts.items()]
    loaded.load(rows, corpus.verdicts.pairs.values(), [ARTICLES[name] for name in NAMES])
    assert state(loaded) == WANTED
    assert_clean(loaded)
    for one in (corpus, loaded):
        one.recompute(one.remove(POST[0]))
    assert state(loaded) == state(corpus)
