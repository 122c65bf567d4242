"""Made-up pasts of tickets as a company's old system would tell them, one row a change, all times whole minutes."""

import csv
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

MAPPING = """
format = 1
source = "old desk"

[ticketHistory]
file = "changes.csv"
key = "{ticket}"
number = "{ticket}"
account = "{account}"
at = "{at}"
status = "{status}"
priority = "{priority}"
kind = "{kind}"
assignee = "{assignee}"
message = "{message}"
speaker = "{speaker}"
labourMinutes = "{minutes}"
cause = "unknown"
solution = "see messages"
"""
COLUMNS = ("ticket", "account", "at", "status", "priority", "kind", "assignee", "message", "speaker", "minutes")
PRIORITIES = ("LOW", "NORMAL", "HIGH", "URGENT")
BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
DAYS = 330


class Row(NamedTuple):
    """One change; text is empty where nothing is said."""

    ticket: int
    account: str
    at: datetime
    status: str = ""
    priority: str = ""
    kind: str = ""
    assignee: str = ""
    message: str = ""
    speaker: str = ""
    minutes: str = ""


def made_up(chance: random.Random, accounts: list[str], people: list[str], *, rows_min: int) -> list[Row]:
    """Whole histories, at least so many rows, shuffled as a system may export them; in a ticket no two at one time."""
    rows: list[Row] = []
    ticket = 0
    while len(rows) < rows_min:
        ticket += 1
        rows += _history(chance, ticket, chance.choice(accounts), people)
    chance.shuffle(rows)
    return rows


def write(folder: Path, rows: list[Row]) -> Path:
    """The CSV and its mapping; the path of the mapping."""
    with (folder / "changes.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        out.writerows([*row[:2], row.at.isoformat(), *row[3:]] for row in rows)
    mapping = folder / "mapping.toml"
    mapping.write_text(MAPPING)
    return mapping


def _history(chance: random.Random, ticket: int, account: str, people: list[str]) -> Iterator[Row]:
    at = BEGIN + timedelta(minutes=chance.randrange(DAYS * 1440))
    kind = chance.choice(("REQUEST", "COMPLAINT", "FAULT"))
    word = {"message": "It does not work", "speaker": "CUSTOMER"} if chance.random() < 0.5 else {}
    yield Row(
        ticket, account, at, "NEW", chance.choice(PRIORITIES), kind, chance.choice(("", *people)), **word
    )  # fmt: skip
    status = "NEW"
    for _ in range(chance.randrange(1, 9)):
        at += timedelta(minutes=chance.randrange(1, chance.choice((30, 600, 6_000))))
        row = _next(chance, ticket, account, at, status, people)
        status = row.status or status
        if row.speaker == "CUSTOMER" and not row.status and status in ("PENDING_CUSTOMER", "RESOLVED", "CLOSED"):
            status = "OPEN"
        yield row


def _next(chance: random.Random, ticket: int, account: str, at: datetime, status: str, people: list[str]) -> Row:
    begun = Row(ticket, account, at)
    match chance.randrange(6):
        case 0:
            return begun._replace(message="Any news?", speaker="CUSTOMER")
        case 1:
            minutes = str(chance.randrange(1, 90))
            return begun._replace(message="We look into it", speaker="AGENT", minutes=minutes)
        case 2:
            return begun._replace(message="Call the maker", speaker="INTERNAL", priority=chance.choice(PRIORITIES))
        case 3:
            return begun._replace(assignee=chance.choice(people))
    if status in ("RESOLVED", "CLOSED"):
        return begun._replace(status=chance.choice(("OPEN", "CLOSED")))
    moves = ("OPEN", "PENDING_CUSTOMER", "PENDING_THIRD", "ON_HOLD", "RESOLVED", "RESOLVED")
    return begun._replace(status=chance.choice(moves))
