"""Bugs to plant into the real server, each a known way of losing data; a world of some seed must show every one.

Bugs of the merge alone are planted in `fieldbeat_testing.causal.planted`, those of the feed in `naive_feed`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.assets import store as assets
from fieldbeat.exchange import identity, push, settlement, store
from fieldbeat.exchange.batch import Batch
from fieldbeat.exchange.model import Mutation, Verdict
from fieldbeat.kit.db import Conn
from fieldbeat.records import Tx
from fieldbeat.records.model import Conflict, Entry, Key, Settled, Task
from fieldbeat.records.working import WorkingSet
from fieldbeat_sync import answers
from fieldbeat_sync.clock import to_ms
from fieldbeat_sync.device import Delta, Device
from fieldbeat_sync.mutation import Author, Clash, Rejected, Write
from fieldbeat_testing.causal import planted as merges
from fieldbeat_testing.simulation.world import Trouble

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Bug:
    """`plant` puts it in, with `sql` where a guard of the database would hide it; the world of `seed` shows `kinds`."""

    plant: Plant
    kinds: frozenset[str]
    seed: int
    trouble: Trouble = Trouble()  # noqa: RUF009 (frozen)
    sql: str = ""
    rare: bool = False  # few worlds show it, so looking for them is for `make large`


def _dedupe_is_skipped(patch: pytest.MonkeyPatch) -> None:
    async def nothing(conn: Conn, tenant_id: UUID, user_id: UUID, uuids: Sequence[UUID]) -> dict[UUID, Verdict]:
        return {}

    patch.setattr(store, "settled_by_uuid", nothing)


def _assets_stay_behind(patch: pytest.MonkeyPatch) -> None:
    async def none(conn: Conn, tenant_id: UUID, account_id: UUID) -> list[UUID]:
        return []

    patch.setattr(assets, "lock_assets_of_account", none)


def _eviction_is_missing(patch: pytest.MonkeyPatch) -> None:
    real = Tx.announce

    def announce(tx: Tx, entry: Entry) -> None:
        if entry.kind != "EVICT":
            real(tx, entry)

    patch.setattr(Tx, "announce", announce)


def _ratchet_rotates_too_early(patch: pytest.MonkeyPatch) -> None:
    real = identity.authenticate

    def authenticate(*args: Any) -> bool:
        real(*args)
        return True

    patch.setattr(push, "authenticate", authenticate)


def _one_bad_edit_blocks_the_batch(patch: pytest.MonkeyPatch) -> None:
    real = settlement._try

    def settle(under_way: settlement.Settlement, mutation: Mutation) -> Settled:
        if any(each.status == "REJECTED" for each in under_way.batch.verdicts.values()):
            return Settled(Rejected("DEPENDENCY", "An edit before this one was rejected."))
        return real(under_way, mutation)

    patch.setattr(settlement, "_try", settle)


def _conflict_is_closed_unseen(patch: pytest.MonkeyPatch) -> None:
    real = WorkingSet._follow_up

    def follow_up(working: WorkingSet, task: Task, write: Write, opened: set[UUID]) -> None:
        real(working, replace(task, edit=replace(task.edit, base_rev=1 << 40)), write, opened)

    patch.setattr(WorkingSet, "_follow_up", follow_up)


def _conflict_of_another_is_overwritten(patch: pytest.MonkeyPatch) -> None:
    def continues(earlier: Conflict, author: Author, key: Key, clash: Clash) -> bool:
        return earlier.about == key and earlier.fields["field"] == clash.field and earlier.fields["status"] == "OPEN"

    patch.setattr(records.working, "continues", continues)


def _edits_sent_again_are_not_own(patch: pytest.MonkeyPatch) -> None:
    async def own_dots(conn: Conn, tenant_id: UUID, replica: int) -> dict[int, int]:
        return {}

    real = settlement._author

    async def author(batch: Batch) -> Author:
        return replace(await real(batch), own={})

    patch.setattr(store, "own_dots", own_dots)
    patch.setattr(settlement, "_author", author)


def _calendar_is_trusted(patch: pytest.MonkeyPatch) -> None:
    real = settlement._task

    def task(batch: Batch, mutation: Mutation, author: Author) -> Task:
        made = real(batch, mutation, author)
        age_ms = max(0, batch.tx.at_ms - to_ms(mutation.at))
        return replace(made, edit=replace(made.edit, age_ms=age_ms))

    patch.setattr(settlement, "_task", task)


def _restore_goes_unnoticed_at_registration(patch: pytest.MonkeyPatch) -> None:
    real = answers.registered

    def registered(device: Device, answer: Mapping[str, Any]) -> Delta:
        return real(replace(device, link=replace(device.link, epoch=0)), answer)

    patch.setattr(answers, "registered", registered)


_ONCE = """
drop index settled_mutation_once;
create index settled_mutation_once on settled_mutation (tenant_id, user_id, uuid) where not repeats;
"""
_SHORT = Trouble(moves=150)  # most bugs show early
_RESTORES = Trouble(restores=1.5)

BUGS: Mapping[str, Bug] = {
    "dedupe by uuid is skipped": Bug(_dedupe_is_skipped, frozenset({"stuck"}), 3, Trouble(moves=120, copies=8)),
    "a counter is doubled on replay": Bug(
        _dedupe_is_skipped, frozenset({"twice"}), 15, replace(_SHORT, copies=5), _ONCE
    ),
    "eviction is missing": Bug(_eviction_is_missing, frozenset({"feed"}), 3, _SHORT),
    "assets stay where their customer was": Bug(
        _assets_stay_behind, frozenset({"feed"}), 10, Trouble(favour="_install")
    ),
    "the ratchet rotates too early": Bug(
        _ratchet_rotates_too_early, frozenset({"problem"}), 0, replace(_SHORT, network=0.8)
    ),
    "one bad edit blocks the batch": Bug(_one_bad_edit_blocks_the_batch, frozenset({"blocked"}), 4, _SHORT),
    "a conflict is closed by who never saw it": Bug(_conflict_is_closed_unseen, frozenset({"closed"}), 50),
    "a conflict is overwritten by another": Bug(
        _conflict_of_another_is_overwritten, frozenset({"lost"}), 5, Trouble(favour="_old_form")
    ),
    "edits sent again are not known as own": Bug(
        _edits_sent_again_are_not_own, frozenset({"set"}), 16, Trouble(copies=6, network=0.6, favour="_untag")
    ),
    "a set lets the remove win": Bug(merges._remove_wins, frozenset({"set"}), 5, replace(_SHORT, favour="_untag")),
    "a group is mixed by field": Bug(
        merges._group_is_merged_by_member, frozenset({"convergence"}), 4, replace(_SHORT, favour="_place")
    ),
    "a loser is dropped": Bug(merges._loser_is_dropped, frozenset({"lost"}), 5, _SHORT),
    "a device's calendar is trusted": Bug(_calendar_is_trusted, frozenset({"age"}), 1),
    "a delete wins over edits that it had not seen": Bug(
        merges._delete_wins, frozenset({"blocked"}), 6, replace(_SHORT, favour="_delete_account")
    ),
    "a restore goes unnoticed at registration": Bug(
        _restore_goes_unnoticed_at_registration, frozenset({"lost"}), 10, _RESTORES, rare=True
    ),
}
