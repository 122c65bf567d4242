"""Visits with plans and templates, tickets with messages, notifications; how the time of a write is known."""

from alembic import op

revision = "0011"
down_revision = "0010"

_RECORD = """
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
"""

SQL = f"""
set local lock_timeout = '5s';

-- SERVER: the server's clock; BOOT: the device's time since boot; DEVICE: its calendar.
alter table field_write add column timing text not null default 'SERVER' check (timing in ('SERVER', 'BOOT', 'DEVICE'));

-- Reads an instant of a row. Immutable, for instants carry their offset: the session's time zone decides nothing.
create function instant(text) returns timestamptz language sql immutable strict parallel safe
as $$ select ($1::timestamptz) $$;

-- Reads a date of a row, YYYY-MM-DD, which every DateStyle reads alike.
create function local_date(text) returns date language sql immutable strict parallel safe
as $$ select ($1::date) $$;

create table visit_plan ({_RECORD}
    rep_id uuid not null generated always as ((fields ->> 'repId')::uuid) stored,
    from_on date not null generated always as (local_date(fields ->> 'from')) stored,
    until_on date not null generated always as (local_date(fields ->> 'until')) stored,
    status text not null generated always as (fields ->> 'status') stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, rep_id) references person (tenant_id, id)
);
create index visit_plan_rep on visit_plan (tenant_id, rep_id, from_on, id);
select guard_tenant_table('visit_plan');

create table visit_plan_line ({_RECORD}
    plan_id uuid not null generated always as ((fields ->> 'planId')::uuid) stored,
    account_id uuid not null generated always as ((fields ->> 'accountId')::uuid) stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, plan_id) references visit_plan (tenant_id, id),
    foreign key (tenant_id, account_id) references account (tenant_id, id)
);
create index visit_plan_line_plan on visit_plan_line (tenant_id, plan_id, id);
create index visit_plan_line_account on visit_plan_line (tenant_id, account_id, id);
select guard_tenant_table('visit_plan_line');

create table visit_template ({_RECORD}
    name text not null generated always as (fields ->> 'name') stored,
    status text not null generated always as (fields ->> 'status') stored,
    primary key (tenant_id, id)
);
create index visit_template_name on visit_template (tenant_id, name, id);
select guard_tenant_table('visit_template');

create table visit ({_RECORD}
    account_id uuid not null generated always as ((fields ->> 'accountId')::uuid) stored,
    rep_id uuid generated always as ((fields ->> 'repId')::uuid) stored,
    plan_id uuid generated always as ((fields ->> 'planId')::uuid) stored,
    status text not null generated always as (fields ->> 'status') stored,
    starts_at timestamptz not null generated always as (instant(fields #>> '{{window,plannedStart}}')) stored,
    ends_at timestamptz not null generated always as (instant(fields #>> '{{window,plannedEnd}}')) stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, account_id) references account (tenant_id, id),
    foreign key (tenant_id, rep_id) references person (tenant_id, id),
    foreign key (tenant_id, plan_id) references visit_plan (tenant_id, id)
);
create index visit_account on visit (tenant_id, account_id, starts_at, id);
create index visit_rep on visit (tenant_id, rep_id, starts_at, id);
create index visit_plan_visits on visit (tenant_id, plan_id, starts_at, id) where plan_id is not null;
select guard_tenant_table('visit');

create table ticket ({_RECORD}
    account_id uuid not null generated always as ((fields ->> 'accountId')::uuid) stored,
    assignee_id uuid generated always as ((fields ->> 'assigneeId')::uuid) stored,
    number bigint generated always as ((fields ->> 'number')::bigint) stored,
    status text not null generated always as (fields ->> 'status') stored,
    priority text not null generated always as (fields ->> 'priority') stored,
    subject text not null generated always as (fields ->> 'subject') stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, account_id) references account (tenant_id, id),
    foreign key (tenant_id, assignee_id) references person (tenant_id, id)
);
create unique index ticket_number on ticket (tenant_id, number);
create index ticket_account on ticket (tenant_id, account_id, id);
create index ticket_assignee on ticket (tenant_id, assignee_id, status, id);
select guard_tenant_table('ticket');

-- The last number given, per tenant.
create table ticket_counter (
    tenant_id uuid primary key references tenant (id),
    last_number bigint not null check (last_number >= 0)
);
select guard_tenant_table('ticket_counter');

create table ticket_message ({_RECORD}
    ticket_id uuid not null generated always as ((fields ->> 'ticketId')::uuid) stored,
    author_id uuid generated always as ((fields ->> 'authorId')::uuid) stored,
    public boolean not null generated always as ((fields ->> 'public')::boolean) stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, ticket_id) references ticket (tenant_id, id)
);
create index ticket_message_ticket on ticket_message (tenant_id, ticket_id, id);
select guard_tenant_table('ticket_message');

create table notification ({_RECORD}
    user_id uuid not null generated always as ((fields ->> 'userId')::uuid) stored,
    status text not null generated always as (fields ->> 'status') stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references person (tenant_id, id)
);
create index notification_user on notification (tenant_id, user_id, status, id);
select guard_tenant_table('notification');
"""


def upgrade() -> None:
    op.execute(SQL)
