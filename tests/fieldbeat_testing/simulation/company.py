"""The company of a simulated world, with a rival beside it that must never be seen; nobody signs in, so no passwords.

Vera leads Nina, Otto and Pia; Adam administers. The north is Nina's, the south Otto's, the coast nobody's at first.
"""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.replica import KEPT_ACCOUNT, KEPT_CONTACT
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.parts.replica import KEPT_PART
from fieldbeat.people import store as people
from fieldbeat.people.replica import KEPT_USER
from fieldbeat.records import Change
from fieldbeat.territories import store as territories
from fieldbeat.territories.model import Assignment
from fieldbeat.territories.replica import KEPT_TERRITORY
from fieldbeat_sync.schema import Op, Role
from fieldbeat_testing.simulation import tally

ALWAYS = date(2020, 1, 1)
ACCOUNTS = 5
_ROLES = {
    "adam": Role.ADMIN,
    "vera": Role.SUPERVISOR,
    "nina": Role.REP,
    "otto": Role.REP,
    "pia": Role.REP,
}
_COVERED = {"north": "nina", "south": "otto", "coast": None}


@dataclass
class Company:
    """Its people and territories by name, its first accounts in order, and the counter that all share."""

    tenant_id: UUID
    people: dict[str, UUID] = field(default_factory=dict)
    territories: dict[str, UUID] = field(default_factory=dict)
    accounts: list[UUID] = field(default_factory=list)
    tally: UUID = field(default_factory=uuid7)

    @property
    def admin(self) -> Actor:
        """Adam at his desk."""
        return Actor(self.tenant_id, self.people["adam"], Role.ADMIN)

    def actor(self, name: str) -> Actor:
        """One of its people, by the role with which he began."""
        return Actor(self.tenant_id, self.people[name], _ROLES[name])


async def found(db: Db, name: str, draw: Random) -> Company:
    """Opens the company in one transaction."""
    company = Company(uuid7())
    company.people = {each: uuid7() for each in _ROLES}
    company.territories = {each: uuid7() for each in _COVERED}
    async with records.writing(db, company.tenant_id) as tx:
        await people.create_tenant(tx.conn, company.tenant_id, name=name, demo=False)
        changes = [_person(company, each, name) for each in _ROLES]
        changes += [
            Change(KEPT_TERRITORY, id_, Op.CREATE, {"name": each, "labels": []})
            for each, id_ in company.territories.items()
        ]
        await records.change(tx, company.admin, changes)
        for each, owner in _COVERED.items():
            if owner:
                assigned = Assignment(uuid7(), company.territories[each], company.people[owner], ALWAYS, None)
                await territories.add_assignment(tx.conn, company.tenant_id, assigned)
        await records.change(tx, company.admin, [*_customers(company, draw), *_parts()])
    return company


def _person(company: Company, name: str, company_name: str) -> Change:
    manager = {"nina": "vera", "otto": "vera", "pia": "vera"}.get(name)
    fields = {
        "name": name.title(),
        "email": f"{name}@{company_name}.example",
        "role": _ROLES[name].value,
        "managerId": str(company.people[manager]) if manager else None,
        "timeZone": "UTC",
    }
    return Change(KEPT_USER, company.people[name], Op.CREATE, fields)


def _customers(company: Company, draw: Random) -> list[Change]:
    changes = [Change(tally.kept(), company.tally, Op.CREATE, {"name": "visits", "count": 0})]
    for number in range(ACCOUNTS):
        home, owner = draw.choice((("north", "nina"), ("north", "nina"), ("south", "otto")))
        company.accounts.append(uuid7())
        fields = {
            "name": f"Customer {number}",
            "ownerId": str(company.people[owner]),
            "territoryId": str(company.territories[home]),
            "note": "as it was",
            "tags": ["old", "seed"],
            "status": "ACTIVE",
        }
        changes.append(Change(KEPT_ACCOUNT, company.accounts[-1], Op.CREATE, fields))
        if number % 2 == 0:
            contact = {"accountId": str(company.accounts[-1]), "name": f"Ada {number}", "phones": ["+44 0"]}
            changes.append(Change(KEPT_CONTACT, uuid7(), Op.CREATE, contact))
    return changes


def _parts() -> list[Change]:
    names = ("Seal", "Hinge")
    return [Change(KEPT_PART, uuid7(), Op.CREATE, {"sku": name.upper(), "name": name}) for name in names]
