"""The one door to where files are kept: a folder, or an S3-compatible store by setting. Keys are made here in the house
from ids and hashes; nothing that a user typed becomes part of one."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

from fieldbeat.kit.refusal import Outage
from fieldbeat.kit.settings import Settings

if TYPE_CHECKING:
    from obstore.store import S3Config

READ_BYTES = 256 * 1024
LISTED_MAX = 1_000


@dataclass(frozen=True)
class Blobs:
    """The store; `folder` is where it lies when it is one of this machine."""

    store: ObjectStore
    folder: Path | None = None

    async def put(self, key: str, content: bytes | AsyncIterator[bytes]) -> None:
        """Keeps the content under the key, over what was there; it is on the disk when this returns."""
        with _away():
            await obstore.put_async(self.store, key, content)
        if self.folder is not None:
            await asyncio.to_thread(_flush, self.folder / key)

    async def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` until `end` (exclusive; None: all), in parts. Raises `FileNotFoundError`."""
        with _away():
            wanted: obstore.GetOptions = {} if end is None else {"range": (start, end)}
            found = await obstore.get_async(self.store, key, options=wanted)
            async for part in found.stream(min_chunk_size=READ_BYTES):
                yield bytes(part)

    async def delete(self, keys: Sequence[str]) -> None:
        """Removes what is there of `keys`."""
        for key in keys:
            try:
                with _away():
                    await obstore.delete_async(self.store, key)
            except FileNotFoundError:
                continue

    async def delete_below(self, prefix: str) -> None:
        """Removes everything whose key begins with `prefix` and a slash."""
        with _away():
            async for listed in obstore.list(self.store, prefix=prefix, chunk_size=LISTED_MAX):
                await obstore.delete_async(self.store, [each["path"] for each in listed])


def open_blobs(settings: Settings) -> Blobs:
    """The store that the settings name: the folder `files` of the data folder unless there is a URL."""
    url = settings.blobs_url
    if url is None or url.startswith("file://"):
        folder = Path(url.removeprefix("file://")) if url else settings.data_dir.absolute() / "files"
        folder.mkdir(parents=True, exist_ok=True)
        return Blobs(LocalStore(folder, automatic_cleanup=True), folder)
    return Blobs(S3Store.from_url(url, config=_s3(settings), client_options={"allow_http": _is_plain(settings)}))


def _s3(settings: Settings) -> "S3Config":
    """What was chosen; the rest is taken as the machine has it (AWS_* variables, its role)."""
    chosen: S3Config = {}
    if settings.blobs_endpoint is not None:
        chosen["endpoint"] = settings.blobs_endpoint
    if settings.blobs_region is not None:
        chosen["region"] = settings.blobs_region
    if settings.blobs_key_id is not None and settings.blobs_secret is not None:
        chosen["access_key_id"], chosen["secret_access_key"] = settings.blobs_key_id, settings.blobs_secret
    return chosen


def _is_plain(settings: Settings) -> bool:
    return (settings.blobs_endpoint or "").startswith("http://")


@contextmanager
def _away() -> Iterator[None]:
    """A store that does not answer, or has no room, is an outage. What is missing (`FileNotFoundError`) is not."""
    try:
        yield
    except NotFoundError as missing:
        raise FileNotFoundError(str(missing)) from missing
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise Outage("The file store is away.") from error


def _flush(path: Path) -> None:
    """The file and its name survive a power cut."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
