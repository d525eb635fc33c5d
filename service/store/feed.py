"""The store's side of the change feed, of constraints and of webhooks: both halves, mixed into the sessions.

Never commits. Sequences come from a counter in the same transaction as the change, so they have no gaps and the order of commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, Table, and_, delete, func, or_, select, tuple_, update

from service.domain.changes import Change, Constraint, Delivery, NewChange, Webhook
from service.store.feed_tables import change, change_consumer, editor_constraint, webhook, webhook_delivery
from service.store.tables import counter

_DROPPED = "change.dropped"


class FeedQueries:
    """The reading half."""

    _connection: Connection

    def changes(self, after: int, limit: int) -> list[Change]:
        """Those behind `after`, in order."""
        query = select(change).where(change.c.sequence > after).order_by(change.c.sequence).limit(limit)
        return [_change(row) for row in self._connection.execute(query).mappings()]

    def last_change(self) -> int:
        """The highest sequence given out; 0 before the first."""
        return int(self._connection.execute(select(counter.c.value).where(counter.c.name == "change")).scalar_one())

    def dropped_changes(self) -> int:
        return int(self._connection.execute(select(counter.c.value).where(counter.c.name == _DROPPED)).scalar_one())

    def consumer(self, name: str) -> int | None:
        """What this consumer acknowledged last."""
        found = select(change_consumer.c.sequence).where(change_consumer.c.name == name)
        return self._connection.execute(found).scalar_one_or_none()

    def constraints(self) -> list[Constraint]:
        """All, oldest first."""
        rows = self._connection.execute(select(editor_constraint).order_by(editor_constraint.c.id)).mappings()
        return [_constraint(row) for row in rows]

    def webhooks(self) -> list[Webhook]:
        """All, oldest first."""
        return [_webhook(row) for row in self._connection.execute(select(webhook).order_by(webhook.c.id)).mappings()]

    def webhook(self, webhook_id: str) -> Webhook | None:
        row = self._connection.execute(select(webhook).where(webhook.c.id == webhook_id)).mappings().one_or_none()
        return None if row is None else _webhook(row)

    def deliveries(self, webhook_id: str, before: int | None, limit: int) -> list[Delivery]:
        """Newest change first; `before` is the sequence of the last one seen."""
        columns = webhook_delivery.c
        query = select(webhook_delivery).where(columns.webhook_id == webhook_id).order_by(columns.sequence.desc()).limit(limit)
        if before is not None:
            query = query.where(columns.sequence < before)
        return [Delivery(**row) for row in self._connection.execute(query).mappings()]

    def delivery(self, webhook_id: str, sequence: int) -> Delivery | None:
        columns = webhook_delivery.c
        query = select(webhook_delivery).where(columns.webhook_id == webhook_id, columns.sequence == sequence)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else Delivery(**row)

    def waiting_delivery(self, webhook_id: str) -> Delivery | None:
        """The oldest change that is still on its way."""
        columns = webhook_delivery.c
        query = (
            select(webhook_delivery)
            .where(columns.webhook_id == webhook_id, columns.state == "waiting")
            .order_by(columns.sequence)
            .limit(1)
        )
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else Delivery(**row)


class FeedWriting:
    """The writing half."""

    _connection: Connection

    def _upsert(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        raise NotImplementedError

    def add_changes(self, changes: Sequence[NewChange], at: datetime) -> None:
        """In this order, behind all that were committed before."""
        if not changes:
            return
        grown = (
            update(counter)
            .where(counter.c.name == "change")
            .values(value=counter.c.value + len(changes))
            .returning(counter.c.value)
        )
        first = int(self._connection.execute(grown).scalar_one()) - len(changes) + 1
        rows = [
            {
                "sequence": first + place,
                "at": at,
                "type": one.type,
                "story_id": one.story_id,
                "article_id": one.article_id,
                "data": orjson.dumps(dict(one.data)).decode(),
            }
            for place, one in enumerate(changes)
        ]
        self._connection.execute(change.insert(), rows)

    def drop_changes(self, before: datetime, most: int) -> int:
        oldest = select(change.c.sequence, change.c.at).order_by(change.c.sequence).limit(most)
        needed = self._first_needed()
        # From the front only, so that what is kept has no gaps though clocks may step back.
        gone = [
            sequence
            for sequence, _ in takewhile(
                lambda one: one[1] < before and (needed is None or one[0] < needed), self._connection.execute(oldest).all()
            )
        ]
        if gone:
            self._connection.execute(delete(change).where(change.c.sequence <= gone[-1]))
            self._connection.execute(update(counter).where(counter.c.name == _DROPPED).values(value=gone[-1]))
        return len(gone)

    def _first_needed(self) -> int | None:
        """The first change that a webhook may still be told; None where there is no webhook."""
        of_delivery = (
            select(func.min(webhook_delivery.c.sequence))
            .join(webhook, webhook.c.id == webhook_delivery.c.webhook_id)
            .where(
                or_(
                    webhook_delivery.c.state == "waiting",
                    and_(webhook_delivery.c.state == "failed", webhook.c.disabled_reason.is_not(None)),
                )
            )
        )
        found = [self._connection.execute(select(func.min(webhook.c.sequence) + 1)).scalar_one()]
        found.append(self._connection.execute(of_delivery).scalar_one())
        return min((sequence for sequence in found if sequence is not None), default=None)

    def drop_deliveries(self, before: datetime, most: int) -> int:
        columns = webhook_delivery.c
        key = tuple_(columns.webhook_id, columns.sequence)
        disabled = select(webhook.c.id).where(webhook.c.disabled_reason.is_not(None))
        ended = or_(columns.state == "delivered", and_(columns.state == "failed", columns.webhook_id.not_in(disabled)))
        old = select(columns.webhook_id, columns.sequence).where(ended, columns.last_at < before).limit(most)
        return self._connection.execute(delete(webhook_delivery).where(key.in_(old))).rowcount

    def put_consumer(self, name: str, sequence: int, at: datetime) -> None:
        self._upsert(change_consumer, [{"name": name, "sequence": sequence, "acknowledged_at": at}])

    def put_constraint(self, constraint: Constraint) -> None:
        detail = {"story_id": constraint.story_id, "articles": constraint.articles, "others": constraint.others}
        row = {"id": constraint.id, "kind": constraint.kind, "at": constraint.at, "detail": orjson.dumps(detail).decode()}
        self._upsert(editor_constraint, [row])

    def delete_constraint(self, constraint_id: str) -> None:
        self._connection.execute(delete(editor_constraint).where(editor_constraint.c.id == constraint_id))

    def put_webhook(self, hook: Webhook) -> None:
        row = {
            "id": hook.id,
            "url": hook.url,
            "types": orjson.dumps(hook.types).decode(),
            "secret": hook.secret,
            "created_at": hook.created_at,
            "sequence": hook.sequence,
            "disabled_reason": hook.disabled_reason,
            "last_secret": hook.last_secret,
            "last_secret_until": hook.last_secret_until,
        }
        self._upsert(webhook, [row])

    def delete_webhook(self, webhook_id: str) -> None:
        """Its deliveries go with it."""
        self._connection.execute(delete(webhook).where(webhook.c.id == webhook_id))

    def put_delivery(self, delivery: Delivery) -> None:
        row = {
            "webhook_id": delivery.webhook_id,
            "sequence": delivery.sequence,
            "type": delivery.type,
            "state": delivery.state,
            "attempts": delivery.attempts,
            "next_at": delivery.next_at,
            "last_at": delivery.last_at,
            "status": delivery.status,
            "response": delivery.response,
        }
        self._upsert(webhook_delivery, [row])


def _change(row: RowMapping) -> Change:
    return Change(row["sequence"], row["at"], row["type"], row["story_id"], row["article_id"], orjson.loads(row["data"]))


def _constraint(row: RowMapping) -> Constraint:
    detail = orjson.loads(row["detail"])
    return Constraint(row["id"], row["kind"], row["at"], detail["story_id"], tuple(detail["articles"]), tuple(detail["others"]))


def _webhook(row: RowMapping) -> Webhook:
    return Webhook(**{**row, "types": tuple(orjson.loads(row["types"]))})
