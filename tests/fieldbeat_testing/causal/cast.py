"""Edits by hand, for tests that tell one story: who edits what, having seen which rev."""

from collections.abc import Mapping
from typing import Any

from fieldbeat_sync.merge import Merge, Past, merge
from fieldbeat_sync.mutation import Author, Edit, Rejected
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Collection, Op, Role
from fieldbeat_testing.causal.probe import PROBE

NINE_MS = 1_800_000_000_000
MINUTE_MS = 60_000

SERVER = Author(0, Role.ADMIN)
ANNA = Author(1, Role.REP)
BORIS = Author(2, Role.REP)
CLARA = Author(3, Role.SUPERVISOR)


def edit(author: Author, base_rev: int, *, minute: int = 0, seq: int = 1, op: Op = Op.UPDATE, **patch: Any) -> Edit:
    """An edit of minute `minute` after nine, pushed the evening after."""
    received_ms = NINE_MS + 600 * MINUTE_MS
    age_ms = received_ms - NINE_MS - minute * MINUTE_MS
    return Edit(op, seq, base_rev, patch, author, received_ms, age_ms, server=author is SERVER)


def created(collection: Collection = PROBE, *, author: Author = SERVER, **patch: Any) -> Record:
    """A record as it was created at nine; rev 1."""
    return after(merge(collection, None, edit(author, 0, op=Op.CREATE, **patch), Past()))


def after(verdict: Merge | Rejected) -> Record:
    """The record of an edit that took effect."""
    return taken(verdict).record


def taken(verdict: Merge | Rejected) -> Merge:
    """The merge of an edit that took effect."""
    assert isinstance(verdict, Merge), verdict
    return verdict


def refused(verdict: Merge | Rejected) -> Rejected:
    """Why an edit was refused."""
    assert isinstance(verdict, Rejected), verdict
    return verdict


def change(record: Record, by: Edit, past: Past | None = None, *, collection: Collection = PROBE) -> Merge | Rejected:
    """Merges an edit; of the past no more is known than given."""
    return merge(collection, record, by, past or Past())


def rules(verdict: Merge) -> Mapping[str, str]:
    """By which rule each field was decided."""
    return {write.field: write.rule for write in verdict.writes}
