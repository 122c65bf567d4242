"""Policies read as terms, and which of them a ticket comes under."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fieldbeat.people.skills import folded
from fieldbeat.tickets.clock_store import Facts
from fieldbeat.tickets.model import TicketPriority, TicketStatus
from fieldbeat.tickets.promise import ON_CALL, PAUSES, STEPS, SlaMetric, Step, Terms, TermsKey
from fieldbeat.worktime.model import WHOLE_DAY, BusinessHours
from fieldbeat.worktime.rules import hours_of

AROUND_THE_CLOCK = BusinessHours("UTC", (WHOLE_DAY,) * 7)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class InForce:
    """A policy that tickets are measured by now; `since`: when it, or its business hours, last changed."""

    key: TermsKey
    policy: Mapping[str, Any]
    hours: Mapping[str, Any] | None
    since: datetime


def terms_of(key: TermsKey, policy: Mapping[str, Any], hours: Mapping[str, Any] | None) -> Terms:
    """A version of a policy with its business hours; 24x7 without any."""
    pauses, steps = policy.get("pauses"), policy.get("steps")
    return Terms(
        key,
        hours_of(hours) if hours else AROUND_THE_CLOCK,
        {
            (SlaMetric(each["metric"]), TicketPriority(each["priority"])): each["minutes"] * MINUTE
            for each in policy["targets"]
        },
        PAUSES if pauses is None else _pauses(pauses),
        STEPS if steps is None else tuple(step_of(each) for each in steps),
    )


def chosen(policies: Iterable[InForce], facts: Facts) -> InForce | None:
    """The first policy whose conditions all hold; an empty condition holds."""
    return next((each for each in policies if _fits(each.policy.get("conditions") or {}, facts)), None)


def _fits(conditions: Mapping[str, Any], facts: Facts) -> bool:
    wanted = (("tiers", facts.tier), ("kinds", facts.kind), ("priorities", facts.priority))
    if any(conditions.get(name) and value not in conditions[name] for name, value in wanted):
        return False
    if conditions.get("underWarranty") not in (None, facts.under_warranty):
        return False
    skills, tags = conditions.get("skills"), conditions.get("accountTags")
    if skills and folded(skills).isdisjoint(folded(facts.required_skills)):
        return False
    return not tags or bool(set(tags) & set(facts.account_tags))


def _pauses(pauses: Sequence[Mapping[str, Any]]) -> dict[SlaMetric, frozenset[TicketStatus]]:
    return {SlaMetric(each["metric"]): frozenset(map(TicketStatus, each["statuses"])) for each in pauses}


def step_of(each: Mapping[str, Any]) -> Step:
    """A step as the collection has it."""
    levels = (*([ON_CALL] if each.get("onCall") else ()), *each["levels"])
    return Step(each["percent"], each["plusMinutes"] * MINUTE, levels, each["onlyBusinessHours"])
