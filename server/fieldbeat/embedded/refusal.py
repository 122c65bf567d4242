"""Why the service does not start: one clear line for the person at the terminal, never a stack trace."""


class CannotStart(Exception):
    """Something outside the program must change first; the message says what."""
