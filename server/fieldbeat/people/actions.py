"""The verbs of people: a company opens, a person comes, changes, goes. Each authorises, decides, records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.refusal import Invalid, NotFound
from fieldbeat.kit.zones import check_time_zone
from fieldbeat.people import rules, store
from fieldbeat.people.model import EmailTaken, NewPerson, Person
from fieldbeat.people.passwords import hash_password
from fieldbeat.people.reads import people_below
from fieldbeat.people.replica import KEPT_USER
from fieldbeat.people.skills import skills_of
from fieldbeat.records import Change, Tx
from fieldbeat_sync import scope
from fieldbeat_sync.schema import Op, Role

_WIRE_NAMES = {"name": "name", "role": "role", "manager_id": "managerId", "time_zone": "timeZone", "skills": "skills"}


async def create_tenant(
    db: Db, *, name: str, admin_email: str, admin_name: str, password: str, demo: bool = False, time_zone: str = "UTC"
) -> tuple[UUID, UUID]:
    """Opens a company with its first administrator. Returns (tenant id, user id). Refuses as `create_user` does."""
    rules.check_tenant_name(name)
    tenant_id, user_id = uuid7(), uuid7()
    first = Actor(tenant_id, user_id, Role.ADMIN)
    async with records.writing(db, tenant_id) as tx:
        await store.create_tenant(tx.conn, tenant_id, name=name, demo=demo)
        await create_user(
            tx,
            first,
            user_id=user_id,
            name=admin_name,
            email=admin_email,
            role=Role.ADMIN,
            time_zone=time_zone,
            password=password,
        )
    return tenant_id, user_id


async def create_user(
    tx: Tx,
    actor: Actor,
    *,
    name: str,
    email: str,
    role: Role,
    password: str,
    manager_id: UUID | None = None,
    time_zone: str = "UTC",
    skills: Sequence[str] = (),
    user_id: UUID | None = None,
) -> Person:
    """A person joins the company and may sign in.

    Refuses `Forbidden` (not an administrator), `Invalid`, `EmailTaken`, `ReportsInCircle`, `records.ChangeRefused`.
    """
    rules.check_leads_people(actor)
    able = tuple(skills_of(skills, field="skills"))
    new = NewPerson(user_id or uuid7(), name, email.strip(), role, manager_id, time_zone, able)
    rules.check_person(new)
    rules.check_password(password)
    await _check_manager(tx.conn, actor, new.id, manager_id)
    password_hash = await hash_password(password)
    await records.change(tx, actor, [Change(KEPT_USER, new.id, Op.CREATE, _fields(new))])
    if not await store.claim_login(tx.conn, new.email, new.id):
        raise EmailTaken
    await store.put_credential(tx.conn, actor.tenant_id, new.id, password_hash)
    return await _person(tx, actor, new.id)


async def update_user(
    tx: Tx, actor: Actor, *, user_id: UUID, changes: Mapping[str, Any], base_rev: int | None = None
) -> Person:
    """Changes of a person's name, role, manager_id, time_zone, skills; what is absent stays.

    A supervisor says what those below him can do, and nothing else.
    Refuses `Forbidden`, `NotFound`, `Invalid`, `ReportsInCircle`, `records.ChangeRefused`.
    Locks: the tenant's reporting line when the manager changes.
    """
    if actor.role is Role.SUPERVISOR and set(changes) == {"skills"}:
        rules.check_is_below(user_id, await people_below(tx.conn, actor))
    else:
        rules.check_leads_people(actor)
    if "skills" in changes:
        changes = {**changes, "skills": skills_of(changes["skills"], field="skills")}
    before = await _person(tx, actor, user_id)
    wanted = replace(before, **changes)
    check_time_zone(wanted.time_zone)
    rules.check_keeps_administrator(actor, wanted)
    if wanted.manager_id != before.manager_id:
        await _check_manager(tx.conn, actor, user_id, wanted.manager_id)
    patch = {_WIRE_NAMES[name]: _wire(value) for name, value in changes.items()}
    if patch:
        await records.change(tx, actor, [Change(KEPT_USER, user_id, Op.UPDATE, patch, base_rev)])
    if (wanted.manager_id, wanted.role) != (before.manager_id, before.role):
        tx.touched.add(scope.user(user_id))  # what he may see has changed, too
    return await _person(tx, actor, user_id)


async def deactivate_user(tx: Tx, actor: Actor, *, user_id: UUID) -> Person:
    """A person leaves: he signs in no more, and his phone may hand in offline edits for a while. Done twice, done once.

    Refuses `Forbidden` (not an administrator, or oneself) and `NotFound`.
    """
    rules.check_leads_people(actor)
    rules.check_not_oneself(actor, user_id)
    await store.deactivate(tx.conn, actor.tenant_id, user_id)
    return await _person(tx, actor, user_id)


async def _check_manager(conn: Conn, actor: Actor, person_id: UUID, manager_id: UUID | None) -> None:
    if manager_id is None:
        return
    await store.lock_reporting_line(conn, actor.tenant_id)
    rules.check_reporting_line(person_id, [manager_id])
    chain = await store.manager_chain(conn, actor.tenant_id, manager_id)
    if not chain:
        raise Invalid("There is no such manager.", fields=("managerId",))
    rules.check_reporting_line(person_id, chain)


async def _person(tx: Tx, actor: Actor, user_id: UUID) -> Person:
    found = await store.people_by_ids(tx.conn, actor.tenant_id, [user_id])
    if not found:
        raise NotFound
    return found[0]


def _fields(new: NewPerson) -> dict[str, Any]:
    return {
        "name": new.name,
        "email": new.email,
        "role": new.role.value,
        "managerId": _wire(new.manager_id),
        "timeZone": new.time_zone,
        "skills": list(new.skills),
    }


def _wire(value: Any) -> Any:
    return str(value) if isinstance(value, UUID | Role) else value
