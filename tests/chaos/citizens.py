"""Citizens who file, lose the line, send again, click twice, and keep what they were told."""

import asyncio
import hashlib
import html
import io
import random
import re
import secrets
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
from PIL import Image

from tests.chaos.sink import REFUSED_FOR_EVER

PATIENCE_SECONDS = 150.0
NUMBER = re.compile(r"\b\d{4}-\d{6,}\b")
CODE = re.compile(r"\b(?:\d{4}\s){3}\d{4}\b")
LOST = (aiohttp.ClientError, TimeoutError, OSError)
UNITS = ("DRC", "EDU", "STI", "PSB", "AUD", "ARA")
SEALED_CATEGORY = "C02"


@dataclass(frozen=True)
class Plan:
    """What one citizen is going to do."""

    request_id: str
    text: str
    unit: str
    badge: str
    email: str
    sealed: bool
    picture: bytes
    style: str  # "json" or "browser"
    twice: bool  # a double click: two requests at once
    hangs_up: bool  # the first answer is not waited for
    address: str  # of the 127.0.0.0/8 network: another visitor each


@dataclass(frozen=True)
class Told:
    """What a citizen was told; from then on it counts."""

    number: str
    code: str


@dataclass
class Diary:
    """Everything that was promised, and what went wrong for those who asked."""

    told: dict[str, Told] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    lines: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def tell(self, plan: Plan, told: Told) -> None:
        earlier = self.told.setdefault(plan.request_id, told)
        self.lines["acknowledgements"] += 1
        if earlier != told:
            self.faults.append(f"two answers to one request: {earlier} and {told}")


def plan(chances: random.Random, serial: str) -> Plan:
    """A citizen by chance; every text and address is unlike all others."""
    sealed = chances.random() < 0.08
    mail = chances.choices(
        ("", f"citizen-{serial}@example.org", f"{REFUSED_FOR_EVER}{serial}@example.org"),
        (0.25, 0.7, 0.05),
    )[0]
    return Plan(
        request_id=secrets.token_urlsafe(18),
        text=f"窗口说不归我管，叫我下次再来。第{serial}件",
        unit=chances.choice(UNITS),
        badge=chances.choice(("", "A1003", "A1004", "Z9999")),
        email=mail,
        sealed=sealed,
        picture=picture(chances) if chances.random() < 0.25 else b"",
        style=chances.choice(("json", "browser")),
        twice=chances.random() < 0.2,
        hangs_up=chances.random() < 0.2,
        address="127." + ".".join(str(chances.randint(1, 250)) for _ in range(3)),
    )


def picture(chances: random.Random) -> bytes:
    drawn = io.BytesIO()
    Image.frombytes("RGB", (40, 40), chances.randbytes(4800)).save(drawn, "PNG")
    return drawn.getvalue()


class Citizen:
    """One person and one complaint, until it is acknowledged."""

    def __init__(self, url: str, diary: Diary, plan: Plan) -> None:
        self._url = url
        self._diary = diary
        self._plan = plan
        diary.plans[plan.request_id] = plan

    async def file(self, delay: float) -> None:
        """Sends, and sends again with the same request id, until there is an answer."""
        await asyncio.sleep(delay)
        connector = aiohttp.TCPConnector(local_addr=(self._plan.address, 0), force_close=True)
        limit = aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(connector=connector, timeout=limit) as session:
            if self._plan.hangs_up:
                await self._hang_up(session)
            await asyncio.gather(*(self._insist(session) for _ in range(1 + self._plan.twice)))

    async def _hang_up(self, session: aiohttp.ClientSession) -> None:
        self._diary.lines["hung up"] += 1
        with suppress(*LOST):
            await asyncio.wait_for(self._post(session), random.uniform(0.005, 0.15))

    async def _insist(self, session: aiohttp.ClientSession) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            try:
                told = await self._post(session)
            except LOST:
                self._diary.lines["lost connections"] += 1
                told = None
            if told:
                self._diary.tell(self._plan, told)
                return
            await asyncio.sleep(random.uniform(0.05, 0.4))
        self._diary.faults.append(f"no answer within {PATIENCE_SECONDS} s: {self._plan.text}")

    def _form(self) -> aiohttp.FormData:
        plan = self._plan
        form = aiohttp.FormData()
        fields = {
            "unit": plan.unit, "badge": plan.badge, "text": plan.text, "email": plan.email,
            "request_id": plan.request_id, "category": SEALED_CATEGORY if plan.sealed else "",
        }  # fmt: skip
        for name, value in fields.items():
            if value:
                form.add_field(name, value)
        if plan.picture:
            form.add_field("files", plan.picture, filename="desk.png", content_type="image/png")
        return form

    async def _post(self, session: aiohttp.ClientSession) -> Told | None:
        machine = self._plan.style == "json"
        headers = {"Accept": "application/json" if machine else "text/html"}
        async with session.post(
            self._url + "/complaints", data=self._form(), headers=headers, allow_redirects=False
        ) as answer:
            body = await answer.text()
            if answer.status == 201:
                said = await answer.json()
                return Told(said["number"], said["tracking_code"])
            location = answer.headers.get("Location", "")
            if answer.status != 303:
                self._refused(answer, body)
                return None
        return await self._receipt(session, location)

    def _refused(self, answer: aiohttp.ClientResponse, body: str) -> None:
        """Only a 503 is right, and one that says when to come again and keeps what was typed."""
        self._diary.lines[f"status {answer.status}"] += 1
        if answer.status != 503:
            self._diary.faults.append(f"{answer.status} to {self._plan.text}: {body[:300]}")
        elif "Retry-After" not in answer.headers:
            self._diary.faults.append("a 503 without Retry-After")
        elif self._plan.style == "browser" and self._plan.text not in html.unescape(body):
            self._diary.lines["503 without the text"] += 1

    async def _receipt(self, session: aiohttp.ClientSession, address: str) -> Told | None:
        """A 303 is the promise already: the receipt has to be had, sooner or later."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            with suppress(*LOST):
                async with session.get(self._url + address) as answer:
                    if answer.status == 200:
                        return read_receipt(await answer.text())
                    if answer.status != 503:
                        self._diary.faults.append(f"{answer.status} for a receipt")
                        return None
            await asyncio.sleep(random.uniform(0.05, 0.3))
        self._diary.faults.append("a receipt that never came")
        return None


def read_receipt(page: str) -> Told:
    words = re.sub(r"<[^>]*>", " ", page)
    number, code = NUMBER.search(words), CODE.search(words)
    assert number, words
    assert code, words
    return Told(number[0], "".join(code[0].split()))


async def opens(url: str, told: Told, address: str) -> bool:
    """Whether the tracking code shows the case with the number that was told."""
    connector = aiohttp.TCPConnector(local_addr=(address, 0), force_close=True)
    jar = aiohttp.CookieJar(unsafe=True)
    limit = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar, timeout=limit) as session:
        for _ in range(60):
            with suppress(*LOST):
                async with session.post(url + "/track", data={"code": told.code}) as answer:
                    if answer.status == 200 and answer.url.path == "/track/case":
                        return told.number in await answer.text()
                    if answer.status not in (502, 503):
                        return False
            await asyncio.sleep(0.2)
    return False


def hash_of(request_id: str) -> bytes:
    return hashlib.sha256(request_id.encode()).digest()
