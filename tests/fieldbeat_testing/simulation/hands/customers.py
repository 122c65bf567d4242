"""Customers, their contacts and the counter: the deeds of the crowd, and some that are meant to go wrong."""

from random import Random
from typing import Any

from fieldbeat.phone.hands import do_something
from fieldbeat_sync.device import Wish
from fieldbeat_sync.schema import Op
from fieldbeat_testing.simulation.hands.deed import Deed, new_id, shown
from fieldbeat_testing.simulation.handset import Handset

CODES = ("A1", "B2", "C3")


def _usual(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    return do_something(handset.phone, draw)


def _count(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    if ("tally", tally) not in handset.phone.device.rows:
        return ()
    return (handset.phone.edit("tally", tally, count={"$inc": draw.choice((1, 1, 2, -1, 100))}),)


def _code(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    return _on_account(handset, draw, code=draw.choice(CODES))


def _old_form(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """A form that was opened some revs ago and is saved now."""
    account = shown(handset, draw, "account")
    if account is None or account["rev"] < 1:
        return ()
    saw = draw.randint(1, account["rev"])
    patch = {"note": f"from an old form {draw.randrange(1000)}"}
    if draw.random() < 0.3:
        patch = {"status": draw.choice(("ACTIVE", "INACTIVE", "CLOSED"))}
    return (handset.phone.edit("account", account["id"], saw, **patch),)


def _same(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    return _on_account(handset, draw, website="the-same.example")


def _untag(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """Takes away a tag that the user sees, be it his own of a moment ago; or puts it on once more."""
    account = shown(handset, draw, "account")
    if account is None or not account["tags"]:
        return ()
    side = draw.choice(("$remove", "$add"))
    return (handset.phone.edit("account", account["id"], tags={side: [draw.choice(account["tags"][:2])]}),)


def _place(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """A part of the address: the rest of it becomes empty, for a group is one value."""
    part = draw.choice(({"country": "IE"}, {"postalCode": f"D0{draw.randrange(9)}"}, {"city": "Cork"}))
    return _on_account(handset, draw, address=part)


def _unknown(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    return (handset.phone.edit("account", new_id(draw), note="of no record"),)


def _open_account(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """A new customer, and what belongs to it, made offline one after another."""
    account, contact = new_id(draw), new_id(draw)
    wishes = [Wish("account", account, Op.CREATE, {"name": f"New {draw.randrange(1000)}", "tags": ["new"]})]
    if draw.random() < 0.5:
        wishes.append(Wish("contact", contact, Op.CREATE, {"accountId": account, "name": "Zoe"}))
        wishes.append(Wish("account", account, Op.UPDATE, {"note": "fresh", "tags": {"$remove": ["new"]}}))
    return handset.phone.queue(*wishes, together=draw.random() < 0.3)


def _delete_account(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    account = shown(handset, draw, "account")
    return (handset.phone.delete("account", account["id"]),) if account else ()


def _several(handset: Handset, draw: Random, tally: str) -> tuple[str, ...]:
    """All or none, and sometimes none: one of them is not his to write."""
    account = shown(handset, draw, "account")
    if account is None:
        return ()
    wishes = [Wish("account", account["id"], Op.UPDATE, {"custom": {f"key{n}": draw.randrange(5)}}) for n in range(3)]
    if draw.random() < 0.4:
        wishes.insert(draw.randrange(4), Wish("account", account["id"], Op.UPDATE, {"tier": "VIP"}))
    return handset.phone.queue(*wishes, together=True)


def _on_account(handset: Handset, draw: Random, **patch: Any) -> tuple[str, ...]:
    account = shown(handset, draw, "account")
    return (handset.phone.edit("account", account["id"], **patch),) if account else ()


DEEDS: tuple[tuple[Deed, int], ...] = (
    (_usual, 45), (_count, 10), (_code, 6), (_old_form, 8), (_same, 6), (_untag, 14), (_place, 5), (_unknown, 2),
    (_open_account, 5), (_delete_account, 4), (_several, 4),
)  # fmt: skip
