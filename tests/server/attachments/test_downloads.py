"""`GET /files/{attachment}`: whole, in part, small; and never as a page of ours."""

from uuid import UUID

from fieldbeat_testing.files import Back, Sender, long_photo, photo, sha256
from fieldbeat_testing.world import World


async def test_a_file_comes_whole_or_in_part(nina: Sender, visit: UUID) -> None:
    content = long_photo(1_300_000)
    attachment = await nina.declare(content, visit)
    place = (await nina.begin(attachment, len(content))).headers["location"]
    assert (await nina.get(attachment)).status_code == 404  # its bytes have not come
    await nina.patch(place, 0, content)
    whole = await nina.get(attachment)
    assert (whole.status_code, whole.content) == (200, content)
    assert whole.headers["content-length"] == str(len(content))
    size = len(content)
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=1000000-1199999", 1_000_000, 1_200_000),
        ("bytes=1299990-", 1_299_990, size),
        ("bytes=-10", size - 10, size),
        ("bytes=0-99999999", 0, size),
    ):
        part = await nina.get(attachment, range=asked)
        assert (part.status_code, part.content) == (206, content[start:end]), asked
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    for asked in ("bytes=1300000-", "bytes=5-4", "bytes=-0"):
        none = await nina.get(attachment, range=asked)
        assert (none.status_code, none.headers["content-range"]) == (416, f"bytes */{size}"), asked
    for asked in ("bytes=0-1,5-6", "lines=0-1", "bytes=-", "nonsense"):
        assert (await nina.get(attachment, range=asked)).content == content
    stale = await nina.get(attachment, range="bytes=0-0", **{"If-Range": '"another"'})
    assert (stale.status_code, stale.content) == (200, content)
    known = await nina.get(attachment, **{"If-None-Match": whole.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


async def test_a_browser_never_takes_a_file_for_a_page(nina: Sender, visit: UUID) -> None:
    content = photo()
    attachment = await nina.declare(content, visit)
    await nina.patch((await nina.begin(attachment, len(content))).headers["location"], 0, content)
    headers = (await nina.get(attachment)).headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"] == f'attachment; filename="{attachment}.jpg"'
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cache-control"] == "private, no-cache"


async def test_a_thumbnail_comes_when_the_worker_has_made_it(nina: Sender, visit: UUID, back: Back) -> None:
    content = photo(1200, 900)
    attachment = await nina.declare(content, visit)
    await nina.patch((await nina.begin(attachment, len(content))).headers["location"], 0, content)
    waiting = await nina.get(attachment, "?thumbnail")
    assert (waiting.status_code, waiting.json()["code"]) == (404, "NOT_FOUND")
    await back.work()
    small = await nina.get(attachment, "?thumbnail")
    assert (small.status_code, small.headers["content-type"]) == (200, "image/jpeg")
    assert len(small.content) < len(content)
    assert small.headers["etag"] != (await nina.get(attachment)).headers["etag"]


async def test_the_same_photo_is_kept_once(nina: Sender, visit: UUID, harbour: World, back: Back) -> None:
    content = photo()
    sent = []
    for record in (visit, harbour.lunch):
        attachment = await nina.declare(content, record)
        await nina.patch((await nina.begin(attachment, len(content))).headers["location"], 0, content)
        sent.append(attachment)
    await back.work()
    digest = sha256(content)
    assert [key.split("/")[3] for key in back.files()] == [digest, digest]  # the blob and its thumbnail
    assert all([(await nina.get(each)).content == content for each in sent])
