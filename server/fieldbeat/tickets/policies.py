"""What a company promises: making, changing and retiring policies. A change makes a new version; old verdicts stay."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.records import Change, Tx
from fieldbeat.tickets import clock_store as store
from fieldbeat.tickets.promise import (
    BadPause,
    BadStep,
    HoursTwice,
    HoursUnknown,
    PolicyNotYours,
    PolicyRetired,
    PolicyUnknown,
    SlaPolicy,
    TargetOutOfBounds,
    TargetsNeeded,
    TargetTwice,
)
from fieldbeat.tickets.replica import KEPT_POLICY
from fieldbeat_sync.schema import Op, Role

MINUTES_MAX = 1_000_000
LEVEL_MAX = 9
PAUSABLE = frozenset({"OPEN", "PENDING_CUSTOMER", "PENDING_THIRD", "ON_HOLD"})


async def create_policy(
    tx: Tx, actor: Actor, *, patch: Mapping[str, Any], around_the_clock: bool = False, id: UUID | None = None
) -> SlaPolicy:
    """Makes a policy; without business hours it has the company's default ones, or none around the clock.

    Refuses FORBIDDEN (not an administrator), NOT_FOUND (`businessHoursId`), INVALID (`targets`, `pauses`, `steps`,
    `aroundTheClock` beside business hours).
    """
    written = dict(patch)
    if around_the_clock and written.get("businessHoursId") is not None:
        raise HoursTwice(fields=("aroundTheClock", "businessHoursId"))
    if around_the_clock:
        written["businessHoursId"] = None
    elif written.get("businessHoursId") is None:
        default = await store.default_hours_id(tx.conn, tx.tenant_id)
        written["businessHoursId"] = str(default) if default else None
    await _check(tx, actor, {"targets": (), **written})
    return await _write(tx, actor, Change(KEPT_POLICY, id or uuid7(), Op.CREATE, written))


async def update_policy(
    tx: Tx, actor: Actor, *, policy_id: UUID, patch: Mapping[str, Any], base_rev: int | None = None
) -> SlaPolicy:
    """Changes a policy: a new version, by which open tickets go on with the time that they have behind them.

    Refuses as `create_policy`, and NOT_FOUND, INVALID (retired).
    """
    await _check(tx, actor, patch)
    policy = await _known(tx, policy_id)
    versioned = {**patch, "version": policy.fields["version"] + 1}
    return await _write(tx, actor, Change(KEPT_POLICY, policy_id, Op.UPDATE, versioned, base_rev))


async def retire_policy(tx: Tx, actor: Actor, *, policy_id: UUID) -> SlaPolicy:
    """Chooses a policy for no ticket any more. Refuses FORBIDDEN, NOT_FOUND, INVALID (retired)."""
    await _check(tx, actor, {})
    await _known(tx, policy_id)
    return await _write(tx, actor, Change(KEPT_POLICY, policy_id, Op.UPDATE, {"status": "RETIRED"}))


async def _known(tx: Tx, policy_id: UUID) -> SlaPolicy:
    policy = (await store.policies_by_ids(tx.conn, tx.tenant_id, [policy_id])).get(policy_id)
    if policy is None:
        raise PolicyUnknown(fields=("id",))
    if policy.fields["status"] == "RETIRED":
        raise PolicyRetired(fields=("id",))
    return policy


async def _write(tx: Tx, actor: Actor, change: Change) -> SlaPolicy:
    await records.change(tx, actor, [change])
    return (await store.policies_by_ids(tx.conn, tx.tenant_id, [change.record_id]))[change.record_id]


async def _check(tx: Tx, actor: Actor, patch: Mapping[str, Any]) -> None:
    if actor.role is not Role.ADMIN:
        raise PolicyNotYours
    if "targets" in patch:
        _check_targets(patch["targets"])
    for each in patch.get("pauses") or ():
        if not set(each["statuses"]) <= PAUSABLE:
            raise BadPause(fields=("pauses",))
    if _repeats([each["metric"] for each in patch.get("pauses") or ()]):
        raise BadPause(fields=("pauses",))
    for each in patch.get("steps") or ():
        _check_step(each)
    hours_id = patch.get("businessHoursId")
    if hours_id and not await store.has_hours(tx.conn, tx.tenant_id, UUID(hours_id)):
        raise HoursUnknown(fields=("businessHoursId",))


def _check_targets(targets: Any) -> None:
    if not targets:
        raise TargetsNeeded(fields=("targets",))
    if any(not 1 <= each["minutes"] <= MINUTES_MAX for each in targets):
        raise TargetOutOfBounds(fields=("targets",))
    if _repeats([(each["metric"], each["priority"]) for each in targets]):
        raise TargetTwice(fields=("targets",))


def _check_step(step: Mapping[str, Any]) -> None:
    bounded = 0 <= step["percent"] <= 100 and 0 <= step["plusMinutes"] <= MINUTES_MAX
    somebody = step["levels"] or step.get("onCall")
    if not bounded or not somebody or any(not 0 <= level <= LEVEL_MAX for level in step["levels"]):
        raise BadStep(fields=("steps",))


def _repeats(names: list[Any]) -> bool:
    return len(set(names)) < len(names)
