"""What a device makes of a snapshot: line by line, each a `Delta`, so that a stream that breaks goes on where it was.

Source: protocol, "Snapshot" (docs/protocol.md).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from fieldbeat_sync.device import BUSY_WAIT_MS, Delta, Device
from fieldbeat_sync.holdings import Key, Shelf
from fieldbeat_sync.schema import Op

Line = Mapping[str, Any]


def took(device: Device, line: Line) -> Delta:
    """Take one line: the first, a block of rows, or the last, from whose cursor the device pulls next."""
    link = replace(device.link, resume=line.get("resume"), usable=device.link.usable or line.get("today", False))
    shelf = Shelf(device.rows)
    if line.get("done"):
        link = replace(link, cursor=line["cursor"], filled=True, pull_due=True, usable=True)
    elif "asOf" not in line:
        _fill(device, shelf, line)
    elif device.link.resume is None:
        # A new stream says nothing of what has gone since: what it does not bring, and no pull behind it, is gone.
        shelf.mark_stale(None)
    return Delta(shelf.changed, link=link)


def refused(device: Device, code: str | None, retry_after_ms: int | None) -> Delta:
    """What follows from a refusal, by its code; an unknown one is met as a busy server is."""
    link = device.link
    match code:
        case "SNAPSHOT_EXPIRED":
            return Delta(link=replace(link, resume=None), problem=code)
        case "NOT_FOUND":
            return Delta(link=replace(link, resume=None, register_due=True), problem=code)
        case "FORBIDDEN":
            return Delta(link=replace(link, resume=None, wipe_due=True, pull_due=False), problem=code)
        case "UPGRADE_REQUIRED":
            return Delta(link=replace(link, upgrade_required=True, pull_due=False), problem=code)
        case _:
            return Delta(wait_ms=retry_after_ms or BUSY_WAIT_MS, problem=code or "BUSY")


def _fill(device: Device, shelf: Shelf, line: Line) -> None:
    deleted = dict(_deleted(device))
    for values, clock in zip(line["rows"], line["clocks"], strict=True):
        row = dict(zip(line["columns"], values, strict=True))
        about = {"scope": line["scope"], "collection": line["collection"], "id": row["id"], "rev": row["rev"]}
        if row["rev"] >= deleted.get((line["collection"], row["id"]), 0):
            shelf.fill({**about, "row": row, "clock": clock})


def _deleted(device: Device) -> Iterator[tuple[Key, int]]:
    """What the user has deleted, with the rev of the delete: a stream may carry what was there before it."""
    for each in device.settled.values():
        if each.edit.op is Op.DELETE and each.status != "REJECTED":
            yield (each.edit.collection, each.edit.record_id), each.rev or 0
