"""What customers have: installed, described, retired; tickets about it; and the parts that tickets use, counted by
several at once."""

from random import Random
from typing import Any

from fieldbeat_sync.device import Wish
from fieldbeat_sync.schema import Op
from fieldbeat_testing.simulation.hands.deed import Deed, new_id, shown
from fieldbeat_testing.simulation.handset import Handset

SERIAL_NUMBERS = ("SN-1", "SN-2", "SN-3", "SN-4")


def _install(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """An asset, and sometimes its first ticket, made offline one after the other."""
    account = shown(handset, draw, "account")
    if account is None:
        return ()
    asset = new_id(draw)
    patch: dict[str, Any] = {"accountId": account["id"], "name": "Cooler", "installedOn": "2026-05-04"}
    if draw.random() < 0.4:
        patch["serialNumber"] = draw.choice(SERIAL_NUMBERS)
    wishes = [Wish("asset", asset, Op.CREATE, patch)]
    if draw.random() < 0.4:
        about = {"accountId": account["id"], "kind": "FAULT", "subject": "It hums", "assetId": asset}
        wishes.append(Wish("ticket", new_id(draw), Op.CREATE, about))
    return handset.phone.queue(*wishes, together=draw.random() < 0.3)


def _describe(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    asset = shown(handset, draw, "asset")
    if asset is None:
        return ()
    patch: dict[str, Any] = draw.choice(
        (
            {"model": f"C {draw.randrange(9)}"}, {"tags": {"$add": ["loan"]}}, {"custom": {"volts": draw.randrange(3)}},
            {"serialNumber": draw.choice((None, *SERIAL_NUMBERS))}, {"status": draw.choice(("ACTIVE", "RETIRED"))},
        )
    )  # fmt: skip
    return (handset.phone.edit("asset", asset["id"], **patch),)


def _name(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """Says what a ticket is about, be it of another customer, which is refused."""
    ticket, asset = shown(handset, draw, "ticket"), shown(handset, draw, "asset")
    if ticket is None or asset is None:
        return ()
    return (handset.phone.edit("ticket", ticket["id"], assetId=asset["id"]),)


def _use(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    ticket, part = shown(handset, draw, "ticket"), shown(handset, draw, "part")
    if ticket is None or part is None:
        return ()
    patch = {"ticketId": ticket["id"], "partId": part["id"], "quantity": draw.randint(1, 3)}
    return handset.phone.queue(Wish("ticketPart", new_id(draw), Op.CREATE, patch))


def _recount(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """One more, or some back, which may be more than are left by then."""
    used = shown(handset, draw, "ticketPart")
    if used is None:
        return ()
    patch: dict[str, Any] = {
        "quantity": {"$inc": draw.choice((1, 2, -1))},
        "coveredByWarranty": draw.choice((True, False, None)),
    }
    return (handset.phone.edit("ticketPart", used["id"], **patch),)


def _take_out(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """Whoever noted it may, and whoever leads him."""
    used = shown(handset, draw, "ticketPart")
    return (handset.phone.delete("ticketPart", used["id"]),) if used else ()


DEEDS: tuple[tuple[Deed, int], ...] = (
    (_install, 6), (_describe, 6), (_name, 3), (_use, 9), (_recount, 10), (_take_out, 2),
)  # fmt: skip
