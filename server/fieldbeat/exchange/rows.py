"""The records that a push touched, as its author may see them now: a lost echo cannot leave him with an old row."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

import orjson

from fieldbeat.exchange.admission import Admission
from fieldbeat.records.model import Entry, Key
from fieldbeat.records.working import WorkingSet
from fieldbeat_sync import codec


def rows_of(working: WorkingSet, gate: Admission) -> bytes:
    """Every record that the push named, as its author may see it now."""
    announced: dict[tuple[str, UUID], dict[str, Entry]] = defaultdict(dict)
    for entry in working.tx.entries.values():
        announced[entry.collection, entry.record_id][entry.scope_id] = entry
    entries = [_row(working, gate, key, announced.get(key, {})) for key in sorted(working.records)]
    return ("[" + ",".join(entry for entry in entries if entry) + "]").encode()


def _row(working: WorkingSet, gate: Admission, key: Key, announced: Mapping[str, Entry]) -> str | None:
    record = working.records[key]
    standing = {**gate.standings.get(key, {}), **{scope_id: entry.kind for scope_id, entry in announced.items()}}
    held = sorted(scope_id for scope_id, kind in standing.items() if kind != "EVICT" and scope_id in gate.held)
    gone = sorted(gate.standings.get(key, {}).keys() - held)
    if not held and not gone:
        return None
    kind = ("PUT" if record.alive else "DELETE") if held else "EVICT"
    head = {"scope": (held or gone)[0], "collection": key.collection, "id": str(key.id), "kind": kind}
    tail = f'"rev":{record.rev if held else 0}'  # what has left says no more of itself
    if kind == "PUT":
        told = next((entry.doc for entry in announced.values() if entry.doc and entry.rev == record.rev), None)
        tail = told or codec.render(record, working.kept[key.collection].schema, str(key.id))
    return orjson.dumps(head)[:-1].decode() + "," + tail + "}"
