"""Data folders for tests that start the real thing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import database


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short and open to the database's user, unlike pytest's own temporary folders."""
    with database.removed(database.new_folder()) as made:
        yield made
