"""Attachments: photos are declared at visits, tickets and customers, offline as well; their bytes go another way."""

from random import Random

from fieldbeat_sync.device import Wish
from fieldbeat_sync.schema import Op
from fieldbeat_testing.simulation.hands.deed import Deed, new_id, shown
from fieldbeat_testing.simulation.handset import Handset


def _declare(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """A photo; of a visit it is mostly listed there, in one group or by an edit of its own."""
    collection = draw.choice(("visit", "visit", "ticket", "account"))
    about = shown(handset, draw, collection)
    if about is None:
        return ()
    photo = new_id(draw)
    patch = {
        "recordId": about["id"], "sha256": f"{draw.getrandbits(256):064x}", "bytes": draw.randrange(1, 1 << 22),
        "contentType": "image/jpeg",
    }  # fmt: skip
    wishes = [Wish("attachment", photo, Op.CREATE, patch)]
    if collection == "visit" and draw.random() < 0.7:
        wishes.append(Wish("visit", about["id"], Op.UPDATE, {"photoIds": {"$add": [photo]}}))
    return handset.phone.queue(*wishes, together=draw.random() < 0.3)


def _retouch(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """Nobody may."""
    photo = shown(handset, draw, "attachment")
    return (handset.phone.edit("attachment", photo["id"], contentType="image/png"),) if photo else ()


DEEDS: tuple[tuple[Deed, int], ...] = ((_declare, 6), (_retouch, 1))
