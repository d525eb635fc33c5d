"""What of two articles is one stretch of text."""

import pytest

from service.domain.forms import LEAST_SAID, LEAST_TOLD
from service.domain.fragments import LEAST_CARRIED, is_one_stretch


@pytest.mark.parametrize(
    ("mine", "theirs", "is_one"),
    [
        ((1,), (1,), True),
        ((0, 0, 1, 1), (0, 1, 1, 0), True),
        ((1, 0, 1), (1, 1), False),
        ((1, 1), (1, 0, 0, 1), False),
        ((0, 0), (1,), False),
        ((), (), False),
    ],
)
def test_a_stretch_has_no_gap_in_either(mine, theirs, is_one):
    assert is_one_stretch(mine, theirs) is is_one
    assert is_one_stretch(theirs, mine) is is_one


def test_a_sentence_weighs_more_than_a_form_says_and_half_of_two_sentences():
    assert LEAST_SAID < LEAST_CARRIED <= LEAST_TOLD / 2
