"""Activities: what somebody did to a record, told to those who lead him. Capabilities note them as they follow up what
was written; the transaction writes them as it ends, so that an activity is told within a commit of its time.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from fieldbeat.records.model import Conflict, Saved, Wrote
from fieldbeat_sync.clock import instant_of
from fieldbeat_sync.mutation import Author

PAST = timedelta(days=1)  # what the server itself writes of a time before is history brought in, and no news
NOBODY = UUID(int=0)


class Activity(NamedTuple):
    """What is told. `people`: whom it concerns beside who did it, first the one whom it concerns most.

    `about` says what the record is; None takes the name of the account `account_id`.
    """

    kind: str
    collection: str
    record_id: UUID
    actor_id: UUID
    people: tuple[UUID, ...]
    happened_at: datetime
    about: str | None = None
    account_id: UUID | None = None
    detail: str | None = None

    @property
    def told_of(self) -> frozenset[UUID]:
        """Whose activity it is: those whom it concerns, and who did it; else nobody's."""
        return frozenset(self.people) | ({self.actor_id} - {NOBODY}) or frozenset({NOBODY})


def news(saved: Saved, at: datetime) -> Iterator[Wrote]:
    """The writes of a record that took effect and are news at `at`, in their order."""
    for write in saved.writes:
        if write.outcome == "WON" and (write.replica or at - instant_of(write.hlc) < PAST):
            yield write


def opened(conflicts: Sequence[Conflict], author: Author) -> Iterator[Activity]:
    """Conflicts that have just opened concern those whose values met."""
    for each in conflicts:
        sides = (each.fields[side]["actor"] for side in ("loser", "winner"))
        people = dict.fromkeys(UUID(side["id"]) for side in sides if side)
        people.pop(NOBODY, None)
        yield Activity(
            "CONFLICT_OPENED", *each.about, UUID(author.user_id), tuple(people), each.created_at,
            about=each.about.collection, detail=each.fields["field"],
        )  # fmt: skip
