"""How often, when and why a request is sent again; the one place for it. Sends nothing and waits for nothing itself."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

from service.client.errors import NoAnswer, Problem, UnexpectedAnswer
from service.client.reading import problem_of
from service.client.steps import Answer, Flow, Lost, Request, Send, Wait

_GATEWAY = frozenset({502, 504})
_IN_FLIGHT = "/problems/idempotency-key-in-flight"


@dataclass(frozen=True, slots=True)
class Retries:
    """Exponential backoff with full jitter. `attempts` counts the first one too; 1 means never again.

    Before attempt n + 1 there is a pause between 0 and `first_s` times 2 to the power of n - 1, `longest_s` at most. Where the
    service names a time in `Retry-After` the pause is that long and the jitter on top; a time beyond `longest_s` ends the trying.
    """

    attempts: int = 6
    first_s: float = 0.25
    longest_s: float = 30.0

    def pause_s(self, attempt: int, chance: float, retry_after_s: float | None = None) -> float | None:
        """Seconds after attempt number `attempt` (from 1); None when it was the last. `chance` is from 0 to 1."""
        if attempt >= self.attempts or (retry_after_s or 0.0) > self.longest_s:
            return None
        # The exponent is bounded, as 2.0 to a large power is no number any more.
        jitter = chance * min(self.longest_s, self.first_s * 2.0 ** min(attempt - 1, 60))
        return (retry_after_s or 0.0) + jitter


@dataclass(frozen=True, slots=True)
class Policy:
    """What calls need to know of their client. `clock` gives seconds that only grow, `now` seconds since 1970."""

    server: str
    retries: Retries = field(default_factory=Retries)
    chance: Callable[[], float] = random.random
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    new_key: Callable[[], str] = field(default=lambda: uuid.uuid4().hex)


def exchange(policy: Policy, request: Request) -> Flow[Answer]:
    """The answer, asked for as often as the policy allows. Raises NoAnswer and Problem."""
    attempt, may_be_done = 0, False
    while True:
        attempt += 1
        found: Answer | Lost = yield Send(request)
        if isinstance(found, Answer) and _is_settled(request, found, is_again=may_be_done):
            return found
        pause_s = pause_after(policy, request, found, attempt)
        if pause_s is None:
            raise failure(policy, found)
        may_be_done = may_be_done or _may_be_done(found)
        yield Wait(pause_s)


def _is_settled(request: Request, answer: Answer, *, is_again: bool) -> bool:
    # What is not there when a delete comes again was deleted by the one whose answer got lost.
    return answer.status < 300 or (is_again and request.method == "DELETE" and answer.status == 404)


def pause_after(policy: Policy, request: Request, found: Answer | Lost, attempt: int) -> float | None:
    """Seconds until it is worth to ask again; None when it is not."""
    retry_after_s = None
    if isinstance(found, Lost):
        is_worth_it = not found.is_final and (request.is_repeatable or not found.may_be_done)
    else:
        is_worth_it = _may_pass(request, found)
        retry_after_s = retry_after(found, policy.now())
    return policy.retries.pause_s(attempt, policy.chance(), retry_after_s) if is_worth_it else None


def _may_pass(request: Request, answer: Answer) -> bool:
    """Whether a refusal may be gone after a while, and nothing is done twice by asking again."""
    if answer.status == 429:  # turned away at the door, so nothing was done
        return True
    if not request.is_repeatable:
        return False
    if answer.status in _GATEWAY:
        # The service's own 502 is about a page that it fetched; a gateway has no document of ours.
        return problem_of(answer).type == "about:blank"
    if answer.status == 409:
        return problem_of(answer).type == _IN_FLIGHT
    return answer.status == 503


def _may_be_done(found: Answer | Lost) -> bool:
    """Whether the request may have taken effect although it looks as if it had not."""
    return found.may_be_done if isinstance(found, Lost) else found.status != 429


def failure(policy: Policy, found: Answer | Lost) -> Problem | NoAnswer | UnexpectedAnswer:
    """The error to raise for what was found last."""
    if isinstance(found, Lost):
        return NoAnswer(policy.server, found.reason)
    if found.status < 400:
        place = found.headers.get("location", "nowhere")
        return UnexpectedAnswer(f"{found.status}: {policy.server} leads to {place}", found.status, found.body)
    return problem_of(found, retry_after(found, policy.now()))


def retry_after(answer: Answer, now: float) -> float | None:
    """Seconds that the answer asks to wait, from seconds or a date (RFC 9110, 10.2.3); None where it does not."""
    asked = answer.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit() and len(asked) < 10:
        return float(asked)
    try:
        at = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now)
