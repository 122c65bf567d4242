"""When people are at work, and who is reached when they are not."""

from fieldbeat_sync.schema import Collection, Field, Policy
from fieldbeat_sync.values import Flag, Json, LocalDate, Number, Reference, Text

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

on_call_rota = Collection(
    "onCallRota",
    (
        Field("name", Policy.SERVER, Text(200, 1), required=True),
        Field("territoryId", Policy.SERVER, Reference("territory")),  # null: the company's, where a territory has none
        Field("timeZone", Policy.SERVER, Text(60, 1), required=True),
        Field("handOverAt", Policy.SERVER, Text(5, 5), default="08:00"),
        Field("daysPerTurn", Policy.SERVER, Number(1, 28, whole=True), default=7),
        Field("anchorOn", Policy.SERVER, LocalDate(), required=True),  # the first member's turn begins on it
        Field("userIds", Policy.SERVER, Json(items_max=101), required=True),  # in the order of their turns
        Field("standIns", Policy.SERVER, Json(items_max=1_000), default=[]),  # [{userId, from, until, byId}]
    ),
)
