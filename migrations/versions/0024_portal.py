"""The portal: tokens of customers, what was written with them, and how customers rated the service."""

from alembic import op

revision = "0024"
down_revision = "0023"

SQL = """
set local lock_timeout = '5s';

-- A token that a contact was given; its secret is not kept. It is revoked, never deleted.
create table portal_token (
    tenant_id uuid not null,
    id uuid not null,
    contact_id uuid not null,
    token_hash bytea not null,
    issued_by uuid not null,
    issued_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, contact_id) references contact (tenant_id, id),
    foreign key (tenant_id, issued_by) references person (tenant_id, id)
);
create index portal_token_contact on portal_token (tenant_id, contact_id, issued_at, id);
select guard_tenant_table('portal_token', privileges => 'select, insert, update');

-- A ticket or message (`id`) that was written with a token: so many are taken in an hour.
create table portal_entry (
    tenant_id uuid not null,
    id uuid not null,
    token_id uuid not null,
    kind text not null check (kind in ('TICKET', 'MESSAGE')),
    at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, id),
    foreign key (tenant_id, token_id) references portal_token (tenant_id, id)
);
create index portal_entry_token on portal_entry (tenant_id, token_id, kind, at);
select guard_tenant_table('portal_entry', privileges => 'select, insert');

create table ticket_rating (
    tenant_id uuid not null,
    ticket_id uuid not null,
    contact_id uuid not null,
    score integer not null check (score between 1 and 5),
    comment text check (length(comment) <= 2000),
    at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, ticket_id),
    foreign key (tenant_id, ticket_id) references ticket (tenant_id, id),
    foreign key (tenant_id, contact_id) references contact (tenant_id, id)
);
select guard_tenant_table('ticket_rating');

create index ticket_account_number on ticket (tenant_id, account_id, number desc);
"""


def upgrade() -> None:
    op.execute(SQL)
