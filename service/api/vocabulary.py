"""What the words of the interface mean: operations, parameters, schemas and fields, as the OpenAPI document says it.

One word, one meaning: a field is described by its name, unless it means something of its own in one schema (`Schema.field`).
What a route or a model says itself comes first. Holds text and puts it in its place, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_OFFSET = "counted in characters of the paragraph as it is shown"
OPERATIONS = {
    "ingestArticle": "Stores the article, finds what it shares with all others, and answers when its report, story and origin "
    "are concluded. An article is known by its canonical address or your `external_id`: sent again it is the same article, "
    "with a higher `revision` when its text is another.",
    "listArticles": "Those that pass all the filters that are given. Articles that wait to be clustered are in no list.",
    "getArticle": "With the role of each paragraph, who is credited, how much of it comes from elsewhere, and whose copy it is.",
    "getArticleMatches": "Every other article with which it has copy in common, fullest first, paragraph by paragraph with the "
    "characters that correspond. Articles about the same event that share no wording are not among them.",
    "getArticleProvenance": "Every chain begins at an origin and ends at this article; each link is one hop with its evidence.",
    "checkArticle": "The same conclusions as for an article that is sent, but nothing is stored and nothing else changes.",
    "getStory": "All reports of one event, largest first, each with the articles that carry it. `counts.reports` tells "
    "corroboration from echo.",
    "getStoryPassages": "Each passage once, however many articles carry it: where it was seen first, and where it stands.",
    "listConstraints": "Merges and splits that are in force; each is kept by all later clustering until it is deleted.",
    "getConstraint": "Which articles it is about, and where it was said.",
    "getWebhook": "The secret is not shown. `sequence` says how far it has come, `disabled_reason` why it stands still.",
    "listJobs": "Jobs that are finished are listed too.",
    "getJob": "`errors` names lines by number, each with the problem document that it would have been answered with by itself.",
    "listOutlets": "An outlet is a site, or a name where articles came without an address.",
    "getOutlet": "Counted over the articles that were sent, so it says as much about your crawl as about the outlet.",
    "listOrganisations": "Agencies, outlets, distributors and others that are credited or found to be a source, whether or not "
    "any of their own articles was sent.",
    "getOrganisation": "How often it is credited, in what way, and by which outlets its copy is carried.",
    "listWebhooks": "Secrets are not shown.",
    "deleteWebhook": "What is on its way may still arrive. Deliveries and the secret are forgotten; an answer that showed it is "
    "kept under its `Idempotency-Key` until 24 hours have passed.",
    "listDeliveries": "Each change that the webhook was to be told of: whether it was taken, how often it was tried, and what "
    "the receiver said.",
    "getLiveness": "Asks nothing of the parts: for a supervisor that restarts what does not answer.",
    "getReadiness": "For a load balancer: `503` names the parts that fail. No key is needed.",
    "getMetrics": "Prometheus text format. No key is needed, and nothing that a caller sent is in it.",
}
PARAMETERS = {
    "external_id": "The key under which you sent the article.",
    "derivation": "How much of the article comes from others.",
    "story_id": "Id of a story; one that was merged away leads to its survivor.",
    "article_id": "Id of an article, from the answer that took it in.",
    "language": "BCP 47 tag that an article of the story was sent with.",
    "min_reports": "At least so many independent reports.",
    "min_outlets": "At least so many outlets.",
    "constraint_id": "Id of the constraint, from the answer to a merge or split.",
    "job_id": "Id of the job, from `Location` of the batch.",
    "webhook_id": "Id of the webhook, from the answer that made it.",
    "delivery_id": "The `webhook-id` of the message.",
}
SCHEMAS = {
    "AcknowledgedView": "How far a named consumer has come.",
    "ArticleListView": "One page of articles.",
    "ArticleNodeView": "An article in the graph of a story.",
    "ArticleProvenanceView": "Where an article's copy comes from.",
    "ArticleSummaryView": "An article without its text.",
    "ArticleView": "One published page of one outlet, and what was concluded about it.",
    "CarriedByView": "An outlet that carries somebody's copy.",
    "CarriedOrganisationView": "Somebody whose copy is carried.",
    "ChangeView": "One thing that happened to an article or a story.",
    "ChangesView": "What happened, in order.",
    "CheckView": "What would be concluded about an article; nothing of it is stored.",
    "CitationView": "A source that the text names for what it says (`told Reuters`). It carries no copy.",
    "ConstraintListView": "One page of what editors said.",
    "ConstraintView": "An editor's word about which articles are of one event.",
    "CorrectionView": "An editor's word, and where the articles are now.",
    "CountsView": "How large a story is.",
    "CreditView": "A passage that says whose copy the article carries.",
    "DeliveryListView": "One page of a webhook's messages.",
    "DeliveryView": "One change on its way to one webhook.",
    "DerivationView": "How much of an article comes from others.",
    "EvidenceView": "One reason for a link.",
    "FaultView": "One place of a request that is wrong.",
    "FeatureView": "What two reports have in common, or not, as a number.",
    "FirstSeenView": "Where a passage was seen first.",
    "HealthCheckView": "One part of the service, tried.",
    "HealthView": "Every part works.",
    "JobListView": "One page of jobs.",
    "LineErrorView": "A line that could not be taken in.",
    "LinkView": "One hop of provenance: from a source to the article that carries its copy.",
    "ListedStoryView": "A story in a list.",
    "LivenessView": "The process answers.",
    "MatchView": "An article with which copy is shared.",
    "MatchesView": "All articles with which an article shares copy.",
    "MembershipView": "Why an article is in its story.",
    "NewWebhookView": "A webhook with its secret.",
    "OccurrenceView": "A paragraph that carries a passage.",
    "OrganisationListView": "One page of organisations.",
    "OrganisationNodeView": "An organisation in the graph of a story.",
    "OrganisationRecordView": "What is known of an organisation, and who carries its copy.",
    "OrganisationSummaryView": "How often an organisation is credited.",
    "OrganisationView": "An agency, outlet or aggregator that can be credited, whether or not an article of it was sent.",
    "OriginChangeView": "An article whose copy is now held to begin elsewhere.",
    "OriginView": "Where an article's copy begins, as far as the evidence goes.",
    "OutletListView": "One page of outlets.",
    "OutletRecordView": "What an outlet's articles are, whose copy it carries, and who carries its own.",
    "OutletSummaryView": "What an outlet's articles are.",
    "OutletView": "Who published an article.",
    "ParagraphMatchView": "Two paragraphs that share copy.",
    "ParagraphView": "One block of an article.",
    "PassageView": "Copy that one or more paragraphs carry.",
    "PassagesView": "A story's text, each passage once.",
    "ReasonView": "One reason for an article's being in its story.",
    "ReportArticleView": "An article that carries a report.",
    "ReportView": "One independent piece of reporting, with all the articles that carry it.",
    "RepresentativeView": "The article that stands for a story or a report.",
    "SpanView": "Characters of two paragraphs that correspond.",
    "StoryDetailView": "One event with all its reports.",
    "StoryHistoryView": "One page of a story's versions.",
    "StoryListView": "One page of stories.",
    "StoryMatchView": "The passage of a story that a search found.",
    "StoryProvenanceView": "Who carried whose copy in a story, as a graph.",
    "StoryVersionView": "One change of a story.",
    "TouchView": "An event that a roundup touches.",
    "WebhookListView": "One page of webhooks.",
    "WebhookView": "An address that is told of changes.",
}
FIELDS = {
    "article_id": "Id of the article.",
    "ChangeView.article_id": "The article that it happened to; absent where it happened to a story.",
    "OriginView.article_id": "The article where the copy begins, where `kind` is `article`.",
    "ReasonView.article_id": "The other article.",
    "article_ids": "Articles of the one side.",
    "other_article_ids": "Articles of the other side.",
    "articles": "How many articles.",
    "ReportView.articles": "The articles that carry it, first seen first.",
    "articles_added": "Ids of articles that came in.",
    "articles_removed": "Ids of articles that went out.",
    "at": "When it happened.",
    "FirstSeenView.at": "Claimed time of the article, or when it came where none that can be true was claimed.",
    "attempts": "How often it was sent.",
    "authors": "As the caller or the page named them.",
    "basis": "Which kinds of evidence speak for it.",
    "canonical_url": "The address in one spelling: without trackers, default port and fragment. It identifies the article.",
    "carry": "How much of the source is carried; `unknown` where the source's own text was not sent.",
    "CreditView.carry": "How much of the article is the credited one's, as such a credit usually means.",
    "chains": "Each from its origin down to this article, the surest first: 50 at most.",
    "checks": "Every part, and whether it works.",
    "citations": "Sources that are named inside the reporting.",
    "class": "What kind of organisation it is.",
    "confidence": "From 0 to 1; more is surer. See the page of limits for what it does not mean.",
    "consumer": "The name that the consumer chose.",
    "counts": "How large it is.",
    "created_at": "When it was made here.",
    "credits": "Whose copy the article says that it carries.",
    "data": "What changed: revision and address of an article; version, articles, counts and related stories of a story.",
    "derivation": "How much of the article comes from others, from `wholly_derived` to `independent`, or `undetermined`.",
    "detail": "What is wrong, in words.",
    "HealthCheckView.detail": "What was found.",
    "done": "Lines that became articles, new or known.",
    "errors": "Every place that is wrong; empty where the problem is not about one.",
    "evidence": "What speaks for it, strongest first.",
    "external_id": "Your own key for the article.",
    "failed": "Lines that could not be taken in.",
    "finished_at": "When it ended; null until then.",
    "first_published_at": "Earliest claimed time of its articles; when it came counts where none that can be true was claimed.",
    "last_published_at": "Latest such time.",
    "first_seen": "The article that held it first.",
    "last_seen": "Claimed time of its last article, or when it came where none that can be true was claimed.",
    "id": "Opaque; ids sort by the time at which they were made.",
    "ArticleNodeView.id": "The article's id.",
    "OrganisationNodeView.id": "`org:` and the organisation's id.",
    "OrganisationRecordView.id": "Id in the registry, or one made from the name that was credited.",
    "OrganisationSummaryView.id": "Id in the registry, or one made from the name that was credited.",
    "OrganisationView.id": "Id in the registry, or one made from the name that was credited.",
    "LinkView.id": "The same for the same link in every answer.",
    "index": "Place in `paragraphs` of the request, from 0.",
    "instance": "The path that was asked for.",
    "is_wire": "Whether it looks like wire copy.",
    "items": "What the page holds.",
    "kind": "What it is.",
    "CreditView.kind": "The form of the credit, from a dateline to a republication note.",
    "EvidenceView.kind": "The form of credit, kind of match or other observation that it is.",
    "OriginView.kind": "Whether the copy begins with an article that was sent, with an organisation, or nobody knows.",
    "ParagraphMatchView.kind": "`verbatim`: equal but for case, spacing and typography; `edited`: cut, respelt or added to; "
    "`paraphrase`: reworded; `quotation`: only quoted words are shared, which is no copying.",
    "label": "`wholly_derived`, `partially_derived`, `independent` (no more than background or quotations is shared), or "
    "`undetermined`.",
    "language": "BCP 47 tag, as the caller or the page named it.",
    "languages": "Languages that its articles were sent with.",
    "last_at": "When it was tried last.",
    "links": "Every hop of the graph.",
    "matches": "Articles with which it shares copy.",
    "merged_into": "The story that this one leads to; absent while it lives.",
    "metadata": "What you sent under this name, untouched.",
    "name": "Name to show.",
    "FeatureView.name": "What is measured.",
    "next_cursor": "Send it as `cursor` to get the next page; null at the end.",
    "nodes": "Articles and organisations.",
    "observed_at": "When the article came here first.",
    "occurrences": "Every paragraph that carries it.",
    "ok": "Whether it works.",
    "organisation": "Who it is.",
    "OriginView.organisation": "Who wrote it, where that is known.",
    "organisations": "Whose copy its articles carry.",
    "origin": "Whose copy it is in the end.",
    "outlet": "Who published it.",
    "outlets": "How many outlets.",
    "overlap": "Part of the words, rare ones weighing more, that stands aligned in the fuller side.",
    "pairs": "Paragraphs that share copy.",
    "paragraph": "Index of the paragraph.",
    "other_paragraph": "Index of the paragraph in the other article.",
    "paragraphs": "All of them, with the indices of the request.",
    "passages": "Different passages in its articles.",
    "published_at": "As the publisher claims it; null where nothing was claimed.",
    "reasons": "Why, strongest first.",
    "relation": "`carried`: copied; `revision`: a later text of the same outlet; `translation`; `photo`: only the picture.",
    "report_id": "The report that it carries; null until it is clustered.",
    "reports": "Independent reports, largest first.",
    "representative": "The article that stands for it.",
    "request_id": "Stands in the service's log; name it when you report a problem.",
    "revision": "1 at first; grows when the text changes.",
    "role": "What the block is. Only `body` is matched.",
    "sequence": "The change that it is about.",
    "share": "Part of the article's body characters that is carried from elsewhere, 0 to 1.",
    "LinkView.share": "Part of the target's body that this hop carries, 0 to 1.",
    "MatchView.share": "Part of this article's body that stands in the other one, 0 to 1.",
    "share_of_other": "Part of the other article's body that stands in this one, 0 to 1.",
    "similarity": "Cosine of the two texts' vectors.",
    "site": "Registrable domain, or the name in plain letters where there is no address.",
    "sites": "Domains whose articles are its own.",
    "spans": "Which characters correspond.",
    "start": f"Where it begins, {_OFFSET}.",
    "end": f"Where it ends, {_OFFSET}; the character there is no part of it.",
    "other_start": "The same in the other paragraph.",
    "other_end": "The same in the other paragraph.",
    "started_at": "When the first line was worked on; null until then.",
    "state": "`waiting` to be sent or sent again, `delivered`, or `failed` for good.",
    "JobView.state": "`queued`, `running`, or how it ended.",
    "status": "`ok`.",
    "ArticleSummaryView.status": "`queued` until it is worked on, then `clustered`, or `failed` with a `problem`.",
    "ArticleView.status": "`queued` until it is worked on, then `clustered`, or `failed` with a `problem`.",
    "ProblemView.status": "The status of the answer.",
    "stories": "How many stories.",
    "story_id": "The story that it is in; null until it is clustered.",
    "ChangeView.story_id": "The story that it happened to, or that the article is in or left.",
    "TouchView.story_id": "The story of that event.",
    "text": "The words as they stand.",
    "title": "Headline.",
    "ProblemView.title": "What kind of problem it is, in words.",
    "type": "What happened.",
    "undetermined_reason": "Why nothing is claimed about the origin; absent where something is.",
    "partially_derived": "Part of its articles that are `partially_derived`.",
    "wholly_derived": "Part of its articles that are `wholly_derived`.",
    "undetermined": "Part of its articles that are `undetermined`.",
    "updated_at": "When it changed last.",
    "url": "Address of the page.",
    "NewWebhookView.url": "Where messages are sent.",
    "WebhookView.url": "Where messages are sent.",
    "value": "As measured.",
    "version": "Grows with every change of the story.",
    "HealthView.version": "Version of the service.",
    "weight": "How much it counts, 0 to 1.",
}


def describe(document: dict[str, Any]) -> None:
    """Adds to an OpenAPI document the descriptions that it has not."""
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        _add(operation, OPERATIONS.get(operation["operationId"]))
        for parameter in operation.get("parameters", ()):
            _add(parameter, PARAMETERS.get(parameter["name"]))
    for name, schema in document["components"]["schemas"].items():
        _add(schema, SCHEMAS.get(name))
        for field, shape in schema.get("properties", {}).items():
            _add(shape, FIELDS.get(f"{name}.{field}", FIELDS.get(field)))


def undescribed(document: dict[str, Any]) -> Iterator[str]:
    """Every operation, parameter, schema and field of a document that says nothing about itself."""
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        named = operation["operationId"]
        places = {named: operation} | {f"{named}?{one['name']}": one for one in operation.get("parameters", ())}
        yield from (place for place, shape in places.items() if not shape.get("description"))
    for name, schema in document["components"]["schemas"].items():
        places = {name: schema} | {f"{name}.{field}": shape for field, shape in schema.get("properties", {}).items()}
        yield from (place for place, shape in places.items() if not shape.get("description"))


def _add(shape: dict[str, Any], text: str | None) -> None:
    if text is not None:
        shape.setdefault("description", text)
