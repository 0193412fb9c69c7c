"""The figures as a Markdown table, as one JSON object, and what falls short in words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tests.bench.measure import Row, Series

US = 1e6


@dataclass(frozen=True)
class Fact:
    """A figure without a limit beside it: a size, a count, a time. `good` None: no goal."""

    name: str
    value: str
    goal: str = ""
    good: bool | None = None


def print_rows(title: str, rows: Sequence[Row], hello: Series) -> None:
    """One line a row; CPU in µs an operation, multiples of hello's and of pgbench's."""
    print(f"\n### {title}\n")
    print(
        "| work | beside | ratio of rates (lowest–highest) | goal | our CPU µs | × hello "
        "| PostgreSQL's CPU µs | × pgbench | p50 ms | p99 ms | |"
    )
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|")
    for row in rows:
        print("| " + " | ".join(_cells(row, hello)) + " |")


def _cells(row: Row, hello: Series) -> list[str]:
    work, limit = row.work, row.limit
    low, high = min(row.ratios), max(row.ratios)
    return [
        row.name,
        row.beside,
        f"{row.ratio:.2f} ({low:.2f}–{high:.2f})",
        f"≥ {row.goal:.2f}" if row.goal else "",
        f"{work.ours * US:.0f}",
        f"{work.ours / hello.ours:.1f}" + (f" (≤ {row.most_cpu:g})" if row.most_cpu else ""),
        f"{work.postgres * US:.0f}" if work.postgres else "",
        f"{work.postgres / limit.postgres:.1f}" if limit.postgres else "",
        f"{work.p50 * 1000:.1f}" if work.p50 else "",
        f"{work.p99 * 1000:.1f}" if work.p99 else "",
        remark(row, hello),
    ]


def remark(row: Row, hello: Series) -> str:
    """What a reader must know of a row: short of a goal, noisy, spoilt."""
    said = []
    if row.goal and row.ratio < row.goal:
        said.append("short")
    if row.most_cpu and row.work.ours > row.most_cpu * hello.ours:
        said.append("CPU short")
    if row.noisy:
        said.append("noisy")
    if row.work.spoilt:
        said.append(f"{row.work.spoilt} spoilt")
    return ", ".join(said)


def print_facts(title: str, facts: Sequence[Fact]) -> None:
    """One line a figure."""
    print(f"\n### {title}\n")
    print("| what | figure | goal | |")
    print("|---|--:|--:|---|")
    for fact in facts:
        verdict = "short" if fact.good is False else ""
        print(f"| {fact.name} | {fact.value} | {fact.goal} | {verdict} |")


def as_json(row: Row, hello: Series) -> dict[str, object]:
    """A row for machines."""
    return {
        "work": row.name,
        "beside": row.beside,
        "ratios": row.ratios,
        "goal": row.goal,
        "ours_us": row.work.ours * US,
        "times_hello": row.work.ours / hello.ours,
        "postgres_us": row.work.postgres * US,
        "limit_postgres_us": row.limit.postgres * US,
        "samples": [asdict(each) for each in row.work.samples],
        "limit_samples": [asdict(each) for each in row.limit.samples],
        "remark": remark(row, hello),
    }
