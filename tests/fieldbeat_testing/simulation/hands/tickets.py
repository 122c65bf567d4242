"""Tickets: opened, worked on, closed with cause and solution, opened again; and what is said about them."""

from random import Random
from typing import Any

from fieldbeat_sync.catalogue.tickets import PRIORITIES, TICKET_KINDS, TICKET_STATUS
from fieldbeat_sync.device import Wish
from fieldbeat_sync.schema import Op
from fieldbeat_testing.simulation.hands.deed import Deed, new_id, shown
from fieldbeat_testing.simulation.handset import Handset


def _open(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """A ticket, and mostly its first message, made offline one after the other."""
    account = shown(handset, draw, "account")
    if account is None:
        return ()
    ticket = new_id(draw)
    patch = {"accountId": account["id"], "kind": draw.choice(TICKET_KINDS), "subject": f"Trouble {draw.randrange(100)}"}
    wishes = [Wish("ticket", ticket, Op.CREATE, patch)]
    if draw.random() < 0.6:
        wishes.append(Wish("ticketMessage", new_id(draw), Op.CREATE, {"ticketId": ticket, "body": "It leaks."}))
    return handset.phone.queue(*wishes, together=draw.random() < 0.3)


def _move(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """To any state that may follow the one shown; closed mostly with a cause and a solution."""
    ticket = shown(handset, draw, "ticket")
    if ticket is None:
        return ()
    here = ticket["status"]
    target = draw.choice([each for each in TICKET_STATUS.ranks if each != here and TICKET_STATUS.allows(here, each)])
    patch: dict[str, Any] = {"status": target}
    if target == "CLOSED" and draw.random() < 0.8:
        patch |= {"cause": draw.choice(("wear", "frost")), "solution": "a new seal"}
    return (handset.phone.edit("ticket", ticket["id"], **patch),)


def _labour(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    return _on_ticket(handset, draw, labourMinutes={"$inc": draw.choice((5, 10, 60))})


def _tag(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    side = draw.choice(("$add", "$add", "$remove"))
    return _on_ticket(handset, draw, tags={side: [draw.choice(("cold", "loud"))]})


def _priority(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    return _on_ticket(handset, draw, priority=draw.choice(PRIORITIES))


def _say(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    ticket = shown(handset, draw, "ticket")
    if ticket is None:
        return ()
    patch = {"ticketId": ticket["id"], "body": f"Said {draw.randrange(1000)}", "public": draw.random() < 0.5}
    return handset.phone.queue(Wish("ticketMessage", new_id(draw), Op.CREATE, patch))


def _unsay(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """Nobody may."""
    message = shown(handset, draw, "ticketMessage")
    return (handset.phone.edit("ticketMessage", message["id"], body="never said"),) if message else ()


def _on_ticket(handset: Handset, draw: Random, **patch: Any) -> tuple[str, ...]:
    ticket = shown(handset, draw, "ticket")
    return (handset.phone.edit("ticket", ticket["id"], **patch),) if ticket else ()


DEEDS: tuple[tuple[Deed, int], ...] = (
    (_open, 7), (_move, 9), (_labour, 5), (_tag, 4), (_priority, 3), (_say, 6), (_unsay, 1),
)  # fmt: skip
