"""Who may go where: one table for every address of the product.

`gateway.desk.guard` enforces it below `/desk/`, and `tests/rules/test_access.py` walks every route
by every role. To add a page: its route in `gateway/routes.py`, its line here.
"""

from typing import Literal, get_args

from aiohttp import web

Role = Literal["operator", "moderator", "counter", "supervisor", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)

# Anybody; whoever has an answer link; whoever has a tracking code; machines that watch.
PUBLIC: Literal["public"] = "public"
LINK: Literal["link"] = "link"
CODE: Literal["code"] = "code"
MACHINE: Literal["machine"] = "machine"
Who = Literal["public", "link", "code", "machine"] | frozenset[str]
STAFF: frozenset[str] = frozenset(ROLES)
# Who watches over complaints, and who may ask how one stands by its number alone (domain.md).
WATCHES: frozenset[str] = frozenset({"supervisor", "administrator"})
OPERATOR: frozenset[str] = frozenset({"operator"})
MODERATOR: frozenset[str] = frozenset({"moderator"})
ADMINISTRATOR: frozenset[str] = frozenset({"administrator"})

# (method, address as the router has it, without patterns). HEAD is GET.
ACCESS: dict[tuple[str, str], Who] = {
    ("GET", "/static/{name}"): PUBLIC,
    ("GET", "/health/live"): MACHINE,
    ("GET", "/health/ready"): MACHINE,
    ("GET", "/"): PUBLIC,
    ("GET", "/directory/"): PUBLIC,
    ("GET", "/directory/hall"): PUBLIC,
    ("GET", "/units/{code}"): PUBLIC,
    ("GET", "/staff/{badge}"): PUBLIC,
    ("GET", "/matters/{code}"): PUBLIC,
    ("GET", "/complaints/new"): PUBLIC,
    ("POST", "/complaints/new"): PUBLIC,
    ("POST", "/complaints"): PUBLIC,
    ("GET", "/complaints/lookup"): PUBLIC,
    ("GET", "/complaints/limit"): PUBLIC,
    ("GET", "/complaints/receipt/{pass}"): CODE,
    ("GET", "/track"): PUBLIC,
    ("POST", "/track"): PUBLIC,
    ("GET", "/track/case"): CODE,
    ("POST", "/track/case/reply"): CODE,
    ("POST", "/track/case/rating"): CODE,
    ("POST", "/track/case/review"): CODE,
    ("POST", "/track/case/withdrawal"): CODE,
    ("POST", "/track/case/consent"): CODE,
    ("POST", "/track/end"): PUBLIC,
    ("GET", "/answer/{token}"): LINK,
    ("POST", "/answer/{token}/signature"): LINK,
    ("POST", "/answer/{token}/answer"): LINK,
    ("POST", "/answer/{token}/return"): LINK,
    ("POST", "/answer/{token}/extension"): LINK,
    ("POST", "/answer/{token}/question"): LINK,
    ("POST", "/answer/{token}/take-up"): LINK,
    ("POST", "/answer/{token}/resume"): LINK,
    ("POST", "/answer/{token}/contact"): LINK,
    ("POST", "/answer/{token}/receipt"): LINK,
    ("POST", "/answer/{token}/link"): LINK,
    ("GET", "/answer/{token}/attachments/{position}"): LINK,
    ("GET", "/results/"): PUBLIC,
    ("GET", "/results/figures.csv"): PUBLIC,
    ("GET", "/results/cases"): PUBLIC,
    ("GET", "/commendations/new"): PUBLIC,
    ("POST", "/commendations"): PUBLIC,
    ("GET", "/commendations/thanks"): PUBLIC,
    ("GET", "/demo/mailbox"): PUBLIC,
    ("GET", "/demo/mailbox.json"): PUBLIC,
    ("GET", "/demo/mailbox/{key}"): PUBLIC,
    ("GET", "/desk"): PUBLIC,
    ("GET", "/desk/sign-in"): PUBLIC,
    ("POST", "/desk/sign-in"): PUBLIC,
    ("GET", "/desk/sign-in/code"): PUBLIC,
    ("POST", "/desk/sign-in/code"): PUBLIC,
    ("GET", "/desk/sign-in/county"): PUBLIC,
    ("POST", "/desk/sign-in/county"): PUBLIC,
    ("POST", "/desk/sign-out"): STAFF,
    ("GET", "/desk/"): STAFF,
    ("GET", "/desk/me"): STAFF,
    ("POST", "/desk/me/notice"): STAFF,
    ("POST", "/desk/me/language"): STAFF,
    ("POST", "/desk/me/county"): STAFF,
    ("GET", "/desk/me/password"): STAFF,
    ("POST", "/desk/me/password"): STAFF,
    ("GET", "/desk/me/totp"): STAFF,
    ("POST", "/desk/me/totp"): STAFF,
    ("POST", "/desk/me/totp/end"): STAFF,
    ("POST", "/desk/me/sessions/end"): STAFF,
    ("POST", "/desk/me/sessions/{key}/end"): STAFF,
    ("GET", "/desk/cases"): WATCHES,
    ("POST", "/desk/cases/reminders"): WATCHES,
    ("GET", "/desk/cases/find"): WATCHES | OPERATOR,
    ("GET", "/desk/cases/{number}"): WATCHES | OPERATOR,
    ("POST", "/desk/cases/{number}/steps"): WATCHES,
    ("POST", "/desk/cases/{number}/contact"): WATCHES,
    ("GET", "/desk/cases/{number}/attachments/{position}"): WATCHES,
    ("GET", "/desk/county"): WATCHES,
    ("GET", "/desk/county/terms"): WATCHES,
    ("POST", "/desk/county/terms"): ADMINISTRATOR,
    ("POST", "/desk/county/terms/preview"): ADMINISTRATOR,
    ("GET", "/desk/county/offices"): WATCHES,
    ("POST", "/desk/county/offices"): ADMINISTRATOR,
    ("GET", "/desk/county/offices/new"): ADMINISTRATOR,
    ("GET", "/desk/county/offices/{code}"): ADMINISTRATOR,
    ("POST", "/desk/county/offices/{code}"): ADMINISTRATOR,
    ("GET", "/desk/county/relatives"): WATCHES,
    ("POST", "/desk/county/relatives"): WATCHES,
    ("POST", "/desk/county/relatives/removal"): WATCHES,
    ("GET", "/desk/county/routing"): WATCHES,
    ("POST", "/desk/county/routing"): ADMINISTRATOR,
    ("POST", "/desk/county/routing/preview"): ADMINISTRATOR,
    ("GET", "/desk/county/routing/new"): ADMINISTRATOR,
    ("GET", "/desk/county/routing/{position}"): ADMINISTRATOR,
    ("GET", "/desk/county/texts"): WATCHES,
    ("GET", "/desk/county/texts/{name}"): WATCHES,
    ("POST", "/desk/county/texts/{name}"): ADMINISTRATOR,
    ("GET", "/desk/county/texts/{name}/preview"): WATCHES,
    ("POST", "/desk/county/texts/{name}/preview"): ADMINISTRATOR,
    ("GET", "/desk/figures"): WATCHES,
    ("GET", "/desk/figures/cases"): WATCHES,
    ("POST", "/desk/figures/counts"): WATCHES,
    ("GET", "/desk/report"): WATCHES,
    ("GET", "/desk/report.xlsx"): WATCHES,
    ("GET", "/desk/results"): WATCHES,
    ("GET", "/desk/results/{number}"): WATCHES,
    ("POST", "/desk/results/{number}/preview"): WATCHES,
    ("POST", "/desk/results/{number}/release"): WATCHES,
    ("POST", "/desk/results/{number}/withdrawal"): WATCHES,
    ("GET", "/desk/commendations"): WATCHES | MODERATOR,
    ("POST", "/desk/commendations/{id}"): WATCHES | MODERATOR,
    ("GET", "/desk/county/calendar"): WATCHES,
    ("GET", "/desk/county/limits"): WATCHES,
    ("GET", "/desk/county/limits/{code}"): ADMINISTRATOR,
    ("POST", "/desk/county/limits/{code}"): ADMINISTRATOR,
    ("POST", "/desk/county/calendar/closures"): ADMINISTRATOR,
    ("POST", "/desk/county/calendar/closures/end"): ADMINISTRATOR,
    ("POST", "/desk/county/calendar/years"): ADMINISTRATOR,
    ("GET", "/desk/users"): ADMINISTRATOR,
    ("POST", "/desk/users"): ADMINISTRATOR,
    ("GET", "/desk/users/new"): ADMINISTRATOR,
    ("POST", "/desk/users/totp"): ADMINISTRATOR,
    ("GET", "/desk/users/{id}"): ADMINISTRATOR,
    ("POST", "/desk/users/{id}/roles"): ADMINISTRATOR,
    ("POST", "/desk/users/{id}/badge"): ADMINISTRATOR,
    ("POST", "/desk/users/{id}/password"): ADMINISTRATOR,
    ("POST", "/desk/users/{id}/closure"): ADMINISTRATOR,
    ("POST", "/desk/users/{id}/reopening"): ADMINISTRATOR,
}
# What a session may reach before its user has chosen a password or set up a code app.
UNFINISHED = {
    "password": frozenset({"/desk/me/password", "/desk/sign-out"}),
    "totp": frozenset({"/desk/me/totp", "/desk/sign-out"}),
}


def who_may(method: str, canonical: str) -> Who | None:
    """The table's entry; None for a route that has none, which nobody may use."""
    return ACCESS.get(("GET" if method == "HEAD" else method, canonical))


def may(roles: frozenset[str], canonical: str, method: str = "GET") -> bool:
    """Whether somebody with these roles may use a desk route; links are shown by this."""
    who = who_may(method, canonical)
    return isinstance(who, frozenset) and not roles.isdisjoint(who)


def route_of(request: web.Request) -> str:
    """The address of the matched route as the router has it, "" where none matched."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""
