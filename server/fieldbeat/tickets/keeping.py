"""Keeping the cached clocks of tickets equal to what the fold gives, in the transaction that changes a ticket."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.records import Tx
from fieldbeat.tickets import clock_store as store
from fieldbeat.tickets.clock_store import Facts, Kept, StepRow
from fieldbeat.tickets.clocks import due_at, fold
from fieldbeat.tickets.promise import BY_CHANGE, Applied, Clock, History, Moment, Step, Terms, TermsKey, Written
from fieldbeat.tickets.terms import InForce, chosen, terms_of
from fieldbeat.worktime.arithmetic import add_business_time, next_opening
from fieldbeat.worktime.model import BusinessHours, NeverReached
from fieldbeat_sync.clock import instant_of
from fieldbeat_sync.mutation import Timing

CHOOSING = ("priority", "kind", "assetId")  # fields of a ticket by which its policy is chosen


@dataclass
class Gathered:
    """The events of one ticket as they are read, but for its terms."""

    opened: Moment
    statuses: list[Written] = field(default_factory=list)
    priorities: list[Written] = field(default_factory=list)
    chosen_by: list[Moment] = field(default_factory=list)  # what `CHOOSING` names
    customers: list[Moment] = field(default_factory=list)
    answers: list[Moment] = field(default_factory=list)
    arrivals: list[Moment] = field(default_factory=list)


async def refresh_clocks(tx: Tx, ticket_ids: Sequence[UUID], *, new: Set[UUID] = frozenset()) -> None:
    """Brings the cached clocks and steps of tickets up to date; `new` were opened in this transaction.

    The caller holds the tickets' locks. What it costs does not grow with their number in statements.
    """
    ids = sorted(set(ticket_ids))
    if not ids:
        return
    policies = await policies_in_force(tx.conn, tx.tenant_id)
    facts = {each.id: each for each in await store.facts(tx.conn, tx.tenant_id, ids)}
    if not policies and not any(each.applied_at for each in facts.values()):
        return
    gathered = await _gather(tx.conn, tx.tenant_id, ids)
    await _apply(tx, [facts[id] for id in ids if id in gathered], policies, gathered, new)
    living = [id for id in ids if id in gathered and not facts[id].deleted]
    folded, terms = await fold_all(tx.conn, tx.tenant_id, living, gathered)
    await _save(tx, ids, folded, terms)


async def fold_all(
    conn: Conn, tenant_id: UUID, ids: Sequence[UUID], gathered: Mapping[UUID, Gathered] | None = None
) -> tuple[dict[UUID, list[Clock]], dict[TermsKey, Terms]]:
    """What the fold gives for tickets, from their events alone; and the terms that occur in them."""
    events = gathered if gathered is not None else await _gather(conn, tenant_id, ids)
    applied = await store.applied(conn, tenant_id, ids)
    keys = {key for row in applied if (key := _key(row))}
    rows = await store.terms_by_keys(conn, tenant_id, keys) if keys else []
    terms = {key: terms_of(key, row["policy"], row["hours"]) for row in rows if (key := _key(row))}
    under: dict[UUID, list[Applied]] = defaultdict(list)
    for row in applied:
        key = _key(row)
        when = Moment(row["at"], row["known_at"], row["at"])
        under[row["ticket_id"]].append(Applied(terms[key] if key else None, when))
    return {id: fold(_history(events[id], under[id])) for id in ids if id in events}, terms


async def policies_in_force(conn: Conn, tenant_id: UUID) -> list[InForce]:
    """In the order in which they are tried."""
    return [
        InForce(TermsKey(row["id"], row["version"], row["hours_rev"]), row["policy"], row["hours"], row["since"])
        for row in await store.policies_in_force(conn, tenant_id)
    ]


async def _gather(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Gathered]:
    writes, words, arrivals = await store.events_of(conn, tenant_id, ids)
    found = {row["ticket_id"]: Gathered(_moment(row)) for row in writes if row["field"] == "accountId"}
    for row in writes:
        ticket, when = found[row["ticket_id"]], _moment(row)
        if row["field"] == "status":
            ticket.statuses.append(Written(row["value"], when))
        elif row["field"] in CHOOSING:
            ticket.chosen_by.append(when)
            ticket.priorities += [Written(row["value"], when)] if row["field"] == "priority" else []
    for row in words:
        ticket = found[row["ticket_id"]]
        (ticket.customers if row["by_customer"] else ticket.answers).append(_moment(row))
    for row in arrivals:
        found[row["ticket_id"]].arrivals.append(_moment(row))
    return found


def _key(row: Any) -> TermsKey | None:
    return TermsKey(row["policy_id"], row["version"], row["hours_rev"]) if row["policy_id"] else None


def _moment(row: Any) -> Moment:
    """A device's calendar proves nothing: what it stamped counts from when we heard of it."""
    claimed_at, known_at = instant_of(row["hlc"]), row["applied_at"]
    match Timing(row["timing"]):
        case Timing.SERVER:
            return Moment(claimed_at, claimed_at, claimed_at)
        case Timing.BOOT:
            return Moment(claimed_at, max(known_at, claimed_at), claimed_at)
        case Timing.DEVICE:
            return Moment(known_at, known_at, claimed_at)


def _history(events: Gathered, under: Sequence[Applied]) -> History:
    parts = (events.statuses, events.priorities, under, events.customers, events.answers, events.arrivals)
    return History(events.opened, *(tuple(part) for part in parts))  # type: ignore[arg-type]


async def _apply(
    tx: Tx, facts: Sequence[Facts], policies: Sequence[InForce], gathered: Mapping[UUID, Gathered], new: Set[UUID]
) -> None:
    """Notes from when each ticket is under other terms than before."""
    used: dict[TermsKey, InForce] = {}
    applied = []
    for each in facts:
        now = chosen(policies, each)
        before = TermsKey(each.policy_id, each.version, each.hours_rev) if each.policy_id else None  # type: ignore[arg-type]
        if each.deleted or (now.key if now else None) == before:
            continue
        at = _from_when(tx, each, before, now, gathered[each.id], is_new=each.id in new)
        applied.append((each.id, at.at, at.known_at, now.key if now else None))
        used |= {now.key: now} if now else {}
    if used:
        await store.save_terms(tx.conn, tx.tenant_id, [(key, each.policy, each.hours) for key, each in used.items()])
    if applied:
        await store.apply_terms(tx.conn, tx.tenant_id, applied)


def _from_when(
    tx: Tx, facts: Facts, before: TermsKey | None, now: InForce | None, events: Gathered, *, is_new: bool
) -> Moment:
    """A new ticket's terms hold from its opening, a changed policy's from its change, else from the ticket's change."""
    if is_new and facts.applied_at is None:
        return events.opened
    if now and (before is None or before.policy_id == now.key.policy_id):
        when = Moment(now.since, now.since, now.since)
    else:
        here = Moment(tx.at, tx.at, tx.at)
        when = max(events.chosen_by, key=lambda each: each.at, default=here)
        when = when if facts.applied_at is None or when.at > facts.applied_at else here
    floor = max(events.opened.at, facts.applied_at or events.opened.at)
    return replace(when, at=max(when.at, floor), known_at=max(when.known_at, floor))


async def _save(
    tx: Tx, ids: Sequence[UUID], folded: Mapping[UUID, Sequence[Clock]], terms: Mapping[TermsKey, Terms]
) -> None:
    """Writes what differs from the cache, and the steps of deadlines that are new."""
    cached = {_name(each): each for each in await store.clocks_of(tx.conn, tx.tenant_id, ids)}
    made = {_name(kept): kept for kept in _versioned(folded, cached)}
    gone = [each for name, each in cached.items() if name not in made]
    changed = [each for name, each in made.items() if cached.get(name) != each]
    if gone:
        await store.drop_clocks(tx.conn, tx.tenant_id, gone)
    if not changed:
        return
    await store.save_clocks(tx.conn, tx.tenant_id, changed)
    moved = [each for each in changed if _moved(cached.get(_name(each)), each)]
    if moved:
        await store.drop_steps(tx.conn, tx.tenant_id, moved)
    steps = [step for each in moved for step in steps_of(each, terms[each.clock.terms])]  # type: ignore[index]
    if steps:
        await store.save_steps(tx.conn, tx.tenant_id, steps, tx.at)


def _name(kept: Kept) -> tuple[UUID, str, int]:
    return kept.ticket_id, kept.clock.metric, kept.clock.instance


def _versioned(folded: Mapping[UUID, Sequence[Clock]], cached: Mapping[tuple[UUID, str, int], Kept]) -> Iterator[Kept]:
    for id, clocks in folded.items():
        for clock in clocks:
            before = cached.get((id, clock.metric, clock.instance))
            raised = before is not None and _promise(before.clock) != _promise(clock)
            yield Kept(id, clock, before.deadline_version + raised if before else 1)


def _promise(clock: Clock) -> tuple[datetime | None, TermsKey | None]:
    """What the steps of a clock follow from."""
    return clock.deadline, clock.terms


def _moved(before: Kept | None, after: Kept) -> bool:
    return (
        before is None
        or before.deadline_version != after.deadline_version
        or before.clock.ended_at != after.clock.ended_at
    )


def steps_of(kept: Kept, terms: Terms) -> Iterable[StepRow]:
    """When whom to tell about a clock that has not ended; nobody while it pauses, unless it was breached before."""
    clock = kept.clock
    if clock.ended_at is not None:
        return
    if clock.breached_at is not None and clock.breached_by_change:
        yield StepRow(
            kept.ticket_id, clock.metric, clock.instance, BY_CHANGE, kept.deadline_version, clock.breached_at, (0,)
        )
    for number, step in enumerate(terms.steps):
        at = _due(clock, step, terms.hours)
        if at is not None:
            yield StepRow(kept.ticket_id, clock.metric, clock.instance, number, kept.deadline_version, at, step.levels)


def _due(clock: Clock, step: Step, hours: BusinessHours) -> datetime | None:
    try:
        at = _at_percent(clock, step, hours)
        if at is None or not step.plus:
            return at
        return add_business_time(hours, at, step.plus) if step.only_business_hours else at + step.plus
    except NeverReached:
        return None


def _at_percent(clock: Clock, step: Step, hours: BusinessHours) -> datetime | None:
    if step.percent == 0:
        return _at_start(clock, step, hours) if clock.runs and clock.target is not None else None
    if clock.breached_at is not None:
        return clock.breached_at if step.percent == 100 else None
    return due_at(clock, hours, percent=step.percent)


def _at_start(clock: Clock, step: Step, hours: BusinessHours) -> datetime:
    """Also of a clock that came late and is breached already: nobody has heard of it yet."""
    return next_opening(hours, clock.started_at) if step.only_business_hours else clock.started_at
