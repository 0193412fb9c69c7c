"""What the desk sets beside the county's directory, in files: limits that matters had before, the
limits of a complaint's life, words of letters. Read, checked, compared and written back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

import asyncpg

from board.county_changes import Change, compare_rows
from board.model import County
from board.store import county as county_store
from board.store import county_matters, directory
from complaints.limits import Limit
from complaints.store import terms as terms_store
from complaints.term_rules import find_clashes, find_fault
from complaints.terms import DEFAULTS, LimitKind
from gateway.county_files import limits
from gateway.county_files.checking import duplicates, whole
from gateway.county_files.faults import Fault
from gateway.county_files.own_tables import CaseLimit, MessageText
from gateway.county_files.parsing import Files, Placed
from gateway.i18n import words
from gateway.mail import wording_checks
from gateway.mail.wordings import PREFIX
from gateway.store import message_texts

KEYS: Mapping[str, Callable[[Any], Any]] = {
    "former_limits": attrgetter("matter", "valid_from"),
    "case_limits": attrgetter("kind"),
    "message_texts": attrgetter("key", "language", "form"),
}
# Which processes read again.
_VERSION_OF = {
    "former_limits": "directory",
    "case_limits": "calendar",
    "message_texts": "texts",
}


@dataclass(frozen=True, slots=True)
class Own:
    """{part: its rows}, as they stand in the database."""

    parts: Mapping[str, tuple[Any, ...]]


NOTHING = Own(dict.fromkeys(KEYS, ()))


async def read(conn: asyncpg.Connection) -> Own:
    """All that the desk set."""
    own, texts = await terms_store.list_limits(conn), await message_texts.list_texts(conn)
    return Own(
        {
            "former_limits": await directory.list_former_limits(conn),
            "case_limits": tuple(
                CaseLimit(kind, each.number, each.unit) for kind, each in own.items()
            ),
            "message_texts": tuple(MessageText(*place, text) for place, text in texts.items()),
        }
    )


def rows_of(part: str, own: Own, county: County) -> list[Any]:
    """Rows for a file, in its order, without what holds nowhere and no import would take: words
    that fit their letter no more, and limits of the past that were to begin later than those in
    force."""
    rows = sorted(own.parts[part], key=KEYS[part])
    begins = {matter.code: matter.valid_from for matter in county.matters}
    if part == "former_limits":
        return [row for row in rows if row.valid_from < begins[row.matter]]
    if part == "message_texts":
        return [row for row in rows if _wording_fault(row) is None]
    return rows


def check(files: Files, old: County) -> Iterator[Fault]:
    """Every fault of these files, by themselves and against the county's matters."""
    for part, key in KEYS.items():
        yield from duplicates(part, files.parts.get(part, []), key)
    begins = {each.row.code: each.row.valid_from for each in whole(files, old)["matters"]}
    for placed in files.parts.get("former_limits", ()):
        code, first = placed.row.matter, placed.row.valid_from
        known = code in begins or code in files.broken["matters"] or "matters" in files.unread
        if not known:
            yield placed.fault("matter", "unknown", value=code, file="matters.csv")
        if code in begins and first >= begins[code]:
            yield placed.fault("valid_from", "former_too_late", value=first, day=begins[code])
        yield from limits.matter_faults(placed)
    yield from _limit_faults(files.parts.get("case_limits", []))
    for placed in files.parts.get("message_texts", ()):
        found = _wording_fault(placed.row)
        if found:
            yield placed.fault(*found[:2], value=found[2])


def _limit_faults(rows: list[Placed]) -> Iterator[Fault]:
    by_kind: dict[LimitKind, Placed] = {placed.row.kind: placed for placed in rows}
    for kind, placed in by_kind.items():
        if find_fault(kind, placed.row.number, placed.row.unit):
            yield placed.fault("unit", "county_terms.fault.working_days")
    own = _limits(placed.row for placed in rows)
    set_ = {**DEFAULTS, **own}
    for kind, clash in find_clashes(own, by_kind.keys()).items():
        other = set_[clash.other]
        said = {"other": clash.other, "limit": f"{other.number} {other.unit}"}
        # The defaults fit together, so that one of the two is a line.
        placed = by_kind.get(kind) or by_kind[clash.other]
        yield placed.fault("number", f"county_terms.fault.{clash.kind}", **said)


def _limits(rows: Iterator[CaseLimit]) -> dict[LimitKind, Limit]:
    return {row.kind: Limit(row.number, row.unit) for row in rows}


def _wording_fault(row: MessageText) -> tuple[str, str, str] | None:
    """Column, key and value of what is wrong with a wording."""
    say = words(row.language)
    if not row.key.startswith(PREFIX) or row.key not in say:
        return "key", "no_message", row.key
    if row.form >= len(say.forms(row.key)):
        return "form", "no_message", f"{row.key} {row.form}"
    default = say.forms(row.key)[row.form]
    wording = wording_checks.fitted(default, row.wording)
    fault = wording_checks.find_fault(row.key, row.language, default, wording)
    return ("wording", f"county_texts.fault.{fault.key}", fault.value) if fault else None


def compare(files: Files, old: Own) -> dict[str, Change]:
    """{part: Change} for what the files say otherwise. Limits that a matter had stay without a
    line: what was received then is measured by them."""
    changes = {}
    for part, key in KEYS.items():
        if part in files.parts:
            rows = [_whole(each.row) for each in files.parts[part]]
            before, after = old.parts[part], [row for row in rows if not _is_default(row)]
            after = [*before, *after] if part == "former_limits" else after
            changes[part] = compare_rows(before, after, key)
    return {part: change for part, change in changes.items() if change}


def _whole(row: Any) -> Any:
    """A row as it is stored: a cell has lost the blanks at its edges."""
    if not isinstance(row, MessageText):
        return row
    wording = wording_checks.fitted(_default(row), row.wording)
    return MessageText(row.key, row.language, row.form, wording)


def _is_default(row: Any) -> bool:
    """Whether a line says what holds without it, which the desk keeps nothing for either."""
    if isinstance(row, CaseLimit):
        return DEFAULTS[row.kind] == Limit(row.number, row.unit)
    return isinstance(row, MessageText) and row.wording == _default(row)


def _default(row: MessageText) -> str:
    return words(row.language).forms(row.key)[row.form]


async def write(
    conn: asyncpg.Connection, changes: Mapping[str, Change], files: Files, now: datetime
) -> None:
    """Writes those of `compare` inside the caller's transaction, after the matters."""
    if "former_limits" in changes:
        rows = changes["former_limits"].written
        await county_matters.insert_or_update_former_limits(conn, rows)
    if "case_limits" in changes:
        lines = (placed.row for placed in files.parts["case_limits"])
        own = _limits(row for row in lines if not _is_default(row))
        await terms_store.replace_limits(conn, own, now)
    if "message_texts" in changes:
        put = {KEYS["message_texts"](row): row.wording for row in changes["message_texts"].written}
        gone = [KEYS["message_texts"](row) for row in changes["message_texts"].removed]
        await message_texts.insert_or_update_texts(conn, put, now, None)
        await message_texts.delete_texts(conn, gone)
    for kind in sorted({_VERSION_OF[part] for part in KEYS if part in changes}):
        await county_store.update_version(conn, kind, now)
