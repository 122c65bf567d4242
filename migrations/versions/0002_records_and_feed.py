"""Records: history, conflicts, the feed per scope, devices, settled mutations, outbox."""

from alembic import op

revision = "0002"
down_revision = "0001"

SQL = r"""
set local lock_timeout = '5s';

-- Every field that an edit carried, losers too; kept for good. One edit raises a record's rev once and writes a field once.
-- `field` is a register, group, counter, set or state by its wire name, `custom.<key>`, `*` for a delete, and
-- `+<child id>` for a child whose creation keeps this record alive (it does not raise the rev).
create table field_write (
    tenant_id uuid not null,
    collection text not null,
    record_id uuid not null,
    field text not null,
    rev bigint not null,
    replica integer not null,
    seq bigint not null,
    hlc bigint not null,
    rank smallint not null default 0,
    epoch integer not null default 0,
    value jsonb,
    actor_id uuid not null,
    device_id uuid,
    applied_at timestamptz not null,
    outcome text not null check (outcome in ('WON', 'LOST', 'ADDED')),
    rule text not null,
    primary key (tenant_id, collection, record_id, field, rev)
);
create index field_write_rev on field_write (tenant_id, collection, record_id, rev desc);
select guard_tenant_table('field_write', privileges => 'select, insert');

-- Collection `conflict`, in the scopes of its record.
create table conflict (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    collection text generated always as (fields ->> 'collection') stored,
    record_id uuid generated always as ((fields ->> 'recordId')::uuid) stored,
    field text generated always as (fields ->> 'field') stored,
    status text generated always as (fields ->> 'status') stored check (status in ('OPEN', 'RESOLVED', 'DISMISSED', 'SUPERSEDED')),
    winner_replica integer not null,
    loser_replica integer not null,
    record_rev bigint not null,                     -- the record's rev that the conflict arose with
    winner_rev bigint not null,                     -- the revs at which both values were written
    loser_rev bigint not null,
    primary key (tenant_id, id)
);
create index conflict_record on conflict (tenant_id, collection, record_id, status);
create index conflict_status on conflict (tenant_id, status, id);
select guard_tenant_table('conflict');

-- The commit-ordered, gapless counter of each scope; raised as the last step of a writing transaction.
create table scope_head (
    tenant_id uuid not null references tenant (id),
    scope_id text not null,
    head bigint not null check (head >= 0),
    live_rows bigint not null default 0,
    checksum numeric(20, 0) not null default 0,     -- modulo 2^64, see docs/protocol.md
    horizon bigint not null default 0,              -- a cursor below it resyncs the scope
    primary key (tenant_id, scope_id)
) with (fillfactor = 50);
select guard_tenant_table('scope_head');

-- The newest entry of each record per scope, in commit order; `doc` is the rendered rest of a PUT entry.
create table feed (
    tenant_id uuid not null,
    scope_id text not null,
    seq bigint not null,
    collection text not null,
    record_id uuid not null,
    kind text not null check (kind in ('PUT', 'DELETE', 'EVICT')),
    rev bigint not null,
    doc text,
    at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, scope_id, collection, record_id),
    constraint feed_order unique (tenant_id, scope_id, seq)
);
select guard_tenant_table('feed');

-- One install of the app under one user. The ratchet is a counter; the token on the wire is derived from it.
create table device (
    tenant_id uuid not null,
    id uuid not null,
    install_id uuid not null,
    user_id uuid not null,
    platform text not null check (platform in ('IOS', 'ANDROID', 'WEB', 'OTHER')),
    name text,
    app_version text,
    schema_version integer not null,
    push_token text,
    incarnation integer not null,                   -- the current replica number
    last_seq bigint not null default 0,
    last_hlc bigint not null default 0,
    ratchet bigint not null default 0,
    skew_ms bigint,                                 -- set when a push showed more than 60 s
    given bytea,                                    -- the cursor that its last completed pull was answered with,
    given_at timestamptz,                           -- and when: what a delete that it sends can have seen
    wiped_at timestamptz,
    registered_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, id),
    unique (tenant_id, install_id, user_id),
    foreign key (tenant_id, user_id) references person (tenant_id, id)
);
create index device_user on device (tenant_id, user_id, id);
select guard_tenant_table('device');

-- Every replica number ever issued, with what it continues: dots (previous, <= previous_last_seq) are its own, recursively.
create table incarnation (
    tenant_id uuid not null,
    replica integer not null,
    device_id uuid not null,
    user_id uuid not null,
    previous integer,
    previous_last_seq bigint,
    issued_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, replica),
    foreign key (tenant_id, device_id) references device (tenant_id, id)
);
create index incarnation_device on incarnation (tenant_id, device_id);
select guard_tenant_table('incarnation', privileges => 'select, insert');

-- The verdict of every mutation, by its number; `repeats` marks one whose uuid was settled before under another number.
-- A rejected one keeps its payload for its author, as escaped text: it may hold what jsonb cannot.
create table settled_mutation (
    tenant_id uuid not null,
    replica integer not null,
    seq bigint not null,
    user_id uuid not null,
    uuid uuid not null,
    repeats boolean not null default false,
    device_id uuid not null,
    collection text not null,
    record_id uuid not null,
    op text not null,
    payload_hash bytea not null,
    status text not null check (status in ('APPLIED', 'MERGED', 'CONFLICT', 'REJECTED')),
    rev bigint,
    conflict_ids uuid[] not null default '{}',
    existing_id uuid,
    code text,
    message text,
    fields text[] not null default '{}',
    patch text,
    at timestamptz not null,                        -- the effective time of the edit
    settled_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, replica, seq),
    check ((status = 'REJECTED') = (code is not null))
);
create unique index settled_mutation_once on settled_mutation (tenant_id, user_id, uuid) where not repeats;
create index settled_mutation_rejected on settled_mutation (tenant_id, user_id, settled_at desc, replica, seq)
    where status = 'REJECTED';
create index settled_mutation_create on settled_mutation (tenant_id, device_id, record_id) where op = 'CREATE';
select guard_tenant_table('settled_mutation');

-- Effects to come (notifications, webhooks, jobs), written with their cause; unique by cause and effect.
create table outbox (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    cause uuid not null,
    effect text not null,
    payload jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    due_at timestamptz not null default clock_timestamp(),
    done_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, cause, effect)
);
create index outbox_due on outbox (tenant_id, due_at, id) where done_at is null;
select guard_tenant_table('outbox');
"""


def upgrade() -> None:
    op.execute(SQL)
