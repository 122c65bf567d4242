"""What the user sees of a record: the confirmed row with the queued edits replayed over it.

Replay only shows; it decides nothing. The server merges each edit once, and its row then takes the place of this one,
so two phones agree although they never merge alike.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fieldbeat_sync.mutation import Rejected
from fieldbeat_sync.patch import Part, parse
from fieldbeat_sync.policies.set import Delta
from fieldbeat_sync.record import value_of, with_value
from fieldbeat_sync.schema import Collection, Op, Policy
from fieldbeat_sync.sequence import Pending

Row = Mapping[str, Any]


def replay(collection: Collection, row: Row | None, edits: Iterable[Pending]) -> Row | None:
    """The row after the edits, in their order; None where there is none to show (never created, evicted, deleted).

    A CREATE of what is there already, and a patch that no server would take, change nothing.
    """
    for edit in edits:
        row = _after(collection, row, edit)
    return row


def _after(collection: Collection, row: Row | None, edit: Pending) -> Row | None:
    if edit.op is Op.DELETE:
        return None
    if edit.op is Op.NOOP or (edit.op is Op.CREATE) == (row is not None):
        return row
    parts = parse(collection, edit.op, edit.patch or {}, server=False)
    if isinstance(parts, Rejected):
        return row
    # A row that was sent before its collection gained a field lacks it.
    shown: Row = {"id": edit.record_id, "rev": 0, **collection.blank, **(row or {})}
    for part in parts:
        shown = with_value(shown, part.name, _value(shown, part))
    return shown


def _value(row: Row, part: Part) -> Any:
    if part.field.policy is Policy.COUNTER:
        return value_of(row, part.name) + part.value
    if isinstance(part.value, Delta):
        return sorted((set(value_of(row, part.name)) - set(part.value.remove)) | set(part.value.add))
    return part.value
