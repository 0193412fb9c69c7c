"""What shares something dear, or cannot stand beside itself, runs in one worker."""

import pytest


@pytest.mark.xdist_group("together")
def test_a_tests_group_stands_in_the_id_by_which_xdist_deals_it_out(
    request: pytest.FixtureRequest,
) -> None:
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("one process runs everything")
    assert request.node.nodeid.endswith("@together")
