"""`dns.base_domain` and the host of `server_url`, compared exactly as each release does it."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, catalogue, go, rule


@rule(Effect.FAILS, since="0.23")
def base_domain_covers_server(host: Host) -> Iterator[Problem]:
    """Headscale does not start when the host of `server_url` is `dns.base_domain` or lies inside it."""
    domain, server = host.meant_for("dns.base_domain"), host.setting("settings.server_url")
    url, base = server.text or server.template, domain.text or domain.template
    if not url or not base or not url.startswith(("http://", "https://")):
        return  # server-url-malformed says it
    if host.reads_environment_file and "." not in base:
        return  # a placeholder that a variable replaces
    relation = _relation(url, base, host.release)
    if relation is not None:
        message, effect = relation
        yield Problem(message, at=domain.at, notes=(Note("server_url is set here", server.at),), effect=effect)


def _relation(url: str, base: str, release: catalogue.Release) -> tuple[str, Effect] | None:
    """The conflict of the two, if any.

    0.23: LoadServerConfig looks for the text of base_domain anywhere in server_url. From 0.24 isSafeServerURL compares the labels of
    the URL's host *with its port*, so that `https://hs.example.com:8443` slips through; from 0.26 it also refuses an equal host name,
    there without the port, and main on its way to 0.30 compares all of it without the port. Letter case counts everywhere.
    """
    if not release.reaches("0.24"):
        return (f"server_url contains {base}; Headscale 0.23 does not start", Effect.FAILS) if base in url else None
    netloc = _netloc(url)
    if netloc is None:
        return None  # server-url-malformed says it
    name = netloc.partition(":")[0]
    if name == base:
        if release.reaches("0.26"):
            return f"the server's own name {name} is the base_domain; Headscale does not start", Effect.FAILS
        return f"the server's own name {name} is the base_domain; clients lose the server", Effect.BROKEN
    if _inside(name if release.reaches("0.30") else netloc, base):
        return f"{name} lies inside base_domain {base}; Headscale does not start", Effect.FAILS
    if _inside(name, base):
        return f"{name} lies inside base_domain {base}; clients with MagicDNS may lose the server", Effect.BROKEN
    return None


def _netloc(url: str) -> str | None:
    """The host of a URL, with its port; whatever its unknown parts are."""
    if "${" in url:
        return url.partition("://")[2].partition("/")[0]
    parsed = go.url(url)
    return parsed.host if parsed is not None else None


def _inside(name: str, base: str) -> bool:
    labels, suffix = name.split("."), base.split(".")
    return len(labels) > len(suffix) and labels[-len(suffix) :] == suffix
