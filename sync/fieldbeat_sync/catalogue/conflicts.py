"""What two concurrent edits left for a human."""

from fieldbeat_sync.schema import Collection, Field, Policy
from fieldbeat_sync.values import Choice, Instant, Json, Reference, Text

CONFLICT_STATUSES = ("OPEN", "RESOLVED", "DISMISSED", "SUPERSEDED")

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
