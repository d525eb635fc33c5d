"""The obvious ways to name direct sources, run on the cascade and scored as the service is."""

from __future__ import annotations

from collections.abc import Sequence

from bench.credits import organisation_key
from bench.quality import metrics
from bench.quality.claims import Truth
from bench.quality.pipeline import Body
from bench.quality.result import Rival
from bench.spread.rivals import WHY, Filed, answers
from service.domain.registry import Registry
from service.domain.segmentation import read_article


def parent_rivals(bodies: Sequence[Body], truth: Truth, registry: Registry) -> list[Rival]:
    """F1 of direct parents under the key `parents_f1`; roundups have none and are left out, as for the service."""
    filed = [_filed(body, truth, registry) for body in bodies if truth[body["external_id"]]["carry"] != "roundup"]
    found: list[Rival] = []
    for method, said in answers(filed).items():
        right = sum(_wanted(truth[a.key]["parent"]) in said[a.key] for a in filed)
        wanted = sum(truth[a.key]["parent"] is not None for a in filed)
        f1 = metrics.rates(right, sum(len(one) for one in said.values()) - right, wanted - right).f1
        found.append(Rival(method, None, is_tuned=False, why=WHY[method], values={"parents_f1": round(f1, 4)}))
    return found


def _filed(body: Body, truth: Truth, registry: Registry) -> Filed:
    key = body["external_id"]
    reading = read_article(
        body["paragraphs"], title=body["title"], authors=body.get("authors") or (), outlet_site="", outlet_name=body["outlet"],
        language=None, registry=registry,
    )  # fmt: skip
    names = frozenset(organisation_key(c.organisation.name) for c in reading.credits if c.kind != "photo")
    words = " ".join(body["paragraphs"]).split()
    return Filed(key, truth[key]["report"], organisation_key(body["outlet"]), body.get("published_at"), words, names)


def _wanted(parent: str | None) -> str | None:
    return "org:" + organisation_key(parent[4:]) if parent and parent.startswith("org:") else parent
