"""tus 1.0 as an app meets it: a file goes up in one piece, in several, or over a connection that was cut."""

import asyncio
import base64
import hashlib
import re
import socket
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from fieldbeat.attachments import actions
from fieldbeat.kit.db import Conn
from fieldbeat.kit.ids import uuid7
from fieldbeat_testing.files import TUS, Back, Sender, long_photo, photo, sha256
from fieldbeat_testing.world import World


async def test_a_photo_goes_up_and_the_phone_learns_it_by_sync(nina: Sender, visit: UUID, back: Back) -> None:
    content = photo()
    attachment = await nina.declare(content, visit)
    assert await nina.status(attachment) == "DECLARED"
    begun = await nina.begin(attachment, len(content))
    answer = await nina.patch(begun.headers["location"], 0, content)
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(len(content)))
    assert await nina.status(attachment) == "COMPLETE"
    assert (await nina.get(attachment)).content == content
    assert await back.work() == ["make_thumbnail", "discard_upload"]
    assert await nina.status(attachment) == "COMPLETE"


async def test_what_the_server_can_is_told(http: httpx.AsyncClient) -> None:
    answer = await http.options("/files")
    assert answer.status_code == 204
    told = {name: answer.headers[name] for name in answer.headers if name.startswith("tus-")}
    assert told == {
        "tus-resumable": "1.0.0",
        "tus-version": "1.0.0",
        "tus-extension": "creation,termination,checksum,expiration",
        "tus-checksum-algorithm": "sha256,sha1",
        "tus-max-size": str(30 * 1024 * 1024),
    }


async def test_another_version_of_tus_is_refused(nina: Sender, visit: UUID) -> None:
    attachment = await nina.declare(photo(), visit)
    answer = await nina.begin(attachment, 10, **{"Tus-Resumable": "0.2.2"})
    assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")
    assert answer.json()["code"] == "TUS_VERSION_UNKNOWN"


async def test_in_pieces_and_asked_in_between(nina: Sender, visit: UUID) -> None:
    content = long_photo(2_500_000)
    place = await nina.begun(content, visit)
    for start in range(0, len(content), 1_200_000):
        asked = await nina.head(place)
        assert asked.headers["upload-offset"] == str(start)
        assert asked.headers["upload-length"] == str(len(content))
        assert asked.headers["cache-control"] == "no-store"
        assert "filename Li4vLi4vZXRj" in asked.headers["upload-metadata"]
        assert asked.headers["upload-expires"].endswith("GMT")
        await nina.patch(place, start, content[start : start + 1_200_000])
    done = await nina.head(place)
    assert done.headers["upload-offset"] == str(len(content))


async def test_a_cut_in_the_middle_costs_nothing_that_came(app: FastAPI, nina: Sender, visit: UUID, back: Back) -> None:
    """Over a real socket, in one body that is longer than any other request may be."""
    content = long_photo(6_000_000)
    assert len(content) > app.state.settings.body_bytes_max
    attachment = await nina.declare(content, visit)
    place = (await nina.begin(attachment, len(content))).headers["location"]
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        said = {
            **nina.headers, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(len(content)), "Host": "127.0.0.1",
        }  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        writer.write(f"PATCH {place} HTTP/1.1\r\n{head}\r\n".encode() + content[:3_333_333])
        await writer.drain()
        writer.close()
        offset = 0
        for _ in range(200):
            offset = int((await nina.head(place)).headers["upload-offset"])
            if offset == 3_333_333:
                break
            await asyncio.sleep(0.05)
        assert offset == 3_333_333  # to the last byte that came
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            rest = Sender(http, nina.phone, nina.token)
            assert (await rest.patch(place, offset, content[offset:])).status_code == 204
            assert (await rest.get(attachment)).content == content
    finally:
        server.should_exit = True
        await serving
    assert await nina.status(attachment) == "COMPLETE"
    await back.work()
    assert [len(key.split("/")) for key in back.files()] == [5, 5]  # the blob and its thumbnail, no part


async def test_a_sender_who_falls_silent_is_not_waited_for(app: FastAPI, nina: Sender, visit: UUID) -> None:
    content = photo()
    place = await nina.begun(content, visit)
    settings = app.state.settings

    async def dripping() -> AsyncIterator[bytes]:
        yield content[:700]
        await asyncio.sleep(0.5)
        yield content[700:]

    app.state.settings = settings.model_copy(update={"request_timeout_s": 0.1})
    try:
        answer = await nina.patch(place, 0, dripping())
    finally:
        app.state.settings = settings
    assert (answer.status_code, answer.headers["content-type"]) == (408, "application/problem+json")
    assert (await nina.head(place)).headers["upload-offset"] == "700"


async def test_an_offset_where_it_does_not_stand_is_refused(nina: Sender, visit: UUID) -> None:
    content = photo()
    place = await nina.begun(content, visit)
    await nina.patch(place, 0, content[:100])
    for offset in (0, 50, 101):
        answer = await nina.patch(place, offset, content[100:])
        assert (answer.status_code, answer.json()["code"]) == (409, "OFFSET_DIFFERS")
        assert answer.headers["upload-offset"] == "100"
    assert (await nina.patch(place, 100, content[100:])).status_code == 204


async def test_of_two_senders_at_one_offset_one_goes_on(nina: Sender, visit: UUID, back: Back) -> None:
    content = photo()
    place = await nina.begun(content, visit)
    answers = await asyncio.gather(*(nina.patch(place, 0, content[:1_000]) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [204, 409, 409, 409, 409, 409]
    assert len(back.files()) == 1  # the others took their part back
    assert (await nina.patch(place, 1_000, content[1_000:])).status_code == 204


async def test_other_bytes_than_were_declared_are_not_kept(nina: Sender, visit: UUID, back: Back) -> None:
    content, other = photo(), photo(601)
    padded = other[: len(content)] + bytes(max(0, len(content) - len(other)))
    attachment = await nina.declare(content, visit)
    place = (await nina.begin(attachment, len(content))).headers["location"]
    answer = await nina.patch(place, 0, padded)
    assert (answer.status_code, answer.json()["code"]) == (422, "HASH_DIFFERS")
    assert (await nina.head(place)).status_code == 404
    assert await nina.status(attachment) == "FAILED"
    assert await back.work() == ["discard_upload"]
    assert back.files() == []
    again = (await nina.begin(attachment, len(content))).headers["location"]
    assert (await nina.patch(again, 0, content)).status_code == 204
    assert await nina.status(attachment) == "COMPLETE"


async def test_the_type_is_what_the_bytes_say(nina: Sender, visit: UUID, back: Back) -> None:
    page = b"<html><script>alert(1)</script></html>"
    attachment = await nina.declare(page, visit)
    place = (await nina.begin(attachment, len(page))).headers["location"]
    answer = await nina.patch(place, 0, page)
    assert (answer.status_code, answer.json()["code"]) == (415, "TYPE_REFUSED")
    assert await nina.status(attachment) == "FAILED"
    await back.work()
    assert back.files() == []


async def test_another_length_than_was_declared_is_refused(nina: Sender, visit: UUID) -> None:
    answer = await nina.begin(await nina.declare(photo(), visit), 5)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID")
    assert answer.json()["fields"] == ["Upload-Length"]


async def test_a_body_with_a_checksum_counts_as_a_whole_or_not_at_all(nina: Sender, visit: UUID) -> None:
    for content, algorithm in ((long_photo(1_500_000), "sha1"), (photo(), "sha256")):
        place = await nina.begun(content, visit)
        digest = base64.b64encode(hashlib.new(algorithm, content).digest()).decode()
        spoilt = content[:-1] + bytes([content[-1] ^ 1])
        answer = await nina.patch(place, 0, spoilt, **{"Upload-Checksum": f"{algorithm} {digest}"})
        assert (answer.status_code, answer.json()["code"]) == (460, "CHECKSUM_DIFFERS")
        assert answer.json()["title"] == "Checksum Mismatch"
        assert (await nina.head(place)).headers["upload-offset"] == "0"
        answer = await nina.patch(place, 0, content, **{"Upload-Checksum": f"{algorithm} {digest}"})
        assert answer.status_code == 204


async def test_what_is_not_taken_is_refused_before_a_byte_of_it(nina: Sender, visit: UUID) -> None:
    too_large = 20 * 1024 * 1024 + 1
    for content_type, size, status, code in (
        ("text/html", 100, 415, "TYPE_REFUSED"),
        ("image/jpeg", too_large, 413, "LIMIT_EXCEEDED"),
    ):
        attachment = await nina.declare(b"x", visit, contentType=content_type, bytes=size)
        answer = await nina.begin(attachment, size)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    fitting = await nina.declare(b"x", visit, bytes=too_large - 1)
    assert (await nina.begin(fitting, too_large - 1)).status_code == 201


async def test_more_than_was_declared_is_refused(nina: Sender, visit: UUID) -> None:
    content = photo()
    place = await nina.begun(content, visit)

    async def in_chunks() -> AsyncIterator[bytes]:
        yield content
        yield b"x"

    for body in (content + b"x", in_chunks()):
        answer = await nina.patch(place, 0, body)
        assert (answer.status_code, answer.json()["code"]) == (413, "LIMIT_EXCEEDED")
    assert (await nina.patch(place, 0, content)).status_code == 204


async def test_a_header_that_cannot_be_read_is_named(nina: Sender, visit: UUID) -> None:
    place = await nina.begun(photo(), visit)
    for name, said, status in (
        ("Content-Type", "image/jpeg", 415),
        ("Upload-Offset", "-5", 422),
        ("Upload-Checksum", "md5 AAAA", 422),
        ("Upload-Checksum", "sha1 ???", 422),
    ):
        answer = await nina.patch(place, 0, b"x", **{name: said})
        assert (answer.status_code, answer.json()["fields"]) == (status, [name])
        assert answer.headers["tus-resumable"] == "1.0.0"
    attachment = await nina.declare(photo(), visit)
    for length in ("-1", "", "ten", "1" * 16, "1.5"):
        answer = await nina.begin(attachment, length)
        assert (answer.status_code, answer.json()["fields"]) == (422, ["Upload-Length"]), length
    later = await nina.begin(attachment, 10, **{"Upload-Defer-Length": "1"})
    assert (later.status_code, later.json()["fields"]) == (422, ["Upload-Defer-Length"])


async def test_metadata_must_name_an_attachment(nina: Sender, visit: UUID) -> None:
    for said in ("", "attachmentId", "attachmentId AAAA", "attachmentId ???", "x" * 5_000):
        answer = await nina.http.post("/files", headers={**nina.headers, "Upload-Length": "5", "Upload-Metadata": said})
        assert (answer.status_code, answer.json()["fields"]) == (422, ["Upload-Metadata"])
    unknown = await nina.begin(str(uuid7()), 5)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "NOT_FOUND")


async def test_without_a_token_nothing_is_told(http: httpx.AsyncClient, nina: Sender, visit: UUID) -> None:
    place = await nina.begun(photo(), visit)
    for method, url in (("POST", "/files"), ("HEAD", place), ("PATCH", place), ("DELETE", place), ("GET", place)):
        answer = await http.request(method, url, headers=TUS)
        assert answer.status_code == 401, method


async def test_an_upload_that_is_ended_is_gone(nina: Sender, visit: UUID, back: Back) -> None:
    content = photo()
    place = await nina.begun(content, visit)
    await nina.patch(place, 0, content[:500])
    assert len(back.files()) == 1
    assert (await nina.http.delete(place, headers=nina.headers)).status_code == 204
    assert (await nina.head(place)).status_code == 404
    assert (await nina.patch(place, 500, content[500:])).status_code == 404
    await back.work()
    assert back.files() == []


async def test_a_client_that_can_only_post_says_what_it_means(nina: Sender, visit: UUID) -> None:
    place = await nina.begun(photo(), visit)
    override = {"X-HTTP-Method-Override": "DELETE"}
    assert (await nina.http.post(place, headers={**nina.headers, **override})).status_code == 204
    assert (await nina.head(place)).status_code == 404
    assert (await nina.http.post(place, headers=nina.headers)).status_code == 405


async def test_a_new_upload_takes_the_place_of_an_unfinished_one(nina: Sender, visit: UUID, back: Back) -> None:
    content = photo()
    attachment = await nina.declare(content, visit)
    first = (await nina.begin(attachment, len(content))).headers["location"]
    await nina.patch(first, 0, content[:500])
    second = (await nina.begin(attachment, len(content))).headers["location"]
    assert (await nina.head(first)).status_code == 404
    assert (await nina.patch(second, 0, content)).status_code == 204
    await back.work()
    assert len(back.files()) == 2
    # whoever missed the last answer is told that it is done
    assert (await nina.head(second)).headers["upload-offset"] == str(len(content))


async def test_the_number_of_uploads_under_way_is_bounded(
    nina: Sender, visit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "UNDER_WAY_MAX", 2)
    for _ in range(2):
        await nina.begun(photo(), visit)
    answer = await nina.begin(await nina.declare(photo(), visit), len(photo()))
    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_UPLOADS")


async def test_a_crash_before_the_end_is_made_good_by_whoever_asks(
    nina: Sender, visit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every byte was taken, and the process died before the file was put together."""
    content = photo()
    attachment = await nina.declare(content, visit)
    place = (await nina.begin(attachment, len(content))).headers["location"]

    async def die(*_: object) -> None:
        raise ConnectionError("killed")

    with monkeypatch.context() as patched:
        patched.setattr("fieldbeat.web.files.finish", die)
        with pytest.raises(ConnectionError):
            await nina.patch(place, 0, content)
    assert await nina.status(attachment) == "DECLARED"
    assert (await nina.head(place)).headers["upload-offset"] == str(len(content))
    assert await nina.status(attachment) == "COMPLETE"


async def test_an_upload_that_was_never_finished_expires(nina: Sender, visit: UUID, back: Back, owner: Conn) -> None:
    content = photo()
    attachment = await nina.declare(content, visit)
    place = (await nina.begin(attachment, len(content))).headers["location"]
    await nina.patch(place, 0, content[:500])
    await owner.execute("update upload set expires_at = clock_timestamp()")
    for answer in (await nina.head(place), await nina.patch(place, 500, content[500:])):
        assert answer.status_code == 410
    assert answer.json()["code"] == "UPLOAD_EXPIRED"
    assert await back.collect() == 1
    assert await back.work() == ["discard_upload"]
    assert back.files() == []
    assert (await nina.head(place)).status_code == 404
    assert await nina.status(attachment) == "DECLARED"  # its bytes may still come
    assert (await nina.begin(attachment, len(content))).status_code == 201


async def test_no_name_of_a_users_making_reaches_the_store(
    nina: Sender, visit: UUID, back: Back, harbour: World
) -> None:
    content = photo()
    place = await nina.begun(content, visit)  # its metadata say the name ../../etc
    await nina.patch(place, 0, content[:9])
    id_ = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    [part] = back.files()
    assert re.fullmatch(f"uploads/{harbour.tenant_id}/{id_}/{id_}", part)
    await nina.patch(place, 9, content[9:])
    await back.work()
    digest = sha256(content)
    blob, small = back.files()
    assert re.fullmatch(f"blobs/{harbour.tenant_id}/{digest[:2]}/{digest}/{id_}", blob)
    assert small == f"{blob}.jpg"
