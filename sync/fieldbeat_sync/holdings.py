"""The confirmed rows of a device, each with the scopes by which it came, and how a page of changes alters them.

Source: protocol, "Changes" (docs/protocol.md).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fieldbeat_sync.scope import MODULUS, digits, row_hash

Key = tuple[str, str]  # collection, record id

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Held:
    """A confirmed row. `stale` are those of its scopes that a running resync has not yet confirmed again."""

    collection: str
    record_id: str
    rev: int
    row: Mapping[str, Any]
    scopes: frozenset[str]
    stale: frozenset[str] = _NONE
    clock: Mapping[str, int] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Under which it is held."""
        return (self.collection, self.record_id)


@dataclass(frozen=True)
class Tally:
    """What a scope holds: how many live rows, and the checksum."""

    rows: int
    checksum: str


class Shelf:
    """Rows while a page is being taken: `changed` is what differs from the rows that it began with (None: gone)."""

    def __init__(self, rows: Mapping[Key, Held]) -> None:
        self._rows = rows
        self.changed: dict[Key, Held | None] = {}

    def get(self, key: Key) -> Held | None:
        """The row as it stands now."""
        return self.changed[key] if key in self.changed else self._rows.get(key)

    def all(self) -> Iterator[Held]:
        """Every row as it stands now."""
        yield from (held for key, held in self._rows.items() if key not in self.changed)
        yield from (held for held in tuple(self.changed.values()) if held is not None)

    def mark_stale(self, scopes: Iterable[str] | None) -> None:
        """Begin a resync of these scopes (None: of all that is held): their rows must come again or they go."""
        wanted = None if scopes is None else frozenset(scopes)
        for held in tuple(self.all()):
            stale = held.scopes if wanted is None else held.scopes & wanted
            if stale:
                self.changed[held.key] = replace(held, stale=held.stale | stale)

    def drop_stale(self) -> None:
        """End a resync: what no page has confirmed again loses that scope."""
        for held in tuple(self.all()):
            if held.stale:
                self._keep(held, held.scopes - held.stale, _NONE)

    def forget_revs(self) -> None:
        """Let any row of the server replace the held one: after a restore its revs may run behind."""
        for held in tuple(self.all()):
            self.changed[held.key] = replace(held, rev=0)

    def take(self, change: Mapping[str, Any]) -> None:
        """One entry of `changes`, or of a push's `rows`."""
        scope, collection, record_id = change["scope"], change["collection"], change["id"]
        if change["kind"] == "PUT":
            # A row that is being read anew is what the server says it is, even if its database went back in time.
            self._put(change, even_if_older=True)
        elif change["kind"] == "DELETE":
            self.changed[collection, record_id] = None
        elif record_id is None:
            for held in tuple(self.all()):
                self._evict(scope, held)
        else:
            self._evict(scope, self.get((collection, record_id)))

    def fill(self, change: Mapping[str, Any]) -> None:
        """A row of a snapshot; one that is older than what a push has brought meanwhile gives its scope alone."""
        self._put(change, even_if_older=False)

    def _put(self, change: Mapping[str, Any], *, even_if_older: bool) -> None:
        scope, held = change["scope"], self.get((change["collection"], change["id"]))
        scopes = (held.scopes if held else _NONE) | {scope}
        stale = (held.stale if held else _NONE) - {scope}
        if held is None or (held.stale and even_if_older) or change["rev"] >= held.rev:
            held = Held(
                change["collection"],
                change["id"],
                change["rev"],
                change["row"],
                scopes,
                stale,
                change.get("clock") or {},
            )
        self.changed[held.key] = replace(held, scopes=scopes, stale=stale)

    def _evict(self, scope: str, held: Held | None) -> None:
        if held is not None and scope in held.scopes:
            self._keep(held, held.scopes - {scope}, held.stale - {scope})

    def _keep(self, held: Held, scopes: frozenset[str], stale: frozenset[str]) -> None:
        self.changed[held.key] = replace(held, scopes=scopes, stale=stale) if scopes else None


def tallies(rows: Iterable[Held]) -> dict[str, Tally]:
    """Count and checksum of every scope that gave a row; compare with the server's `scopes`."""
    counts: dict[str, int] = {}
    sums: dict[str, int] = {}
    for held in rows:
        one = row_hash(held.collection, held.record_id, held.rev)
        for scope in held.scopes:
            counts[scope] = counts.get(scope, 0) + 1
            sums[scope] = (sums.get(scope, 0) + one) % MODULUS
    return {scope: Tally(counts[scope], digits(sums[scope])) for scope in counts}


def mismatches(rows: Iterable[Held], scopes: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The scopes in which the device and the server's `SyncScopeState` differ, sorted; empty when all is well."""
    mine = tallies(rows)
    theirs = {each["id"]: Tally(each["rows"], each["checksum"]) for each in scopes}
    nothing = Tally(0, digits(0))
    return tuple(
        sorted(scope for scope in mine.keys() | theirs.keys() if mine.get(scope, nothing) != theirs.get(scope, nothing))
    )
