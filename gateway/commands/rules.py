"""`gateway due` and how `gateway route` prints: the pure rules, with their reasons."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, cast

import click

from board.calendar import Calendar, packaged
from complaints.deadlines import (
    SHANGHAI,
    Day,
    Due,
    Exclusion,
    Extension,
    Limit,
    Unit,
    day_of,
)
from complaints.deadlines import (
    due as count_due,
)
from complaints.limits import AfterClose
from complaints.routing import Decision
from gateway.commands.rule_params import CalendarFile, More, Start, Stop, Written
from gateway.i18n import LANGUAGES, Words, words
from gateway.reasons import say_day, say_limit, say_step

UNITS = ("working-day", "calendar-day", "half-day", "hour")
AFTER_CLOSE = ("same-day", "next-workday")


@click.command()
@click.argument("start", type=Start(), metavar="START")
@click.argument("limit", type=click.IntRange(1, 10_000), metavar="LIMIT")
@click.option("--unit", type=click.Choice(UNITS), default=UNITS[0], show_default=True)
@click.option(
    "--exclude",
    type=Stop(),
    multiple=True,
    metavar="FROM:TO[:NOTIFIED]",
    help="Hearing, inspection and the like; NOTIFIED working days were told in writing: 0 is no"
    " notice, and left out it is the whole time.",
)
@click.option(
    "--extend", type=More(), multiple=True, metavar="N:APPROVED_ON", help="Once, in time."
)
@click.option(
    "--after-close",
    type=Written(AFTER_CLOSE),
    default=AFTER_CLOSE[0],
    show_default=True,
    help="What an event after 17:30 or on a rest day means.",
)
@click.option("--calendar", type=CalendarFile(), help="Count without a database.")
@click.option("--county", help="Whose calendar, where there are several.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One object.")
def due(
    *,
    start: date | datetime,
    limit: int,
    unit: str,
    exclude: tuple[Exclusion, ...],
    extend: tuple[Extension, ...],
    after_close: str,
    calendar: Calendar | None,
    county: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """A due day and how it was counted, from START (a date, or a date and time) and LIMIT.

    The calendar in force is the database's; without a database and without --calendar, the one
    that ships with the software.
    """
    asked = Limit(
        limit, cast(Unit, unit.replace("-", "_")), cast(AfterClose, after_close.replace("-", "_"))
    )
    in_force = calendar or calendar_in_force(county)
    try:
        found = count_due(start, asked, in_force, exclusions=exclude, extensions=extend)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    click.echo(render_due(found, as_json, words(lang)))


def calendar_in_force(county: str | None) -> Calendar:
    """The county's calendar from the database that the settings name, else the packaged one."""
    from gateway import embedded
    from gateway.commands import common

    settings = common.load_settings()
    if not settings.database_url and not embedded.url_of_running(settings.data_dir):
        return packaged()

    async def read() -> Calendar:
        from board.store.directory import load_calendar

        async with common.connect(settings) as db:
            chosen = await common.the_county(db, county)
            async with db.transaction(chosen.schema) as conn:
                return await load_calendar(conn)

    return common.run(read())


def render_due(found: Due, as_json: bool, said: Words) -> str:
    """The due day with its derivation, as one JSON object or as lines."""
    if as_json:
        return json.dumps(due_object(found), ensure_ascii=False)
    return "\n".join(_due_lines(found, said))


def due_object(found: Due) -> dict[str, Any]:
    """What `due --json` prints: due, status, days; and where the count came from."""
    return {
        "due": _time(found.at),
        "status": found.status,
        "days": [_day(day) for day in found.days],
        "limit": {"number": found.limit.number, "unit": found.limit.unit.replace("_", "-")},
        "base": _time(found.base),
        "calendar": found.calendar_version,
        "unknown_year": found.unknown_year,
    }


def render_route(decision: Decision, as_json: bool, said: Words | None = None) -> str:
    """A routing decision with its reasons, as one JSON object or as lines."""
    said = said or words("en")
    why = [
        {"rank": step.rank, "verdict": step.verdict, "reason": say_step(said, step)}
        for step in decision.why
    ]
    office, kind = decision.office.code, decision.kind
    if as_json:
        found = {"office": office, "kind": kind, "sealed": decision.sealed, "why": why}
        return json.dumps(found, ensure_ascii=False)
    return "\n".join(
        [f"{office} ({said(f'routing.receiver.{kind}')})", *_why_lines(decision, said)]
    )


def _why_lines(decision: Decision, said: Words) -> Iterator[str]:
    for step in decision.why:
        verdict = said(f"routing.verdict.{step.verdict.replace(' ', '_')}")
        yield said("routing.line", rank=step.rank, verdict=verdict, reason=say_step(said, step))


def _due_lines(found: Due, said: Words) -> Iterator[str]:
    if found.unknown_year is not None:
        yield said("deadlines.calendar_unknown", year=found.unknown_year)
    elif found.at is not None:
        when = said.moment if isinstance(found.at, datetime) else said.day
        yield said("deadlines.due", when=when(cast(datetime, found.at)))
    if found.status == "extension_void":
        yield said("deadlines.extension_void")
    start, version = found.days[0].on.isoformat(), found.calendar_version
    limit = say_limit(said, found.limit)
    yield said("deadlines.counted_from", start=start, limit=limit, version=version)
    for day in found.days:
        number = "–" if day.number is None else day.number
        yield f"{day.on} {said.weekday(day.on)}  {number:>4}  {say_day(said, day)}"


def _day(day: Day) -> dict[str, Any]:
    line = {"date": day.on.isoformat(), "counted": day.number, "reason": day.reason}
    return line | ({"session": day.session} if day.session else {})


def _time(at: date | datetime | None) -> str | None:
    if isinstance(at, datetime):
        local = at.astimezone(SHANGHAI).replace(tzinfo=None)
        return local.isoformat(timespec="seconds" if local.second else "minutes")
    return day_of(at).isoformat() if at is not None else None
