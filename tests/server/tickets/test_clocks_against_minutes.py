"""A ticket's clocks against a model that looks at every minute: over random events, calendars and zones.

The model knows one rule: each open minute counts unless the ticket is done or the clock pauses, and the promise is
broken in the first minute that goes by with the target used up.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fieldbeat.tickets.clocks import breached_at, elapsed_of, fold, state_of
from fieldbeat.tickets.model import DONE, TicketPriority, TicketStatus
from fieldbeat.tickets.promise import (
    Applied,
    Clock,
    History,
    Moment,
    SlaMetric,
    SlaState,
    Terms,
    TermsKey,
    Written,
)
from fieldbeat.tickets.terms import AROUND_THE_CLOCK
from fieldbeat.worktime.model import DAY_MINUTES
from fieldbeat_testing.minutes import DAYS, MINUTE, calendars, minutes_open

END = DAYS * DAY_MINUTES
GENERATE = (Phase.explicit, Phase.reuse, Phase.generate)  # counting minutes is too slow to shrink by
NUMBERS = st.integers(0, END - 1)


@dataclass(frozen=True)
class Story:
    """A history, with the minute of each event; the open minutes of each calendar."""

    begin: datetime
    history: History = field(repr=False)
    open_by_terms: dict[TermsKey, bytearray] = field(repr=False)

    def minute(self, at: datetime) -> int:
        return (at - self.begin) // MINUTE


@st.composite
def moments(draw: st.DrawFn, begin: datetime, opened: int = 0) -> Moment:
    """Known at once, heard of later, or claimed by a device's calendar."""
    at = draw(NUMBERS)
    at = max(at, opened)
    match draw(st.sampled_from(["server", "server", "boot", "device"])):
        case "server":
            return _moment(begin, at, at, at)
        case "boot":
            return _moment(begin, at, min(END - 1, at + draw(st.integers(0, DAY_MINUTES))), at)
        case _:
            return _moment(begin, at, at, draw(st.integers(opened, at)))


def _moment(begin: datetime, at: int, known: int, claimed: int) -> Moment:
    return Moment(*(begin + n * MINUTE for n in (at, known, claimed)))


@st.composite
def stories(draw: st.DrawFn) -> Story:
    first, begin = draw(calendars())
    second, _ = draw(calendars())
    opened = draw(st.integers(0, DAY_MINUTES))
    late = draw(st.integers(0, 200)) * draw(st.booleans())
    terms = []
    for n, hours in enumerate((first, second, first)):
        keys = st.tuples(st.sampled_from(SlaMetric), st.sampled_from(TicketPriority))
        targets = draw(st.dictionaries(keys, st.integers(1, 1200).map(lambda n: n * MINUTE), min_size=8))
        pauses = draw(st.dictionaries(st.sampled_from(SlaMetric), st.frozensets(st.sampled_from(TicketStatus))))
        pauses = {metric: paused - DONE for metric, paused in pauses.items()}
        terms.append(Terms(TermsKey(UUID(int=n), 1, 1), hours, targets, pauses))
    at_open = _moment(begin, opened, opened + late, opened)
    some = moments(begin, opened)
    history = History(
        at_open,
        tuple(Written(draw(st.sampled_from(TicketStatus)), each) for each in draw(st.lists(some, max_size=6))),
        tuple(Written(draw(st.sampled_from(TicketPriority)), each) for each in draw(st.lists(some, max_size=3))),
        (
            Applied(terms[0], at_open),
            *(Applied(draw(st.sampled_from([*terms, None])), each) for each in draw(st.lists(some, max_size=2))),
        ),
        *(tuple(sorted(draw(st.lists(some, max_size=4)), key=lambda each: each.at)) for _ in range(3)),
    )
    return Story(begin, history, {each.key: minutes_open(each.hours, begin) for each in terms})


def by_minute(story: Story, history: History) -> list[list[Any]]:
    """For each minute: status, priority and terms. What won last among what was written until then stands."""
    found = []
    for writes, name, default in (
        (history.statuses, "value", TicketStatus.NEW), (history.priorities, "value", TicketPriority.NORMAL),
        (history.terms, "terms", None),
    ):  # fmt: skip
        values = [default] * END
        for write in writes:
            for n in range(story.minute(write.when.at), END):
                values[n] = getattr(write, name)
        found.append(values)
    return found


@dataclass
class Naive:
    """What counting minutes says of one clock."""

    elapsed: int = 0
    breached: int | None = None
    ended: int | None = None
    promised: bool = False


def count(story: Story, history: History, metric: SlaMetric, start: int, end: int | None, now: int) -> Naive:
    statuses, priorities, terms = by_minute(story, history)
    naive, target = Naive(ended=end), None
    created = [each.value for each in history.statuses[:1] if each.when == history.opened]
    if start == story.minute(history.opened.at) and not DONE & set(created):
        # What ends in the minute of opening was promised all the same.
        naive.promised = (metric, priorities[start]) in (terms[start].targets if terms[start] else {})
    for n in range(start, now if end is None else min(end, now)):
        if statuses[n] in DONE:
            continue
        under = terms[n]
        target = under.targets.get((metric, priorities[n])) if under else None
        if target is not None:
            naive.promised = True
            if naive.breached is None and naive.elapsed * MINUTE >= target:
                naive.breached = n
        if under and statuses[n] not in under.pauses.get(metric, ()):
            naive.elapsed += story.open_by_terms[under.key][n]
    return naive


def single_clocks(story: Story, history: History, now: int) -> dict[SlaMetric, Naive]:
    """The clocks that a ticket has once."""
    opened = story.minute(history.opened.at)
    statuses, _, _ = by_minute(story, history)
    answers = [story.minute(each.at) for each in history.answers]
    arrivals = [story.minute(each.at) for each in history.arrivals]
    last_done = next((n for n in range(END - 1, opened - 1, -1) if statuses[n] not in DONE), opened - 1) + 1
    ends = {
        SlaMetric.FIRST_RESPONSE: min([*answers, *arrivals], default=None),
        SlaMetric.ONSITE_ARRIVAL: min(arrivals, default=None),
        SlaMetric.RESOLUTION: last_done if statuses[END - 1] in DONE else None,
    }
    return {metric: count(story, history, metric, opened, end, now) for metric, end in ends.items()}


def until(history: History, at: datetime) -> History | None:
    """What was known before an instant."""
    if history.opened.known_at >= at:
        return None
    parts = (history.statuses, history.priorities, history.terms)
    written: Any = [tuple(each for each in part if each.when.known_at < at) for part in parts]
    told = [
        tuple(each for each in part if each.known_at < at)
        for part in (history.customers, history.answers, history.arrivals)
    ]
    return History(history.opened, *written, *told)


def shown(story: Story, clock: Clock, now: datetime) -> tuple[Any, ...]:
    hours = next(
        (each.terms.hours for each in story.history.terms if each.terms and each.terms.key == clock.terms), None
    )
    broken = breached_at(clock, now)
    return elapsed_of(clock, hours, now) // MINUTE, story.minute(broken) if broken else None


def told(story: Story) -> str:
    """The events of a story, by their minutes."""

    def at(when: Moment) -> str:
        return f"{story.minute(when.at)} (known {story.minute(when.known_at)})"

    history = story.history
    written = [f"{each.value} {at(each.when)}" for each in (*history.statuses, *history.priorities)]
    applied = [f"{each.terms and each.terms.key.policy_id.int} {at(each.when)}" for each in history.terms]
    rest = [[at(when) for when in part] for part in (history.customers, history.answers, history.arrivals)]
    return f"opened {at(history.opened)}, {written}, terms {applied}, customers, answers, arrivals {rest}"


@given(stories())
@settings(max_examples=60, deadline=None, phases=GENERATE)
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # a story is long, should it fail
def test_clocks_equal_counting_minutes(story: Story) -> None:
    now = story.begin + END * MINUTE
    clocks = {each.metric: each for each in fold(story.history)}
    heard = sorted({when.known_at for when in _all(story.history) if when.known_at > when.at})
    broken_then = {
        metric
        for at in heard
        if (known := until(story.history, at))
        for metric, naive in single_clocks(story, known, story.minute(at)).items()
        if naive.breached is not None
    }
    for metric, naive in single_clocks(story, story.history, END).items():
        assert (metric in clocks) == naive.promised
        if metric not in clocks:
            continue
        clock = clocks[metric]
        assert shown(story, clock, now) == (naive.elapsed, naive.breached), told(story)
        state = state_of(clock, now)
        assert (state is SlaState.BREACHED) == (naive.breached is not None)
        if naive.breached is None and naive.ended is not None:
            assert state is (SlaState.RETRACTED if metric in broken_then else SlaState.MET)


@given(stories())
@settings(max_examples=40, deadline=None, phases=GENERATE)
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
def test_rounds_equal_counting_minutes(story: Story) -> None:
    now = story.begin + END * MINUTE
    history, opened = story.history, story.minute(story.history.opened.at)
    statuses, _, _ = by_minute(story, history)
    done = {n for n in range(opened, END) if statuses[n] in DONE and (n == opened or statuses[n - 1] not in DONE)}
    answers, customers = ({story.minute(each.at) for each in part} for part in (history.answers, history.customers))
    expected: list[tuple[int, int | None]] = []
    begun: int | None = None
    for n in range(opened, END):
        if begun is None and n in customers:
            begun = n
        if begun is not None and n in answers | done:
            expected.append((begun, n))
            begun = None
    if begun is not None:
        expected.append((begun, None))
    found = [each for each in reversed(fold(history)) if each.metric is SlaMetric.NEXT_RESPONSE]
    by_start = {(story.minute(each.started_at), each.instance): each for each in found}
    for number, (start, end) in enumerate(expected, 1):
        naive = count(story, history, SlaMetric.NEXT_RESPONSE, start, end, END)
        clock = by_start.get((start, number))
        assert (clock is not None) == naive.promised
        if clock is not None:
            assert shown(story, clock, now) == (naive.elapsed, naive.breached)
            assert (story.minute(clock.ended_at) if clock.ended_at else None) == end


def _all(history: History) -> list[Moment]:
    written = [each.when for part in (history.statuses, history.priorities, history.terms) for each in part]
    return [history.opened, *written, *history.customers, *history.answers, *history.arrivals]


def test_what_was_done_in_the_instant_of_opening_was_promised_all_the_same() -> None:
    """As late evidence may say: the verdict of a clock never goes without a trace."""
    begin = datetime(2026, 11, 2, tzinfo=UTC)
    opened, late = _moment(begin, 0, 0, 0), _moment(begin, 0, 90, 0)
    hour = {(metric, TicketPriority.NORMAL): 60 * MINUTE for metric in (SlaMetric.FIRST_RESPONSE, SlaMetric.RESOLUTION)}
    terms = Terms(TermsKey(UUID(int=1), 1, 0), AROUND_THE_CLOCK, hour)
    history = History(opened, (Written(TicketStatus.RESOLVED, late),), (), (Applied(terms, opened),))
    first, resolution = fold(history)
    now = begin + 120 * MINUTE
    assert (state_of(first, now), state_of(resolution, now)) == (SlaState.PAUSED, SlaState.RETRACTED)
    assert (resolution.ended_at, resolution.elapsed, resolution.target) == (begin, 0 * MINUTE, 60 * MINUTE)
