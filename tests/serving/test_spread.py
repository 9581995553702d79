"""Many threads, one order."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, strategies as st

from bascule.serving.spread import spread


@given(items=st.lists(st.integers(0, 3), max_size=30), threads=st.integers(1, 5))
def test_results_come_in_the_order_of_the_items(items: list[int], threads: int) -> None:
    def slow(item: int) -> int:
        time.sleep(item * 1e-4)
        return item

    assert list(spread(slow, items, threads)) == items


def test_no_more_is_taken_than_can_be_worked_on() -> None:
    taken: list[int] = []
    results = spread(str, (taken.append(item) or item for item in range(100)), 3)
    assert (next(results), len(taken)) == ("0", 4)


def test_an_error_arrives_where_its_result_would() -> None:
    results = spread(lambda item: 1 // item, [1, 0, 1], 2)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        list(results)


def test_the_items_are_taken_in_the_caller_s_thread() -> None:
    taken = list(spread(lambda item: item, (threading.get_ident() for _ in range(9)), 3))
    assert set(taken) == {threading.get_ident()}
