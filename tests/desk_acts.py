"""Pages of the desk that only a form leads to: what is typed and pressed, how it is answered."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Act:
    """One form: `path` is where it stands, or a pattern of the links to it; `typed` is {CSS
    selector: text}; `press` a button; `status` that of the page that answers."""

    name: str
    path: str
    press: str
    status: int = 200
    typed: dict[str, str] = field(default_factory=dict)


def _in(action: str, button: str = "") -> str:
    """The button of the form that is sent there."""
    return f'main form[action$="{action}"] button{button}'


_COUNTY = "/desk/county"
# Before somebody is signed in.
AT_THE_DOOR = (
    Act("sign_in_empty", "/desk/sign-in", _in("sign-in"), 422),
    Act("sign_in_wrong", "/desk/sign-in", _in("sign-in"), 422,
        {"#login": "liang", "#password": "not the password"}),
)  # fmt: skip
# Nothing of these is kept: previews, and forms that come back.
ACTS = (
    Act("calendar_closure", f"{_COUNTY}/calendar", _in("/closures"),
        typed={"#first": "2026-12-01", "#last": "2026-12-02", "#note": "台风停工"}),
    Act("calendar_closure_fault", f"{_COUNTY}/calendar", _in("/closures"), 422),
    Act("calendar_year", f"{_COUNTY}/calendar", _in("/years"),
        typed={"#year": "2027", "#notice": "国办发明电〔2026〕7号",
               "#off": "2027-01-01\n2027-02-06..2027-02-12", "#work": "2027-02-14"}),
    Act("calendar_year_fault", f"{_COUNTY}/calendar", _in("/years"), 422,
        {"#year": "2027", "#off": "tomorrow"}),
    Act("terms", f"{_COUNTY}/terms", _in("/preview"), typed={"#complaint": "12"}),
    Act("terms_fault", f"{_COUNTY}/terms", _in("/preview"), 422, {"#complaint": "0"}),
    Act("routing_drop", f"{_COUNTY}/routing", _in("/preview", '[value="drop 110"]')),
    Act("routing_up", f"{_COUNTY}/routing", _in("/preview", '[value="up 70"]')),
    Act("routing_rule_fault", f"{_COUNTY}/routing/new", _in("/preview"), 422),
    Act("limit_fault", rf"{_COUNTY}/limits/[^/]+", "form:has(#promised_number) button", 422,
        {"#promised_number": "999"}),
    Act("text_look", f"{_COUNTY}/texts/reminded_late", 'main button[value="look"]'),
    Act("text_fault", f"{_COUNTY}/texts/reminded_late", 'main button[value="save"]', 422,
        {"main textarea >> nth=0": "请看 {office.x}"}),
    Act("text_mail", f"{_COUNTY}/texts/reminded_late", 'main button[formaction*="preview"]'),
    Act("office_new_fault", f"{_COUNTY}/offices/new", _in("/offices"), 422,
        {"#email": "nobody", "#code": "a b"}),
    Act("office_fault", rf"{_COUNTY}/offices/(?!new)[^/]+", "form:has(#head_badge) button", 422,
        {"#head_badge": "Z9999", "#email": "", "#members": "A1024、Z9999"}),
    Act("relatives_fault", f"{_COUNTY}/relatives", _in("/relatives"), 422, {"#badge": "Z9999"}),
    Act("result_preview", r"/desk/results/[0-9-]+", _in("/preview"),
        typed={"#title": "窗口没有一次讲清", "#problem": "打了 13800138000 也没有人接。",
               "#outcome": "已经道歉并补了一张清单。"}),
    Act("result_fault", r"/desk/results/[0-9-]+", _in("/preview"), 422, {"#title": ""}),
    Act("user_new_fault", "/desk/users/new", _in("/users"), 422),
    Act("password_fault", "/desk/me/password", _in("/password"), 422, {"#old": "x", "#new": "x"}),
    Act("totp_fault", "/desk/me/totp", _in("/totp"), 422, {"#code": "000000"}),
    Act("nothing_ticked", "/desk/cases?list=soon", _in("/reminders")),
    Act("case_note_fault", r"/desk/cases/[0-9-]+", "form:has(#note-reason) button", 422),
)  # fmt: skip
# These leave a trace: somebody looked, somebody was added.
LAST = (
    Act("case_contact", r"/desk/cases/[0-9-]+", "form:has(#contact-reason) button",
        typed={"#contact-reason": "投诉人要求回电。"}),
    Act("user_added", "/desk/users/new", _in("/users"),
        typed={"#name": "陈小窗", "#login": "chan"}),
)  # fmt: skip
