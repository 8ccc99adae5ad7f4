"""Cycles among names that refer to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def circles(named: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """For each name that leads back to itself, the number of its circle (its strongly connected component, after Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_names: list[str] = []
    is_open: set[str] = set()
    found: dict[str, int] = {}
    for start in named:
        if start in index:
            continue
        walk: list[tuple[str, Iterator[str]]] = [(start, iter(named[start]))]
        index[start] = low[start] = len(index)
        open_names.append(start)
        is_open.add(start)
        while walk:
            name, rest = walk[-1]
            following = next(rest, None)
            if following is not None:
                if following not in index:
                    index[following] = low[following] = len(index)
                    open_names.append(following)
                    is_open.add(following)
                    walk.append((following, iter(named.get(following, ()))))
                elif following in is_open:
                    low[name] = min(low[name], index[following])
                continue
            walk.pop()
            if walk:
                low[walk[-1][0]] = min(low[walk[-1][0]], low[name])
            if low[name] == index[name]:
                members = [open_names.pop()]
                while members[-1] != name:
                    members.append(open_names.pop())
                is_open.difference_update(members)
                if len(members) > 1 or name in named.get(name, ()):
                    found.update(dict.fromkeys(members, index[name]))
    return found
