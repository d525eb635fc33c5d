"""One desk's text filled in anew, however much prose it has: other names show it in two articles, other figures in three."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.refilling import Refilled
from service.domain.reports import Shares
from service.flows.recurring_forms import RecurringForms
from tests import samples
from tests.flows.parts import Shelf, partitions, reports_in_many_orders

FIRE = (
    "A fire destroyed a warehouse in {town} in the early hours of Tuesday, the fire service said.",
    (
        "The alarm was raised shortly after {hour} a.m. by a passer-by who saw smoke coming from the roof of the building in {street}. "
        "{crews} firefighters fought the flames and prevented them from spreading to neighbouring houses."
    ),
    "{hurt} people were taken to hospital with suspected smoke inhalation. Residents were asked to keep their windows closed.",
    (
        "The cause is not yet known. The damage is estimated at {loss} crowns, according to {speaker}, a spokesman, who said that "
        "police had opened an investigation and were appealing for witnesses."
    ),
)
FIRES = {
    "lund": {
        "town": "Lund",
        "hour": 2,
        "street": "Tanner Street",
        "crews": 60,
        "hurt": 4,
        "loss": "2,100,000",
        "speaker": "Ivo Brand",
    },
    "karst": {
        "town": "Karst",
        "hour": 4,
        "street": "Harbour Road",
        "crews": 45,
        "hurt": 9,
        "loss": "800,000",
        "speaker": "Rolf Keller",
    },
}
BULLETIN = (
    (
        "The sky over the northern valleys will be changeable on {day} with sunny spells and scattered showers, says the observatory "
        "at Hollin, whose balloon reached {height} metres this morning before it was lost from sight above the reservoir."
    ),
    "Temperatures will climb to {high} degrees in the afternoon; it will be coldest in the hollows along the river.",
    (
        "Growers of early potatoes should cover their rows with straw and leave the sluices of the lower meadows closed until the sun "
        "is over the ridge, where ramblers are advised to carry waterproof clothing and to tell the warden when they expect to be back."
    ),
    "By the evening {rain} millimetres of rain will have fallen, and the wind will blow at up to {wind} kilometres an hour.",
    (
        "The observatory reads its gauges by hand and has done so without a break since the year in which the chapel was built and the "
        "first railway came up the valley; whoever wants to see them is welcome on the first Sunday of every month."
    ),
)
BULLETINS = {
    "monday": {"day": "Monday", "height": "11,240", "high": 17, "wind": 45, "rain": 9},
    "tuesday": {"day": "Tuesday", "height": "10,870", "high": 14, "wind": 60, "rain": 18},
    "wednesday": {"day": "Wednesday", "height": "12,015", "high": 21, "wind": 30, "rain": 3},
}


def filled(form, name, blanks, site, hour, title):
    return samples.body(name, tuple(text.format(**blanks) for text in form), site, site, hour, title=title)


BODIES = {
    **{
        name: filled(FIRE, name, blanks, "evening.example", 7, f"Warehouse burns down in {blanks['town']}")
        for name, blanks in FIRES.items()
    },
    "lund_carried": filled(FIRE, "lund_carried", FIRES["lund"], "valley.example", 9, "Blaze in Lund"),
    **{
        name: filled(BULLETIN, name, blanks, "evening.example", 6, "The weather in the north")
        | {"published_at": f"2026-05-{day:02}T06:00:00Z"}
        for day, (name, blanks) in enumerate(BULLETINS.items(), 4)
    },
    "monday_carried": filled(BULLETIN, "monday_carried", BULLETINS["monday"], "valley.example", 9, "The weather in the north"),
}
SHELF = Shelf.of({name: samples.prepared(one) for name, one in BODIES.items()})
WANTED = {
    frozenset({"lund", "lund_carried"}),
    frozenset({"karst"}),
    frozenset({"monday", "monday_carried"}),
    frozenset({"tuesday"}),
    frozenset({"wednesday"}),
}


def test_every_issue_of_a_form_is_a_report_of_its_own_with_its_carriers_in_any_order():
    for reports in reports_in_many_orders(SHELF, BODIES, 8):
        assert reports == WANTED


def test_two_fires_told_in_one_form_are_two_stories():
    _, stories = partitions(SHELF.filled(["lund", "karst", "lund_carried"]))
    assert stories == {frozenset({"lund", "lund_carried"}), frozenset({"karst"})}


def test_two_issues_alone_may_be_an_update_and_a_third_that_goes_leaves_them_so():
    together = {frozenset({"monday", "tuesday"})}
    assert partitions(SHELF.filled(["monday", "tuesday"]))[0] == together
    corpus = SHELF.came_and_went([("monday", True), ("wednesday", True), ("tuesday", True), ("wednesday", True)])
    assert partitions(corpus)[0] == together


def test_three_updates_of_one_day_stay_one_report_with_every_figure_changed():
    hours = {"monday": "06", "tuesday": "10", "wednesday": "17"}
    updates = {name: BODIES[name] | {"published_at": f"2026-05-04T{hour}:00:00Z"} for name, hour in hours.items()}
    shelf = Shelf.of({name: samples.prepared(one) for name, one in updates.items()})
    assert partitions(shelf.filled(updates))[0] == {frozenset(updates)}


def test_an_issue_of_a_form_is_derived_from_no_other_issue():
    corpus = SHELF.filled(["monday", "tuesday", "wednesday"])
    monday, tuesday = (corpus.key_of[name] for name in ("monday", "tuesday"))
    shares = corpus.shared[tuesday][monday]
    assert shares.overlap > 0.3
    assert shares.are_issues
    assert shares.copied == 0.0


# ---- which articles are issues, against its definition ----------------------------------------------------------------

NAMES = "abcde"
LEVELS = [Refilled.NOT, Refilled.PARTLY, Refilled.THROUGHOUT, Refilled.THROUGHOUT]
edges = st.lists(st.sampled_from(LEVELS), min_size=10, max_size=10).map(
    lambda levels: dict(zip(combinations(NAMES, 2), levels, strict=True))
)


def defined(levels, held):
    """Two articles are two issues if both belong to three that differ throughout, and they do so too or from a third one."""
    through = {frozenset(pair) for pair, level in levels.items() if level is Refilled.THROUGHOUT and held.issuperset(pair)}

    def differ(a, b):
        return frozenset((a, b)) in through

    issues = {a for a in held for b in held for c in held if differ(a, b) and differ(b, c) and differ(a, c)}
    return {
        (a, b)
        for (a, b), level in levels.items()
        if level and {a, b} <= issues and (differ(a, b) or any(differ(a, c) and differ(b, c) for c in held))
    }


def came_and_went(levels, steps):
    """What the articles share after each of `steps` came, or went if it was there."""
    shared = {}
    forms = RecurringForms(shared)
    for name in steps:
        if name in shared:
            forms.unlink(name)
            for other in shared.pop(name):
                del shared[other][name]
            continue
        shared[name] = {}
        for (a, b), level in levels.items():
            if name in (a, b) and {a, b} <= shared.keys():
                other = b if name == a else a
                shared[name][other] = shared[other][name] = Shares(0.9, 0.9, refilled=level)
        forms.link(name)
    return shared


def issues(shared):
    return {(a, b) for a, row in shared.items() for b, shares in row.items() if a < b and shares.are_issues}


@settings(max_examples=200, deadline=None)
@given(edges, st.lists(st.sampled_from(NAMES), max_size=20))
def test_what_came_and_went_leaves_the_issues_that_are_defined(levels, steps):
    shared = came_and_went(levels, steps)
    assert issues(shared) == defined(levels, set(shared))


def test_a_third_article_parts_two_that_differ_in_part_and_are_issues_of_others_for_as_long_as_it_is_there():
    levels = {("a", "b"): Refilled.PARTLY} | dict.fromkeys(
        [*combinations("acd", 2), *combinations("bef", 2), ("a", "g"), ("b", "g")], Refilled.THROUGHOUT
    )
    assert ("a", "b") not in issues(came_and_went(levels, "acdbef"))
    assert ("a", "b") in issues(came_and_went(levels, "acdbefg"))
    assert ("a", "b") not in issues(came_and_went(levels, "acdbefgg"))
