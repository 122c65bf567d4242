"""A phone in a simulated world: its store can be killed, put back from a backup, and live twice."""

import sqlite3
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from uuid import UUID

from fieldbeat.phone import Phone
from fieldbeat.phone.store import Store
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.device import Delta, Device, Link
from fieldbeat_sync.schema import Op
from fieldbeat_testing.simulation.hours import Watch
from fieldbeat_testing.simulation.ledger import Ledger, Made
from fieldbeat_testing.simulation.line import Line
from fieldbeat_testing.simulation.stepper import Job


@dataclass(frozen=True)
class Backup:
    """A copy of a store, with what it remembers."""

    image: bytes
    lineage: tuple[str, ...]


@dataclass(eq=False)
class Handset:
    """One store and the phone that runs on it. `lineage`: every edit in the store's past, in order."""

    name: str
    who: str
    line: Line
    watch: Watch
    draw: Random
    store: Store
    ledger: Ledger
    lineage: list[str] = field(default_factory=list)
    backup: Backup | None = None
    job: Job | None = None

    def __post_init__(self) -> None:
        self.phone = self._opened()

    @property
    def install_id(self) -> str:
        """The install, which copies share."""
        return self.phone.device.link.install_id

    @property
    def syncs(self) -> bool:
        """Whether a sync is under way."""
        return self.job is not None and not self.job.done

    def queued(self, uuids: tuple[str, ...]) -> None:
        """Note edits that were just queued."""
        for uuid in uuids:
            edit = self.phone.device.queue[uuid]
            self.ledger.made[uuid] = Made(
                uuid,
                self.name,
                self.who,
                edit.collection,
                edit.record_id,
                edit.op,
                edit.patch,
                edit.base_rev,
                edit.group,
                self.watch.hours.now_ms,
                frozenset(self.lineage),
                self._children(edit.record_id) if edit.op is Op.DELETE else frozenset(),
                self.watch.skew_ms,
                str(self.watch.boot_id) if self.watch.boot_id else None,
            )
            self.lineage.append(uuid)

    def restart(self) -> None:
        """The app is killed and opened again: all that it knows is in its store."""
        self.phone = self._opened()

    def back_up(self) -> None:
        """Copy the store."""
        self.backup = Backup(_db(self.store).serialize(), tuple(self.lineage))

    def put_back(self, backup: Backup) -> None:
        """The store becomes what it was when it was copied; later edits that were never sent are gone."""
        self.ledger.dropped.update(set(self.lineage) - set(backup.lineage))
        self.store.close()
        self.store = opened_image(backup.image)
        self.lineage = list(backup.lineage)
        self.restart()

    def _opened(self) -> Phone:
        device = self.store.load(SCHEMA)
        if device is None:
            link = Link(str(UUID(int=self.draw.getrandbits(128), version=4)), SCHEMA.version, owner=self.who)
            device = Device(SCHEMA, link)
            self.store.write(Delta(link=link))
        self.line.install_id = device.link.install_id
        return Phone(device, self.store, self.line, self.watch, self._mint, self.draw.random)  # type: ignore[arg-type]

    def _mint(self) -> str:
        return str(UUID(int=self.draw.getrandbits(128), version=4))

    def _children(self, record_id: str) -> frozenset[str]:
        contacts = self.phone.rows("contact").values()
        return frozenset(row["id"] for row in contacts if row["accountId"] == record_id)


def empty_store() -> Store:
    """A new phone's store, in memory."""
    return Store(Path(":memory:"), durable=False)


def opened_image(image: bytes) -> Store:
    """A store from its copy."""
    store = empty_store()
    _db(store).deserialize(image)
    return store


def twin_of(handset: Handset, backup: Backup, draw: Random, boot_id: UUID) -> Handset:
    """A second phone set up from a backup of the first, which goes on: both say that they are the same install."""
    watch = replace(handset.watch, boot_id=boot_id, booted_ms=handset.watch.hours.now_ms)
    line = replace(handset.line, name=f"{handset.name}'")
    store = opened_image(backup.image)
    return Handset(f"{handset.name}'", handset.who, line, watch, draw, store, handset.ledger, list(backup.lineage))


def _db(store: Store) -> sqlite3.Connection:
    return store._db
