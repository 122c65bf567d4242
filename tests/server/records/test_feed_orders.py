"""Two to eight transactions in every order of their steps, or in some, with a pull behind each step: nothing is missed,
nothing is left behind, nobody waits for ever."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias
from uuid import UUID

import asyncpg
import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import reassign_account
from fieldbeat.accounts.replica import KEPT_ACCOUNT, KEPT_CONTACT
from fieldbeat.kit.db import Conn, Db, open_db
from fieldbeat.kit.refusal import Refusal
from fieldbeat.records import Change, Changed, Tx
from fieldbeat.records.transaction import publish
from fieldbeat_sync.schema import Op
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.feed import Company, Held, Proof, audit, founded, new_account, new_contact
from fieldbeat_testing.interleaving import Actor, Step, orders, play, sampled
from fieldbeat_testing.naive_feed import plant_naive_feed
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.witnesses import install_log


class Scene(NamedTuple):
    """What a story is about: an account with a contact and a conflict in the first territory, another in the second."""

    company: Company
    first: UUID
    contact: UUID
    second: UUID


Verb: TypeAlias = Callable[[Tx, Scene], Awaitable[tuple[str, Sequence[Changed]]]]


def edit(*which: str, note: str) -> Verb:
    """An edit of some of the scene's records, in this order."""

    async def verb(tx: Tx, scene: Scene) -> tuple[str, Sequence[Changed]]:
        kept = KEPT_CONTACT if which == ("contact",) else KEPT_ACCOUNT
        changes = [Change(kept, getattr(scene, each), Op.UPDATE, {"note": note}, None) for each in which]
        return kept.schema.name, await records.change(tx, scene.company.adam.actor, changes)

    return verb


def hire() -> Verb:
    """A new contact of the first account."""

    async def verb(tx: Tx, scene: Scene) -> tuple[str, Sequence[Changed]]:
        return "contact", await records.change(tx, scene.company.adam.actor, [new_contact(scene.first)])

    return verb


def move(to: int) -> Verb:
    """The first account goes to another territory."""

    async def verb(tx: Tx, scene: Scene) -> tuple[str, Sequence[Changed]]:
        adam, *_ = scene.company
        moved = await reassign_account(
            tx, adam.actor, account_id=scene.first, owner_id=adam.id, territory_id=scene.company.territories[to]
        )
        return "account", [moved]

    return verb


def open_in(*homes: int) -> Verb:
    """New accounts in some territories, in this order."""

    async def verb(tx: Tx, scene: Scene) -> tuple[str, Sequence[Changed]]:
        adam, people, territories, *_ = scene.company
        changes = [new_account(people[0], territories[home]) for home in homes]
        return "account", [each for one in changes for each in await records.change(tx, adam.actor, [one])]

    return verb


def delete() -> Verb:
    """The first account goes, whatever others did to it."""

    async def verb(tx: Tx, scene: Scene) -> tuple[str, Sequence[Changed]]:
        gone = Change(KEPT_ACCOUNT, scene.first, Op.DELETE, {}, 1)
        return "account", await records.change(tx, scene.company.adam.actor, [gone])

    return verb


STORIES: Mapping[str, tuple[Verb, Verb]] = {
    "both edit one account": (edit("first", note="a"), edit("first", note="b")),
    "both write to two scopes, in opposite order": (open_in(0, 1), open_in(1, 0)),
    "one moves the account whose contact the other edits": (move(1), edit("contact", note="b")),
    "both move one account": (move(1), move(2)),
}
MORE_STORIES: Mapping[str, tuple[Verb, Verb]] = {
    "both edit two accounts, in opposite order": (edit("first", "second", note="a"), edit("second", "first", note="b")),
    "one moves the account to which the other adds a contact": (move(1), hire()),
    "one moves the account that the other edits": (move(1), edit("first", note="b")),
    "one deletes the account that the other edits": (delete(), edit("first", note="b")),
    "one deletes the account to which the other adds a contact": (delete(), hire()),
    "one deletes the account that the other moves": (delete(), move(1)),
}


NAMES = "abcdefgh"
CROWD: Sequence[Verb] = (
    move(1), edit("second", "first", note="b"), edit("contact", note="c"), hire(), open_in(1, 0), move(2), delete(),
    edit("first", note="h"),
)  # fmt: skip


@dataclass
class Writer:
    """One transaction on a connection of its own, taken step by step."""

    db: Db
    proof: Proof
    scene: Scene
    verb: Verb
    commits: bool = True
    open: AbstractAsyncContextManager[Tx] | None = None
    tx: Tx | None = None
    changed: tuple[str, Sequence[Changed]] = ("", ())

    async def begin(self) -> None:
        self.open = records.writing(self.db, self.proof.tenant_id)
        self.tx = await self.open.__aenter__()

    async def write(self) -> None:
        if self.tx is None:
            await self.begin()
        assert self.tx is not None
        try:
            self.changed = await self.verb(self.tx, self.scene)
        except Refusal:  # the other one was faster; an edge would take it back as well
            self.commits = False

    async def publish(self) -> None:
        assert self.tx is not None
        await publish(self.tx)

    async def end(self) -> None:
        assert self.open is not None
        if self.commits:
            await self.open.__aexit__(None, None, None)
            self.proof.acknowledge(*self.changed)
        else:
            away = asyncio.CancelledError()
            await self.open.__aexit__(type(away), away, None)

    def steps(self, *, with_begin: bool) -> list[Step]:
        return [*([self.begin] if with_begin else []), self.write, self.publish, self.end]


@dataclass
class Stage:
    """Where stories are played: connections, a company, the poller, and whoever looks at locks."""

    db: Db
    owner: Conn
    actors: Sequence[Db]
    company: Company = field(init=False)
    proof: Proof = field(init=False)
    device: Held = field(init=False)

    async def found(self) -> None:
        """A fresh company: comparing all of it behind each step takes the longer the more it has."""
        self.company = await founded(self.db, scopes=3)
        self.proof = Proof(self.db, *self.company, 0, 0)
        self.device = Held(self.proof, await registered(self.db, self.company.adam))

    async def scene(self) -> Scene:
        """Two fresh accounts, the first with a contact and a conflict."""
        adam, people, territories, *_ = self.company
        first, second = new_account(people[0], territories[0]), new_account(people[1], territories[1])
        contact = new_contact(first.record_id)
        async with records.writing(self.db, self.proof.tenant_id) as tx:
            await records.change(tx, adam.actor, [first, second, contact])
            for note in ("old", "older"):
                stale = Change(KEPT_ACCOUNT, first.record_id, Op.UPDATE, {"phone": note}, 1)
                await records.change(tx, adam.actor, [stale])
        return Scene(self.company, first.record_id, contact.record_id, second.record_id)

    async def play(
        self, order: Sequence[str], verbs: Sequence[Verb], *, commit: Sequence[bool] = (True,) * 8, begin: bool = False
    ) -> int:
        """One order of one story; the findings go to the proof. Returns how often somebody had to wait."""
        scene = await self.scene()
        actors = {}
        for n, (db, verb) in enumerate(zip(self.actors, verbs, strict=False)):
            writer = Writer(db, self.proof, scene, verb, commit[n])
            actors[NAMES[n]] = Actor(writer.steps(with_begin=begin), await db.pool.fetchval("select pg_backend_pid()"))
        waited = await play(order, actors, self.owner, between=self.device.checkpoint)
        await audit(self.proof, self.owner)
        return waited


@pytest.fixture
async def stage(db: Db, database: TestDatabase) -> AsyncIterator[Stage]:
    owner = await asyncpg.connect(database.owner_url)
    await install_log(owner)
    actors = [await open_db(database.app_url, size=1) for _ in NAMES]
    stage = Stage(db, owner, actors)
    await stage.found()
    yield stage
    for actor in actors:
        actor.pool.terminate()
    await owner.close()


@pytest.mark.parametrize("story", STORIES.values(), ids=list(STORIES))
async def test_nothing_is_missed_in_any_order_of(stage: Stage, story: tuple[Verb, Verb]) -> None:
    waited = 0
    for order in orders({"a": 3, "b": 3}):
        waited += await stage.play(order, story)
        assert stage.proof.findings == [], order
    assert waited, "these transactions never met"


async def test_what_is_taken_back_after_it_was_published_leaves_no_hole_in_any_order(stage: Stage) -> None:
    for order in orders({"a": 3, "b": 3}):
        await stage.play(order, STORIES["both edit one account"], commit=(False, True))
        assert stage.proof.findings == [], order


async def test_some_orders_find_out_a_feed_numbered_by_a_sequence(
    stage: Stage, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant_naive_feed(monkeypatch, database.owner_url)
    stage.proof.only = frozenset({"skipped"})
    found_out = set()
    for order in orders({"a": 3, "b": 3}):
        await stage.play(order, (edit("first", note="a"), open_in(0)))
        if stage.proof.findings:
            found_out.add("".join(order))
            stage.proof.findings.clear()
            stage.proof.acknowledged.clear()
    assert "aabbba" in found_out  # published, overtaken by one that commits first, and never seen
    assert "aaabbb" not in found_out


@pytest.mark.parametrize("count", [4, 6, 8])
async def test_nothing_is_missed_in_some_orders_of_many(stage: Stage, count: int) -> None:
    await _play_some(stage, count, orders_max=4)


@pytest.mark.large
@pytest.mark.parametrize("count", [4, 5, 6, 7, 8])
async def test_nothing_is_missed_in_more_orders_of_many(stage: Stage, count: int) -> None:
    await _play_some(stage, count, orders_max=40)


async def _play_some(stage: Stage, count: int, *, orders_max: int) -> None:
    """Whoever begins, writes, publishes and ends when; every other time one of them takes it back at the end."""
    draw = random.Random(count)
    for n, order in enumerate(sampled(dict.fromkeys(NAMES[:count], 4), draw, count=orders_max)):
        if n % 20 == 0:
            await stage.found()
        gone = draw.randrange(2 * count)
        await stage.play(order, CROWD[:count], commit=[each != gone for each in range(count)], begin=True)
        assert stage.proof.findings == [], (order, gone)


@pytest.mark.large
@pytest.mark.parametrize("story", [*STORIES.values(), *MORE_STORIES.values()], ids=[*STORIES, *MORE_STORIES])
async def test_nothing_is_missed_wherever_a_transaction_begins(stage: Stage, story: tuple[Verb, Verb]) -> None:
    for n, order in enumerate(orders({"a": 4, "b": 4})):
        if n % 20 == 0:
            await stage.found()
        for commit in ((True, True), (False, True)):
            await stage.play(order, story, commit=commit, begin=True)
            assert stage.proof.findings == [], (order, commit)


@pytest.mark.large
async def test_nothing_is_missed_in_400_of_the_1680_orders_of_three(stage: Stage) -> None:
    verbs = (move(1), edit("second", "first", note="b"), edit("contact", note="c"))
    for n, order in enumerate(random.Random(3).sample(list(orders({"a": 3, "b": 3, "c": 3})), 400)):
        if n % 60 == 0:
            await stage.found()
        await stage.play(order, verbs)
        assert stage.proof.findings == [], order
