"""What a person at a terminal reads when a command cannot do what it was asked: one line, never a stack trace."""

import psycopg

from fieldbeat.embedded.refusal import CannotStart
from fieldbeat.kit.db import UnsafeRole
from fieldbeat.kit.migrations import MigrationRefused
from fieldbeat.kit.refusal import Outage, Refusal
from fieldbeat.kit.settings import SettingsInvalid


class Failed(Exception):
    """The command did not do what it said; the message is the one line."""


EXPECTED = (
    Failed, CannotStart, SettingsInvalid, MigrationRefused, UnsafeRole, Refusal, Outage,
    psycopg.OperationalError, ConnectionError,
)  # fmt: skip


def one_line(error: BaseException) -> str:
    """The message of `error` on one line."""
    return " ".join(str(error).split()) or type(error).__name__
