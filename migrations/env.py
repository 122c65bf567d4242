"""How alembic runs our migrations: plain SQL, sent as it is written, one transaction each, one migrator at a time.

Started by fieldbeat.kit.migrations alone, which gives the owner's URL and the application's role.
"""

from typing import Any

from alembic import context
from alembic.ddl.postgresql import PostgresqlImpl
from sqlalchemy import NullPool, create_engine, text

from fieldbeat.kit.migrations import MIGRATORS_LOCK


class PlainSql(PostgresqlImpl):
    """Sends text as it is: `:name` and `%` mean nothing in our SQL, and a migration may hold many statements."""

    __dialect__ = "postgresql"

    def execute(self, sql: Any, execution_options: dict[str, Any] | None = None) -> None:
        """Run a migration's SQL."""
        if isinstance(sql, str):
            assert self.connection is not None
            self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        else:
            super().execute(sql, execution_options)


def run() -> None:
    """Bring the database to the newest revision."""
    attributes = context.config.attributes
    engine = create_engine(attributes["url"].replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.connect() as connection:  # the lock is the session's, so it goes with the connection
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": MIGRATORS_LOCK})
        connection.execute(
            text("select set_config('fieldbeat.app_role', :role, false)"), {"role": attributes["app_role"]}
        )
        connection.commit()
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


run()
