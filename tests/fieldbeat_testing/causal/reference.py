"""A server of one record in memory: the real merge, with all of history at hand, exactly as `Past` asks for it.

It delivers a history in one order of arrival. From that order it derives what travels on the wire (`base_rev`, ages by
the device's clock) and what the server adds (receive times, the past); it knows each settled mutation again.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec

from fieldbeat_sync import clock
from fieldbeat_sync.merge import Merge, Past, merge, needs_history
from fieldbeat_sync.mutation import Author, Edit, Rejected, Stamp, Version, Write
from fieldbeat_sync.patch import parse
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Collection, Op, Policy
from fieldbeat_sync.vector import Dot, VersionVector
from fieldbeat_testing.causal.history import CREATE, History, Made

FAR_MS = 4_000_000_000_000
WALL_ERRORS_MS = (0, 94_608_000_000, -94_608_000_000, 90_000, -1)  # the server's, then the devices': 3 years, 90 s


@dataclass(frozen=True)
class Options:
    """How a history travels. `seed`: delays, and which of the possible base revs a device sends.

    `twice`: every push is sent again, and all of them once more in the end. `wall_shift_ms`: added to a device's clock.
    `raw_clock` and not `remembers` are bugs to plant: the server trusts the device's clock, or runs a mutation again.
    Not `judged`: the vector is not asked, so that a bug has to be found by its consequences.
    """

    seed: int = 0
    twice: bool = False
    wall_shift_ms: Mapping[int, int] = field(default_factory=dict)
    raw_clock: bool = False
    remembers: bool = True
    judged: bool = True


class Judged(Edit, frozen=True):
    """An edit that asks the full version vector whenever its compressed context is asked, and insists on one answer."""

    vector: VersionVector = msgspec.field(default_factory=VersionVector)
    answers: list[bool] = msgspec.field(default_factory=list)
    judged: bool = True

    def saw_dot(self, replica: int, seq: int, rev: int) -> bool:
        """As `Edit`, and as the oracle."""
        answer = super().saw_dot(replica, seq, rev)
        assert not self.judged or answer == self.vector.holds(Dot(replica, seq)), (
            f"seq {self.seq}: context and vector differ on rev {rev}"
        )
        self.answers.append(answer)
        return answer


@dataclass(frozen=True)
class Landed:
    """An edit that took effect, with what the server noted."""

    made: Made
    edit: Judged
    merge: Merge
    applied_ms: int
    stamp: Stamp  # its dot, rev and hlc; rank and epoch are each write's own
    keeps_alive: bool


@dataclass
class Delivered:
    """What became of a history in one order of arrival."""

    history: History
    landed: list[Landed] = field(default_factory=list)
    verdicts: dict[int, Merge | Rejected] = field(default_factory=dict)
    records: list[Record | None] = field(default_factory=list)  # after each arrival
    answers: list[bool] = field(default_factory=list)  # what the compressed contexts said

    @property
    def record(self) -> Record:
        """The record as it stands."""
        return self.landed[-1].merge.record

    def by_dot(self, replica: int, seq: int) -> Landed:
        """The edit with this dot."""
        return next(each for each in self.landed if each.stamp[:2] == (replica, seq))

    def writes(self) -> Iterator[tuple[Landed, Write]]:
        """Every field that an edit carried, in order of arrival."""
        return ((landed, write) for landed in self.landed for write in landed.merge.writes)


def deliver(history: History, order: Sequence[int], options: Options | None = None) -> Delivered:
    """Delivers the edits in this order."""
    options = options or Options()
    delivered = Delivered(history)
    received = _receive_times(history, order, random.Random(options.seed))
    rng = random.Random(options.seed)
    revs = [0]  # the record's rev after so many arrivals
    for place, number in enumerate(order):
        made = history.made[number]
        base_rev = revs[rng.choice(_bases(history, made, order))]
        edit = _edit(delivered, made, base_rev, received[place], options)
        for _ in range(2 if options.twice else 1):
            _settle(delivered, edit, made, options)
        revs.append(delivered.record.rev if delivered.landed else 0)
        delivered.records.append(delivered.record if delivered.landed else None)
        if options.twice and place == len(order) - 1:
            for again in list(delivered.landed):
                _settle(delivered, again.edit, again.made, options)
    return delivered


def _bases(history: History, made: Made, order: Sequence[int]) -> tuple[int, int]:
    """The least and the greatest number of arrivals that, with its own edits, are just what the edit had seen."""
    places = [order.index(pulled) + 1 for pulled in history.pulled(made)]
    least = greatest = max(places, default=0)
    assert set(order[:least]) <= made.saw, "a star cannot produce this arrival"
    while made.device and order[greatest] in made.saw:
        greatest += 1
    return least, greatest


def _receive_times(history: History, order: Sequence[int], rng: random.Random) -> list[int]:
    """When each edit arrives: never before it was made, never after someone saw it, the server's own at once.

    In a wild history always the same far time: then nothing is clamped, and the effective times are as given.
    """
    if history.wild:
        return [FAR_MS] * len(order)
    latest = [FAR_MS] * len(order)
    for made in history.made:
        upto = _bases(history, made, order)[1] if made.id != CREATE else 0
        if upto:
            latest[upto - 1] = min(latest[upto - 1], made.at_ms)
        if made.device == 0 or made.id == CREATE:
            latest[order.index(made.id)] = made.at_ms
    for place in reversed(range(len(order) - 1)):
        latest[place] = min(latest[place], latest[place + 1])
    times: list[int] = []
    for place, number in enumerate(order):
        earliest = max([history.made[number].at_ms, *times[-1:]])
        assert earliest <= latest[place], "no receive time can be found"
        times.append(rng.choice((earliest, latest[place], rng.randint(earliest, latest[place]))))
    assert all(one <= other for one, other in pairwise(times))
    return times


def _edit(delivered: Delivered, made: Made, base_rev: int, received_ms: int, options: Options) -> Judged:
    hlcs = [landed.stamp.hlc for landed in delivered.landed if landed.made.id in made.known]
    rev = delivered.record.rev if delivered.landed else 0
    dots = [Dot(*landed.stamp[:2]) for landed in delivered.landed if landed.made.id in made.saw]
    return Judged(
        op=made.op,
        seq=made.seq if made.device else rev + 1,
        base_rev=base_rev,
        patch=made.patch,
        author=Author(made.replica, made.role, made.own),
        received_ms=received_ms,
        age_ms=_age_ms(delivered.history, made, received_ms, options),
        after_hlc=max(hlcs, default=0),
        server=made.device == 0,
        vector=VersionVector.of(dots),
        answers=delivered.answers,
        judged=options.judged,
    )


def _age_ms(history: History, made: Made, received_ms: int, options: Options) -> int:
    if history.wild or made.device == 0:
        return received_ms - made.effective_ms
    wrong_ms = WALL_ERRORS_MS[made.device] + options.wall_shift_ms.get(made.device, 0)
    if options.raw_clock:
        return received_ms - (made.at_ms + wrong_ms)
    booted = made.device == 3  # its owner sets the clock between the edit and the push
    stepped_ms = 7_000_000 if booted else 0
    boot_id = "boot" if booted else None
    return clock.age_ms(
        made=clock.DeviceTime(made.at_ms + wrong_ms, made.at_ms - 1_000, boot_id),
        sent=clock.DeviceTime(received_ms + wrong_ms - stepped_ms, received_ms - 1_000, boot_id),
    )


def _settle(delivered: Delivered, edit: Judged, made: Made, options: Options) -> None:
    if made.id in delivered.verdicts and options.remembers:
        return
    record = delivered.record if delivered.landed else None
    verdict = merge(delivered.history.collection, record, edit, _past(delivered, edit, record))
    delivered.verdicts[made.id] = verdict
    if isinstance(verdict, Merge):
        first = verdict.writes[0].stamp if verdict.writes else verdict.record.created
        stamp = first._replace(rank=0, epoch=0)
        keeps_alive = _keeps_alive(delivered.history.collection, made)
        delivered.landed.append(Landed(made, edit, verdict, edit.received_ms, stamp, keeps_alive))


def _past(delivered: Delivered, edit: Judged, record: Record | None) -> Past:
    if record is None:
        return Past()
    others = [each.stamp.rev for each in delivered.landed if not edit.author.owns(*each.stamp[:2])]
    seen = [each for each in delivered.landed if each.stamp.rev <= edit.base_rev] or delivered.landed[:1]
    covered = {id_ for each in delivered.landed if each.made.op is Op.DELETE for id_ in each.made.saw}
    unseen = [
        each.stamp
        for each in delivered.landed
        if each.keeps_alive and each.made.id not in covered and not edit.saw(each.stamp)
    ]
    return Past(
        foreign_rev=max(others, default=0),
        floor_ms=0 if delivered.history.wild else seen[-1].applied_ms,
        versions=_versions(delivered, edit, record) if edit.op is Op.UPDATE else {},
        uncovered=unseen[-1] if unseen else None,
    )


def _keeps_alive(collection: Collection, made: Made) -> bool:
    """Whether it is more than a delete or a write of server fields."""
    by_name = collection.by_name
    return made.op is Op.CREATE or any(by_name[name].policy is not Policy.SERVER for name in made.patch)


def _versions(delivered: Delivered, edit: Judged, record: Record) -> dict[str, list[Version]]:
    """No more than what is owed: the author's own newest, and the newest winner with rev ≤ base_rev."""
    parts = parse(delivered.history.collection, edit.op, edit.patch, server=edit.server)
    assert not isinstance(parts, Rejected), parts
    known: dict[str, list[Version]] = {}
    for name, declared, _ in parts:
        if needs_history(record, name, declared, edit):
            writes = [write for _, write in delivered.writes() if write.field == name]
            own = [write for write in writes if edit.author.owns(*write.stamp[:2])]
            won = [write for write in writes if write.outcome == "WON" and write.stamp.rev <= edit.base_rev]
            known[name] = [Version(write.value, write.stamp) for write in (*own[-1:], *won[-1:])]
    return known
