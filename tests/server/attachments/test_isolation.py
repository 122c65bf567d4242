"""Another rep's file, and another tenant's, is not there: neither its upload, nor its bytes, nor its row."""

from uuid import UUID

import httpx

from fieldbeat.kit.db import Db
from fieldbeat_testing.files import WINDOW, Sender, photo, sender
from fieldbeat_testing.world import World


async def sent(nina: Sender, visit: UUID) -> tuple[str, str]:
    """An attachment of Nina's that is complete, and the place of an upload that is not."""
    content = photo()
    done = await nina.declare(content, visit)
    await nina.patch((await nina.begin(done, len(content))).headers["location"], 0, content)
    return done, await nina.begun(photo(700), visit)


async def test_somebody_elses_file_is_not_there(
    db: Db, http: httpx.AsyncClient, nina: Sender, visit: UUID, harbour: World, rival: World
) -> None:
    done, place = await sent(nina, visit)
    for stranger in (await sender(db, http, harbour.otto), await sender(db, http, rival.adam)):
        assert (await stranger.get(done)).status_code == 404
        assert (await stranger.get(done, "?thumbnail")).status_code == 404
        assert (await stranger.head(place)).status_code == 404
        assert (await stranger.patch(place, 0, b"x")).json()["code"] == "NOT_FOUND"
        assert (await stranger.http.delete(place, headers=stranger.headers)).status_code == 404
        assert (await stranger.begin(done, len(photo()))).json()["code"] == "NOT_FOUND"
        await stranger.phone.pull()
        assert stranger.phone.row(done, "attachment") is None
        declared = stranger.phone.create(
            "attachment", {"recordId": str(visit), "sha256": "a" * 64, "bytes": 9, "contentType": "image/jpeg"}
        )
        assert await stranger.phone.said(declared) == ["REJECTED NOT_FOUND"]
    assert (await nina.head(place)).headers["upload-offset"] == "0"


async def test_who_leads_sees_the_file_but_not_the_upload(
    db: Db, http: httpx.AsyncClient, nina: Sender, visit: UUID, harbour: World
) -> None:
    done, place = await sent(nina, visit)
    vera = await sender(db, http, harbour.vera)
    assert (await vera.get(done)).content == photo()
    assert await vera.status(done) == "COMPLETE"
    assert (await vera.head(place)).status_code == 404


async def test_the_same_bytes_in_another_company_are_its_own(
    db: Db, http: httpx.AsyncClient, nina: Sender, visit: UUID, rival: World
) -> None:
    """Knowing a hash opens nothing: whoever declares it must bring the bytes."""
    await sent(nina, visit)
    stranger = await sender(db, http, rival.nina)
    attachment = await stranger.declare(photo(), rival.lunch)
    assert (await stranger.get(attachment)).status_code == 404
    assert await stranger.status(attachment) == "DECLARED"


async def test_knowing_the_hash_is_not_having_the_bytes(nina: Sender, visit: UUID) -> None:
    """Within a company, too."""
    await sent(nina, visit)
    attachment = await nina.declare(photo(), visit)
    assert (await nina.get(attachment)).status_code == 404


async def test_a_visit_and_its_photos_may_come_in_one_push(nina: Sender, harbour: World) -> None:
    visit = nina.phone.create("visit", {"accountId": harbour.tea, "window": WINDOW})
    said = {"recordId": str(visit.record_id), "sha256": "a" * 64, "bytes": 9, "contentType": "image/png"}
    attachment = nina.phone.create("attachment", said)
    assert await nina.phone.said(visit, attachment) == ["APPLIED", "APPLIED"]
    await nina.phone.pull()
    row = nina.phone.row(attachment.record_id, "attachment")
    assert row is not None
    assert (row["status"], row["authorId"]) == ("DECLARED", str(harbour.nina.id))


async def test_what_is_declared_is_not_changed_by_a_device(nina: Sender, visit: UUID) -> None:
    attachment = await nina.declare(photo(), visit)
    changed = nina.phone.update("attachment", attachment, {"sha256": "b" * 64}, base_rev=1)
    done = nina.phone.update("attachment", attachment, {"status": "COMPLETE"}, base_rev=1)
    assert await nina.phone.said(changed, done) == ["REJECTED IMMUTABLE", "REJECTED IMMUTABLE"]


async def test_a_declaration_that_cannot_be_is_refused(nina: Sender, visit: UUID) -> None:
    good = {"recordId": str(visit), "sha256": "a" * 64, "bytes": 9, "contentType": "image/png"}
    for wrong in (
        {"sha256": "A" * 64}, {"sha256": "a" * 63}, {"sha256": None}, {"bytes": -1}, {"bytes": 0}, {"bytes": 1.5},
        {"contentType": "../../etc"}, {"contentType": "IMAGE/PNG"}, {"recordId": "x"},
    ):  # fmt: skip
        answer = await nina.phone.push(nina.phone.create("attachment", {**good, **wrong}))
        [result] = answer.results
        assert (result.code, result.fields) == ("INVALID", tuple(wrong)), wrong
    said_done = nina.phone.create("attachment", {**good, "status": "COMPLETE"})
    assert await nina.phone.said(said_done) == ["REJECTED FIELD_READ_ONLY"]
    of_nothing = nina.phone.create("attachment", {**good, "recordId": str(nina.phone.device_id)})
    assert await nina.phone.said(of_nothing) == ["REJECTED NOT_FOUND"]
