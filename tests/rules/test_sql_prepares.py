"""Every statement of every store module is one that the migrated schema understands."""

import pytest

from tests.rules.sources import Statement, statements

ALL = statements()


def test_there_are_statements_to_check():
    assert len(ALL) > 20


@pytest.mark.parametrize("statement", ALL, ids=lambda statement: statement.id)
async def test_it_prepares(conn, statement: Statement):
    await conn.prepare(statement.sql)
