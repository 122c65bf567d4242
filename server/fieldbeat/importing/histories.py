"""Reading the past of tickets: rows of one change each become turns, and the merge itself judges them (pure).

A ticket of which one row is at fault is left out whole: a past with a hole would have wrong clocks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fieldbeat.importing.files import Line, Table
from fieldbeat.importing.mapping import HISTORY_FIELDS, HistorySource
from fieldbeat.importing.model import BrokenFile, Fault, PlannedTicket, Ref, RowFault, Turn, Word
from fieldbeat.importing.template import NoReplacement
from fieldbeat.tickets.replica import WITHOUT_CUSTOMER
from fieldbeat_sync.catalogue.tickets import ticket, ticket_message
from fieldbeat_sync.clock import to_ms
from fieldbeat_sync.merge import Past, merge
from fieldbeat_sync.mutation import Author, Edit, Rejected
from fieldbeat_sync.patch import parse
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Op, Role

SPEAKERS = {"CUSTOMER": (True, True), "AGENT": (True, False), "INTERNAL": (False, False)}  # public, by the customer
BEGINNING = datetime(1990, 1, 1, tzinfo=UTC)  # business time is reckoned since then
NOBODY = str(UUID(int=0))  # stands for a reference while a turn is judged
SERVER = Author(0, Role.ADMIN, user_id=NOBODY)


@dataclass
class Drafted:
    """A ticket while its rows are gone through: what it is by now, and whose."""

    key: str
    account: str
    record: Record | None = None
    whose: str = ""
    turns: list[Turn] = field(default_factory=list)


@dataclass(frozen=True)
class Said:
    """One row, as text by the names of the mapping's parts."""

    line: int
    at: datetime
    account: str
    parts: Mapping[str, str]


def read_histories(source: HistorySource, table: Table) -> tuple[list[PlannedTicket], list[Fault]]:
    """The tickets in the order in which they were opened, and the rows at fault. Refuses `BrokenFile`."""
    table.needs(source.columns)
    rows: dict[str, list[Said]] = {}
    faults: dict[str, list[Fault]] = {}
    for line in table.lines:
        key = _key(source, table, line)
        rows.setdefault(key, [])
        try:
            rows[key].append(_said(source, line))
        except RowFault as fault:
            faults.setdefault(key, []).append(Fault(table.name, line.number, *fault.args))
    tickets = []
    for key, own in rows.items():
        if key not in faults:
            try:
                tickets.append(_ticket(source, key, sorted(own, key=lambda said: said.at)))
            except TurnFault as wrong:
                faults[key] = [Fault(table.name, wrong.line, *wrong.args)]
    found = [fault for own in faults.values() for fault in own]
    return sorted(tickets, key=lambda each: each.turns[0].at), found


class TurnFault(RowFault):
    """The row of `line` cannot be what happened."""

    def __init__(self, line: int, field: str, message: str) -> None:
        super().__init__(field, message)
        self.line = line


def _key(source: HistorySource, table: Table, line: Line) -> str:
    try:
        key = source.key.fill(line.values)
    except NoReplacement as missing:
        raise BrokenFile(table.name, line.number, f"the key cannot be told: {missing}") from missing
    if not key:
        raise BrokenFile(table.name, line.number, "the key is empty")
    return key


def _said(source: HistorySource, line: Line) -> Said:
    name = "at"
    try:
        at, account, parts = source.at.fill(line.values), source.account.fill(line.values), {}
        for name, template in source.parts.items():
            parts[name] = template.fill(line.values)
    except NoReplacement as missing:
        raise RowFault(name, f"{name} cannot be told: {missing}") from missing
    return Said(line.number, _instant(source, at), account, parts)


def _instant(source: HistorySource, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise RowFault("at", f"{text!r} is no time (2026-10-09T17:00:00+08:00)") from None
    if at.tzinfo is None and source.time_zone is None:
        raise RowFault("at", f"{text!r} has no offset, and the mapping no timeZone")
    at = (at if at.tzinfo else at.replace(tzinfo=source.time_zone)).astimezone(UTC)
    if at < BEGINNING:
        raise RowFault("at", f"{text!r} lies before {BEGINNING:%Y}")
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _ticket(source: HistorySource, key: str, rows: list[Said]) -> PlannedTicket:
    drafted = Drafted(key, rows[0].account)
    for said in rows:
        if said.account not in ("", drafted.account) or not drafted.account:
            why = "a ticket stays at its account" if said.account else "it is empty"
            raise TurnFault(said.line, "account", why)
        drafted.turns += _turns(drafted, said)
    return PlannedTicket(
        "ticket", key, source.file, rows[0].line, {}, {"accountId": Ref(source.account_known, drafted.account)},
        turns=tuple(drafted.turns), number=_number(rows),
    )  # fmt: skip


def _number(rows: list[Said]) -> int | None:
    """The one that the first row gives."""
    text = rows[0].parts.get("number")
    return None if text is None else _whole(rows[0].line, "number", text)


def _turns(drafted: Drafted, said: Said) -> Iterator[Turn]:
    """What the row changes of what the rows before have said; nothing where it only repeats them."""
    patch = _patch(drafted, said)
    assignee = said.parts.get("assignee") or drafted.whose
    refs = {"assigneeId": Ref("user", assignee)} if assignee != drafted.whose else {}
    drafted.whose = assignee
    word = _word(said, assignee)
    if patch or refs:
        _judge(drafted, said, patch, refs)
    if patch or refs or word:
        yield Turn(said.line, said.at, patch, refs, word)


def _patch(drafted: Drafted, said: Said) -> dict[str, Any]:
    record = drafted.record
    told = {name: text for name in HISTORY_FIELDS if (text := said.parts.get(name))}
    if record is None:
        patch: dict[str, Any] = {"kind": "REQUEST", "subject": drafted.key, **told}
    else:
        patch = {name: text for name, text in told.items() if record.row[name] != text}
        if "status" not in told and _speaker(said) == "CUSTOMER" and record.row["status"] in WITHOUT_CUSTOMER:
            patch["status"] = "OPEN"
    minutes = said.parts.get("labourMinutes")
    if minutes:
        patch["labourMinutes"] = {"$inc": _whole(said.line, "labourMinutes", minutes)}
    return patch


def _judge(drafted: Drafted, said: Said, patch: Mapping[str, Any], refs: Mapping[str, Ref]) -> None:
    """The merge decides whether the change is possible, as it will when it is written."""
    record = drafted.record
    whole = {**patch, **dict.fromkeys(refs, NOBODY)}
    op = Op.UPDATE if record else Op.CREATE
    if record is None:
        whole["accountId"] = NOBODY
    rev = record.rev if record else 0
    edit = Edit(op, rev + 1, rev, whole, SERVER, received_ms=to_ms(said.at), server=True)
    merged = merge(ticket, record, edit, Past())
    if isinstance(merged, Rejected):
        raise TurnFault(said.line, ", ".join(merged.fields), merged.message)
    drafted.record = merged.record


def _word(said: Said, assignee: str) -> Word | None:
    body = said.parts.get("message")
    if not body:
        return None
    public, by_customer = SPEAKERS[_speaker(said)]
    author = "" if by_customer else said.parts.get("author") or assignee
    contact = said.parts.get("contact") if by_customer else ""
    refs = {"authorId": Ref("user", author)} if author else {}
    refs |= {"onBehalfOfContactId": Ref("contact", contact)} if contact else {}
    wrong = parse(ticket_message, Op.CREATE, {"ticketId": NOBODY, "body": body, "public": public}, server=True)
    if isinstance(wrong, Rejected):
        raise TurnFault(said.line, "message", wrong.message)
    return Word(body, public, by_customer, refs)


def _speaker(said: Said) -> str:
    """Who said it; nobody where nothing was said."""
    if not said.parts.get("message"):
        return ""
    speaker = said.parts.get("speaker") or "AGENT"
    if speaker not in SPEAKERS:
        raise TurnFault(said.line, "speaker", f"{speaker!r} is none of {', '.join(SPEAKERS)}")
    return speaker


def _whole(line: int, name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 10**12):
        raise TurnFault(line, name, f"{text!r} is no whole number above 0")
    return int(text)
