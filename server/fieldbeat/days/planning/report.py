"""What a plan says: instants, travel, why something is not in it, and its hash."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from fieldbeat.days.planning.instance import OUTLETS, Instance
from fieldbeat.days.planning.model import Code, Plan, PlanDay, PlannedVisit, Unserved
from fieldbeat.days.planning.nearest import TimedDay


def plan_of(instance: Instance, days: Sequence[TimedDay], missed: Mapping[tuple[int, int], bool]) -> Plan:
    """The plan of the given days. `missed`: must-visit dates (outlet, index) not kept; whether gaps allow them."""
    listed = tuple(_day(instance, number, day) for number, day in enumerate(days) if day.nodes)
    held = [0] * len(instance.outlets)
    for day in days:
        for node in day.nodes:
            held[instance.node_row[node]] += 1
    return Plan(listed, tuple(_unserved(instance, held, missed)), plan_hash(listed))


def plan_hash(days: Iterable[PlanDay]) -> str:
    """SHA-256 over date, account code, start and end of every visit, in order. Ids play no part."""
    lines = [
        f"{on}\t{visit.outlet_code}\t{_text(visit.start)}\t{_text(visit.end)}"
        for on, visits in ((day.on.isoformat(), day.visits) for day in days)
        for visit in visits
    ]
    return sha256("\n".join(lines).encode()).hexdigest()


def _day(instance: Instance, number: int, day: TimedDay) -> PlanDay:
    outlets = [instance.outlets[instance.node_row[node]] for node in day.nodes]
    begins = instance.minutes_of(number, day.starts)
    ends = [begin + instance.node_duration[node] for begin, node in zip(begins, day.nodes, strict=True)]
    first_pin = OUTLETS + len(instance.outlets)
    columns = (
        [outlet.id for outlet in outlets],
        [outlet.code for outlet in outlets],
        map(_at, begins),
        map(_at, ends),
        [node >= first_pin for node in day.nodes],
    )
    visits = tuple(map(PlannedVisit._make, zip(*columns, strict=True)))
    return PlanDay(instance.dates[number], visits, -(-day.seconds // 60), round(day.metres / 1000, 1))


@lru_cache(maxsize=1 << 18)
def _at(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


@lru_cache(maxsize=1 << 18)
def _text(at: datetime) -> str:
    return at.isoformat()


def _unserved(instance: Instance, held: list[int], missed: Mapping[tuple[int, int], bool]) -> Iterator[Unserved]:
    wanted = instance.wanted.tolist()
    for row, outlet in enumerate(instance.outlets):
        short = wanted[row] - held[row]
        for index, on in enumerate(outlet.must_visit):
            if (row, index) in missed:
                yield Unserved(outlet.id, outlet.code, _why_not_on(instance, row, index, rested=missed[row, index]), on)
        if short > 0:
            for code in _reasons(instance, row, short, held[row]):
                yield Unserved(outlet.id, outlet.code, code)


def _reasons(instance: Instance, row: int, short: int, held: int) -> list[Code]:
    """A code for each of the `short` visits that an outlet lacks."""
    days = instance.allowed[row].nonzero()[0].tolist()
    gap = int(instance.gap_min[row])
    most = max(_most_visits(days, gap), held)
    over = min(max(held + short - most, 0), short)
    if not (fixed := _never(instance, row)):
        on_holidays = max(_most_visits(sorted({*days, *_closed_holidays(instance, row)}), gap) - most, 0)
        lost = min(over, on_holidays)
        return [Code.HOLIDAY] * lost + [Code.GAP] * (over - lost) + [Code.NO_CAPACITY] * (short - over)
    return [fixed] * short


def _never(instance: Instance, row: int) -> Code | None:
    """Why no day of the cycle could take the outlet, if none could."""
    if not instance.outlets[row].skills <= instance.problem.rep.skills:
        return Code.SKILL
    if not instance.open_days[row].any():
        return Code.HOLIDAY if _closed_holidays(instance, row) else Code.WINDOW
    return None if instance.reachable[row].any() else Code.TOO_FAR


def _closed_holidays(instance: Instance, row: int) -> list[int]:
    """The holidays on which the outlet's rules would have let a visit in."""
    return [day for day in range(instance.days) if instance.holidays[day] and instance.opens_on(row, day)]


def _why_not_on(instance: Instance, row: int, index: int, *, rested: bool) -> Code:
    """Why a must-visit date was not kept."""
    outlet = instance.outlets[row]
    wished = (outlet.must_visit[index] - instance.problem.from_on).days
    day = instance.must_day(row, outlet.must_visit[index])
    if not outlet.skills <= instance.problem.rep.skills:
        return Code.SKILL
    if day is None:
        return Code.HOLIDAY if 0 <= wished < instance.days and instance.holidays[wished] else Code.WINDOW
    if not instance.open_days[row, day]:
        return Code.HOLIDAY if instance.holidays[day] else Code.WINDOW
    if not instance.reachable[row, day]:
        return Code.TOO_FAR
    return Code.NO_CAPACITY if rested else Code.GAP


def _most_visits(days: list[int], gap: int) -> int:
    """How many visits a least gap lets into these days: taking the earliest is never worse."""
    count, last = 0, -gap
    for day in days:
        if day - last >= gap or not count:
            count, last = count + 1, day
    return count
