"""What moves from one scope to another takes its dependants along, and both scopes stay exact."""

import asyncpg
import pytest

from fieldbeat import records
from fieldbeat.accounts.replica import KEPT_ACCOUNT
from fieldbeat.kit.db import Db
from fieldbeat.records import Change
from fieldbeat_sync.schema import Op
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.feed import Proof, audit, founded
from fieldbeat_testing.witnesses import install_log


@pytest.mark.parametrize("closes", [False, True], ids=["stays open", "is closed by the same change"])
async def test_a_conflict_moves_with_its_record(db: Db, database: TestDatabase, closes: bool) -> None:
    owner = await asyncpg.connect(database.owner_url)
    await install_log(owner)
    company = await founded(db, scopes=2)
    adam, account = company.adam.actor, company.accounts[0]
    async with records.writing(db, adam.tenant_id) as tx:
        for note in ("call", "mail"):
            await records.change(tx, adam, [Change(KEPT_ACCOUNT, account, Op.UPDATE, {"note": note}, 1)])
    left, entered = (f"territory:{each}" for each in company.territories)
    async with records.writing(db, adam.tenant_id) as tx:
        patch = {"territoryId": str(company.territories[1]), **({"note": "settled"} if closes else {})}
        await records.change(tx, adam, [Change(KEPT_ACCOUNT, account, Op.UPDATE, patch)])
        await records.move(tx, left=left, entered=entered, record_ids=[account, company.contacts[0]],
                           collections=["contact"])  # fmt: skip
    proof = Proof(db, *company, 0, 0)
    await audit(proof, owner)
    assert proof.findings == []
    found = await owner.fetch("select scope_id, kind, rev, doc from feed where collection = 'conflict' order by kind")
    await owner.close()
    assert [(row["scope_id"], row["kind"]) for row in found] == [(left, "EVICT"), (entered, "PUT")]
    assert ("SUPERSEDED" if closes else "OPEN") in found[1]["doc"]
