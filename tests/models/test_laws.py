"""The laws of every Model, held against every adapter."""

from __future__ import annotations

import pytest

from bascule.contract.checks import LAWS
from bascule.testing.models import MODELS, subject


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("name", MODELS)
def test_every_adapter_obeys_every_law(name, law, tmp_path):
    law(subject(name), tmp_path)
