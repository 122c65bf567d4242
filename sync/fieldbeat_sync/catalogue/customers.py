"""Customers: accounts and the contacts to be met there."""

from fieldbeat_sync.schema import EVERYONE, LEADS, Collection, Field, Machine, Policy
from fieldbeat_sync.values import Choice, Json, Members, Number, Reference, Text

ACCOUNT_STATUS = Machine(
    ranks={"PROSPECT": 0, "ACTIVE": 1, "INACTIVE": 2, "CLOSED": 3}, initial="PROSPECT", reopened_by=LEADS
)
CONSENT = Machine(ranks={"UNKNOWN": 0, "GRANTED": 1, "DENIED": 2}, initial="UNKNOWN")

ACCOUNT_KINDS = ("OUTLET", "ENTERPRISE", "DEALER", "CONSUMER", "INTERNAL")
TIERS = ("VIP", "MAIN", "ORDINARY", "SMALL")
CHANNELS = ("PHONE", "EMAIL", "VISIT")

ADDRESS = Members(dict.fromkeys(("street", "city", "region", "postalCode", "country"), Text(200)))
LOCATION = Members(
    {"latitude": Number(-90, 90), "longitude": Number(-180, 180), "accuracyM": Number(0, 1e6)},
    required=frozenset({"latitude", "longitude"}),
)

account = Collection(
    "account",
    (
        Field("code", Policy.UNIQUE, Text(50, 1)),
        Field("name", Policy.REGISTER, Text(200, 1), required=True),
        Field("kind", Policy.REGISTER, Choice(ACCOUNT_KINDS), default="OUTLET"),
        Field("status", Policy.STATE, Choice(tuple(ACCOUNT_STATUS.ranks)), machine=ACCOUNT_STATUS),
        Field("tier", Policy.SERVER, Choice(TIERS)),
        Field("ownerId", Policy.SERVER, Reference("user")),
        Field("territoryId", Policy.SERVER, Reference("territory")),
        Field("address", Policy.GROUP, ADDRESS),
        Field("location", Policy.GROUP, LOCATION),
        Field("phone", Policy.REGISTER, Text(200)),
        Field("website", Policy.REGISTER, Text(200)),
        Field("tags", Policy.SET, Text(60, 1)),
        Field("note", Policy.REGISTER, Text(20_000)),
        Field("custom", Policy.REGISTER, Json(), keyed=True),
    ),
    created_by=EVERYONE,
    deleted_by=LEADS,
)

contact = Collection(
    "contact",
    (
        Field("accountId", Policy.REFERENCE, Reference("account"), required=True, create_only=True),
        Field("name", Policy.REGISTER, Text(200, 1), required=True),
        Field("jobTitle", Policy.REGISTER, Text(200)),
        Field("preferredChannel", Policy.REGISTER, Choice(CHANNELS)),
        Field("phones", Policy.SET, Text(60, 1)),
        Field("emails", Policy.SET, Text(254, 1)),
        Field("consent", Policy.STATE, Choice(tuple(CONSENT.ranks)), machine=CONSENT),
        Field("note", Policy.REGISTER, Text(20_000)),
    ),
    created_by=EVERYONE,
    deleted_by=EVERYONE,
    parent="accountId",
)
