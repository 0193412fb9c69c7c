"""`/desk/county/offices`: the oversight offices, who sits in them and which stands above which."""

from collections.abc import Mapping
from typing import Any, get_args

from aiohttp import web

from board.directory import Directory
from board.model import Office, OfficeKind
from gateway.context import CONTEXT
from gateway.county_files.cells import written
from gateway.county_files.editing import COLUMNS, Edit, read_row
from gateway.desk.access import may
from gateway.desk.sessions import current, desk_form
from gateway.i18n import Words
from gateway.pages.desk.county.editing import edit, summary, told
from gateway.pages.desk.county.seen import MovedOn, unless_moved
from gateway.pages.desk.views import desk_page
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, name_in, say, see_other

OFFICES = "/desk/county/offices"
KINDS: tuple[str, ...] = get_args(OfficeKind)
# People type badges one after the other; a county file parts them by "|".
_PARTING = str.maketrans("，、；,;\n", "||||||")


async def show(request: web.Request) -> web.Response:
    """`GET /desk/county/offices`."""
    directory = (await _snapshot(request)).directory
    rows = [
        (office, directory.unit(office.unit), directory.office(office.above), _people(directory,
         [office.head_badge] if office.head_badge else []), _people(directory, office.members))
        for office in directory.offices
    ]  # fmt: skip
    edits = may(current(request).roles, f"{OFFICES}/new")
    done = request.query.get("done", "")
    saved = directory.office(done)
    return desk_page(request, "desk/county/offices.html", rows=rows, edits=edits, saved=saved)


def _people(directory: Directory, badges: Any) -> list[tuple[str, Any]]:
    return [(badge, directory.person(badge)) for badge in badges]


async def new(request: web.Request) -> web.Response:
    """`GET /desk/county/offices/new`."""
    return await _form(request, None, {})


async def show_one(request: web.Request) -> web.Response:
    """`GET /desk/county/offices/{code}`: the form; 404 for a code that this county has not."""
    office = (await _snapshot(request)).directory.office(request.match_info["code"])
    if office is None:
        raise web.HTTPNotFound
    return await _form(request, office, _texts(office))


def _texts(office: Office) -> dict[str, str]:
    return {column: written(getattr(office, column)) for column in COLUMNS["offices"]}


async def create(request: web.Request) -> web.Response:
    """`POST /desk/county/offices`: a new one; 422 when another has its code."""
    return await _save(request, None)


async def change(request: web.Request) -> web.Response:
    """`POST /desk/county/offices/{code}`: offices are kept, so the code stays."""
    office = (await _snapshot(request)).directory.office(request.match_info["code"])
    if office is None:
        raise web.HTTPNotFound
    return await _save(request, office)


async def _save(request: web.Request, office: Office | None) -> web.Response:
    form, directory = desk_form(request), (await _snapshot(request)).directory
    texts = {column: form.first(column).strip() for column in COLUMNS["offices"]}
    texts["members"] = _parted(texts["members"])
    if office is not None:
        texts["code"] = office.code
    row, faults = read_row("offices", texts)
    if faults:
        return await _form(request, office, texts, told(say(request), faults), status=422)
    if office is None and row == directory.office(row.code):
        # Pressed twice: it is there as it was asked for.
        return see_other(f"{OFFICES}?done={row.code}")
    # "new" is the address of the empty form.
    if office is None and (row.code == "new" or directory.office(row.code)):
        taken = {"code": say(request)("county_desk.office_taken", code=row.code)}
        return await _form(request, office, texts, taken, status=422)
    check = unless_moved("directory", form.first("seen"))
    try:
        errors = await edit(request, [Edit("offices", [row])], row.code, check)
    except MovedOn:
        await request.app[CONTEXT].snapshots.forget(request[COUNTY])
        return await _form(request, office, texts, await _moved_on(request, texts), status=409)
    if errors:
        return await _form(request, office, texts, errors, status=422)
    return see_other(f"{OFFICES}?done={row.code}")


async def _moved_on(request: web.Request, texts: Mapping[str, str]) -> dict[str, str]:
    """Beside what was typed, each field that says something else by now; whoever saves again
    knows what of the other's goes."""
    words, directory = say(request), (await _snapshot(request)).directory
    now = directory.office(texts["code"])
    stands = _texts(now) if now else texts
    return {"": words("county_desk.moved_on")} | {
        column: words("county_desk.stands", value=_said(words, directory, column, stands[column]))
        for column in COLUMNS["offices"]
        if stands[column] != texts[column]
    }


def _said(words: Words, directory: Directory, column: str, text: str) -> str:
    """A field's value as its form shows it."""
    if column == "kind":
        return words(f"routing.receiver.{text}")
    found = {"unit": directory.unit, "above": directory.office}.get(column, lambda _: None)(text)
    shown = name_in(words.language, found) if found else text
    return shown.replace("|", words("complaints.list_comma")) or words("county_desk.none")


def _parted(text: str) -> str:
    parts = (each.strip() for each in text.translate(_PARTING).split("|"))
    return "|".join(each for each in parts if each)


async def _form(
    request: web.Request,
    office: Office | None,
    texts: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    snapshot, words, found = await _snapshot(request), say(request), errors or {}
    directory = snapshot.directory
    nothing = ("", words("county_desk.none"))
    named = [each for each in texts.get("members", "").split("|") if each]
    head = texts.get("head_badge", "")
    options = {
        "kind": [(kind, words(f"routing.receiver.{kind}")) for kind in KINDS],
        "unit": [nothing, *_named(words.language, directory.units)],
        "above": [nothing, *(each for each in _named(words.language, directory.offices)
                             if office is None or each[0] != office.code)],
    }  # fmt: skip
    return desk_page(
        request,
        "desk/county/office.html",
        status=status,
        office=office,
        typed={column: texts.get(column, "") for column in COLUMNS["offices"]},
        errors=found,
        summary=summary(_with_fields(words, found), "name"),
        options=options,
        people=_people(directory, named),
        head=_people(directory, [head] if head else []),
        seen=snapshot.versions.get("directory", 0),
    )


def _with_fields(words: Words, errors: Mapping[str, str]) -> dict[str, str]:
    """For the summary, where the field does not stand beside its error."""
    return {
        column: words(
            "county_desk.field_error", field=words(f"county_desk.field.{column}"), reason=reason
        )
        if column
        else reason
        for column, reason in errors.items()
    }


def _named(language: str, things: Any) -> list[tuple[str, str]]:
    return [(each.code, name_in(language, each)) for each in things]


async def _snapshot(request: web.Request) -> Snapshot:
    return await request.app[CONTEXT].snapshots.of(request[COUNTY])
