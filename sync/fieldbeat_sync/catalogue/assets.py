"""Assets, what customers have from the company, and the catalogue of parts that go into them."""

from fieldbeat_sync.schema import EVERYONE, LEADS, Collection, Field, Machine, Policy
from fieldbeat_sync.values import Choice, Json, LocalDate, Reference, Text

ASSET_STATUS = Machine(ranks={"ACTIVE": 0, "RETIRED": 1}, initial="ACTIVE", reopened_by=LEADS)
PART_STATUSES = ("ACTIVE", "RETIRED")

asset = Collection(
    "asset",
    (
        Field("accountId", Policy.REFERENCE, Reference("account"), required=True, create_only=True),
        Field("name", Policy.REGISTER, Text(200, 1), required=True),
        Field("serialNumber", Policy.UNIQUE, Text(100, 1)),
        Field("model", Policy.REGISTER, Text(200)),
        Field("status", Policy.STATE, Choice(tuple(ASSET_STATUS.ranks)), machine=ASSET_STATUS),
        Field("installedOn", Policy.REGISTER, LocalDate()),
        Field("warrantyUntil", Policy.SERVER, LocalDate()),  # the first day that it does not cover
        Field("note", Policy.REGISTER, Text(20_000)),
        Field("tags", Policy.SET, Text(60, 1)),
        Field("custom", Policy.REGISTER, Json(), keyed=True),
    ),
    created_by=EVERYONE,
    deleted_by=LEADS,
    parent="accountId",
)

part = Collection(
    "part",
    (
        Field("sku", Policy.SERVER, Text(60, 1), required=True),
        Field("name", Policy.SERVER, Text(200, 1), required=True),
        Field("unit", Policy.SERVER, Text(20, 1), default="piece"),  # of which whole ones are used
        Field("status", Policy.SERVER, Choice(PART_STATUSES), default="ACTIVE"),
    ),
)
