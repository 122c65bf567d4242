"""Pure decisions about visits."""

from collections.abc import Iterator, Mapping, Set
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.visits.model import (
    Bounds,
    Completeness,
    Evidence,
    FilledForm,
    Findings,
    FormsNotYours,
    PeriodInvalid,
    Proofs,
    RepNotYours,
    VisitAlert,
    VisitStatus,
)
from fieldbeat_sync import forms
from fieldbeat_sync.clock import instant_of
from fieldbeat_sync.mutation import Timing
from fieldbeat_sync.schema import LEADS, Role

PERIOD_DAYS_MAX = 366
SPEED_KMH_MAX = 150  # on the great circle
WAY_M_MIN = 1_000
RISKS = {  # points; a risk is to be looked at, and decides nothing
    VisitAlert.MOCK_LOCATION: 50,
    VisitAlert.TRAVEL_SPEED: 40,
    VisitAlert.OUTSIDE_GEOFENCE: 30,
    VisitAlert.CLOCK_SKEW: 20,
    VisitAlert.NO_LOCATION: 10,
}
_MS = timedelta(milliseconds=1)


def check_may_plan_for(actor: Actor, *, rep_id: UUID, people: Set[UUID]) -> None:
    """Refuses to plan for somebody who is not below the actor. `people`: himself and everyone below him."""
    if rep_id != actor.user_id and actor.role is not Role.ADMIN and rep_id not in people:
        raise RepNotYours(fields=("repId",))


def check_may_shape_forms(actor: Actor) -> None:
    """Refuses a representative."""
    if actor.role not in LEADS:
        raise FormsNotYours


def check_period(from_on: date, until_on: date) -> None:
    """Refuses an empty period and one of more than a year."""
    if not 1 <= (until_on - from_on).days <= PERIOD_DAYS_MAX:
        raise PeriodInvalid(fields=("from", "until"))


def ratio(part: float, whole: float) -> float | None:
    """A share; None when there is nothing to have a share of."""
    return part / whole if whole else None


def completeness(form: FilledForm) -> Completeness:
    """What a visit lacks: required answers, and photos and signatures that have not arrived."""
    points, points_max = forms.score(form.questions, form.answers)
    needed = {*form.photo_ids, *forms.attachments(form.questions, form.answers)}
    return Completeness(
        unanswered=tuple(forms.missing(form.questions, form.answers)),
        outstanding=tuple(sorted(needed - set(form.arrived))),
        points=points,
        points_max=points_max,
    )


def reopened(status: VisitStatus) -> VisitStatus:
    """Where a reopen takes a visit: one that is done back into the shop, any other back into the plan."""
    return VisitStatus.CHECKED_IN if status is VisitStatus.DONE else VisitStatus.PLANNED


def findings(proofs: Proofs, bounds: Bounds) -> Findings:
    """What the proofs of a visit are worth, and what somebody ought to look at."""
    came = _evidence(proofs.check_in, proofs.check_in_m, proofs.came_hlc, proofs.came_timing, bounds)
    gone = _evidence(proofs.check_out, proofs.check_out_m, proofs.gone_hlc, proofs.gone_timing, bounds)
    alerts = tuple(_alerts(proofs, [each for each in (came, gone) if each], bounds))
    risk = min(100, sum(RISKS.get(each, 0) for each in alerts))
    return Findings(came, gone, alerts, risk, proofs.joint, proofs.next_at)


def _evidence(
    said: Mapping[str, Any] | None, distance_m: float | None, hlc: int | None, timing: str | None, bounds: Bounds
) -> Evidence | None:
    if said is None or hlc is None or timing is None:
        return None
    device_at, trusted_at, accuracy_m = datetime.fromisoformat(said["at"]), instant_of(hlc), said.get("accuracyM")
    # A place is as good as the phone says: what may be inside is inside.
    inside = None if distance_m is None else distance_m - (accuracy_m or 0) <= bounds.radius_m
    return Evidence(
        distance_m=distance_m, inside_geofence=inside, accuracy_m=accuracy_m, mock=bool(said.get("mock")),
        device_at=device_at, trusted_at=trusted_at, timing=Timing(timing),
        clock_skew_ms=(device_at - trusted_at) / _MS,
    )  # fmt: skip


def _alerts(proofs: Proofs, evidence: list[Evidence], bounds: Bounds) -> Iterator[VisitAlert]:
    if proofs.other_open:
        yield VisitAlert.OPEN_CHECK_IN
    if any(each.mock for each in evidence):
        yield VisitAlert.MOCK_LOCATION
    if proofs.located and proofs.check_in is not None and proofs.check_in_m is None:
        yield VisitAlert.NO_LOCATION
    if any(each.inside_geofence is False for each in evidence):
        yield VisitAlert.OUTSIDE_GEOFENCE
    if any(abs(each.clock_skew_ms) > bounds.skew_ms for each in evidence):
        yield VisitAlert.CLOCK_SKEW
    if _too_fast(proofs):
        yield VisitAlert.TRAVEL_SPEED


def _too_fast(proofs: Proofs) -> bool:
    """Whether nobody drives so fast from his check-in before; what accuracy may explain is left out."""
    if proofs.way_m is None or proofs.way_s is None or proofs.way_m < WAY_M_MIN:
        return False
    return proofs.way_m > max(proofs.way_s, 0) * SPEED_KMH_MAX / 3.6
