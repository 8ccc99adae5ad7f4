"""A decorator for facts that several rules need: computed once for each host."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

from hslint.hosts.host import Host

T = TypeVar("T")


def cached_per_host(fact: Callable[[Host], T]) -> Callable[[Host], T]:
    known: WeakKeyDictionary[Host, T] = WeakKeyDictionary()

    def ask(host: Host) -> T:
        if host not in known:
            known[host] = fact(host)
        return known[host]

    ask.__name__, ask.__doc__ = fact.__name__, fact.__doc__
    return ask
