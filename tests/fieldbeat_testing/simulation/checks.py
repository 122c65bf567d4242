"""What must hold when a world has come to peace; each finding begins with the kind of what is wrong."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from fieldbeat_sync import scope
from fieldbeat_sync.clock import ms_of
from fieldbeat_sync.schema import Op
from fieldbeat_testing.simulation import records
from fieldbeat_testing.simulation.fold import Fold
from fieldbeat_testing.simulation.handset import Handset
from fieldbeat_testing.simulation.ledger import Made, RecordId
from fieldbeat_testing.simulation.placing import homes, parent_of
from fieldbeat_testing.simulation.records import Truth
from fieldbeat_testing.simulation.world import World

PLAYED = ("account", "contact", "tally", "visit", "ticket", "ticketMessage", "asset", "ticketPart", "attachment")
_HELD = """
select a.territory_id, a.user_id from territory_assignment a
where a.tenant_id = $1 and a.from_on <= $2 and (a.until_on is null or a.until_on > $2)
"""


async def findings(world: World) -> list[str]:
    """Everything that is wrong with the world."""
    truth = await records.read(world.stage.owner, world.company.tenant_id)
    today = datetime.fromtimestamp(world.stage.now_ms / 1000, UTC).date()
    held = defaultdict(set)
    for row in await world.stage.owner.fetch(_HELD, world.company.tenant_id, today):
        held[row["user_id"]].add(f"territory:{row['territory_id']}")
    found = list(world.ledger.wrong)
    found += _feed(truth)
    found += _folded(world, truth)
    found += _verdicts(world, truth)
    found += _groups(world, truth)
    found += _times(world, truth)
    for handset in world.handsets:
        found += _phone(world, truth, handset, _scopes(world, truth, handset, held))
    return found


def _folded(world: World, truth: Truth) -> Iterator[str]:
    conflicts = defaultdict(list)
    for each in truth.conflicts:
        conflicts[each["collection"], str(each["record_id"])].append(each)
    for about, writes in truth.writes.items():
        if about[0] in PLAYED:
            yield from Fold(world.ledger, about, writes, truth.records[about], conflicts[about]).findings()


def _feed(truth: Truth) -> Iterator[str]:
    """The feed says of every record where it is and what it is, and its heads count right."""
    live: dict[str, list[int]] = defaultdict(list)
    standing: dict[RecordId, set[str]] = defaultdict(set)
    for entry in truth.feed:
        if entry.kind == "PUT":
            live[entry.scope_id].append(scope.row_hash(*entry.about, entry.rev))
            standing[entry.about].add(entry.scope_id)
            stored = truth.records.get(entry.about)
            if stored and (entry.rev, {**stored.row}) != (entry.rev, {k: entry.row[k] for k in stored.row}):
                yield f"feed: {entry.about} in {entry.scope_id} is not the record"
            if stored and (stored.rev != entry.rev or not stored.alive):
                yield f"feed: {entry.about} in {entry.scope_id} is at rev {entry.rev}, the record at {stored.rev}"
    for about, stored in truth.records.items():
        due = homes(truth, about) if stored.alive else set()
        if standing[about] != due:
            yield f"feed: {about} stands in {sorted(standing[about])}, not in {sorted(due)}"
    for each in truth.conflicts:
        about = ("conflict", str(each["id"]))
        due = homes(truth, (each["collection"], str(each["record_id"])))
        if standing[about] != due:
            yield f"feed: {about} stands in {sorted(standing[about])}, not in {sorted(due)}"
    for scope_id, (_, rows, checksum) in truth.heads.items():
        if (rows, checksum) != (len(live[scope_id]), sum(live[scope_id]) % scope.MODULUS):
            yield f"feed: {scope_id} counts {rows} rows and has {len(live[scope_id])}"


def _verdicts(world: World, truth: Truth) -> Iterator[str]:
    """Every edit has exactly one verdict, or lies in a queue, or went with its phone; and it took effect once."""
    first: dict[str, Mapping[str, Any]] = {}
    for each in truth.verdicts:
        if not each["repeats"] and first.setdefault(str(each["uuid"]), each) is not each:
            yield f"twice: {each['uuid']} has two verdicts"
    effects = defaultdict(set)
    for about, writes in truth.writes.items():
        for write in writes:
            if write.uuid and not write.field.startswith("+"):
                effects[write.uuid].add((about, write.replica, write.seq, write.rev))
            elif write.replica and not write.uuid:
                yield f"unknown: {about} has a write by ({write.replica}, {write.seq}) that no verdict names"
    queued = {uuid for handset in world.handsets for uuid in handset.phone.device.queue}
    for uuid, made in world.ledger.made.items():
        verdict = first.get(uuid)
        if verdict is None:
            if uuid not in queued and uuid not in world.ledger.dropped:
                yield f"lost: {made.phone} wrote {uuid} ({made.op} {made.about}), and nobody knows of it"
            continue
        world.ledger.counts[verdict["status"].lower()] += 1
        own = {effect for effect in effects[uuid] if effect[0] == made.about}
        due = 0 if verdict["status"] == "REJECTED" or made.op is Op.NOOP else 1
        if len(own) != due:
            yield f"effect: {uuid} was {verdict['status']} and took effect {len(own)} times"
        if verdict["status"] == "REJECTED" and not _justified(world, truth, made, verdict):
            yield f"blocked: {uuid} ({made.op} {made.about} {made.patch}) was rejected with {verdict['code']}"
    for replica, order in _by_replica(truth).items():
        if order != sorted(order):
            yield f"order: the edits of {replica} took effect out of order"


def _by_replica(truth: Truth) -> dict[int, list[int]]:
    """For each replica, its seqs in the order of their times."""
    stamped: dict[int, dict[int, int]] = defaultdict(dict)
    for writes in truth.writes.values():
        for write in writes:
            if write.replica:
                stamped[write.replica][write.seq] = write.hlc
    return {replica: sorted(seqs, key=lambda seq: (seqs[seq], seq)) for replica, seqs in stamped.items()}


def _justified(world: World, truth: Truth, made: Made, verdict: Mapping[str, Any]) -> bool:
    """Whether an edit of this content may have been rejected like this at all."""
    patch = made.patch or {}
    match verdict["code"]:
        case "FIELD_READ_ONLY":
            return "tier" in patch
        case "UNIQUE":
            return (
                bool(patch.keys() & {"code", "serialNumber"})
                or _was_deleted(truth, made.about)
                or _was_deleted(truth, parent_of(truth, made.collection, patch))
            )
        case "DELETED":
            return _had_seen_a_delete(world, truth, made, made.about) or _had_seen_a_delete(
                world, truth, made, parent_of(truth, made.collection, patch)
            )
        case "DEPENDENCY":
            return made.group is not None or _create_was_rejected(world, truth, made)
        case "FORBIDDEN" | "NOT_FOUND":
            return True  # who may see what, and when, is for other tests; that nothing leaks is checked here
        case "INVALID":
            covers_none = made.op is Op.CREATE and verdict["fields"] == ["territoryId"]
            # Of a visit that somebody checked in to later, another customer's asset, more parts back than there were.
            return covers_none or bool(patch.keys() & {"checkOut", "assetId", "quantity"})
        case "ILLEGAL_TRANSITION":
            return "status" in patch  # by the state that he had seen, of which the laws of the merge tell
        case "IMMUTABLE":
            return made.collection in ("ticketMessage", "attachment") or bool(
                patch.keys() & {"checkIn", "checkOut", "answers"}
            )
        case _:
            return False


def _was_deleted(truth: Truth, about: RecordId) -> bool:
    """Then an edit may have to bring the record back, and its code may be another's by now."""
    return any(write.field == "*" for write in truth.writes.get(about, ()))


def _had_seen_a_delete(world: World, truth: Truth, made: Made, about: RecordId) -> bool:
    """An edit that had not seen the delete would have brought the record back. In a restored world, who knows?"""
    base_rev = made.base_rev or 0 if about == made.about else 0
    return any(
        write.field == "*" and (write.uuid in made.before or write.rev <= base_rev or world.ledger.restored)
        for write in truth.writes.get(about, ())
    )


def _create_was_rejected(world: World, truth: Truth, made: Made) -> bool:
    about = {made.record_id, parent_of(truth, made.collection, made.patch or {})[1]}
    return any(
        each["op"] == "CREATE" and each["status"] == "REJECTED" and str(each["record_id"]) in about
        for each in truth.verdicts
    )


def _groups(world: World, truth: Truth) -> Iterator[str]:
    """All of a group, or none."""
    statuses = defaultdict(set)
    for each in truth.verdicts:
        made = world.ledger.made.get(str(each["uuid"]))
        if made and made.group and not each["repeats"]:
            statuses[made.group].add(each["status"] == "REJECTED")
    yield from (f"group: {group} took effect in part" for group, fates in statuses.items() if len(fates) > 1)


def _times(world: World, truth: Truth) -> Iterator[str]:
    """No stored time is in the future; an edit is never older than its making, whatever its phone's calendar said."""
    for writes in truth.writes.values():
        for write in writes:
            stamped_ms = ms_of(write.hlc)
            if stamped_ms > write.applied_ms + 1:
                yield f"future: {write.about} {write.field} is stamped {stamped_ms}, received {write.applied_ms}"
            made = world.ledger.made.get(write.uuid or "")
            if made and made.phone.rstrip("'") not in world.clocks_set and stamped_ms < made.at_ms - 1:
                yield f"age: {write.uuid} was made at {made.at_ms} and counts as of {stamped_ms}"


def _scopes(world: World, truth: Truth, handset: Handset, held: Mapping[Any, set[str]]) -> set[str]:
    """The scopes of a phone's user, told anew."""
    people = world.company.people
    mine = people[handset.who]
    if handset.who == "adam":
        everywhere = {f"territory:{id_}" for id_ in world.company.territories.values()}
        return {"tenant"} | everywhere | {f"user:{each}" for each in people.values()}
    below = [mine, *(people[each] for each in ("nina", "otto", "pia"))] if handset.who == "vera" else [mine]
    return {"tenant"}.union(*(held[each] | {f"user:{each}"} for each in below))


def _phone(world: World, truth: Truth, handset: Handset, scopes: set[str]) -> Iterator[str]:
    device = handset.phone.device
    for uuid in handset.lineage:
        if (uuid in device.settled) == (uuid in device.queue):
            yield f"fate: {handset.name} holds {uuid} {'twice' if uuid in device.queue else 'nowhere'}"
    if device.queue:
        yield f"stuck: {handset.name} still queues {len(device.queue)} edits"
    if truth.people[world.company.people[handset.who]]["deactivated_at"]:
        return
    due: dict[RecordId, tuple[int, Any, set[str]]] = {}
    for entry in truth.feed:
        if entry.kind == "PUT" and entry.scope_id in scopes:
            due.setdefault(entry.about, (entry.rev, entry.row, set()))[2].add(entry.scope_id)
    shown = {key: (held.rev, held.row, set(held.scopes)) for key, held in device.rows.items()}
    for about in due.keys() | shown.keys():
        if due.get(about) != shown.get(about):
            kind = "diverged" if about in due else "leaked"
            yield f"{kind}: {handset.name} shows {about} as {shown.get(about)}, the server {due.get(about)}"
