"""Examples of the answers about batch jobs, built from the views like those of examples.py."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from service.api import examples
from service.api.problems import problem_document
from service.errors import Fault, InvalidInput
from service.flows.job_views import JobListView, JobView, LineErrorView

_ID = "01jtexample0000000000000j1"
LINES = json.dumps(examples.REQUEST) + "\n"
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Harbour Gazette</title><language>en-GB</language>
<item>
<title>Quay wall collapses in Port Ellery</title>
<link>https://harbour-gazette.example/news/quay-wall-collapse</link>
<pubDate>Mon, 04 May 2026 12:05:00 +0200</pubDate>
<source url="https://www.reuters.com">Reuters</source>
<content:encoded><![CDATA[<p>PORT ELLERY (Reuters) - A section of the quay wall collapsed early on Monday.</p>]]>
</content:encoded>
</item>
</channel>
</rss>
"""
ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB">
<title>Harbour Gazette</title><id>https://harbour-gazette.example/feed</id><updated>2026-05-04T10:05:00Z</updated>
<entry>
<title>Quay wall collapses in Port Ellery</title>
<id>tag:harbour-gazette.example,2026:quay-wall-collapse</id>
<link href="https://harbour-gazette.example/news/quay-wall-collapse"/>
<published>2026-05-04T10:05:00Z</published><updated>2026-05-04T10:05:00Z</updated>
<source><title>Reuters</title><id>https://www.reuters.com</id></source>
<content type="html">&lt;p&gt;A section of the quay wall collapsed early on Monday.&lt;/p&gt;</content>
</entry>
</feed>
"""
_FAULT = Fault("#/url", "is required unless `external_id` is given")
_PROBLEM = problem_document(InvalidInput(f"{_FAULT.pointer} {_FAULT.detail}", [_FAULT]), f"/v1/jobs/{_ID}")
QUEUED = JobView(
    id=_ID,
    state="queued",
    total=5_000,
    done=0,
    failed=0,
    errors=[],
    created_at=datetime(2026, 5, 4, 10, 6, tzinfo=UTC),
    started_at=None,
    finished_at=None,
)
DONE = QUEUED.model_copy(
    update={
        "state": "done",
        "done": 4_999,
        "failed": 1,
        "errors": [LineErrorView(line=17, problem=_PROBLEM)],
        "started_at": datetime(2026, 5, 4, 10, 6, 1, tzinfo=UTC),
        "finished_at": datetime(2026, 5, 4, 10, 9, 30, tzinfo=UTC),
    }
)
CANCELLED = DONE.model_copy(update={"state": "cancelled", "done": 1_204})
JOBS = JobListView(items=[DONE], next_cursor=None)
