"""Whoever holds one secret sees one case, and only as long as the secret is good."""

from datetime import timedelta

from gateway.ciphers import open_pass, seal_pass
from gateway.keys import Keyring
from gateway.links import LIFETIME
from tests.clock import Clock
from tests.database import SCHEMA
from tests.gateway.test_uploads import PDF
from tests.security.conftest import Site


async def case_with_file(site: Site, **said: str) -> str:
    await site.file(("beweis.pdf", PDF), **said)
    return await site.link()


async def test_an_attachment_opens_through_its_own_good_link_alone(
    site: Site, clock: Clock
) -> None:
    mine = await case_with_file(site)
    await site.file(text="another case, no file", badge="A1024")
    other = await site.link()
    assert mine != other
    assert (await site.client.get(f"{mine}/attachments/1")).status == 200
    for path in (
        f"{mine}/attachments/2",
        f"{mine}/attachments/0",
        f"{mine}/attachments/01",
        f"{other}/attachments/1",
        f"/answer/{'x' * 43}/attachments/1",
    ):
        assert (await site.client.get(path)).status == 404, path
    clock.now += LIFETIME
    assert (await site.client.get(f"{mine}/attachments/1")).status == 404, "expired"


async def test_a_link_of_an_office_that_lost_the_case_opens_nothing(site: Site) -> None:
    link = await case_with_file(site)
    async with site.context.db.transaction(SCHEMA) as conn:
        other = await conn.fetchval(
            "SELECT code FROM office WHERE code <> (SELECT office FROM complaint) LIMIT 1"
        )
        await conn.execute("UPDATE complaint SET office = $1", other)
    for way in ("", "/attachments/1"):
        assert (await site.client.get(link + way)).status in (404, 410)
    for way in ("signature", "answer", "link"):
        data = {"person": "李明", "reply": "x"}
        assert (await site.client.post(f"{link}/{way}", data=data)).status == 410, way


async def test_a_revoked_link_opens_nothing(site: Site, clock: Clock) -> None:
    link = await case_with_file(site)
    async with site.context.db.transaction(SCHEMA) as conn:
        await conn.execute("UPDATE link SET revoked_at = $1", clock.now)
    assert (await site.client.get(link)).status == 410
    assert (await site.client.get(f"{link}/attachments/1")).status == 404


async def test_a_sealed_case_goes_to_no_other_office(site: Site) -> None:
    await site.file(("信封.pdf", PDF), category="C02", text="他要我交茶水费。")
    mails = await site.mails()
    link = await site.link()
    page = await (await site.client.get(link)).text()
    assert "茶水费" in page
    assert {mail["to"] for mail in mails if "/answer/" in mail["text"]} == {mails[0]["to"]}
    assert not any("茶水费" in mail["text"] + mail["html"] + mail["subject"] for mail in mails)
    async with site.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "UPDATE complaint SET office = (SELECT code FROM office WHERE kind = 'unit' LIMIT 1)"
        )
    for way in ("", "/attachments/1"):
        response = await site.client.get(link + way)
        assert response.status in (404, 410)
        assert "茶水费" not in await response.text()


async def test_a_forged_changed_or_old_pass_shows_no_receipt_and_no_case(
    site: Site, clock: Clock
) -> None:
    filed = await site.client.post(
        "/complaints", data={"text": "x", "badge": "A1024"}, allow_redirects=False
    )
    path = filed.headers["Location"]
    carried = path.rpartition("/")[2]
    assert (await site.client.get(path)).status == 200
    now = clock.now.timestamp()
    data = open_pass(site.context.keys, "receipt", carried, now)
    assert data is not None
    strangers = seal_pass(Keyring(("another secret of 32 characters….",)), "receipt", data, 99, now)
    flipped = [carried[:at] + ("A" if carried[at] != "A" else "B") + carried[at + 1 :]
               for at in range(0, len(carried) - 1, 7)]  # fmt: skip
    for forged in (strangers, "", "x", "=", carried[:-4], carried * 2, "ü", *flipped):
        answer = await site.client.get(f"/complaints/receipt/{forged}")
        assert answer.status in (404, 410), forged
        cookie = {"Cookie": f"track={forged}".encode().decode("latin-1")}
        assert (await site.client.get("/track/case", headers=cookie)).status == 403
    assert (
        await site.client.get("/track/case", headers={"Cookie": f"track={carried}"})
    ).status == (403), "a receipt's pass is no tracking pass"
    clock.now += timedelta(minutes=30)
    assert (await site.client.get(path)).status == 410


async def test_a_request_id_seen_by_somebody_else_tells_nothing(site: Site) -> None:
    told = await site.file(request_id="seen over a shoulder", text="what only I wrote")
    stolen = {"request_id": "seen over a shoulder", "text": "guess", "badge": "A1024"}
    response = await site.client.post("/complaints", data=stolen)
    page = await response.text()
    assert response.status == 409
    assert told["number"] not in page
    assert told["tracking_code"] not in page.replace(" ", "")
