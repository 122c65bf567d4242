"""One change of one record. Everything that is written to a collection goes through here, from phones and from
headquarters alike: lock, merge in the kernel, row, history, conflicts, feed, in one transaction.

    async with records.writing(db, tenant_id) as tx:
        [changed] = await records.change(tx, actor, [Change(...)])
"""

from fieldbeat.records.change import change, close_conflict, rewrite_conflicts
from fieldbeat.records.creation import create
from fieldbeat.records.model import Change, Changed, ChangeRefused, Kept, Row, Saved
from fieldbeat.records.store import now
from fieldbeat.records.transaction import Tx, move, writing

__all__ = [
    "Change",
    "ChangeRefused",
    "Changed",
    "Kept",
    "Row",
    "Saved",
    "Tx",
    "change",
    "close_conflict",
    "create",
    "move",
    "now",
    "rewrite_conflicts",
    "writing",
]
