"""The verbs of visit templates. A version that was published never changes: another one takes its place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.records import Change, Tx
from fieldbeat.visits import rules, store
from fieldbeat.visits.model import BadQuestions, Template, TemplateFixed, TemplateStatus, TemplateUnknown
from fieldbeat.visits.replica import KEPT_TEMPLATE
from fieldbeat_sync.forms import definition_faults
from fieldbeat_sync.schema import Op

AUDITS = Path(__file__).with_name("audits.json")


async def create_template(tx: Tx, actor: Actor, *, patch: Mapping[str, Any], id: UUID | None = None) -> Template:
    """A new draft: the next version of its name. Refuses FORBIDDEN, INVALID (`questions.<n>.<member>`).

    Locks: the names of the tenant's templates, so that two drafts have two versions.
    """
    rules.check_may_shape_forms(actor)
    _check_questions(patch)
    await store.lock_templates(tx.conn, tx.tenant_id)
    version = await store.last_version(tx.conn, tx.tenant_id, str(patch.get("name"))) + 1
    whole = {**patch, "version": version, "status": TemplateStatus.DRAFT.value}
    return await _change(tx, actor, Change(KEPT_TEMPLATE, id or uuid7(), Op.CREATE, whole))


async def update_template(
    tx: Tx, actor: Actor, *, template_id: UUID, patch: Mapping[str, Any], base_rev: int | None = None
) -> Template:
    """Changes a draft. Refuses FORBIDDEN, NOT_FOUND, IMMUTABLE (it was published), INVALID."""
    template = await _shaped(tx, actor, template_id)
    if template.status is not TemplateStatus.DRAFT:
        raise TemplateFixed(fields=("id",))
    _check_questions(patch)
    return await _change(tx, actor, Change(KEPT_TEMPLATE, template_id, Op.UPDATE, patch, base_rev))


async def publish_template(tx: Tx, actor: Actor, *, template_id: UUID, base_rev: int | None = None) -> Template:
    """Phones offer this version from now on; the published one of the same name retires.

    Refuses FORBIDDEN, NOT_FOUND, IMMUTABLE (it is no draft), INVALID (it asks nothing).
    """
    template = await _shaped(tx, actor, template_id)
    if template.status is not TemplateStatus.DRAFT:
        raise TemplateFixed(fields=("id",))
    _check_questions({"questions": template.questions})
    before = await store.published_versions(tx.conn, tx.tenant_id, template.name)
    changes = [Change(KEPT_TEMPLATE, each, Op.UPDATE, {"status": TemplateStatus.RETIRED.value}) for each in before]
    status = {"status": TemplateStatus.PUBLISHED.value}
    await records.change(tx, actor, [*changes, Change(KEPT_TEMPLATE, template_id, Op.UPDATE, status, base_rev)])
    return await _template(tx, template_id)


async def retire_template(tx: Tx, actor: Actor, *, template_id: UUID, base_rev: int | None = None) -> Template:
    """New visits do not take it any more; those that have it keep it. Refuses FORBIDDEN, NOT_FOUND."""
    await _shaped(tx, actor, template_id)
    status = {"status": TemplateStatus.RETIRED.value}
    return await _change(tx, actor, Change(KEPT_TEMPLATE, template_id, Op.UPDATE, status, base_rev))


async def ship_audits(tx: Tx, actor: Actor) -> int:
    """Publishes the audits that ship with the program, those whose name the company has not; returns how many."""
    audits = orjson.loads(AUDITS.read_bytes())
    known = await store.template_names(tx.conn, tx.tenant_id, [each["name"] for each in audits])
    missing = [each for each in audits if each["name"] not in known]
    published = {"version": 1, "status": TemplateStatus.PUBLISHED.value}
    changes = [Change(KEPT_TEMPLATE, uuid7(), Op.CREATE, {**each, **published}) for each in missing]
    if changes:
        await records.change(tx, actor, changes)
    return len(changes)


async def _shaped(tx: Tx, actor: Actor, template_id: UUID) -> Template:
    rules.check_may_shape_forms(actor)
    await store.lock_templates(tx.conn, tx.tenant_id)
    found = await store.templates_by_ids(tx.conn, tx.tenant_id, [template_id])
    if not found:
        raise TemplateUnknown(fields=("id",))
    return found[0]


async def _change(tx: Tx, actor: Actor, change: Change) -> Template:
    await records.change(tx, actor, [change])
    return await _template(tx, change.record_id)


async def _template(tx: Tx, template_id: UUID) -> Template:
    [template] = await store.templates_by_ids(tx.conn, tx.tenant_id, [template_id])
    return template


def _check_questions(patch: Mapping[str, Any]) -> None:
    faults = list(definition_faults(patch["questions"])) if "questions" in patch else []
    if faults:
        message = "; ".join(f"{path} {rule}" for path, rule in faults[:5])
        raise BadQuestions(message, fields=tuple(path for path, _ in faults))
