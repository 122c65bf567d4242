"""A pair of busy hands: what a rep does to customers on a phone, drawn from a seed. For simulations and load tests."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any
from uuid import UUID

from fieldbeat.phone.phone import Phone
from fieldbeat_sync.catalogue.customers import ACCOUNT_STATUS
from fieldbeat_sync.device import Wish
from fieldbeat_sync.schema import Op

HOT_ACCOUNTS = 3  # half of all edits meet on these, so that phones do collide
WORDS = ("terrace", "cash only", "ring twice", "new chef", "back door", "wants samples", "closed on Mondays", "brunch")
TAGS = ("vip", "seasonal", "key-holder", "late-payer", "organic", "export", "pilot", "sample-box")
CITIES = ("Lyon", "Graz", "Cork", "Porto", "Malmö", "Bergamo", "Reims", "Sevilla")


def do_something(phone: Phone, draw: Random) -> tuple[str, ...]:
    """One thing that the user does, online or not; the uuids of the edits that it queued (none without customers)."""
    accounts = phone.rows("account")
    if not accounts:
        return ()
    ids = sorted(accounts)
    record_id = draw.choice(ids[:HOT_ACCOUNTS]) if draw.random() < 0.5 else draw.choice(ids)
    deed = draw.choices([act for act, _ in _DEEDS], weights=[weight for _, weight in _DEEDS])[0]
    return deed(phone, draw, accounts[record_id])


def _note(phone: Phone, draw: Random, account: Mapping[str, Any]) -> tuple[str, ...]:
    return _edit(phone, account, note=f"{draw.choice(WORDS)} ({draw.randrange(1000)})")


def _tag(phone: Phone, draw: Random, account: Mapping[str, Any]) -> tuple[str, ...]:
    add, remove = draw.sample(TAGS, 2)
    return _edit(phone, account, tags={"$add": [add], "$remove": [remove]})


def _address(phone: Phone, draw: Random, account: Mapping[str, Any]) -> tuple[str, ...]:
    city = draw.choice(CITIES)
    return _edit(phone, account, address={"street": f"{draw.randrange(1, 200)} High Street", "city": city})


def _phone(phone: Phone, draw: Random, account: Mapping[str, Any]) -> tuple[str, ...]:
    return _edit(phone, account, phone=f"+33 {draw.randrange(10**8):08d}")


def _custom(phone: Phone, draw: Random, account: Mapping[str, Any]) -> tuple[str, ...]:
    return _edit(phone, account, custom={draw.choice(("shelfMetres", "rating")): draw.randrange(10)})


def _status(phone: Phone, draw: Random, account: Mapping[str, Any]) -> tuple[str, ...]:
    """Onwards, and now and then back, which a rep may not."""
    back = draw.random() < 0.1
    ranks = ACCOUNT_STATUS.ranks
    here = ranks[account["status"]]
    targets = [state for state, rank in ranks.items() if (rank < here if back else rank >= here)]
    return _edit(phone, account, status=draw.choice(targets)) if targets else ()


def _not_his(phone: Phone, draw: Random, account: Mapping[str, Any]) -> tuple[str, ...]:
    """A field that the server alone decides: the whole edit is rejected, its note stays readable as a draft."""
    return _edit(phone, account, tier=draw.choice(("VIP", "MAIN")), note="never stands")


def _new_contact(phone: Phone, draw: Random, account: Mapping[str, Any]) -> tuple[str, ...]:
    """A contact with its first number, and a note on the customer: all three or none."""
    contact_id = str(UUID(int=draw.getrandbits(128), version=4))
    name = f"{draw.choice(('Ada', 'Bo', 'Cleo', 'Dai', 'Eva'))} {draw.randrange(1000)}"
    return phone.queue(
        Wish("contact", contact_id, Op.CREATE, {"accountId": account["id"], "name": name}),
        Wish("contact", contact_id, Op.UPDATE, {"phones": {"$add": [f"+44 {draw.randrange(10**6):06d}"]}}),
        Wish("account", account["id"], Op.UPDATE, {"note": f"ask for {name}"}),
        together=True,
    )


def _contact(phone: Phone, draw: Random, account: Mapping[str, Any]) -> tuple[str, ...]:
    """Another number for a contact, or his consent; now and then a farewell."""
    contacts = [row for row in phone.rows("contact").values() if row["accountId"] == account["id"]]
    if not contacts:
        return _new_contact(phone, draw, account)
    contact = draw.choice(contacts)
    if draw.random() < 0.1:
        return (phone.delete("contact", contact["id"]),)
    if draw.random() < 0.3:
        return (phone.edit("contact", contact["id"], consent=draw.choice(("GRANTED", "DENIED"))),)
    return (phone.edit("contact", contact["id"], phones={"$add": [f"+44 {draw.randrange(10**6):06d}"]}),)


def _edit(phone: Phone, account: Mapping[str, Any], /, **patch: Any) -> tuple[str, ...]:
    return (phone.edit("account", account["id"], **patch),)


_Deed = Callable[[Phone, Random, Mapping[str, Any]], tuple[str, ...]]
_DEEDS: tuple[tuple[_Deed, int], ...] = (
    (_note, 25), (_tag, 20), (_address, 10), (_phone, 10), (_custom, 8), (_status, 7), (_not_his, 2),
    (_new_contact, 6), (_contact, 12),
)  # fmt: skip
