"""`/desk/county/texts`: the county words its letters itself, one letter and language at a time."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import asyncpg
from aiohttp import web

from board.store import county as county_store
from gateway.context import CONTEXT
from gateway.desk.access import may
from gateway.desk.sessions import current, desk_form
from gateway.i18n import DEFAULT, LANGUAGES, ZONE, Words, words
from gateway.mail.compose import Filled, fill
from gateway.mail.described import READERS, Described, keys_of, letters, specimen, title
from gateway.mail.wordings import Place, Wordings
from gateway.pages.desk.county.editing import note_edit
from gateway.pages.desk.county.texts_form import (
    Field,
    hints,
    labels,
    overlaid,
    read_fields,
    stamp,
    typed,
)
from gateway.pages.desk.views import actor_of, desk_page
from gateway.pages.mailbox import MAIL_POLICY
from gateway.store import message_texts as store
from gateway.views import COUNTY, name_in, say

ROUTE = "/desk/county/texts/{name}"


class _Moved(Exception):
    """Somebody else changed these words since they were shown."""


async def index(request: web.Request) -> web.Response:
    """`GET /desk/county/texts`: all letters, and which are worded by the county."""
    own = await _read(request)
    speak = say(request)
    groups = [
        (reader, [_line(each, own, speak) for each in letters().values() if each.reader == reader])
        for reader in READERS
    ]
    return desk_page(request, "desk/county/texts.html", groups=groups)


def _line(letter: Described, own: Mapping[Place, str], speak: Words) -> dict[str, Any]:
    worded = {(key, language) for key, language, _ in own}
    keys = keys_of(letter.template)
    return {
        "template": letter.template,
        "title": title(letter.template, speak),
        "events": letter.events,
        "own": [_endonym(each) for each in LANGUAGES if any((key, each) in worded for key in keys)],
    }


def _endonym(language: str) -> str:
    return words(language)("language.name")


async def show(request: web.Request) -> web.Response:
    """`GET /desk/county/texts/{name}?in=LANGUAGE`."""
    letter, language = _asked(request)
    own = await _read(request)
    fields = read_fields(letter.template, language, own)
    done = "saved" if request.query.get("done") == "saved" else ""
    return _page(request, fields, own, done=done)


def _asked(request: web.Request) -> tuple[Described, str]:
    """The letter and the language of the address; 404 for others."""
    letter = letters().get(request.match_info["name"])
    language = request.query.get("in", DEFAULT)
    if letter is None or language not in LANGUAGES:
        raise web.HTTPNotFound
    return letter, language


async def _read(request: web.Request) -> dict[Place, str]:
    context, county = request.app[CONTEXT], request[COUNTY]
    await context.snapshots.of(county)  # a preview names the county's telephone
    return await context.db.run(county.schema, store.list_texts, single=True)


def _page(
    request: web.Request,
    fields: Sequence[Field],
    own: Mapping[Place, str],
    *,
    status: int = 200,
    done: str = "",
    moved: bool = False,
) -> web.Response:
    letter, language = _asked(request)
    speak, fields = say(request), list(fields)
    labelled = labels(fields, speak)
    faults = {
        each.name: speak(f"county_texts.fault.{each.fault.key}", value=each.fault.value)
        for each in fields
        if each.fault
    }
    return desk_page(
        request,
        "desk/county/text.html",
        status=status,
        letter=letter,
        title=title(letter.template, speak),
        in_language=language,
        languages=[(each, _endonym(each)) for each in LANGUAGES],
        fields=[each for each in fields if each.letters == 1],
        shared=[each for each in fields if each.letters > 1],
        # What is folded away must not hide what is to be looked at.
        open_shared=moved or any(f.letters > 1 and (f.own or f.wanted or f.fault) for f in fields),
        labels=labelled,
        faults=faults,
        errors=[
            (name, speak("county_texts.fault.here", part=labelled[name], fault=fault))
            for name, fault in faults.items()
        ],
        hints=list(hints(fields, labelled, speak)),
        stamp=stamp(fields),
        preview=None if faults else _filled(request, overlaid(own, fields)),
        may_edit=may(current(request).roles, ROUTE, "POST"),
        done=done,
        moved=moved,
    )


def _filled(request: web.Request, own: Mapping[Place, str]) -> Filled:
    """The letter of the address in these words, with invented facts."""
    letter, language = _asked(request)
    context, county = request.app[CONTEXT], request[COUNTY]
    worded = Wordings(own)
    held = context.snapshots.held(county)
    profile = held.directory.profile if held else None
    facts = specimen(
        letter.template,
        worded.words(language),
        name_in(language, county),
        profile.desk_phone if profile else "",
        _today(request),
    )
    return fill(worded.form(letter.template, language), facts)


def _today(request: web.Request) -> date:
    return request.app[CONTEXT].clock().astimezone(ZONE).date()


async def save(request: web.Request) -> web.Response:
    """`POST /desk/county/texts/{name}?in=LANGUAGE`: `do=look` only shows what it would be."""
    letter, language = _asked(request)
    form, own = desk_form(request), await _read(request)
    fields = typed(read_fields(letter.template, language, own), form)
    if any(field.fault for field in fields):
        return _page(request, fields, own, status=422)
    if form.first("do") == "look":
        return _page(request, fields, own, done="looked")
    try:
        await _store(request, fields, form.first("seen"))
    except _Moved:
        own = await _read(request)
        fields = typed(read_fields(letter.template, language, own), form)
        return _page(request, fields, own, status=409, moved=True)
    await request.app[CONTEXT].snapshots.forget(request[COUNTY])
    raise web.HTTPSeeOther(f"/desk/county/texts/{letter.template}?in={language}&done=saved")


async def _store(request: web.Request, fields: Sequence[Field], seen: str) -> None:
    """Writes what differs; raises `_Moved` where somebody else was first with something else."""
    letter, language = _asked(request)
    by, wanted = actor_of(request), {field.place: field.wanted for field in fields}
    row = {"letter": letter.template, "language": language}

    async def work(conn: asyncpg.Connection) -> None:
        # Of two the second waits here, and sees what the first did.
        await county_store.update_version(conn, "texts", by.now)
        now = read_fields(letter.template, language, await store.list_texts(conn))
        differs = {each.place for each in now if each.own != wanted[each.place]}
        if not differs:
            return
        if stamp(now) != seen:
            raise _Moved
        put = {place: wanted[place] for place in differs if wanted[place]}
        await store.insert_or_update_texts(conn, put, by.now, by.user)
        await store.delete_texts(conn, [place for place in differs if not wanted[place]])
        await note_edit(conn, request, "texts", row)

    await request.app[CONTEXT].db.run(request[COUNTY].schema, work)


async def preview(request: web.Request) -> web.Response:
    """`GET /desk/county/texts/{name}/preview?in=LANGUAGE`: the letter as mail programs show it."""
    _asked(request)
    return _as_mail(_filled(request, await _read(request)))


async def preview_typed(request: web.Request) -> web.Response:
    """`POST` to the same: in the words that were typed, which are not kept."""
    letter, language = _asked(request)
    own = await _read(request)
    fields = typed(read_fields(letter.template, language, own), desk_form(request))
    if any(field.fault for field in fields):
        return _page(request, fields, own, status=422)
    return _as_mail(_filled(request, overlaid(own, fields)))


def _as_mail(filled: Filled) -> web.Response:
    # The mail brings its style with it; nothing in it may run or load.
    return web.Response(
        text=filled.html,
        content_type="text/html",
        headers={"Content-Security-Policy": MAIL_POLICY},
    )
