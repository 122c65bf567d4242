"""The feed is complete, gapless and in the order of commits, whatever transactions do beside each other."""

import asyncpg
import pytest

from fieldbeat.kit.db import Db
from fieldbeat.records import feed_store
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.feed import Proof, prove
from fieldbeat_testing.naive_feed import plant, plant_naive_feed
from fieldbeat_testing.witnesses import install_log


@pytest.fixture
async def watched(database: TestDatabase) -> str:
    """The owner's URL of a database with the witnesses in it."""
    owner = await asyncpg.connect(database.owner_url)
    await install_log(owner)
    await owner.close()
    return database.owner_url


@pytest.mark.parametrize("scopes", [1, 16])
async def test_no_change_is_skipped(db: Db, watched: str, scopes: int) -> None:
    proof = await prove(db, watched, scopes=scopes, commits=300)
    _check(proof)


@pytest.mark.large
@pytest.mark.parametrize("scopes", [1, 16])
async def test_no_change_is_skipped_in_ten_thousand(db: Db, watched: str, scopes: int) -> None:
    proof = await prove(db, watched, scopes=scopes, commits=10_000, seed=2)
    _check(proof)


def _check(proof: Proof) -> None:
    assert proof.findings == []
    assert proof.commits >= proof.commits_wanted
    assert proof.aborts > proof.commits_wanted / 20
    assert proof.checkpoints > proof.commits_wanted / 50
    assert proof.snapshots > proof.commits_wanted / 100


async def test_a_feed_numbered_by_a_sequence_is_found_out(
    db: Db, watched: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant_naive_feed(monkeypatch, watched)
    proof = await prove(db, watched, scopes=1, commits=2_000, only={"skipped"})
    assert {finding.kind for finding in proof.findings} == {"skipped"}


PLANTED = {
    "a number is read before the lock": ("error", "scope_head.head + excluded.head", """
        (select coalesce(max(f.seq), 0) from feed f
         where f.tenant_id = scope_head.tenant_id and f.scope_id = scope_head.scope_id) + excluded.head"""),
    "a number is left out": ("hole", "scope_head.head + excluded.head", "scope_head.head + excluded.head + 1"),
    "heads are locked in any order": ("error", "    order by s.scope_id\n", ""),
    "rows are not counted": ("recount", "scope_head.live_rows + excluded.live_rows", "scope_head.live_rows"),
    "the checksum overflows": ("recount", "mod(scope_head.checksum + excluded.checksum, 18446744073709551616)",
                               "scope_head.checksum + excluded.checksum"),
    "the rev stays": ("error", "rev = excluded.rev", "rev = feed.rev"),
    "what was deleted stays": ("past", "kind = excluded.kind", "kind = feed.kind"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "right", "wrong"), PLANTED.values(), ids=list(PLANTED))
async def test_the_proof_finds_out_that(
    db: Db, watched: str, monkeypatch: pytest.MonkeyPatch, kind: str, right: str, wrong: str
) -> None:
    assert right in feed_store.SQL["publish"]
    plant(monkeypatch, feed_store, publish=feed_store.SQL["publish"].replace(right, wrong))
    proof = await prove(db, watched, scopes=2, commits=2_000, only={kind})
    assert kind in {finding.kind for finding in proof.findings}, proof.findings
