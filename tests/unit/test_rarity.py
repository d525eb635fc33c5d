"""How much a word says: by a fixed table of frequencies, whatever the script."""

import pytest

from service.domain.rarity import information, rarity


@pytest.mark.parametrize(
    ("common", "rare"), [("the", "conveyor"), ("и", "пожар"), ("من", "صومعة"), ("的", "灾"), ("の", "災"), ("国", "臻")]
)
def test_what_stands_in_every_text_says_less(common, rare):
    assert 0 <= information(common) < 2.5 < information(rare) <= 8
    assert rarity(common) <= rarity(rare)


@pytest.mark.parametrize("character", ["ข", "们", "們", "か", "公"])
def test_a_common_character_of_a_script_without_spaces_is_no_rare_word(character):
    assert information(character) < 2.5


def test_a_character_that_no_table_knows_counts_as_common_and_a_word_of_an_unknown_script_does_not():
    assert information("ข") == information("們") == 1
    assert information("정부는") == 4


def test_figures_are_as_rare_as_words_become():
    assert rarity("48,000") == rarity("7") == 1
