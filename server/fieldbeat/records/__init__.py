"""One change of one record. Everything that is written to a collection goes through here, from phones and from
headquarters alike: lock, merge in the kernel, row, history, conflicts, feed, in one transaction.

    async with records.writing(db, tenant_id) as tx:
        [changed] = await records.change(tx, actor, [Change(...)])
"""

from fieldbeat.records.change import change, close_conflict, rewrite_conflicts
from fieldbeat.records.creation import create
from fieldbeat.records.model import Change, Changed, ChangeRefused, Kept, Row, Saved, Wrote
from fieldbeat.records.store import now
from fieldbeat.records.transaction import Tx, move, publish, writing

__all__ = [
    "Change",
    "ChangeRefused",
    "Changed",
    "Kept",
    "Row",
    "Saved",
    "Tx",
    "Wrote",
    "change",
    "close_conflict",
    "create",
    "move",
    "now",
    "publish",
    "rewrite_conflicts",
    "writing",
]
