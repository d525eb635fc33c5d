"""Standard Webhooks: names, secrets and signatures of messages, and when a message is tried again. Pure: time is an argument."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

SECRET_PREFIX = "whsec_"  # noqa: S105 - the public part of every secret
LEAST_SECRET_BYTES, MOST_SECRET_BYTES = 24, 64
# Seconds before each attempt, from the one before; the specification's schedule, some three days in all.
SCHEDULE_S = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER = 0.1
_MOST_RETRY_AFTER_S = 86_400


def secret_of(key: bytes) -> str:
    return SECRET_PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for. Raises ValueError that never repeats it."""
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError(f"must begin with {SECRET_PREFIX}")
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"must be base64 behind {SECRET_PREFIX}") from None
    if not LEAST_SECRET_BYTES <= len(key) <= MOST_SECRET_BYTES:
        raise ValueError(f"must stand for {LEAST_SECRET_BYTES} to {MOST_SECRET_BYTES} bytes")
    return key


def message_id(webhook_id: str, sequence: int) -> str:
    """One change for one webhook, the same at every attempt and for ever."""
    return f"msg_{webhook_id}_{sequence}"


def sequence_of(message: str, webhook_id: str) -> int | None:
    """The change that a message id names; None when it is none of this webhook's."""
    head, _, number = message.rpartition("_")
    if head != f"msg_{webhook_id}" or not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    return int(number)


def signed_headers(secrets: Sequence[str], message: str, at: datetime, body: bytes) -> dict[str, str]:
    """A signature for each secret, for receivers that have not exchanged theirs yet. `at` is any aware time; what is signed are
    its seconds since 1970.
    """
    timestamp = str(int(at.timestamp()))
    content = f"{message}.{timestamp}.".encode() + body
    signatures = (base64.b64encode(hmac.new(key_of(secret), content, hashlib.sha256).digest()).decode() for secret in secrets)
    signature = " ".join(f"v1,{one}" for one in signatures)
    return {"webhook-id": message, "webhook-timestamp": timestamp, "webhook-signature": signature}


def delay_s(attempts: int, chance: float, retry_after_s: float | None = None) -> float | None:
    """Seconds until the attempt after `attempts`; None when the schedule is used up. `chance` (0 to 1) spreads receivers that
    fell over together. What the receiver asked for counts where it is longer, to a day.
    """
    if attempts >= len(SCHEDULE_S):
        return None
    planned = SCHEDULE_S[attempts] * (1 + JITTER * chance)
    return max(planned, min(retry_after_s or 0.0, _MOST_RETRY_AFTER_S))
