"""How many threads a candidate may learn in."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any


def threads(most: int) -> AbstractContextManager[Any]:
    """Holds the OpenMP and BLAS pools of the libraries loaded so far to this many threads.

    One is the default: the pools spin while they wait, so that two on a busy machine are many times slower than one
    (27 s against 0.3 s for 200 rounds of boosting on 2,000 rows), and a sum is then always added in the same order.
    """
    import sklearn.ensemble  # noqa: F401, brings its pools, which can be held once they are loaded
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(limits=most)
    return limits
