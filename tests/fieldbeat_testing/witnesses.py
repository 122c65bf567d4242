"""What tests let PostgreSQL itself watch: triggers, which production has none of.

`check`, in every test's database: the application cannot commit a row of a collection without its entry in the feed.
`install_log`: every number that the feed ever gave out is kept, superseded ones too.
"""

from fieldbeat.embedded.postgres import APP
from fieldbeat.exchange.registry import KEPT
from fieldbeat.kit.db import Conn

# At commit, so that the order of statements inside a transaction is free; xmin says that the entry is of this one.
_CHECK = f"""
create function published() returns trigger language plpgsql security definer set search_path = pg_catalog, public
as $$
declare stands bigint;
begin
    if session_user <> '{APP}' then
        return null;  -- a test that makes what cannot come about, as the owner
    end if;
    execute format('select rev from public.%I where tenant_id = $1 and id = $2', tg_table_name)
    into stands using new.tenant_id, new.id;
    if stands is not null and not exists (
            select from public.feed f
            where f.tenant_id = new.tenant_id and f.collection = tg_argv[0] and f.record_id = new.id and f.rev = stands
              and f.xmin = pg_current_xact_id()::xid) then
        raise exception '% % was written past the feed at rev %', tg_argv[0], new.id, stands;
    end if;
    return null;
end $$;
"""
_WATCHED = """
create constraint trigger published_new after insert on {table} deferrable initially deferred
for each row execute function published('{collection}');
create constraint trigger published after update on {table} deferrable initially deferred
for each row when ((old.rev, old.fields, old.stamps, old.deleted_at) is distinct from
                   (new.rev, new.fields, new.stamps, new.deleted_at))
execute function published('{collection}');
"""
_LOG = f"""
create table feed_log (
    tenant_id uuid, scope_id text, seq bigint, collection text, record_id uuid, kind text, rev bigint
);
create function keep_number() returns trigger language plpgsql security definer set search_path = pg_catalog, public
as $$ begin
    insert into public.feed_log
    values (new.tenant_id, new.scope_id, new.seq, new.collection, new.record_id, new.kind, new.rev);
    return null;
end $$;
create trigger keep_number after insert or update of seq on feed for each row execute function keep_number();
grant select on feed_log to {APP};
"""


def check() -> str:
    """The SQL after which the application cannot commit what it wrote past the feed."""
    watched = {**{kept.table: name for name, kept in KEPT.items()}, "conflict": "conflict"}
    return _CHECK + "".join(_WATCHED.format(table=table, collection=name) for table, name in watched.items())


async def install_log(owner: Conn) -> None:
    """From now on `feed_log` keeps every entry that is committed."""
    await owner.execute(_LOG)
