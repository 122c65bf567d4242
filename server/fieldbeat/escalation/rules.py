"""Pure decisions: whom a step concerns, and what he is told."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from fieldbeat.escalation.model import Above, AcknowledgingNotYours, Bounce, DueStep
from fieldbeat.kit.actor import Actor
from fieldbeat.notifications.model import Notice
from fieldbeat.tickets.model import Ticket
from fieldbeat.tickets.promise import BY_CHANGE, ON_CALL
from fieldbeat_sync.clock import text_of
from fieldbeat_sync.schema import Role

ADMINISTRATORS = -1  # the level of those who are told because a whole line is away


def lines_of(above: Iterable[Above]) -> dict[UUID, list[Above]]:
    """The reporting line of each person, from himself upwards."""
    lines: dict[UUID, list[Above]] = {}
    for each in above:
        lines.setdefault(each.root_id, []).append(each)
    return lines


def recipients(
    step: DueStep,
    lines: Mapping[UUID, Sequence[Above]],
    administrators: Sequence[UUID],
    on_call: Mapping[UUID, UUID],
) -> list[tuple[UUID, int]]:
    """Whom a step concerns, each person once: who is on call, where the step says so (`on_call`: by territory), and for
    each of its levels the first from there upwards who is not away.

    The line is that of the ticket's assignee, or of the account's owner; a step of nobody but who is on call goes there
    when nobody is. Where all are away, or nobody answers for the ticket, the administrators are told: a step never goes
    unheard.
    """
    root = step.assignee_id or step.owner_id
    line = lines.get(root, []) if root else []
    found: dict[UUID, int] = {}
    if ON_CALL in step.levels and step.territory_id in on_call:
        found[on_call[step.territory_id]] = ON_CALL
    levels = sorted(level for level in step.levels if level != ON_CALL)
    for level in levels or ([] if found else [0]):
        there = next((each for each in line if each.level >= level and not each.away), None)
        if there is not None:
            found.setdefault(there.user_id, there.level)
    if not found:
        found = dict.fromkeys(administrators, ADMINISTRATORS)
    return list(found.items())


def above_both(one: Sequence[Above], other: Sequence[Above]) -> Above | None:
    """The nearest in the line of `other` who leads both and is not away; each line begins with its person himself."""
    over_one = {each.user_id for each in one if each.level > 0}
    return next((each for each in other if each.level > 0 and each.user_id in over_one and not each.away), None)


def bounce_notice(bounce: Bounce, user_id: UUID) -> Notice:
    """What whoever leads both teams is told: once for each third time."""
    return Notice(
        key=f"bounces:{bounce.ticket_id}:{bounce.times}",
        user_id=user_id,
        type="TICKET_BOUNCED",
        title=_title(bounce),
        body=f"Handed over between teams {bounce.times} times, lastly from {bounce.from_name} to {bounce.to_name}.",
        link=f"ticket:{bounce.ticket_id}",
    )


def notice(step: DueStep, user_id: UUID) -> Notice:
    """What a person is told: two workers who take one step tell him once, for the key says which step it is."""
    if step.step == BY_CHANGE:
        return _overdue_by_change(step, user_id)
    clock = step.metric.replace("_", " ").lower()
    when = f"by {text_of(step.deadline)}" if step.deadline else "now"
    said = f"The {clock} is overdue; it was promised {when}." if step.breached else f"The {clock} is promised {when}."
    return Notice(
        key=":".join(map(str, ("sla", *step.key))),
        user_id=user_id,
        type="SLA_BREACHED" if step.breached else "SLA_DUE",
        title=_title(step),
        body=said,
        link=f"ticket:{step.ticket_id}",
    )


def _overdue_by_change(step: DueStep, user_id: UUID) -> Notice:
    """One for all clocks of a ticket that one change has made overdue: they were overdue at the same instant."""
    since = text_of(step.deadline) if step.deadline else ""
    return Notice(
        key=f"sla by change:{step.ticket_id}:{since}",
        user_id=user_id,
        type="SLA_BREACHED",
        title=_title(step),
        body=f"What is promised for it has changed, and with that it is overdue since {since}.",
        link=f"ticket:{step.ticket_id}",
    )


def _title(about: DueStep | Bounce) -> str:
    return f"#{about.number} {about.subject}" if about.number else about.subject


def check_may_acknowledge(actor: Actor, ticket: Ticket, people: frozenset[UUID]) -> None:
    """Refuses who neither answers for the ticket nor leads who does. `people`: the actor and everyone below him."""
    if actor.role is not Role.ADMIN and ticket.assignee_id not in people:
        raise AcknowledgingNotYours
