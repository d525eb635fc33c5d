"""How the service itself is. Flows of steps only."""

from __future__ import annotations

import dataclasses

from service.client.arguments import get
from service.client.errors import NotInTime
from service.client.policy import Policy, Retries, exchange
from service.client.reading import model_of
from service.client.steps import Answer, Flow, Send, Wait
from service.flows.views import HealthView, LivenessView

_ONCE = Retries(attempts=1)
_LOOK_S = 0.2


def get_liveness(policy: Policy) -> Flow[LivenessView]:
    """Whether the process answers. Asked once."""
    return model_of((yield from exchange(_once(policy), get("/health/live"))), LivenessView)


def get_readiness(policy: Policy) -> Flow[HealthView]:
    """Whether writer, store, index and encoder work: each is tried. Asked once; raises Busy where one does not."""
    return model_of((yield from exchange(_once(policy), get("/health/ready"))), HealthView)


def get_metrics(policy: Policy) -> Flow[str]:
    """The figures as Prometheus text. Asked once."""
    return (yield from exchange(_once(policy), get("/metrics"))).body.decode("utf8", "replace")


def wait_until_ready(policy: Policy, *, timeout_s: float = 60.0) -> Flow[HealthView]:
    """Readiness once it is given, for callers that start together with the service. Raises NotInTime."""
    deadline = policy.clock() + timeout_s
    while True:
        found = yield Send(get("/health/ready"))
        if isinstance(found, Answer) and found.status < 300:
            return model_of(found, HealthView)
        if policy.clock() + _LOOK_S > deadline:
            raise NotInTime(f"{policy.server} is not ready after {timeout_s:g} s")
        yield Wait(_LOOK_S)


def _once(policy: Policy) -> Policy:
    return dataclasses.replace(policy, retries=_ONCE)
