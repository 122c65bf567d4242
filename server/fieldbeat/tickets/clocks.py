"""A ticket's clocks are a pure fold over its events, in business time (docs/decisions/0013-clocks-are-a-fold.md).

Nothing here reads a clock: what is cached is true until the next event, and `state_of` and `elapsed_of` tell how it
stands at an instant.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple, TypeVar

from fieldbeat.tickets.model import DONE, TicketPriority, TicketStatus
from fieldbeat.tickets.promise import Applied, Clock, History, Moment, SlaMetric, SlaState, Terms, Written
from fieldbeat.worktime.arithmetic import NO_TIME, add_business_time, business_time_between
from fieldbeat.worktime.model import BusinessHours, NeverReached

FOREVER = datetime.max.replace(tzinfo=UTC)
ValueT = TypeVar("ValueT", Written, Applied)


class Stretch(NamedTuple):
    """A time in which nothing changed that a clock depends on."""

    from_at: datetime
    until_at: datetime
    status: TicketStatus
    priority: TicketPriority
    terms: Terms | None


class Instance(NamedTuple):
    """What one clock measures: from when until when; `ending` None: it has not ended."""

    metric: SlaMetric
    number: int
    started_at: datetime
    ending: Moment | None


@dataclass
class Measured:
    """A clock while its stretches are gone through."""

    elapsed: timedelta = NO_TIME
    target: timedelta | None = None
    breached_at: datetime | None = None
    by_change: bool = False
    terms: Terms | None = None  # the last that there were
    promised: bool = False
    last: Stretch | None = None


def fold(history: History) -> list[Clock]:
    """The clocks of a ticket, by metric, the newest instance of each first; those that never had a target are absent.

    A breach that stood before later evidence came, and does not stand with it, is retracted.
    """
    clocks = _clocks(history)
    for heard_at in sorted({when.known_at for when in _moments(history) if when.known_at > when.at}):
        breached = {
            (then.metric, then.started_at)
            for then in _clocks(_known_before(history, heard_at))
            if state_of(then, heard_at) is SlaState.BREACHED
        }
        clocks = [_retracted(clock, heard_at, breached) for clock in clocks]
    return clocks


def state_of(clock: Clock, now: datetime) -> SlaState:
    """How a clock stands at an instant."""
    if breached_at(clock, now):
        return SlaState.BREACHED
    if clock.ended_at is not None:
        return SlaState.RETRACTED if clock.retracted_at else SlaState.MET
    if clock.target is None:
        return SlaState.NOT_APPLICABLE
    return SlaState.RUNNING if clock.runs else SlaState.PAUSED


def breached_at(clock: Clock, now: datetime) -> datetime | None:
    """When the promise was broken, if it was until `now`."""
    if clock.breached_at is None and clock.runs and clock.deadline is not None and clock.deadline < now:
        return clock.deadline
    return clock.breached_at


def elapsed_of(clock: Clock, hours: BusinessHours | None, now: datetime) -> timedelta:
    """The business time that a clock has measured until an instant."""
    if not clock.runs or hours is None:
        return clock.elapsed
    return clock.elapsed + business_time_between(hours, clock.anchor_at, now)


def due_at(clock: Clock, hours: BusinessHours, *, percent: int) -> datetime | None:
    """When a running clock has measured that part of its target; None when it does not run, or has no target."""
    if clock.target is None or not clock.runs:
        return None
    return _reached(hours, clock.anchor_at, max(NO_TIME, clock.target * percent / 100 - clock.elapsed))


def _clocks(history: History | None) -> list[Clock]:
    if history is None:
        return []
    stretches = list(_stretches(history))
    measured = (_measure(stretches, instance) for instance in _instances(history, stretches))
    promised = (clock for clock in measured if clock.terms is not None)
    order = list(SlaMetric)
    return sorted(promised, key=lambda clock: (order.index(clock.metric), -clock.instance))


def _stretches(history: History) -> Iterator[Stretch]:
    opened_at = history.opened.at
    statuses = _standing(history.statuses, opened_at)
    priorities = _standing(history.priorities, opened_at)
    terms = _standing(history.terms, opened_at)
    changes = [*(each.when.at for each in (*statuses, *priorities)), *(each.when.at for each in terms)]
    edges = sorted({opened_at, *changes})
    for from_at, until_at in pairwise([*edges, FOREVER]):
        status, priority, applied = _at(statuses, from_at), _at(priorities, from_at), _at(terms, from_at)
        stretch = Stretch(
            from_at, until_at,
            TicketStatus(status.value) if status else TicketStatus.NEW,
            TicketPriority(priority.value) if priority else TicketPriority.NORMAL,
            applied.terms if applied else None,
        )  # fmt: skip
        if from_at == opened_at and not _created_done(history):
            # The instant of opening: what ends in it was promised all the same.
            yield stretch._replace(until_at=opened_at, status=TicketStatus.NEW)
        yield stretch


def _created_done(history: History) -> bool:
    # A status that came with the CREATE; what is not said there is NEW.
    return any(each.when == history.opened and each.value in DONE for each in history.statuses[:1])


def _standing(writes: Sequence[ValueT], opened_at: datetime) -> list[ValueT]:
    """What stood, in the order of time: a write that won takes back whatever was written behind its own time."""
    standing: list[ValueT] = []
    for write in writes:
        at = max(write.when.at, opened_at)
        while standing and standing[-1].when.at >= at:
            standing.pop()
        standing.append(replace(write, when=replace(write.when, at=at)))
    return standing


def _at(standing: Sequence[ValueT], at: datetime) -> ValueT | None:
    return next((each for each in reversed(standing) if each.when.at <= at), None)


def _instances(history: History, stretches: Sequence[Stretch]) -> Iterator[Instance]:
    opened = history.opened
    answers, arrivals = _since(history.answers, opened), _since(history.arrivals, opened)
    first = min((*answers[:1], *arrivals[:1]), key=lambda when: when.at, default=None)
    yield Instance(SlaMetric.FIRST_RESPONSE, 1, opened.at, first)
    resolved = _resolved(history, stretches)
    done = resolved[-1] if stretches[-1].status in DONE else None
    yield Instance(SlaMetric.RESOLUTION, 1, opened.at, done)
    yield Instance(SlaMetric.ONSITE_ARRIVAL, 1, opened.at, arrivals[0] if arrivals else None)
    yield from _rounds(SlaMetric.NEXT_RESPONSE, _since(history.customers, opened), [*answers, *resolved])
    updates = [opened, *(when for when in answers if _status_at(stretches, when.at) not in DONE), *_reopened(stretches)]
    yield from _rounds(SlaMetric.PERIODIC_UPDATE, updates, [*answers, *resolved], again=True)


def _since(moments: Sequence[Moment], opened: Moment) -> list[Moment]:
    """In the order of time; nothing happens to a ticket before it is opened."""
    clamped = (when if when.at >= opened.at else replace(when, at=opened.at) for when in moments)
    return sorted(clamped, key=lambda when: when.at)


def _rounds(
    metric: SlaMetric, begins: Iterable[Moment], ends: Iterable[Moment], *, again: bool = False
) -> Iterator[Instance]:
    """Clocks that begin where none is running, and end at the next end; with `again` an end may begin the next one."""
    open_at: datetime | None = None
    number = 0
    marks = [*((when.at, 0, when) for when in ends), *((when.at, 1, when) for when in begins)]
    for at, begin, when in sorted(marks, key=lambda mark: mark[:2] if again else (mark[0], -mark[1])):
        if begin and open_at is None:
            open_at, number = at, number + 1
        elif not begin and open_at is not None:
            yield Instance(metric, number, open_at, when)
            open_at = None
    if open_at is not None:
        yield Instance(metric, number, open_at, None)


def _resolved(history: History, stretches: Sequence[Stretch]) -> list[Moment]:
    """The moments at which a ticket was done."""
    by_time = {max(each.when.at, history.opened.at): each.when for each in history.statuses}
    return [
        replace(by_time.get(now.from_at, history.opened), at=now.from_at)
        for was, now in pairwise([None, *stretches])
        if now is not None and now.status in DONE and (was is None or was.status not in DONE)
    ]


def _status_at(stretches: Sequence[Stretch], at: datetime) -> TicketStatus:
    return next(stretch.status for stretch in reversed(stretches) if stretch.from_at <= at)


def _reopened(stretches: Sequence[Stretch]) -> list[Moment]:
    return [
        Moment(now.from_at, now.from_at, now.from_at)
        for was, now in pairwise(stretches)
        if was.status in DONE and now.status not in DONE
    ]


def _measure(stretches: Sequence[Stretch], instance: Instance) -> Clock:
    measured = Measured()
    end_at = instance.ending.at if instance.ending else FOREVER
    for stretch in stretches:
        begin, end = max(stretch.from_at, instance.started_at), min(stretch.until_at, end_at)
        if begin < end or stretch.from_at == stretch.until_at == instance.started_at:
            _go_through(measured, stretch._replace(from_at=begin, until_at=end), instance.metric)
    return _clock(measured, instance)


def _go_through(measured: Measured, stretch: Stretch, metric: SlaMetric) -> None:
    """A stretch counts unless the ticket is done or the clock pauses. Time that goes on at the target breaks it."""
    measured.last = stretch
    if stretch.status in DONE:
        return
    terms, earlier = stretch.terms, measured.target
    target = measured.target = terms.targets.get((metric, stretch.priority)) if terms else None
    if terms is None:
        return
    measured.terms = terms
    measured.promised |= target is not None
    if target is not None and measured.breached_at is None and measured.elapsed >= target:
        measured.breached_at = stretch.from_at
        measured.by_change = earlier is None or target < earlier
    if _counts(stretch, metric) and stretch.until_at != FOREVER:
        passed = business_time_between(terms.hours, stretch.from_at, stretch.until_at)
        if target is not None and measured.breached_at is None and measured.elapsed + passed >= target:
            reached = _reached(terms.hours, stretch.from_at, target - measured.elapsed)
            if reached is not None and reached < stretch.until_at:
                measured.breached_at = reached
        measured.elapsed += passed


def _counts(stretch: Stretch, metric: SlaMetric) -> bool:
    terms = stretch.terms
    return terms is not None and stretch.status not in DONE and stretch.status not in terms.pauses.get(metric, ())


def _clock(measured: Measured, instance: Instance) -> Clock:
    last, terms, ended = measured.last, measured.terms, instance.ending
    runs = last is not None and ended is None and last.until_at == FOREVER and _counts(last, instance.metric)
    anchor_at = ended.at if ended else last.from_at if last else instance.started_at
    deadline = measured.breached_at
    if deadline is None and terms and measured.target is not None and (ended or runs):
        deadline = _reached(terms.hours, anchor_at, measured.target - measured.elapsed)
    claimed = ended.claimed_at if ended else None
    in_time = claimed is not None and measured.breached_at is not None and claimed <= measured.breached_at
    return Clock(
        instance.metric, instance.number, instance.started_at, measured.target, measured.elapsed, anchor_at, runs,
        deadline, ended.at if ended else None, measured.breached_at, measured.by_change,
        unverified_at=claimed if in_time else None,
        terms=terms.key if terms and measured.promised else None,
    )  # fmt: skip


def _reached(hours: BusinessHours, from_at: datetime, left: timedelta) -> datetime | None:
    """None: in these business hours that much time never passes."""
    try:
        return add_business_time(hours, from_at, left)
    except NeverReached:
        return None


def _moments(history: History) -> Iterator[Moment]:
    yield history.opened
    yield from (each.when for part in (history.statuses, history.priorities) for each in part)
    yield from (each.when for each in history.terms)
    yield from (*history.customers, *history.answers, *history.arrivals)


def _known_before(history: History, at: datetime) -> History | None:
    """The history as it was known shortly before an instant; None: nothing was."""
    if history.opened.known_at >= at:
        return None
    return History(
        history.opened,
        tuple(each for each in history.statuses if each.when.known_at < at),
        tuple(each for each in history.priorities if each.when.known_at < at),
        tuple(each for each in history.terms if each.when.known_at < at),
        *(
            tuple(when for when in moments if when.known_at < at)
            for moments in (history.customers, history.answers, history.arrivals)
        ),
    )


def _retracted(clock: Clock, heard_at: datetime, breached: set[tuple[SlaMetric, datetime]]) -> Clock:
    stands = clock.retracted_at is not None or (clock.metric, clock.started_at) not in breached
    if stands or state_of(clock, heard_at) is SlaState.BREACHED:
        return clock
    return replace(clock, retracted_at=heard_at)
