"""Attachments, uploads on their way to them, and the blobs that arrived."""

from alembic import op

revision = "0013"
down_revision = "0012"

SQL = r"""
set local lock_timeout = '5s';

-- Bytes on their way to an attachment. `parts` names, in order, what was kept of them: the row decides what counts. It
-- stays for a while when it is done, for a sender who missed the answer.
create table upload (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    attachment_id uuid not null,
    user_id uuid not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    bytes bigint not null check (bytes > 0),
    content_type text not null,
    received bigint not null default 0 check (received between 0 and bytes),
    parts uuid[] not null default '{}',
    metadata text not null,
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    done_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references person (tenant_id, id)
);
create index upload_user on upload (tenant_id, user_id, attachment_id) where done_at is null;
create index upload_expires on upload (tenant_id, expires_at, id);
select guard_tenant_table('upload');

-- Verified bytes, once in a tenant. `place` is part of their key in the file store; `seen_at` is when they last came.
create table blob (
    tenant_id uuid not null references tenant (id),
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    place uuid not null,
    bytes bigint not null check (bytes > 0),
    content_type text not null,
    thumbnail text not null check (thumbnail in ('PENDING', 'READY', 'NONE')),
    created_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, sha256)
);
create index blob_seen on blob (tenant_id, seen_at, sha256);
select guard_tenant_table('blob');

create table attachment (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    record_id uuid not null generated always as ((fields ->> 'recordId')::uuid) stored,
    author_id uuid generated always as ((fields ->> 'authorId')::uuid) stored,
    sha256 text not null generated always as (fields ->> 'sha256') stored,
    bytes bigint not null generated always as ((fields ->> 'bytes')::bigint) stored,
    content_type text not null generated always as (fields ->> 'contentType') stored,
    status text not null generated always as (fields ->> 'status') stored,
    primary key (tenant_id, id)
);
create index attachment_record on attachment (tenant_id, record_id, id);
create index attachment_sha256 on attachment (tenant_id, sha256);
select guard_tenant_table('attachment');

-- Whether an actor sees the visit, ticket or account of this id: by its account's territory, or by whoever serves it.
create function record_is_seen(wanted_id uuid, actor_id uuid, actor_role text) returns boolean language sql stable
as $$
    select exists (
        select from (
            select account_id, rep_id as person_id from visit where tenant_id = current_tenant() and id = wanted_id
            union all
            select account_id, assignee_id from ticket where tenant_id = current_tenant() and id = wanted_id
            union all
            select id, null from account where tenant_id = current_tenant() and id = wanted_id) r
        join account a on a.tenant_id = current_tenant() and a.id = r.account_id
        where a.territory_id in (select held_territories(actor_id, actor_role))
           or r.person_id in (select people_under(actor_id, actor_role)))
$$;

-- The worker looks after the files of all tenants; it learns tenants alone: those with uploads that have expired, or with
-- blobs that came before `grace` and that no attachment has. Indexes: upload_expires, blob_seen, attachment_sha256.
create function tenants_with_stale_files(grace interval, tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public
as $$
    select t.id
    from public.tenant t
    where exists (select from public.upload u where u.tenant_id = t.id and u.expires_at <= clock_timestamp())
       or exists (select from public.blob b
                  where b.tenant_id = t.id and b.seen_at <= clock_timestamp() - grace
                    and not exists (select from public.attachment a
                                    where a.tenant_id = t.id and a.sha256 = b.sha256))
    order by t.id
    limit tenants_max
$$;

do $$
declare app text := current_setting('fieldbeat.app_role');
begin
    revoke execute on function tenants_with_stale_files(interval, integer) from public;
    execute format('grant execute on function tenants_with_stale_files(interval, integer) to %I', app);
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
