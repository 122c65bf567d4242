"""What a push is answered with: one verdict for each mutation, and every record as its author may see it now."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from fieldbeat import records
from fieldbeat.accounts.actions import reassign_account
from fieldbeat.exchange.model import Status
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat_sync.schema import Op
from fieldbeat_testing.pusher import Pusher, rows, verdicts
from fieldbeat_testing.world import World

LONG_AGO = timedelta(hours=1)


async def test_an_edit_is_applied_once_however_often_it_is_sent(world: World, nina: Pusher) -> None:
    sent = nina.update("account", world.tea, {"note": "open late"}, base_rev=1)
    first = await nina.push(sent)
    assert (first.results[0].status, first.results[0].original, first.results[0].rev) == (Status.APPLIED, None, 2)
    for _ in range(3):
        [again] = (await nina.push(sent)).results
        assert (again.status, again.original, again.rev) == (Status.DUPLICATE, Status.APPLIED, 2)
    await nina.pull()
    assert nina.row(world.tea) == rows(first)[world.tea]["row"]
    assert rows(first)[world.tea]["row"]["note"] == "open late"


async def test_an_edit_beside_anothers_is_merged_and_both_stand(world: World, nina: Pusher, vera: Pusher) -> None:
    assert await nina.said(nina.update("account", world.tea, {"note": "by Nina"}, base_rev=1)) == ["APPLIED"]
    assert await vera.said(vera.update("account", world.tea, {"phone": "by Vera"}, base_rev=1)) == ["MERGED"]
    await nina.pull()
    row = nina.row(world.tea)
    assert row is not None
    assert (row["note"], row["phone"], row["rev"]) == ("by Nina", "by Vera", 3)


async def test_a_losing_edit_of_another_is_enough_for_merged(world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"note": "by Nina"}, base_rev=1))
    lost = vera.update("account", world.tea, {"note": "by Vera"}, base_rev=1, at=datetime.now(UTC) - LONG_AGO)
    assert await vera.said(lost) == ["CONFLICT"]
    assert await nina.said(nina.update("account", world.tea, {"phone": "1"}, base_rev=2)) == ["MERGED"]


async def test_what_only_the_device_itself_did_since_is_no_ones_else(world: World, nina: Pusher) -> None:
    edits = [nina.update("account", world.tea, {"note": str(n)}, base_rev=1) for n in range(3)]
    assert await nina.said(*edits) == ["APPLIED"] * 3
    assert await nina.said(nina.update("account", world.tea, {"note": "later"}, base_rev=1)) == ["APPLIED"]


async def test_the_later_of_two_values_stands_and_the_other_is_kept(world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"note": "by Nina"}, base_rev=1))
    answer = await vera.push(vera.update("account", world.tea, {"note": "by Vera"}, base_rev=1))
    [won] = answer.results
    assert (won.status, won.rev, len(won.conflict_ids)) == (Status.CONFLICT, 3, 1)
    assert rows(answer)[world.tea]["row"]["note"] == "by Vera"
    await nina.pull()
    [conflict] = nina.conflicts()
    assert conflict["id"] == str(won.conflict_ids[0])
    assert (conflict["winner"]["value"], conflict["loser"]["value"]) == ("by Vera", "by Nina")
    assert (conflict["winner"]["actor"]["name"], conflict["loser"]["actor"]["name"]) == ("Vera", "Nina")
    assert (conflict["winner"]["replica"], conflict["loser"]["replica"]) == (vera.incarnation, nina.incarnation)


async def test_the_earlier_of_two_values_is_lost_and_kept(world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"note": "by Nina"}, base_rev=1))
    late = vera.update("account", world.tea, {"note": "by Vera"}, base_rev=1, at=datetime.now(UTC) - LONG_AGO)
    answer = await vera.push(late)
    assert verdicts(answer) == ["CONFLICT"]
    assert answer.results[0].rev == 3  # a losing edit raises the rev
    assert rows(answer)[world.tea]["row"]["note"] == "by Nina"
    await vera.pull()
    [conflict] = vera.conflicts()
    assert (conflict["winner"]["value"], conflict["loser"]["value"]) == ("by Nina", "by Vera")


async def test_equal_values_are_no_conflict(world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"note": "the same"}, base_rev=1))
    assert await vera.said(vera.update("account", world.tea, {"note": "the same"}, base_rev=1)) == ["MERGED"]


async def test_a_clock_three_years_ahead_wins_nothing(world: World, nina: Pusher, vera: Pusher) -> None:
    nina.skew = timedelta(days=1100)
    made = datetime.now(UTC) + nina.skew - LONG_AGO
    early = nina.update("account", world.tea, {"note": "by Nina"}, base_rev=1, at=made)
    await vera.push(vera.update("account", world.tea, {"note": "by Vera"}, base_rev=1))
    answer = await nina.push(early)
    assert rows(answer)[world.tea]["row"]["note"] == "by Vera"


async def test_results_stand_in_order_and_rejected_ones_count(world: World, nina: Pusher) -> None:
    sent = [
        nina.update("account", world.tea, {"note": "fine"}, base_rev=1),
        nina.update("account", world.tea, {"tier": "VIP"}, base_rev=1),
        nina.update("account", world.lunch, {"note": "fine too"}, base_rev=1),
        nina.mutation(Op.NOOP, "account", world.lunch),
        nina.update("account", uuid7(), {"note": "where?"}, base_rev=1),
    ]
    answer = await nina.push(*sent)
    assert verdicts(answer) == ["APPLIED", "REJECTED FIELD_READ_ONLY", "APPLIED", "APPLIED", "REJECTED NOT_FOUND"]
    assert [(each.seq, each.uuid) for each in answer.results] == [(each.seq, each.uuid) for each in sent]
    assert answer.last_seq == 5
    assert (await nina.pull()).last_seq == 5


async def test_duplicates_and_new_edits_may_share_a_push(world: World, nina: Pusher) -> None:
    first = nina.update("account", world.tea, {"note": "one"}, base_rev=1)
    bad = nina.update("account", world.tea, {"nonsense": 1}, base_rev=1)
    await nina.push(first, bad)
    fresh = nina.update("account", world.tea, {"note": "two"}, base_rev=2)
    answer = await nina.push(first, bad, fresh)
    assert verdicts(answer) == ["DUPLICATE APPLIED", "DUPLICATE REJECTED INVALID", "APPLIED"]
    assert answer.results[1].fields == ("nonsense",)
    assert answer.results[1].message
    assert answer.last_seq == 3


async def test_a_refusals_fields_are_repeated_to_the_letter(world: World, nina: Pusher) -> None:
    odd = 'a\n"b"\\\tc\x01,{}é'
    sent = nina.update("account", world.tea, {odd: 1, "NULL": 2}, base_rev=1)
    [first] = (await nina.push(sent)).results
    [again] = (await nina.push(sent)).results
    assert set(first.fields) == {odd, "NULL"}
    assert (again.fields, again.message, again.code) == (first.fields, first.message, first.code)


async def test_rows_hold_each_touched_record_once_also_for_duplicates_and_rejected_ones(
    world: World, nina: Pusher
) -> None:
    sent = [
        nina.update("account", world.tea, {"note": "a"}, base_rev=1),
        nina.update("account", world.tea, {"note": "b"}, base_rev=1),
        nina.update("account", world.lunch, {"tier": "VIP"}, base_rev=1),
    ]
    first = rows(await nina.push(*sent))
    assert {id_: (each["kind"], each["rev"]) for id_, each in first.items()} == {
        world.tea: ("PUT", 3),
        world.lunch: ("PUT", 1),
    }
    assert {each["scope"] for each in first.values()} == {f"territory:{world.north}"}
    assert first[world.tea]["clock"] == {"0": 1, str(nina.incarnation): 2}
    assert rows(await nina.push(*sent)) == first


async def test_an_unreadable_edit_is_answered_with_the_row_as_well(world: World, nina: Pusher) -> None:
    answer = await nina.push(nina.update("account", world.tea, ["no object"], base_rev=1))
    assert verdicts(answer) == ["REJECTED INVALID"]
    assert rows(answer)[world.tea]["kind"] == "PUT"


async def test_rows_tell_of_a_deleted_record(world: World, nina: Pusher, vera: Pusher) -> None:
    await vera.push(vera.delete("account", world.tea, base_rev=1))
    answer = await nina.push(nina.update("account", world.tea, {"tier": "VIP"}, base_rev=1))
    assert verdicts(answer) == ["REJECTED FIELD_READ_ONLY"]
    assert (rows(answer)[world.tea]["kind"], rows(answer)[world.tea]["rev"]) == ("DELETE", 2)
    assert "row" not in rows(answer)[world.tea]


async def test_rows_evict_what_has_left_and_say_no_more_of_it(db: Db, world: World, nina: Pusher, otto: Pusher) -> None:
    await nina.pull()
    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.vera.actor, account_id=UUID(world.tea), owner_id=world.otto.id)
    before = rows(await nina.push(nina.update("account", world.tea, {"note": "mine"}, base_rev=1)))[world.tea]
    assert set(before) == {"scope", "collection", "id", "kind", "rev"}
    assert (before["kind"], before["scope"]) == ("EVICT", f"territory:{world.north}")
    for n in range(3):
        await otto.push(otto.update("account", world.tea, {"note": str(n)}, base_rev=2 + n))
    assert rows(await nina.push(nina.update("account", world.tea, {"note": "mine"}, base_rev=1)))[world.tea] == before


async def test_rows_of_a_new_child_show_its_parent(world: World, nina: Pusher) -> None:
    born = nina.create("contact", {"accountId": world.tea, "name": "Carl"})
    answer = rows(await nina.push(born))
    assert {each["collection"] for each in answer.values()} == {"account", "contact"}
    assert answer[str(born.record_id)]["row"]["accountId"] == world.tea
    assert answer[world.tea]["rev"] == 1


async def test_a_push_of_nothing_is_answered(nina: Pusher) -> None:
    before = nina.ratchet
    answer = await nina.push()
    assert (answer.results, orjson.loads(answer.rows), answer.last_seq) == ((), [], 0)
    assert answer.ratchet != before


async def test_a_new_account_belongs_to_its_author_in_his_primary_territory(world: World, nina: Pusher) -> None:
    born = nina.create("account", {"name": "Bar", "tags": ["b", "a"], "custom": {"k": 1}, "status": "ACTIVE"})
    answer = await nina.push(born)
    assert verdicts(answer) == ["APPLIED"]
    row = rows(answer)[str(born.record_id)]["row"]
    assert (row["ownerId"], row["territoryId"]) == (str(world.nina.id), str(world.north))
    assert (row["tags"], row["custom"], row["status"], row["rev"]) == (["a", "b"], {"k": 1}, "ACTIVE", 1)
