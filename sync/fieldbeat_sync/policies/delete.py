"""Delete against edit: the edit wins.

A delete covers the writes that its author had seen; a record is alive while a write exists that no delete covers. An
edit that had not seen the delete revives the record. Source: docs/protocol.md, "Delete against edit".
"""

from collections.abc import Iterable

from fieldbeat_sync.mutation import Edit, Stamp

FIELD = "*"
DELETED = {"deleted": True}


def history(edit: Edit) -> dict[str, object]:
    """A delete as history keeps it: with the rev up to which it covers the writes of others."""
    return {**DELETED, "baseRev": edit.base_rev}


def seen(deletes: Iterable[Stamp], edit: Edit) -> bool:
    """Whether the author of `edit` had seen one of the deletes in force."""
    return any(edit.saw(each) for each in deletes)
