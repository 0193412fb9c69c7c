"""From events to letters: one row a recipient, in the transaction that empties the outbox."""

import logging
from datetime import datetime
from uuid import UUID

import asyncpg

from board.ids import new_id
from complaints.model import LETTER_EVENTS
from gateway.i18n import ZONE
from gateway.keys import Keyring, UnreadableSecret
from gateway.mail.address import inbox
from gateway.mail.planning import About, Planned, plan
from gateway.mail.writing import email_of
from gateway.store import letter_tasks
from gateway.store import outbox as store

log = logging.getLogger(__name__)

BATCH = 200
# Forms can be filled in with a third person's address; a case writes two letters or three.
LETTERS_A_DAY = 20
# Everybody whose complaint was merged into the answered one hears of the answer, of more time that
# the office takes for it, and of what a review decides.
JOINT = frozenset({"released", "extended", "review_decided"})
TOO_MANY = "more letters than one address gets in a day"


async def write_letters(conn: asyncpg.Connection, keys: Keyring, now: datetime) -> int:
    """Turns the oldest events of the outbox into letters; how many events that were.

    An event that cannot be read is no reason to keep the others: the county desk gets a task.
    Contact details that cannot be read make letters all the same; sending them finds the fault.
    """
    events = await store.list_outbox(conn, BATCH)
    if not events:
        return 0
    shared = [each.event for each in events if each.kind in JOINT]
    joint = await store.list_joint(conn, shared) if shared else []
    planned = []
    for event in [*events, *joint]:
        try:
            planned += [(event, each) for each in _plan(event, keys)]
        except Exception:
            log.exception("the letters of the event %s cannot be planned", event.event)
            await letter_tasks.insert_task(
                conn, event.event, "letters_missing", event.complaint, now
            )
    dropped = await _dropped(conn, keys, [event for event, each in planned if _counts(each)], now)
    await store.insert_letters(
        conn, [_row(event, each, _key(event) in dropped, now) for event, each in planned]
    )
    await store.delete_outbox(conn, [event.event for event in events])
    return len(events)


def _plan(event: store.Pending, keys: Keyring) -> tuple[Planned, ...]:
    if event.kind not in LETTER_EVENTS:
        log.error("no letter is known for the event %s of kind %r", event.event, event.kind)
    office = event.data.get("office", event.office)
    about = About(
        event.kind,
        sealed=event.sealed,
        at_desk=event.data.get("owner", event.owner) == "desk",
        has_email=_email(event, keys) != "",
        at_once=event.at_once,
        has_office=bool(office),
        owner=event.data.get("owner", event.owner),
        to=event.data.get("to"),
        actor=event.actor_kind,
        # A new link is asked for by the very office that gets it.
        by_holder=event.kind != "link_asked"
        and event.actor_kind == "office"
        and event.actor == office,
        why=event.data.get("why", ""),
        was=event.data.get("was"),
        merged=event.data.get("merged", False),
    )
    return plan(about, event.language)


def _email(event: store.Pending, keys: Keyring) -> str | None:
    """The complainant's address, "" for none, None for one that cannot be read."""
    try:
        return email_of(keys, event.wrapped_key, event.contact)
    except (UnreadableSecret, ValueError, TypeError):
        log.exception("the contact of the complaint %s cannot be read", event.complaint)
        return None


def _counts(planned: Planned) -> bool:
    return planned.recipient == "complainant"


async def _dropped(
    conn: asyncpg.Connection, keys: Keyring, events: list[store.Pending], now: datetime
) -> set[tuple[UUID, UUID]]:
    """Events and complaints whose complainant has had enough letters at that address today."""
    # An address that cannot be read now is nobody's in particular: sending finds the fault, and
    # waits for somebody who restores the key.
    read = [(event, to) for event in events if (to := _email(event, keys)) is not None]
    buckets = [(_bucket(keys, to, now), event) for event, to in read]
    dropped = set()
    # In order, so that two workers never wait for one another's rows.
    for bucket, event in sorted(buckets, key=lambda pair: (pair[0], _key(pair[1]))):
        if await store.count_to_address(conn, f"mail:{bucket.hex()}", now) > LETTERS_A_DAY:
            dropped.add(_key(event))
            # One task an address and day, however many letters there are.
            task = UUID(bytes=bucket[:16])
            await letter_tasks.insert_task(conn, task, "letters_dropped", event.complaint, now)
    return dropped


def _key(event: store.Pending) -> tuple[UUID, UUID]:
    return event.event, event.complaint


def _bucket(keys: Keyring, address: str, now: datetime) -> bytes:
    """A keyed hash of the day and the inbox, so that no address can be read from it."""
    day = now.astimezone(ZONE).date()
    return keys.digest("mail throttle", f"{day} {inbox(address)}".encode())


def _row(event: store.Pending, planned: Planned, too_many: bool, now: datetime) -> store.NewLetter:
    dropped = too_many and _counts(planned)
    return store.NewLetter(
        id=new_id(now),
        event=event.event,
        complaint=event.complaint,
        template=planned.template,
        recipient=planned.recipient,
        office=_office(event, planned),
        language=planned.language,
        state="dropped" if dropped else "waiting",
        last_error=TOO_MANY if dropped else "",
        at=now,
    )


def _office(event: store.Pending, planned: Planned) -> str | None:
    """The event's own office: the case may have moved on since, and then nobody is to know."""
    named = {"above": "to", "former": "was"}.get(planned.recipient, "office")
    office: str | None = event.data.get(named, event.office)
    return office
