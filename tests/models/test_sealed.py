"""skops files: the same bytes for the same content, opened only for types that were trusted."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import scipy.sparse
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from bascule.errors import Unreadable, Untrusted
from bascule.models.sealed import archive, asked, modules, npy, seal, unseal

X = np.random.default_rng(0).normal(size=(80, 3))
Y = np.where(X[:, 0] > 0, "late", "on time")
FOREST = RandomForestClassifier(4, random_state=1)


def test_a_sealed_estimator_answers_as_before():
    forest = FOREST.fit(X, Y)
    sealed = seal(forest)
    np.testing.assert_array_equal(unseal(sealed, asked(sealed)).predict_proba(X), forest.predict_proba(X))


@pytest.mark.parametrize("estimator", [FOREST, HistGradientBoostingClassifier(random_state=1), LogisticRegression()])
def test_the_same_content_has_the_same_bytes(estimator):
    first, second = (seal(estimator.fit(X, Y)) for _ in range(2))
    assert first == second == seal(unseal(first, asked(first)))


WRITES_A_SET = """
import hashlib
from sklearn.preprocessing import FunctionTransformer
from bascule.models.sealed import seal
held = FunctionTransformer(kw_args={"words": set("abcdefgh"), "pairs": {("a", 1), ("b", 2)}})
print(hashlib.sha256(seal(held)).hexdigest())
"""


def test_the_order_of_a_set_does_not_matter():
    for_seeds = (
        subprocess.run(
            [sys.executable, "-c", WRITES_A_SET], capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        for seed in "12"
    )
    first, second = (done.stdout for done in for_seeds)
    assert first == second != b""


def test_gaps_between_the_fields_of_an_array_do_not_matter():
    rows = [
        np.frombuffer(filler * 32, np.dtype({"names": ["a", "b"], "formats": ["u1", "i4"], "offsets": [0, 4]}))
        for filler in (b"\0", b"\7")
    ]
    whole = rows[1].copy()
    for name in ("a", "b"):
        whole[name] = rows[0][name]
    assert npy(whole) == npy(rows[0].copy())


def test_a_dict_may_have_any_keys():
    held = {"__class__": 1, "__loader__": [2], "file": "x", "__id__": 3}
    sealed = seal(FunctionTransformer(kw_args=held))
    assert unseal(sealed, asked(sealed)).kw_args == held


def test_sparse_parts_come_back():
    held = FunctionTransformer(kw_args={"matrix": scipy.sparse.csr_array(np.eye(3))})
    sealed = seal(held)
    assert (unseal(sealed, asked(sealed)).kw_args["matrix"].toarray() == np.eye(3)).all()


def test_an_object_that_appears_twice_is_one_object_again():
    shared = np.arange(3)
    sealed = seal(FunctionTransformer(kw_args={"one": shared, "other": shared, "third": np.arange(3)}))
    found = unseal(sealed, asked(sealed)).kw_args
    assert found["one"] is found["other"] is not found["third"]


def test_a_file_that_asks_for_more_than_was_trusted_is_refused_before_anything_is_made():
    sealed = seal(FOREST.fit(X, Y))
    with pytest.raises(Untrusted, match=r"asks for sklearn.tree._tree.Tree, beyond the 1 types trusted"):
        unseal(sealed, ["some.other.Type"])


def forged(sealed, replaced):
    with zipfile.ZipFile(io.BytesIO(sealed)) as written:
        schema = written.read("schema.json")
    for old, new in replaced.items():
        schema = schema.replace(old, new)
    return archive({"schema.json": schema})


def test_a_file_changed_to_run_another_function_is_refused():
    sealed = seal(FunctionTransformer(np.log1p))
    with pytest.raises(Untrusted, match=r"os\.system"):
        unseal(forged(sealed, {b"log1p": b"system", b'"numpy"': b'"os"'}), asked(sealed))


@pytest.mark.parametrize("damaged", [b"", b"no zip", archive({"other.json": b"{}"}), archive({"schema.json": b"{}"})])
def test_a_damaged_file_is_unreadable(damaged):
    with pytest.raises(Unreadable, match=f"The {len(damaged)} bytes"):
        unseal(damaged, [])


def test_a_type_that_is_gone_is_unreadable_by_name():
    sealed = forged(seal(LogisticRegression()), {b"_logistic": b"_linguistic"})
    with pytest.raises(Unreadable, match=r"sklearn\.linear_model\._linguistic"):
        unseal(sealed, asked(sealed))


def test_the_packages_in_a_file_are_told():
    assert modules(seal(FOREST.fit(X, Y))) == {"builtins", "numpy", "sklearn"}
