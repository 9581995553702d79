"""What the cellar may load: serving without Arrow, and heavy libraries only where they are asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

WITHOUT_ARROW = [
    *("kinds", "zones", "fields", "records", "scalars", "columns", "rows", "rules", "faults", "decode", "specs"),
    *("signature", "compatibility", "contract", "trace", "model"),
]
HEAVY = {"pyarrow", "pandas", "polars", "sklearn", "scipy", "onnx", "onnxruntime", "lightgbm", "sqlalchemy", "pydantic"}


def loaded(statement: str) -> set[str]:
    command = [sys.executable, "-c", f"import sys; {statement}; print(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize("module", WITHOUT_ARROW)
def test_modules_that_serve_load_no_heavy_library(module: str) -> None:
    assert not HEAVY & loaded(f"import bascule.contract.{module}")


def test_rows_are_decoded_checked_and_fed_without_arrow() -> None:
    statement = (
        "from bascule.contract.fields import Field, Kind, Schema; from bascule.contract.decode import Decoder; "
        "from bascule.contract.signature import feed; schema = Schema('S', '', (Field(name='a', kind=Kind.INT),)); "
        "feed(schema, Decoder(schema).rows(b'[{\"a\": 1.0}]'))"
    )
    assert not HEAVY & loaded(statement)


def test_a_table_is_checked_and_shown_with_arrow_alone() -> None:
    statement = (
        "from bascule.contract.table import Table; from bascule.contract.fields import Field, Kind, Schema; "
        "kinds = (Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.TEXT); "
        "schema = Schema('S', '', tuple(Field(name=kind.value, kind=kind, nullable=True) for kind in kinds)); "
        "table = Table.of(schema, Table.of(schema, [{'bool': True, 'text': 'a'}, {'int': 1}]).arrow.select(['int'])); "
        "[table[name] for name in schema.names]"
    )
    assert HEAVY & loaded(statement) == {"pyarrow"}
