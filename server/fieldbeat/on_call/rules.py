"""What a rota must look like, and who may change it; decided without a database."""

import re
from collections.abc import Collection, Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.zones import check_time_zone
from fieldbeat.on_call.model import (
    BadHandOver,
    BadStandIn,
    DateOutOfBounds,
    MembersNeeded,
    Rota,
    RotaNotYours,
    StandIn,
    StandingInNotYours,
    TooManyStandIns,
    TurnOutOfBounds,
)
from fieldbeat.worktime.model import YEARS
from fieldbeat_sync.clock import text_of
from fieldbeat_sync.schema import LEADS, Role

MEMBERS_MAX = 100
DAYS_PER_TURN_MAX = 28
STAND_INS_MAX = 100
STAND_IN_DAYS_MAX = 92

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def rota_of(fields: Mapping[str, Any]) -> Rota:
    """The rota in a row of the collection. Refuses what is none, naming the field."""
    check_time_zone(fields["timeZone"])
    if _TIME.fullmatch(fields["handOverAt"]) is None:
        raise BadHandOver(fields=("handOverAt",))
    if not 1 <= fields["daysPerTurn"] <= DAYS_PER_TURN_MAX:
        raise TurnOutOfBounds(fields=("daysPerTurn",))
    if not 1 <= len(fields["userIds"]) <= MEMBERS_MAX:
        raise MembersNeeded(fields=("userIds",))
    anchor_on = date.fromisoformat(fields["anchorOn"])
    check_year(anchor_on.year, field="anchorOn")
    return Rota(
        fields["timeZone"], time.fromisoformat(fields["handOverAt"]), fields["daysPerTurn"], anchor_on,
        tuple(map(UUID, fields["userIds"])), stand_ins_of(fields.get("standIns") or ()),
    )  # fmt: skip


def stand_ins_of(said: Sequence[Mapping[str, str]]) -> tuple[StandIn, ...]:
    """Those in a row of the collection."""
    return tuple(
        StandIn(UUID(each["userId"]), datetime.fromisoformat(each["from"]), datetime.fromisoformat(each["until"]))
        for each in said
    )


def with_stand_in(
    before: Sequence[Mapping[str, str]], added: StandIn, *, by: UUID, now: datetime
) -> list[Mapping[str, str]]:
    """What is kept once somebody steps in; those that are over are dropped, history has them. Refuses INVALID."""
    check_year(added.from_at.year, added.until_at.year, field="until")
    length = added.until_at - added.from_at
    if not timedelta(0) < length <= timedelta(days=STAND_IN_DAYS_MAX) or added.until_at <= now:
        raise BadStandIn(fields=("from", "until"))
    waiting = [each for each in before if datetime.fromisoformat(each["until"]) > now]
    if len(waiting) >= STAND_INS_MAX:
        raise TooManyStandIns(fields=("from", "until"))
    said = {"userId": str(added.user_id), "from": text_of(added.from_at), "until": text_of(added.until_at)}
    return [*waiting, {**said, "byId": str(by)}]


def check_year(*years: int, field: str) -> None:
    """Refuses what is not reckoned with."""
    if any(year not in YEARS for year in years):
        raise DateOutOfBounds(fields=(field,))


def check_may_keep(
    actor: Actor, *, territory_ids: Collection[UUID | None], named: Set[UUID], territories: Set[UUID], people: Set[UUID]
) -> None:
    """Refuses who may not keep a rota of these territories (as it was, as it shall be), or name these people.

    `territories`, `people`: what the actor holds, and whom he leads. The company's own rota is an administrator's.
    """
    if actor.role is Role.ADMIN:
        return
    own = all(id is not None and id in territories for id in territory_ids)
    if actor.role is not Role.SUPERVISOR or not own:
        raise RotaNotYours
    if not named <= people:
        raise RotaNotYours(fields=("userIds",))


def check_may_stand_in(
    actor: Actor, rota: Rota, user_id: UUID, *, territory_id: UUID | None, territories: Set[UUID], people: Set[UUID]
) -> None:
    """Refuses who names somebody whom he does not lead, or is no part of the rota and holds not its territory."""
    if actor.role is Role.ADMIN:
        return
    if user_id != actor.user_id and (actor.role not in LEADS or user_id not in people):
        raise StandingInNotYours(fields=("userId",))
    if territory_id not in territories and actor.user_id not in rota.members:
        raise StandingInNotYours
