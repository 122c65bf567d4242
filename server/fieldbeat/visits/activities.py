"""What the team is told of a visit: that the rep came, went, skipped or missed it."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from fieldbeat.records import Saved
from fieldbeat.records.activity import Activity, news
from fieldbeat_sync.clock import instant_of

KINDS = {
    "CHECKED_IN": "CHECKED_IN",
    "DONE": "CHECKED_OUT",
    "SKIPPED": "VISIT_SKIPPED",
    "NO_SHOW": "VISIT_MISSED",
    "CANCELLED": "VISIT_CANCELLED",
    "PLANNED": "VISIT_REOPENED",
}


def activities_of(saved: Saved, at: datetime) -> Iterator[Activity]:
    """Each move of a visit that is alive; on the way there is nothing to tell."""
    row = saved.after
    was = saved.before["status"] if saved.before else "PLANNED"
    for write in news(saved, at) if row else ():
        if row and write.field == "status" and write.value != was:
            kind = "VISIT_REOPENED" if was == "DONE" else KINDS.get(write.value)
            was = write.value
            if kind:
                yield Activity(
                    kind, "visit", saved.record_id, write.actor_id, (UUID(row["repId"]),) if row["repId"] else (),
                    instant_of(write.hlc), account_id=UUID(row["accountId"]),
                    detail=row["skipReason"] if kind == "VISIT_SKIPPED" else None,
                )  # fmt: skip
