"""Requests made from the OpenAPI document, right and wrong ones, against the whole service: every answer is one it declares.

All checks of schemathesis run. `GET /v1/changes/stream` is left out, as it never ends; nothing is sent to another host.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import StopReason, events, from_schema
from schemathesis.specs.openapi.checks import positive_data_acceptance

import service.fetch.client
from service.api.idempotency import KEY_HEADER
from service.errors import FetchRefused
from service.openapi import document
from tests.api.whole import served

# Refusals that no schema can say, because they depend on what is stored, or on two fields at once.
KNOWN_KINDS = {
    "/problems/fetch-refused",  # the guard is closed
    "/problems/idempotency-key-reused",
    "/problems/invalid-cursor",  # opaque, and bound to its list and filters
    "/problems/story-gone",
    "/problems/too-many-webhooks",
    "/problems/unreadable-feed",  # a string that is no feed
    "/problems/unreadable-page",  # a string that is no page
}
KNOWN_DETAILS = (
    "contains the control character",
    "contains the lone surrogate",
    "exactly one of",
    "has no host name",
    "has no valid host name",
    "holds no schema.org NewsArticle",
    "holds no text, and there is no title",
    "is beyond the last change",
    "is no article of this story",
    "is required unless `external_id` is given",
    "is required: the page's absolute http(s) address",
    "must be left away with `consumer`",
    "must begin with http:// or https://",
    "must hold the page's absolute http(s) address",
    "names port 0",
)
KEYS = count(1)
FAR = dict.fromkeys(("max_queued_articles", "max_waiting_batches", "write_queue_size", "encoder_queue_texts"), 1_000_000)


@schemathesis.serializer("application/x-ndjson", "application/rss+xml", "application/atom+xml")
def _lines(_: Any, value: Any) -> bytes:
    """Text as it is. What is no text is nothing that could be sent."""
    return value.encode() if isinstance(value, str) else b""


@schemathesis.hook
def before_call(_: Any, case: Any, __: Any) -> None:
    """With the one key of the example, every request after the first would be refused before its body is looked at."""
    if case.headers and case.headers.get("Idempotency-Key") == KEY_HEADER["example"]:
        case.headers["Idempotency-Key"] = f'"key-{next(KEYS)}"'


@schemathesis.check
def valid_data_acceptance(ctx: Any, response: Any, case: Any) -> None:
    """`positive_data_acceptance`, without the refusals named above."""
    if 400 <= response.status_code < 500:
        problem = response.json()
        details = [fault["detail"] for fault in problem["errors"]]
        if problem["type"] in KNOWN_KINDS or (details and all(detail.startswith(KNOWN_DETAILS) for detail in details)):
            return
    positive_data_acceptance(ctx, response, case)


pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")  # schemathesis does


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    async def closed(*_: Any) -> Any:
        raise FetchRefused("No address is connected to in this test.")

    # Pages, robots.txt and webhooks all pass here before any connection, and before any name is looked up.
    monkeypatch.setattr(service.fetch.client, "checked_addresses", closed)
    with served(tmp_path, **FAR) as client:
        yield client


def run(client: httpx.Client, examples: int, stateful: int) -> Counter[str]:
    """Cases sent, by phase. Fails with every kind of failure that was found, and a command that shows it."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "base-url": str(client.base_url),
            "continue-on-failure": True,
            "generation": {"deterministic": True, "database": "none", "max-examples": examples, "no-shrink": True},
            "phases": {"stateful": {"generation": {"max-examples": stateful}}},
            "checks": {"positive_data_acceptance": {"enabled": False}},  # `valid_data_acceptance` calls it
            # A batch is taken whatever its items are; its job tells which of them are wrong.
            "operations": [
                {
                    "include-name": "POST /v1/batches",
                    "checks": {"negative_data_rejection": {"expected-statuses": ["202", "4xx"]}},
                },
                # Deleting a job cancels it; what it did can still be read.
                *(
                    {"include-name": f"{method} /v1/jobs/{{job_id}}", "checks": {"use_after_free": {"enabled": False}}}
                    for method in ("DELETE", "GET")
                ),
            ],
        }
    )
    schema = schemathesis.openapi.from_dict(json.loads(document()), config=config).exclude(path="/v1/changes/stream")
    sent: Counter[str] = Counter()
    failures: dict[tuple[str, ...], str] = {}
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            sent[event.phase.value] += len(event.recorder.interactions)
            for case_id, checks in event.recorder.checks.items():
                answer = event.recorder.interactions[case_id].response if case_id in event.recorder.interactions else None
                for failed in (check.failure_info for check in checks if check.failure_info):
                    what = (event.recorder.cases[case_id].value.operation.label, failed.failure.title, _reason(answer))
                    failures.setdefault(what, f"{failed.failure.message}\n{failed.code_sample[:2_000]}")
        elif isinstance(event, events.NonFatalError | events.FatalError):
            failures[(type(event).__name__, str(event))] = ""
        elif isinstance(event, events.EngineFinished):
            assert event.stop_reason is StopReason.COMPLETED
    assert not failures, "\n\n".join("\n".join([*what, shown]) for what, shown in failures.items())
    return sent


def _reason(answer: Any) -> str:
    """What a refusal says, so that each cause is shown once."""
    if answer is None or answer.status_code < 400:
        return ""
    return f"{answer.status_code} {answer.json().get('detail', '')}"


def test_every_answer_is_a_declared_one(client: httpx.Client) -> None:
    sent = run(client, examples=10, stateful=20)
    assert sum(sent.values()) >= 1_000
    assert min(sent[phase] for phase in ("examples", "coverage", "fuzzing", "stateful")) > 0
    client.get("/health/ready").raise_for_status()


@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_every_answer_is_a_declared_one_at_length(client: httpx.Client) -> None:
    sent = run(client, examples=160, stateful=100)
    assert sum(sent.values()) >= 5_000
    client.get("/health/ready").raise_for_status()
