-- What the lint of the catalogue asks PostgreSQL. $1, where there is one, is the application's role.

-- name: tables
-- Every table of ours, with what it says about tenants and row-level security.
select c.relname as name, c.relkind = 'p' as partitioned, c.relrowsecurity as secured, c.relforcerowsecurity as forced,
       (select a.attnotnull from pg_attribute a
        where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) as tenant_not_null
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and not exists (select from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e')
order by c.relname;

-- name: indexes
-- The first column of every index (null: an expression).
select c.relname as table, i.relname as name, x.indisprimary as is_primary, x.indisunique as is_unique, a.attname as leads
from pg_index x
join pg_class c on c.oid = x.indrelid
join pg_class i on i.oid = x.indexrelid
left join pg_attribute a on a.attrelid = x.indrelid and a.attnum = x.indkey[0]
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
order by c.relname, i.relname;

-- name: foreign_keys
-- The first pair of columns of every foreign key.
select c.relname as table, k.conname as name, own.attname as leads, t.relname as target, theirs.attname as target_leads
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_class t on t.oid = k.confrelid
join pg_attribute own on own.attrelid = k.conrelid and own.attnum = k.conkey[1]
join pg_attribute theirs on theirs.attrelid = k.confrelid and theirs.attnum = k.confkey[1]
where k.contype = 'f' and c.relnamespace = 'public'::regnamespace
order by c.relname, k.conname;

-- name: exclusions
-- Exclusion constraints reach over rows that a distributed engine keeps apart, unless they begin with the tenant.
select c.relname as table, k.conname as name, a.attname as leads
from pg_constraint k
join pg_class c on c.oid = k.conrelid
left join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
where k.contype = 'x' and c.relnamespace = 'public'::regnamespace
order by c.relname, k.conname;

-- name: policies
select p.tablename as table, p.policyname as name, p.permissive, p.roles::text[] as roles, p.cmd, p.qual, p.with_check
from pg_policies p
where p.schemaname = 'public'
order by p.tablename, p.policyname;

-- name: triggers
-- All but those by which PostgreSQL keeps its own constraints.
select c.relname as table, t.tgname as name
from pg_trigger t join pg_class c on c.oid = t.tgrelid
where not t.tgisinternal and c.relnamespace = 'public'::regnamespace
union all
select '', e.evtname from pg_event_trigger e
order by 1, 2;

-- name: rules
-- Rewrite rules, but for those that make a view.
select r.tablename as table, r.rulename as name from pg_rules r where r.schemaname = 'public' order by 1, 2;

-- name: views
select c.relname as name, c.relkind = 'm' as is_stored,
       coalesce(c.reloptions @> array['security_invoker=true'] or c.reloptions @> array['security_invoker=on'], false) as as_caller
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm')
  and not exists (select from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e')
order by c.relname;

-- name: definer_functions
-- Functions that run as their owner.
select p.oid::regprocedure::text as name, p.proname as short, p.proowner::regrole::text as owner,
       o.rolsuper or o.rolbypassrls as owner_is_mighty,
       (select substr(c, 13) from unnest(p.proconfig) c where c like 'search\_path=%') as search_path,
       has_function_privilege('public', p.oid, 'execute') as for_public,
       has_function_privilege($1, p.oid, 'execute') as for_app
from pg_proc p join pg_roles o on o.oid = p.proowner
where p.prosecdef and p.pronamespace <> 'pg_catalog'::regnamespace
order by 1;

-- name: role
-- What the application's role is allowed besides its privileges on tables.
select r.rolsuper as superuser, r.rolbypassrls as "bypassrls", r.rolcreaterole as createrole, r.rolcreatedb as createdb,
       r.rolreplication as replication,
       exists (select from pg_auth_members m where m.member = r.oid) as "member of a role",
       has_schema_privilege(r.oid, 'public', 'create') as "create in public",
       has_database_privilege(r.oid, current_database(), 'create') as "create schemas"
from pg_roles r where r.rolname = $1;

-- name: owned
-- What the role owns, in this database or beside it.
select pg_describe_object(s.classid, s.objid, s.objsubid) as thing
from pg_shdepend s join pg_roles r on r.oid = s.refobjid and s.refclassid = 'pg_authid'::regclass
where s.deptype = 'o' and r.rolname = $1
  and s.dbid in (0, (select d.oid from pg_database d where d.datname = current_database()))
order by 1;

-- name: privileges
-- What the role may do with our tables, by itself or as everybody; `column` where it is for a column alone.
select c.relname as table, a.privilege_type as privilege, null as column
from pg_class c
cross join lateral aclexplode(c.relacl) a
left join pg_roles r on r.oid = a.grantee
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
  and (a.grantee = 0 or r.rolname = $1)
union all
select c.relname, x.privilege_type, a.attname
from pg_attribute a
join pg_class c on c.oid = a.attrelid
cross join lateral aclexplode(a.attacl) x
left join pg_roles r on r.oid = x.grantee
where c.relnamespace = 'public'::regnamespace and (x.grantee = 0 or r.rolname = $1)
order by 1, 2, 3;

-- name: default_privileges
-- What would be granted on tables to come.
select d.defaclrole::regrole::text as grantor, d.defaclobjtype::text as kind from pg_default_acl d order by 1, 2;

-- name: schemas
-- Schemas beside public and PostgreSQL's own.
select n.nspname as name from pg_namespace n
where n.nspname not like 'pg\_%' and n.nspname not in ('public', 'information_schema')
order by 1;
