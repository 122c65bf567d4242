"""What the load tests of the database run on: a durable PostgreSQL in a folder of its own, and a company with devices.

It listens on a Unix socket only, and is gone at the end.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.replica import KEPT_ACCOUNT
from fieldbeat.embedded.account import servers_account
from fieldbeat.embedded.folder import claimed_folder
from fieldbeat.embedded.postgres import APP, OWNER, database_url, start_postgres
from fieldbeat.exchange import devices, push
from fieldbeat.exchange.model import Mutation, Platform, Push, Pushed, Registering
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db, open_db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.migrations import migrate
from fieldbeat.people.replica import KEPT_USER
from fieldbeat.records import Change
from fieldbeat.territories.actions import assign_territory, create_territory
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.schema import Op, Role

KEY = b"k" * 32
CHUNK = 500


@dataclass(frozen=True)
class Company:
    """One tenant: an administrator, and accounts in each territory."""

    db: Db
    owner_url: str
    actor: Actor
    territories: list[UUID]
    accounts: list[list[UUID]]


@dataclass
class Device:
    """One install, which pushes batches of edits."""

    company: Company
    id: UUID
    incarnation: int
    epoch: int
    ratchet: str
    seq: int = 0
    acked: int = 0
    revs: dict[UUID, int] = field(default_factory=dict)

    def edits(self, accounts: list[UUID], patch: dict[str, Any]) -> Push:
        """One edit of each account, by somebody who has seen all that stands there."""
        now = datetime.now(UTC)
        mutations = tuple(
            Mutation(self.seq + n, uuid7(), now, "account", each, Op.UPDATE, self.revs.get(each, 1), patch)
            for n, each in enumerate(accounts, start=1)
        )
        version = SCHEMA.version
        return Push(self.id, self.incarnation, self.epoch, self.ratchet, version, now, self.acked, mutations)

    def take(self, asked: Push, answer: Pushed) -> None:
        """The server has settled `asked`."""
        assert answer.problem is None, answer.problem
        self.seq = self.acked = answer.last_seq
        self.ratchet = answer.ratchet
        assert all(result.status == "APPLIED" for result in answer.results), answer.results
        self.revs |= {
            mutation.record_id: result.rev or 0
            for mutation, result in zip(asked.mutations, answer.results, strict=True)
        }

    async def push(self, accounts: list[UUID], patch: dict[str, Any]) -> None:
        """Sends one edit of each account."""
        asked = self.edits(accounts, patch)
        self.take(asked, await push.push(self.company.db, self.company.actor, asked, key=KEY))


@asynccontextmanager
async def company(*, territories: int, accounts: int, pool: int = 9) -> AsyncIterator[Company]:
    """A fresh company on a fresh server, with so many `accounts` in each of its territories."""
    root = Path(tempfile.mkdtemp(prefix="fieldbeat-load-", dir="/tmp"))
    try:
        with claimed_folder(root) as folder:
            server = start_postgres(folder, servers_account(folder.postgres))
            try:
                migrate(database_url(folder, OWNER), APP)
                db = await open_db(database_url(folder), size=pool)
                yield await _founded(db, database_url(folder, OWNER), territories, accounts)
                await db.close()
            finally:
                server.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)


async def device_of(company: Company) -> Device:
    """A newly registered device of the administrator."""
    asked = Registering(uuid7(), Platform.ANDROID, schema_version=SCHEMA.version)
    made = await devices.register_device(company.db, company.actor, asked, key=KEY)
    return Device(company, made.device_id, made.incarnation, made.epoch, made.ratchet)


async def _founded(db: Db, owner_url: str, territories: int, accounts: int) -> Company:
    tenant_id, admin_id = uuid7(), uuid7()
    actor = Actor(tenant_id, admin_id, Role.ADMIN)
    admin = {"name": "Ada", "email": "ada@acme.example", "role": "ADMIN"}
    async with records.writing(db, tenant_id) as tx:
        await tx.conn.execute("select create_tenant($1, 'Acme', false)", tenant_id)
        await records.change(tx, actor, [Change(KEPT_USER, admin_id, Op.CREATE, admin)])
        made = [(await create_territory(tx, actor, name=f"Area {n}")).id for n in range(territories)]
        for each in made:
            await assign_territory(tx, actor, territory_id=each, user_id=admin_id, from_on=date(2020, 1, 1))
    new = [[_account(actor, home, n) for n in range(accounts)] for home in made]
    for own in new:
        for start in range(0, accounts, CHUNK):
            async with records.writing(db, tenant_id) as tx:
                await records.change(tx, actor, own[start : start + CHUNK])
    return Company(db, owner_url, actor, made, [[each.record_id for each in own] for own in new])


def _account(actor: Actor, home: UUID, n: int) -> Change:
    """Of the usual size: about 600 bytes on the wire."""
    fields = {
        "name": f"Corner shop {n}", "ownerId": str(actor.user_id), "territoryId": str(home), "phone": "+43 316 123456",
        "address": {"street": "Hauptplatz 1", "city": "Graz", "region": None, "postalCode": "8010", "country": "AT"},
        "location": {"latitude": 47.07, "longitude": 15.44, "accuracyM": 10}, "tags": ["kiosk", "north"],
        "note": "Asks for the new price list; open until eight, ring twice.",
    }  # fmt: skip
    return Change(KEPT_ACCOUNT, uuid7(), Op.CREATE, fields)
