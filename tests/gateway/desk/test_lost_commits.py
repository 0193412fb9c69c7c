"""A step at the desk that was written, but whose commit the database could not tell any more."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app
from tests.gateway.desk.conftest import Desk, desk
from tests.gateway.desk.test_cases import fields, filed, fresh_database, unknown
from tests.gateway.pages.office import CommitsUnheard
from tests.staff import Staff

__all__ = ["desk", "fresh_database"]


class Unheard(CommitsUnheard):
    """Everything else as the database does it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


class CommitsLate(Unheard):
    """A database that commits only when all is being tried again already."""

    async def run(self, schema: str, work: Any, **more: Any) -> Any:
        if more.get("single"):
            return await self._db.run(schema, work, **more)
        async with self._db.transaction(schema) as conn:
            await work(conn)
            again = asyncio.create_task(self._db.run(schema, work, **more))
            await asyncio.sleep(0.05)  # it waits for the case by now
        return await again


@pytest.fixture
async def staff(desk: Desk) -> AsyncIterator[Staff]:
    """A supervisor before a site whose every commit is lost once."""
    signed = await desk.staff("chan", "supervisor")
    context = replace(desk.context, db=Unheard(desk.context.db))  # type: ignore[arg-type]
    async with TestClient(TestServer(create_app(context)), cookie_jar=DummyCookieJar()) as client:
        signed.client = client
        yield signed


async def test_a_commit_that_comes_late_is_nobody_elses(desk: Desk, staff: Staff):
    case = await unknown(desk)
    context = replace(desk.context, db=CommitsLate(desk.context.db))  # type: ignore[arg-type]
    async with TestClient(TestServer(create_app(context)), cookie_jar=DummyCookieJar()) as client:
        staff.client = client
        sent = await fields(staff, case.number, "note", reason="called back")
        written = await staff.post(f"/desk/cases/{case.number}/steps", **sent)
    assert written.status == 303
    assert await kinds(desk, case.number) == ["noted"]


async def kinds(desk: Desk, number: str) -> list[str]:
    rows = await desk.rows(
        "SELECT e.kind FROM event AS e JOIN complaint AS c ON c.id = e.complaint"
        " WHERE c.number = $1 AND e.actor_kind = 'desk' ORDER BY e.at, e.id",
        number,
    )
    return [row["kind"] for row in rows]


async def test_who_was_really_late_is_told_so(desk: Desk, staff: Staff):
    case = await unknown(desk)
    sent = await fields(staff, case.number, "note", reason="called back")
    other = await desk.staff("ng", "supervisor")
    same = {**await fields(other, case.number, "note"), "reason": "called back"}
    assert (await other.post(f"/desk/cases/{case.number}/steps", **same)).status == 303
    late = await staff.post(f"/desk/cases/{case.number}/steps", **sent)
    assert late.status == 409
    assert await kinds(desk, case.number) == ["noted"]


async def test_a_step_is_taken_once_and_nobody_is_told_that_another_was_first(
    desk: Desk, staff: Staff
):
    case = await unknown(desk)
    path = f"/desk/cases/{case.number}/steps"
    steps = (
        ("note", {"reason": "called back"}),
        ("recuse", {"who": "A1024", "reason": "a neighbour"}),
        ("supervise", {}),
        ("dispatch", {"office": "BUR-MAIN", "reason": "", "kind": "complaint"}),
    )
    for verb, typed in steps:
        desk.clock.forward(minutes=1)
        sent = await staff.post(path, **await fields(staff, case.number, verb, **typed))
        assert sent.status == 303, verb
    told = ["noted", "recused", "supervised", "accepted", "dispatched"]
    assert await kinds(desk, case.number) == told
    # The same form once more is another matter.
    again = await staff.post(path, **{**await fields(staff, case.number, "note"), "steps": "1"})
    assert again.status == 409


async def test_a_view_of_contact_details_is_written_down_once(desk: Desk, staff: Staff):
    case = await filed(desk)
    shown = await staff.post(f"/desk/cases/{case.number}/contact", reason="to call back")
    assert "13800138000" in await shown.text()
    assert await kinds(desk, case.number) == ["contact_viewed"]


async def test_reminders_of_many_count_what_was_written(desk: Desk, staff: Staff):
    case = await filed(desk)
    steps = await desk.value("SELECT steps FROM complaint WHERE id = $1", case.id)
    sent = await staff.post("/desk/cases/reminders", list="all", case=f"{case.number}:{steps}")
    assert sent.status == 303
    assert "reminded=1" in sent.headers["Location"]
    assert "left=0" in sent.headers["Location"]
    assert await kinds(desk, case.number) == ["reminded"]
