"""The command `gateway`. Each subcommand's module is imported only when it is called."""

import gc
import importlib
import signal
import sys
from types import FrameType

import click

COMMANDS = {
    "demo": "gateway.commands.demo:demo",
    "serve": "gateway.commands.serve:serve",
    "work": "gateway.commands.work:work",
    "migrate": "gateway.commands.migrate:migrate",
    "check": "gateway.commands.check:check",
    "retention": "gateway.commands.retention:retention",
    "county": "gateway.commands.county:county",
    "user": "gateway.commands.user:user",
    "due": "gateway.commands.rules:due",
    "route": "gateway.commands.route:route",
}
SUMMARIES = {
    "demo": "Everything at once on this machine, with an invented county.",
    "serve": "The production web server.",
    "work": "Only the background work: mail, deadlines.",
    "migrate": "Brings the database schema up to date.",
    "check": "Looks for faults; exit 1 and one line for each, with its mend.",
    "retention": "What is past its period of keeping; wipes it.",
    "county": "A county's data from files and back.",
    "user": "Who may sign in to the county desk.",
    "due": "A due day and how it was counted.",
    "route": "Which office gets a complaint, and why.",
}
# Our own errors, whose text names the mend; by name, because importing them takes time.
EXPLAINED = frozenset({"EmbeddedError", "MigrationError", "PortTaken"})
SEE = "GATEWAY_DATABASE_URL, and whether PostgreSQL runs"


class LazyGroup(click.Group):
    """Names and summaries without importing anything, so that `--help` is quick."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """All names, in the order of the manual."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Imports the one command that was asked for."""
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The summaries from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="county-gateway")
def gateway() -> None:
    """Complaints about public service: the right office, a definite answer, in time."""


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line: exit 2 for bad arguments and settings, 1 for a failure; errors are
    one line on standard error that names the mend.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    # What a start makes stays, and looking for garbage in it takes a fifth of the time. What runs
    # for long turns it on again (`serving.settle`).
    gc.disable()
    try:
        code = gateway.main(args=arguments, prog_name="gateway", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
        print(f"gateway: name a command. See: {error.ctx.command_path} --help", file=sys.stderr)
        code = error.exit_code
    except Exception as error:
        message, code = _told(error)
        print(f"gateway: {message}", file=sys.stderr)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM is like Ctrl-C: whatever was started is stopped again."""
    raise KeyboardInterrupt


def _told(error: Exception) -> tuple[str, int]:
    """As `explain`; of an unforeseen one the trace, without what stands in a row that PostgreSQL
    refused: a terminal and a cron mail are no better a place for it than a log."""
    try:
        return explain(error)
    except Exception as unforeseen:
        from gateway import logs

        trace = logs.TextFormatter().formatException(
            (type(unforeseen), unforeseen, unforeseen.__traceback__)
        )
        return logs.mask(trace), 1


def explain(error: Exception) -> tuple[str, int]:
    """The one line and the exit code for `error`; an unforeseen one is raised again."""
    if isinstance(error, click.UsageError):
        where = error.ctx.command_path if error.ctx else "gateway"
        message = _one_line(error.format_message())
        stop = "" if message.endswith((".", "?", "!")) else "."
        return f"{message}{stop} See: {where} --help", error.exit_code
    if isinstance(error, click.Abort):
        return "stopped", 130
    if isinstance(error, click.ClickException):
        return _one_line(error.format_message()), error.exit_code
    if type(error).__name__ == "DatabaseDown":
        return f"the database cannot be reached ({_one_line(str(error))}); see {SEE}", 1
    if any(parent.__name__ in EXPLAINED for parent in type(error).__mro__):
        return _one_line(str(error)), 1
    raise error


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
