"""Steps are taken in time, once, and by whom they concern: up the line, past who is away, until somebody takes care."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from fieldbeat import records
from fieldbeat.escalation import actions, jobs, store
from fieldbeat.escalation.model import AcknowledgingNotYours
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.people.actions import deactivate_user
from fieldbeat.tickets.actions import add_message, assign_ticket, create_ticket, update_ticket
from fieldbeat.tickets.jobs import recalculate
from fieldbeat.tickets.model import TicketUnknown
from fieldbeat.tickets.policies import create_policy, update_policy
from fieldbeat.worktime.actions import set_leave
from fieldbeat.worktime.model import Leave, LeaveKind, LeavePart
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.waiting import until_it_waits
from fieldbeat_testing.world import Person, World

from .conftest import Opener


async def told(owner: Conn) -> list[tuple[str, int, str]]:
    """Who was told, by the minutes since the ticket was opened, the step, and the name."""
    rows = await owner.fetch(
        "select t.fields ->> 'subject' as subject, e.step, p.name from escalation e "
        "join ticket t on t.id = e.ticket_id join person p on p.id = e.user_id order by 1, 2, 3"
    )
    return [(row["subject"], row["step"], row["name"]) for row in rows]


async def test_each_step_tells_whom_it_concerns_once(db: Db, promised: World, opened: Opener, owner: Conn) -> None:
    await opened(20, 35, 50, 61)
    assert await jobs.sweep(db) == 1 + 2 + 3
    assert await jobs.sweep(db) == 0
    assert await told(owner) == [
        ("Leak 35", 0, "Nina"),
        ("Leak 50", 0, "Nina"), ("Leak 50", 1, "Nina"), ("Leak 50", 1, "Vera"),
        ("Leak 61", 0, "Nina"), ("Leak 61", 1, "Nina"), ("Leak 61", 1, "Vera"), ("Leak 61", 2, "Vera"),
    ]  # fmt: skip
    phone = await registered(db, promised.vera)
    await phone.pull()
    rows = [held.row for held in phone.held.values() if held.collection == "notification"]
    mine = [(row["title"], row["type"]) for row in rows if row["userId"] == str(promised.vera.id)]
    assert sorted(mine) == [("#3 Leak 50", "SLA_DUE"), ("#4 Leak 61", "SLA_BREACHED"), ("#4 Leak 61", "SLA_BREACHED")]


async def test_workers_side_by_side_take_each_step_once(db: Db, promised: World, opened: Opener, owner: Conn) -> None:
    await opened(*[61] * 40)
    taken = await asyncio.gather(*(jobs.escalate(db, promised.tenant_id) for _ in range(4)))
    assert sum(taken) == 40 * 3
    assert len(await told(owner)) == 40 * 4
    assert await owner.fetchval("select count(*) from notification") == 40 * 4
    assert await owner.fetchval("select count(*) from sla_step where taken_at is null and due_at <= now()") == 0


async def test_who_is_away_is_passed_over_and_a_whole_line_that_is_away_is_told_to_administrators(
    db: Db, promised: World, opened: Opener, owner: Conn
) -> None:
    today = datetime.now(UTC).date()
    leave = Leave(uuid7(), promised.nina.id, today - timedelta(1), today + timedelta(2), LeavePart.DAY, LeaveKind.SICK)
    async with records.writing(db, promised.tenant_id) as tx:
        await set_leave(tx, promised.adam.actor, leave)
    await opened(50)
    await jobs.sweep(db)
    assert await told(owner) == [("Leak 50", 0, "Vera"), ("Leak 50", 1, "Vera")]  # once a step, though she is both
    async with records.writing(db, promised.tenant_id) as tx:
        await deactivate_user(tx, promised.adam.actor, user_id=promised.vera.id)
    await opened(40)
    await jobs.sweep(db)
    assert ("Leak 40", 0, "Adam") in await told(owner)
    # Beyond the top of the line there are the administrators.
    await opened(60 + 61)
    await jobs.sweep(db)
    assert [each for each in await told(owner) if each[0] == "Leak 121" and each[1] == 3] == [("Leak 121", 3, "Adam")]


async def test_who_is_away_for_half_a_day_is_told_in_the_other_half(
    db: Db, promised: World, opened: Opener, owner: Conn
) -> None:
    now = datetime.now(UTC)  # the clock of the cast
    halves = [LeavePart.MORNING, LeavePart.AFTERNOON]
    here, away = halves if now.hour >= 12 else halves[::-1]
    for person, part in ((promised.nina, here), (promised.vera, away)):
        leave = Leave(uuid7(), person.id, now.date(), now.date() + timedelta(1), part, LeaveKind.VACATION)
        async with records.writing(db, promised.tenant_id) as tx:
            await set_leave(tx, promised.adam.actor, leave)
    await opened(50)
    await jobs.sweep(db)
    assert await told(owner) == [("Leak 50", 0, "Nina"), ("Leak 50", 1, "Nina")]


async def test_whoever_takes_care_stops_it(db: Db, promised: World, opened: Opener, owner: Conn) -> None:
    [ticket] = await opened(50)
    for person, refusal in ((promised.otto, TicketUnknown), (promised.nina, None)):
        async with records.writing(db, promised.tenant_id) as tx:
            if refusal:
                with pytest.raises(refusal):
                    await actions.acknowledge(tx, person.actor, ticket_id=ticket)
            else:
                await actions.acknowledge(tx, person.actor, ticket_id=ticket)
    assert await jobs.sweep(db) == 0
    assert await told(owner) == []
    assert await owner.fetchval("select count(*) from sla_step where taken_at is null and due_at <= now()") == 0


async def test_a_colleague_who_only_sees_the_ticket_does_not_stop_it(
    db: Db, promised: World, opened: Opener, owner: Conn
) -> None:
    [ticket] = await opened(50)
    async with records.writing(db, promised.tenant_id) as tx:
        await assign_ticket(tx, promised.vera.actor, ticket_id=ticket, assignee_id=promised.otto.id)
        with pytest.raises(AcknowledgingNotYours):
            await actions.acknowledge(tx, promised.nina.actor, ticket_id=ticket)


async def test_an_answer_or_a_new_deadline_takes_back_what_was_due(
    db: Db, promised: World, opened: Opener, owner: Conn
) -> None:
    answered, *_ = await opened(50, 35)
    async with records.writing(db, promised.tenant_id) as tx:
        await add_message(tx, promised.nina.actor, ticket_id=answered, body="On my way", public=True)
    await jobs.sweep(db)
    assert await told(owner) == [("Leak 35", 0, "Nina")]


async def test_a_stale_step_is_taken_without_effect(db: Db, promised: World, opened: Opener, owner: Conn) -> None:
    await opened(50)
    await owner.execute("update sla_clock set deadline_version = deadline_version + 1")
    assert await jobs.sweep(db) == 0
    assert await told(owner) == []
    assert await owner.fetchval("select count(*) from sla_step where taken_at is null and due_at <= now()") == 0


async def test_what_is_cut_off_in_between_is_done_again_as_a_whole(
    db: Db, promised: World, opened: Opener, owner: Conn, database: TestDatabase
) -> None:
    await opened(*[61] * 60)
    killer = await asyncpg.connect(database.superuser_url)
    cut = 0

    async def worker() -> None:
        nonlocal cut
        while await owner.fetchval("select exists (select from sla_step where taken_at is null and due_at <= now())"):
            try:
                await asyncio.wait_for(jobs.escalate(db, promised.tenant_id), timeout=5)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
                cut += 1

    async def trouble() -> None:
        for _ in range(6):
            await asyncio.sleep(0.02)
            await killer.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where usename = 'fieldbeat_app' and datname = current_database()"
            )

    await asyncio.gather(trouble(), worker())
    await killer.close()
    assert cut > 0
    assert len(await told(owner)) == 60 * 4
    assert await owner.fetchval("select count(*) from notification") == 60 * 4


async def test_a_step_whose_telling_fails_is_not_taken(
    db: Db, promised: World, opened: Opener, owner: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(50, 61)

    async def away(*_: object) -> int:
        raise ConnectionError("the database went away in the middle")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "tell", away)
        with pytest.raises(ConnectionError):
            await jobs.escalate(db, promised.tenant_id)
    assert await told(owner) == []
    assert await jobs.sweep(db) == 2 + 3
    assert len(await told(owner)) == 3 + 4


async def test_another_companys_steps_stay_there(db: Db, promised: World, opened: Opener, owner: Conn) -> None:
    await opened(50)
    stranger = UUID(int=7)
    assert await jobs.escalate(db, stranger) == 0
    assert await told(owner) == []


async def notified(owner: Conn, person: Person) -> list[str]:
    """What a person was told about changes."""
    rows = await owner.fetch(
        "select fields ->> 'body' as body from notification where user_id = $1 and fields ->> 'type' = 'SLA_BREACHED' "
        "and fields ->> 'body' like '%has changed%'",
        person.id,
    )
    return [row["body"] for row in rows]


async def test_who_answers_for_a_ticket_is_told_once_that_a_change_made_it_overdue(
    db: Db, harbour: World, owner: Conn
) -> None:
    minutes = {"NORMAL": 600, "HIGH": 40, "URGENT": 10}
    targets = [
        {"metric": metric, "priority": priority, "minutes": each}
        for metric in ("FIRST_RESPONSE", "RESOLUTION") for priority, each in minutes.items()
    ]  # fmt: skip
    async with records.writing(db, harbour.tenant_id) as tx:
        promise = {
            "name": "All",
            "targets": targets,
            "steps": [{"percent": 50, "plusMinutes": 0, "onlyBusinessHours": False, "levels": [1]}],
        }
        policy = await create_policy(tx, harbour.adam.actor, patch=promise, around_the_clock=True)
    tickets = []
    for priority in ("NORMAL", "HIGH"):
        patch = {"kind": "FAULT", "subject": "It leaks", "priority": priority}
        async with records.writing(db, harbour.tenant_id) as tx:
            at = tx.at - timedelta(minutes=15)
            made = await create_ticket(tx, harbour.vera.actor, account_id=UUID(harbour.lunch), at=at, patch=patch)
            tickets.append(made.record_id)
    await jobs.sweep(db)
    assert await notified(owner, harbour.nina) == []
    async with records.writing(db, harbour.tenant_id) as tx:
        await actions.acknowledge(tx, harbour.nina.actor, ticket_id=tickets[0])
    for priority in ("URGENT", "NORMAL", "URGENT"):  # both of its clocks, and again: it stays overdue by the first
        async with records.writing(db, harbour.tenant_id) as tx:
            await update_ticket(tx, harbour.vera.actor, ticket_id=tickets[0], patch={"priority": priority})
        await jobs.sweep(db)
    [body] = await notified(owner, harbour.nina)
    assert "overdue since" in body
    shorter = [{**each, "minutes": 5} if each["priority"] == "HIGH" else each for each in targets]
    async with records.writing(db, harbour.tenant_id) as tx:
        await update_policy(tx, harbour.adam.actor, policy_id=policy.id, patch={"targets": shorter})
    await recalculate(db)
    await asyncio.gather(*(jobs.escalate(db, harbour.tenant_id) for _ in range(3)))
    await jobs.sweep(db)
    assert len(await notified(owner, harbour.nina)) == 2
    for person in (harbour.vera, harbour.otto, harbour.adam):
        assert await notified(owner, person) == []


async def test_workers_side_by_side_tell_once_of_clocks_that_one_change_made_overdue(
    db: Db, harbour: World, owner: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has one of the ticket's two clocks, and neither sees what the other has not committed yet."""
    targets = [
        {"metric": metric, "priority": priority, "minutes": minutes}
        for metric in ("FIRST_RESPONSE", "RESOLUTION") for priority, minutes in (("NORMAL", 600), ("URGENT", 10))
    ]  # fmt: skip
    async with records.writing(db, harbour.tenant_id) as tx:
        patch = {"name": "All", "targets": targets, "steps": []}
        await create_policy(tx, harbour.adam.actor, patch=patch, around_the_clock=True)
        leak = {"kind": "FAULT", "subject": "It leaks"}
        at = tx.at - timedelta(minutes=15)
        ticket = await create_ticket(tx, harbour.vera.actor, account_id=UUID(harbour.lunch), at=at, patch=leak)
    async with records.writing(db, harbour.tenant_id) as tx:
        await update_ticket(tx, harbour.vera.actor, ticket_id=ticket.record_id, patch={"priority": "URGENT"})
    told_by_one, commits, note = asyncio.Event(), asyncio.Event(), store.note_escalations

    async def slowly(*args: Any) -> None:
        await note(*args)
        if not told_by_one.is_set():
            told_by_one.set()
            await commits.wait()

    monkeypatch.setattr(jobs, "STEPS_A_BATCH", 1)
    monkeypatch.setattr(store, "note_escalations", slowly)
    one = asyncio.create_task(jobs.escalate(db, harbour.tenant_id))
    await told_by_one.wait()
    other = asyncio.create_task(jobs.escalate(db, harbour.tenant_id))
    await until_it_waits(owner, other)
    commits.set()
    assert list(await asyncio.gather(one, other)) == [1, 1]
    assert len(await notified(owner, harbour.nina)) == 1
