"""What the client decides: whether a request is sent again, after how long, and what is raised in the end. No network, no clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.client import Busy, Conflict, InvalidRequest, NoAnswer, NotAllowed, NotFound, Problem, Retries, ServiceFault
from service.client.errors import UnexpectedAnswer
from service.client.policy import Policy, exchange
from service.client.steps import Answer, Lost, Open, Request, Send, Wait

NOW = 1_800_000_000.0
GET = Request("GET", "/v1/articles")
ONCE = Request("POST", "/v1/stories/x/merge", is_repeatable=False)
UNSENT = Lost("refused", may_be_done=False)
CUT = Lost("cut", may_be_done=True)
OK = Answer(200, {}, b"{}")


def problem(status: int, slug: str = "overloaded", **headers: str) -> Answer:
    document = {"type": f"/problems/{slug}", "title": "T", "status": status, "detail": "D", "errors": []}
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(document).encode())


def policy(chance: Callable[[], float] = lambda: 1.0, **retries: Any) -> Policy:
    return Policy("http://x", Retries(**retries), chance=chance, now=lambda: NOW, clock=lambda: 0.0)


def drive(flow: Any, *found: Answer | Lost) -> tuple[Any, list[float], int]:
    """The result of a flow, or what it raised; its pauses; how many requests it made. `found` comes of them, one after the other."""
    waits, asked, step = [], 0, flow.send(None)
    try:
        while True:
            if isinstance(step, Wait):
                waits.append(step.seconds)
                step = flow.send(None)
            else:
                assert isinstance(step, Send | Open)
                asked += 1
                step = flow.send(found[asked - 1])
    except StopIteration as end:
        return end.value, waits, asked
    except Exception as error:  # noqa: BLE001 - looked at by the tests
        return error, waits, asked


def asked(request: Request, *found: Answer | Lost, **retries: Any) -> tuple[Any, list[float], int]:
    return drive(exchange(policy(**retries), request), *found)


@given(
    attempts=st.integers(1, 20),
    first=st.floats(0.01, 10),
    longest=st.floats(0.01, 100),
    chance=st.floats(0, 1),
    asked_s=st.none() | st.floats(0, 200),
)
def test_pauses_are_bounded_spread_and_never_shorter_than_asked(
    attempts: int, first: float, longest: float, chance: float, asked_s: float | None
) -> None:
    retries = Retries(attempts, first, longest)
    assert retries.pause_s(attempts, chance, asked_s) is None
    for attempt in range(1, attempts):
        pause = retries.pause_s(attempt, chance, asked_s)
        if (asked_s or 0) > longest:
            assert pause is None
            continue
        least = asked_s or 0.0
        most = min(longest, first * 2 ** (attempt - 1))
        assert pause is not None
        assert pause == pytest.approx(least + chance * most)
        assert (retries.pause_s(attempt, 0.0, asked_s), least) == (least, pytest.approx(least))


def test_many_attempts_do_not_overflow() -> None:
    assert Retries(attempts=10**6).pause_s(10**5, 1.0) == 30.0


@pytest.mark.parametrize(
    "refusal", [UNSENT, CUT, problem(503), problem(429, "rate-limited"), Answer(502, {}), Answer(504, {}, b"<html>")]
)
def test_what_may_pass_is_asked_again_until_it_is_answered(refusal: Answer | Lost) -> None:
    result, waits, count = asked(GET, refusal, refusal, OK)
    assert (result, waits, count) == (OK, [0.25, 0.5], 3)


@pytest.mark.parametrize("refusal", [UNSENT, problem(503), problem(429)])
def test_attempts_are_bounded(refusal: Answer | Lost) -> None:
    result, waits, count = asked(GET, *[refusal] * 9, attempts=4)
    assert isinstance(result, NoAnswer | Busy)
    assert (waits, count) == ([0.25, 0.5, 1.0], 4)
    assert asked(GET, refusal, attempts=1)[1:] == ([], 1)


@pytest.mark.parametrize(
    "answer",
    [problem(400), problem(404), problem(409, "conflict"), problem(422), problem(500, "internal"), problem(502, "fetch-failed")],
)
def test_what_does_not_pass_is_asked_once(answer: Answer) -> None:
    result, waits, _ = asked(GET, answer)
    assert isinstance(result, Problem)
    assert waits == []


@pytest.mark.parametrize("refusal", [CUT, problem(503), Answer(502, {}), Answer(504, {})])
def test_what_must_not_happen_twice_is_not_asked_again_when_it_may_have_happened(refusal: Answer | Lost) -> None:
    result, waits, _ = asked(ONCE, refusal)
    assert isinstance(result, NoAnswer | Problem)
    assert waits == []


@pytest.mark.parametrize("refusal", [UNSENT, problem(429)])
def test_what_cannot_have_happened_is_asked_again_whatever_it_is(refusal: Answer | Lost) -> None:
    assert asked(ONCE, refusal, OK) == (OK, [0.25], 2)


def test_a_request_that_cannot_be_sent_is_not_tried_again() -> None:
    assert asked(GET, Lost("no scheme", may_be_done=True, is_final=True))[1:] == ([], 1)


def test_retry_after_is_waited_for_and_too_long_a_one_is_told() -> None:
    assert asked(GET, problem(503, retry_after="7"), OK) == (OK, [7.25], 2)
    assert asked(GET, problem(429, retry_after=formatdate(NOW + 9, usegmt=True)), OK) == (OK, [9.25], 2)
    assert asked(GET, problem(503, retry_after=formatdate(NOW - 9, usegmt=True)), OK) == (OK, [0.25], 2)
    for senseless in ("", "soon", "-1", "1e3", "٣", "9" * 40):
        assert asked(GET, problem(503, retry_after=senseless), OK) == (OK, [0.25], 2)
    result, waits, _ = asked(GET, problem(503, retry_after="31"))
    assert (type(result), result.retry_after_s, waits) == (Busy, 31.0, [])


def test_a_repeated_key_waits_for_the_first_request() -> None:
    """The connection was cut, the service still works on it: `409` is no conflict with anybody else."""
    in_flight = problem(409, "idempotency-key-in-flight")
    assert asked(GET, CUT, in_flight, OK) == (OK, [0.25, 0.5], 3)
    assert isinstance(asked(ONCE, in_flight)[0], Conflict)


@pytest.mark.parametrize("lost", [CUT, problem(503), Answer(504, {})])
def test_what_is_gone_when_a_delete_comes_again_was_deleted(lost: Answer | Lost) -> None:
    delete = Request("DELETE", "/v1/articles/x")
    assert asked(delete, lost, problem(404))[0].status == 404
    for harmless in (UNSENT, problem(429)):
        assert isinstance(asked(delete, harmless, problem(404))[0], NotFound)
    assert isinstance(asked(delete, problem(404))[0], NotFound)
    assert isinstance(asked(GET, lost, problem(404))[0], NotFound)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (401, NotAllowed),
        (403, NotAllowed),
        (404, NotFound),
        (406, InvalidRequest),
        (409, Conflict),
        (410, NotFound),
        (413, InvalidRequest),
        (415, InvalidRequest),
        (422, InvalidRequest),
        (429, Busy),
        (500, ServiceFault),
        (502, ServiceFault),
        (503, Busy),
        (599, ServiceFault),
    ],
)
def test_each_status_has_its_class(status: int, kind: type[Problem]) -> None:
    error = asked(GET, problem(status), attempts=1)[0]
    assert type(error) is kind
    assert (error.status, error.slug, error.type, error.title, error.detail) == (
        status,
        "overloaded",
        "/problems/overloaded",
        "T",
        "D",
    )


def test_a_problem_says_what_and_where() -> None:
    document = {
        "type": "/problems/invalid-input", "title": "Request is not valid", "status": 422, "detail": "two places",
        "instance": "/v1/articles", "request_id": "r1",
        "errors": [{"pointer": "#/url", "detail": "is required"}, {"pointer": "?limit", "detail": "is too large"}, "odd"],
    }  # fmt: skip
    error = asked(GET, Answer(422, {}, json.dumps(document).encode()))[0]
    assert str(error) == "422 Request is not valid: #/url is required; ?limit is too large"
    assert [(fault.pointer, fault.detail) for fault in error.errors] == [("#/url", "is required"), ("?limit", "is too large")]
    assert (error.instance, error.request_id) == ("/v1/articles", "r1")


@settings(max_examples=50)
@given(st.binary() | st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.sampled_from(
    ["type", "title", "errors", "detail", "pointer", "request_id"]) | st.text(), x)).map(lambda x: json.dumps(x).encode()))  # fmt: skip
def test_whatever_a_refusal_says_it_is_a_problem(body: bytes) -> None:
    error = asked(GET, Answer(418, {}, body))[0]
    assert isinstance(error, InvalidRequest)
    assert str(error).startswith("418 ")


def test_a_gateways_page_is_a_problem_without_a_type() -> None:
    error = asked(GET, Answer(502, {}, b"<html>nginx</html>"), attempts=1)[0]
    assert (str(error), error.type, error.detail) == ("502 Bad Gateway", "about:blank", "<html>nginx</html>")


def test_a_redirect_that_cannot_be_followed_is_no_answer_of_ours() -> None:
    error = asked(GET, Answer(302, {"location": "https://login.example/"}))[0]
    assert isinstance(error, UnexpectedAnswer)
    assert "login.example" in str(error)
