"""The pool: county scoping, retries of whole transactions, fairness."""


async def test_a_transaction_sees_its_county(conn):
    assert await conn.fetchval("SELECT count(*) FROM complaint") == 0


async def test_a_fresh_database(db):
    async with db.transaction("county_test") as conn:
        assert await conn.fetchval("SELECT count(*) FROM complaint") == 0
