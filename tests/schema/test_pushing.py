"""The edge around syncPush: who may still push, and texts that cannot be stored."""

from typing import Any
from uuid import uuid4

from fieldbeat_testing.world import World

from .conftest import Caller, Callers

REGISTER = """
mutation ($input: RegisterDeviceInput!) {
  registerDevice(input: $input) { deviceId incarnation epoch ratchet serverTime }
}
"""
PUSH = """
mutation ($input: SyncPushInput!) {
  syncPush(input: $input) { lastSeq results { seq status code fields } problem { code } }
}
"""
DEACTIVATE = """
mutation ($input: DeactivateUserInput!) { deactivateUser(input: $input) { __typename } }
"""


async def register(caller: Caller) -> Any:
    given = {"installId": str(uuid4()), "platform": "OTHER", "appVersion": "1", "schemaVersion": 1}
    return (await caller.ask(REGISTER, {"input": given}))["registerDevice"]


async def push(caller: Caller, device: Any, record_id: str, *patches: dict[str, Any]) -> Any:
    """Edits of one account, as the device's first push."""
    mutations = [
        {
            "seq": seq, "uuid": str(uuid4()), "at": device["serverTime"], "collection": "account",
            "recordId": record_id, "op": "UPDATE", "baseRev": 1, "patch": patch,
        }
        for seq, patch in enumerate(patches, start=1)
    ]  # fmt: skip
    identity = {name: device[name] for name in ("deviceId", "incarnation", "epoch", "ratchet")}
    given = {**identity, "schemaVersion": 1, "deviceNow": device["serverTime"], "ackedThrough": 0}
    return (await caller.ask(PUSH, {"input": {**given, "mutations": mutations}}))["syncPush"]


async def test_a_text_that_cannot_be_stored_spoils_its_own_mutation_alone(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    device = await register(nina)
    pushed = await push(
        nina, device, harbour.lunch, {"note": "a\0b"}, {"no\0te": "x"}, {"phone": "1"}, {"custom": {"a": {"b\0": "\0"}}}
    )
    verdicts = [(each["status"], each["code"]) for each in pushed["results"]]
    assert verdicts == [("REJECTED", "INVALID"), ("REJECTED", "INVALID"), ("APPLIED", None), ("REJECTED", "INVALID")]


async def test_what_a_deactivated_person_edited_is_parked(harbour: World, signed_in: Callers) -> None:
    nina, adam = await signed_in(harbour.nina), await signed_in(harbour.adam)
    device = await register(nina)
    await adam.ask(DEACTIVATE, {"input": {"id": str(harbour.nina.id)}})

    pushed = await push(nina, device, harbour.lunch, {"note": "written before he left"})
    assert [(each["status"], each["code"]) for each in pushed["results"]] == [("REJECTED", "FORBIDDEN")]
    assert pushed["lastSeq"] == 1
    assert await nina.refused(REGISTER, {"input": {}}) in ("BAD_REQUEST", "UNAUTHENTICATED")
    assert await nina.refused("{ me { id } }") == "UNAUTHENTICATED"
