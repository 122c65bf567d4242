"""Where records live, told anew: the scopes in which a live record of each collection must stand."""

from collections.abc import Callable, Mapping
from typing import Any

from fieldbeat_testing.simulation.ledger import RecordId
from fieldbeat_testing.simulation.records import Truth

Row = Mapping[str, Any]
_WITH_FILES = ("visit", "ticket", "account")


def homes(truth: Truth, about: RecordId) -> set[str]:
    """The scopes of a record by its row; those that all of the company holds where nothing else is said."""
    place = _PLACES.get(about[0])
    return place(truth, truth.records[about].row) if place else {"tenant"}


def parent_of(truth: Truth, collection: str, patch: Row) -> RecordId:
    """What a new record of the collection would belong to, by what its CREATE says."""
    if collection in ("ticketMessage", "ticketPart"):
        return ("ticket", patch.get("ticketId", ""))
    if collection == "attachment":
        id_ = patch.get("recordId", "")
        return next((about for about in ((each, id_) for each in _WITH_FILES) if about in truth.records), ("", id_))
    return ("account", patch.get("accountId", ""))


def _account(truth: Truth, row: Row) -> set[str]:
    return {f"territory:{row['territoryId']}"}


def _below_account(truth: Truth, row: Row) -> set[str]:
    return homes(truth, ("account", row["accountId"]))


def _visit(truth: Truth, row: Row) -> set[str]:
    return _below_account(truth, row) | _person(row["repId"])


def _plan(truth: Truth, row: Row) -> set[str]:
    return _person(row["repId"])


def _ticket(truth: Truth, row: Row) -> set[str]:
    return _below_account(truth, row) | _person(row["assigneeId"])


def _below_ticket(truth: Truth, row: Row) -> set[str]:
    return homes(truth, ("ticket", row["ticketId"]))


def _attachment(truth: Truth, row: Row) -> set[str]:
    return homes(truth, parent_of(truth, "attachment", row))


def _person(user_id: str | None) -> set[str]:
    return {f"user:{user_id}"} if user_id else set()


_PLACES: Mapping[str, Callable[[Truth, Row], set[str]]] = {
    "account": _account,
    "contact": _below_account,
    "asset": _below_account,
    "visit": _visit,
    "visitPlan": _plan,
    "ticket": _ticket,
    "ticketMessage": _below_ticket,
    "ticketPart": _below_ticket,
    "attachment": _attachment,
}
