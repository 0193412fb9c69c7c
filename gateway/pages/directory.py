"""The directory: units, their people and matters, and the service hall; a way in from each.

A staff page is what the QR code on a placard opens.
"""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from urllib.parse import quote

from aiohttp import web

from board.directory import Directory
from board.model import Matter, Section, Staff, Unit, UnitKind, Window
from gateway.cache import public_page

# The county's own bodies stand with its departments; the level above is not in the county.
COUNTY_KINDS: frozenset[UnitKind] = frozenset(
    {"department", "bureau", "government", "petition", "discipline", "hotline"}
)
MOST_FOUND = 20
# Longer than any name; a search for more would only cost time.
LONGEST_QUERY = 100


async def index(request: web.Request) -> web.Response:
    """`GET /directory/`: all units, or with `?q=` the matters, people and units that fit."""
    query = " ".join(request.query.get("q", "").split())[:LONGEST_QUERY]
    if query:
        return await public_page(
            request, "directory/found.html", lambda directory, day: _found(directory, query, day)
        )
    return await public_page(request, "directory/index.html", _all_units)


def _found(directory: Directory, query: str, today: date) -> dict[str, object]:
    # A number is a number with any blanks in it, where the search takes blanks to part words.
    numbered = directory.by_number(query)
    people = [p for p in directory.find_staff(query, limit=MOST_FOUND) if p != numbered]
    if numbered:
        people.insert(0, numbered)
    return {
        "query": query,
        "today": today,
        "staff": [_with_place(directory, person) for person in people],
        "units": directory.find_units(query, limit=MOST_FOUND),
        "matters": [
            (matter, directory.unit(matter.unit))
            for matter in directory.find_matters(query, limit=MOST_FOUND)
        ],
    }


def _with_place(directory: Directory, person: Staff) -> tuple[Staff, Unit | None, Window | None]:
    return person, directory.unit(person.unit), directory.window(person.window)


def _all_units(directory: Directory, _today: date) -> dict[str, object]:
    return {
        "departments": [unit for unit in directory.units if unit.kind in COUNTY_KINDS],
        "towns": [unit for unit in directory.units if unit.kind == "town"],
        "windows": len(directory.windows),
    }


async def hall(request: web.Request) -> web.Response:
    """`GET /directory/hall`: every window of the service hall and who sits there."""
    return await public_page(request, "directory/hall.html", _windows)


def _windows(directory: Directory, today: date) -> dict[str, object]:
    rows = [
        (window, _unit_of(directory, window), directory.staff_at(window.code, today))
        for window in directory.windows
    ]
    halls = [(name, list(found)) for name, found in groupby(rows, lambda row: row[0].hall)]
    return {"halls": halls}


def _unit_of(directory: Directory, window: Window) -> Unit | None:
    section = directory.section(window.section)
    return directory.unit(section.unit) if section else None


async def unit(request: web.Request) -> web.Response:
    """`GET /units/{code}`; a code in other case is sent to the right address."""
    code = request.match_info["code"]
    return await public_page(
        request, "directory/unit.html", lambda directory, day: _unit(directory, code, day)
    )


def _unit(directory: Directory, code: str, today: date) -> dict[str, object]:
    found = directory.unit(code)
    if found is None:
        raise _elsewhere("/units/", directory.unit(code.strip().upper()))
    people = directory.staff_of_unit(found.code, today)
    head = directory.head_of(found.code)
    return {
        "unit": found,
        "head": head if head and head.serves_on(today) else None,
        "sections": _sections(directory.sections_of(found.code), people),
        "others": [person for person in people if person.section is None],
        "matters": directory.matters_of(found.code),
        "offices": directory.offices_of(found.code),
    }


def _elsewhere(folder: str, known: Unit | Matter | None) -> web.HTTPException:
    """The way to the right address of something, or 404."""
    if known is None:
        return web.HTTPNotFound()
    return web.HTTPMovedPermanently(folder + quote(known.code))


def _sections(
    sections: Iterable[Section], people: Iterable[Staff]
) -> list[tuple[Section, list[Staff]]]:
    """Each section with the people who serve there, in the county's order."""
    rows: dict[str, list[Staff]] = {}
    for person in people:
        rows.setdefault(person.section or "", []).append(person)
    return [(section, rows.get(section.code, [])) for section in sections]


async def staff(request: web.Request) -> web.Response:
    """`GET /staff/{badge}`: any retyping of a badge or placard number goes to the badge's page."""
    number = request.match_info["badge"]
    return await public_page(
        request, "directory/staff.html", lambda directory, day: _person(directory, number, day)
    )


def _person(directory: Directory, number: str, today: date) -> dict[str, object]:
    person = directory.person(number)
    if person is None:
        known = directory.by_number(number)
        if known:
            raise web.HTTPMovedPermanently(f"/staff/{quote(known.badge)}")
        raise web.HTTPNotFound
    return {
        "person": person,
        "left": person.until if person.until and person.until < today else None,
        "unit": directory.unit(person.unit),
        "section": directory.section(person.section),
        "window": directory.window(person.window),
        "today": today,
    }


async def matter(request: web.Request) -> web.Response:
    """`GET /matters/{code}`; a code in other case is sent to the right address."""
    code = request.match_info["code"]
    return await public_page(
        request, "directory/matter.html", lambda directory, day: _matter(directory, code, day)
    )


# What counties write for nothing; said in the page's own words.
_FREE = frozenset({"不收费", "免费"})


def _matter(directory: Directory, code: str, day: date) -> dict[str, object]:
    newest, found = directory.matter(code), directory.matter_on(code, day)
    if newest is None or found is None:
        raise _elsewhere("/matters/", directory.matter(code.strip().upper()))
    return {
        "matter": found,
        # Limits that are published already and do not hold yet.
        "coming": newest if newest.valid_from > day else None,
        "fee": "" if found.fee in _FREE else found.fee,
        "unit": directory.unit(found.unit),
        "section": directory.section(found.section),
        "materials": directory.materials_of(found.code),
        "steps": [line for line in map(str.strip, found.steps.splitlines()) if line],
        "parallel": [
            (step, directory.unit(step.unit)) for step in directory.parallel_steps_of(found.code)
        ],
    }
