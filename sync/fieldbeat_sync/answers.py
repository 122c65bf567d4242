"""What a device makes of the server's answers: each verdict, each page, and each problem code has one consequence.

The other half of `device.py`; pure as well: an answer in, a `Delta` out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from fieldbeat_sync.device import BUSY_WAIT_MS, Delta, Device, Limits, Link, Push, Settled
from fieldbeat_sync.holdings import Shelf, mismatches
from fieldbeat_sync.schema import Op
from fieldbeat_sync.sequence import Pending, renumber, units

KEPT_MS = 7 * 86_400_000  # acknowledged edits are kept this long, for a server that is restored from a backup
RESYNCS_MAX = 3  # then a scope that never agrees is left as it is, and reported

Answer = Mapping[str, Any]


def registered(device: Device, answer: Answer) -> Delta:
    """Take the new incarnation: the queue is numbered from 1, every uuid stays.

    A device that was to register anyhow learns only here that the database went back in time.
    """
    if device.link.epoch not in (0, answer["epoch"]):
        restored = _restored(device)
        later = replace(device, rows=dict(device.rows), queue=dict(device.queue), settled=dict(device.settled))
        later.apply(restored)
        taken = registered(later, answer)
        return replace(restored, queue=taken.queue, link=taken.link)
    told = answer["limits"]
    bounds = Limits(told["pushMutationsMax"], told["pushBytesMax"], told["mutationBytesMax"], told["pullRowsMax"])
    link = replace(
        device.link,
        device_id=answer["deviceId"],
        incarnation=answer["incarnation"],
        epoch=answer["epoch"],
        ratchet=answer["ratchet"],
        limits=bounds,
        last_seq=0,
        register_due=False,
        batch_max=None,
        wipe_due=False,
    )
    return Delta(queue={edit.uuid: edit for edit in renumber(device.queue.values())}, link=link)


def pushed(device: Device, push: Push, answer: Answer) -> Delta:
    """Swap what was settled for the rows that the server made of it; nothing else of the queue changes."""
    if answer["problem"]:
        return replace(_push_problem(device, push, answer["problem"]), problem=answer["problem"]["code"])
    now_ms = _ms(answer["serverTime"])
    sent = {edit.uuid: edit for edit in push.edits}
    verdicts = {
        each["uuid"]: _settled(device.link, sent[each["uuid"]], each, now_ms)
        for each in answer["results"]
        if each["uuid"] in sent
    }
    shelf = Shelf(device.rows)
    for change in answer["rows"]:
        shelf.take(change)
    last_seq = max([device.link.last_seq, *(each.edit.seq for each in verdicts.values())])
    link = replace(device.link, ratchet=answer["ratchet"], last_seq=last_seq, batch_max=None)
    outdated = dict.fromkeys(_outdated(device, now_ms))
    return Delta(shelf.changed, dict.fromkeys(verdicts), {**outdated, **verdicts}, link)


def pulled(device: Device, answer: Answer) -> Delta:
    """Take one page; at the last one end the resync and compare every scope with the server's count and checksum."""
    if answer["problem"]:
        return replace(_pull_problem(device, answer["problem"]), problem=answer["problem"]["code"])
    if answer["lastSeq"] < device.link.last_seq:
        # It has forgotten what it acknowledged: the database went back, and a cursor that would tell is not there yet.
        return _restored(device)
    if answer["hasMore"] and _is_large(device, answer["resyncScopes"]):
        # Most of what is held is to be read anew: quicker as a stream, and nothing of this page is needed for it.
        return Delta(link=replace(device.link, cursor=None))
    shelf = Shelf(device.rows)
    if answer["resyncScopes"]:
        shelf.mark_stale(answer["resyncScopes"])
    for change in answer["changes"]:
        shelf.take(change)
    link = replace(device.link, cursor=answer["cursor"], pull_due=answer["hasMore"])
    if answer["lastSeq"] > _newest_seq(device):
        # Another copy of this store has pushed: this one was restored from a backup.
        link = replace(link, register_due=True)
    if not answer["hasMore"]:
        shelf.drop_stale()
        link = _checked(replace(link, filled=False, usable=True), shelf, answer["scopes"])
    return Delta(shelf.changed, link=link)


def wiped(device: Device) -> Delta:
    """Everything goes but the link's name: a new registration begins from nothing."""
    link = Link(
        device.link.install_id,
        device.link.schema_version,
        device.link.platform,
        device.link.name,
        device.link.app_version,
        device.link.owner,
        pull_due=False,
    )
    return Delta(dict.fromkeys(device.rows), dict.fromkeys(device.queue), dict.fromkeys(device.settled), link)


def _settled(link: Link, edit: Pending, result: Answer, now_ms: int) -> Settled:
    """A verdict on an edit; a duplicate counts as what it was the first time."""
    duplicate = result["status"] == "DUPLICATE"
    return Settled(
        edit,
        link.incarnation or 0,
        result["original"] if duplicate and result["original"] else result["status"],
        now_ms,
        result["rev"],
        result["code"],
        result["message"],
        tuple(result["fields"]),
        tuple(result["conflictIds"]),
        result["existingId"],
    )


def _outdated(device: Device, now_ms: int) -> Iterator[str]:
    return (
        uuid for uuid, each in device.settled.items() if each.status != "REJECTED" and each.at_ms < now_ms - KEPT_MS
    )


def _newest_seq(device: Device) -> int:
    return max(chain((device.link.last_seq,), (edit.seq for edit in device.queue.values())))


def _is_large(device: Device, scopes: Iterable[str]) -> bool:
    """Whether a resync of these scopes touches most rows, and more than a page; a snapshot was not taken for it yet."""
    wanted = frozenset(scopes)
    touched = sum(not wanted.isdisjoint(held.scopes) for held in device.rows.values()) if wanted else 0
    return touched > max(device.link.limits.pull_rows_max, len(device.rows) / 2) and not device.link.filled


def _checked(link: Link, shelf: Shelf, scopes: Iterable[Answer]) -> Link:
    """Where a scope differs, read everything anew: a cursor cannot forget one scope. Bounded, never a loop."""
    if not mismatches(shelf.all(), scopes):
        return replace(link, resyncs=0)
    if link.resyncs >= RESYNCS_MAX:
        return link
    shelf.mark_stale(None)
    return replace(link, cursor=None, pull_due=True, resyncs=link.resyncs + 1)


def _push_problem(device: Device, push: Push, problem: Answer) -> Delta:
    link = device.link
    match problem["code"]:
        case "TOO_LARGE":
            return _halve(device, push)
        case "SEQUENCE_GAP":
            expected = problem["expectedSeq"] or 1
            lost = [
                each
                for each in device.settled.values()
                if each.incarnation == link.incarnation and each.edit.seq >= expected
            ]
            return _again(device, lost, replace(link, register_due=True))
        case "DEVICE_WIPE":
            # Refused even the queue: the rows go, the user's own unsent words stay until he is let in again.
            return Delta(
                rows=dict.fromkeys(device.rows),
                link=replace(link, cursor=None, wipe_due=True, usable=False),
                wait_ms=BUSY_WAIT_MS,
            )
        case _:
            return _problem(device, problem)


def _pull_problem(device: Device, problem: Answer) -> Delta:
    link = device.link
    match problem["code"]:
        case "DEVICE_WIPE":
            return Delta(link=replace(link, wipe_due=True, pull_due=False))
        case "CURSOR_INVALID":
            shelf = Shelf(device.rows)
            shelf.mark_stale(None)
            return Delta(rows=shelf.changed, link=replace(link, cursor=None))
        case _:
            return _problem(device, problem)


def _problem(device: Device, problem: Answer) -> Delta:
    link = device.link
    match problem["code"]:
        case "DEVICE_UNKNOWN" | "DEVICE_FORKED":
            return Delta(link=replace(link, register_due=True))
        case "EPOCH_CHANGED":
            return _restored(device)
        case "UPGRADE_REQUIRED":
            return Delta(link=replace(link, upgrade_required=True, pull_due=False))
        case _:
            return Delta(wait_ms=problem["retryAfterMs"] or BUSY_WAIT_MS)


def _halve(device: Device, push: Push) -> Delta:
    """Send half as many; one unit that is still too large gives its numbers to NOOPs and becomes a draft."""
    if len(tuple(units(push.edits))) > 1:
        return Delta(link=replace(device.link, batch_max=max(1, len(push.edits) // 2)))
    fillers = [_filler(edit) for edit in push.edits]
    parked = {
        edit.uuid: Settled(edit, 0, "REJECTED", 0, code="INVALID", message="The edit is too large to be sent.")
        for edit in push.edits
    }
    return Delta(queue={**dict.fromkeys(parked), **{edit.uuid: edit for edit in fillers}}, settled=parked)


def _filler(edit: Pending) -> Pending:
    return replace(edit, uuid=str(uuid5(NAMESPACE_OID, f"noop:{UUID(edit.uuid)}")), op=Op.NOOP, patch=None, group=None)


def _restored(device: Device) -> Delta:
    """The database went back in time: send the edits of the last seven days again, and let every row come anew."""
    newest = max((each.at_ms for each in device.settled.values()), default=0)
    lost = [each for each in device.settled.values() if each.incarnation and each.at_ms >= newest - KEPT_MS]
    shelf = Shelf(device.rows)
    shelf.forget_revs()
    shelf.mark_stale(None)
    link = replace(device.link, epoch=0, register_due=True, cursor=None, resume=None, filled=False, pull_due=True)
    delta = _again(device, lost, link)
    return replace(
        delta,
        rows=shelf.changed,
        queue={
            uuid: replace(edit, base_rev=None)
            for uuid, edit in {**device.queue, **delta.queue}.items()
            if edit is not None
        },
    )


def _again(device: Device, lost: Iterable[Settled], link: Link) -> Delta:
    """Put settled edits back before the queue, in the order in which they were settled."""
    edits = [each.edit for each in sorted(lost, key=lambda each: (each.incarnation, each.edit.seq))]
    earlier = renumber(edits, after=-len(edits))
    return Delta(
        queue={edit.uuid: edit for edit in earlier}, settled=dict.fromkeys(edit.uuid for edit in earlier), link=link
    )


def _ms(instant: str) -> int:
    return round(datetime.fromisoformat(instant).timestamp() * 1000)
