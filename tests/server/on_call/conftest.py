"""The company, ready-made."""

from fieldbeat_testing.settled import database, founded, harbour

__all__ = ["database", "founded", "harbour"]  # fixtures
