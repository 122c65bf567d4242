"""The records that a push touched, as its author may see them now: a lost echo cannot leave him with an old row."""

from collections.abc import Mapping

import orjson

from fieldbeat.exchange.admission import Admission
from fieldbeat.records.model import Key
from fieldbeat.records.working import WorkingSet
from fieldbeat_sync import codec


def rows_of(working: WorkingSet, gate: Admission) -> bytes:
    """Every record that the push named, as its author may see it now."""
    entries = [_row(working, gate, key) for key in sorted(working.records)]
    return ("[" + ",".join(entry for entry in entries if entry) + "]").encode()


def _row(working: WorkingSet, gate: Admission, key: Key) -> str | None:
    record = working.records[key]
    standing = gate.standings.get(key, {})
    held = sorted(
        scope_id
        for scope_id in {*standing, *(entry[0] for entry in working.tx.entries if entry[1:] == tuple(key))}
        if scope_id in gate.held and _kind(working, standing, scope_id, key) != "EVICT"
    )
    gone = sorted(scope_id for scope_id in standing if scope_id not in held)
    if not held and not gone:
        return None
    kind = ("PUT" if record.alive else "DELETE") if held else "EVICT"
    head = {"scope": (held or gone)[0], "collection": key.collection, "id": str(key.id), "kind": kind}
    tail = f'"rev":{record.rev if held else 0}'  # what has left says no more of itself
    if kind == "PUT":
        tail = codec.render(record, working.kept[key.collection].schema, str(key.id))
    return orjson.dumps(head)[:-1].decode() + "," + tail + "}"


def _kind(working: WorkingSet, standing: Mapping[str, str], scope_id: str, key: Key) -> str:
    announced = working.tx.entries.get((scope_id, key.collection, key.id))
    return announced.kind if announced else standing.get(scope_id, "EVICT")
