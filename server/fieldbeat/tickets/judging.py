"""What a ticket may name, and how many parts it may have used: judged in every push and verb alike."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fieldbeat.assets.store import accounts_of_assets
from fieldbeat.kit.db import Conn
from fieldbeat.records.model import Judgement, Look, as_id
from fieldbeat_sync.mutation import Rejected


async def judge_tickets(conn: Conn, tenant_id: UUID, told: Sequence[Mapping[str, Any]]) -> Judgement:
    """What judges edits of tickets: an asset is one of the ticket's account, else INVALID (`assetId`).

    One statement for all that name one; one that was made in the same transaction is there, too.
    """
    ids = sorted({id for each in told if (id := as_id(each.get("assetId")))})
    accounts = await accounts_of_assets(conn, tenant_id, ids) if ids else {}

    def judge(row: Mapping[str, Any], patch: Mapping[str, Any], look: Look) -> Rejected | None:
        named = as_id(patch.get("assetId"))
        if named is None:
            return None
        made = look("asset", named)
        account = as_id(made["accountId"]) if made else accounts.get(named)
        if account is not None and account == as_id(row.get("accountId", patch.get("accountId"))):
            return None
        return Rejected("INVALID", "assetId must name an asset of the ticket's account", ("assetId",))

    return judge


async def judge_parts(conn: Conn, tenant_id: UUID, told: Sequence[Mapping[str, Any]]) -> Judgement:
    """What judges edits of used parts: no more are taken back than were used, else INVALID (`quantity`)."""
    return _judge_quantity


def _judge_quantity(row: Mapping[str, Any], patch: Mapping[str, Any], look: Look) -> Rejected | None:
    said = patch.get("quantity", 0)
    change = said["$inc"] if isinstance(said, Mapping) else said
    if row.get("quantity", 0) + change >= (0 if row else 1):
        return None
    return Rejected("INVALID", "quantity is at least 1, and at least 0 when some are taken back", ("quantity",))
