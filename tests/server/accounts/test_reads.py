"""What an actor sees of accounts: his territories' and nothing else, found by words, by filters, by place."""

from dataclasses import replace
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.accounts import actions, reads
from fieldbeat.accounts.model import AccountFilter, AccountKind, AccountStatus, Found, Near, PageOf, PlaceInvalid
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.territories.reads import scopes_held, scopes_lost
from fieldbeat_sync.catalogue import customers
from fieldbeat_testing.world import World, settle

BIG = 20_000


@pytest.fixture
async def world(db: Db) -> World:
    return await settle(db)


async def found(db: Db, actor: Actor, near: Near | None = None, **wanted: object) -> list[str]:
    async with db.reading(actor.tenant_id) as conn:
        filter = replace(AccountFilter(), **wanted)  # type: ignore[arg-type]
        rows = await reads.search_accounts(conn, actor, wanted=filter, near=near, rows_max=100)
    return [row.account.name for row in rows]


async def opened(db: Db, world: World, **patch: object) -> UUID:
    async with records.writing(db, world.tenant_id) as tx:
        made = await actions.create_account(tx, world.nina.actor, patch=patch)
    return made.record_id


def test_the_names_of_kinds_states_and_tiers_are_those_of_the_catalogue() -> None:
    assert tuple(AccountKind) == customers.ACCOUNT_KINDS
    assert tuple(AccountStatus) == tuple(customers.ACCOUNT_STATUS.ranks)


async def test_each_sees_his_territories_a_supervisor_those_below_an_administrator_all(db: Db, world: World) -> None:
    assert await found(db, world.nina.actor) == ["Lunch", "Tea"]
    assert await found(db, world.otto.actor) == ["Diner"]
    assert await found(db, world.vera.actor) == ["Diner", "Lunch", "Tea"]
    assert await found(db, world.adam.actor) == ["Diner", "Lunch", "Tea"]


async def test_another_reps_and_another_tenants_account_is_not_there(db: Db, world: World) -> None:
    rival = await settle(db, "rival")
    ids = [UUID(world.lunch), UUID(world.diner), UUID(rival.lunch)]
    for person, seen in ((world.nina, {ids[0]}), (world.adam, {ids[0], ids[1]}), (rival.adam, {ids[2]})):
        async with db.reading(person.actor.tenant_id) as conn:
            assert set(await reads.accounts_by_ids(conn, person.actor, ids)) == seen
            pages = [PageOf(id, 10) for id in ids]
            timelines = await reads.timelines(conn, person.actor, pages)
            assert {page.account_id for page, entries in timelines.items() if entries} == seen
    assert await found(db, rival.adam.actor, search="lunch") == ["Lunch"]
    stranger = Actor(rival.tenant_id, world.adam.id, world.adam.actor.role)
    async with db.reading(stranger.tenant_id) as conn:
        assert set(await reads.accounts_by_ids(conn, stranger, ids)) == {ids[2]}


async def test_contacts_are_seen_with_their_account_alone(db: Db, world: World) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        made = await actions.create_contact(tx, world.nina.actor, account_id=UUID(world.lunch), patch={"name": "Cook"})
    for person, sees in ((world.nina, True), (world.vera, True), (world.otto, False)):
        async with db.reading(world.tenant_id) as conn:
            page = PageOf(UUID(world.lunch), 5)
            of_account = await reads.contacts_of_accounts(conn, person.actor, [page])
            by_id = await reads.contacts_by_ids(conn, person.actor, [made.record_id])
        assert [one.name for one in of_account[page]] == (["Cook"] if sees else [])
        assert bool(by_id) == sees


async def test_words_are_found_in_name_code_and_city_accents_aside(db: Db, world: World) -> None:
    await opened(db, world, name="Antonio Moreno Taquería", code="T-1", address={"city": "México D.F."})
    await opened(db, world, name="100% Oats")
    antonio = ("taqueria", "ANTONIO taq", "mexico", "anton", "T-1")
    alike = ("taqeria", "antonjo")  # misspelt: what is similar counts where nothing contains them
    nothing = ("antonio lunch", "00_", "   ", "\x00", "zzzz")
    for search in (*antonio, *alike):
        assert await found(db, world.nina.actor, search=search) == ["Antonio Moreno Taquería"], search
    for search in nothing:
        assert await found(db, world.nina.actor, search=search) == [], search
    assert await found(db, world.nina.actor, search="100%") == ["100% Oats"]
    assert await found(db, world.otto.actor, search="antonio") == []


async def test_every_filter_narrows(db: Db, world: World) -> None:
    await opened(db, world, name="Depot", kind="DEALER", status="ACTIVE", tags=["vip", "north"])
    nina = world.nina.actor
    assert await found(db, nina, kinds=("DEALER",)) == ["Depot"]
    assert await found(db, nina, statuses=("ACTIVE", "CLOSED")) == ["Depot"]
    assert await found(db, nina, tags=("vip", "north")) == ["Depot"]
    assert await found(db, nina, tags=("vip", "south")) == []
    assert await found(db, nina, tiers=("VIP",)) == []
    assert await found(db, world.vera.actor, owner_id=world.otto.id) == ["Diner"]
    assert await found(db, world.vera.actor, territory_id=world.north) == ["Depot", "Lunch", "Tea"]
    assert await found(db, nina, territory_id=world.south) == []


async def test_near_a_place_the_nearest_come_first_also_across_the_antimeridian(db: Db, world: World) -> None:
    for name, latitude, longitude in (
        ("Berlin", 52.52437, 13.41053), ("Potsdam", 52.39886, 13.06566), ("Leipzig", 51.33962, 12.37129),
        ("West of it", -17.0, 179.99), ("East of it", -17.0, -179.98), ("Pole", 89.999, 120.0),
    ):  # fmt: skip
        await opened(db, world, name=name, location={"latitude": latitude, "longitude": longitude})
    nina = world.nina.actor
    assert await found(db, nina, Near(52.52, 13.40, 40_000)) == ["Berlin", "Potsdam"]
    assert await found(db, nina, Near(52.52, 13.40, 200_000)) == ["Berlin", "Potsdam", "Leipzig"]
    assert await found(db, nina, Near(-17.0, 180.0, 5_000)) == ["West of it", "East of it"]
    assert await found(db, nina, Near(90.0, -60.0, 1_000)) == ["Pole"]
    assert await found(db, nina, Near(52.52, 13.40, 200_000), search="leip") == ["Leipzig"]
    assert await found(db, world.otto.actor, Near(52.52, 13.40, 200_000)) == []
    async with db.reading(world.tenant_id) as conn:
        [first, *_] = await reads.search_accounts(conn, nina, near=Near(52.52, 13.40, 40_000), rows_max=2)
    assert first.distance_m == pytest.approx(863, abs=5)


async def test_a_place_that_does_not_exist_is_refused(db: Db, world: World) -> None:
    for near in (Near(91, 0, 10), Near(0, 181, 10), Near(0, 0, 0), Near(0, 0, 1e9), Near(float("nan"), 0, 10)):
        with pytest.raises(PlaceInvalid):
            await found(db, world.nina.actor, near)


async def test_pages_follow_one_another_without_gap_or_repetition(db: Db, world: World) -> None:
    for number in range(7):
        await opened(db, world, name=f"Same {number // 3}", location={"latitude": 50 + number // 2, "longitude": 10})
    for near in (None, Near(50, 10, 900_000)):
        whole = await found(db, world.nina.actor, near, search="same")
        paged = await in_pages(db, world.nina.actor, near)
        assert [one.account.name for one in paged] == whole
        assert len({one.account.id for one in paged}) == 7


async def in_pages(db: Db, actor: Actor, near: Near | None) -> list[Found]:
    paged: list[Found] = []
    async with db.reading(actor.tenant_id) as conn:
        while page := await reads.search_accounts(
            conn, actor, wanted=AccountFilter("same"), near=near, rows_max=2,
            after=paged[-1].position if paged else None,
        ):  # fmt: skip
            paged += page
    return paged


async def test_searching_a_big_company_takes_the_indexes(db: Db, owner: Conn, world: World) -> None:
    await fill(owner, world, BIG)
    nina = world.nina.actor
    searches: tuple[tuple[str, Near | None, dict[str, object]], ...] = (
        ("account_search", None, {"search": "number 19999"}),
        ("account_tags", None, {"tags": ("t777",)}),
        ("account_place", Near(40.0, 10.0, 1_000), {}),
    )
    for index, near, wanted in searches:
        before = await scans(owner, index)
        assert len(await found(db, nina, near, **wanted)) == 1
        async with db.unscoped() as conn:
            await conn.execute("select pg_stat_force_next_flush()")
        assert await scans(owner, index, more_than=before) > before, index


async def test_scopes_are_those_of_the_territories_and_people_below(db: Db, world: World) -> None:
    async with db.reading(world.tenant_id) as conn:
        nina, vera = await scopes_held(conn, world.nina.actor), await scopes_held(conn, world.vera.actor)
        assert await scopes_lost(conn, world.nina.actor) == {}
    assert nina == {"tenant", f"territory:{world.north}", f"user:{world.nina.id}"}
    people = {f"user:{person.id}" for person in (world.vera, world.nina, world.otto)}
    assert vera == {"tenant", f"territory:{world.north}", f"territory:{world.south}", *people}


async def fill(owner: Conn, world: World, rows: int) -> None:
    """Many accounts at once, past the feed: for plans, not for phones."""
    await owner.execute(
        """
        insert into account (tenant_id, id, rev, fields, stamps)
        select $1::uuid, gen_random_uuid(), 1, jsonb_build_object(
            'name', 'Customer number ' || n, 'kind', 'OUTLET', 'status', 'ACTIVE', 'custom', '{}'::jsonb,
            'ownerId', $2::text, 'territoryId', $3::text, 'tags', jsonb_build_array('t' || n),
            'location', jsonb_build_object('latitude', 20 + n % 400 * 0.1, 'longitude', n / 400)), ''
        from generate_series(1, $4::integer) n
        """,
        world.tenant_id, str(world.nina.id), str(world.north), rows,
    )  # fmt: skip
    await owner.execute("vacuum analyze account")


async def scans(owner: Conn, index: str, *, more_than: int = -1) -> int:
    """How often an index was used; a session reports when its transaction has ended."""
    for _ in range(20):
        await owner.execute("select pg_stat_clear_snapshot()")
        used: int = await owner.fetchval("select idx_scan from pg_stat_user_indexes where indexrelname = $1", index)
        if used > more_than:
            break
        await owner.execute("select pg_sleep(0.05)")
    return used
