"""Generated documents match the code; every problem, setting and answer is documented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service import openapi, settings_page
from service.api import vocabulary
from service.errors import ConfigurationError, ModelMismatch, NotReady, SchemaMismatch, problem_classes
from service.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "openapi/openapi.json").read_text(encoding="utf8"))
OPERATIONS = [(path, method, operation) for path, item in DOCUMENT["paths"].items() for method, operation in item.items()]
# Answered where no operation is, or not over HTTP at all.
NOT_IN_OPERATIONS = {ConfigurationError.slug, ModelMismatch.slug, SchemaMismatch.slug, "not-found", "method-not-allowed"}


def test_the_committed_openapi_is_what_the_code_says() -> None:
    assert openapi.document() == (ROOT / "openapi/openapi.json").read_text(encoding="utf8"), "run: make openapi"


def test_the_settings_page_is_what_the_code_says() -> None:
    assert settings_page.page() == (ROOT / "docs/settings.md").read_text(encoding="utf8"), "run: make openapi"


def test_every_setting_has_a_reason() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert len(field.description) > 40, name


def test_every_problem_has_a_page_and_every_page_a_problem() -> None:
    kinds = {kind.slug: kind for kind in problem_classes()}
    pages = {page.stem: page.read_text(encoding="utf8") for page in (ROOT / "docs/problems").glob("*.md")}
    assert pages.keys() == kinds.keys()
    for slug, text in pages.items():
        assert text.startswith(f"# {kinds[slug].title}\n")
        assert f"status {kinds[slug].status}." in text
        assert "## What to do" in text


def test_the_interface_describes_each_of_its_words() -> None:
    assert list(vocabulary.undescribed(DOCUMENT)) == []


def test_what_the_interface_describes_is_there() -> None:
    fields = {
        (name, field) for name, schema in DOCUMENT["components"]["schemas"].items() for field in schema.get("properties", ())
    }
    known = {field for _, field in fields} | {f"{name}.{field}" for name, field in fields}
    assert vocabulary.FIELDS.keys() <= known
    assert vocabulary.SCHEMAS.keys() <= DOCUMENT["components"]["schemas"].keys()
    assert vocabulary.OPERATIONS.keys() <= {operation["operationId"] for _, _, operation in OPERATIONS}
    parameters = {one["name"] for _, _, operation in OPERATIONS for one in operation.get("parameters", ())}
    assert vocabulary.PARAMETERS.keys() <= parameters


def test_slugs_are_unique() -> None:
    slugs = [kind.slug for kind in problem_classes()]
    assert len(slugs) == len(set(slugs))


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=[f"{m} {p}" for p, m, _ in OPERATIONS])
def test_every_answer_has_an_example(path: str, method: str, operation: dict[str, Any]) -> None:
    for status, answer in operation["responses"].items():
        if status in ("204", "304", "308"):
            assert "content" not in answer
            continue
        for content in answer["content"].values():
            assert content.get("example") is not None or content.get("examples"), (path, method, status)


def test_examples_show_every_problem_that_an_operation_answers() -> None:
    shown: dict[str, int] = {}
    for _, _, operation in OPERATIONS:
        for answer in operation["responses"].values():
            for slug, example in answer.get("content", {}).get("application/problem+json", {}).get("examples", {}).items():
                assert example["value"]["type"] == f"/problems/{slug}"
                shown[slug] = example["value"]["status"]
    assert shown == {kind.slug: kind.status for kind in problem_classes() if kind.slug not in NOT_IN_OPERATIONS}
    assert NotReady.slug in shown


def test_operations_have_stable_names() -> None:
    assert {operation["operationId"] for _, _, operation in OPERATIONS} == {
        "ingestArticle", "fetchArticle", "ingestBatch", "listJobs", "getJob", "cancelJob",
        "listArticles", "getArticle", "getArticleMatches", "getArticleProvenance", "checkArticle",
        "listStories", "getStory", "getStoryPassages", "getStoryProvenance", "listOutlets", "getOutlet",
        "deleteArticle", "getStoryHistory", "listChanges", "acknowledgeChanges", "streamChanges",
        "createWebhook", "exchangeWebhookSecret", "getWebhook", "listWebhooks", "deleteWebhook", "listDeliveries", "redeliver",
        "mergeStories", "splitStory", "listConstraints", "getConstraint", "deleteConstraint",
        "listOrganisations", "getOrganisation", "getLiveness", "getReadiness", "getMetrics",
    }  # fmt: skip


def test_references_lead_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in DOCUMENT["components"]["schemas"]
