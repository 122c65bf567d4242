"""A company with business hours in Shanghai, and a promise."""

from fieldbeat_testing.settled import database, founded, harbour

__all__ = ["database", "founded", "harbour"]  # fixtures
