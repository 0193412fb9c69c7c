"""A county of two units on a few lines, to break in every way."""

import json
from pathlib import Path

PROFILE = {
    "code": "small",
    "name": "小县",
    "name_en": "Small County",
    "address": "一号路",
    "hotline": "0700-00012345",
    "desk_phone": "0700-00001000",
    "desk_email": "desk@example.org",
}
CALENDAR = {
    "2026": {
        "notice": ["https://example.org/2026"],
        "off": ["2026-01-01", "2026-01-02"],
        "work": ["2026-01-04"],
    }
}
FILES = {
    "units": """\
code,kind,name,name_en,address,phone,hours,functions,head_badge,position
EDU,department,教育局,Education,一号路2号,0700-00000100,周一至周五,管理教育,A1001,1
HUD,department,住建局,Housing,一号路3号,0700-00000200,周一至周五,管理建设,A2001,2
""",
    "sections": """\
code,unit,name,name_en,floor,room,phone,duties,position
EDU-1,EDU,办公室,Office,1楼,101室,0700-00000101,文电,1
HUD-1,HUD,办公室,Office,1楼,101室,0700-00000201,文电,2
""",
    "windows": """\
code,name,hall,section,position
W12,12号窗口,大厅,EDU-1,12
""",
    "staff": """\
badge,placard,unit,section,window,name,pinyin,post,rank,duties,superior,since,until
A1001,P-001,EDU,,,陈大文,,局长,head,全面工作,,2020-01-01,
A1002,P-012,EDU,EDU-1,W12,单国强,shan guo qiang,科员,clerk,收件,A1001,2021-05-01,
A2001,P-003,HUD,HUD-1,,区永权,,局长,head,全面工作,,2019-03-01,
""",
    "matters": """\
code,unit,section,name,name_en,kind,statutory_number,statutory_unit,statutory_basis,promised_number,promised_unit,after_close,basis,fee,fee_basis,steps,place,valid_from,position
M1,EDU,EDU-1,教师资格认定,Teachers,approval,20,working_day,行政许可法,10,working_day,same_day,教师法,不收费,,"申请
受理",12号窗口,2024-01-01,1
M2,HUD,HUD-1,开工并联审批,Start,parallel,45,working_day,行政许可法,15,working_day,same_day,建筑法,不收费,,申请,大厅,2024-01-01,2
""",
    "materials": """\
matter,position,name,copies,note
M1,1,身份证,原件1份,
M1,2,学历证书,原件1份,当场退还
""",
    "parallel_steps": """\
matter,position,role,unit,limit_number,limit_unit
M2,1,hand_on,HUD,1,working_day
M2,2,unit,EDU,10,working_day
M2,3,unit,HUD,7,working_day
M2,4,put_together,HUD,4,working_day
""",
    "offices": """\
code,kind,unit,name,name_en,email,phone,address,above,head_badge,members
EDU-EFF,unit,EDU,效能办,Efficiency,edu@example.org,0700-00000101,一号路2号,UPP,A1001,A1001|A1002
UPP,upper,,上级,Upper,upper@example.org,0700-00009900,江边1号,,,
""",
    "relatives": """\
badge,relative_badge
A1002,A2001
""",
    "routing": """\
rank,clause_or_code,subject,unit_kind,receives,hidden_from,why
10,C02|C03,any,any,discipline,unit|bureau,sealed
230,any,clerk,department,unit,the clerk|the section,
""",
    "receipts": """\
number,matter,accepted_at,decided_at
SL-1,M1,2026-03-09T10:15:00+08:00,2026-03-16T09:00:00+08:00
SL-2,M1,2026-03-10T10:15:00+08:00,
""",
}


def write(folder: Path, changed: dict[str, str] | None = None) -> Path:
    """The small county in `folder`; `changed` gives whole files by their name."""
    for stem, text in FILES.items():
        (folder / f"{stem}.csv").write_text(text, "utf-8")
    (folder / "county.json").write_text(json.dumps(PROFILE, ensure_ascii=False, indent=1), "utf-8")
    (folder / "calendar.json").write_text(json.dumps(CALENDAR, indent=1), "utf-8")
    for name, text in (changed or {}).items():
        (folder / name).write_text(text, "utf-8")
    return folder


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Replaces `old`, which must be there, once."""
    text = (folder / name).read_text("utf-8")
    assert old in text, (name, old)
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")
