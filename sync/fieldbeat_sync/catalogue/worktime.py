"""When people are at work."""

from fieldbeat_sync.schema import Collection, Field, Policy
from fieldbeat_sync.values import Flag, Json, Text

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
