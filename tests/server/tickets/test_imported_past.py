"""The past of tickets: each change is imported at its time, judged by the merge, and never twice."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import update_account
from fieldbeat.importing import rules
from fieldbeat.importing.actions import preview_import, run_import
from fieldbeat.importing.model import MappingInvalid, Plan
from fieldbeat.importing.plan import make_plan
from fieldbeat.importing.undo import undo_import
from fieldbeat.kit.db import Conn, Db
from fieldbeat.tickets import actions, reads
from fieldbeat.tickets.model import Ticket
from fieldbeat_testing.world import World

MAPPING = """
format = 1
source = "desk"

[values.status]
"new" = "NEW"
"in work" = "OPEN"
"waiting" = "PENDING_CUSTOMER"
"solved" = "RESOLVED"
"done" = "CLOSED"

[values.side]
"yes" = "CUSTOMER"
"note" = "INTERNAL"
"*" = "AGENT"

[account]
file = "shops.csv"
key = "{shop}"
name = "{shop}"
owner = "nina@harbour.example"

[contact]
file = "buyers.csv"
key = "{shop}"
account = "{shop}"
name = "{buyer}"

[ticketHistory]
file = "changes.csv"
key = "{no}"
number = "{no}"
account = "{shop}"
at = "{at}"
timeZone = "Asia/Shanghai"
status = "{status|status}"
priority = "{prio|upper}"
assignee = "{who}"
subject = "{subject}"
message = "{text}"
speaker = "{customer|side}"
labourMinutes = "{minutes}"
cause = "worn out"
solution = "replaced"
"""
COLUMNS = "no,shop,at,status,prio,who,subject,text,customer,minutes"
NINA, OTTO = "nina@harbour.example", "otto@harbour.example"
CHANGES = (
    f"17,L1,2026-09-30 17:00,new,high,{NINA},Cold box,It is warm,yes,",
    f"17,L1,2026-09-30 17:20,in work,high,{NINA},Cold box,I come today,no,30",
    "18,T1,2026-10-09T17:00:00+08:00,new,,,,,,",
    f"17,L1,2026-10-08 10:00,waiting,high,{OTTO},,,,",
    "17,L1,2026-10-08 11:00,,,,,It is open now,yes,",
    "17,L1,2026-10-08 12:00,solved,high,,,,,15",
    "17,L1,2026-10-08 13:00,done,high,,,Fine,note,",
)


def plan(folder: Path, changes: Sequence[str] = CHANGES, *, mapping: str = MAPPING) -> Plan:
    (folder / "mapping.toml").write_text(mapping)
    (folder / "shops.csv").write_text("shop\nL1\nT1\n")
    (folder / "buyers.csv").write_text("shop,buyer\nL1,Zoe\n")
    (folder / "changes.csv").write_text("\n".join((COLUMNS, *changes)) + "\n")
    return make_plan(folder, folder / "mapping.toml")


async def tickets(db: Db, harbour: World) -> dict[int, Ticket]:
    async with db.reading(harbour.tenant_id) as conn:
        return {one.number: one for one in await reads.search_tickets(conn, harbour.adam.actor, rows_max=100)}


def shanghai(day: int, hour: int, minute: int = 0, *, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


async def test_a_ticket_stands_as_it_ended_and_its_events_as_they_happened(
    db: Db, owner: Conn, harbour: World, tmp_path: Path
) -> None:
    done = await run_import(db, harbour.adam.actor, plan(tmp_path))
    assert (done.tally.added, done.tally.faults) == (5, [])
    found = await tickets(db, harbour)
    cold = found[17]
    assert (cold.status, cold.priority, cold.subject, cold.labour_minutes) == ("CLOSED", "HIGH", "Cold box", 45)
    assert (cold.assignee_id, cold.opened_at) == (harbour.otto.id, shanghai(30, 17, month=9))
    assert (found[18].status, found[18].subject, found[18].assignee_id) == ("NEW", "18", harbour.nina.id)
    written = await owner.fetch(
        """select value #>> '{}' as status, to_timestamp((hlc >> 16) / 1000.0) as at, replica from field_write
           where record_id = $1 and field = 'status' and outcome = 'WON' order by rev""",
        cold.id,
    )
    assert [(row["status"], row["at"]) for row in written] == [
        ("NEW", shanghai(30, 17, month=9)),
        ("OPEN", shanghai(30, 17, 20, month=9)),
        ("PENDING_CUSTOMER", shanghai(8, 10)),
        ("OPEN", shanghai(8, 11)),  # the customer wrote
        ("RESOLVED", shanghai(8, 12)),
        ("CLOSED", shanghai(8, 13)),
    ]
    assert {row["replica"] for row in written} == {0}
    said = await owner.fetch(
        """select fields ->> 'body' as body, public, contact_id is not null as theirs, author_id, at
           from ticket_message order by at"""
    )
    assert [(row["body"], row["public"], row["theirs"]) for row in said] == [
        ("It is warm", True, True),
        ("I come today", True, False),
        ("It is open now", True, True),
        ("Fine", False, False),
    ]
    assert (said[1]["author_id"], said[1]["at"]) == (harbour.nina.id, shanghai(30, 17, 20, month=9))


async def test_the_same_again_adds_nothing_and_a_past_that_went_on_goes_on(
    db: Db, owner: Conn, harbour: World, tmp_path: Path
) -> None:
    await run_import(db, harbour.adam.actor, plan(tmp_path))
    before = await owner.fetchval("select count(*) from field_write")
    again = await run_import(db, harbour.adam.actor, plan(tmp_path))
    assert (again.tally.added, again.tally.changed, again.tally.unchanged) == (0, 0, 5)
    assert await owner.fetchval("select count(*) from field_write") == before
    later = "18,T1,2026-10-10 09:00,in work,,,,Coming,,"
    more = await run_import(db, harbour.adam.actor, plan(tmp_path, (*CHANGES, later)))
    assert (more.tally.changed, more.tally.unchanged, more.tally.faults) == (1, 4, [])
    assert (await tickets(db, harbour))[18].status == "OPEN"
    undone = await undo_import(db, harbour.adam.actor, more.batch_id)
    assert [(one.key, one.why) for one in undone.left] == [("18", "its past is not taken back in parts")]
    rewritten = [change.replace("17:20", "17:25") for change in CHANGES]
    other = await run_import(db, harbour.adam.actor, plan(tmp_path, (*rewritten, later)))
    assert [(fault.line, fault.field) for fault in other.tally.faults] == [(2, "at")]
    assert "told otherwise" in other.tally.faults[0].message


async def test_a_new_ticket_has_a_greater_number_than_the_imported_ones(db: Db, harbour: World, tmp_path: Path) -> None:
    await run_import(db, harbour.adam.actor, plan(tmp_path))
    async with records.writing(db, harbour.tenant_id) as tx:
        patch = {"kind": "FAULT", "subject": "New"}
        await actions.create_ticket(tx, harbour.nina.actor, account_id=UUID(harbour.tea), patch=patch)
    assert max(await tickets(db, harbour)) == 19
    taken = await run_import(db, harbour.adam.actor, plan(tmp_path, ("19,T1,2026-10-09 17:00,new,,,,,,",)))
    assert [(fault.line, fault.field, fault.message) for fault in taken.tally.faults] == [
        (2, "number", "number 19 is taken")
    ]


AT_FAULT = (
    ("101,L1,2026-10-09 17:00,lost,,,,,,", "status", "'lost' is not in status"),
    ("102,L1,yesterday,new,,,,,,", "at", "'yesterday' is no time"),
    ("103,L1,1989-12-31 17:00,new,,,,,,", "at", "lies before 1990"),
    ("104,L1,2999-10-09 17:00,solved,,,,,,", "at", "lies in the future"),
    ("105,X9,2026-10-09 17:00,new,,,,,,", "accountId", "there is no account 'X9'"),
    ("106,,2026-10-09 17:00,new,,,,,,", "account", "it is empty"),
    ("107,L1,2026-10-09 17:00,new,,who@harbour.example,,,,", "assigneeId", "there is no user"),
    ("108,L1,2026-10-09 17:00,new,grave,,,,,", "priority", "one of"),
    ("nine,L1,2026-10-09 17:00,new,,,,,,", "number", "no whole number"),
    ("109,L1,2026-10-09 17:00,new,,,,,,ten", "labourMinutes", "no whole number"),
    ("110,T1,2026-10-09 17:00,new,,,,Hello,yes,", "contact", "no such contact"),
    ("111,T1,2026-10-09 17:00,new,,,,Hello,who,", "speaker", "none of CUSTOMER"),
)


async def test_a_row_at_fault_is_told_and_its_ticket_left_out(db: Db, harbour: World, tmp_path: Path) -> None:
    mapping = MAPPING.replace('"*" = "AGENT"', '"no" = "AGENT"\n"who" = "WHO"')
    rest = [f"{change.split(',')[0]},L1,2026-10-09 18:00,in work,,,,,," for change, _, _ in AT_FAULT[:4]]
    changes = (CHANGES[2], *(change for change, _, _ in AT_FAULT), *rest)
    done = await run_import(db, harbour.adam.actor, plan(tmp_path, changes, mapping=mapping))
    told = {(fault.line, fault.field): fault.message for fault in done.tally.faults if fault.file == "changes.csv"}
    assert sorted(told) == [(line, field) for line, (_, field, _) in enumerate(AT_FAULT, 3)]
    for line, (_, field, why) in enumerate(AT_FAULT, 3):
        assert why in told[line, field]
    assert sorted(await tickets(db, harbour)) == [18]


@pytest.mark.parametrize(
    ("changes", "line", "fields"),
    [
        (("9,L1,2026-10-09 17:00,in work,,,,,,", "9,L1,2026-10-09 18:00,new,,,,,,"), 3, "status"),
        (("9,L1,2026-10-09 18:00,waiting,,,,,,", "9,L1,2026-10-09 17:00,solved,,,,,,"), 2, "status"),
        (("9,L1,2026-10-09 17:00,new,,,,,,", "9,T1,2026-10-09 18:00,new,,,,,,"), 3, "account"),
    ],
)
def test_a_change_that_cannot_have_been_is_named(
    tmp_path: Path, changes: Sequence[str], line: int, fields: str
) -> None:
    [fault] = plan(tmp_path, changes).faults
    assert (fault.line, fault.field) == (line, fields)


def test_closing_without_cause_and_solution_is_a_fault(tmp_path: Path) -> None:
    bare = MAPPING.replace('cause = "worn out"\nsolution = "replaced"\n', "")
    planned = plan(tmp_path, mapping=bare)
    assert [(fault.line, fault.field) for fault in planned.faults] == [(8, "status, cause, solution")]
    assert [row.key for row in planned.rows if row.collection == "ticket"] == ["18"]


def test_a_time_without_an_offset_needs_the_mappings_zone(tmp_path: Path) -> None:
    [fault] = plan(tmp_path, CHANGES[:1], mapping=MAPPING.replace('timeZone = "Asia/Shanghai"\n', "")).faults
    assert "has no offset" in fault.message


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (MAPPING.replace('at = "{at}"\n', ""), "'at' is missing"),
        (MAPPING.replace("speaker =", "speakers ="), r"\[ticketHistory\] has no 'speakers'"),
        (MAPPING.replace("Asia/Shanghai", "Asia/Nowhere"), "Asia/Nowhere"),
    ],
)
def test_a_mapping_that_cannot_be_read_says_why(tmp_path: Path, said: str, why: str) -> None:
    with pytest.raises(MappingInvalid, match=why):
        plan(tmp_path, mapping=said)


async def test_a_dry_run_tells_what_the_run_would_refuse_and_does_nothing(
    db: Db, owner: Conn, harbour: World, tmp_path: Path
) -> None:
    would = await preview_import(db, harbour.adam.actor, plan(tmp_path, (*CHANGES, "9,X9,2026-10-09 17:00,new,,,,,,")))
    assert (would.added, would.refused) == (5, 1)
    assert [(fault.line, fault.field) for fault in would.faults] == [(9, "accountId")]
    assert await owner.fetchval("select count(*) from ticket") == 0


async def test_cut_off_it_goes_on_behind_the_last_chunk(
    db: Db, owner: Conn, harbour: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "CHUNK_ROWS", 2)
    changes = [f"{n},L1,2026-10-09 {n}:00,new,,,,,," for n in range(10, 18)]
    planned = plan(tmp_path, changes)

    def cut(done: int) -> None:
        if done >= 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await run_import(db, harbour.adam.actor, planned, progress=cut)
    assert await owner.fetchval("select count(*) from ticket") == 4
    done = await run_import(db, harbour.adam.actor, planned)
    assert (done.resumed_at, done.tally.added) == (7, 4)
    assert sorted(await tickets(db, harbour)) == list(range(10, 18))


async def test_undoing_deletes_them_but_what_was_worked_on_stays(db: Db, harbour: World, tmp_path: Path) -> None:
    done = await run_import(db, harbour.adam.actor, plan(tmp_path))
    imported = (await tickets(db, harbour))[17]
    async with records.writing(db, harbour.tenant_id) as tx:
        await actions.add_message(tx, harbour.adam.actor, ticket_id=imported.id, body="Again?", public=False)
    undone = await undo_import(db, harbour.adam.actor, done.batch_id)
    assert [(one.collection, one.key) for one in undone.left] == [
        ("ticket", "17"),
        ("contact", "L1"),
        ("account", "L1"),
    ]
    assert {one.why for one in undone.left} == {"something else depends on it"}
    assert undone.removed == 2
    assert sorted(await tickets(db, harbour)) == [17]


async def test_without_accounts_of_its_own_a_history_names_them_by_code(db: Db, harbour: World, tmp_path: Path) -> None:
    async with records.writing(db, harbour.tenant_id) as tx:
        await update_account(tx, harbour.adam.actor, account_id=UUID(harbour.diner), patch={"code": "L1"})
    alone = MAPPING[: MAPPING.index("[account]")] + MAPPING[MAPPING.index("[ticketHistory]") :]
    done = await run_import(db, harbour.adam.actor, plan(tmp_path, CHANGES[1:3], mapping=alone))
    assert [(fault.line, fault.message) for fault in done.tally.faults] == [
        (3, "there is no account code 'T1' (or it was refused)")
    ]
    [ticket] = (await tickets(db, harbour)).values()
    assert (str(ticket.account_id), ticket.assignee_id) == (harbour.diner, harbour.nina.id)


async def test_undone_whole_it_can_be_imported_again_under_the_same_numbers(
    db: Db, harbour: World, tmp_path: Path
) -> None:
    done = await run_import(db, harbour.adam.actor, plan(tmp_path))
    undone = await undo_import(db, harbour.adam.actor, done.batch_id)
    assert (undone.removed, undone.left) == (5, [])
    again = await run_import(db, harbour.adam.actor, plan(tmp_path))
    assert (again.tally.added, again.tally.faults) == (5, [])
    assert sorted(await tickets(db, harbour)) == [17, 18]
