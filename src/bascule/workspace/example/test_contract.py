"""The contract holds: for an example, and against what it forbids."""

import bascule as bl
import pytest
from bascule.errors import SchemaError

from contract import Part

EXAMPLE = {"length": 40.0, "weight": 12.5, "line": "A"}


def test_an_example_meets_the_contract() -> None:
    assert len(bl.Table.of(Part, [EXAMPLE])) == 1


@pytest.mark.parametrize("wrong", [{"length": -1.0}, {"line": "C"}, {"colour": "red"}])
def test_what_the_contract_forbids_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SchemaError):
        bl.Table.of(Part, [EXAMPLE | wrong])
