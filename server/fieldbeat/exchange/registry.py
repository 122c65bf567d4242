"""The collections that devices may hold, gathered from the capabilities."""

from collections.abc import Mapping

from fieldbeat.accounts.replica import KEPT_ACCOUNT, KEPT_CONTACT
from fieldbeat.assets.replica import KEPT_ASSET
from fieldbeat.attachments.replica import KEPT_ATTACHMENT
from fieldbeat.knowledge.replica import KEPT_ARTICLE
from fieldbeat.notifications.replica import KEPT_NOTIFICATION
from fieldbeat.on_call.replica import KEPT_ROTA
from fieldbeat.parts.replica import KEPT_PART
from fieldbeat.people.replica import KEPT_USER
from fieldbeat.records import Kept
from fieldbeat.territories.replica import KEPT_TERRITORY
from fieldbeat.tickets.replica import KEPT_MESSAGE, KEPT_POLICY, KEPT_TICKET, KEPT_TICKET_PART
from fieldbeat.visits.replica import KEPT_PLAN, KEPT_PLAN_LINE, KEPT_TEMPLATE, KEPT_VISIT
from fieldbeat.worktime.replica import KEPT_BUSINESS_HOURS
from fieldbeat_sync.catalogue import SCHEMA

_ALL = (
    KEPT_ACCOUNT,
    KEPT_CONTACT,
    KEPT_ASSET,
    KEPT_VISIT,
    KEPT_PLAN,
    KEPT_PLAN_LINE,
    KEPT_TEMPLATE,
    KEPT_TICKET,
    KEPT_MESSAGE,
    KEPT_TICKET_PART,
    KEPT_PART,
    KEPT_POLICY,
    KEPT_ATTACHMENT,
    KEPT_ARTICLE,
    KEPT_NOTIFICATION,
    KEPT_USER,
    KEPT_TERRITORY,
    KEPT_BUSINESS_HOURS,
    KEPT_ROTA,
)

KEPT: Mapping[str, Kept] = {kept.schema.name: kept for kept in _ALL}

# Written by `records` beside the records that they are about.
SERVER_ONLY = frozenset({"conflict"})

_undeclared = SCHEMA.collections.keys() - KEPT.keys() - SERVER_ONLY
if _undeclared:
    raise LookupError(f"no capability keeps {', '.join(sorted(_undeclared))}")
