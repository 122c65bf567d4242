"""What the team is told of a ticket: that it was made, went on, was offered or handed over."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from fieldbeat.records import Saved
from fieldbeat.records.activity import Activity, news
from fieldbeat.records.model import Row, Wrote
from fieldbeat_sync.clock import instant_of

DONE = {"RESOLVED": "TICKET_RESOLVED", "CLOSED": "TICKET_CLOSED"}


def activities_of(saved: Saved, at: datetime) -> Iterator[Activity]:
    """Its creation as one, and each change after it of its status, priority and of who answers for it."""
    row, made = saved.after, saved.before is not None
    was = saved.before["status"] if saved.before else "NEW"
    for write in news(saved, at) if row else ():
        kind = None
        if not made:
            kind, made = "TICKET_CREATED", True
        elif write.rev > 1:
            kind = _kind(write, was)
        if write.field == "status":
            was = write.value
        if row and kind:
            yield _activity(saved.record_id, row, write, kind)


def _kind(write: Wrote, was: str) -> str | None:
    match write.field:
        case "status" if write.value != was:
            return DONE.get(write.value) or ("TICKET_REOPENED" if was in DONE else "TICKET_CHANGED")
        case "priority":
            return "TICKET_CHANGED"
        case "assigneeId":
            return "TICKET_HANDED_OVER"
        case "offeredToId" if write.value:
            return "TICKET_OFFERED"
    return None


def _activity(id: UUID, row: Row, write: Wrote, kind: str) -> Activity:
    first = write.value if kind == "TICKET_OFFERED" else row["assigneeId"]
    people = dict.fromkeys(UUID(each) for each in (first, row["assigneeId"], row["offeredToId"]) if each)
    return Activity(
        kind, "ticket", id, write.actor_id, tuple(people), instant_of(write.hlc),
        about=f"#{row['number']} {row['subject']}" if row["number"] else row["subject"],
        detail=write.value if write.field in ("status", "priority") else None,
    )  # fmt: skip
