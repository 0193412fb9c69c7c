"""HTTP load from a process of its own: wrk with requests that are written out beforehand."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

# In a request these become a fresh id of 24 hex digits and a fresh address of 10.0.0.0/8.
FRESH_ID = "@@@@@@@@@@@@@@@@@@@@@@@@"
FRESH_ADDRESS = "203.0.113.113"

SCRIPT = """
local requests, at, made, prefix = {}, 0, 0, "%(prefix)s"
statuses = ""
local counts = {}
for line in io.lines("%(file)s") do
  requests[#requests + 1] = line:gsub("\\\\n", "\\r\\n")
end
function request()
  if %(once)s and made == #requests then wrk.thread:stop() end
  at = at %% #requests + 1
  made = made + 1
  local id = prefix .. string.format("%%012x", made)
  local address = string.format("10.%%d.%%d.%%d", made %% 250 + 1,
    math.floor(made / 250) %% 250 + 1, math.floor(made / 62500) %% 250 + 1)
  local text = requests[at]:gsub("%(id)s", id)
  return (text:gsub("%(address)s", address))
end
function response(status)
  counts[status] = (counts[status] or 0) + 1
  local parts = {}
  for code, n in pairs(counts) do parts[#parts + 1] = '"' .. code .. '":' .. n end
  statuses = table.concat(parts, ",")
end
local threads = {}
function setup(thread) threads[#threads + 1] = thread end
function done(summary, latency)
  io.write(string.format(
    'RESULT {"n":%%d,"us":%%d,"p50":%%f,"p99":%%f,"socket":%%d,"statuses":{%%s}}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    threads[1]:get("statuses")))
end
"""


@dataclass(frozen=True)
class Load:
    """What one run of wrk saw; times in seconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    statuses: Mapping[int, int] = field(default_factory=dict)

    def of(self, *wanted: int) -> int:
        """How many answers had one of these statuses."""
        return sum(n for status, n in self.statuses.items() if status in wanted)


def available() -> bool:
    """Whether wrk is on this machine."""
    return shutil.which("wrk") is not None


def get(path: str, headers: Mapping[str, str] | None = None) -> str:
    """A GET as one line for `run`."""
    return _raw("GET", path, headers or {}, "")


def post(path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> str:
    """A form's POST as one line for `run`."""
    body = urlencode(fields, safe="@")
    form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return _raw("POST", path, {**form, **(headers or {})}, body)


def _raw(method: str, path: str, headers: Mapping[str, str], body: str) -> str:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\\n".join([*lines, "", body])


def run(
    port: int,
    requests: Sequence[str],
    *,
    folder: Path,
    prefix: str,
    seconds: float = 1.0,
    clients: int = 16,
    once: bool = False,
) -> Load:
    """Sends `requests` in turn, again from the first after the last, for whole `seconds`.

    `once`: ends sooner, when each was sent. `prefix` are 12 hex digits, different in every run,
    so that fresh ids never repeat.
    """
    file, script = folder / "requests.txt", folder / "requests.lua"
    file.write_text("\n".join(requests) + "\n")
    filled = {"file": file, "prefix": prefix, "id": FRESH_ID, "once": "true" if once else "false"}
    script.write_text(SCRIPT % {**filled, "address": FRESH_ADDRESS.replace(".", "%.")})
    command = ["wrk", "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
    command += ["-s", str(script), f"http://127.0.0.1:{port}/"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    line = next(each for each in done.stdout.splitlines() if each.startswith("RESULT "))
    seen = json.loads(line.removeprefix("RESULT "))
    return Load(
        requests=seen["n"],
        seconds=seen["us"] / 1e6,
        p50=seen["p50"] / 1e6,
        p99=seen["p99"] / 1e6,
        statuses={int(code): n for code, n in seen["statuses"].items()},
    )
