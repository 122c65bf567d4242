"""Clocks of real tickets: the promised deadlines, over histories placed in time, over phones, and over changes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import create_contact
from fieldbeat.kit.db import Conn, Db
from fieldbeat.outbox.jobs import perform
from fieldbeat.outbox.model import DueEffect
from fieldbeat.tickets import actions, jobs, policies
from fieldbeat.tickets.clock_store import clocks_of
from fieldbeat.tickets.clocks import breached_at, elapsed_of, state_of
from fieldbeat.tickets.promise import Clock, SlaMetric, SlaState
from fieldbeat.tickets.reads import clocks_of_tickets
from fieldbeat.worktime.actions import set_business_hours
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
WEEK = [
    {"weekday": day, "from": from_, "until": until}
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
    for from_, until in (("09:00", "12:00"), ("13:30", "18:00"))
]
OFFICE = {
    "timeZone": "Asia/Shanghai",
    "weekly": WEEK,
    "closed": [f"2026-10-0{day}" for day in range(1, 8)],
    "open": [{"on": "2026-10-10", "from": each["from"], "until": each["until"]} for each in WEEK[:2]],
}
FIRST, RESOLUTION = SlaMetric.FIRST_RESPONSE, SlaMetric.RESOLUTION


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def targets(**minutes: int) -> list[dict[str, Any]]:
    return [
        {"metric": metric, "priority": priority, "minutes": count}
        for metric, count in minutes.items()
        for priority in ("LOW", "NORMAL", "HIGH", "URGENT")
    ]


class Desk:
    """Adam's desk: he promises, opens tickets in the past, and looks at their clocks."""

    def __init__(self, db: Db, world: World) -> None:
        self.db, self.world, self.actor = db, world, world.adam.actor

    async def hours(self, **fields: Any) -> UUID:
        async with records.writing(self.db, self.actor.tenant_id) as tx:
            return (await set_business_hours(tx, self.actor, patch={**OFFICE, **fields})).id

    async def promise(self, *, around_the_clock: bool = False, **fields: Any) -> UUID:
        patch = {"name": "All", **fields}
        async with records.writing(self.db, self.actor.tenant_id) as tx:
            return (await policies.create_policy(tx, self.actor, patch=patch, around_the_clock=around_the_clock)).id

    async def opened(self, at: datetime | None = None, **fields: Any) -> UUID:
        patch = {"kind": "FAULT", "subject": "It leaks", **fields}
        async with records.writing(self.db, self.actor.tenant_id) as tx:
            account_id = UUID(self.world.lunch)
            return (await actions.create_ticket(tx, self.actor, account_id=account_id, patch=patch, at=at)).record_id

    async def change(self, id: UUID, at: datetime | None = None, **patch: Any) -> None:
        async with records.writing(self.db, self.actor.tenant_id) as tx:
            await actions.update_ticket(tx, self.actor, ticket_id=id, patch=patch, at=at)

    async def says(self, id: UUID, at: datetime | None = None, *, contact_id: UUID | None = None) -> None:
        async with records.writing(self.db, self.actor.tenant_id) as tx:
            await actions.add_message(
                tx, self.actor, ticket_id=id, body="Hello", public=True, contact_id=contact_id, at=at
            )

    async def contact(self) -> UUID:
        async with records.writing(self.db, self.actor.tenant_id) as tx:
            patch, account_id = {"name": "Ann"}, UUID(self.world.lunch)
            return (await create_contact(tx, self.actor, account_id=account_id, patch=patch)).record_id

    async def clocks(self, id: UUID) -> dict[SlaMetric, Clock]:
        """The newest of each metric; first of all the cache must be what the events give."""
        assert await jobs.wrong_clocks(self.db, self.actor.tenant_id, [id]) == []
        async with self.db.reading(self.actor.tenant_id) as conn:
            kept = await clocks_of(conn, self.actor.tenant_id, [id])
        return {each.clock.metric: each.clock for each in reversed(kept)}

    async def shown(self, id: UUID, metric: SlaMetric, now: datetime) -> tuple[SlaState, int, datetime | None]:
        async with self.db.reading(self.actor.tenant_id) as conn:
            found = (await clocks_of_tickets(conn, self.actor, [id]))[id]
        clock, hours = next((clock, hours) for clock, hours in found if clock.metric is metric)
        return state_of(clock, now), elapsed_of(clock, hours, now) // MINUTE, breached_at(clock, now)


@pytest.fixture
def desk(db: Db, harbour: World) -> Desk:
    return Desk(db, harbour)


@pytest.mark.parametrize(
    ("opened", "minutes", "deadline"),
    [
        ("2026-09-30T17:00", 240, "2026-10-08T12:00"),
        ("2026-10-09T17:00", 120, "2026-10-10T10:00"),
    ],
)
async def test_the_promised_deadlines_hold_over_tickets_placed_in_time(
    desk: Desk, opened: str, minutes: int, deadline: str
) -> None:
    await desk.hours()
    await desk.promise(targets=targets(FIRST_RESPONSE=minutes, RESOLUTION=minutes))
    ticket = await desk.opened(local(opened))
    clocks = await desk.clocks(ticket)
    assert {metric: clock.deadline for metric, clock in clocks.items()} == dict.fromkeys(
        (FIRST, RESOLUTION), local(deadline)
    )


async def test_only_business_time_inside_a_pause_extends(desk: Desk) -> None:
    await desk.hours()
    await desk.promise(targets=targets(RESOLUTION=240, FIRST_RESPONSE=240))
    ticket = await desk.opened(local("2026-09-30T17:00"))
    await desk.change(ticket, local("2026-09-30T18:00"), status="PENDING_CUSTOMER")
    assert (await desk.clocks(ticket))[RESOLUTION].deadline is None
    await desk.change(ticket, local("2026-10-08T09:00"), status="OPEN")  # wholly outside of business time: adds nothing
    assert (await desk.clocks(ticket))[RESOLUTION].deadline == local("2026-10-08T12:00")
    await desk.change(ticket, local("2026-10-08T11:00"), status="ON_HOLD")
    await desk.change(ticket, local("2026-10-08T14:00"), status="OPEN")  # an hour, and half an hour behind lunch
    clocks = await desk.clocks(ticket)
    assert clocks[RESOLUTION].deadline == local("2026-10-08T15:00")
    assert clocks[FIRST].deadline == local("2026-10-08T12:00")  # the customer's wait does not pause
    await desk.change(ticket, local("2026-10-08T14:30"), status="RESOLVED")
    state, elapsed, broken = await desk.shown(ticket, RESOLUTION, local("2026-10-09T09:00"))
    assert (state, elapsed, broken) == (SlaState.MET, 210, None)
    await desk.change(ticket, local("2026-10-08T17:00"), status="OPEN")  # reopened: half an hour is left
    assert (await desk.clocks(ticket))[RESOLUTION].deadline == local("2026-10-08T17:30")
    assert (await desk.shown(ticket, RESOLUTION, local("2026-10-08T18:00")))[2] == local("2026-10-08T17:30")


async def test_a_change_keeps_the_time_behind_it_and_never_erases_a_breach(desk: Desk) -> None:
    await desk.hours()
    low = {"metric": "RESOLUTION", "priority": "LOW", "minutes": 600}
    await desk.promise(targets=[low, {"metric": "RESOLUTION", "priority": "URGENT", "minutes": 60}])
    ticket = await desk.opened(local("2026-10-08T09:00"), priority="LOW")
    await desk.change(ticket, local("2026-10-08T11:00"), priority="URGENT")
    clock = (await desk.clocks(ticket))[RESOLUTION]
    assert (clock.breached_at, clock.breached_by_change) == (local("2026-10-08T11:00"), True)
    await desk.change(ticket, local("2026-10-08T11:30"), priority="LOW")
    state, elapsed, broken = await desk.shown(ticket, RESOLUTION, local("2026-10-08T12:00"))
    assert (state, elapsed, broken) == (SlaState.BREACHED, 180, local("2026-10-08T11:00"))


async def test_answers_end_what_customers_begin(desk: Desk) -> None:
    await desk.hours()
    await desk.promise(targets=targets(FIRST_RESPONSE=60, NEXT_RESPONSE=60, PERIODIC_UPDATE=120))
    ann, ticket = await desk.contact(), await desk.opened(local("2026-10-08T09:00"))
    await desk.says(ticket, local("2026-10-08T09:30"), contact_id=ann)
    await desk.says(ticket, local("2026-10-08T09:45"), contact_id=ann)
    clocks = await desk.clocks(ticket)
    assert {clock.deadline for clock in clocks.values()} == {
        local("2026-10-08T10:00"), local("2026-10-08T10:30"), local("2026-10-08T11:00"),
    }  # fmt: skip
    await desk.says(ticket, local("2026-10-08T10:10"))
    now = local("2026-10-08T10:30")
    assert (await desk.shown(ticket, FIRST, now))[::2] == (SlaState.BREACHED, local("2026-10-08T10:00"))
    assert (await desk.shown(ticket, SlaMetric.NEXT_RESPONSE, now))[:2] == (SlaState.MET, 40)
    update = (await desk.clocks(ticket))[SlaMetric.PERIODIC_UPDATE]
    assert (update.instance, update.deadline) == (2, local("2026-10-08T13:40"))


@pytest.mark.parametrize(
    ("boot", "claimed", "state"),
    [("boot", timedelta(0), SlaState.RETRACTED), ("", timedelta(0), SlaState.BREACHED),
     ("", timedelta(hours=-9), SlaState.BREACHED), ("boot", timedelta(hours=-9), SlaState.RETRACTED)],
)  # fmt: skip
async def test_what_was_done_offline_counts_when_its_time_is_trusted(
    desk: Desk, harbour: World, owner: Conn, boot: str, claimed: timedelta, state: SlaState
) -> None:
    """Opened three hours ago, two hours promised; resolved a little in time, without network, and synced now.

    A calendar that was set back proves nothing and gains nothing; the time since boot does.
    """
    await desk.promise(targets=targets(RESOLUTION=120), around_the_clock=True)
    ticket = await desk.opened(datetime.now(UTC) - timedelta(hours=3))
    now = datetime.now(UTC)
    # The server had it since then: no edit of what was seen can be older than that.
    await owner.execute("update ticket set created_at = $1, changed_at = $1", now - timedelta(hours=3))
    await owner.execute("update field_write set applied_at = $1 where collection = 'ticket'", now - timedelta(hours=3))
    assert (await desk.shown(ticket, RESOLUTION, now))[0] is SlaState.BREACHED
    nina: Pusher = await registered(desk.db, harbour.nina)
    ago, uptime = timedelta(hours=1, minutes=5), 9e6
    clocks = {"uptime_ms": uptime - ago / timedelta(milliseconds=1), "boot_id": "b"} if boot else {}
    made = nina.update("ticket", ticket, {"status": "RESOLVED"}, base_rev=1, at=now - ago + claimed, **clocks)
    await nina.push(made, uptime_ms=uptime if boot else None, boot_id="b" if boot else None)
    clock = (await desk.clocks(ticket))[RESOLUTION]
    assert state_of(clock, datetime.now(UTC)) is state
    if boot:
        assert clock.ended_at is not None
        assert abs(clock.ended_at - (now - ago)) < timedelta(seconds=5)
        assert clock.retracted_at is not None
        assert clock.retracted_at > clock.ended_at
    else:
        assert clock.retracted_at is None
        assert clock.unverified_at is not None
        assert clock.ended_at is not None
        assert clock.unverified_at < clock.ended_at


@pytest.mark.parametrize(
    ("answered", "state"), [("2026-10-08T10:00", SlaState.MET), ("2026-10-08T10:01", SlaState.BREACHED)]
)
async def test_an_answer_at_the_deadline_keeps_it(desk: Desk, answered: str, state: SlaState) -> None:
    await desk.hours()
    await desk.promise(targets=targets(FIRST_RESPONSE=60))
    ticket = await desk.opened(local("2026-10-08T09:00"))
    assert (await desk.shown(ticket, FIRST, local("2026-10-08T10:00")))[0] is SlaState.RUNNING
    await desk.says(ticket, local(answered))
    assert (await desk.shown(ticket, FIRST, local("2026-10-08T11:00")))[0] is state


async def test_a_policy_is_chosen_by_its_conditions_in_order(desk: Desk) -> None:
    await desk.promise(position=2, targets=targets(RESOLUTION=500), around_the_clock=True)
    await desk.promise(position=1, targets=targets(RESOLUTION=50), around_the_clock=True,
                       conditions={"kinds": ["COMPLAINT"], "priorities": ["HIGH", "URGENT"]})  # fmt: skip
    await desk.promise(position=0, targets=targets(RESOLUTION=5), around_the_clock=True,
                       conditions={"tiers": ["VIP"], "accountTags": ["old"]})  # fmt: skip

    async def target(**fields: Any) -> Any:
        return (await desk.clocks(await desk.opened(**fields)))[RESOLUTION].target

    assert await target() == 500 * MINUTE
    assert await target(kind="COMPLAINT", priority="HIGH") == 50 * MINUTE
    ticket = await desk.opened(kind="COMPLAINT")
    await desk.change(ticket, priority="URGENT")
    assert (await desk.clocks(ticket))[RESOLUTION].target == 50 * MINUTE
    await desk.promise(position=1, targets=targets(RESOLUTION=30), around_the_clock=True,
                       conditions={"skills": ["Cooling"]})  # fmt: skip
    assert await target(requiredSkills=["lift", "cooling"]) == 30 * MINUTE
    assert await target(requiredSkills=["lift"]) == 500 * MINUTE
    await desk.change(ticket, priority="LOW", requiredSkills={"$add": ["COOLING"]})
    assert (await desk.clocks(ticket))[RESOLUTION].target == 30 * MINUTE


async def test_a_change_of_policy_or_calendar_reckons_open_tickets_anew_in_the_background(
    desk: Desk, owner: Conn
) -> None:
    hours_id = await desk.hours()
    policy_id = await desk.promise(targets=targets(RESOLUTION=240))
    tickets = [await desk.opened(local("2026-10-08T09:00")) for _ in range(5)]
    done = await desk.opened(local("2026-10-08T09:00"))
    await desk.change(done, local("2026-10-08T10:00"), status="RESOLVED")
    verdict = (await desk.clocks(done))[RESOLUTION]
    assert await jobs.recalculate(desk.db, tickets_max=2) == 5  # the policy itself was new
    assert await jobs.recalculate(desk.db) == 0
    async with records.writing(desk.db, desk.actor.tenant_id) as tx:
        await policies.update_policy(tx, desk.actor, policy_id=policy_id, patch={"targets": targets(RESOLUTION=300)})
    assert await jobs.recalculate(desk.db, batches_max=1, tickets_max=2) == 2  # cut off, it goes on
    progress = await owner.fetchrow("select total, done, finished_at from sla_recalculation")
    assert progress is not None
    assert tuple(progress) == (5, 2, None)
    assert await jobs.recalculate(desk.db, tickets_max=2) == 3
    for ticket in tickets:
        clock = (await desk.clocks(ticket))[RESOLUTION]
        assert (clock.target, clock.terms and clock.terms.version) == (300 * MINUTE, 2)
    async with records.writing(desk.db, desk.actor.tenant_id) as tx:
        await set_business_hours(tx, desk.actor, patch={**OFFICE, "weekly": WEEK[:2]}, hours_id=hours_id)
    assert await jobs.recalculate(desk.db) == 5
    assert all([(await desk.clocks(each))[RESOLUTION].terms.hours_rev == 2 for each in tickets])  # type: ignore[union-attr]
    assert (await desk.clocks(done))[RESOLUTION] == verdict
    assert await jobs.check(desk.db) == (5, 0)
    await owner.execute("update sla_clock set elapsed = elapsed + interval '1 minute' where ticket_id = $1", tickets[0])
    assert await jobs.check(desk.db) == (5, 1)


async def test_steps_lie_up_to_the_deadline_and_beyond_and_move_with_it(desk: Desk, owner: Conn) -> None:
    await desk.promise(targets=targets(RESOLUTION=100), around_the_clock=True)
    begun = datetime.now(UTC) - 10 * MINUTE
    ticket = await desk.opened(begun)

    async def steps() -> list[tuple[int, int, int]]:
        waiting = "ticket_id = $1 and taken_at is null"
        rows = await owner.fetch(
            f"select step, deadline_version, due_at from sla_step where {waiting} order by step", ticket
        )
        return [(row["step"], row["deadline_version"], round((row["due_at"] - begun) / MINUTE)) for row in rows]

    assert await steps() == [(0, 1, 50), (1, 1, 75), (2, 1, 100), (3, 1, 160), (4, 1, 340)]
    await owner.execute("update sla_step set taken_at = now() where step = 0")
    await desk.change(ticket, begun + 2 * MINUTE, status="ON_HOLD")
    assert await steps() == []
    await desk.change(ticket, begun + 8 * MINUTE, status="OPEN")
    assert await steps() == [(0, 3, 56), (1, 3, 81), (2, 3, 106), (3, 3, 166), (4, 3, 346)]
    await desk.change(ticket, status="RESOLVED")
    assert await steps() == []


async def test_without_a_policy_there_is_no_clock(desk: Desk) -> None:
    ticket = await desk.opened()
    assert await desk.clocks(ticket) == {}
    await desk.promise(targets=targets(RESOLUTION=100), around_the_clock=True)
    assert await jobs.recalculate(desk.db) == 1
    clock = (await desk.clocks(ticket))[RESOLUTION]
    assert clock.elapsed < MINUTE
    assert await jobs.wrong_clocks(desk.db, desk.actor.tenant_id, [uuid4()]) == []


async def test_who_checks_in_for_a_ticket_answers_it(desk: Desk, harbour: World, owner: Conn) -> None:
    await desk.promise(targets=targets(FIRST_RESPONSE=60, ONSITE_ARRIVAL=60), around_the_clock=True)
    nina: Pusher = await registered(desk.db, harbour.nina)
    window = {"plannedStart": "2026-10-08T09:00:00Z", "plannedEnd": "2026-10-08T10:00:00Z"}
    planned = nina.create("visit", {"accountId": harbour.lunch, "window": window})
    assert await nina.said(planned) == ["APPLIED"]
    ticket, other = await desk.opened(), await desk.opened()
    await desk.change(ticket, visitIds={"$add": [str(planned.record_id)], "$remove": []})
    arrived = {"status": "CHECKED_IN", "checkIn": {"at": datetime.now(UTC).isoformat()}}
    assert await nina.said(nina.update("visit", planned.record_id, arrived, base_rev=1)) == ["APPLIED"]
    [effect] = await owner.fetch("select tenant_id, id from outbox where effect = 'visit.arrived'")
    assert await perform(desk.db, jobs.PERFORMERS, DueEffect(effect["tenant_id"], effect["id"]))
    assert all(clock.ended_at for clock in (await desk.clocks(ticket)).values())
    assert not any(clock.ended_at for clock in (await desk.clocks(other)).values())


async def test_done_before_it_was_opened_is_done_when_it_was_opened(desk: Desk, harbour: World) -> None:
    """No time goes by that a clock could show, yet its verdict stays."""
    await desk.promise(targets=targets(FIRST_RESPONSE=60, RESOLUTION=60), around_the_clock=True)
    ticket, nina = await desk.opened(), await registered(desk.db, harbour.nina)
    before = datetime.now(UTC) - timedelta(days=3)
    done = nina.update("ticket", ticket, {"status": "RESOLVED"}, base_rev=1, at=before, uptime_ms=1.0, boot_id="b")
    await nina.push(done, uptime_ms=5e6, boot_id="b")
    clocks = await desk.clocks(ticket)
    assert (clocks[RESOLUTION].ended_at, clocks[RESOLUTION].elapsed) == (clocks[RESOLUTION].started_at, timedelta(0))
    states = {metric: state_of(clock, datetime.now(UTC)) for metric, clock in clocks.items()}
    assert states == {FIRST: SlaState.PAUSED, RESOLUTION: SlaState.MET}


async def test_a_check_in_at_another_customers_answers_nothing(desk: Desk, harbour: World) -> None:
    await desk.promise(targets=targets(FIRST_RESPONSE=60, ONSITE_ARRIVAL=60), around_the_clock=True)
    nina: Pusher = await registered(desk.db, harbour.nina)
    ticket = await desk.opened()
    window = {"plannedStart": "2026-10-08T09:00:00Z", "plannedEnd": "2026-10-08T10:00:00Z"}
    arrived = {"window": window, "status": "CHECKED_IN", "checkIn": {"at": datetime.now(UTC).isoformat()}}
    elsewhere, here = (nina.create("visit", {"accountId": id, **arrived}) for id in (harbour.tea, harbour.lunch))
    assert await nina.said(elsewhere, here) == ["APPLIED", "APPLIED"]
    await desk.change(ticket, visitIds={"$add": [str(elsewhere.record_id)], "$remove": []})
    assert [clock.ended_at for clock in (await desk.clocks(ticket)).values()] == [None, None]
    await desk.change(ticket, visitIds={"$add": [str(here.record_id)], "$remove": []})
    assert all(clock.ended_at for clock in (await desk.clocks(ticket)).values())
