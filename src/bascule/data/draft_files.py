"""The files of a project that a Draft fills: contract, plan, tests of the contract, settings of the linters."""

from __future__ import annotations

from bascule.data.draft import Classes, Draft
from bascule.data.draft_contract import contract_text
from bascule.data.draft_plan import plan_text
from bascule.data.python_text import literal, quoted

SETTINGS = """\
[tool.ruff]
line-length = 120
target-version = "py311"

[tool.ruff.lint]
select = ["B", "E", "F", "I", "UP", "W"]
ignore = ["E501"]

[tool.mypy]
strict = true
files = ["contract.py", "test_contract.py"]

[tool.pytest.ini_options]
testpaths = ["test_contract.py"]
"""


def draft_files(draft: Draft) -> dict[str, str]:
    """The text of each file by its name; without a label there is no plan."""
    plan = {} if draft.label is None else {"plan.yaml": plan_text(draft)}
    return {
        "contract.py": contract_text(draft),
        **plan,
        "test_contract.py": _tests(draft, draft.classes),
        "pyproject.toml": SETTINGS,
    }


def _tests(draft: Draft, called: Classes) -> str:
    asked = called.row if draft.label is None else called.features
    fields = draft.schema().fields if draft.label is None else draft.features
    example = "".join(f"    {quoted(field.name)}: {literal(field.example)},\n" for field in fields)
    moments = "import datetime as dt\n" if "dt." in example else ""
    imports = ", ".join(sorted({asked, called.row}))
    return f'''\
"""The contract holds: for an example, against a stranger, and for the data as they were committed."""

from __future__ import annotations

{moments}from pathlib import Path

import bascule as bl
import pytest
from bascule.data.load import table
from bascule.errors import SchemaError

from contract import {imports}

EXAMPLE = {{
{example}}}


def test_an_example_meets_the_contract() -> None:
    assert len(bl.Table.of({asked}, [EXAMPLE])) == 1


def test_a_column_that_the_contract_does_not_name_is_refused() -> None:
    with pytest.raises(SchemaError, match="unknown"):
        bl.Table.of({asked}, [EXAMPLE | {{"no such column": 1}}])


def test_the_committed_data_meet_the_contract() -> None:
    project = bl.open(Path(__file__).parent)
    assert len(table(project, {quoted(draft.dataset)}, {called.row})) > 0
'''
