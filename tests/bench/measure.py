"""Rounds A B C A B C: what one run gave, and what several runs of a row say together."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

NOISY = 0.30


@dataclass(frozen=True)
class Sample:
    """One run: operations, wall-clock seconds, CPU seconds of our processes and of PostgreSQL's.

    `p50` and `p99` are latencies in seconds, 0 where nobody took them. `spoilt` counts
    operations that ended otherwise than they should.
    """

    operations: int
    seconds: float
    ours: float = 0.0
    postgres: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    spoilt: int = 0

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.operations / self.seconds


Measure = Callable[[], Sample]


@dataclass
class Series:
    """A measure and its runs, one a round."""

    measure: Measure
    samples: list[Sample] = field(default_factory=list)

    def run(self) -> None:
        """One more round."""
        self.samples.append(self.measure())

    @property
    def rate(self) -> float:
        """Median of operations a second."""
        return statistics.median(each.rate for each in self.samples)

    @property
    def spread(self) -> float:
        """How far the slowest round lies from the fastest, as a part of the median."""
        rates = [each.rate for each in self.samples]
        return (max(rates) - min(rates)) / self.rate

    @property
    def ours(self) -> float:
        """CPU seconds an operation of our processes, in the best round."""
        return min(each.ours / each.operations for each in self.samples)

    @property
    def postgres(self) -> float:
        """CPU seconds an operation of PostgreSQL, in the best round."""
        return min(each.postgres / each.operations for each in self.samples)

    @property
    def p50(self) -> float:
        """Median latency in seconds, in the best round."""
        return min(each.p50 for each in self.samples)

    @property
    def p99(self) -> float:
        """The 99th percentile of the latency in seconds, in the best round."""
        return min(each.p99 for each in self.samples)

    @property
    def spoilt(self) -> int:
        """Operations that ended otherwise than they should, in all rounds."""
        return sum(each.spoilt for each in self.samples)


@dataclass
class Row:
    """A line of the table: a piece of work beside its limit.

    `goal` is the least ratio of the rates; `most_cpu` the most CPU as a multiple of hello's.
    """

    name: str
    beside: str
    work: Series
    limit: Series
    goal: float | None = None
    most_cpu: float | None = None

    @property
    def ratio(self) -> float:
        """Median over the rounds of the work's rate by the limit's in the same round."""
        return statistics.median(self.ratios)

    @property
    def ratios(self) -> list[float]:
        """One ratio a round."""
        pairs = zip(self.work.samples, self.limit.samples, strict=True)
        return [work.rate / limit.rate for work, limit in pairs]

    @property
    def noisy(self) -> bool:
        """Whether the limit itself varies too much for the ratio to be believed."""
        return self.limit.spread > NOISY


def run_rounds(rows: Sequence[Row], rounds: int) -> None:
    """Each work and each limit once a round; a limit that several rows share runs once."""
    for _ in range(rounds):
        done: set[int] = set()
        for row in rows:
            for series in (row.limit, row.work):
                if id(series) not in done:
                    done.add(id(series))
                    series.run()
