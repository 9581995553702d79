"""The vocabulary of errors: one class per meaning, the same in Python, on the command line and over HTTP.

Each carries a stable `code`, a `severity`, an HTTP `status`, an `exit_code` and a `next_step`. The message gives the
value and the limit. Warnings are a family of their own, so that `except BasculeError` never swallows one and
`warnings.simplefilter("error")` never turns a refusal into something else.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any, ClassVar


class Severity(enum.StrEnum):
    """How bad it is: a warning lets the answer stand, an error refuses it, a fatal error distrusts the program."""

    WARNING = "warning"
    ERROR = "error"
    FATAL = "fatal"


class Coded(Exception):
    """What errors and warnings share: a code, a severity, what the faces answer, and what to do next."""

    code: ClassVar[str] = ""
    severity: ClassVar[Severity] = Severity.ERROR
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    advice: ClassVar[str] = ""

    def __init__(self, message: str, *, next_step: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = self.advice if next_step is None else next_step
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()

    def document(self) -> dict[str, Any]:
        """The error as every face prints it: `code severity message next_step`, and `details` where there are any."""
        shown: dict[str, Any] = {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message,
            "next_step": self.next_step,
        }
        return shown | ({"details": self.details} if self.details else {})


class BasculeError(Coded):
    """The root of every refusal."""


class BasculeWarning(Coded, UserWarning):
    """The root of every warning: the answer stands, but somebody should know."""

    severity = Severity.WARNING
    status = 200
    exit_code = 0


# -- the model ---------------------------------------------------------------------------------------------------------


class NotFitted(BasculeError):
    """The model was asked for an answer before it learnt anything."""

    code = "not-fitted"
    status = 409
    exit_code = 3
    advice = "Call fit(X, y) first, or load a version that was trained."


class NoTrainData(BasculeError):
    """There is nothing to learn from."""

    code = "no-train-data"
    status = 422
    exit_code = 3
    advice = "Give fit at least one labelled row."


class DataSize(BasculeError):
    """Too few rows, too many, or X and y of different length."""

    code = "data-size"
    status = 422
    exit_code = 3
    advice = "Give a table whose size lies within the limits of the contract."


class OneClass(BasculeError):
    """A classifier was given one class only."""

    code = "one-class"
    status = 422
    exit_code = 3
    advice = "Collect rows of at least one more class, or check that the label column is the right one."


class NotLatestVersion(BasculeError):
    """Made by another version of the algorithm than the one at hand, or a pinned version is no longer served."""

    code = "not-latest-version"
    status = 409
    exit_code = 6
    advice = "Train again with the present algorithm, or use the code that made the file."


class NotOffered(BasculeError):
    """The model does not offer this operation."""

    code = "not-offered"
    status = 501
    exit_code = 3
    advice = "Choose a model that offers it, or use predict."


class NotStorable(BasculeError):
    """A model keeps something that has no safe form on disk."""

    code = "not-storable"
    status = 422
    exit_code = 3
    advice = "Keep a plain value, a list, a dict, a NumPy array, an estimator or a Model there."


class OutputError(BasculeError):
    """The model answered outside its contract: NaN, an unknown label, a value out of range, a wrong number of rows."""

    code = "output"
    severity = Severity.FATAL
    status = 500
    exit_code = 1
    advice = "Mend the model; no answer was given."


class Undeclared(BasculeError):
    """The model raised what its contract does not declare."""

    code = "undeclared"
    severity = Severity.FATAL
    status = 500
    exit_code = 1
    advice = "Mend the model, or add the error to `raises` of the contract if callers should expect it."


class LawBroken(BasculeError):
    """A model or reader breaks a law that all of its kind obey."""

    code = "law-broken"
    severity = Severity.FATAL
    status = 500
    exit_code = 1
    advice = "Mend the model or the adapter; the law is named."


# -- records and contracts ---------------------------------------------------------------------------------------------


class DefinitionError(BasculeError):
    """A Record, Label or Model is declared in a way that has no single meaning."""

    code = "definition"
    status = 500
    exit_code = 3
    advice = "Correct the declaration."


class SchemaError(BasculeError):
    """Data break the rules of a Record; `faults` lists every rule broken, with the column, the limit and examples."""

    code = "schema"
    status = 422
    exit_code = 3
    advice = "Correct the rows named, or widen the contract if they are right."


class Incompatible(BasculeError):
    """A contract changed in a way that breaks who relies on it."""

    code = "incompatible"
    status = 409
    exit_code = 5
    advice = "Keep the old field beside the new one, or release under a new name."


# -- projects, plans, data ---------------------------------------------------------------------------------------------


class UsageError(BasculeError):
    """An argument that has no meaning here."""

    code = "usage"
    status = 400
    exit_code = 2
    advice = "See --help."


class NoProject(BasculeError):
    """No folder with a bascule.toml was found."""

    code = "no-project"
    status = 404
    exit_code = 4
    advice = "Run `bascule init DIR`, or name the folder with --project DIR."


class ConfigurationError(BasculeError):
    """bascule.toml or a BASCULE_ variable says something that cannot be followed."""

    code = "configuration"
    status = 500
    exit_code = 3
    advice = "Correct the setting named."


class PlanError(BasculeError):
    """A plan names an unknown key, class, column or metric, or lacks what training needs."""

    code = "plan"
    status = 422
    exit_code = 3
    advice = "Correct the entry named in the plan."


class ForbiddenClass(BasculeError):
    """A plan names a class outside the allowed prefixes."""

    code = "forbidden-class"
    status = 403
    exit_code = 5
    advice = "Use a class of an allowed library, or wrap yours in the project's contract.py."


class Unreadable(BasculeError):
    """A file cannot be read as what it claims to be."""

    code = "unreadable"
    status = 422
    exit_code = 3
    advice = "Check the path and the format."


class MissingExtra(BasculeError):
    """A library that this step needs is not installed."""

    code = "missing-extra"
    status = 501
    exit_code = 8

    @classmethod
    def naming(cls, library: str, extra: str) -> MissingExtra:
        """The error that names the library and the command that installs it."""
        return cls(f"{library} is not installed.", next_step=f"Run: pip install 'bascule[{extra}]'")


# -- evidence, registry, release ---------------------------------------------------------------------------------------


class NotFound(BasculeError):
    """What was asked for by name is not in this project."""

    code = "not-found"
    status = 404
    exit_code = 4
    advice = "List what there is with the `list` verb of that noun."


class Conflict(BasculeError):
    """Somebody else changed the same thing first."""

    code = "conflict"
    status = 409
    exit_code = 6
    advice = "Look at the present state and run the command again."


class GateClosed(BasculeError):
    """A release was refused because evidence is missing or speaks against it."""

    code = "gate-closed"
    status = 409
    exit_code = 5
    advice = 'Mend what is named, or pass --override "reason", which stays on the card.'


class NotReproducible(BasculeError):
    """A run cannot be repeated because what it was made of is gone."""

    code = "not-reproducible"
    status = 409
    exit_code = 3
    advice = "Restore what is named; the record itself is intact."


# -- stores ------------------------------------------------------------------------------------------------------------


class Corrupt(BasculeError):
    """Stored bytes no longer have the hash, signature or chain they were stored with."""

    code = "corrupt"
    severity = Severity.FATAL
    status = 500
    exit_code = 7
    advice = "Restore the object from a copy; `bascule verify` lists all that is damaged."


class Untrusted(BasculeError):
    """A file asks for types that its signed manifest does not list; nothing was made of it."""

    code = "untrusted"
    severity = Severity.FATAL
    status = 403
    exit_code = 7
    advice = "Do not open the file; if it is yours, save the model again and sign what it lists."


class StoreFull(BasculeError):
    """The disk or the quota is full; what was stored before is untouched."""

    code = "store-full"
    status = 507
    exit_code = 7
    advice = "Free space and run the command again; nothing was half written."


class StoreUnavailable(BasculeError):
    """A store does not answer."""

    code = "store-unavailable"
    status = 503
    exit_code = 7
    advice = "Check the URL in bascule.toml and that the server runs."


class NewerStore(BasculeError):
    """A later bascule wrote this project; reading it with this one could misread it."""

    code = "newer-store"
    status = 409
    exit_code = 7
    advice = "Install a later bascule: pip install --upgrade bascule."


# -- warnings ----------------------------------------------------------------------------------------------------------


class NotNeeded(BasculeWarning):
    """No learnt model beats both baselines: machine learning is not needed here."""

    code = "not-needed"
    advice = "Use the baseline, look for better features, or promote with --override."


class ConstantColumns(BasculeWarning):
    """Columns with one value throughout the training rows, from which nothing can be learnt."""

    code = "constant-columns"
    advice = "`prepare` leaves them out; leave them out of the contract too, or train on rows in which they differ."


class DoubtfulFit(BasculeWarning):
    """A library warned while a model learnt or answered."""

    code = "doubtful-fit"
    advice = "Change the parameters of the candidate, or accept what is said."


class Ignored(BasculeWarning):
    """Columns that the contract does not name were left out."""

    code = "ignored-columns"
    advice = "Declare the columns if they should count."


class Unexplained(BasculeWarning):
    """Columns that the Record does not name were kept, with their meaning as an open question."""

    code = "unexplained-columns"
    advice = "Declare them in the Record, or leave them out of the file."


class FlippedExport(BasculeWarning):
    """The exported model disagrees with the trained one on some rows."""

    code = "flipped-export"
    advice = "See the parity measurement on the version's card."


class NoEffect(BasculeWarning):
    """What was asked for is so already, or was not needed."""

    code = "no-effect"
    advice = "Nothing needs to be done."


def vocabulary() -> Iterator[type[Coded]]:
    """Every error and warning that has a code, roots left out, in the order of this file.

    >>> "not-fitted" in {error.code for error in vocabulary()}
    True
    """
    for value in globals().values():
        if isinstance(value, type) and issubclass(value, Coded) and value.code:
            yield value
