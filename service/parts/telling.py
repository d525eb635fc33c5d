"""Builds what tells webhooks, and runs it. A part of the composition root, used by `service/parts/writer.py` only."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.api.services import Services
from service.errors import FetchRefused
from service.fetch.guard import Rules, check_url, is_literal, may_connect
from service.fetch.posting import Poster
from service.flows.bell import Bell
from service.flows.delivering import Deliverer
from service.flows.webhooks import Webhooks
from service.ops.metrics import Metrics
from service.ports import Clock, Ids, Store


@asynccontextmanager
async def telling(
    services: Services, metrics: Metrics, store: Store, clock: Clock, ids: Ids, bell: Bell
) -> AsyncIterator[Services]:
    """`services` with webhooks, which are told of changes as long as this is open."""
    settings = services.settings
    ports = frozenset(int(port) for port in settings.webhook_ports.split(","))
    rules = Rules(ports=ports, allowed=settings.webhook_networks())

    def check_address(url: str) -> None:
        """What can be said without asking a resolver; the rest is judged at each delivery."""
        target = check_url(url, rules)
        if is_literal(target.host) and not may_connect(target.host, rules.allowed):
            raise FetchRefused(f"The address {target.host} is not public.")

    poster = Poster(rules, timeout_s=settings.webhook_timeout_s, agent=settings.fetch_agent)
    deliverer = Deliverer(store, clock, poster.post, bell, tried=lambda outcome: metrics.webhook_attempts.labels(outcome).inc())
    deliverer.start()
    try:
        yield dataclasses.replace(services, webhooks=Webhooks(store, clock, ids, bell, check_address))
    finally:
        await deliverer.stop()
        await poster.close()
