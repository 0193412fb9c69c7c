"""Whether receipts, and the steps of those of parallel approvals, tell a possible story."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from board.model import Receipt, ReceiptStep
from gateway.county_files.faults import Fault
from gateway.county_files.parsing import Placed
from gateway.i18n import ZONE


def receipt_faults(receipts: list[Placed]) -> Iterator[Fault]:
    """A matter is decided after it was accepted."""
    for placed in receipts:
        row: Receipt = placed.row
        if row.decided_at and row.decided_at < row.accepted_at:
            yield placed.fault("decided_at", "decided_before_accepted", value=row.decided_at)


def step_faults(parts: Mapping[str, list[Placed]]) -> Iterator[Fault]:
    """Steps of units that the matter's table names, each once, and their days in order (R11)."""
    receipts: Mapping[str, Receipt] = {each.row.number: each.row for each in parts["receipts"]}
    tables: defaultdict[str, set[str]] = defaultdict(set)
    for line in parts["parallel_steps"]:
        if line.row.role == "unit":
            tables[line.row.matter].add(line.row.unit)
    first: dict[tuple[str, str], Placed] = {}
    for placed in parts["receipt_steps"]:
        step: ReceiptStep = placed.row
        receipt = receipts.get(step.receipt)
        if receipt is None:
            continue  # told as a reference that leads nowhere
        yield from _place_faults(placed, receipt.matter, tables.get(receipt.matter))
        if first.setdefault((step.receipt, step.unit), placed) is not placed:
            yield placed.fault("unit", "step_twice", value=step.unit)
        yield from _day_faults(placed, receipt)


def _place_faults(placed: Placed, matter: str, table: set[str] | None) -> Iterator[Fault]:
    if table is None:
        yield placed.fault("receipt", "not_parallel", value=matter)
    elif placed.row.unit not in table:
        yield placed.fault("unit", "not_in_table", value=placed.row.unit, matter=matter)


def _day_faults(placed: Placed, receipt: Receipt) -> Iterator[Fault]:
    step: ReceiptStep = placed.row
    if step.finished_on and not step.started_on:
        yield placed.fault("started_on", "not_started", value=step.finished_on)
    elif step.finished_on and step.started_on and step.finished_on < step.started_on:
        yield placed.fault("finished_on", "finished_before_started", value=step.finished_on)
    if step.started_on and step.started_on < receipt.accepted_at.astimezone(ZONE).date():
        yield placed.fault("started_on", "started_before_accepted", value=step.started_on)
