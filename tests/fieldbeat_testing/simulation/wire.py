"""Between what a phone sends and what the exchange takes, by the contract's names; as the GraphQL edge does it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from fieldbeat.exchange import model
from fieldbeat_sync.schema import Op

Wire = Mapping[str, Any]


def registering(wire: Wire) -> model.Registering:
    """`RegisterDeviceInput`."""
    previous = wire["previous"]
    return model.Registering(
        install_id=UUID(wire["installId"]),
        platform=model.Platform(wire["platform"]),
        schema_version=wire["schemaVersion"],
        name=wire["name"],
        app_version=wire["appVersion"],
        previous=model.Previous(previous["incarnation"], previous["lastSeq"]) if previous else None,
    )


def push(wire: Wire) -> model.Push:
    """`SyncPushInput`."""
    return model.Push(
        device_id=UUID(wire["deviceId"]),
        incarnation=wire["incarnation"],
        epoch=wire["epoch"],
        ratchet=wire["ratchet"],
        schema_version=wire["schemaVersion"],
        device_now=datetime.fromisoformat(wire["deviceNow"]),
        acked_through=wire["ackedThrough"],
        mutations=tuple(map(_mutation, wire["mutations"])),
        uptime_ms=wire["uptimeMs"],
        boot_id=wire["bootId"],
    )


def pull(wire: Wire) -> model.Pull:
    """`SyncPullInput`."""
    return model.Pull(UUID(wire["deviceId"]), wire["incarnation"], wire["schemaVersion"], wire["cursor"], wire["limit"])


def registered(answer: model.Registered, bounds: Mapping[str, int]) -> dict[str, Any]:
    """`RegisterDevicePayload`; a server may tell any limits."""
    return {
        "deviceId": str(answer.device_id),
        "incarnation": answer.incarnation,
        "epoch": answer.epoch,
        "ratchet": answer.ratchet,
        "serverTime": answer.server_time.isoformat(),
        "limits": dict(bounds),
    }


def pushed(answer: model.Pushed) -> dict[str, Any]:
    """`SyncPushPayload`."""
    return {
        "lastSeq": answer.last_seq,
        "ratchet": answer.ratchet,
        "serverTime": answer.server_time.isoformat(),
        "results": [_result(each) for each in answer.results],
        "rows": orjson.loads(answer.rows),
        "problem": _problem(answer.problem),
    }


def pulled(answer: model.Pulled) -> dict[str, Any]:
    """`SyncPullPayload`."""
    states = [
        {"id": each.id, "head": str(each.head), "rows": each.rows, "checksum": each.checksum}
        for each in answer.scopes or ()
    ]
    return {
        "cursor": answer.cursor,
        "hasMore": answer.has_more,
        "lastSeq": answer.last_seq,
        "serverTime": answer.server_time.isoformat(),
        "changes": orjson.loads(answer.changes),
        "resyncScopes": list(answer.resync_scopes),
        "scopes": None if answer.scopes is None else states,
        "problem": _problem(answer.problem),
    }


def _mutation(wire: Wire) -> model.Mutation:
    return model.Mutation(
        seq=wire["seq"],
        uuid=UUID(wire["uuid"]),
        at=datetime.fromisoformat(wire["at"]),
        collection=wire["collection"],
        record_id=UUID(wire["recordId"]),
        op=Op(wire["op"]),
        base_rev=wire["baseRev"],
        patch=orjson.loads(orjson.dumps(wire["patch"])),
        group=UUID(wire["group"]) if wire["group"] else None,
        uptime_ms=wire["uptimeMs"],
        boot_id=wire["bootId"],
    )


def _result(result: model.Result) -> dict[str, Any]:
    return {
        "seq": result.seq,
        "uuid": str(result.uuid),
        "status": result.status.value,
        "original": result.original.value if result.original else None,
        "rev": result.rev,
        "conflictIds": [str(each) for each in result.conflict_ids],
        "existingId": str(result.existing_id) if result.existing_id else None,
        "code": result.code,
        "message": result.message,
        "fields": list(result.fields),
    }


def _problem(problem: model.Problem | None) -> dict[str, Any] | None:
    if problem is None:
        return None
    return {
        "code": problem.code.value,
        "message": problem.message,
        "expectedSeq": problem.expected_seq,
        "retryAfterMs": problem.retry_after_ms,
    }
