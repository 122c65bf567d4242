"""Alembic in a process of its own (`python -m fieldbeat.kit.upgrade`): a second of imports that a start pays only when
there is something to migrate. The order comes on stdin, so that no password stands in a list of processes."""

import sys

import orjson
from alembic import command
from alembic.config import Config

from fieldbeat.kit.revisions import FOLDER


def main() -> None:
    """Upgrade to the newest revision by an order `{"url", "app_role"}`."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes.update(orjson.loads(sys.stdin.read()))
    command.upgrade(config, "head")


if __name__ == "__main__":
    main()
