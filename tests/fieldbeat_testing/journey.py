"""Phones for stories: each with a store of its own, a network that can fail, and a calendar that may be wrong."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from fieldbeat.phone import Edge, Fault, Network, Phone, SystemClock, Unreachable, open_phone
from fieldbeat_testing.network import always
from fieldbeat_testing.world import PASSWORD, Person

URL = "http://127.0.0.1"
TRIES_MAX = 200


@dataclass
class Phones:
    """A shop that hands out phones on one application."""

    app: FastAPI
    folder: Path
    sold: list[Phone | Edge] = field(default_factory=list)

    def phone(
        self,
        person: Person,
        *,
        fault: Callable[[], Fault] = always(Fault.NONE),  # noqa: B008 (has no state)
        skew_ms: int = 0,
        path: Path | None = None,
    ) -> Phone:
        """A phone in this person's hands; `path` is the store of an earlier one."""
        network = Network(httpx.ASGITransport(self.app), fault)
        store = path or self.folder / f"{len(self.sold)}.db"
        phone = open_phone(
            store, url=URL, account=person.account, clock=SystemClock(skew_ms), transport=network, durable=False
        )
        self.sold.append(phone)
        return phone

    def desk(self, person: Person) -> Edge:
        """A console at this person's desk: online, without a store."""
        client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=URL)
        desk = Edge(client, email=person.email, password=PASSWORD)
        self.sold.append(desk)
        return desk

    async def aclose(self) -> None:
        """Switch all of them off."""
        for each in self.sold:
            await each.aclose()


async def sync(*phones: Phone) -> None:
    """Each in turn, as often as its network makes necessary, until nothing is left to push or to pull."""
    for phone in phones:
        for _ in range(TRIES_MAX):
            try:
                standing = await phone.sync()
                if standing.settled:
                    break
                await asyncio.sleep(standing.retry_after_ms / 1000)
            except Unreachable:
                continue
        else:
            raise AssertionError(f"{phone.device.link} does not settle")


def held(phone: Phone) -> dict[tuple[str, str], Any]:
    """The confirmed rows, without the personal scopes that other people's phones cannot have."""
    return {
        key: held.row
        for key, held in phone.device.rows.items()
        if any(not scope.startswith("user:") for scope in held.scopes)
    }


def verdicts(phone: Phone) -> dict[str, str]:
    """The verdict of every settled edit, by uuid."""
    return {uuid: each.status for uuid, each in phone.device.settled.items()}


async def conflicts(desk: Edge, status: str | None = None) -> list[dict[str, Any]]:
    """The conflicts that this person sees."""
    page = await desk.ask("sync_conflicts", status=status, first=100)
    return [edge["node"] for edge in page["edges"]]


async def writes(desk: Edge, collection: str, record_id: str, name: str) -> list[dict[str, Any]]:
    """The history of one field, newest first."""
    history = await desk.ask("why_value", collection=collection, recordId=record_id, field=name)
    return list(history["writes"])
