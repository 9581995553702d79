"""A Project: a folder with a bascule.toml, its stores, its ledger and its contract."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from bascule import plugins
from bascule.errors import ConfigurationError, DefinitionError, NoProject, NotFound
from bascule.stores.blobs import Blobs
from bascule.stores.rows import Rows

if TYPE_CHECKING:
    from bascule.evidence.ledger import Ledger

FILE = "bascule.toml"
CONTRACT = "contract.py"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are, as bascule.toml says; `{project}` stands for the project's folder.

    Each can be set by a variable of the environment: BASCULE_ROWS, BASCULE_BLOBS, BASCULE_NAME.
    """

    name: str = ""
    rows: str = "sqlite:///{project}/.bascule/rows.sqlite"
    blobs: str = "file://{project}/.bascule/blobs"

    @classmethod
    def read(cls, folder: Path, environment: Mapping[str, str]) -> Settings:
        """The settings of a folder; raises ConfigurationError for what cannot be followed."""
        path = folder / FILE
        try:
            found = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path} is no TOML: {error}.") from error
        known = [field.name for field in fields(cls)]
        for key, value in found.items():
            if key not in known or not isinstance(value, str):
                raise ConfigurationError(f"{path} says {key} = {value!r}; known are texts for {', '.join(known)}.")
        found |= {
            key: environment[f"BASCULE_{key.upper()}"] for key in known if f"BASCULE_{key.upper()}" in environment
        }
        found.setdefault("name", folder.name)
        said = cls(**found)
        return cls(**{key: getattr(said, key).replace("{project}", str(folder)) for key in known})


class Project:
    """An open project: the first argument of every verb; its stores are opened when first needed."""

    def __init__(self, folder: Path, settings: Settings, clock: Callable[[], int] | None = None) -> None:
        self.folder = folder
        self.settings = settings
        self._clock = clock

    def __repr__(self) -> str:
        return f"<Project {self.settings.name} in {self.folder}>"

    @functools.cached_property
    def rows(self) -> Rows:
        """The store of rows, its schema up to date."""
        self._make_room(self.settings.rows)
        rows: Rows = plugins.find("rows", self.settings.rows)(self.settings.rows)
        rows.migrate()
        return rows

    @functools.cached_property
    def blobs(self) -> Blobs:
        """The store of blobs."""
        self._make_room(self.settings.blobs)
        blobs: Blobs = plugins.find("blobs", self.settings.blobs)(self.settings.blobs)
        return blobs

    @functools.cached_property
    def ledger(self) -> Ledger:
        """The only writer of rows."""
        from bascule.evidence.ledger import Ledger  # SQLAlchemy takes 0.2 s, and a contract alone needs none of it

        return Ledger(self.rows) if self._clock is None else Ledger(self.rows, clock=self._clock)

    def contract(self) -> ModuleType:
        """The project's contract.py as a module, loaded anew when the file has changed."""
        path = self.folder / CONTRACT
        if not path.is_file():
            raise NotFound(f"{path} is missing.", next_step="Run `bascule init`, or write the contract by hand.")
        return contract_module(path)

    def close(self) -> None:
        """Closes the stores that were opened."""
        rows = self.__dict__.pop("rows", None)
        if rows is not None:
            rows.close()

    def _make_room(self, url: str) -> None:
        """The hidden folder of the embedded stores, made when the first of them is opened."""
        hidden = self.folder / ".bascule"
        if str(hidden) in url:
            hidden.mkdir(exist_ok=True)


def open(folder: str | os.PathLike[str] | None = None, *, clock: Callable[[], int] | None = None) -> Project:
    """The project in a folder, or in the nearest one from here upwards; raises NoProject where there is none.

    BASCULE_PROJECT names the folder where none is given. `clock` gives microseconds since 1970, for tests.
    """
    given = folder if folder is not None else os.environ.get("BASCULE_PROJECT")
    start = Path(given if given is not None else ".").resolve()
    for candidate in (start,) if given is not None else (start, *start.parents):
        if (candidate / FILE).is_file():
            return Project(candidate, Settings.read(candidate, os.environ), clock)
    where = f"in {start}" if given is not None else f"in {start} or above"
    raise NoProject(f"There is no {FILE} {where}.")


def contract_module(path: Path) -> ModuleType:
    """The source of a contract as a module, see `contract_name`; one that is loaded already is returned."""
    name = contract_name(path.read_bytes())
    return sys.modules.get(name) or load_source(name, path)


def contract_name(source: bytes) -> str:
    """The name that a contract's module goes by: that of its content, so that a saved model says the same anywhere."""
    return f"bascule_contract_{hashlib.sha256(source).hexdigest()[:16]}"


def load_source(name: str, path: Path) -> ModuleType:
    """A Python file as a module of this name; raises DefinitionError with the place of what is wrong in it.

    It is compiled anew: byte code from a cache goes by size and second, and may be that of another text.
    """
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise DefinitionError(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        exec(compile(path.read_bytes(), path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102, the user's own
    except Exception as error:
        del sys.modules[name]
        if isinstance(error, DefinitionError):
            raise
        raise DefinitionError(
            f"{path} cannot be loaded: {type(error).__name__}: {error}{_line(error, path)}."
        ) from error
    return module


def _line(error: BaseException, path: Path) -> str:
    trace: Any = error.__traceback__
    line = getattr(error, "lineno", None)
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f" (line {line})" if line else ""
