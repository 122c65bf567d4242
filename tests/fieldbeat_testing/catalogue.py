"""A lint of the live catalogue: what every tenant table must be, and what the application's role must not be able to.

Each finding is one line. What departs from a rule is named below with its reason; nothing else may.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from fieldbeat.embedded.postgres import APP, OWNER
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load

SQL = load(__file__, filename="catalogue.sql")
Rows: TypeAlias = Mapping[str, list[Any]]

# Tables whose rows are of no single tenant, or are the tenant itself.
NOT_OF_A_TENANT = {
    "tenant": "its id is the tenant; guarded by it",
    "login": "an e-mail is unique over all tenants; reached through functions alone",
    "signing_key": "keys of the whole service; no tenant's data",
    "failed_attempts": "of e-mails and addresses, known to a tenant or not; hashes, no tenant's data",
    "installation": "this database among its own restores; no tenant's data",
    "alembic_version": "the revision of the schema",
}
GUARDED_BY_ID = "tenant"

# Functions that run as the owner, and so see every tenant.
DEFINERS = {
    "find_login": "sign-in knows only an e-mail",
    "claim_login": "an e-mail is unique over all tenants",
    "create_tenant": "before it there is no tenant to be in",
    "demo_tenant": "whether the demo company was loaded",
    "release_login": "frees an e-mail, of a deleted person of the current tenant alone",
    "find_tenants": "the command line names a company by its name",
    "work_lag": "metrics say how late the worker is; nobody learns for whom",
    "due_effects": "the sweeper looks for what is due in any tenant",
    "stale_snapshots": "the worker builds snapshots for every tenant; it learns scopes alone",
    "tenants_with_stale_files": "the worker looks after files for every tenant; it learns tenants alone",
    "tenants_with_missed_visits": "the worker looks for visits that nobody made; it learns tenants alone",
    "tenants_with_old_places": "the worker looks for places that are kept too long; it learns tenants alone",
    "forget_places": "coordinates leave history, which the application may not write; one tenant's visits alone",
    "tenants_with_garbage": "the worker collects for every tenant; it learns tenants alone",
    "tenants_with_due_steps": "the worker escalates in every tenant; it learns tenants alone",
    "tenants_with_old_activities": "the worker forgets old activities in every tenant; it learns tenants alone",
    "waiting_plans": "the worker plans teams of every tenant; it learns runs and reps alone",
    "tenants_with_tombstones": "as tenants_with_garbage",
    "accounts_by_name": "trigram operators are not leakproof: no index under row-level security; sees one tenant",
    "accounts_by_distance": "as accounts_by_name",
    "tenants_with_stale_clocks": "the worker reckons clocks for every tenant; it learns tenants alone",
    "tenants_with_clocks": "as tenants_with_stale_clocks",
    "tickets_by_number": "as accounts_by_name",
    "assets_by_name": "as accounts_by_name",
    "articles_by_title": "as accounts_by_name",
    "articles_like": "as accounts_by_name",
}
SEARCH_PATHS = ("pg_catalog, public", "pg_catalog, public, pg_temp")

# What the application may do with a tenant table, and where it is less or more.
USUAL = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
PRIVILEGES: Mapping[str, frozenset[str]] = {
    "tenant": frozenset({"SELECT", "UPDATE"}),  # opened by create_tenant, never closed
    "login": frozenset(),
    "signing_key": frozenset({"SELECT", "INSERT", "UPDATE"}),
    "installation": frozenset({"SELECT"}),
    "alembic_version": frozenset({"SELECT"}),  # readiness: does the schema fit the program?
    "field_write": frozenset({"SELECT", "INSERT"}),  # history is never rewritten
    "incarnation": frozenset({"SELECT", "INSERT"}),
    "portal_token": frozenset({"SELECT", "INSERT", "UPDATE"}),  # revoked, never deleted
    "portal_entry": frozenset({"SELECT", "INSERT"}),
    "activity": frozenset({"SELECT", "INSERT", "DELETE"}),  # forgotten, never rewritten
    "escalation": frozenset({"SELECT", "INSERT"}),
    "escalation_stop": frozenset({"SELECT", "INSERT"}),
    "location_read": frozenset({"SELECT", "INSERT"}),  # an audit is never rewritten
}


async def findings(conn: Conn) -> list[str]:
    """Everything in this database that breaks a rule; `conn` may be of any role."""
    found: Rows = {
        name: await conn.fetch(statement, *([APP] if "$1" in statement else [])) for name, statement in SQL.items()
    }
    rules = (_tenancy, _keys, _policies, _hidden_code, _definers, _views, _role, _privileges)
    return [finding for rule in rules for finding in rule(found)]


def tenant_tables(rows: Rows) -> list[str]:
    """The tables that hold tenants' rows."""
    return [row["name"] for row in rows["tables"] if row["name"] not in NOT_OF_A_TENANT]


def _tenancy(rows: Rows) -> Iterator[str]:
    names = {row["name"] for row in rows["tables"]}
    yield from (f"{name}: named as an exception, but there is no such table" for name in NOT_OF_A_TENANT.keys() - names)
    yield from (f"schema {row['name']}: nothing looks after it" for row in rows["schemas"])
    for row in rows["tables"]:
        if row["name"] not in NOT_OF_A_TENANT and not row["tenant_not_null"]:
            yield f"{row['name']}: has no tenant_id that is not null"
        if row["name"] in NOT_OF_A_TENANT and row["name"] != GUARDED_BY_ID:
            continue
        if not row["secured"]:
            yield f"{row['name']}: row-level security is not enabled"
        if not row["forced"]:
            yield f"{row['name']}: row-level security is not forced"


def _keys(rows: Rows) -> Iterator[str]:
    keyed = {row["table"] for row in rows["indexes"] if row["is_primary"]}
    yield from (f"{name}: has no primary key" for name in tenant_tables(rows) if name not in keyed)
    for row in [*rows["indexes"], *rows["exclusions"]]:
        if row["table"] not in NOT_OF_A_TENANT and row["leads"] != "tenant_id":
            yield f"{row['table']}: {row['name']} does not lead with tenant_id"
    for row in rows["foreign_keys"]:
        target = "id" if row["target"] == GUARDED_BY_ID else "tenant_id"
        if (row["leads"], row["target_leads"]) != ("tenant_id", target):
            yield f"{row['table']}: foreign key {row['name']} does not lead with tenant_id"


def _policies(rows: Rows) -> Iterator[str]:
    stand: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for row in rows["policies"]:
        policy = (row["permissive"], tuple(row["roles"]), row["cmd"], row["qual"], row["with_check"])
        stand[row["table"]].add((row["name"], *policy))
    guarded = dict.fromkeys(tenant_tables(rows), "tenant_id") | {GUARDED_BY_ID: "id"}
    for name in sorted({*stand, *guarded}):
        expected = _expected_policies(guarded[name]) if name in guarded else set()
        for policy in sorted(stand[name] - expected, key=str):
            yield f"{name}: policy {policy[0]} is not one of ours: {policy[1:]}"
        for policy in sorted(expected - stand[name], key=str):
            yield f"{name}: policy {policy[0]} is missing"


def _expected_policies(column: str) -> set[tuple[Any, ...]]:
    own = f"({column} = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid)"
    return {
        ("tenant", "PERMISSIVE", ("public",), "ALL", own, None),
        ("owner", "PERMISSIVE", (OWNER,), "ALL", "true", None),
    }


def _hidden_code(rows: Rows) -> Iterator[str]:
    yield from (f"{row['table']}: has a trigger, {row['name']}" for row in rows["triggers"])
    yield from (f"{row['table']}: has a rewrite rule, {row['name']}" for row in rows["rules"])


def _definers(rows: Rows) -> Iterator[str]:
    for row in rows["definer_functions"]:
        name = row["name"]
        if row["short"] not in DEFINERS:
            yield f"{name}: runs as its owner and is not on the list"
        if (row["search_path"] or "").replace('"', "") not in SEARCH_PATHS:
            yield f"{name}: runs as its owner with search_path {row['search_path']}"
        if row["for_public"]:
            yield f"{name}: runs as its owner for everybody"
        if row["owner"] != OWNER or row["owner_is_mighty"]:
            yield f"{name}: runs as {row['owner']}"
    known = {row["short"] for row in rows["definer_functions"]}
    yield from (f"{name}: on the list, but there is no such function" for name in sorted(DEFINERS.keys() - known))


def _views(rows: Rows) -> Iterator[str]:
    for row in rows["views"]:
        if row["is_stored"]:
            yield f"{row['name']}: a materialized view has no row-level security"
        elif not row["as_caller"]:
            yield f"{row['name']}: a view without security_invoker reads as its owner"


def _role(rows: Rows) -> Iterator[str]:
    for role in rows["role"]:
        yield from (f"the application's role: {might}" for might, has in dict(role).items() if has)
    yield from (f"the application's role owns {row['thing']}" for row in rows["owned"])


def _privileges(rows: Rows) -> Iterator[str]:
    has: dict[str, set[str]] = defaultdict(set)
    for row in rows["privileges"]:
        if row["column"]:
            yield f"{row['table']}: {row['privilege']} on column {row['column']} alone"
        else:
            has[row["table"]].add(row["privilege"])
    for name in sorted({*has, *(row["name"] for row in rows["tables"])}):
        expected = PRIVILEGES.get(name, USUAL)
        yield from (f"{name}: the application may {each}" for each in sorted(has[name] - expected))
        yield from (f"{name}: the application may not {each}" for each in sorted(expected - has[name]))
    yield from (f"default privileges of {row['grantor']} on {row['kind']}" for row in rows["default_privileges"])
