"""A phone's memory on disk: SQLite, one row for every confirmed record, queued edit and verdict, and one for the link.

Every `Delta` is one transaction, so a phone that is killed at any moment opens with all of a step or nothing of it.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fieldbeat_sync.clock import DeviceTime
from fieldbeat_sync.device import Delta, Device, Limits, Link, Settled
from fieldbeat_sync.holdings import Held, Key
from fieldbeat_sync.schema import Op, Schema
from fieldbeat_sync.sequence import Pending

_TABLES = """
create table if not exists link (one integer primary key check (one = 1), document text not null);
create table if not exists held (
  collection text, record_id text, rev integer not null, fields text not null, scopes text not null,
  stale text not null, clock text not null, primary key (collection, record_id)
) without rowid;
create table if not exists queued (uuid text primary key, seq integer not null unique, document text not null);
create table if not exists session (one integer primary key check (one = 1), refresh_token text not null);
create table if not exists settled (
  place integer primary key autoincrement, uuid text not null unique, status text not null, document text not null
);
"""
_HELD = "insert or replace into held values (?, ?, ?, ?, ?, ?, ?)"
_SETTLED = "insert or replace into settled (uuid, status, document) values (?, ?, ?)"


class Store:
    """One file for one person on one phone. `durable` false trades power cuts (not kills) for speed."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        # A crowd of phones in one process must not run out of file descriptors: WAL keeps three open, a journal one.
        self._db.execute(f"pragma journal_mode = {'wal' if durable else 'delete'}")
        self._db.execute(f"pragma synchronous = {'full' if durable else 'off'}")
        self._db.executescript(_TABLES)

    def load(self, schema: Schema) -> Device | None:
        """The device as it was last written; None in a new file."""
        found = self._db.execute("select document from link").fetchone()
        if found is None:
            return None
        rows = [
            _held(*row)
            for row in self._db.execute(
                "select collection, record_id, rev, fields, scopes, stale, clock from held order by 1, 2"
            )
        ]
        queue = [
            _pending(json.loads(document))
            for (document,) in self._db.execute("select document from queued order by seq")
        ]
        settled = [
            _settled(json.loads(document))
            for (document,) in self._db.execute("select document from settled order by place")
        ]
        return Device(
            schema,
            _link(json.loads(found[0])),
            {held.key: held for held in rows},
            {edit.uuid: edit for edit in queue},
            {each.edit.uuid: each for each in settled},
        )

    def write(self, delta: Delta) -> None:
        """All of the delta, or nothing of it."""
        self._db.execute("begin immediate")
        try:
            self._write(delta)
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def refresh_token(self) -> str:
        """With which the person's session goes on; empty when there is none."""
        found = self._db.execute("select refresh_token from session").fetchone()
        return found[0] if found else ""

    def keep_refresh_token(self, token: str) -> None:
        """Put the newest refresh token in the place of the one before."""
        self._db.execute("insert or replace into session values (1, ?)", (token,))

    def close(self) -> None:
        """Give the file free."""
        self._db.close()

    def _write(self, delta: Delta) -> None:
        many = self._db.executemany
        gone = [key for key, held in delta.rows.items() if held is None]
        many("delete from held where collection = ? and record_id = ?", gone)
        many(_HELD, [_held_row(key, held) for key, held in delta.rows.items() if held])
        # Numbers move when a queue is numbered anew: all of the touched ones go before any comes.
        many("delete from queued where uuid = ?", [(uuid,) for uuid in delta.queue])
        many(
            "insert into queued values (?, ?, ?)",
            [(uuid, edit.seq, _dump(asdict(edit))) for uuid, edit in delta.queue.items() if edit],
        )
        many("delete from settled where uuid = ?", [(uuid,) for uuid, each in delta.settled.items() if each is None])
        many(_SETTLED, [(uuid, each.status, _dump(asdict(each))) for uuid, each in delta.settled.items() if each])
        if delta.link:
            self._db.execute("insert or replace into link values (1, ?)", (_dump(asdict(delta.link)),))


def _held_row(key: Key, held: Held) -> tuple[Any, ...]:
    return (*key, held.rev, _dump(held.row), _dump(sorted(held.scopes)), _dump(sorted(held.stale)), _dump(held.clock))


def _held(collection: str, record_id: str, rev: int, fields: str, scopes: str, stale: str, clock: str) -> Held:
    return Held(
        collection,
        record_id,
        rev,
        json.loads(fields),
        frozenset(json.loads(scopes)),
        frozenset(json.loads(stale)),
        json.loads(clock),
    )


def _link(document: dict[str, Any]) -> Link:
    return Link(**{**document, "limits": Limits(**document["limits"])})


def _pending(document: dict[str, Any]) -> Pending:
    return Pending(**{**document, "made": DeviceTime(**document["made"]), "op": Op(document["op"])})


def _settled(document: dict[str, Any]) -> Settled:
    lists = {name: tuple(document[name]) for name in ("fields", "conflict_ids")}
    return Settled(**{**document, **lists, "edit": _pending(document["edit"])})


def _dump(value: Mapping[str, Any] | list[Any]) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
