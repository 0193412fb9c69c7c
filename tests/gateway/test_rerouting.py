"""The background follows a changed county: once, whoever runs it, with letters and dead links."""

import asyncio
from datetime import timedelta

import pytest

from gateway import rerouting
from gateway.mail.postman import Round
from tests.browser.cases import file_case
from tests.forms import Page
from tests.gateway.desk.conftest import Clock, Desk, clock, desk
from tests.gateway.mail.world import Inbox

__all__ = ["Clock", "clock", "desk"]
CITIZEN = "citizen@example.org"


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    """The demo county's offices."""
    return fresh_demo_database


async def run_to_the_end(desk: Desk) -> None:
    """Two workers, until neither finds anything to do."""
    for _ in range(6):
        await asyncio.gather(*(rerouting.run_once(desk.context) for _ in range(2)))


async def mails(desk: Desk) -> list[str]:
    """Everything that is sent now, as text; the older ones are done with."""
    inbox, county = Inbox(), next(iter(desk.context.counties))
    while await Round(desk.context, county, inbox).run():
        pass
    return [f"{mail.to[0]} {mail.data.decode('utf-8', 'replace')}" for mail in inbox.mails]


async def relative_in(desk: Desk, office: str, subject: str) -> None:
    """The desk declares that somebody of the office is the subject's relative."""
    staff = await desk.staff("chan", "supervisor")
    member = await desk.value("SELECT badge FROM office_member WHERE office = $1 LIMIT 1", office)
    sent = await staff.post("/desk/county/relatives", badge=member, relative_badge=subject)
    assert sent.status == 303


async def rerouted(desk: Desk):
    return await desk.rows("SELECT * FROM event WHERE kind = 'rerouted' ORDER BY at")


async def test_a_county_that_did_not_change_moves_nothing(desk: Desk):
    await file_case(desk.context)
    await run_to_the_end(desk)
    assert await rerouted(desk) == []
    assert await rerouting.run_once(desk.context) == 0


async def test_a_declared_relative_takes_an_open_case_away_once(desk: Desk):
    found = await file_case(desk.context)
    await run_to_the_end(desk)
    await mails(desk)
    assert (await desk.client.get(found.path)).status == 200
    desk.clock.now += timedelta(hours=1)
    await relative_in(desk, found.office, "A1024")
    await run_to_the_end(desk)
    (event,) = await rerouted(desk)
    assert (event["data"]["was"], event["data"]["why"]) == (found.office, "conflict")
    office = await desk.value("SELECT office FROM complaint WHERE id = $1", found.id)
    assert office == event["data"]["office"] != found.office
    assert (await desk.client.get(found.path)).status != 200, "its link is worth nothing"
    sent = await mails(desk)
    names = dict(await desk.rows("SELECT code, email FROM office"))
    assert sorted(each.split()[0] for each in sent) == sorted(
        [CITIZEN, names[found.office], names[office]]
    )
    letters = await desk.rows("SELECT template FROM letter WHERE event = $1", event["id"])
    assert {row["template"] for row in letters} == {"handed_on", "taken_away", "moved_conflict"}
    await run_to_the_end(desk)
    assert len(await rerouted(desk)) == 1
    await desk.client.post("/track", data={"code": found.code})
    told = Page(await (await desk.client.get("/track/case?lang=en")).text()).text
    assert "The office before has to stand aside and can no longer open it." in told
    assert "has ties to the person, stepped back" in told


async def test_where_nobody_may_have_it_the_desk_and_the_complainant_hear(desk: Desk):
    found = await file_case(desk.context)
    await mails(desk)
    desk.clock.now += timedelta(hours=1)
    await desk.rows(
        "INSERT INTO recusal (complaint, who, at, actor) SELECT $1, code, $2, 'chan' FROM office",
        found.id, desk.clock.now,
    )  # fmt: skip
    staff = await desk.staff("ho", "administrator")
    await staff.post("/desk/county/relatives/removal", **await a_kinship(desk))
    await run_to_the_end(desk)
    case = (await desk.rows("SELECT * FROM complaint WHERE id = $1", found.id))[0]
    assert (case["office"], case["owner"], case["state"]) == (None, "desk", "received")
    await mails(desk)
    (event,) = await rerouted(desk)
    letters = await desk.rows("SELECT template FROM letter WHERE event = $1", event["id"])
    assert {row["template"] for row in letters} == {"desk_moved", "taken_away", "moved_desk"}
    await desk.client.post("/track", data={"code": found.code})
    told = Page(await (await desk.client.get("/track/case?lang=en")).text()).text
    assert "The county desk finds another one." in told


async def a_kinship(desk: Desk) -> dict[str, str]:
    """Any row whose removal moves the directory's version."""
    return dict((await desk.rows("SELECT badge, relative_badge FROM declared_relative LIMIT 1"))[0])


async def test_a_recusal_on_the_case_page_moves_it_at_once(desk: Desk):
    found = await file_case(desk.context)
    desk.clock.now += timedelta(hours=1)
    staff = await desk.staff("chan", "supervisor")
    path = f"/desk/cases/{found.number}"
    source = await (await staff.get(path)).text()
    steps = source.split('name="steps" value="')[1].split('"')[0]
    sent = await staff.post(f"{path}/steps", do="recuse", steps=steps, who=found.office, reason="x")
    assert sent.status == 303
    (event,) = await rerouted(desk)
    assert (event["actor_kind"], event["actor"]) == ("desk", "chan")
    assert (await desk.client.get(found.path)).status != 200
    assert "Given to another office" in (await staff.page(path)).text
    await run_to_the_end(desk)
    assert len(await rerouted(desk)) == 1
