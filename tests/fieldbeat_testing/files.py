"""Somebody who declares photos from a phone and sends their bytes over HTTP, and the worker that runs when told to."""

import base64
import hashlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import obstore
from PIL import Image

from fieldbeat.attachments import jobs
from fieldbeat.kit.blobs import Blobs
from fieldbeat.kit.db import Conn, Db
from fieldbeat.outbox.jobs import perform
from fieldbeat.outbox.model import DueEffect
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.world import PASSWORD, Person

SIGN_IN = "mutation ($i: SignInInput!) { signIn(input: $i) { ... on Session { accessToken } } }"
WINDOW = {"plannedStart": "2026-11-25T09:00:00Z", "plannedEnd": "2026-11-25T09:30:00Z"}
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class Sender:
    """Sends files as one of the cast."""

    http: httpx.AsyncClient
    phone: Pusher
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What goes with each of its requests."""
        return {**TUS, "Authorization": f"Bearer {self.token}"}

    async def declare(self, content: bytes, record_id: object, **other: Any) -> str:
        """A CREATE of an attachment, as the phone makes it."""
        said = {"recordId": str(record_id), "sha256": sha256(content), "bytes": len(content)}
        mutation = self.phone.create("attachment", {**said, "contentType": "image/jpeg", **other})
        assert await self.phone.said(mutation) == ["APPLIED"]
        return str(mutation.record_id)

    async def begin(self, attachment_id: str, length: object, **headers: str) -> httpx.Response:
        """POST /files."""
        named = base64.b64encode(attachment_id.encode()).decode()
        said = {"Upload-Length": str(length), "Upload-Metadata": f"attachmentId {named},filename Li4vLi4vZXRj"}
        return await self.http.post("/files", headers={**self.headers, **said, **headers})

    async def begun(self, content: bytes, record_id: object, **other: Any) -> str:
        """The place of an upload of a photo just declared."""
        answer = await self.begin(await self.declare(content, record_id, **other), len(content))
        assert answer.status_code == 201, answer.text
        return answer.headers["location"]

    async def patch(
        self, place: str, offset: object, content: bytes | AsyncIterator[bytes], **headers: str
    ) -> httpx.Response:
        """Some bytes from an offset on."""
        said = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        return await self.http.patch(place, content=content, headers={**self.headers, **said, **headers})

    async def head(self, place: str) -> httpx.Response:
        """Where an upload stands."""
        return await self.http.head(place, headers=self.headers)

    async def get(self, attachment_id: str, query: str = "", **headers: str) -> httpx.Response:
        """The file of an attachment."""
        return await self.http.get(f"/files/{attachment_id}{query}", headers={**self.headers, **headers})

    async def status(self, attachment_id: str) -> str:
        """As the phone knows it after a pull."""
        await self.phone.pull()
        row = self.phone.row(attachment_id, "attachment")
        assert row is not None
        return str(row["status"])


@dataclass
class Back:
    """What the worker does, when the test says so."""

    db: Db
    owner: Conn
    blobs: Blobs

    async def work(self) -> list[str]:
        """Performs every effect that is due; the kinds."""
        performers = jobs.performers(self.blobs)
        due = await self.owner.fetch(
            "select tenant_id, id, effect from outbox where done_at is null order by created_at, id"
        )
        for each in due:
            assert await perform(self.db, performers, DueEffect(each["tenant_id"], each["id"]))
        return [each["effect"].partition(".")[2] for each in due]

    async def collect(self, *, grace: timedelta = jobs.GRACE) -> int:
        """What the worker does every hour."""
        return await jobs.collect_files(self.db, grace=grace)

    @property
    def folder(self) -> Path:
        """Where files are kept."""
        assert self.blobs.folder is not None
        return self.blobs.folder

    def files(self) -> list[str]:
        """The keys of all that is kept."""
        return sorted(each["path"] for page in obstore.list(self.blobs.store) for each in page)


def sha256(content: bytes) -> str:
    """As rows write it."""
    return hashlib.sha256(content).hexdigest()


def photo(width: int = 600, height: int = 400, kind: str = "JPEG", **more: Any) -> bytes:
    """A picture: red on the left, blue on the right."""
    made = Image.new("RGB", (width, height), "red")
    made.paste((0, 0, 255), (width // 2, 0, width, height))
    kept = io.BytesIO()
    made.save(kept, kind, **more)
    return kept.getvalue()


def long_photo(size: int) -> bytes:
    """A photo of exactly so many bytes: what follows the picture is not looked at."""
    short = photo()
    return short + bytes(range(256)) * ((size - len(short)) // 256) + bytes((size - len(short)) % 256)


async def sender(db: Db, http: httpx.AsyncClient, person: Person) -> Sender:
    """A person who has signed in, with a phone."""
    given = {"i": {"email": person.email, "password": PASSWORD}}
    answer = await http.post("/graphql", json={"query": SIGN_IN, "variables": given})
    return Sender(http, await registered(db, person), answer.json()["data"]["signIn"]["accessToken"])
