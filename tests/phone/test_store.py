"""A phone's store: what is written is read again, all of a step or nothing of it, whatever kills it."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fieldbeat.phone import Account, SystemClock, WrongPerson, open_phone
from fieldbeat.phone.store import Store
from fieldbeat_sync import answers
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.device import Delta, Wish
from fieldbeat_sync.schema import Op
from fieldbeat_testing.device import EAST, LUNCH, NORTH, Bench, gone, named, page, problem, put, settlement, verdict

NANCY = Account("nancy@example.org", "secret")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "phone.db")
    yield opened
    opened.close()


class Written(Bench):
    """A bench whose device writes everything to a store."""

    def __init__(self, store: Store) -> None:
        super().__init__(registered=False)
        store.write(Delta(link=self.device.link))
        remember = self.device.apply

        def keep(delta: Delta) -> None:
            store.write(delta)
            remember(delta)

        self.device.apply = keep  # type: ignore[method-assign]
        self.registered(1)


def test_a_store_reads_what_every_kind_of_step_wrote(store: Store) -> None:
    bench = Written(store)
    steps: list[Callable[[], object]] = [
        lambda: bench.pulled(page(put(NORTH), put(EAST), put(NORTH, named("tea"), 3, note="ü"), more=True)),
        lambda: bench.edit(note="a", tags={"$add": ["x"]}),
        lambda: bench.queue(
            *[Wish("account", LUNCH, Op.UPDATE, {"note": str(n)}) for n in range(3)], group=named("group")
        ),
        lambda: bench.pushed(
            settlement(verdict(bench.push().edits[0], "REJECTED", code="X", fields=["a"]), rows=[put(NORTH, rev=2)])
        ),
        lambda: bench.pushed(problem("DEVICE_FORKED")),
        lambda: bench.registered(2),
        lambda: bench.pulled(page(gone("EVICT", EAST), resync=[NORTH], more=True)),
        lambda: bench.pushed(settlement(*(verdict(edit, rev=4) for edit in bench.push().edits))),
        lambda: bench.pushed(problem("EPOCH_CHANGED")) if bench.edit(note="b") else None,
        lambda: bench.device.apply(answers.wiped(bench.device)),
    ]
    for step in steps:
        step()
        read = store.load(SCHEMA)
        assert read is not None
        for part in ("link", "rows", "queue", "settled"):
            assert getattr(read, part) == getattr(bench.device, part), part
        assert list(read.queue) == list(bench.device.queue)
        assert list(read.settled) == list(bench.device.settled)


def test_a_step_that_fails_half_way_leaves_nothing_of_itself(store: Store) -> None:
    bench = Written(store)
    bench.edit(note="kept")
    before = store.load(SCHEMA)
    unwritable = {"u1": next(iter(bench.device.queue.values())), "u2": next(iter(bench.device.queue.values()))}
    with pytest.raises(sqlite3.IntegrityError):
        store.write(Delta(rows={("account", LUNCH): None}, queue=unwritable, link=bench.device.link))
    assert store.load(SCHEMA) == before


QUEUES_FOR_EVER = """
import sys
from pathlib import Path
from fieldbeat.phone import Account, open_phone
phone = open_phone(Path(sys.argv[1]), url="http://x", account=Account("nancy@example.org", "secret"))
while True:
    print(phone.create("account", name="Lunch"), flush=True)
"""


def test_a_phone_that_is_killed_has_every_edit_that_it_said_it_had(tmp_path: Path) -> None:
    path = tmp_path / "phone.db"
    with subprocess.Popen([sys.executable, "-c", QUEUES_FOR_EVER, str(path)], stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        said = [killed.stdout.readline().decode().strip() for _ in range(20)]
        killed.send_signal(signal.SIGKILL)
        said += [line.decode().strip() for line in killed.stdout if line.endswith(b"\n")]
    opened = Store(path)
    read = opened.load(SCHEMA)
    opened.close()
    assert read is not None
    assert [edit.record_id for edit in read.queue.values()][: len(said)] == said
    assert [edit.seq for edit in read.queue.values()] == list(range(1, len(read.queue) + 1))


async def test_a_store_belongs_to_one_person(tmp_path: Path) -> None:
    path = tmp_path / "phone.db"
    phone = open_phone(path, url="http://x", account=NANCY)
    await phone.aclose()
    with pytest.raises(WrongPerson):
        open_phone(path, url="http://x", account=Account("andrew@example.org", "secret"))


async def test_an_updated_app_pulls_again(tmp_path: Path) -> None:
    path = tmp_path / "phone.db"
    phone = open_phone(path, url="http://x", account=NANCY, clock=SystemClock())
    outdated = replace(phone.device.link, schema_version=0, upgrade_required=True)
    phone.store.write(Delta(link=outdated))
    await phone.aclose()
    again = open_phone(path, url="http://x", account=NANCY)
    assert (again.device.link.upgrade_required, again.device.link.schema_version) == (False, SCHEMA.version)
    await again.aclose()
