"""Every call of the interface as a flow of steps: what is sent, and what its answer means. Two clients carry them out."""

from service.client.operations import articles, batches, changes, health, records, stories, webhooks

__all__ = ["articles", "batches", "changes", "health", "records", "stories", "webhooks"]
