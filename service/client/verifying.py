"""Whether a message is genuine: Standard Webhooks, for whoever receives them. Pure but for the clock that it is given."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.client.errors import InvalidArgument, InvalidSignature
from service.client.reading import parsed
from service.domain.changes import ChangeType
from service.domain.webhooks import key_of
from service.flows.feed_views import ChangeView, WebhookMessageView

_MOST_SIGNATURES = 20
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """A message that is genuine. `id` is the same at every attempt: drop a message whose id you have had."""

    id: str
    type: ChangeType
    timestamp: datetime
    change: ChangeView


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    secret: str | Iterable[str],
    *,
    tolerance_s: float = 300.0,
    now: float | None = None,
) -> WebhookMessage:
    """The message, if it was signed with `secret`, or with one of several while they are exchanged.

    `body`: the bytes as they arrived, before any parsing. `headers`: names in any case. `tolerance_s`: how far the time of the
    message may be from `now`, which is in seconds since 1970 and the clock's by default. Raises InvalidSignature, InvalidArgument
    for a secret that is none, and UnexpectedAnswer for a genuine message of a later version.
    """
    sent = {name.lower(): value for name, value in headers.items()}
    message, timestamp, signatures = (_header(sent, f"webhook-{name}") for name in ("id", "timestamp", "signature"))
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise InvalidSignature("webhook-timestamp is not a number of seconds")
    given = [digest for digest in map(_digest, signatures.split(" ")[:_MOST_SIGNATURES]) if digest is not None]
    content = f"{message}.{timestamp}.".encode() + body
    is_genuine = False
    for key in _keys(secret):
        expected = hmac.new(key, content, hashlib.sha256).digest()
        for digest in given:
            # Every pair is compared, in constant time: how long it takes tells nothing.
            is_genuine |= hmac.compare_digest(expected, digest)
    if not is_genuine:
        raise InvalidSignature("no signature fits" if given else "webhook-signature holds no v1 signature")
    if abs((time.time() if now is None else now) - int(timestamp)) > tolerance_s:
        raise InvalidSignature(f"the message is from {timestamp}, too long ago or ahead of this clock")
    view = parsed(body, WebhookMessageView)
    return WebhookMessage(message, view.type, view.timestamp, view.data)


def _header(headers: Mapping[str, str], name: str) -> str:
    found = headers.get(name, "")
    if not found:
        raise InvalidSignature(f"{name} is missing")
    return found


def _digest(signature: str) -> bytes | None:
    version, _, text = signature.partition(",")
    if version != "v1":
        return None
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return digest if len(digest) == _DIGEST_BYTES else None


def _keys(secret: str | Iterable[str]) -> list[bytes]:
    try:
        found = [key_of(one) for one in ([secret] if isinstance(secret, str) else secret)]
    except ValueError as error:
        raise InvalidArgument(f"a webhook secret {error}") from None
    if not found:
        raise InvalidArgument("there is no secret to verify with")
    return found
