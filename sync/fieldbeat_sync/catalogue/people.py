"""People and the territories that they cover."""

from fieldbeat_sync.schema import Collection, Field, Policy, Role
from fieldbeat_sync.values import Choice, Json, Reference, Text

user = Collection(
    "user",
    (
        Field("name", Policy.SERVER, Text(200, 1), required=True),
        Field("email", Policy.SERVER, Text(254, 3), required=True),
        Field("role", Policy.SERVER, Choice(tuple(Role)), required=True),
        Field("managerId", Policy.SERVER, Reference("user")),
        Field("timeZone", Policy.SERVER, Text(60, 1), default="UTC"),
        Field("skills", Policy.SERVER, Json(items_max=51), default=[]),
    ),
)

territory = Collection(
    "territory",
    (
        Field("name", Policy.SERVER, Text(200, 1), required=True),
        Field("labels", Policy.SERVER, Json(), default=[]),
    ),
)
