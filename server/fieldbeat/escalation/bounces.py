"""A ticket that goes to and fro between teams: each third time whoever leads both is told, once.

The hand-over announces itself in its own transaction; this is performed when that has committed.
"""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat import records
from fieldbeat.escalation import rules, store
from fieldbeat.escalation.model import Above, Bounce
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.notifications.actions import tell
from fieldbeat.outbox.model import Effect, Performers
from fieldbeat.records import Tx, publish
from fieldbeat.tickets.replica import HANDED_OVER
from fieldbeat_sync.schema import Role


async def follow_hand_overs(conn: Conn, effect: Effect) -> frozenset[str]:
    """Tells of those that are the third between teams, the sixth, and so on; returns the scopes of those told.

    Locks: the heads of these scopes.
    """
    tx = Tx(conn, effect.tenant_id, await records.now(conn))
    bounces = await store.third_bounces(
        conn, tx.tenant_id, [(UUID(id), rev) for id, rev in effect.payload["handOvers"]]
    )
    if bounces:
        await _tell(tx, bounces)
        await publish(tx)
    return frozenset(tx.touched)


PERFORMERS: Performers = {HANDED_OVER: follow_hand_overs}


async def _tell(tx: Tx, bounces: Sequence[Bounce]) -> None:
    people = sorted({id for each in bounces for id in (each.from_id, each.to_id)})
    lines = rules.lines_of(await store.reporting_lines(tx.conn, tx.tenant_id, people))
    administrators = await store.administrators(tx.conn, tx.tenant_id)
    told = [(bounce, *each) for bounce in bounces for each in _concerned(bounce, lines, administrators)]
    if told:
        cause = Actor(tx.tenant_id, administrators[0] if administrators else told[0][1], Role.ADMIN)
        await tell(tx, cause, [rules.bounce_notice(bounce, user_id) for bounce, user_id, _ in told])
        await store.note_escalations(tx.conn, tx.tenant_id, told)


def _concerned(
    bounce: Bounce, lines: dict[UUID, list[Above]], administrators: Sequence[UUID]
) -> list[tuple[UUID, int]]:
    lead = rules.above_both(lines.get(bounce.from_id, ()), lines.get(bounce.to_id, ()))
    return [(lead.user_id, lead.level)] if lead else [(id, rules.ADMINISTRATORS) for id in administrators]
