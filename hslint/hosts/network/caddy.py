"""services.caddy: sites, and the `reverse_proxy` directives in their texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hslint.hosts.host import Host
from hslint.hosts.network.address import (
    GAP,
    Endpoint,
    Url,
    names_of_gaps,
    port_number,
    readable,
    split_port,
    url_of_text,
    with_gaps,
)
from hslint.hosts.network.caddyfile import Directive, Unsure, parse, taker
from hslint.hosts.network.proxy_route import ProxyRoute
from hslint.hosts.network.reading import entries, is_off, member, outcome, strings, text
from hslint.hosts.network.site import Gate, Reply, Site, part_of
from hslint.source import Span
from hslint.values.value import String, Unknown

_ROOT = "services.caddy"

_DIRECTIVE = re.compile(r"^[ \t]*reverse_proxy(?P<arguments>[ \t][^\n{]*)?(?P<block>\{)?", re.MULTILINE)
_TO = re.compile(r"^[ \t]*to[ \t]+(?P<upstreams>[^\n]+)$", re.MULTILINE)
_GUARDS = re.compile(r"\b(basic_?auth|forward_auth|remote_ip|client_ip|client_auth|abort|respond)\b")


def reverse_proxies(host: Host) -> Iterator[ProxyRoute]:
    """Every `reverse_proxy` of a site, unless Caddy is certainly off."""
    if is_off(host, _ROOT):
        return
    sites = host.nixos(f"{_ROOT}.virtualHosts")
    for name, lazy in entries(sites.value):
        site = outcome(lazy)
        config = member(site, "extraConfig")
        if isinstance(config, String):
            own = member(site, "hostName")
            aliases, all_aliases = strings(member(site, "serverAliases"))
            addresses = _addresses(own.known if isinstance(own, String) else name, *aliases)
            complete = all_aliases and not isinstance(own, Unknown)
            option = f'{_ROOT}.virtualHosts."{name}".extraConfig'
            yield from _site(host, option, with_gaps(config), config, addresses, complete)
    whole = host.nixos(f"{_ROOT}.extraConfig")
    if isinstance(whole.value, String):
        for heading, text in blocks(with_gaps(whole.value)):
            yield from _site(host, f"{_ROOT}.extraConfig", text, whole.value, _addresses(heading), complete=True)


def site_addresses(host: Host) -> Iterator[str]:
    """Every address that a site is written for, `hs.example.com:8443` as it stands."""
    for name, lazy in entries(host.nixos(f"{_ROOT}.virtualHosts").value):
        site = outcome(lazy)
        own = member(site, "hostName")
        aliases, _ = strings(member(site, "serverAliases"))
        yield from _addresses(own.known if isinstance(own, String) else name, *aliases)
    whole = host.nixos(f"{_ROOT}.extraConfig").value
    for heading, _text in blocks(with_gaps(whole)) if isinstance(whole, String) else ():
        yield from _addresses(heading)


def _site(
    host: Host, option: str, text: str, config: String, addresses: list[str], complete: bool
) -> Iterator[ProxyRoute]:
    setting = host.nixos(option)
    names = tuple(host_name(each) for each in addresses)
    guarded = True if _GUARDS.search(text) else None if GAP in text else False
    plain = bool(addresses) and all(each.startswith("http://") or each.endswith(":80") for each in addresses)
    for path, target in directives(text, _only(names_of_gaps(config))):
        yield ProxyRoute(
            names=tuple(name for name in names if name and GAP not in name),
            all_names=complete and bool(names) and all(name and GAP not in name for name in names),
            path=path,
            target=target,
            websockets=True,
            tls=not plain,
            guarded=guarded,
            at=config.span,
            name_at=setting.name_at,
            binding=setting.binding,
            option=option,
        )


def blocks(caddyfile: str) -> Iterator[tuple[str, str]]:
    """The site blocks of a Caddyfile: what stands before the brace, and what inside."""
    text = _without_comments(caddyfile)
    depth, start, end, heading = 0, 0, 0, ""
    for found in re.finditer(r"(?<!\S)\{(?=\s)|(?<=\s)\}(?!\S)", text):
        if found[0] == "{":
            if depth == 0:
                line = text.rfind("\n", end, found.start()) + 1
                heading = text[max(end, line) : found.start()].strip()
                start = found.end()
            depth += 1
        elif depth > 0:
            depth -= 1
            end = found.end()
            if depth == 0 and heading and not heading.startswith(("(", "&(")):
                yield heading, text[start : found.start()]


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)(^|[ \t])#.*$", r"\1", text)


def _addresses(*texts: str | None) -> list[str]:
    return [each for text in texts for each in re.split(r"[,\s]+", text or "") if each]


def host_name(address: str) -> str:
    """The host of a site address: `https://a.example.com:8443/x` → `a.example.com`; "" where it names none."""
    bare = address.partition("://")[2] or address
    return split_port(bare.partition("/")[0])[0].lower()


def ports(site: str) -> Iterator[int]:
    """The ports that the addresses of a site take; 443 for those that name neither a port nor `http://`."""
    for each in _addresses(site):
        scheme, _, rest = each.rpartition("://")
        port = split_port(rest.partition("/")[0])[1]
        if port:
            number = port_number(port)
            if number is not None:
                yield number
        elif GAP not in each:
            yield 80 if scheme == "http" else 443


def _only(names: list[str | None]) -> str | None:
    """The name of all gaps, where they have the same."""
    return names[0] if len(set(names)) == 1 else None


def directives(text: str, port_name: str | None) -> Iterator[tuple[str | None, Url]]:
    """The upstreams of every `reverse_proxy` in a Caddyfile's text, with the path each holds for."""
    text = _without_comments(text)
    whole = _has_no_matchers(text)
    found_all = [*_DIRECTIVE.finditer(text)]
    following = [*(found.start() for found in found_all[1:]), len(text)]
    for found, next_start in zip(found_all, following, strict=False):
        words = (found["arguments"] or "").split()
        path: str | None = "/" if whole else None
        if words and (words[0].startswith(("/", "@")) or words[0] == "*"):
            matcher = words.pop(0)
            path = matcher if matcher.startswith("/") else path
        if found["block"]:
            block = text[found.end() : next_start].partition("}")[0]
            for line in _TO.finditer(block):
                words += line["upstreams"].split()
        for word in words:
            target = upstream(word, port_name)
            if target is not None:
                yield path, target


def _has_no_matchers(text: str) -> bool:
    return re.search(r"^[ \t]*(handle|handle_path|route|@)", text, re.MULTILINE) is None


def upstream(word: str, port_name: str | None) -> Url | None:
    """An upstream address: `localhost:8080`, `https://…`, `h2c://…`, `:8080`; None for unix sockets and placeholders."""
    if word.startswith(("unix", "{")) or "/" in word.partition("://")[2]:
        return None
    if "://" in word:
        return url_of_text(word, port_name)
    host, port = split_port(word)
    number = port_number(port)
    if not port and GAP not in word:
        number = 80
    name = None if GAP in host else (host.strip("[]").lower() or "localhost")
    return Url(readable(word), "http", Endpoint(readable(word), name, number, port_name if port == GAP else None), "")


def sites(host: Host) -> Iterator[Site]:
    """The sites of services.caddy, whether or not it is on."""
    options = text(host.nixos(f"{_ROOT}.globalConfig").value)
    automatic = options is not None and "auto_https" not in options and GAP not in options
    for name, lazy in entries(host.nixos(f"{_ROOT}.virtualHosts").value):
        site = outcome(lazy)
        own = member(site, "hostName")
        aliases, all_aliases = strings(member(site, "serverAliases"))
        addresses = _addresses(own.known if isinstance(own, String) else name, *aliases)
        config = member(site, "extraConfig")
        at = host.nixos(f'{_ROOT}.virtualHosts."{name}"').name_at or lazy.place
        complete = all_aliases and not isinstance(own, Unknown)
        directives = parse(with_gaps(config)) if isinstance(config, String) else None
        literal = config.span if isinstance(config, String) else None
        names = _only(names_of_gaps(config)) if isinstance(config, String) else None
        yield _as_site(addresses, complete, automatic, at, literal, directives, names)
    whole = host.nixos(f"{_ROOT}.extraConfig")
    if isinstance(whole.value, String):
        for each in parse(with_gaps(whole.value)) or ():
            if each.words and each.block and not each.name.startswith(("(", "&(")):
                at = part_of(whole.value.span, each.line)
                addresses = _addresses(*each.words)
                port = _only(names_of_gaps(whole.value))
                yield _as_site(addresses, True, automatic, at, whole.value.span, each.block, port)


def _as_site(
    addresses: list[str],
    complete: bool,
    automatic: bool,
    at: Span | None,
    literal: Span | None,
    directives: tuple[Directive, ...] | None,
    port_name: str | None,
) -> Site:
    names = tuple(host_name(each) for each in addresses)
    known = tuple(name for name in names if name and GAP not in name)
    plain = [each.startswith("http://") or each.endswith(":80") for each in addresses]
    secure = None if not addresses or not automatic or GAP in "".join(addresses) else not all(plain)

    def reply(name: str, path: str) -> Reply | None:
        try:
            taken = taker(directives, name, path) if directives is not None else None
        except Unsure:
            return None
        if directives is None:
            return None
        if taken is None:
            return Reply(None, "an empty page", (), at)
        asking = (*_client_auth(directives), *taken.gates)
        gates = tuple(Gate(each.name, part_of(literal, _shown(each.line))) for each in asking)
        where = part_of(literal, _shown(taken.by.line))
        if taken.by.name != "reverse_proxy":
            return Reply(None, _INSTEAD.get(taken.by.name, taken.by.name), gates, where)
        targets = [upstream(word, port_name) for word in _upstreams(taken.by)]
        return Reply(targets[0], "", gates, where) if len(targets) == 1 and targets[0] is not None else None

    return Site("caddy", known, complete and len(known) == len(names) > 0, secure, True, at, reply)


_INSTEAD = {"redir": "a redirect", "file_server": "files", "respond": "a text", "error": "an error", "abort": "nothing"}


def _client_auth(directives: tuple[Directive, ...]) -> Iterator[Directive]:
    """The directive by which a site asks every client for a certificate."""
    for tls in directives:
        for each in tls.block if tls.name == "tls" else ():
            modes = [mode.words[-1] for mode in each.block if mode.name == "mode"]
            if each.name == "client_auth" and each.block and (modes or ["require_and_verify"])[0].startswith("require"):
                yield each


def _upstreams(directive: Directive) -> Iterator[str]:
    words = directive.words[1:]
    yield from words[1:] if words and (words[0] == "*" or words[0].startswith(("/", "@"))) else words
    for each in directive.block:
        if each.name == "to":
            yield from each.words[1:]


def _shown(line: str) -> str:
    """The literal part of a line: the text before what is computed."""
    return line.partition(GAP)[0].rstrip()
