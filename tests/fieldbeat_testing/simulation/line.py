"""A phone's line to the server in this process: it loses, repeats, delays and cuts, as the seed says.

It stands where `fieldbeat.phone.Edge` stands, and lets in whom the real edge would let in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Any
from uuid import UUID

from fieldbeat.exchange import devices, pull, push
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.people import store as people
from fieldbeat.people.rules import may_still_push
from fieldbeat.phone import NotAdmitted, Unreachable
from fieldbeat_testing.simulation import wire
from fieldbeat_testing.simulation.ledger import Ledger
from fieldbeat_testing.simulation.stepper import Cut, Job, Stepper

SEAL_KEY = b"k" * 32


class Fate(Enum):
    """What becomes of one request."""

    ANSWERED = "answered"
    REQUEST_LOST = "request lost"
    ANSWER_LOST = "answer lost"
    RESET = "reset while it ran"
    TWICE = "sent twice"
    DELAYED = "delayed"


@dataclass
class Server:
    """The exchange behind its edge. `bounds`: the limits that it tells to phones."""

    db: Db
    tenant_id: UUID
    ledger: Ledger
    bounds: Mapping[str, int]

    async def answer(self, user_id: UUID, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """One request, from admission to answer."""
        try:
            return await self._answer(user_id, name, asked)
        except push.AWAY as away:
            raise Unreachable(type(away).__name__) from away
        except (NotAdmitted, Unreachable):
            raise
        except Exception as fault:
            self.ledger.find(f"fault: {name}: {type(fault).__name__}: {fault}")
            raise Unreachable("INTERNAL") from fault

    async def _answer(self, user_id: UUID, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        async with self.db.reading(self.tenant_id) as conn:
            [person] = await people.people_by_ids(conn, self.tenant_id, [user_id])
            now = await people.clock(conn)
        actor, gone_at = Actor(self.tenant_id, user_id, person.role), person.deactivated_at
        if gone_at is not None and not (name == "sync_push" and may_still_push(gone_at, at=now)):
            raise NotAdmitted("this account was deactivated")
        match name:
            case "register_device":
                made = await devices.register_device(self.db, actor, wire.registering(asked), key=SEAL_KEY)
                return wire.registered(made, self.bounds)
            case "sync_push":
                only = gone_at is not None
                return wire.pushed(await push.push(self.db, actor, wire.push(asked), key=SEAL_KEY, push_only=only))
            case _:
                return wire.pulled(await pull.pull(self.db, actor, wire.pull(asked), key=SEAL_KEY))


@dataclass
class Line:
    """One phone's line. `fate` draws; `forked` says that another copy, or a lost registration, may have cut in."""

    name: str
    user: UUID
    server: Server
    stepper: Stepper
    fate: Callable[[], Fate]
    delayed: list[Callable[[], Job]]
    may_fork: set[str] = field(default_factory=set)  # install ids, of the whole world
    user_id: str | None = None

    async def ask(self, name: str, **variables: Any) -> Any:
        """As `Edge.ask`."""
        asked = variables["input"]
        fate = self.fate()
        await self.stepper.gate(f"{name} {fate.value}")
        self.server.ledger.counts[fate.value] += 1
        if name == "register_device" and fate is not Fate.ANSWERED:
            self.may_fork.add(asked["installId"])
        if fate is Fate.REQUEST_LOST:
            raise Unreachable("lost")
        if fate is Fate.DELAYED:
            self.delayed.append(lambda: self._send(name, asked))
            raise Unreachable("no answer in time")
        if fate is Fate.TWICE:
            self._send(name, asked)
        job = self._send(name, asked)
        if fate is Fate.RESET:
            raise Unreachable("reset")
        try:
            answer = await self.stepper.join(job)
        except Cut as cut:
            raise Unreachable("the server has gone") from cut
        except BaseException:
            if name == "register_device":
                self.may_fork.add(asked["installId"])
            raise
        if fate is Fate.ANSWER_LOST:
            raise Unreachable("the answer was lost")
        return answer

    async def aclose(self) -> None:
        """Nothing is open."""

    def _send(self, name: str, asked: Mapping[str, Any]) -> Job:
        self.server.ledger.counts["requests"] += 1
        return self.stepper.spawn(f"{self.name} {name}", self._served(name, asked))

    async def _served(self, name: str, asked: Mapping[str, Any]) -> Any:
        answer = await self.server.answer(self.user, name, asked)
        self.stepper.trace.note(f"{self.name} {name} {asked} -> {answer}")
        return answer


def drawn(draw: Random, rates: Mapping[Fate, float]) -> Callable[[], Fate]:
    """Each fate but ANSWERED at its rate."""

    def fate() -> Fate:
        chance = draw.random()
        for each, rate in rates.items():
            chance -= rate
            if chance < 0:
                return each
        return Fate.ANSWERED

    return fate
