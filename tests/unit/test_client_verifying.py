"""Webhook messages: genuine ones are taken, everything else is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.client import InvalidArgument, InvalidSignature, UnexpectedAnswer, verify_webhook
from service.domain.webhooks import secret_of, signed_headers

SECRET, OTHER = secret_of(b"k" * 24), secret_of(b"o" * 32)
AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
CHANGE = {"sequence": 7, "at": "2026-05-04T11:59:59Z", "type": "story.updated", "story_id": "s1", "data": {"version": 2}}
BODY = json.dumps({"type": "story.updated", "timestamp": "2026-05-04T11:59:59Z", "data": CHANGE}).encode()
HEADERS = signed_headers([SECRET], "msg_w_7", AT, BODY)


def verified(body: bytes = BODY, secret: Any = SECRET, now: float = AT.timestamp(), **headers: str) -> Any:
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return verify_webhook(body, HEADERS | changed, secret, now=now)


def test_a_genuine_message_is_read() -> None:
    found = verified()
    assert (found.id, found.type, found.timestamp) == ("msg_w_7", "story.updated", datetime(2026, 5, 4, 11, 59, 59, tzinfo=UTC))
    assert (found.change.sequence, found.change.data) == (7, {"version": 2})


def test_the_vector_of_the_specification() -> None:
    """As the published libraries test theirs."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    with pytest.raises(UnexpectedAnswer, match="WebhookMessageView"):  # genuine, and no message of ours
        verify_webhook(body, headers, secret, now=1_614_265_330)
    with pytest.raises(InvalidSignature, match="no signature fits"):
        verify_webhook(body, headers, SECRET, now=1_614_265_330)


def test_headers_may_be_written_in_any_case() -> None:
    assert (
        verify_webhook(BODY, {name.title(): value for name, value in HEADERS.items()}, SECRET, now=AT.timestamp()).id == "msg_w_7"
    )


def test_while_a_secret_is_exchanged_both_count() -> None:
    both = f"{signed_headers([OTHER], 'msg_w_7', AT, BODY)['webhook-signature']} {HEADERS['webhook-signature']}"
    for secret in (SECRET, OTHER, [OTHER, SECRET], (SECRET,)):
        assert verified(webhook_signature=both, secret=secret).id == "msg_w_7"
    assert verified(secret=[OTHER, SECRET]).id == "msg_w_7"
    assert verified(webhook_signature=f"v1a,QUJD v2,x {HEADERS['webhook-signature']}").id == "msg_w_7"


@pytest.mark.parametrize("seconds", [-301, 301, 10**6])
def test_old_messages_and_those_of_the_future_are_refused(seconds: float) -> None:
    with pytest.raises(InvalidSignature, match="too long ago or ahead"):
        verified(now=AT.timestamp() + seconds)
    assert verified(now=AT.timestamp() + (300 if seconds > 0 else -300)).id == "msg_w_7"


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"webhook_id": "msg_w_8"}, "no signature fits"),
        ({"webhook_timestamp": str(int(AT.timestamp()) + 1)}, "no signature fits"),
        ({"webhook_timestamp": "now"}, "not a number"),
        ({"webhook_timestamp": "-1"}, "not a number"),
        ({"webhook_timestamp": "٣"}, "not a number"),
        ({"webhook_timestamp": ""}, "webhook-timestamp is missing"),
        ({"webhook_id": ""}, "webhook-id is missing"),
        ({"webhook_signature": ""}, "webhook-signature is missing"),
        ({"webhook_signature": "v1a,QUJD"}, "no v1 signature"),
        ({"webhook_signature": "v1,é"}, "no v1 signature"),
        ({"webhook_signature": HEADERS["webhook-signature"].replace("v1", "v2")}, "no v1 signature"),
    ],
)
def test_what_is_not_signed_so_is_refused(headers: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidSignature, match=words):
        verified(**headers)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, flip: int) -> None:
    body = bytearray(BODY)
    body[place] ^= flip
    with pytest.raises(InvalidSignature):
        verified(bytes(body))


@given(st.text(), st.text(), st.text(), st.binary())
def test_no_headers_whatever_are_taken_or_crash(ident: str, timestamp: str, signature: str, body: bytes) -> None:
    with pytest.raises(InvalidSignature):
        verify_webhook(body, {"webhook-id": ident, "webhook-timestamp": timestamp, "webhook-signature": signature}, SECRET)


@pytest.mark.parametrize("secret", ["", "whsec_", "secret", "whsec_QUJD", []])
def test_a_secret_that_is_none_is_named_without_showing_it(secret: Any) -> None:
    with pytest.raises(InvalidArgument) as raised:
        verified(secret=secret)
    assert "QUJD" not in str(raised.value)


def test_a_known_secret_gives_no_signature_for_another_message() -> None:
    """The parts are joined so that moving a dot between id and time makes another content."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, b"a.1." + BODY, hashlib.sha256).digest()
    with pytest.raises(InvalidSignature):
        verified(webhook_id="a.1", webhook_timestamp="0", webhook_signature="v1," + base64.b64encode(digest).decode())
