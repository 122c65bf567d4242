"""An attachment is where its record is, also when that changes hands; whoever took a photo may still send it."""

from uuid import UUID

import httpx

from fieldbeat import records
from fieldbeat.days.reassignment import reassign_account
from fieldbeat.kit.db import Db
from fieldbeat.records import Change
from fieldbeat.tickets.actions import answer_offer, assign_ticket
from fieldbeat.tickets.replica import KEPT_TICKET
from fieldbeat.visits.replica import KEPT_VISIT
from fieldbeat_sync.schema import Op
from fieldbeat_testing.files import WINDOW, Sender, photo, sender
from fieldbeat_testing.world import World


async def on_all(nina: Sender, account: str) -> dict[str, str]:
    """Attachments of an account, of a visit, ticket and asset there, by their records' ids; none has its bytes."""
    visit = nina.phone.create("visit", {"accountId": account, "window": WINDOW})
    ticket = nina.phone.create("ticket", {"accountId": account, "kind": "FAULT", "subject": "Cooler"})
    asset = nina.phone.create("asset", {"accountId": account, "name": "Cooler"})
    assert await nina.phone.said(visit, ticket, asset) == ["APPLIED"] * 3
    holders = [account, *(str(each.record_id) for each in (visit, ticket, asset))]
    return {holder: await nina.declare(photo(), holder) for holder in holders}


async def held(someone: Sender) -> set[str]:
    """The attachments on a phone after a pull, whose counts and checksums are compared."""
    await someone.phone.pull()
    return {id for collection, id in someone.phone.held if collection == "attachment"}


async def test_attachments_go_where_the_account_goes(
    db: Db, http: httpx.AsyncClient, nina: Sender, harbour: World
) -> None:
    otto = await sender(db, http, harbour.otto)
    sent = set((await on_all(nina, harbour.lunch)).values())
    assert (await held(nina), await held(otto)) == (sent, set())
    async with records.writing(db, harbour.tenant_id) as tx:
        await reassign_account(tx, harbour.adam.actor, account_id=UUID(harbour.lunch), owner_id=harbour.otto.id)
    assert (await held(nina), await held(otto)) == (set(), sent)
    for each in sent:
        began = await nina.begin(each, len(photo()))  # he declared it, and his phone alone has the bytes
        assert (await nina.patch(began.headers["location"], 0, photo())).status_code == 204
        assert (await otto.get(each)).content == photo()
        assert (await nina.get(each)).status_code == 404
        assert await otto.status(each) == "COMPLETE"
    assert await held(nina) == set()


async def test_attachments_go_with_a_visit_and_a_ticket_to_another_person(
    db: Db, http: httpx.AsyncClient, nina: Sender, harbour: World
) -> None:
    otto = await sender(db, http, harbour.otto)
    sent = await on_all(nina, harbour.tea)
    account, visit, ticket, _ = sent
    otto_id = str(harbour.otto.id)
    for kept, holder, field in ((KEPT_VISIT, visit, "repId"), (KEPT_TICKET, ticket, "assigneeId")):
        assert sent[holder] not in await held(otto)
        assert (await otto.get(sent[holder])).status_code == 404
        async with records.writing(db, harbour.tenant_id) as tx:
            change = Change(kept, UUID(holder), Op.UPDATE, {field: otto_id})
            await records.change(tx, harbour.adam.actor, [change])
        assert sent[holder] in await held(otto)
        assert sent[holder] in await held(nina)  # the account is still hers
    assert sent[account] not in await held(otto)
    began = await otto.begin(sent[visit], len(photo()))
    assert (await otto.patch(began.headers["location"], 0, photo())).status_code == 204
    assert await nina.status(sent[visit]) == "COMPLETE"


async def test_attachments_of_an_offered_ticket_are_with_whom_it_is_offered_to_until_he_declines(
    db: Db, http: httpx.AsyncClient, nina: Sender, harbour: World
) -> None:
    otto = await sender(db, http, harbour.otto)
    ticket = nina.phone.create("ticket", {"accountId": harbour.tea, "kind": "FAULT", "subject": "Cooler"})
    assert await nina.phone.said(ticket) == ["APPLIED"]
    before = await nina.declare(photo(), ticket.record_id)
    async with records.writing(db, harbour.tenant_id) as tx:
        await assign_ticket(tx, harbour.nina.actor, ticket_id=ticket.record_id, assignee_id=harbour.otto.id)
    after = await nina.declare(photo(2), ticket.record_id)
    for each, bytes_ in ((before, photo()), (after, photo(2))):
        began = await nina.begin(each, len(bytes_))
        assert (await nina.patch(began.headers["location"], 0, bytes_)).status_code == 204
        assert (await otto.get(each)).content == bytes_
    assert await held(otto) >= {before, after}
    statuses = {otto.phone.held["attachment", each].row["status"] for each in (before, after)}
    assert statuses == {"COMPLETE"}, "he hears of the bytes, too"
    async with records.writing(db, harbour.tenant_id) as tx:
        await answer_offer(tx, harbour.otto.actor, ticket_id=ticket.record_id, accept=False)
    assert not await held(otto) & {before, after}
    assert await held(nina) >= {before, after}
    assert {(await otto.get(each)).status_code for each in (before, after)} == {404}
