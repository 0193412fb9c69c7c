"""Every address of the product, on one page."""

from aiohttp import web

from gateway.cache import add_caches
from gateway.pages import (
    answer_steps,
    answers,
    commendations,
    complaint_steps,
    complaints,
    directory,
    health,
    home,
    mailbox,
    receipts,
    result_cases,
    results,
    static,
    tracking,
    tracking_consent,
    tracking_steps,
)
from gateway.pages.desk import case, cases, counties, me, sign_in, start, totp, users
from gateway.pages.desk import commendations as desk_commendations
from gateway.pages.desk import figures as desk_figures
from gateway.pages.desk import report as desk_report
from gateway.pages.desk import results as desk_results
from gateway.pages.desk.county import calendar as county_calendar
from gateway.pages.desk.county import index as county
from gateway.pages.desk.county import limits as county_limits
from gateway.pages.desk.county import offices, relatives, routing, terms, texts


def add_routes(app: web.Application) -> None:
    """Adds all routes; each module of `gateway.pages` is one noun.

    Who may use a route stands in `gateway.desk.access`; one without a line there fails the tests.
    """
    _add_answer_routes(app)
    _add_desk_routes(app)
    _add_county_routes(app)
    _add_desk_results_routes(app)
    add_caches(app)
    app.router.add_get("/static/{name}", static.show)
    app.router.add_get("/health/live", health.live)
    app.router.add_get("/health/ready", health.ready)
    app.router.add_get("/", home.show)
    app.router.add_get("/directory/", directory.index)
    app.router.add_get("/directory/hall", directory.hall)
    app.router.add_get("/units/{code}", directory.unit)
    app.router.add_get("/staff/{badge}", directory.staff)
    app.router.add_get("/matters/{code}", directory.matter)
    app.router.add_get("/complaints/new", complaints.new)
    app.router.add_post("/complaints/new", complaint_steps.step)
    app.router.add_post("/complaints", complaints.create)
    app.router.add_get("/complaints/lookup", complaint_steps.lookup)
    app.router.add_get("/complaints/limit", complaint_steps.limit)
    app.router.add_get("/complaints/receipt/{pass}", receipts.show)
    app.router.add_get("/track", tracking.new)
    app.router.add_post("/track", tracking.find)
    app.router.add_get("/track/case", tracking.show)
    app.router.add_post("/track/case/reply", tracking_steps.reply)
    app.router.add_post("/track/case/rating", tracking_steps.rate)
    app.router.add_post("/track/case/review", tracking_steps.ask_review)
    app.router.add_post("/track/case/withdrawal", tracking_steps.withdraw)
    app.router.add_post("/track/case/consent", tracking_consent.take_back)
    app.router.add_post("/track/end", tracking.leave)
    app.router.add_get("/results/", results.show_page)
    app.router.add_get("/results/figures.csv", results.as_csv)
    app.router.add_get("/results/cases", result_cases.show)
    app.router.add_get("/commendations/new", commendations.new)
    app.router.add_post("/commendations", commendations.create)
    app.router.add_get("/commendations/thanks", commendations.thanks)
    app.router.add_get("/demo/mailbox", mailbox.show)
    app.router.add_get("/demo/mailbox.json", mailbox.as_json)
    app.router.add_get("/demo/mailbox/{key:[0-9a-f]{32}}", mailbox.as_mail)


def _add_answer_routes(app: web.Application) -> None:
    app.router.add_get("/answer/{token}", answers.show)
    app.router.add_post("/answer/{token}/signature", answers.sign)
    app.router.add_post("/answer/{token}/answer", answers.answer)
    app.router.add_post("/answer/{token}/take-up", answer_steps.take_up)
    app.router.add_post("/answer/{token}/return", answer_steps.ask_return)
    app.router.add_post("/answer/{token}/extension", answer_steps.extend)
    app.router.add_post("/answer/{token}/question", answer_steps.ask)
    app.router.add_post("/answer/{token}/resume", answer_steps.resume)
    app.router.add_post("/answer/{token}/contact", answer_steps.contact)
    app.router.add_post("/answer/{token}/receipt", answer_steps.confirm_receipt)
    app.router.add_post("/answer/{token}/link", answers.renew_link)
    app.router.add_get("/answer/{token}/attachments/{position:[1-9]}", answers.attachment)


def _add_county_routes(app: web.Application) -> None:
    app.router.add_get("/desk/county", county.show)
    app.router.add_get("/desk/county/calendar", county_calendar.show)
    app.router.add_post("/desk/county/calendar/closures", county_calendar.close)
    app.router.add_post("/desk/county/calendar/closures/end", county_calendar.reopen)
    app.router.add_post("/desk/county/calendar/years", county_calendar.publish)
    app.router.add_get("/desk/county/limits", county_limits.show)
    app.router.add_get("/desk/county/limits/{code}", county_limits.show_one)
    app.router.add_post("/desk/county/limits/{code}", county_limits.change)
    app.router.add_get("/desk/county/texts", texts.index)
    app.router.add_get("/desk/county/texts/{name}", texts.show)
    app.router.add_post("/desk/county/texts/{name}", texts.save)
    app.router.add_get("/desk/county/texts/{name}/preview", texts.preview)
    app.router.add_post("/desk/county/texts/{name}/preview", texts.preview_typed)
    app.router.add_get("/desk/county/terms", terms.show)
    app.router.add_post("/desk/county/terms", terms.save)
    app.router.add_post("/desk/county/terms/preview", terms.preview)
    app.router.add_get("/desk/county/offices", offices.show)
    app.router.add_post("/desk/county/offices", offices.create)
    app.router.add_get("/desk/county/offices/new", offices.new)
    app.router.add_get("/desk/county/offices/{code}", offices.show_one)
    app.router.add_post("/desk/county/offices/{code}", offices.change)
    app.router.add_get("/desk/county/relatives", relatives.show)
    app.router.add_post("/desk/county/relatives", relatives.add)
    app.router.add_post("/desk/county/relatives/removal", relatives.remove)
    app.router.add_get("/desk/county/routing", routing.show)
    app.router.add_post("/desk/county/routing", routing.save)
    app.router.add_post("/desk/county/routing/preview", routing.preview)
    app.router.add_get("/desk/county/routing/new", routing.new)
    app.router.add_get("/desk/county/routing/{position:[0-9]{1,6}}", routing.show_one)


def _add_desk_results_routes(app: web.Application) -> None:
    app.router.add_get("/desk/figures", desk_figures.show)
    app.router.add_get("/desk/figures/cases", desk_figures.show_cases)
    app.router.add_post("/desk/figures/counts", desk_figures.count_now)
    app.router.add_get("/desk/report", desk_report.show)
    app.router.add_get("/desk/report.xlsx", desk_report.as_xlsx)
    app.router.add_get("/desk/results", desk_results.show)
    result = "/desk/results/{number:[0-9-]{6,30}}"
    app.router.add_get(result, desk_results.show_one)
    app.router.add_post(f"{result}/preview", desk_results.preview)
    app.router.add_post(f"{result}/release", desk_results.release)
    app.router.add_post(f"{result}/withdrawal", desk_results.withdraw)
    app.router.add_get("/desk/commendations", desk_commendations.show)
    app.router.add_post("/desk/commendations/{id:[0-9a-f-]{36}}", desk_commendations.decide)


def _add_desk_routes(app: web.Application) -> None:
    app.router.add_get("/desk", start.shorter)
    app.router.add_get("/desk/", start.show)
    app.router.add_get("/desk/sign-in", sign_in.show)
    app.router.add_post("/desk/sign-in", sign_in.submit)
    app.router.add_get("/desk/sign-in/code", sign_in.show_code)
    app.router.add_post("/desk/sign-in/code", sign_in.submit_code)
    app.router.add_get("/desk/sign-in/county", sign_in.show_county)
    app.router.add_post("/desk/sign-in/county", sign_in.submit_county)
    app.router.add_post("/desk/sign-out", start.sign_out)
    app.router.add_get("/desk/me", me.show)
    app.router.add_post("/desk/me/notice", me.put_notice_aside)
    app.router.add_post("/desk/me/language", me.choose_language)
    app.router.add_post("/desk/me/county", counties.change)
    app.router.add_get("/desk/me/password", me.show_password)
    app.router.add_post("/desk/me/password", me.change_password)
    app.router.add_get("/desk/me/totp", totp.show)
    app.router.add_post("/desk/me/totp", totp.turn_on)
    app.router.add_post("/desk/me/totp/end", totp.turn_off)
    app.router.add_post("/desk/me/sessions/end", me.end_sessions)
    app.router.add_post("/desk/me/sessions/{key:[0-9a-f]{64}}/end", me.end_session)
    app.router.add_get("/desk/cases", cases.show)
    app.router.add_post("/desk/cases/reminders", cases.remind)
    app.router.add_get("/desk/cases/find", cases.find)
    one = "/desk/cases/{number:[0-9-]{6,30}}"
    app.router.add_get(one, case.show)
    app.router.add_post(f"{one}/steps", case.step)
    app.router.add_post(f"{one}/contact", case.view_contact)
    app.router.add_get(f"{one}/attachments/{{position:[1-9]}}", case.attachment)
    app.router.add_get("/desk/users", users.show)
    app.router.add_post("/desk/users", users.create)
    app.router.add_get("/desk/users/new", users.new)
    app.router.add_post("/desk/users/totp", users.require_totp)
    app.router.add_get("/desk/users/{id:[0-9a-f-]{36}}", users.show_one)
    app.router.add_post("/desk/users/{id:[0-9a-f-]{36}}/roles", users.change_roles)
    app.router.add_post("/desk/users/{id:[0-9a-f-]{36}}/badge", users.change_badge)
    app.router.add_post("/desk/users/{id:[0-9a-f-]{36}}/password", users.reset_password)
    app.router.add_post("/desk/users/{id:[0-9a-f-]{36}}/closure", users.close)
    app.router.add_post("/desk/users/{id:[0-9a-f-]{36}}/reopening", users.reopen)
