"""Who should go: the reps whom the actor leads, the most suitable first, each with the reasons for his place.

A rank is minutes: the way there, the wait until he is free, and what his visits and tickets are worth.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from fieldbeat.days import today_store
from fieldbeat.days.model import NobodyAble, NobodyToSend, NotOnCall
from fieldbeat.days.planning.travel import Place, Places, Travel
from fieldbeat.days.today_store import Hand, TicketPlace
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.on_call.reads import people_on_call
from fieldbeat.people.reads import people_below
from fieldbeat.people.skills import folded
from fieldbeat.records import Tx
from fieldbeat.tickets.actions import assign_ticket, take_over
from fieldbeat.tickets.model import TicketUnknown
from fieldbeat.tickets.reads import tickets_by_ids
from fieldbeat.worktime.arithmetic import next_opening
from fieldbeat.worktime.model import BusinessHours, NeverReached
from fieldbeat.worktime.reads import hours_of_users

TICKET_MINUTES, VISIT_MINUTES, STRANGER_MINUTES, NOWHERE_MINUTES = 15, 10, 60, 240
LOOK_AHEAD = timedelta(days=14)  # leave counts that far


class Reason(StrEnum):
    """What speaks for or against a rep."""

    COVERS = "COVERS"  # the account lies in one of his territories
    OTHER_TERRITORY = "OTHER_TERRITORY"
    FREE_NOW = "FREE_NOW"
    CHECKED_IN = "CHECKED_IN"  # he is at a customer's
    OFF_DUTY = "OFF_DUTY"  # outside of his hours, on leave, or a holiday
    NO_PLACE = "NO_PLACE"  # nobody knows where he is, or where the account is
    LOADED = "LOADED"  # he has much to do already
    ON_CALL = "ON_CALL"  # for the account's territory: free though out of hours
    LACKS_SKILL = "LACKS_SKILL"  # that the ticket asks for; he is never sent


class Candidate(NamedTuple):
    """A rep with his rank in minutes, the least first; travel is None where a place is not known."""

    user_id: UUID
    rank_minutes: int
    travel_minutes: int | None
    travel_km: float | None
    free_at: datetime | None
    visits_left: int
    tickets_open: int
    reasons: tuple[Reason, ...]


async def candidates(conn: Conn, actor: Actor, *, ticket_id: UUID, travel: Travel, now: datetime) -> list[Candidate]:
    """The reps whom `actor` leads (a rep: himself), the most suitable first; who lacks a skill, last.

    Refuses NOT_FOUND.
    """
    place = await today_store.ticket_place(conn, actor.tenant_id, ticket_id)
    if place is None or ticket_id not in await tickets_by_ids(conn, actor, [ticket_id]):
        raise TicketUnknown(fields=("ticketId",))
    people = sorted(await people_below(conn, actor))
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    hands = await today_store.hands(
        conn, actor.tenant_id, people, from_at=day, until_at=day + timedelta(days=1), territory_id=place.territory_id
    )
    hours = await hours_of_users(
        conn, actor.tenant_id, [hand.user_id for hand in hands], from_on=now.date(), until_on=(now + LOOK_AHEAD).date()
    )
    on_call = (await people_on_call(conn, actor.tenant_id, [place.territory_id], now)).get(place.territory_id)
    found = [
        _candidate(hand, place, hours.get(hand.user_id), travel, now, on_call=hand.user_id == on_call) for hand in hands
    ]
    return sorted(found, key=lambda each: (Reason.LACKS_SKILL in each.reasons, each.rank_minutes, each.user_id))


async def dispatch_ticket(tx: Tx, actor: Actor, *, ticket_id: UUID, travel: Travel, now: datetime) -> Candidate:
    """Gives the ticket to the most suitable rep. Refuses NOT_FOUND, FORBIDDEN, INVALID (nobody there, nobody able)."""
    ranked = await candidates(tx.conn, actor, ticket_id=ticket_id, travel=travel, now=now)
    if not ranked:
        raise NobodyToSend(fields=("ticketId",))
    if Reason.LACKS_SKILL in ranked[0].reasons:
        raise NobodyAble(fields=("ticketId",))
    await assign_ticket(tx, actor, ticket_id=ticket_id, assignee_id=ranked[0].user_id)
    return ranked[0]


async def take_on_call(tx: Tx, actor: Actor, *, ticket_id: UUID, now: datetime) -> None:
    """Whoever is on call for a ticket's territory takes it, though somebody else answers for it and he may not see it.

    Refuses NOT_FOUND, FORBIDDEN (he sees it, and is not on call).
    """
    place = await today_store.ticket_place(tx.conn, actor.tenant_id, ticket_id)
    on_call = await people_on_call(tx.conn, actor.tenant_id, [place.territory_id], now) if place else {}
    if place is None or on_call.get(place.territory_id) != actor.user_id:
        if ticket_id in await tickets_by_ids(tx.conn, actor, [ticket_id]):
            raise NotOnCall
        raise TicketUnknown(fields=("ticketId",))
    await take_over(tx, actor, ticket_id=ticket_id)


def _candidate(
    hand: Hand, place: TicketPlace, hours: BusinessHours | None, travel: Travel, now: datetime, *, on_call: bool
) -> Candidate:
    reasons = [Reason.COVERS if hand.covers else Reason.OTHER_TERRITORY]
    way = _way(hand, place, travel)
    free_at = _free_at(hand, None if on_call else hours, now)
    if way is None:
        reasons.append(Reason.NO_PLACE)
    if hand.busy_until is not None:
        reasons.append(Reason.CHECKED_IN)
    if free_at is None or (hand.busy_until is None and free_at > now):
        reasons.append(Reason.OFF_DUTY)
    elif free_at <= now:
        reasons.append(Reason.FREE_NOW)
    load = TICKET_MINUTES * hand.tickets_open + VISIT_MINUTES * hand.visits_left
    if load >= STRANGER_MINUTES:
        reasons.append(Reason.LOADED)
    if on_call:
        reasons.append(Reason.ON_CALL)
    if not folded(place.required_skills) <= folded(hand.skills):
        reasons.append(Reason.LACKS_SKILL)
    wait = (free_at - now) if free_at else LOOK_AHEAD
    rank = load + (0 if hand.covers else STRANGER_MINUTES) + (way[0] if way else NOWHERE_MINUTES)
    return Candidate(
        hand.user_id, rank + max(0, int(wait / timedelta(minutes=1))), way[0] if way else None, way[1] if way else None,
        free_at, hand.visits_left, hand.tickets_open, tuple(reasons),
    )  # fmt: skip


def _way(hand: Hand, place: TicketPlace, travel: Travel) -> tuple[int, float] | None:
    """Minutes and kilometres from where the rep is, or starts, to the account."""
    here = _place(hand.latitude, hand.longitude) or _place(hand.start_latitude, hand.start_longitude)
    there = _place(place.latitude, place.longitude)
    if here is None or there is None:
        return None
    legs = travel.legs(Places.of([here]), Places.of([there]))
    return int(legs.minutes[0]), round(int(legs.metres[0]) / 1000, 1)


def _free_at(hand: Hand, hours: BusinessHours | None, now: datetime) -> datetime | None:
    """When he could set out: after his visit under way, within his hours; None: not in the time that is known."""
    begin = max(now, hand.busy_until) if hand.busy_until else now
    if hours is None:
        return begin
    try:
        opening = next_opening(hours, begin)
    except NeverReached:
        return None
    return opening if opening - now <= LOOK_AHEAD else None


def _place(latitude: float | None, longitude: float | None) -> Place | None:
    return Place(latitude, longitude) if latitude is not None and longitude is not None else None
