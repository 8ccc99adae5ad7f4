"""`settings.server_url` left at the module's default, or set to the server's own loopback address."""

from hslint.rule import Effect, Host, Iterator, Problem, net, rule


@rule(Effect.BROKEN, yields_to=("server-url-malformed", "syntax-error", "unknown-module-option"))
def server_url_unset(host: Host) -> Iterator[Problem]:
    """Clients are told to reach the server at `server_url`; the module's default points each of them at itself."""
    setting = host.setting("settings.server_url")
    if not setting.exists:
        return  # a module without the default: required-setting says it
    if not setting.written:
        if host.has_unresolved_imports or _meant_elsewhere(host) or host.reads_environment_file:
            return
        yield Problem(
            "server_url is not set: clients are sent to http://127.0.0.1:8080, themselves",
            at=host.anchor,
            absent=("settings.server_url",),
        )
        return
    url = net.server_url(host)
    if url is not None and url.url.endpoint.reach in (net.Reach.LOOPBACK, net.Reach.EVERYWHERE):
        yield Problem(
            f"server_url {url.url.text} leads each client to itself, not to this server",
            at=setting.at,
        )


def _meant_elsewhere(host: Host) -> bool:
    """Whether it is written in a place where it is not read, or that Nix refuses: that has a report of its own."""
    refused = (failure.option.rpartition(".")[2] for failure in host.own_failures)
    misplaced = (unread.meant.path for unread in host.ignored_settings if unread.meant is not None)
    return any(name in ("server_url", "serverUrl") for name in (*refused, *misplaced))
