"""Which pages of the desk the pictures leave out; `tests.desk_pictures` fails if there is one."""

from tests.desk_pictures import NO_PICTURE, fits, routes, without_picture


def test_every_page_of_the_desk_is_looked_for():
    missing = without_picture([])
    assert missing == routes()
    assert "/desk/cases/{number}" in missing
    assert not set(NO_PICTURE) & set(missing)


def test_a_page_is_no_other_ones_that_it_begins_like():
    assert "/desk/cases/find" in without_picture(["/desk/cases/2026-000001"])
    assert "/desk/cases/{number}" not in without_picture(["/desk/cases/2026-000001"])
    assert not fits("/desk/cases/{number}", "/desk/cases/find")
    assert fits("/desk/county/texts/{name}/preview", "/desk/county/texts/received/preview?in=en")
