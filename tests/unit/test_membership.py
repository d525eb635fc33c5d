from hypothesis import given
from hypothesis import strategies as st

from service.domain.membership import Feature, confidence, telling
from service.resources import load_weights

WEIGHTS = load_weights()
chances = st.lists(st.floats(0, 1), max_size=12)


def sure(found, *, has_copies=False):
    return confidence(found, has_copies=has_copies, intercept=WEIGHTS.membership_intercept, slope=WEIGHTS.membership_slope)


def test_alone_there_is_nothing_to_doubt():
    assert sure([]) == 1.0


def test_one_piece_of_reporting_is_of_one_event():
    assert sure([], has_copies=True) >= 0.99
    assert sure([0.5], has_copies=True) > sure([0.5])


@given(chances, st.booleans(), st.floats(0, 1))
def test_it_is_a_chance_that_grows_with_the_likeness_to_each_other_report(found, has_copies, more):
    claim = sure(found, has_copies=has_copies)
    assert 0 <= claim <= 1
    assert sure([max(more, one) for one in found], has_copies=has_copies) >= claim
    assert sure(sorted(found), has_copies=has_copies) == claim


def test_the_features_that_moved_most_come_first():
    features = {"rare_shared": 0.5, "days_apart": 0.2, "lead_words": 0.0, "names_apart": 0.9}
    weights = {"rare_shared": 4.0, "days_apart": -1.0, "lead_words": 3.0, "names_apart": 1.5}
    assert telling(features, weights) == (
        Feature("rare_shared", 0.5, 2.0),
        Feature("names_apart", 0.9, 1.35),
        Feature("days_apart", 0.2, -0.2),
    )
    assert len(telling(dict.fromkeys(WEIGHTS.story, 0.5), WEIGHTS.story)) == 6
