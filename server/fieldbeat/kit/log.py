"""The log: structured lines on stderr, the same shape for our own events and for those of the libraries.

Stdout belongs to the commands' answers, so nothing is ever logged there.
"""

import logging
import sys

import structlog
from structlog.typing import Processor

from fieldbeat.kit.settings import Settings

QUIET = (
    "httpx",
    "httpcore",
    "alembic.runtime.plugins",
    "asyncio",
    "arq.worker",
)  # noisy at info; their warnings still come


def configure_log(settings: Settings) -> None:
    """Send every log line of this process to stderr, as text or as JSON (one object a line, instants in UTC)."""
    text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(text)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _rendering(text: bool) -> list[Processor]:
    last: list[Processor]
    if text:
        last = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                exception_formatter=structlog.dev.plain_traceback,  # no locals: they hold secrets
            )
        ]
    else:
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
