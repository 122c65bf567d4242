"""The verbs of notifications: tell people, and read what one was told."""

from collections.abc import Sequence
from uuid import NAMESPACE_URL, UUID, uuid5

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.notifications import store
from fieldbeat.notifications.model import Notice, Notification, NotificationUnknown
from fieldbeat.notifications.replica import KEPT_NOTIFICATION
from fieldbeat.records import Change, Tx
from fieldbeat_sync.schema import Op


async def tell(tx: Tx, actor: Actor, notices: Sequence[Notice]) -> int:
    """Writes a notification for each notice that was not told before; returns how many there were.

    Its id is made of its key, so that a job that runs twice tells once. `actor` is who caused it.
    """
    wanted = {_id(tx.tenant_id, notice): notice for notice in notices}
    told = await store.told_before(tx.conn, tx.tenant_id, list(wanted)) if wanted else frozenset()
    new = {id: _row(notice) for id, notice in wanted.items() if id not in told}
    await records.create(tx, actor, KEPT_NOTIFICATION, new)
    return len(new)


async def mark_read(tx: Tx, actor: Actor, *, ids: Sequence[UUID]) -> list[Notification]:
    """Marks one's own notifications as read. Refuses NOT_FOUND when one of them is not."""
    found = {each.id: each for each in await store.notifications_by_ids(tx.conn, actor, ids)}
    if not set(ids) <= found.keys():
        raise NotificationUnknown(fields=("ids",))
    unread = sorted(id for id, each in found.items() if each.status == "UNREAD")
    if unread:
        await records.change(tx, actor, [Change(KEPT_NOTIFICATION, id, Op.UPDATE, {"status": "READ"}) for id in unread])
    return await store.notifications_by_ids(tx.conn, actor, ids)


def _row(notice: Notice) -> dict[str, str | None]:
    return {
        "userId": str(notice.user_id), "type": notice.type, "title": notice.title[:200], "body": notice.body,
        "link": notice.link,
    }  # fmt: skip


def _id(tenant_id: UUID, notice: Notice) -> UUID:
    return uuid5(NAMESPACE_URL, f"notification:{tenant_id}:{notice.user_id}:{notice.key}")
