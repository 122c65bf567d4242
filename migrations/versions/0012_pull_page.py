"""A page of a pull in one round trip: who asks, what he may see and what changed there, in one snapshot."""

from alembic import op

revision = "0012"
down_revision = "0011"

SQL = r"""
set local lock_timeout = '5s';

-- How each entry begins on the wire, behind the end of the one before: rendered with the row, like its document.
alter table feed add column head text generated always as (
    '},{"scope":"' || scope_id || '","collection":"' || collection || '","id":"' || record_id || '","kind":"' || kind || '",'
) stored;

-- The ids of all scopes in which a person sees records today. What a role or a share opens is added here, once for all.
create function scopes_held(actor_id uuid, actor_role text) returns setof text
language sql stable
as $$
    select 'tenant'
    union all
    select 'territory:' || id from held_territories(actor_id, actor_role) as held (id)
    union all
    select 'user:' || id from people_under(actor_id, actor_role) as under (id)
$$;

-- What an access token is worth now; no row: there is no such person. Indexes: person's primary key, refresh_token_family.
create function session_standing(person_id uuid, family uuid)
returns table (role text, deactivated_at timestamptz, at timestamptz, live boolean)
language sql stable
as $$
    select p.role, p.deactivated_at, clock_timestamp(),
           exists (select from refresh_token r
                   where r.tenant_id = p.tenant_id and r.family_id = family and r.user_id = p.id and r.revoked_at is null)
    from person p
    where p.tenant_id = current_tenant() and p.id = person_id and p.deleted_at is null
$$;

-- What stands around a page: who asks, and where it begins in each scope that has something for him. It runs as its
-- caller, under row-level security like every read: it binds the tenant for the transaction, and being stable it reads in
-- the snapshot of the statement that calls it. `family`: his sign-in, then his role is the person's, else it is given.
--
-- `about`: the session's standing, the epoch, the device, and the scopes held with their heads in the order of pages
-- (null when the device is not the reader's or the session has ended). `known`, `seqs`, `horizons`: the cursor's; a scope
-- below its horizon begins at 0 by the rule of exchange/pull.py. Indexes: primary keys, refresh_token_family.
create function pull_plan(tenant uuid, reader uuid, family uuid, reader_role text, asking_id uuid, reading integer,
                          known text[], seqs bigint[], horizons bigint[], out about text, out ids text[], out since bigint[])
language plpgsql stable set plan_cache_mode = force_generic_plan
as $$
declare
    standing json;
    epoch bigint;
    asking json;
    heads json;
    may_read boolean;
begin
    perform set_config('fieldbeat.tenant_id', tenant::text, true);
    if family is not null then
        select row_to_json(s), case when s.live and s.deactivated_at is null then s.role end into standing, reader_role
        from session_standing(reader, family) s;
    end if;
    select i.epoch,
           case when d.id is not null then json_build_object(
               'user_id', d.user_id, 'incarnation', d.incarnation, 'last_seq', d.last_seq, 'wiped_at', d.wiped_at,
               'was_given', d.given is not null) end,
           reader_role is not null and d.user_id = reader and d.incarnation = reading and d.wiped_at is null
    into epoch, asking, may_read
    from installation i left join device d on d.tenant_id = tenant and d.id = asking_id;
    if may_read then
        select json_agg(json_build_array(held.id, held.head, held.live_rows, held.checksum, held.horizon)),
               array_agg(held.id) filter (where held.since < held.head),
               array_agg(held.since) filter (where held.since < held.head)
        into heads, ids, since
        from (
            select s.id, coalesce(h.head, 0) as head, coalesce(h.live_rows, 0) as live_rows,
                   coalesce(h.checksum, 0) as checksum, coalesce(h.horizon, 0) as horizon,
                   case when coalesce(k.seq, 0) < h.horizon and coalesce(k.horizon, h.horizon) < h.horizon then 0
                        else coalesce(k.seq, 0) end as since
            from scopes_held(reader, reader_role) as s (id)
            left join scope_head h on h.tenant_id = tenant and h.scope_id = s.id
            left join unnest(known, seqs, horizons) as k (id, seq, horizon) on k.id = s.id
            order by s.id <> 'tenant', s.id not like 'user:%', s.id collate "C") held;
    end if;
    about := json_build_object('session', standing, 'epoch', epoch, 'now', clock_timestamp(), 'device', asking,
                               'scopes', heads);
end $$;

-- What a completed pull was answered with, in one round trip. Losing it costs a conflict more, so it need not wait for
-- the disk.
create function note_given(tenant uuid, device_id uuid, reading integer, cursor_given bytea, at timestamptz) returns void
language plpgsql
as $$
begin
    perform set_config('fieldbeat.tenant_id', tenant::text, true), set_config('synchronous_commit', 'off', true);
    update device d set given = cursor_given, given_at = at, seen_at = at
    where d.tenant_id = tenant and d.id = device_id and d.incarnation = reading;
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
