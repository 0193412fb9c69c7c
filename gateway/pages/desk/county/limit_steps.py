"""The limits of a parallel approval's parts, beside those of its matter (domain.md R11). Which
units take part, and in which order, comes from the county files."""

from collections.abc import Mapping, Sequence

from board.directory import Directory
from board.model import ParallelStep
from gateway.county_files.cells import written
from gateway.county_files.editing import COLUMNS, read_row
from gateway.i18n import Words
from gateway.pages.desk.county.editing import told
from gateway.views import name_in

# Columns of a step that the page has fields for, and what the fields' names end in.
_FIELDS = {"limit_number": "number", "limit_unit": "unit"}


def step_texts(steps: Sequence[ParallelStep]) -> dict[str, str]:
    """{field: what it shows}."""
    return {
        _field(step, column): written(getattr(step, column)) for step in steps for column in _FIELDS
    }


def _field(step: ParallelStep, column: str) -> str:
    return f"step-{step.position}-{_FIELDS[column]}"


def read_steps(
    words: Words, steps: Sequence[ParallelStep], typed: Mapping[str, str]
) -> tuple[list[ParallelStep], dict[str, str]]:
    """The steps with the limits that were typed, and {field: message} of what cannot be."""
    rows: list[ParallelStep] = []
    faults: dict[str, str] = {}
    for step in steps:
        texts = {column: written(getattr(step, column)) for column in COLUMNS["parallel_steps"]}
        own = {column: typed[_field(step, column)] for column in _FIELDS}
        row, found = read_row("parallel_steps", texts | own)
        rows.append(row)
        faults |= {_field(step, column): text for column, text in told(words, found).items()}
    return rows, faults


def step_rows(
    words: Words, directory: Directory, steps: Sequence[ParallelStep]
) -> list[tuple[str, str]]:
    """For the page: what a step's fields begin with, and who does what in it."""
    rows = []
    for step in steps:
        unit = directory.unit(step.unit)
        name = name_in(words.language, unit) if unit else step.unit
        rows.append((f"step-{step.position}", f"{words(f'directory.role.{step.role}')} · {name}"))
    return rows
