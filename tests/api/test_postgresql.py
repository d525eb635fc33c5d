"""The whole service on a real PostgreSQL: everything that is stored comes back from there, also after a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.errors import ConfigurationError
from service.ops.metrics import Metrics
from service.parts.roles import open_parts
from service.settings import Settings
from tests.api.test_batches import NDJSON, finished, lines
from tests.api.whole import changes, send, served
from tests.samples import SAMPLES


def seen(client: httpx.Client) -> dict[str, Any]:
    """What readers see, by call."""
    calls = ["/v1/articles", "/v1/stories", "/v1/stories?q=grain&by=words", "/v1/outlets", "/v1/organisations", "/v1/constraints"]
    found: dict[str, Any] = {call: client.get(call).raise_for_status().json() for call in calls}
    for story in found["/v1/stories"]["items"]:
        for part in ("", "/passages", "/provenance", "/history"):
            found[story["id"] + part] = client.get(f"/v1/stories/{story['id']}{part}").raise_for_status().json()
    return found | {"changes": changes(client)}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_service_runs_on_postgresql(database_url: str, tmp_path: Path) -> None:
    # As the documentation writes the address, without the name of a driver.
    address = database_url.replace("postgresql+psycopg://", "postgresql://")
    with served(tmp_path / "one", database_url=address) as client:
        ids = {name: send(client, SAMPLES[name])["id"] for name in ("wire", "reprint", "orchid")}
        job = finished(client, client.post("/v1/batches", content=lines(SAMPLES["local"], SAMPLES["cut"]), headers=NDJSON))
        assert (job["done"], job["failed"]) == (2, 0)
        wire, orchid = (client.get(f"/v1/articles/{ids[name]}").json()["story_id"] for name in ("wire", "orchid"))
        key = {"Idempotency-Key": '"merge"'}
        merged = client.post(f"/v1/stories/{wire}/merge", json={"other_id": orchid}, headers=key).raise_for_status()
        assert client.post(f"/v1/stories/{wire}/merge", json={"other_id": orchid}, headers=key).json() == merged.json()
        client.delete(merged.headers["location"]).raise_for_status()
        client.delete(f"/v1/articles/{ids['reprint']}").raise_for_status()
        before = seen(client)
        assert len(before["/v1/articles"]["items"]) == 4
        assert client.get(f"/v1/stories/{orchid}").status_code == 308
    with served(tmp_path / "two", database_url=address) as client:
        assert seen(client) == before
        assert client.get(f"/v1/stories/{orchid}").status_code == 308


async def _open_twice(settings: Settings) -> None:
    async with open_parts(settings, Metrics()), open_parts(settings, Metrics()):
        raise AssertionError("two services write to one database")


def test_a_second_one_that_is_to_write_does_not_start(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", encoder="hashing", database_url=database_url, role="writer")
    with pytest.raises(ConfigurationError, match="another Wiretrace process is using"):
        asyncio.run(_open_twice(settings))
