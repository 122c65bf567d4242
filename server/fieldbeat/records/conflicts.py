"""A conflict as it opens, as what stands under it changes, as it closes: pure, a new value each time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from fieldbeat.kit.ids import uuid7
from fieldbeat.records.model import Conflict, Key
from fieldbeat.records.store import WriteRef
from fieldbeat_sync.clock import instant_of, text_of
from fieldbeat_sync.mutation import Author, Clash, Version
from fieldbeat_sync.policies import delete


def opened(key: Key, record_rev: int, clash: Clash, *, at: datetime, chain: Conflict | None) -> Conflict:
    """What a clash leaves for a human; `chain` is the open conflict that it carries on."""
    winner, loser = clash.winner.stamp, clash.loser.stamp
    fields = {
        "collection": key.collection,
        "recordId": str(key.id),
        "field": clash.field,
        "policy": clash.policy,
        "status": "OPEN",
        "winner": _side(clash.winner),
        "loser": _side(clash.loser),
        "createdAt": chain.fields["createdAt"] if chain else text_of(at),
        "resolvedAt": None,
    }
    return Conflict(
        id=chain.id if chain else uuid7(),
        rev=chain.rev + 1 if chain else 1,
        fields=fields,
        winner_replica=winner.replica,
        loser_replica=loser.replica,
        record_rev=record_rev,
        winner_rev=winner.rev,
        loser_rev=loser.rev,
        created_at=chain.created_at if chain else at,
        winner_hlc=winner.hlc,
        loser_hlc=loser.hlc,
        loser_seq=loser.seq,
    )


def continues(earlier: Conflict, author: Author, key: Key, clash: Clash) -> bool:
    """Whether the author's earlier losing value, now overwritten by himself, is what the open conflict keeps."""
    same = earlier.about == key and earlier.fields["field"] == clash.field and earlier.fields["status"] == "OPEN"
    own = earlier.loser_seq > 0 and author.owns(earlier.loser_replica, earlier.loser_seq)
    return same and own and clash.field != delete.FIELD


def standing(conflict: Conflict, winner: Version) -> Conflict:
    """The value that stands has changed under an open conflict: whoever keeps the winner keeps this one.

    As with a loser that has changed, only who has seen the conflict as it is now closes it.
    """
    stamp = winner.stamp
    return replace(
        conflict,
        rev=conflict.rev + 1,
        fields={**conflict.fields, "winner": _side(winner)},
        winner_replica=stamp.replica,
        record_rev=stamp.rev,
        winner_rev=stamp.rev,
        winner_hlc=stamp.hlc,
    )


def closed(conflict: Conflict, status: str, *, at: datetime) -> Conflict:
    """With its final status."""
    fields = {**conflict.fields, "status": status, "resolvedAt": text_of(at)}
    return replace(conflict, rev=conflict.rev + 1, fields=fields)


def new_sides(conflict: Conflict) -> dict[str, WriteRef]:
    """The writes of those values of a conflict that are new in it; the others were named before."""
    sides = {
        "winner": WriteRef(conflict.about, conflict.winner_rev, conflict.winner_replica, conflict.winner_hlc),
        "loser": WriteRef(conflict.about, conflict.loser_rev, conflict.loser_replica, conflict.loser_hlc),
    }
    return {side: write for side, write in sides.items() if write.hlc}


def named(conflict: Conflict, writers: Mapping[WriteRef, dict[str, Any]]) -> Conflict:
    """With the names of who wrote its new values."""
    new = {side: {**conflict.fields[side], "actor": writers.get(at)} for side, at in new_sides(conflict).items()}
    return replace(conflict, fields={**conflict.fields, **new})


def _side(version: Version) -> dict[str, Any]:
    """A side of a conflict as it travels; its actor is added when the history is written."""
    at = instant_of(version.stamp.hlc)
    return {"value": version.value, "at": text_of(at), "replica": version.stamp.replica, "actor": None}
