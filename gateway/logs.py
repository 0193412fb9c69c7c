"""What the program says to its log: text or JSON, without tokens, codes or addresses."""

import json
import logging
import re
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Any, ClassVar

import asyncpg
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http_exceptions import HttpProcessingError

# Where what PostgreSQL tells of a row ends: with what follows in a trace, or with it.
_TOLD = r"\n[ |]*HINT:|\n[ |]*\n[ |]*(?:During handling|The above exception)|\Z"
# A link's secret, a tracking code (16 digits, also in groups), a visitor's address, a password, and
# what stands in a row that PostgreSQL refused.
_SECRETS = (
    (re.compile(r"(/(?:answer|receipt)/)[A-Za-z0-9_-]{16,}"), r"\1…"),
    (re.compile(r"(?<!\d)(?:\d{4}[ -]?){3}\d{4}(?!\d)"), "…"),
    (re.compile(r"((?:request|peer|client) (?:from )?)\(?'?[0-9a-fA-F.:]{3,}'?"), r"\1…"),
    (re.compile(r"(\w+://[^:/@\s]*:)[^@\s]+@"), r"\1…@"),
    (re.compile(rf"(\n[ |]*DETAIL: ).*?(?={_TOLD})", re.S), r"\1…"),
    (
        re.compile(
            r"(invalid input (?:for query argument \$\d+|syntax for type [\w ]+): "
            rf"|field value out of range: ).*?(?={_TOLD})",
            re.S,
        ),
        r"\1…",
    ),
)


def mask(text: str) -> str:
    """`text` without link secrets, tracking codes, visitors' addresses, passwords in URLs and
    values of rows that were refused."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class _Tracer(logging.Formatter):
    """Traces without the rows that PostgreSQL refused, whatever is written in these."""

    def formatException(self, ei: Any) -> str:
        """As usual, of errors that forgot their detail."""
        error, seen = ei[1], set[int]()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            if isinstance(error, asyncpg.PostgresError):
                error.detail = None
            error = error.__cause__ or error.__context__
        return super().formatException(ei)


class TextFormatter(_Tracer):
    """One record a line, for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The masked line; a traceback follows it."""
        return mask(super().format(record))


class JsonFormatter(_Tracer):
    """One JSON object a line: at, level, logger, message and, after a fault, trace."""

    def format(self, record: logging.LogRecord) -> str:
        """The masked object."""
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": mask(record.getMessage()),
        }
        if record.exc_info:
            entry["trace"] = mask(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


def no_nonsense(record: logging.LogRecord) -> bool:
    """Leaves out what aiohttp says of bytes that are no request.

    It quotes them, and they may be somebody's cookie or address; anybody can send any number.
    """
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


def set_up(log_format: str) -> None:
    """Everything from INFO on goes to standard error as `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(no_nonsense)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)


class AccessCounter(AbstractAccessLogger):
    """Counts answers by method, route and status instead of writing a line for each."""

    counts: ClassVar[Counter[tuple[str, str, int]]] = Counter()

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Called by aiohttp after every answer; keeps the route's pattern, not the address."""
        match = getattr(request, "match_info", None)
        resource = match.route.resource if match is not None else None
        name = resource.canonical if resource is not None else "-"
        self.counts[request.method, name, response.status] += 1

    @classmethod
    def flush(cls) -> int:
        """Writes one line with what was counted since the last time; gives how many answers."""
        counted, cls.counts = cls.counts, Counter()
        if counted:
            parts = (f"{m} {r} {s} ×{n}" for (m, r, s), n in sorted(counted.items()))
            logging.getLogger("gateway.access").info("%s", "; ".join(parts))
        return counted.total()
