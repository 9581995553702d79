"""One function over many items, on several threads, the results in the order of the items."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def spread(function: Callable[[A], B], items: Iterable[A], threads: int) -> Iterator[B]:
    """What the function makes of each item; at most one item more than there are threads is under way at a time.

    The items are taken, and the results given, in the caller's thread, which goes on while the others work.

    >>> list(spread(str.upper, "abc", 2))
    ['A', 'B', 'C']
    """
    with ThreadPoolExecutor(threads, "spread") as pool:
        coming: deque[Future[B]] = deque()
        for item in items:
            coming.append(pool.submit(function, item))
            if len(coming) > threads:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
