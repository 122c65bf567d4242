"""A phone's line to the server in this process: it loses, repeats, delays and cuts, as the seed says.

It stands where `fieldbeat.phone.Edge` stands, and lets in whom the real edge would let in.
"""

import base64
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Any
from uuid import UUID

import orjson

from fieldbeat.exchange import devices, pull, push
from fieldbeat.exchange.snapshot import open_snapshot
from fieldbeat.exchange.stream import batches
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.refusal import Refusal
from fieldbeat.people import store as people
from fieldbeat.people.model import Unauthenticated
from fieldbeat.people.rules import may_still_push
from fieldbeat.phone import NotAdmitted, Unreachable
from fieldbeat.web.snapshot import in_full
from fieldbeat_sync import cursor as cursors
from fieldbeat_testing.simulation import wire
from fieldbeat_testing.simulation.ledger import Ledger
from fieldbeat_testing.simulation.stage import Stage
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

    stage: Stage
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
        except Unauthenticated as refused:
            raise NotAdmitted(str(refused)) from refused
        except Exception as fault:
            self.ledger.find(f"fault: {name}: {type(fault).__name__}: {fault}")
            raise Unreachable("INTERNAL") from fault

    async def _answer(self, user_id: UUID, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        async with self.stage.db.reading(self.tenant_id) as conn:
            [person] = await people.people_by_ids(conn, self.tenant_id, [user_id])
            now = await people.clock(conn)
        actor, gone_at = Actor(self.tenant_id, user_id, person.role), person.deactivated_at
        only = gone_at is not None
        if gone_at is not None and (name in ("sync_pull", "snapshot") or not may_still_push(gone_at, at=now)):
            raise NotAdmitted("this account was deactivated")
        match name:
            case "register_device":
                sender = wire.registering(asked)
                made = await devices.register_device(self.stage.db, actor, sender, key=SEAL_KEY, push_only=only)
                return wire.registered(made, self.bounds)
            case "sync_push":
                sent = wire.push(asked)
                return wire.pushed(await push.push(self.stage.db, actor, sent, key=SEAL_KEY, push_only=only))
            case "snapshot":
                return {"lines": [line async for line in self._lines(actor, asked)]}
            case _:
                return wire.pulled(await pull.pull(self.stage.db, actor, wire.pull(asked), key=SEAL_KEY))

    async def _lines(self, actor: Actor, asked: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        db, device_id, version = self.stage.db, UUID(asked["deviceId"]), asked["schemaVersion"]
        try:
            snapshot = await open_snapshot(db, actor, device_id, resume=asked["resume"], version=version, key=SEAL_KEY)
        except Refusal as refused:
            yield {"refusal": refused.code, "retryAfterMs": None}
            return
        async for line in in_full(batches(db, snapshot, key=SEAL_KEY)):
            yield orjson.loads(line)


@dataclass
class Line:
    """One phone's line. `fate` draws; the installs in `may_fork` have copies, or registrations that went astray."""

    name: str
    user: UUID
    server: Server
    stepper: Stepper
    fate: Callable[[], Fate]
    delayed: list[Callable[[], Job]]
    may_fork: set[str] = field(default_factory=set)  # install ids, of the whole world
    install_id: str = ""
    user_id: str | None = None

    async def ask(self, name: str, **variables: Any) -> Any:
        """As `Edge.ask`."""
        fate, answer = await self._ask(name, variables["input"])
        if fate is Fate.ANSWER_LOST:
            raise Unreachable("the answer was lost")
        self._check_problem(answer.get("problem"), variables["input"])
        if name == "sync_pull" and not answer["problem"]:
            self._check_cursor(variables["input"]["cursor"], answer)
        return answer

    async def snapshot(self, **parameters: Any) -> AsyncGenerator[Mapping[str, Any], None]:
        """As `Edge.snapshot`; it is long, so it breaks more often than others, behind any of its lines."""
        fate, answer = await self._ask("snapshot", parameters)
        lines, counts = answer["lines"], self.server.ledger.counts
        counts["snapshots gone on with"] += parameters["resume"] is not None
        breaks = Fate.ANSWER_LOST in (fate, *(self.fate() for _ in range(6)))
        self._check_refusal(lines[0].get("refusal"))
        for line in lines[: counts["requests"] % len(lines)] if breaks else lines:
            await self.stepper.gate("line")
            counts["lines of snapshots"] += 1
            counts["lines before today was there"] += not line.get("today", True)
            yield line
        if breaks:
            raise Unreachable("the stream broke off")

    async def aclose(self) -> None:
        """Nothing is open."""

    async def _ask(self, name: str, asked: Mapping[str, Any]) -> tuple[Fate, Any]:
        """What became of the request, and its answer where it has one."""
        fate = self.fate()
        await self.stepper.gate(f"{name} {fate.value}")
        self.server.ledger.counts[fate.value] += 1
        if name == "register_device" and fate is not Fate.ANSWERED:
            self.may_fork.add(asked["installId"])
        if fate is Fate.REQUEST_LOST:
            raise Unreachable("lost")
        if fate is Fate.DELAYED:
            self._note(asked)
            self.delayed.append(lambda: self._send(name, asked))
            raise Unreachable("no answer in time")
        if fate is Fate.TWICE:
            self._send(name, asked)
        self._note(asked)
        job = self._send(name, asked)
        if fate is Fate.RESET:
            raise Unreachable("reset")
        try:
            return fate, await self.stepper.join(job)
        except Cut as cut:
            raise Unreachable("the server has gone") from cut
        except BaseException:
            if name == "register_device":
                self.may_fork.add(asked["installId"])
            raise

    def _note(self, asked: Mapping[str, Any]) -> None:
        for edit in asked.get("mutations", ()):
            self.server.ledger.sent[asked["incarnation"], edit["seq"], edit["uuid"]] = edit["baseRev"]
            made = self.server.ledger.made.get(edit["uuid"])
            if made and made.base_rev != edit["baseRev"] and not self.server.ledger.restored:
                self.server.ledger.find(f"base: {edit['uuid']} saw rev {made.base_rev} and says {edit['baseRev']}")

    def _check_problem(self, problem: Mapping[str, Any] | None, asked: Mapping[str, Any]) -> None:
        """A phone that is the only one of its install is never told that it is not."""
        if problem is None or problem["code"] == "BUSY" or self.server.ledger.restored:
            return
        self.server.ledger.counts[problem["code"]] += 1
        if problem["code"] != "DEVICE_FORKED" or self.install_id not in self.may_fork:
            self.server.ledger.find(f"problem: {self.name} was told {problem['code']} without a reason: {asked}")

    def _check_refusal(self, code: str | None) -> None:
        """A stream may have been begun by a copy of this phone, or yesterday; else it goes on."""
        if code is not None:
            self.server.ledger.counts[code] += 1
            if code != "SNAPSHOT_EXPIRED" and not self.server.ledger.restored:
                self.server.ledger.find(f"problem: {self.name} was refused a snapshot: {code}")

    def _check_cursor(self, before: str | None, answer: Mapping[str, Any]) -> None:
        """A cursor never goes back, but in a scope that is read anew."""
        if before is None:
            return
        was, now = _positions(before), _positions(answer["cursor"])
        for scope_id in was.keys() & now.keys() - set(answer["resyncScopes"]):
            if now[scope_id] < was[scope_id]:
                self.server.ledger.find(f"cursor: {self.name} went back from {was[scope_id]} in {scope_id}")

    def _send(self, name: str, asked: Mapping[str, Any]) -> Job:
        self.server.ledger.counts["requests"] += 1
        return self.stepper.spawn(f"{self.name} {name}", self._served(name, asked))

    async def _served(self, name: str, asked: Mapping[str, Any]) -> Any:
        answer = await self.server.answer(self.user, name, asked)
        # Without the database a server has no time but its own.
        told = {**answer, "serverTime": None} if (answer.get("problem") or {}).get("code") == "BUSY" else answer
        self.stepper.trace.note(f"{self.name} {name} {asked} -> {told}")
        return answer


def _positions(token: str) -> dict[str, int]:
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    return {scope_id: at.seq for scope_id, at in cursors.decode(raw[16:]).scopes.items()}


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
