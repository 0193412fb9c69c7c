"""Events become letters, letters are sent: the only place that sends mail.

A letter is claimed under a lease that is committed before anything is sent, and marked after. A
crash in between sends it again with the same Message-ID, once the lease has run out; none is lost.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from weakref import WeakKeyDictionary

from board.ids import new_id
from gateway.background import in_each_county
from gateway.context import Context
from gateway.counties import County
from gateway.db import Database, DatabaseDown
from gateway.mail.address import BadAddress
from gateway.mail.outbox import write_letters
from gateway.mail.smtp import SmtpTransport, read_url
from gateway.mail.spool import SpoolTransport
from gateway.mail.transport import (
    ATTEMPTS,
    BROKEN_ATTEMPTS,
    DEADLY_ATTEMPTS,
    Refused,
    Transport,
    TryLater,
    pause,
    without_addresses,
)
from gateway.mail.wordings import DEFAULTS
from gateway.mail.writing import Obsolete, Written, write
from gateway.store import letter_tasks
from gateway.store import letters as store
from gateway.store import links as link_store
from gateway.store.letters import Claimed, Mark

if TYPE_CHECKING:
    from asyncpg import Connection

log = logging.getLogger(__name__)

BATCH = 100
LANES = 4
LEASE = timedelta(seconds=60)
# How often finished letters are written down and the lease of the others is made longer.
BEAT_SECONDS = 5.0
# A crash sends again what was sent and not yet written down; so many letters at most.
MARK_EVERY = 20

_transports: WeakKeyDictionary[Database, Transport] = WeakKeyDictionary()


async def run_once(context: Context) -> int:
    """One round for every county: how many events and letters were dealt with, 0 for none due."""
    transport = transport_of(context)
    try:
        return await in_each_county(
            context, "mail", lambda county: Round(context, county, transport).run()
        )
    finally:
        await transport.rest()


def transport_of(context: Context) -> Transport:
    """The process's own way of sending, kept open between rounds."""
    transport = _transports.get(context.db)
    if transport is None:
        transport = _transports[context.db] = make_transport(context)
    return transport


def make_transport(context: Context) -> Transport:
    """The mail server of the settings, or the spool folder when there is none."""
    settings = context.settings
    if settings.smtp_url:
        return SmtpTransport(read_url(settings.smtp_url), settings.mail_from)
    return SpoolTransport(settings.data_dir)


async def close(context: Context) -> None:
    """Says goodbye to the mail server; before the process ends."""
    transport = _transports.pop(context.db, None)
    if transport is not None:
        await transport.close()


class Round:
    """One batch of one county: claimed, written, sent, marked."""

    def __init__(self, context: Context, county: County, transport: Transport) -> None:
        self._context = context
        self._county = county
        self._transport = transport
        self._held: dict[UUID, Claimed] = {}
        self._marks: list[Mark] = []
        self._own = DEFAULTS
        self._ours_until = context.clock()
        # A longer lease must not overwrite the pause of a letter that finished meanwhile.
        self._writing_down = asyncio.Lock()

    async def run(self) -> int:
        """How many events and letters were dealt with."""
        events = await self._write_letters()
        # Before the letters are ours: what fails here costs none of them a try.
        self._own = (await self._context.snapshots.of(self._county)).wordings
        claimed = await self._claim()
        self._held = {letter.id: letter for letter in claimed}
        try:
            await self._send(await self._write(claimed))
        finally:
            # Also when the round is cut short: what was sent must not be sent again.
            await self._flush()
        return events + len(claimed)

    async def _write_letters(self) -> int:
        keys, now = self._context.keys, self._context.clock()
        return await self._context.db.run(
            self._county.schema, lambda conn: write_letters(conn, keys, now)
        )

    async def _claim(self) -> list[Claimed]:
        now = self._context.clock()
        self._ours_until = until = now + LEASE
        return await self._context.db.run(
            self._county.schema, lambda conn: store.claim_letters(conn, now, until, BATCH)
        )

    async def _write(self, claimed: Iterable[Claimed]) -> list[Written]:
        """Mails for all letters that can be written, with their links kept."""
        now = self._context.clock()
        written = [mail for letter in claimed if (mail := self._written(letter, now))]
        links = [each.link for each in written if each.link]
        if links:
            await self._context.db.run(
                self._county.schema, lambda conn: link_store.insert_links(conn, links)
            )
        return written

    def _written(self, letter: Claimed, now: datetime) -> Written | None:
        if letter.attempts > DEADLY_ATTEMPTS:
            self._give_up(letter, "the worker died with it, again and again")
            return None
        try:
            return write(self._context, self._county, letter, now, self._own)
        except Obsolete as error:
            self._mark(letter, "dropped", str(error))
        except BadAddress as error:
            self._give_up(letter, str(error))
        except Exception as error:
            # One letter's fault must not keep the others; what it is about stays out of the log.
            log.exception("the letter %s cannot be written", letter.id)
            self._try_later(letter, f"cannot be written: {type(error).__name__}", BROKEN_ATTEMPTS)
        return None

    async def _send(self, written: list[Written]) -> None:
        if not written:
            return
        queue, finished = iter(written), asyncio.Event()
        beat = asyncio.create_task(self._beat(finished))
        try:
            async with asyncio.TaskGroup() as lanes:
                for _ in range(LANES):
                    lanes.create_task(self._lane(queue))
        finally:
            finished.set()
            await beat

    async def _lane(self, queue: Iterator[Written]) -> None:
        # All lanes draw from one iterator, as long as the letters are ours.
        while self._context.clock() < self._ours_until and (each := next(queue, None)):
            await self._hand_over(each)
            if len(self._marks) >= MARK_EVERY:
                with suppress(DatabaseDown):  # the end of the round tries again, and complains
                    await self._flush()

    async def _hand_over(self, written: Written) -> None:
        letter = written.letter
        try:
            await self._transport.send(written.mail)
        except Refused as error:
            self._give_up(letter, str(error))
        except TryLater as error:
            self._try_later(letter, str(error), ATTEMPTS)
        except Exception as error:
            log.exception("the letter %s cannot be sent", letter.id)
            self._try_later(letter, f"cannot be sent: {type(error).__name__}", ATTEMPTS)
        else:
            self._mark(letter, "sent", "")

    async def _beat(self, finished: asyncio.Event) -> None:
        while True:
            with suppress(TimeoutError):
                return await _until(finished, BEAT_SECONDS)
            try:
                await self._flush()
                await self._extend()
            except DatabaseDown as error:
                # The lanes stop by themselves when the lease runs out; marking tries once more.
                log.warning("leases of %s cannot be extended: %s", self._county.code, error)

    async def _extend(self) -> None:
        async with self._writing_down:
            until = self._context.clock() + LEASE
            held = [(letter.id, letter.attempts) for letter in self._held.values()]
            await self._context.db.run(
                self._county.schema, lambda conn: store.extend_leases(conn, held, until)
            )
            self._ours_until = until

    def _try_later(self, letter: Claimed, reason: str, most: int) -> None:
        if letter.attempts >= most:
            self._give_up(letter, reason)
            return
        reason = without_addresses(reason)
        log.warning("the letter %s waits: %s", letter.id, reason)
        due = self._context.clock() + timedelta(seconds=pause(letter.attempts))
        self._note(Mark(letter.id, letter.attempts, "waiting", due, reason, None))

    def _give_up(self, letter: Claimed, reason: str) -> None:
        log.error("the letter %s is given up: %s", letter.id, without_addresses(reason))
        self._mark(letter, "given_up", reason)

    def _mark(self, letter: Claimed, state: str, reason: str) -> None:
        now = self._context.clock()
        reason = without_addresses(reason)
        self._note(Mark(letter.id, letter.attempts, state, now, reason, now))

    def _note(self, mark: Mark) -> None:
        del self._held[mark.id]
        self._marks.append(mark)

    async def _flush(self) -> None:
        """Writes down what is finished; a given-up letter becomes a task of the county desk."""
        async with self._writing_down:
            marks, now = tuple(self._marks), self._context.clock()
            if not marks:
                return
            tasks = [(new_id(now), mark.id) for mark in marks if mark.state == "given_up"]

            async def work(conn: "Connection") -> None:
                await store.mark_letters(conn, marks)
                for task, letter in tasks:
                    await letter_tasks.insert_letter_task(conn, task, letter, now)

            await self._context.db.run(self._county.schema, work)
            del self._marks[: len(marks)]


async def _until(event: asyncio.Event, seconds: float) -> None:
    await asyncio.wait_for(event.wait(), seconds)
