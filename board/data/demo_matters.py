"""The demo county's matters, materials and parallel-approval tables, from `seed/`."""

from datetime import date

from board.data.demo_units import Seeds
from board.model import LimitUnit, Material, Matter, MatterKind, ParallelStep, StepRole, Window

LICENSING = "《中华人民共和国行政许可法》第四十二条"
FEE_BASIS = "省发展改革、财政部门公布的行政事业性收费目录"
LIMIT_UNITS: dict[str, LimitUnit] = {
    "w": "working_day",
    "c": "calendar_day",
    "h": "half_day",
    "t": "hour",
}


def _limit(text: str) -> tuple[int | None, LimitUnit | None]:
    return (None, None) if text == "-" else (int(text[:-1]), LIMIT_UNITS[text[-1]])


def make_matters(
    seeds: Seeds, windows: tuple[Window, ...]
) -> tuple[tuple[Matter, ...], tuple[Material, ...]]:
    """The matters of departments and towns with their materials."""
    matters: list[Matter] = []
    materials: list[Material] = []
    for unit, section, row in _matter_rows(seeds):
        number = sum(m.unit == unit for m in matters) + 1
        code = f"{unit}-{number:03}"
        place = _place(unit, section, number, windows)
        matters.append(
            _matter(
                code=code, unit=unit, section=section, row=row, place=place, at=len(matters) + 1
            )
        )
        materials += _materials(code, row)
    return tuple(matters), tuple(materials)


def _matter_rows(seeds: Seeds) -> list[tuple[str, str, dict[str, str]]]:
    county = [(row["unit"], f"{row['unit']}-2", row) for row in seeds.matters]
    towns = [
        (town["code"], f"{town['code']}-{row['section']}", row)
        for town in seeds.towns
        for row in seeds.town_matters
    ]
    return county + towns


def _place(unit: str, section: str, number: int, windows: tuple[Window, ...]) -> str:
    own = [w for w in windows if w.section == section]
    if own:
        window = own[(number - 1) % len(own)]
        return f"{window.hall} {window.name}"
    return "镇便民服务中心" if unit.startswith("T") and unit[1:].isdigit() else "本局行政审批服务股"


def _matter(
    *, code: str, unit: str, section: str, row: dict[str, str], place: str, at: int
) -> Matter:
    statutory, promised = _limit(row["statutory"]), _limit(row["promised"])
    approval = row["kind"] == "a"
    kind: MatterKind = "approval" if approval else "service"
    licensing = approval and row["statutory"] == "20w"
    return Matter(
        code=code,
        unit=unit,
        section=section,
        name=row["name"],
        name_en=row["name_en"],
        kind=kind,
        statutory_number=statutory[0],
        statutory_unit=statutory[1],
        statutory_basis=(LICENSING if licensing else row["basis"]) if statutory[0] else "",
        promised_number=promised[0],
        promised_unit=promised[1],
        after_close="same_day" if approval else "next_workday",
        basis=row["basis"],
        fee=row.get("fee") or "不收费",
        fee_basis=FEE_BASIS if row.get("fee") else "",
        steps=_steps(row),
        place=place,
        valid_from=_valid_from(at),
        position=at,
    )


def _valid_from(at: int) -> date:
    return date(2022 + at % 4, at % 12 + 1, 1)


def _steps(row: dict[str, str]) -> str:
    approval = row["kind"] == "a"
    papers = row["materials"]
    steps = ["申请：窗口或网上提交材料", "受理：材料齐全当场受理，不齐的一次性告知"]
    if any(word in papers for word in ("平面", "场地", "场所", "设施")):
        steps.append("踏勘：两名以上工作人员到现场核查")
    if any(word in papers for word in ("评价", "论证", "评审", "方案")):
        steps.append("评审：组织专家评审，所需时间书面告知")
    if approval:
        steps += ["审查：审查材料并提出意见", "决定：作出准予或者不予许可的书面决定"]
    else:
        steps.append("办理：核对材料并办结；不能办的说明理由")
    return "\n".join([*steps, "送达：窗口领取、邮寄或者下载电子结果"])


def _materials(code: str, row: dict[str, str]) -> list[Material]:
    own = row["materials"].split("；")
    identity = "居民身份证"
    if not any("身份" in name or "营业执照" in name for name in own):
        own.append(identity)
    return [Material(code, at, name, *_copies(name)) for at, name in enumerate(own, 1)]


def _copies(name: str) -> tuple[str, str]:
    if any(word in name for word in ("身份", "户口", "执照", "证书", "凭证", "卡", "残疾人证")):
        return "原件1份", "核对后当场退还；可用电子证照代替"
    if any(word in name for word in ("申请", "登记表", "承诺", "申请书")):
        return "原件1份", "窗口备有样表，可当场填写"
    return "原件1份，复印件1份", "复印件加盖公章或者签名"


def make_parallel(
    seeds: Seeds, done: int
) -> tuple[tuple[Matter, ...], tuple[Material, ...], tuple[ParallelStep, ...]]:
    """The parallel-approval tables, each with its matter; the lead unit hands on and puts
    together."""
    matters: list[Matter] = []
    materials: list[Material] = []
    steps: list[ParallelStep] = []
    for row in seeds.parallel:
        lead = row["lead"]
        code = f"{lead}-P{sum(m.unit == lead for m in matters) + 1:02}"
        matters.append(_parallel_matter(code, row, done + len(matters) + 1))
        materials += _materials(code, PARALLEL_PAPERS)
        steps += _parallel_steps(code, row)
    return tuple(matters), tuple(materials), tuple(steps)


PARALLEL_PAPERS = {"materials": "一件事一次办申请表；营业执照；场所平面图；各环节所需材料清单"}


def _parallel_matter(code: str, row: dict[str, str], at: int) -> Matter:
    statutory, promised = _limit(row["statutory"]), _limit(row["promised"])
    return Matter(
        code=code,
        unit=row["lead"],
        section=f"{row['lead']}-2",
        name=row["name"],
        name_en=row["name_en"],
        kind="parallel",
        statutory_number=statutory[0],
        statutory_unit=statutory[1],
        statutory_basis=LICENSING,
        promised_number=promised[0],
        promised_unit=promised[1],
        after_close="same_day",
        basis=row["basis"],
        fee="不收费",
        fee_basis="",
        steps="申请：牵头单位窗口一次收件\n分送：牵头单位把材料转给各单位\n"
        "并联办理：各单位同时办理，各守时限\n汇总：牵头单位汇总决定\n送达：一次领取全部结果",
        place="县政务服务大厅“一件事”综合受理窗口",
        valid_from=_valid_from(at),
        position=at,
    )


def _parallel_steps(code: str, row: dict[str, str]) -> list[ParallelStep]:
    steps = []
    for at, part in enumerate(row["steps"].split(","), 1):
        who, _, days = part.partition(":")
        role: StepRole = (
            "hand_on" if who == "hand_on" else "put_together" if who == "put_together" else "unit"
        )
        unit = who if role == "unit" else row["lead"]
        steps.append(ParallelStep(code, at, role, unit, int(days), "working_day"))
    return steps
