"""The collections of the first release, as data. Names and policies are public: docs/protocol.md lists them.

A change of a released name or a new field is a step in `versions.py`, so that older apps go on in their own words.
"""

from fieldbeat_sync.schema import EVERYONE, LEADS, Collection, Field, Machine, Policy, Role, Schema
from fieldbeat_sync.values import Choice, Flag, Instant, Json, Members, Number, Reference, Text

ACCOUNT_STATUS = Machine(
    ranks={"PROSPECT": 0, "ACTIVE": 1, "INACTIVE": 2, "CLOSED": 3}, initial="PROSPECT", reopened_by=LEADS
)
CONSENT = Machine(ranks={"UNKNOWN": 0, "GRANTED": 1, "DENIED": 2}, initial="UNKNOWN")

ACCOUNT_KINDS = ("OUTLET", "ENTERPRISE", "DEALER", "CONSUMER", "INTERNAL")
TIERS = ("VIP", "MAIN", "ORDINARY", "SMALL")
CHANNELS = ("PHONE", "EMAIL", "VISIT")
CONFLICT_STATUSES = ("OPEN", "RESOLVED", "DISMISSED", "SUPERSEDED")

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

user = Collection(
    "user",
    (
        Field("name", Policy.SERVER, Text(200, 1), required=True),
        Field("email", Policy.SERVER, Text(254, 3), required=True),
        Field("role", Policy.SERVER, Choice(tuple(Role)), required=True),
        Field("managerId", Policy.SERVER, Reference("user")),
        Field("timeZone", Policy.SERVER, Text(60, 1), default="UTC"),
    ),
)

territory = Collection(
    "territory",
    (
        Field("name", Policy.SERVER, Text(200, 1), required=True),
        Field("labels", Policy.SERVER, Json(), default=[]),
    ),
)

business_hours = Collection(
    "businessHours",
    (
        Field("name", Policy.SERVER, Text(200, 1), required=True),
        Field("timeZone", Policy.SERVER, Text(60, 1), required=True),
        Field("weekly", Policy.SERVER, Json(), required=True),  # [{weekday, from, until}]
        Field("closed", Policy.SERVER, Json(items_max=1_000), default=[]),  # [date]
        Field("open", Policy.SERVER, Json(items_max=3_000), default=[]),  # [{on, from, until}]
        Field("country", Policy.SERVER, Text(2, 2)),
        Field("subdivision", Policy.SERVER, Text(20, 1)),
        Field("isDefault", Policy.SERVER, Flag(), default=False),
        Field("userIds", Policy.SERVER, Json(items_max=10_000), default=[]),
    ),
)

conflict = Collection(
    "conflict",
    (
        Field("collection", Policy.SERVER, Text(60)),
        Field("recordId", Policy.SERVER, Reference("record")),
        Field("field", Policy.SERVER, Text(300)),
        Field("policy", Policy.SERVER, Choice((*Policy, "delete"))),
        Field("status", Policy.SERVER, Choice(CONFLICT_STATUSES)),
        Field("winner", Policy.SERVER, Json()),
        Field("loser", Policy.SERVER, Json()),
        Field("createdAt", Policy.SERVER, Instant()),
        Field("resolvedAt", Policy.SERVER, Instant()),
    ),
)

SCHEMA = Schema(2, {each.name: each for each in (account, contact, user, territory, business_hours, conflict)})
