"""The feed is complete, gapless and in the order of commits, whatever transactions do beside each other."""

from collections.abc import Mapping

import asyncpg
import pytest

from fieldbeat.exchange import store as exchange_store
from fieldbeat.kit.db import Db
from fieldbeat.records import store
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.feed import Proof, prove
from fieldbeat_testing.witnesses import install_check, install_log


@pytest.fixture
async def watched(database: TestDatabase) -> str:
    """The owner's URL of a database with the witnesses in it."""
    owner = await asyncpg.connect(database.owner_url)
    await install_log(owner)
    await install_check(owner)
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


# Numbers from a sequence, heads by what is visible: nothing holds the order of numbers to that of commits.
_BY_SEQUENCE = """
with counted as (select $3::bigint[], $4::bigint[], $5::numeric[])
insert into feed (tenant_id, scope_id, seq, collection, record_id, kind, rev, doc)
select $1, e.scope_id, nextval('numbers'), e.collection, e.record_id, e.kind, e.rev, e.doc
from counted, unnest($6::text[], $7::bigint[], $8::text[], $9::uuid[], $10::text[], $11::bigint[], $12::text[])
     as e (scope_id, back, collection, record_id, kind, rev, doc)
where e.scope_id = any($2::text[])
on conflict (tenant_id, scope_id, collection, record_id) do update
set seq = excluded.seq, kind = excluded.kind, rev = excluded.rev, doc = excluded.doc
"""
_VISIBLE_HEADS = """
select f.scope_id, max(f.seq) as head, count(*) filter (where f.kind = 'PUT') as live_rows, 0::numeric as checksum,
       0::bigint as horizon
from feed f where f.tenant_id = $1 and f.scope_id = any($2::text[]) group by f.scope_id
"""


async def test_a_feed_numbered_by_a_sequence_is_found_out(
    db: Db, watched: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await asyncpg.connect(watched)
    await owner.execute("create sequence numbers start 1000; grant usage on numbers to fieldbeat_app")
    await owner.close()
    _plant(monkeypatch, store, publish=_BY_SEQUENCE)
    _plant(monkeypatch, exchange_store, heads=_VISIBLE_HEADS)
    proof = await prove(db, watched, scopes=1, commits=2_000, only={"skipped"})
    assert {finding.kind for finding in proof.findings} == {"skipped"}


PLANTED = {
    "a number is read before the lock": ("error", "scope_head.head + excluded.head", """
        (select coalesce(max(f.seq), 0) from feed f
         where f.tenant_id = scope_head.tenant_id and f.scope_id = scope_head.scope_id) + excluded.head"""),
    "a number is left out": ("hole", "scope_head.head + excluded.head", "scope_head.head + excluded.head + 1"),
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
    assert right in store.SQL["publish"]
    _plant(monkeypatch, store, publish=store.SQL["publish"].replace(right, wrong))
    proof = await prove(db, watched, scopes=2, commits=2_000, only={kind})
    assert kind in {finding.kind for finding in proof.findings}, proof.findings


def _plant(monkeypatch: pytest.MonkeyPatch, module: object, **statements: str) -> None:
    sql: Mapping[str, str] = module.SQL  # type: ignore[attr-defined]
    monkeypatch.setattr(module, "SQL", {**sql, **statements})
