"""The command line: one command a verb, made from its signature when it is called, so that help stays quick."""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bascule.errors import BasculeWarning, Coded, Undeclared, UsageError
from bascule.faces.arguments import Parameter, parameters
from bascule.verbs import VERBS, Verb, find

_MISUSE: Any = typer.BadParameter.__base__  # what the parser of the command line raises


class Verbs(TyperGroup):
    """A group that knows its commands by name and one line, and builds one only when it is called."""

    prefix = ""

    def list_commands(self, ctx: Any) -> list[str]:
        """The first words of the verbs, or the second words under a first."""
        return list(dict.fromkeys(_words(self.prefix)))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a word, None where there is none."""
        name = f"{self.prefix} {cmd_name}".strip()
        verb = find(name)
        if verb is not None:
            return command(verb)
        return group(name) if _words(name) else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of commands, from the table alone."""
        rows = []
        for word in self.list_commands(ctx):
            name = f"{self.prefix} {word}".strip()
            verb = find(name)
            rows.append((word, verb.line if verb else f"{', '.join(_words(name))}."))
        with formatter.section("Verbs"):
            formatter.write_dl(rows)


def main() -> None:
    """Runs the command line; the exit code is that of the error."""
    line = "Carries a model from a notebook to production and back."
    app = typer.main.get_command(_app(Verbs, line, completion=True))
    try:
        code = app(prog_name="bascule", standalone_mode=False)
    except _MISUSE as error:
        if "--json" in sys.argv:
            typer.echo(json.dumps(UsageError(error.format_message()).document()))
        else:
            error.show()
        code = UsageError.exit_code
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("interrupted", err=True)
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


def group(name: str) -> Any:
    """The group of the verbs that begin with this word."""
    found = typer.main.get_command(_app(type("Verbs", (Verbs,), {"prefix": name}), f"The verbs of {name}."))
    found.name = name
    return found


def command(verb: Verb) -> Any:
    """The command of a verb: its parameters as arguments and options, and --project and --json beside them."""
    function = verb.load()
    asked = parameters(function, opens=verb.opens)
    slots = [_slot(parameter) for parameter in asked]
    if verb.opens:
        slots.append(_option("project_folder", Path, None, "--project", help="The project's folder.", metavar="DIR"))
    slots.append(_option("as_json", bool, False, "--json", help="Print one JSON document on stdout."))

    def run(**given: Any) -> None:
        as_json, folder = given.pop("as_json"), given.pop("project_folder", None)
        with _border(as_json):
            arguments = {parameter.name: _value(parameter, given[parameter.name]) for parameter in asked}
            with _quiet(as_json):
                if verb.opens:
                    from bascule import project as projects

                    with contextlib.closing(projects.open(folder)) as project:
                        result = function(project, **arguments)
                else:
                    result = function(**arguments)
            _print(result, as_json)
            raise typer.Exit(getattr(result, "exit_code", 0))

    run.__signature__ = inspect.Signature(slots)  # type: ignore[attr-defined]
    run.__annotations__ = {slot.name: slot.annotation for slot in slots}
    app = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
    app.command(verb.name.rpartition(" ")[2], help=inspect.getdoc(function) or verb.line)(run)
    return typer.main.get_command(app)


def _app(cls: type[TyperGroup], line: str, *, completion: bool = False) -> typer.Typer:
    app = typer.Typer(
        cls=cls,
        help=line,
        rich_markup_mode=None,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=True,
    )
    app.callback()(lambda: None)
    return app


def _words(prefix: str) -> list[str]:
    """The next words of the verbs that begin with a prefix."""
    start = f"{prefix} " if prefix else ""
    return [verb.name.removeprefix(start).split()[0] for verb in VERBS if verb.name.startswith(start)]


def _slot(parameter: Parameter) -> inspect.Parameter:
    kind: Any = list[parameter.kind] if parameter.many else parameter.kind  # type: ignore[name-defined]
    meaning = parameter.meaning or None
    if not parameter.named:
        annotation = Annotated[kind, typer.Argument(help=meaning, show_default=False)]
        return inspect.Parameter(parameter.name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)
    flag = f"--{parameter.name.replace('_', '-')}"
    if parameter.required:  # what must always be typed has a short form
        return _option(parameter.name, kind, inspect.Parameter.empty, f"-{parameter.name[0]}", flag, help=meaning)
    default = list(parameter.default or ()) if parameter.many else parameter.default
    return _option(parameter.name, kind, default, flag, help=meaning)


def _option(name: str, kind: Any, default: Any, *flags: str, **extra: Any) -> inspect.Parameter:
    shown: Any = kind | None if default is None else kind
    silent = default in (None, False, inspect.Parameter.empty) or default == []
    annotation = Annotated[shown, typer.Option(*flags, show_default=not silent, **extra)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _value(parameter: Parameter, given: Any) -> Any:
    if parameter.many:
        return type(parameter.default)(given) if parameter.default is not None else list(given)
    return given


@contextlib.contextmanager
def _border(as_json: bool) -> Iterator[None]:
    """The only broad catch: an error becomes its document or its line, and the exit code; warnings go to stderr."""
    with warnings.catch_warnings(), _progress(as_json):
        warnings.simplefilter("always", BasculeWarning)
        usual = warnings.showwarning

        def show(message: Any, category: Any, *place: Any, **more: Any) -> None:
            if isinstance(message, BasculeWarning):
                typer.echo(f"warning: {message.code}: {message}", err=True)
            else:
                usual(message, category, *place, **more)

        warnings.showwarning = show
        try:
            yield
        except typer.Exit:
            raise
        except Coded as error:
            _refuse(error, as_json)
        except Exception as error:
            import traceback

            traceback.print_exc()
            _refuse(
                Undeclared(f"{type(error).__name__}: {error}", next_step="Report this as a fault of bascule."), as_json
            )


def _quiet(as_json: bool) -> contextlib.AbstractContextManager[Any]:
    """Keeps stdout for the document: what a model or a library prints goes to stderr."""
    return contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext()


def _refuse(error: Coded, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(error.document()))
    else:
        typer.echo(f"{error.severity}: {error.code}: {error}", err=True)
    raise typer.Exit(error.exit_code)


def _print(result: Any, as_json: bool) -> None:
    if result is None:
        return
    from bascule.faces.render import document, text

    typer.echo(json.dumps(document(result), ensure_ascii=False) if as_json else text(result))


@contextlib.contextmanager
def _progress(as_json: bool) -> Iterator[None]:
    """Tells finished steps as they come, on stderr where stdout is kept for a document; shows bars on a terminal."""
    from bascule.progress import shown, told

    with contextlib.ExitStack() as stack:
        stack.enter_context(told(functools.partial(typer.echo, err=as_json)))
        if sys.stderr.isatty():
            from bascule.faces.bars import display

            stack.enter_context(shown(display))
        yield
