"""The collections of the first release, as data. Names and policies are public: docs/protocol.md lists them.

A change of a released name or a new field is a step in `versions.py`, so that older apps go on in their own words.
"""

from fieldbeat_sync.catalogue.assets import asset, part
from fieldbeat_sync.catalogue.attachments import attachment
from fieldbeat_sync.catalogue.conflicts import conflict
from fieldbeat_sync.catalogue.customers import account, contact
from fieldbeat_sync.catalogue.knowledge import knowledge_article
from fieldbeat_sync.catalogue.notices import notification
from fieldbeat_sync.catalogue.people import territory, user
from fieldbeat_sync.catalogue.tickets import sla_policy, ticket, ticket_message, ticket_part
from fieldbeat_sync.catalogue.visits import visit, visit_plan, visit_plan_line, visit_template
from fieldbeat_sync.catalogue.worktime import business_hours, on_call_rota
from fieldbeat_sync.schema import Schema

_COLLECTIONS = (
    account,
    contact,
    asset,
    visit,
    visit_plan,
    visit_plan_line,
    visit_template,
    ticket,
    ticket_message,
    ticket_part,
    part,
    sla_policy,
    attachment,
    knowledge_article,
    notification,
    user,
    territory,
    business_hours,
    on_call_rota,
    conflict,
)

SCHEMA = Schema(2, {each.name: each for each in _COLLECTIONS})
