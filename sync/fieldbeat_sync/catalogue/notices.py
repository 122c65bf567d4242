"""What a person is told."""

from fieldbeat_sync.schema import Collection, Field, Filled, Machine, Policy
from fieldbeat_sync.values import Choice, Instant, Reference, Text

NOTIFICATION_STATUS = Machine(ranks={"UNREAD": 0, "READ": 1}, initial="UNREAD")

notification = Collection(
    "notification",
    (
        Field("userId", Policy.SERVER, Reference("user"), required=True),
        Field("type", Policy.SERVER, Text(60, 1), required=True),
        Field("title", Policy.SERVER, Text(200, 1), required=True),
        Field("body", Policy.SERVER, Text(2_000)),
        Field("link", Policy.SERVER, Text(500)),
        Field("at", Policy.SERVER, Instant(), filled=Filled.TIME),
        Field("status", Policy.STATE, Choice(tuple(NOTIFICATION_STATUS.ranks)), machine=NOTIFICATION_STATUS),
    ),
)
