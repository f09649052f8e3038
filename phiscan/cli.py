"""The command line: which commands there are, in which language, and what an error becomes.

Only typer is imported at start; each command imports what it works with when it runs, so that
`phiscan --help` answers at once. Help texts are keys of `phiscan.messages.catalogue`, translated before they are shown.
An error is one line on standard error and an exit status of the contract, never a traceback.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from typing import Annotated, Any, NoReturn

import typer
from typer.main import get_command

from phiscan import __version__, commands
from phiscan.commands.common import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_USAGE, complain
from phiscan.errors import PhiscanError, origin
from phiscan.messages import Language, Told, language, tell, text
from phiscan.messages.catalogue import TEXTS

HELP = ["-h", "--help"]
# Objects between two looks for cycles, here and in the workers: the ruleset alone has more, and none of them in cycles.
_COLLECT_AFTER = 50_000

app = typer.Typer(
    add_completion=True,
    context_settings={"help_option_names": HELP},
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    subcommand_metavar="COMMANDE …",
)
commands.register(app)
_NO_COMMAND = re.compile(r"No such command '(.*?)'")


@app.callback(invoke_without_command=True, help="help.phiscan", epilog="help.phiscan.examples")
def phiscan(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="help.version", is_eager=True)] = False,
) -> None:
    """Say the version, or what there is to do."""
    if version:
        typer.echo(f"phiscan {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> NoReturn:
    """Run the command line and leave with its status."""
    gc.set_threshold(_COLLECT_AFTER)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for them reads every installed package
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # a full disk, or whoever read the report has gone
        status = status or EXIT_ERROR
    os._exit(status)  # everything is closed: taking the ruleset apart object by object would take 60 ms


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    lang = language(os.environ)
    try:
        command = get_command(app)
        _translate(command, lang)
        return command.main(arguments, prog_name="phiscan", standalone_mode=False) or 0
    except PhiscanError as error:
        complain(tell(error, lang_of(error, lang)))
        return error.status
    except _usage_errors() as error:
        complain(tell(_in_our_words(error), lang))
        return EXIT_USAGE
    except (KeyboardInterrupt, typer.Abort):
        complain(text(lang, "interrupted"))
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # whoever read the report has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERROR
    except Exception as error:  # whatever it is, its message may hold a value
        complain(text(lang, "internal", kind=type(error).__name__, place=origin(error)))
        return EXIT_ERROR


def lang_of(error: BaseException, lang: Language) -> Language:
    """Return the language a command had learnt from its configuration when `error` passed it."""
    return getattr(error, "language", lang)


# What typer says, in our words and one line.


def _usage_errors() -> type[Exception]:
    return typer.BadParameter.__mro__[2]  # ClickException, whichever click this typer works with


def _in_our_words(error: Exception) -> Told:
    """Return what is wrong with the command line. Values of flags are checked by the commands themselves."""
    kind, flag = type(error).__name__, str(getattr(error, "option_name", ""))
    if kind == "NoSuchOption":
        near = sorted(getattr(error, "possibilities", None) or ())
        return Told("flag.unknown_near", flag=flag, near=", ".join(near)) if near else Told("flag.unknown", flag=flag)
    if kind == "BadOptionUsage":
        return Told("flag.no_value", flag=flag)
    if (param := getattr(error, "param", None)) is not None:
        name = param.opts[-1] if param.param_type_name == "option" else param.metavar or param.name
        missing = kind == "MissingParameter"
        return Told("flag.missing", flag=name) if missing else Told("flag.bad", flag=name)
    unknown = _NO_COMMAND.search(str(getattr(error, "message", "")))
    return Told("flag.command", name=unknown[1]) if unknown else Told("flag.extra")


def _translate(command: Any, lang: Language) -> None:
    """Put the texts of `lang` wherever a help text is a key of the catalogue, and in typer's own words."""
    for name in ("help", "short_help", "epilog"):
        key = getattr(command, name, None)
        if key in TEXTS:
            setattr(command, name, text(lang, key))
    own_help = command.get_help_option(typer.Context(command, help_option_names=HELP))
    for param in (*command.params, own_help):
        key = _STANDARD_HELP.get(param.name, getattr(param, "help", None))
        if key in TEXTS:
            param.help = text(lang, key)
        if getattr(param, "is_flag", False):
            param.metavar = ""
    _wrap_help(command, lang)
    for inner in getattr(command, "commands", {}).values():
        _translate(inner, lang)


def _wrap_help(command: Any, lang: Language) -> None:
    plain = command.format_help

    def format_help(context: Any, formatter: Any) -> None:
        _translate_panels(lang)
        plain(context, formatter)

    command.format_help = format_help


def _translate_panels(lang: Language) -> None:
    """Put the texts of `lang` into what typer prints around the help; imports rich, so only when help is shown."""
    from typer import rich_utils

    for name, key in _STANDARD_WORDS.items():
        setattr(rich_utils, name, text(lang, key))


_STANDARD_HELP = {
    "help": "help.help",
    "install_completion": "help.install_completion",
    "show_completion": "help.show_completion",
}
_STANDARD_WORDS = {
    "OPTIONS_PANEL_TITLE": "help.panel.options",
    "ARGUMENTS_PANEL_TITLE": "help.panel.arguments",
    "COMMANDS_PANEL_TITLE": "help.panel.commands",
    "DEFAULT_STRING": "help.default",
    "REQUIRED_LONG_STRING": "help.required",
}
