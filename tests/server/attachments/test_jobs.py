"""What the worker does with files may run twice, and removes nothing that somebody has."""

from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI

from fieldbeat.kit.db import Conn
from fieldbeat.worker import build_worker
from fieldbeat_testing.files import Back, Sender, photo, sha256

NOW = timedelta(0)


async def send(nina: Sender, content: bytes, record: object, **other: object) -> str:
    """An attachment with its bytes."""
    attachment = await nina.declare(content, record, **other)
    await nina.patch((await nina.begin(attachment, len(content))).headers["location"], 0, content)
    return attachment


async def test_a_photo_that_cannot_be_read_delays_nothing(nina: Sender, visit: UUID, back: Back) -> None:
    broken = photo()[:2_000]
    attachment = await send(nina, broken, visit)
    assert await back.work() == ["make_thumbnail", "discard_upload"]
    assert await nina.status(attachment) == "COMPLETE"
    assert (await nina.get(attachment)).content == broken
    assert (await nina.get(attachment, "?thumbnail")).status_code == 404


async def test_effects_that_run_again_change_nothing(nina: Sender, visit: UUID, back: Back, owner: Conn) -> None:
    attachment = await send(nina, photo(), visit)
    await back.work()
    kept = back.files()
    await owner.execute("update outbox set done_at = null")
    await back.work()
    assert back.files() == kept
    assert (await nina.get(attachment, "?thumbnail")).status_code == 200


async def test_only_a_blob_that_nobody_has_is_collected(nina: Sender, visit: UUID, back: Back, owner: Conn) -> None:
    kept, orphan = photo(), photo(700)
    attachment, other = await send(nina, kept, visit), await send(nina, orphan, visit)
    await back.work()
    await owner.execute("delete from attachment where id = $1", UUID(other))
    assert await back.collect() == 0  # within the time of grace
    assert await back.collect(grace=NOW) == 1
    assert await back.work() == ["discard_blob"]
    assert {key.split("/")[3] for key in back.files()} == {sha256(kept)}
    assert (await nina.get(attachment)).content == kept


async def test_bytes_that_come_again_while_they_are_collected_stay(
    nina: Sender, visit: UUID, back: Back, owner: Conn
) -> None:
    """The row is gone, its bytes are about to go, and somebody brings the same bytes anew."""
    content = photo()
    gone = await send(nina, content, visit)
    await back.work()
    await owner.execute("delete from attachment where id = $1", UUID(gone))
    assert await back.collect(grace=NOW) == 1
    attachment = await send(nina, content, visit)
    await back.work()
    assert (await nina.get(attachment)).content == content
    assert len(back.files()) == 2


@pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")  # arq 0.28 on redis-py 5
async def test_the_worker_finds_its_work_by_itself(
    nina: Sender, visit: UUID, app: FastAPI, redis_url: str, back: Back
) -> None:
    attachment = await send(nina, photo(), visit)
    worker = build_worker(app.state.settings, burst=True, handle_signals=False)
    await worker.main()
    await worker.close()
    assert (await nina.get(attachment, "?thumbnail")).status_code == 200
    assert [key.split("/")[0] for key in back.files()] == ["blobs", "blobs"]


async def test_a_store_that_is_away_is_an_outage(nina: Sender, visit: UUID, back: Back) -> None:
    if back.blobs.folder is None:
        pytest.skip("the store of this run is no folder of ours, to be put out of order")
    content = photo()
    attachment = await nina.declare(content, visit)
    place = (await nina.begin(attachment, len(content))).headers["location"]
    in_the_way = back.folder / "uploads"
    in_the_way.write_text("a file where a folder should be")
    answer = await nina.patch(place, 0, content)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    in_the_way.unlink()
    assert (await nina.head(place)).headers["upload-offset"] == "0"
    assert (await nina.patch(place, 0, content)).status_code == 204
    assert await nina.status(attachment) == "COMPLETE"
