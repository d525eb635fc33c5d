"""Bringing the corpus up from the store, and the store up to date when the pipeline that made it was another.

Another model, other weights or other reading rules make every stored conclusion stale at once: then all articles are read,
embedded, compared and clustered again in one transaction, and stories keep their ids as far as their articles stay together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import structlog

from service.domain.models import Article
from service.domain.registry import Registry
from service.domain.rules import RULES_VERSION
from service.domain.search import WORDS_VERSION
from service.domain.tokens import surface
from service.flows.clustering import Clusterer
from service.flows.corpus import Corpus
from service.flows.moments import Moment
from service.flows.preparing import prepare_article
from service.ports import ReadSession, Store, WriteSession
from service.store_values import UnitRow

PIPELINE_NOTE = "pipeline"
WORDS_NOTE = "search words"
_EMBED_AT_ONCE = 256

_log = structlog.get_logger("service.rebuilding")


def pipeline_version(corpus: Corpus, registry: Registry, space: str) -> str:
    """Everything that a stored conclusion depends on beside the articles."""
    return f"weights {corpus.version}, rules {RULES_VERSION}, organisations {registry.version}, space {space}"


def stored_weights(session: ReadSession) -> str | None:
    """The version of the weights that what is stored was concluded by; None where that is not known, or is about to change."""
    weights, is_whole, _ = (session.note(PIPELINE_NOTE) or "").partition(", ")
    return weights.removeprefix("weights ") if is_whole else None


def forget_pipeline(store: Store) -> None:
    """What is concluded is held to be out of date: the next rebuilding makes it anew."""
    with store.write() as session:
        session.put_note(PIPELINE_NOTE, "none: to be made anew")


def rebuild(
    store: Store,
    corpus: Corpus,
    clusterer: Clusterer,
    registry: Registry,
    embed: Callable[[Sequence[str]], npt.NDArray[np.float16]],
    space: str,
    moment: Moment,
) -> None:
    """Fill an empty corpus. Conclusions made by another pipeline are made anew first."""
    version = pipeline_version(corpus, registry, space)
    with store.read() as session:
        made_by, indexed_by = session.note(PIPELINE_NOTE), session.note(WORDS_NOTE)
        articles = list(session.all_articles())
        corpus.constrain(session.constraints())
        if made_by == version:
            corpus.load(session.units(space), session.unit_pairs(corpus.version), articles)
    clusterer.load({article.id: article.findings for article in articles if article.findings is not None})
    if made_by != version:
        if articles:
            _log.warning(
                "the pipeline changed; everything is concluded anew", articles=len(articles), before=made_by, now=version
            )
        with store.write() as write:
            _conclude_anew(articles, corpus, clusterer, registry, embed, space, write, moment)
            write.put_note(PIPELINE_NOTE, version)
    if indexed_by != WORDS_VERSION:
        with store.write() as write:
            units = write.index_words()
            write.put_note(WORDS_NOTE, WORDS_VERSION)
        if units:
            _log.warning("the words of all paragraphs were indexed anew", units=units)
    _log.info("corpus loaded", articles=len(corpus))


def _conclude_anew(
    articles: Sequence[Article],
    corpus: Corpus,
    clusterer: Clusterer,
    registry: Registry,
    embed: Callable[[Sequence[str]], npt.NDArray[np.float16]],
    space: str,
    session: WriteSession,
    moment: Moment,
) -> None:
    for article in articles:
        prepared = prepare_article(article.content, registry)
        renewed = replace(
            article,
            content=prepared.content,
            reading=prepared.reading,
            units=prepared.units,
            content_hash=prepared.content_hash,
        )
        fresh = [key for key in prepared.texts if not corpus.has_unit(key)]
        vectors = {row.key: row.vector for row in session.units(space, fresh) if row.vector is not None}
        missing = [key for key in fresh if key not in vectors]
        for start in range(0, len(missing), _EMBED_AT_ONCE):
            part = missing[start : start + _EMBED_AT_ONCE]
            vectors.update(zip(part, embed([surface(prepared.texts[key]) for key in part]), strict=True))
        session.put_article(renewed)
        session.put_units(space, [UnitRow(key, prepared.texts[key], vectors[key]) for key in fresh])
        session.put_unit_pairs(corpus.add(renewed, vectors))
    if articles:
        keys = {corpus.key_of[article.id] for article in articles}
        session.add_changes(clusterer.settle(keys, frozenset(), session, moment), moment.now)
