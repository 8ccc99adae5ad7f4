"""An nginx location in front of Headscale that drops the client's Upgrade header."""

import re

from hslint.rule import Effect, Fix, Host, Iterator, Note, Problem, edits, net, rule

#: What a client asks for with `Upgrade`, from Headscale 0.17 on.
_UPGRADED = "/ts2021"


@rule(Effect.BROKEN, yields_to=("proxy-target-mismatch",))
def proxy_without_websockets(host: Host) -> Iterator[Problem]:
    """Clients log in over an upgraded connection, which nginx passes on only with `proxyWebsockets`."""
    locations = [proxy for proxy in net.proxies(host) if proxy.program == "nginx"]
    siblings: dict[tuple[str, ...], list[net.Proxy]] = {}
    for proxy in locations:
        siblings.setdefault(proxy.route.names, []).append(proxy)
    serving = {names: _serving(of_one_name) for names, of_one_name in siblings.items()}
    for proxy in locations:
        if not proxy.to_headscale or proxy.route.websockets is not False:
            continue
        if serving[proxy.route.names] is not proxy:
            continue
        name = proxy.route.names[0] if proxy.route.names else "this host"
        yield Problem(
            f"{name} does not pass Upgrade on to Headscale: clients cannot log in",
            at=proxy.route.at,
            notes=_location(proxy),
            fix=_fix(proxy),
        )


def _serving(siblings: list[net.Proxy]) -> net.Proxy | None:
    """The location that requests for /ts2021 certainly come to, as nginx chooses: `=`, then expressions, then the longest prefix."""
    best: tuple[int, net.Proxy] | None = None
    for each in siblings:
        path = (each.route.path or "").strip()
        if path.startswith(("~", "@")):
            if _may_match(path):
                return None
            continue
        prefix = path.removeprefix("^~").strip()
        if path.startswith("="):
            rank = 1000 if path[1:].strip() == _UPGRADED else -1
        else:
            rank = len(prefix) if _UPGRADED.startswith(prefix) else -1
        if rank >= 0 and (best is None or rank > best[0]):
            best = rank, each
    return None if best is None else best[1]


#: Longer expressions, and those that repeat more, are not tried: how long that takes is the author's to choose.
_LONGEST, _REPEATS = 120, 6


def _may_match(path: str) -> bool:
    expression = path.lstrip("~*@ ")
    if len(expression) > _LONGEST or "{" in expression or sum(map(expression.count, "*+?")) > _REPEATS:
        return True
    try:
        return re.search(expression, _UPGRADED) is not None
    except (re.error, RecursionError):
        return True


def _location(proxy: net.Proxy) -> tuple[Note, ...]:
    """The place of the location, when its target was written in another place."""
    at, name = proxy.route.at, proxy.route.name_at
    if at is None or name is None or (at.file.path == name.file.path and name.start <= at.start):
        return ()
    return (Note("the location is set here", name),)


def _fix(proxy: net.Proxy) -> Fix | None:
    """A second statement after `proxyPass = …;`, in the layout of the first."""
    binding = proxy.route.binding
    if binding is None:
        return None
    statement = binding.text
    found = re.match(r"(?P<before>(?:[^=\"\n]|\"[^\"\n]*\")*?)\bproxyPass\s*=\s*", statement)
    if found is None or not statement.endswith(";"):
        return None
    added = edits.insert_after(binding, f"{found['before']}proxyWebsockets = true;")
    return Fix("set proxyWebsockets", added, safe=True)
