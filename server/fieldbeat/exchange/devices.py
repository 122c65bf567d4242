"""Devices: one row per install and user, a new incarnation with every registration, and the ratchet against copies.

The ratchet is a counter; its token is derived from the deployment's key, so that nothing secret is stored. It moves
with every push: a phone restored from a backup presents an older one and is told that it is a fork.
"""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat.exchange import store
from fieldbeat.exchange.model import Device, Registered, Registering
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.seal import seal
from fieldbeat.people.model import Unauthenticated
from fieldbeat.people.reads import people_below


async def register_device(
    db: Db, actor: Actor, asked: Registering, *, key: bytes, push_only: bool = False
) -> Registered:
    """Registers an install under the actor with a new incarnation; the old one is retired.

    `asked.previous` is taken over when it is an incarnation of the same user: its dots up to `last_seq` count as the
    device's own, recursively. An unknown one (of a database restored to an earlier point) continues nothing.
    `push_only`: the user was deactivated; an install of his that was put back from a backup, or that meets a restored
    database, could not hand in its queue without a new incarnation. Refuses (`Unauthenticated`) any other install.
    """
    async with db.writing(actor.tenant_id) as conn:
        tenant_id, user_id = actor.tenant_id, actor.user_id
        if push_only and not await store.is_install_known(conn, tenant_id, user_id, asked.install_id):
            raise Unauthenticated("This account was deactivated: it gets no new devices.")
        replica = await store.issue_replica(conn, tenant_id)
        device_id = await store.upsert_device(conn, tenant_id, user_id, uuid7(), asked, replica)
        await store.retire_other_users(conn, tenant_id, asked.install_id, user_id)
        continued = None
        if asked.previous and 0 < asked.previous.incarnation < replica and asked.previous.last_seq >= 0:
            hlc = await store.previous_hlc(conn, tenant_id, user_id, asked.previous.incarnation)
            if hlc is not None:
                continued = (asked.previous.incarnation, asked.previous.last_seq)
                await store.inherit_hlc(conn, tenant_id, device_id, hlc)
        await store.add_incarnation(conn, tenant_id, replica, device_id, user_id, continued)
        epoch, now = await store.epoch_and_now(conn)
    return Registered(device_id, replica, epoch, ratchet_token(device_id, replica, 0, key=key), now)


async def devices_page(conn: Conn, actor: Actor, *, after: UUID | None, rows_max: int) -> Sequence[Device]:
    """The devices of the actor and, for those who lead, of everyone below."""
    people = await people_below(conn, actor)
    return await store.devices_of(conn, actor.tenant_id, sorted(people), after=after, rows_max=rows_max)


def ratchet_token(device_id: UUID, incarnation: int, count: int, *, key: bytes) -> str:
    """The ratchet's token at a count; only this deployment can make it."""
    return seal(f"ratchet:{device_id}:{incarnation}", str(count).encode(), key)
