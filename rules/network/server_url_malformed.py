"""`settings.server_url` that is no URL of a server."""

import re

from hslint.rule import Effect, Fix, Host, Iterator, Problem, Setting, edits, go, nix, rule, shortened

#: Marks that people leave for a program to fill in before the start.
_TEMPLATE = re.compile(r"@\w+@|\$\{?\w|%\w+%|\{\{")

#: What examples say in place of one's own name.
_PLACEHOLDER = re.compile(
    r"<[^<>]*>|\b(?:your|my)[-_]?(?:own[-_]?)?(?:domain|server|host|hostname|fqdn|ip)\b|\bchange[-_]?me\b|\bFIXME\b|\bTODO\b",
    re.IGNORECASE,
)

#: A scheme with too few, too many or other letters and signs.
_SCHEME = re.compile(
    r"(?P<scheme>h{0,2}t{1,3}p{1,2}s?|https?s)(?P<marks>:/{0,3}|//:?|;//|/{2})(?=[\w\[])", re.IGNORECASE
)

_REST = re.compile(r"https?://(?P<host>\[[^]]*\]|[^/?#:]*)(?P<port>:[^/?#]*)?(?P<path>[^?#]*)(?P<query>.*)", re.DOTALL)


@rule(Effect.FAILS)
def server_url_malformed(host: Host) -> Iterator[Problem]:
    """Headscale does not start unless `server_url` begins with http:// or https://, and does not work below a path."""
    setting = host.given("server_url")
    if not setting.written:
        return
    text = host.reads("server_url")
    if not isinstance(text, str):
        value = setting.value
        begins = isinstance(value, nix.String) and (value.starts_with("http://"), value.starts_with("https://"))
        if begins == (False, False):
            yield _problem(setting, "server_url does not begin with http:// or https://; Headscale does not start")
        return
    if _TEMPLATE.search(text):
        return
    found = _REST.fullmatch(text)
    # From 0.24 on isSafeServerURL parses it, where there is a base_domain to compare it with.
    parses = host.release.reaches("0.24") and host.reads("dns.base_domain")
    unparsed = Effect.FAILS if parses and go.url(text) is None else Effect.BROKEN
    if text == "":
        yield _problem(setting, "server_url is empty; Headscale does not start")
    elif found is None:
        yield _no_scheme(setting, text)
    elif (left := _PLACEHOLDER.search(text)) is not None:
        yield _problem(setting, f"server_url {text[:50]} still says {left[0][:20]}; clients cannot reach it", unparsed)
    elif re.search(r"\s", text):
        yield _problem(setting, f"server_url {text.strip()!r} has white space in it and is no URL", unparsed)
    elif not found["host"]:
        yield _problem(setting, f"server_url {text} names no server", Effect.BROKEN)
    elif found["port"] is not None and not re.fullmatch(r":\d{1,5}", found["port"]):
        yield _problem(setting, f"server_url {text} ends in a port that is no number", unparsed)
    elif go.url(text) is None:
        yield _problem(setting, f"server_url {text} is no URL", unparsed)
    elif found["query"] or found["path"].strip("/"):
        beyond = found["path"] + found["query"]
        message = f"server_url has the path {beyond}, but Headscale works only at the root of a host"
        yield _problem(setting, message, Effect.BROKEN)


def _no_scheme(setting: Setting, text: str) -> Problem:
    shown = text if len(text) < 40 else text[:39] + "…"
    message = shortened(f'server_url "{shown}" begins with neither http:// nor https://', "Headscale does not start")
    misspelt = _SCHEME.match(text)
    if misspelt is not None:
        right = "https://" if misspelt["scheme"].lower().endswith("s") else "http://"
        fix = Fix(f"write {right}", edits.within(setting.at, misspelt[0], right))
        return _problem(setting, message, fix=fix)
    bare = re.fullmatch(r"[A-Za-z0-9.-]+\.[A-Za-z]+(:443)?/?", text)
    https = edits.within(setting.at, text, "https://" + text.rstrip("/").removesuffix(":443")) if bare else ()
    fix = Fix("make it an https URL", https)
    return _problem(setting, message, fix=fix)


def _problem(setting: Setting, message: str, effect: Effect | None = None, fix: Fix | None = None) -> Problem:
    return Problem(message, at=setting.at, effect=effect, fix=fix)
