"""Visits: planned, made with evidence of place and time, skipped, counted, answered; now and then against the rules."""

from random import Random
from typing import Any

from fieldbeat_sync.catalogue.visits import VISIT_STATUS
from fieldbeat_sync.device import Wish
from fieldbeat_sync.schema import Op
from fieldbeat_testing.simulation.hands.deed import Deed, Shown, instant, new_id, shown
from fieldbeat_testing.simulation.handset import Handset

HOUR_MS = 3_600_000


def _plan(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    account = shown(handset, draw, "account")
    if account is None:
        return ()
    patch = {"accountId": account["id"], "window": _window(handset, draw), "purpose": "taste"}
    return handset.phone.queue(Wish("visit", new_id(draw), Op.CREATE, patch))


def _postpone(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    return _on_visit(handset, draw, window=_window(handset, draw))


def _move(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """To any state that may follow the one shown, with what belongs to it."""
    visit = shown(handset, draw, "visit")
    if visit is None:
        return ()
    here = visit["status"]
    target = draw.choice([each for each in VISIT_STATUS.ranks if each != here and VISIT_STATUS.allows(here, each)])
    patch: dict[str, Any] = {"status": target}
    if target == "CHECKED_IN" and visit["checkIn"] is None:
        patch["checkIn"] = _evidence(handset, draw)
    if target == "DONE" and visit["checkOut"] is None:
        patch["checkOut"] = _evidence(handset, draw)
    if target == "SKIPPED" and draw.random() < 0.8:
        patch["skipReason"] = draw.choice(("closed", "no time"))
    return _edit(handset, visit, **patch)


def _samples(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    return _on_visit(handset, draw, samplesGiven={"$inc": draw.choice((1, 2, 5, -1))})


def _answer(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """Closed once the visit is done."""
    return _on_visit(handset, draw, answers={draw.choice(("shelf", "price")): draw.randrange(5)})


def _amend(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    return _on_visit(handset, draw, amendments={"shelf": draw.randrange(5)})


def _note(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    return _on_visit(handset, draw, note=f"seen {draw.randrange(1000)}")


def _check_in_again(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """Evidence is given once."""
    return _on_visit(handset, draw, checkIn=_evidence(handset, draw))


def _delete(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    visit = shown(handset, draw, "visit")
    return (handset.phone.delete("visit", visit["id"]),) if visit else ()


def _window(handset: Handset, draw: Random) -> dict[str, str]:
    begin = draw.randrange(48) * HOUR_MS
    return {
        "plannedStart": instant(handset, ahead_ms=begin),
        "plannedEnd": instant(handset, ahead_ms=begin + HOUR_MS),
    }


def _evidence(handset: Handset, draw: Random) -> dict[str, Any]:
    return {"at": instant(handset), "latitude": draw.randrange(90), "longitude": draw.randrange(90), "accuracyM": 5}


def _on_visit(handset: Handset, draw: Random, **patch: Any) -> tuple[str, ...]:
    visit = shown(handset, draw, "visit")
    return _edit(handset, visit, **patch) if visit else ()


def _edit(handset: Handset, visit: Shown, **patch: Any) -> tuple[str, ...]:
    return (handset.phone.edit("visit", visit["id"], **patch),)


DEEDS: tuple[tuple[Deed, int], ...] = (
    (_plan, 10), (_postpone, 3), (_move, 14), (_samples, 6), (_answer, 6), (_amend, 1), (_note, 4),
    (_check_in_again, 1), (_delete, 2),
)  # fmt: skip
