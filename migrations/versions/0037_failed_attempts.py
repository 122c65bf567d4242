"""Failed attempts to sign in, over all processes and tenants."""

from alembic import op

revision = "0037"
down_revision = "0036"

SQL = r"""
set local lock_timeout = '5s';

-- Of an e-mail or a client's address, kept as a hash: who tried what is nobody's to read. `free`: how many failures cost
-- no wait.
create table failed_attempts (
    subject bytea primary key check (octet_length(subject) = 32),
    free integer not null,
    failures integer not null check (failures > 0),
    last_at timestamptz not null,
    waits_until timestamptz not null
);
create index failed_attempts_last on failed_attempts (last_at);

do $do$
begin
    execute format('grant select, insert, update, delete on failed_attempts to %I', current_setting('fieldbeat.app_role'));
end
$do$;
"""


def upgrade() -> None:
    op.execute(SQL)
