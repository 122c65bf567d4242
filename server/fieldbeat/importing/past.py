"""Settling the past of tickets: everything that happened is written as it happened then, many tickets at once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.replica import owners_of
from fieldbeat.importing import store
from fieldbeat.importing.model import Fault, Kept, PlannedTicket, Ref, Settled, Tally, Turn, Word
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.records import Change, Tx
from fieldbeat.tickets.replica import KEPT_MESSAGE, KEPT_TICKET, follow_past_tickets, placed_tickets
from fieldbeat_sync.schema import Op

# What a customer's word makes of a ticket stands in the past itself; the ticket's own follow-up brings its clocks.
PAST_TICKET = replace(KEPT_TICKET, follow_up=follow_past_tickets)
PAST_MESSAGE = replace(KEPT_MESSAGE, follow_up=None, parent=PAST_TICKET)


class Past(NamedTuple):
    """A ticket of a plan, at its place there, and what an earlier import made of it."""

    place: int
    row: PlannedTicket
    kept: Kept | None

    @property
    def turns(self) -> Sequence[Turn]:
        """Those that are not written yet."""
        return self.row.turns[len(self.kept.said["turns"]) :] if self.kept else self.row.turns


async def settle_past(tx: Tx, actor: Actor, past: Sequence[Past], ids: Mapping[Ref, UUID], did: Tally) -> list[Settled]:
    """Writes the turns of tickets that are new or go on. Refuses what the merge refuses; locks the tickets."""
    contacts = await _contacts(tx, past, ids)
    taken = await _taken(tx, past)
    sound: list[Past] = []
    for each in past:
        faults = list(_faults(tx, each, ids, contacts, taken))
        did.faults += faults
        sound += [] if faults else [each]
    placed = await _placed(tx, actor, sound, ids)
    ticket_ids = {each.place: each.kept.record_id if each.kept else uuid7() for each in sound}
    changes = [
        change
        for each in sound
        for change in _changes(each, ticket_ids[each.place], placed.get(each.place, {}), ids, contacts)
    ]
    revs = {each.record_id: each.rev for each in await records.change(tx, actor, changes)} if changes else {}
    return [
        Settled(each.place, each.row, id, revs[id], each.kept.said if each.kept else None)
        for each in sound
        for id in (ticket_ids[each.place],)
    ]


def _faults(
    tx: Tx, past: Past, ids: Mapping[Ref, UUID], contacts: Mapping[UUID, Sequence[UUID]], taken: set[int]
) -> Iterator[Fault]:
    row, kept = past.row, past.kept
    if kept and not _goes_on(kept.said, row.said):
        yield Fault(row.file, row.line, "at", "what was imported of this ticket before is told otherwise now")
        return
    if kept is None and row.number in taken:
        yield Fault(row.file, row.line, "number", f"number {row.number} is taken")
    for turn in past.turns:
        if turn.at > tx.at:
            yield Fault(row.file, turn.line, "at", "it lies in the future")
        if turn.word and turn.word.by_customer:
            at_account = contacts[ids[row.refs["accountId"]]]
            named = turn.word.refs.get("onBehalfOfContactId")
            if not at_account or (named and ids[named] not in at_account):
                yield Fault(row.file, turn.line, "contact", "there is no such contact at the ticket's account")


def _goes_on(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    begun = now["turns"][: len(was["turns"])] == was["turns"]
    return begun and len(now["turns"]) > len(was["turns"]) and was["accountId"] == now["accountId"]


async def _contacts(tx: Tx, past: Sequence[Past], ids: Mapping[Ref, UUID]) -> dict[UUID, list[UUID]]:
    """The contacts of those accounts whose customers said something."""
    spoke = {
        ids[each.row.refs["accountId"]] for each in past for turn in each.turns if turn.word and turn.word.by_customer
    }
    return await store.contacts_at(tx.conn, tx.tenant_id, sorted(spoke)) if spoke else {}


async def _taken(tx: Tx, past: Sequence[Past]) -> set[int]:
    """Numbers that cannot be given: others have them, or two tickets here."""
    numbers = [each.row.number for each in past if each.row.number is not None and each.kept is None]
    twice = {number for number, count in Counter(numbers).items() if count > 1}
    return twice | await store.taken_numbers(tx.conn, tx.tenant_id, numbers) if numbers else twice


async def _placed(tx: Tx, actor: Actor, past: Sequence[Past], ids: Mapping[Ref, UUID]) -> dict[int, Mapping[str, Any]]:
    """By their places, what new tickets get: a number, and who answers for them if nobody is named."""
    new = [each for each in past if each.kept is None]
    if not new:
        return {}
    accounts = {each.place: str(ids[each.row.refs["accountId"]]) for each in new}
    free = [each.place for each in new if each.row.number is None]
    given = await placed_tickets(tx.conn, actor, [{"accountId": accounts[place]} for place in free]) if free else []
    own = [(each.place, each.row.number) for each in new if each.row.number is not None]
    owners = await owners_of(tx.conn, tx.tenant_id, [accounts[place] for place, _ in own]) if own else {}
    if own:
        await store.raise_counter(tx.conn, tx.tenant_id, max(number for _, number in own))
    numbered = {
        place: {"number": number, "assigneeId": owners.get(accounts[place], str(actor.user_id))}
        for place, number in own
    }
    placed = {**dict(zip(free, given, strict=True)), **numbered}
    return {place: {"accountId": accounts[place], **each} for place, each in placed.items()}


def _changes(
    past: Past, ticket_id: UUID, placed: Mapping[str, Any], ids: Mapping[Ref, UUID],
    contacts: Mapping[UUID, Sequence[UUID]],
) -> Iterator[Change]:  # fmt: skip
    for n, turn in enumerate(past.turns):
        refs = {name: str(ids[ref]) for name, ref in turn.refs.items()}
        if n == 0 and past.kept is None:
            yield Change(PAST_TICKET, ticket_id, Op.CREATE, {**turn.patch, **placed, **refs}, at=turn.at)
        elif turn.patch or refs:
            yield Change(PAST_TICKET, ticket_id, Op.UPDATE, {**turn.patch, **refs}, at=turn.at)
        if turn.word:
            at_account = contacts.get(ids[past.row.refs["accountId"]], ())
            yield Change(PAST_MESSAGE, uuid7(), Op.CREATE, _message(turn.word, ticket_id, ids, at_account), at=turn.at)


def _message(word: Word, ticket_id: UUID, ids: Mapping[Ref, UUID], contacts: Sequence[UUID]) -> dict[str, Any]:
    """A customer's word is by the contact that is named, or else by the account's first."""
    by = {"onBehalfOfContactId": str(contacts[0])} if word.by_customer else {}
    named = {name: str(ids[ref]) for name, ref in word.refs.items()}
    return {"ticketId": str(ticket_id), "body": word.body, "public": word.public, **by, **named}
