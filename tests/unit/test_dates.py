"""Times of publication that cannot be true: the zeros of clocks, and what has not come yet."""

from datetime import UTC, datetime, timedelta

import pytest

from service.domain.dates import possible

SEEN = datetime(2027, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "claimed",
    [
        "1970-01-01T00:00:00+00:00",
        "1969-12-31T23:00:00+00:00",
        "1970-01-01T00:00:01-05:00",
        "0001-01-01T00:00:00+00:00",
        "2028-03-01T09:00:00+00:00",
        "2027-03-02T09:00:01+00:00",
    ],
)
def test_what_cannot_be_is_no_time(claimed: str) -> None:
    assert possible(datetime.fromisoformat(claimed), SEEN) is None


@pytest.mark.parametrize(
    "claimed",
    [
        "1969-07-21T03:00:00+00:00",
        "1970-01-02T00:00:00+00:00",
        "1912-04-15T08:00:00+00:00",
        "2027-03-02T09:00:00+00:00",
        "2027-03-01T22:30:00+14:00",
    ],
)
def test_what_can_be_is_believed_as_it_was_claimed(claimed: str) -> None:
    at = datetime.fromisoformat(claimed)
    assert possible(at, SEEN) == at


def test_no_claim_is_none() -> None:
    assert possible(None, SEEN) is None


def test_a_clock_of_ours_that_stands_at_its_zero_proves_nothing() -> None:
    claimed = datetime(2026, 9, 14, 10, tzinfo=UTC)
    assert possible(claimed, datetime(1970, 1, 1, tzinfo=UTC)) == claimed
    assert possible(claimed + timedelta(days=365), datetime(1970, 1, 1, tzinfo=UTC)) is None
