"""Tickets, a customer's trouble, and what is said about it."""

from fieldbeat_sync.schema import EVERYONE, LEADS, Collection, Field, Filled, Machine, Policy, Reopen
from fieldbeat_sync.values import Choice, Flag, Instant, Json, Number, Reference, Text

_BY_ITS_ASSIGNEE = Reopen(LEADS, holder="assigneeId")

TICKET_STATUS = Machine(
    ranks={
        "NEW": 0,
        "OPEN": 1,
        "PENDING_CUSTOMER": 1,
        "PENDING_THIRD": 1,
        "ON_HOLD": 1,
        "RESOLVED": 2,
        "CLOSED": 3,
    },
    initial="NEW",
    reopens={("RESOLVED", "OPEN"): _BY_ITS_ASSIGNEE, ("CLOSED", "OPEN"): _BY_ITS_ASSIGNEE},
    needs={"CLOSED": ("cause", "solution")},
)

TICKET_KINDS = ("REQUEST", "COMPLAINT", "FAULT")
PRIORITIES = ("LOW", "NORMAL", "HIGH", "URGENT")

ticket = Collection(
    "ticket",
    (
        Field("number", Policy.SERVER, Number(1, 1e12, whole=True)),
        Field("accountId", Policy.REFERENCE, Reference("account"), required=True, create_only=True),
        Field("kind", Policy.REGISTER, Choice(TICKET_KINDS), required=True),
        Field("subject", Policy.REGISTER, Text(200, 1), required=True),
        Field("description", Policy.REGISTER, Text(20_000)),
        Field("priority", Policy.REGISTER, Choice(PRIORITIES), default="NORMAL", never_null=True),
        Field("status", Policy.STATE, Choice(tuple(TICKET_STATUS.ranks)), machine=TICKET_STATUS),
        Field("assigneeId", Policy.SERVER, Reference("user")),
        Field("offeredToId", Policy.SERVER, Reference("user")),
        Field("contactId", Policy.REFERENCE, Reference("contact")),
        Field("assetId", Policy.REFERENCE, Reference("asset")),  # one of the account's
        Field("visitIds", Policy.SET, Reference("visit")),
        Field("tags", Policy.SET, Text(60, 1)),
        Field("requiredSkills", Policy.SET, Text(60, 1)),
        Field("labourMinutes", Policy.COUNTER, Number(-1e6, 1e6, whole=True)),
        Field("cause", Policy.REGISTER, Text(2_000)),
        Field("solution", Policy.REGISTER, Text(20_000)),
        Field("openedAt", Policy.SERVER, Instant(), filled=Filled.TIME),
        Field("customerMessageId", Policy.SERVER, Reference("ticketMessage")),  # the customer's that came last
        Field("mergedIntoId", Policy.SERVER, Reference("ticket")),
    ),
    created_by=EVERYONE,
    deleted_by=LEADS,
    parent="accountId",
    in_flight=True,
)

ticket_message = Collection(
    "ticketMessage",
    (
        Field("ticketId", Policy.REFERENCE, Reference("ticket"), required=True, create_only=True),
        Field("authorId", Policy.SERVER, Reference("user"), filled=Filled.AUTHOR),
        Field("onBehalfOfContactId", Policy.REFERENCE, Reference("contact"), create_only=True),
        Field("body", Policy.REGISTER, Text(20_000, 1), required=True, create_only=True),
        Field("public", Policy.REGISTER, Flag(), default=False, never_null=True, create_only=True),
        Field("at", Policy.SERVER, Instant(), filled=Filled.TIME),
    ),
    created_by=EVERYONE,
    parent="ticketId",
    in_flight=True,
    append_only=True,
)

ticket_part = Collection(
    "ticketPart",
    (
        Field("ticketId", Policy.REFERENCE, Reference("ticket"), required=True, create_only=True),
        Field("partId", Policy.REFERENCE, Reference("part"), required=True, create_only=True),
        Field("quantity", Policy.COUNTER, Number(-1e6, 1e6, whole=True), required=True),  # never below 0 in all
        Field("coveredByWarranty", Policy.REGISTER, Flag()),  # null: where the ticket is under warranty
        Field("note", Policy.REGISTER, Text(2_000)),
        Field("authorId", Policy.SERVER, Reference("user"), filled=Filled.AUTHOR),
        Field("at", Policy.SERVER, Instant(), filled=Filled.TIME),
    ),
    created_by=EVERYONE,
    deleted_by=LEADS,
    deleted_also_by="authorId",
    parent="ticketId",
    in_flight=True,
)

sla_policy = Collection(
    "slaPolicy",
    (
        Field("name", Policy.SERVER, Text(200, 1), required=True),
        Field("position", Policy.SERVER, Number(0, 1e6, whole=True), default=0),  # the first that fits is taken
        Field("conditions", Policy.SERVER, Json(items_max=1_000), default={}),  # {tiers, kinds, skills …}
        Field("targets", Policy.SERVER, Json(items_max=1_000), required=True),  # [{metric, priority, minutes}]
        Field("pauses", Policy.SERVER, Json(items_max=1_000)),  # [{metric, statuses}]; null: the usual ones
        Field(
            "steps", Policy.SERVER, Json(items_max=1_000)
        ),  # [{percent, plusMinutes, levels, onCall, onlyBusinessHours}]
        Field("businessHoursId", Policy.SERVER, Reference("businessHours")),  # null: around the clock
        Field("version", Policy.SERVER, Number(1, 1e6, whole=True), default=1),
        Field("status", Policy.SERVER, Choice(("ACTIVE", "RETIRED")), default="ACTIVE"),
    ),
)
