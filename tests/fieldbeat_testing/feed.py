"""The proof of the feed (docs/protocol.md, "Feed"): writers that edit, move, delete and abort beside two readers.

The *device* pulls through the exchange in small pages and must hold, at every checkpoint, whatever was acknowledged
before it, and exactly what the server counts. The *auditor* compares, in one snapshot after another, every number ever
given out with the heads, the heads with a recount, and the feed with the records.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from fieldbeat import records
from fieldbeat.accounts.actions import reassign_account
from fieldbeat.accounts.replica import KEPT_ACCOUNT, KEPT_CONTACT
from fieldbeat.exchange.model import Pulled
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.refusal import Refusal
from fieldbeat.people.replica import KEPT_USER
from fieldbeat.records import Change, Changed, Tx
from fieldbeat.records.transaction import publish
from fieldbeat.territories.actions import assign_territory, create_territory
from fieldbeat_sync import scope
from fieldbeat_sync.schema import Op, Role
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.world import ALWAYS, Person

WRITERS = 8
ACCOUNTS_PER_SCOPE = 6
PAGE = 40
KINDS = frozenset({"skipped", "unlike", "hole", "recount", "past", "error"})

_NUMBERS = """
select h.scope_id, h.head, count(l.seq) as numbers, count(distinct l.seq) as different, coalesce(max(l.seq), 0) as last
from scope_head h left join feed_log l on l.tenant_id = h.tenant_id and l.scope_id = h.scope_id
where h.tenant_id = $1 group by h.scope_id, h.head order by h.scope_id
"""
_LIVE = "select scope_id, collection, record_id, rev from feed where tenant_id = $1 and kind = 'PUT' order by 1, 2, 3"
_HEADS = "select scope_id, live_rows, checksum from scope_head where tenant_id = $1 order by scope_id"
_RECORDS = """
select 'territory:' || a.territory_id as scope_id, 'account' as collection, a.id as record_id, a.rev
from account a where a.tenant_id = $1 and a.deleted_at is null
union all
select 'territory:' || a.territory_id, 'contact', c.id, c.rev
from contact c join account a on a.tenant_id = c.tenant_id and a.id = c.account_id
where c.tenant_id = $1 and c.deleted_at is null
union all
select 'territory:' || coalesce(a.territory_id, b.territory_id), 'conflict', f.id, f.rev
from conflict f
left join account a on a.tenant_id = f.tenant_id and a.id = f.record_id
left join contact c on c.tenant_id = f.tenant_id and c.id = f.record_id
left join account b on b.tenant_id = c.tenant_id and b.id = c.account_id
where f.tenant_id = $1 and coalesce(a.id, b.id) is not null
order by 1, 2, 3
"""


class Key(NamedTuple):
    """A record on the wire."""

    collection: str
    id: str


class Company(NamedTuple):
    """Who and what a proof works on."""

    adam: Person
    people: Sequence[Person]
    territories: Sequence[UUID]
    accounts: list[UUID]
    contacts: list[UUID]


class Finding(NamedTuple):
    """What contradicts the proof.

    Kinds: skipped (acknowledged, and the device was not told), unlike (device and server count differently), hole (the
    numbers), recount (the heads), past (feed and records differ), error.
    """

    kind: str
    what: str


@dataclass
class Proof:
    """One run: what writers were told, what readers found."""

    db: Db
    adam: Person
    people: Sequence[Person]
    territories: Sequence[UUID]
    accounts: list[UUID]
    contacts: list[UUID]
    commits_wanted: int
    seed: int
    only: frozenset[str] = KINDS
    commits: int = 0
    aborts: int = 0
    checkpoints: int = 0
    snapshots: int = 0
    acknowledged: dict[Key, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def tenant_id(self) -> UUID:
        """The company."""
        return self.adam.actor.tenant_id

    @property
    def is_over(self) -> bool:
        """Whether there were enough commits, or something was found."""
        return self.commits >= self.commits_wanted or bool(self.findings)

    def find(self, kind: str, what: str) -> None:
        """Notes what contradicts the proof."""
        if kind in self.only:
            self.findings.append(Finding(kind, what))

    def acknowledge(self, collection: str, changed: Sequence[Changed]) -> None:
        """The database has said that these were committed."""
        for each in changed:
            if collection == "account" and each.rev == 1:
                self.accounts.append(each.record_id)
            key = Key(collection, str(each.record_id))
            self.acknowledged[key] = max(each.rev, self.acknowledged.get(key, 0))


async def prove(db: Db, owner_url: str, *, scopes: int, commits: int, seed: int = 1, only: Set[str] = KINDS) -> Proof:
    """Runs writers and readers until `commits` were made to `scopes` scopes; the findings are the answer.

    Needs the log of `fieldbeat_testing.witnesses`. `only` these kinds of findings count.
    """
    proof = Proof(db, *await founded(db, scopes=scopes), commits, seed, frozenset(only))
    owner = await asyncpg.connect(owner_url)
    device = Held(proof, await registered(db, proof.adam))
    readers = [asyncio.create_task(_pulling(proof, device)), asyncio.create_task(_auditing(proof, owner))]
    await asyncio.gather(*(_writing(proof, random.Random(f"{seed}-{n}")) for n in range(WRITERS)))
    await asyncio.gather(*readers)
    if not proof.findings:
        await device.checkpoint()
        await audit(proof, owner)
    await owner.close()
    return proof


async def founded(db: Db, *, scopes: int) -> Company:
    """Opens a company whose people never sign in, with some accounts and contacts in each of `scopes` territories."""
    tenant_id = uuid7()
    adam, *people = (Person(id_, "", Actor(tenant_id, id_, Role.ADMIN)) for id_ in (uuid7(), uuid7(), uuid7()))
    async with records.writing(db, tenant_id) as tx:
        await tx.conn.execute("select create_tenant($1, 'Acme', false)", tenant_id)
        hired = [
            Change(KEPT_USER, each.id, Op.CREATE, {"name": "Ann", "email": f"{each.id}@acme.example", "role": "ADMIN"})
            for each in (adam, *people)
        ]
        await records.change(tx, adam.actor, hired)
        territories = [await _covered(tx, adam, people[n % 2], f"Area {n}") for n in range(scopes)]
        accounts = [new_account(people[n % 2], territories[n % scopes]) for n in range(scopes * ACCOUNTS_PER_SCOPE)]
        await records.change(tx, adam.actor, accounts)
        contacts = [new_contact(each.record_id) for each in accounts[::2]]
        await records.change(tx, adam.actor, contacts)
    ids = [[each.record_id for each in some] for some in (accounts, contacts)]
    return Company(adam, people, territories, *ids)


async def _covered(tx: Tx, adam: Person, person: Person, name: str) -> UUID:
    made = await create_territory(tx, adam.actor, name=name)
    await assign_territory(tx, adam.actor, territory_id=made.id, user_id=person.id, from_on=ALWAYS)
    return made.id


def new_account(owner: Person, home: UUID) -> Change:
    """An account of this owner in this territory, under a new id."""
    placed = {"ownerId": str(owner.id), "territoryId": str(home)}
    return Change(KEPT_ACCOUNT, uuid7(), Op.CREATE, {"name": "Shop", **placed})


def new_contact(account: UUID) -> Change:
    """A contact of this account, under a new id."""
    return Change(KEPT_CONTACT, uuid7(), Op.CREATE, {"accountId": str(account), "name": "Kim"})


class _Aborted(Exception):
    """A writer changes its mind."""


async def _writing(proof: Proof, chance: random.Random) -> None:
    """One writer: one transaction after another, some of which are taken back at various points."""
    while not proof.is_over:
        try:
            async with records.writing(proof.db, proof.tenant_id) as tx:
                collection, changed = await _edit(proof, tx, chance)
                if chance.random() < 0.05:
                    raise _Aborted
                if chance.random() < 0.25:  # the heads are raised and held for a while before the transaction ends
                    await publish(tx)
                    await asyncio.sleep(chance.random() * 0.004)
                    if chance.random() < 0.3:
                        raise _Aborted
        except (_Aborted, records.ChangeRefused) as end:
            proof.aborts += 1
            if isinstance(end, records.ChangeRefused) and end.code != "DELETED":
                proof.find("error", f"{end.code}: {end}")
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            proof.find("error", f"{type(error).__name__}: {error}")
        else:
            proof.commits += 1
            proof.acknowledge(collection, changed)


async def _edit(proof: Proof, tx: Tx, chance: random.Random) -> tuple[str, list[Changed]]:
    """What one transaction does."""
    adam, draw = proof.adam.actor, chance.random()
    account = chance.choice(proof.accounts)
    if draw < 0.04:
        new = new_account(chance.choice(proof.people), chance.choice(proof.territories))
        return "account", await records.change(tx, adam, [new])
    if draw < 0.14 and len(proof.territories) > 1:
        person, home = chance.choice(proof.people), chance.choice(proof.territories)
        moved = await _reassigned(tx, adam, account, person, home)
        return "account", moved
    if draw < 0.16 and len(proof.accounts) > ACCOUNTS_PER_SCOPE // 2:
        proof.accounts.remove(account)  # few go on with it: an edit that has seen the delete is refused
        return "account", await records.change(tx, adam, [Change(KEPT_ACCOUNT, account, Op.DELETE, {})])
    if draw < 0.35:
        edit = Change(KEPT_CONTACT, chance.choice(proof.contacts), Op.UPDATE, {"note": str(draw)})
        return "contact", await records.change(tx, adam, [edit])
    chosen = chance.sample(proof.accounts, chance.choice((1, 1, 1, 2, 3)))
    base = {each: 1 if chance.random() < 0.1 else None for each in chosen}  # rev 1 is old: a conflict, or a revival
    edits = [Change(KEPT_ACCOUNT, each, Op.UPDATE, {"note": str(draw)}, base[each]) for each in chosen]
    return "account", await records.change(tx, adam, edits)


async def _reassigned(tx: Tx, adam: Actor, account: UUID, person: Person, home: UUID) -> list[Changed]:
    try:
        return [await reassign_account(tx, adam, account_id=account, owner_id=person.id, territory_id=home)]
    except records.ChangeRefused:
        raise
    except Refusal as unknown:  # it was deleted
        raise _Aborted from unknown


@dataclass
class Held:
    """A device: what it holds, and the newest rev of each record that it was told of."""

    proof: Proof
    pusher: Pusher
    rows: dict[Key, tuple[int, set[str]]] = field(default_factory=dict)
    told: dict[Key, int] = field(default_factory=dict)

    async def checkpoint(self) -> None:
        """Pulls until nothing is left, and compares."""
        while True:
            before = dict(self.proof.acknowledged)
            page = await self.pusher.page(limit=PAGE)
            if page.problem is not None:
                self.proof.find("error", str(page.problem))
                return
            self.pusher.cursor = page.cursor
            for entry in orjson.loads(page.changes):
                self._take(entry)
            if not page.has_more:
                self._compare(before, page)
                self.proof.checkpoints += 1
                return

    def _take(self, entry: Mapping[str, Any]) -> None:
        key = Key(entry["collection"], entry["id"])
        self.told[key] = max(entry["rev"], self.told.get(key, 0))
        rev, scopes = self.rows.pop(key, (0, set[str]()))
        if entry["kind"] == "PUT":
            self.rows[key] = (max(rev, entry["rev"]), scopes | {entry["scope"]})
        elif entry["kind"] == "EVICT" and scopes - {entry["scope"]}:
            self.rows[key] = (rev, scopes - {entry["scope"]})

    def _compare(self, acknowledged: Mapping[Key, int], page: Pulled) -> None:
        for key, rev in acknowledged.items():
            if self.told.get(key, 0) < rev:
                self.proof.find("skipped", f"{key} is at rev {rev}, the device was told {self.told.get(key)}")
        held: dict[str, list[int]] = defaultdict(list)
        for key, (rev, scopes) in self.rows.items():
            for scope_id in scopes:
                held[scope_id].append(scope.row_hash(key.collection, key.id, rev))
        for state in page.scopes or ():
            own = held[state.id]
            if (state.rows, state.checksum) != (len(own), scope.checksum(own)):
                self.proof.find("unlike", f"{state.id} counts {state.rows} rows at {state.head}, the device {len(own)}")


async def _pulling(proof: Proof, device: Held) -> None:
    while not proof.is_over:
        await device.checkpoint()
        await asyncio.sleep(0.002)


async def _auditing(proof: Proof, owner: Conn) -> None:
    while not proof.is_over:
        await audit(proof, owner)
        await asyncio.sleep(0.05)


async def audit(proof: Proof, owner: Conn) -> None:
    """One snapshot, looked at from all sides."""
    tenant_id = proof.tenant_id
    async with owner.transaction(isolation="repeatable_read", readonly=True):
        numbers = await owner.fetch(_NUMBERS, tenant_id)
        live = [tuple(row) for row in await owner.fetch(_LIVE, tenant_id)]
        heads = {row["scope_id"]: (row["live_rows"], row["checksum"]) for row in await owner.fetch(_HEADS, tenant_id)}
        stored = [tuple(row) for row in await owner.fetch(_RECORDS, tenant_id)]
    for row in numbers:
        if len({row["head"], row["numbers"], row["different"], row["last"]}) > 1:
            proof.find("hole", str(dict(row)))
    counted = {scope_id: [entry for entry in live if entry[0] == scope_id] for scope_id in heads}
    for scope_id, entries in counted.items():
        sum_ = sum(scope.row_hash(*entry[1:]) for entry in entries) % scope.MODULUS
        if heads[scope_id] != (len(entries), sum_):
            proof.find("recount", f"{scope_id} says {heads[scope_id]} and has {len(entries)} rows")
    in_territories = {entry for entry in live if entry[0].startswith("territory:")}
    for entry in sorted(in_territories ^ set(stored)):
        proof.find("past", f"feed and records differ in {entry}")
    proof.snapshots += 1
