"""A collection with one field of every policy, for what the collections of the first release do not have yet."""

from fieldbeat_sync.catalogue.customers import ADDRESS
from fieldbeat_sync.schema import EVERYONE, LEADS, Collection, Field, Machine, Policy, Role
from fieldbeat_sync.values import Choice, Json, Number, Reference, Text

STAGE = Machine(
    ranks={"PLANNED": 0, "STARTED": 1, "SKIPPED": 2, "DROPPED": 2, "DONE": 3},
    initial="PLANNED",
    reopened_by=LEADS,
    only_from={"DONE": frozenset({"STARTED"})},
)
MOOD = Machine(ranks={"NEW": 0, "GOOD": 1, "FAIR": 1, "POOR": 1, "OVER": 2}, initial="NEW")

PROBE = Collection(
    "probe",
    (
        Field("code", Policy.UNIQUE, Text(50, 1)),
        Field("note", Policy.REGISTER, Text(200)),
        Field("place", Policy.GROUP, ADDRESS),
        Field("next", Policy.REFERENCE, Reference("probe")),
        Field("stage", Policy.STATE, Choice(tuple(STAGE.ranks)), machine=STAGE),
        Field("mood", Policy.STATE, Choice(tuple(MOOD.ranks)), machine=MOOD),
        Field("visits", Policy.COUNTER, Number(-1_000, 1_000, whole=True)),
        Field("tags", Policy.SET, Text(60, 1)),
        Field("answers", Policy.REGISTER, Json(), keyed=True),
        Field("tier", Policy.SERVER, Choice(tuple(Role))),
    ),
    created_by=EVERYONE,
    deleted_by=EVERYONE,
)
