"""Standard Webhooks: the published example, what receivers' libraries check, and the schedule."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.webhooks import SCHEDULE_S, delay_s, key_of, message_id, secret_of, sequence_of, signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = datetime.fromtimestamp(1614265330, UTC)
EXAMPLE = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_published_example_is_signed_as_published():
    assert signed_headers([SECRET], EXAMPLE["webhook-id"], AT, b'{"test": 2432232314}') == EXAMPLE


def test_an_instant_is_one_whatever_its_zone():
    elsewhere = AT.astimezone(timezone(timedelta(hours=-8)))
    assert signed_headers([SECRET], EXAMPLE["webhook-id"], elsewhere, b'{"test": 2432232314}') == EXAMPLE


def test_two_secrets_are_two_signatures_of_one_message():
    new = secret_of(b"n" * 32)
    both = signed_headers([new, SECRET], EXAMPLE["webhook-id"], AT, b'{"test": 2432232314}')
    assert both["webhook-signature"].split() == [
        signed_headers([new], EXAMPLE["webhook-id"], AT, b'{"test": 2432232314}')["webhook-signature"],
        EXAMPLE["webhook-signature"],
    ]


@given(st.binary(min_size=24, max_size=64), st.text(max_size=20), st.binary(max_size=100))
def test_every_signature_can_be_checked_with_the_secret(key, message, body):
    secret = secret_of(key)
    assert key_of(secret) == key
    found = signed_headers([secret], message, AT, body)
    content = f"{message}.{found['webhook-timestamp']}.".encode() + body
    assert found["webhook-signature"] == "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def test_the_check_of_the_documentation_accepts_it_and_nothing_else():
    page = (Path(__file__).parents[2] / "docs/reference/http.md").read_text(encoding="utf8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    space: dict = {}
    exec(code[1], space)
    is_genuine = space["is_genuine"]
    found = signed_headers([SECRET], "msg_1", datetime.now(UTC), b"{}")
    assert is_genuine(SECRET, found, b"{}")
    assert is_genuine(SECRET, found | {"webhook-signature": "v1,bm9wZQ== " + found["webhook-signature"]}, b"{}")
    assert not is_genuine(SECRET, found, b"{ }")
    assert not is_genuine(SECRET, found | {"webhook-id": "msg_2"}, b"{}")
    assert not is_genuine(SECRET, EXAMPLE, b'{"test": 2432232314}'), "an old message must not be replayed"


@pytest.mark.parametrize(
    "secret", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_!!!", "whsec_c2hvcnQ=", secret_of(b"x" * 65)]
)
def test_a_weak_secret_is_refused_and_not_repeated(secret):
    with pytest.raises(ValueError, match="must") as refused:
        key_of(secret)
    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in str(refused.value)


@given(st.integers(1, 1 << 50))
def test_a_message_id_names_its_change(sequence):
    assert sequence_of(message_id("01J_w", sequence), "01J_w") == sequence
    assert sequence_of(message_id("01J_w", sequence), "other") is None


@pytest.mark.parametrize(
    "message", ["", "msg_w_", "msg_w_x", "msg_w_1_2", "w_1", "msg_w_\N{SUPERSCRIPT TWO}", "msg_w_" + "9" * 30]
)
def test_no_other_text_names_one(message):
    assert sequence_of(message, "w") is None


def test_the_schedule_is_the_one_of_the_specification_with_jitter_and_ends():
    assert [delay_s(n, 0) for n in range(1, 11)] == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400, None]
    assert delay_s(1, 1) == pytest.approx(5.5)
    assert sum(SCHEDULE_S) > 3 * 86_400
    assert delay_s(1, 0, 60) == 60
    assert delay_s(3, 0, 60) == 1800
    assert delay_s(1, 0, 1e9) == 86_400
