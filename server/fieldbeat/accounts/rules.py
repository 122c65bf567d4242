"""Pure decisions about accounts: how a search is read, what surrounds a place, what a timeline entry means."""

import math
import re
import unicodedata
from collections.abc import Sequence, Set
from uuid import UUID

from fieldbeat.accounts.model import (
    Box,
    DeletingNotYours,
    Near,
    OwnerNotYours,
    PlaceInvalid,
    ReassigningNotYours,
    TimelineKind,
    TimelineWrite,
)
from fieldbeat.kit.actor import Actor
from fieldbeat_sync.schema import LEADS, Role

EARTH_RADIUS_M = 6_371_008.8
RADIUS_M_MAX = 1_000_000
WORDS_MAX = 6
ALIKE_LENGTH_MIN = 4

CREATIONS = {
    "contact": TimelineKind.CONTACT_CREATED,
    "asset": TimelineKind.ASSET_CREATED,
    "visit": TimelineKind.VISIT_CREATED,
    "ticket": TimelineKind.TICKET_CREATED,
}

_WORD = re.compile(r"[^\s\x00\ud800-\udfff]+")
_LETTERS = str.maketrans("øđłı", "odli")


def folded(said: str) -> str:
    """Lower case without accents, as the database's function `folded` makes it."""
    plain = unicodedata.normalize("NFKD", said.lower())
    return re.sub("[\u0300-\u036f]", "", plain).translate(_LETTERS).replace("ß", "s")


def words_of(search: str) -> list[str]:
    """The words of a search, folded; at most six count."""
    return _WORD.findall(folded(search))[:WORDS_MAX]


def patterns_of(words: Sequence[str]) -> list[str]:
    """The words with the signs of LIKE taken literally."""
    return [re.sub(r"([\\%_])", r"\\\1", word) for word in words]


def may_be_alike(words: Sequence[str]) -> bool:
    """Whether looking for similar words makes sense: similarity of very short words is noise."""
    return any(len(word) >= ALIKE_LENGTH_MIN for word in words)


def box_around(near: Near) -> Box:
    """The box around a circle on the ground. Refuses a place that does not exist and a radius out of bounds."""
    degrees_ok = -90 <= near.latitude <= 90 and -180 <= near.longitude <= 180
    if not (degrees_ok and 1 <= near.radius_m <= RADIUS_M_MAX):
        raise PlaceInvalid(fields=("near",))
    reach = math.degrees(near.radius_m / EARTH_RADIUS_M)
    south, north = near.latitude - reach, near.latitude + reach
    if south <= -90 or north >= 90:
        return Box(max(south, -90.0), min(north, 90.0), -180.0, 180.0)
    sine = math.sin(math.radians(reach)) / math.cos(math.radians(near.latitude))
    sideways = math.degrees(math.asin(min(1.0, sine)))
    return Box(south, north, _turned(near.longitude - sideways), _turned(near.longitude + sideways))


def _turned(longitude: float) -> float:
    return (longitude + 180) % 360 - 180 if not -180 <= longitude <= 180 else longitude


def kind_of(rev: int, child: str, writes: Sequence[TimelineWrite]) -> TimelineKind:
    """What one edit of an account was, by the fields that it carried; `child` names what was created at it."""
    if child:
        return CREATIONS.get(writes[0].value["collection"], TimelineKind.CHILD_CREATED)
    fields = {write.field for write in writes}
    if any(write.outcome == "LOST" for write in writes):
        return TimelineKind.CONFLICT
    if rev == 1:
        return TimelineKind.CREATED
    if fields == {"*"}:
        return TimelineKind.DELETED if writes[0].rule == "DELETES" else TimelineKind.RESTORED
    if fields & {"ownerId", "territoryId"}:
        return TimelineKind.REASSIGNED
    return TimelineKind.CHANGED


def check_may_own(actor: Actor, *, owner_id: UUID, people: Set[UUID]) -> None:
    """Refuses to give an account to somebody who is not below the actor. `people`: himself and everyone below him."""
    if owner_id != actor.user_id and actor.role is not Role.ADMIN and owner_id not in people:
        raise OwnerNotYours(fields=("ownerId",))


def check_may_reassign(actor: Actor, *, territory_id: UUID, territories: Set[UUID]) -> None:
    """Refuses a representative, and a supervisor who does not hold the territory that the account would go to."""
    if actor.role is Role.ADMIN:
        return
    if actor.role not in LEADS or territory_id not in territories:
        raise ReassigningNotYours(fields=("territoryId",))


def check_may_delete(actor: Actor) -> None:
    """Refuses a representative."""
    if actor.role not in LEADS:
        raise DeletingNotYours
