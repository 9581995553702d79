"""The vocabulary of errors: every word has one meaning, and every face knows what to answer."""

from __future__ import annotations

import contextlib
import inspect
import json
import re
import warnings

import pytest

from bascule import errors
from bascule.errors import BasculeError, BasculeWarning, Coded, MissingExtra, SchemaError, Severity, vocabulary

WORDS = list(vocabulary())
each_word = pytest.mark.parametrize("word", WORDS, ids=lambda word: word.code)
STATUSES = {200, 400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 501, 503, 507}
EXIT_CODES = range(9)


def test_codes_are_unique() -> None:
    codes = [word.code for word in WORDS]
    assert sorted(set(codes)) == sorted(codes)


def test_every_error_of_the_module_is_in_the_vocabulary() -> None:
    found = {value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Coded)}
    assert found - set(WORDS) == {Coded, BasculeError, BasculeWarning}


@each_word
def test_a_code_is_spelt_as_words_with_hyphens(word: type[Coded]) -> None:
    assert re.fullmatch("[a-z]+(-[a-z]+)*", word.code)


@each_word
def test_an_error_says_what_it_means_and_what_to_do_next(word: type[Coded]) -> None:
    assert (word.__doc__ or "").strip().endswith(".")
    assert word.advice or word is MissingExtra  # which names the command to run


@each_word
def test_faces_know_what_to_answer(word: type[Coded]) -> None:
    assert word.status in STATUSES
    assert word.exit_code in EXIT_CODES
    assert isinstance(word.severity, Severity)


@each_word
def test_warnings_and_errors_are_told_apart(word: type[Coded]) -> None:
    warned = issubclass(word, Warning)
    assert warned == issubclass(word, BasculeWarning) == (not issubclass(word, BasculeError))
    assert warned == (word.severity is Severity.WARNING) == (word.exit_code == 0) == (word.status == 200)


@each_word
def test_an_error_is_printed_the_same_by_every_face(word: type[Coded]) -> None:
    document = word("The value is 3, the limit 2.", next_step="Give 2.", faults=[1]).document()
    assert json.loads(json.dumps(document)) == {
        "code": word.code,
        "severity": str(word.severity),
        "message": "The value is 3, the limit 2.",
        "next_step": "Give 2.",
        "details": {"faults": [1]},
    }


def test_the_advice_stands_where_nothing_better_is_known() -> None:
    error = SchemaError("The age is -1.")
    assert str(error) == f"The age is -1. {SchemaError.advice}"
    assert "details" not in error.document()


def test_a_missing_library_names_the_command_that_brings_it() -> None:
    assert "pip install 'bascule[lab]'" in str(MissingExtra.naming("skops", "lab"))


def test_catching_errors_swallows_no_warning() -> None:
    def careless() -> None:
        with contextlib.suppress(BasculeError):
            warnings.warn(errors.NotNeeded("It is no better."), stacklevel=1)

    with pytest.raises(errors.NotNeeded):
        careless()  # warnings are errors here
