"""Records of outlets and organisations. Flows of steps only."""

from __future__ import annotations

from service.client.arguments import get, part
from service.client.operations.articles import Moment
from service.client.policy import Policy, exchange
from service.client.reading import model_of
from service.client.steps import Flow
from service.flows.record_views import OrganisationListView, OrganisationRecordView, OutletListView, OutletRecordView


def list_outlets(
    policy: Policy,
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Flow[OutletListView]:
    """One page of outlets with what their articles are."""
    request = get("/v1/outlets", since=since, until=until, cursor=cursor, limit=limit)
    return model_of((yield from exchange(policy, request)), OutletListView)


def get_outlet(policy: Policy, site: str, *, since: Moment | None = None, until: Moment | None = None) -> Flow[OutletRecordView]:
    """An outlet's record: whose copy it carries, who carries its copy, how long after."""
    return model_of((yield from exchange(policy, get(f"/v1/outlets/{part(site)}", since=since, until=until))), OutletRecordView)


def list_organisations(
    policy: Policy,
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Flow[OrganisationListView]:
    """One page of organisations with how often they are credited."""
    request = get("/v1/organisations", since=since, until=until, cursor=cursor, limit=limit)
    return model_of((yield from exchange(policy, request)), OrganisationListView)


def get_organisation(
    policy: Policy, organisation_id: str, *, since: Moment | None = None, until: Moment | None = None
) -> Flow[OrganisationRecordView]:
    """An organisation's record, by id, name, alias or site."""
    request = get(f"/v1/organisations/{part(organisation_id)}", since=since, until=until)
    return model_of((yield from exchange(policy, request)), OrganisationRecordView)
