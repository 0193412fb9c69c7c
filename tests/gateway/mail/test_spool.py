"""Mail as files, and the whole way into them."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from gateway.db import Database
from gateway.mail import postman
from gateway.mail.compose import Envelope, compose, form
from gateway.mail.letters import Facts
from gateway.mail.smtp import SmtpTransport
from gateway.mail.spool import SpoolTransport, find_spooled, list_spool, spool_folder
from gateway.mail.transport import Mail, TryLater
from tests.gateway.mail.world import CITIZEN, letters, one_case, surroundings

WHEN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def a_mail(letter: UUID | None = None, number: str = "2026-000001") -> Mail:
    letter = letter or uuid4()
    facts = Facts(number, "效能办", "d", "b", "https://c.example.org/", "u", "云溪县", "p")
    envelope = Envelope("a@example.org", "云溪县", "b@example.org", letter, "t", WHEN)
    data = compose(form("dispatched", "zh-Hans"), facts, envelope)
    return Mail(letter, "county_test", ("b@example.org",), data)


def test_no_folder_is_an_empty_mailbox(tmp_path: Path) -> None:
    assert list_spool(tmp_path / "nothing") == []
    assert find_spooled(tmp_path / "nothing", uuid4().hex) is None


@pytest.mark.parametrize("key", ["", "..", "../secret", "/etc/passwd", "x" * 32, "secret.txt"])
def test_a_key_never_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    (tmp_path / "secret.eml").write_text("Subject: no")
    (tmp_path / "spool").mkdir()
    assert find_spooled(tmp_path / "spool", key) is None


async def test_a_folder_that_takes_nothing_is_for_later(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    with pytest.raises(TryLater, match="spool"):
        await SpoolTransport(tmp_path).send(a_mail())


async def test_a_letter_sent_again_is_one_file_and_only_its_owner_may_read_it(
    tmp_path: Path,
) -> None:
    transport, mail = SpoolTransport(tmp_path), a_mail()
    await transport.send(mail)
    await transport.send(mail)
    folder = spool_folder(tmp_path, "county_test")
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert path.read_bytes() == mail.data


async def test_the_newest_stand_on_top_and_read_as_they_were_written(tmp_path: Path) -> None:
    transport, folder = SpoolTransport(tmp_path), spool_folder(tmp_path, "county_test")
    for n in range(3):
        mail = a_mail(number=f"2026-00000{n}")
        await transport.send(mail)
        os.utime(folder / f"{mail.letter.hex}.eml", ns=(n, n))
    (folder / "half.123.part").write_bytes(b"Subject: half")
    shown = list_spool(folder)
    assert [each.subject[-7:-1] for each in shown] == ["000002", "000001", "000000"]
    assert [each.subject for each in list_spool(folder, limit=1)] == [shown[0].subject]
    first = shown[0]
    assert (first.to, first.sent_at, first.language) == ("b@example.org", WHEN, "zh-Hans")
    assert first.text.startswith("有一件投诉请贵单位办理\n")
    assert first.html.startswith("<!doctype html>")
    assert find_spooled(folder, first.key) == first


async def test_without_a_server_every_letter_of_a_case_is_found_in_the_folder(
    db: Database, now: datetime, tmp_path: Path
) -> None:
    context = surroundings(db, now, tmp_path)
    await one_case(db, now, "received", "dispatched", email=CITIZEN)
    assert await postman.run_once(context) == 4
    assert await postman.run_once(context) == 0
    assert {each.to for each in list_spool(spool_folder(tmp_path, "county_test"))} == {
        "u1@example.org", CITIZEN,
    }  # fmt: skip
    assert {state for _, _, state in await letters(db)} == {"sent"}


async def test_a_full_disk_keeps_letters_waiting(
    db: Database, now: datetime, tmp_path: Path
) -> None:
    context = surroundings(db, now, tmp_path)
    (tmp_path / "spool").write_text("a file where the folder should be")
    await one_case(db, now, "dispatched")
    await postman.run_once(context)
    assert await letters(db) == [("dispatched", "office", "waiting")]


def test_a_server_in_the_settings_takes_the_place_of_the_folder(
    db: Database, now: datetime, tmp_path: Path
) -> None:
    plain = surroundings(db, now, tmp_path)
    server = surroundings(db, now, tmp_path, smtp_url="smtp://127.0.0.1:25")
    assert isinstance(postman.make_transport(plain), SpoolTransport)
    assert isinstance(postman.make_transport(server), SmtpTransport)
