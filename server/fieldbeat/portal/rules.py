"""Pure decisions about the portal: how much a token takes, and what a rating is."""

from datetime import datetime, timedelta

from fieldbeat.portal.model import CommentInvalid, EntryKind, NotYetDone, PortalTicket, ScoreInvalid, TooMany
from fieldbeat.tickets.model import DONE

AN_HOUR = timedelta(hours=1)
AN_HOUR_MAX = {EntryKind.TICKET: 10, EntryKind.MESSAGE: 60}  # with one token
COMMENT_CHARACTERS_MAX = 2_000


def check_takes_more(kind: EntryKind, written: list[datetime], *, at: datetime) -> None:
    """`written`: when in the last hour this token wrote such entries, the newest first. Refuses TOO_MANY."""
    most = AN_HOUR_MAX[kind]
    if len(written) >= most:
        raise TooMany(retry_after_ms=max(1, (written[most - 1] + AN_HOUR - at) // timedelta(milliseconds=1)))


def check_rating(ticket: PortalTicket, score: int, comment: str | None) -> None:
    """Refuses INVALID a score or comment out of bounds, and a ticket that is still open."""
    if not 1 <= score <= 5:
        raise ScoreInvalid(fields=("score",))
    if comment is not None and len(comment) > COMMENT_CHARACTERS_MAX:
        raise CommentInvalid(fields=("comment",))
    if ticket.status not in DONE:
        raise NotYetDone(fields=("ticketId",))
