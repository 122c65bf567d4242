"""Answers meet their template: judged in every push and verb, the same whichever way they come."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.records.model import Judgement, Look, Named, as_id
from fieldbeat.visits import store
from fieldbeat.visits.model import TemplateStatus
from fieldbeat_sync.forms import answer_faults
from fieldbeat_sync.mutation import Rejected


async def judge_visits(conn: Conn, tenant_id: UUID, rows: Named, patches: Named) -> Judgement:
    """What judges edits of visits, by the templates that rows and patches name. One statement for all.

    An answer to a question of the visit's template fits its type, else INVALID (`answers.<key>`). A template is one of
    the company's that was published.
    """
    ids = sorted({id for each in (*rows, *patches) if (id := as_id(each.get("templateId")))})
    templates = {str(each.id): each for each in await store.templates_by_ids(conn, tenant_id, ids)} if ids else {}

    def judge(row: Mapping[str, Any], patch: Mapping[str, Any], look: Look) -> Rejected | None:
        named = patch.get("templateId", row.get("templateId"))
        template = templates.get(str(named).lower()) if named else None
        if patch.get("templateId") and (template is None or template.status is TemplateStatus.DRAFT):
            return Rejected("INVALID", "templateId must name a template that was published", ("templateId",))
        if template is None:
            return None
        faults = list(answer_faults(template.questions, patch.get("answers") or {}))
        if not faults:
            return None
        message = "; ".join(f"answers.{key} {rule}" for key, rule in faults)
        return Rejected("INVALID", message, tuple(f"answers.{key}" for key, _ in faults))

    return judge
