"""An OIDC provider that Headscale asks at its start, and that is there only once Headscale runs."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, go, net, rule


@rule(Effect.FAILS, yields_to=("oidc-incomplete",))
def oidc_boot_cycle(host: Host) -> Iterator[Problem]:
    """Headscale asks the issuer at its start; a name or address of its own tailnet exists only while it runs already."""
    issuer = host.setting("settings.oidc.issuer")
    url = go.url(issuer.text) if issuer.text else None
    if url is None or host.reads("oidc.only_start_if_oidc_is_available") is not True:
        return
    name = url.hostname.lower()
    where = net.reach(name)
    if where is net.Reach.TAILNET:
        yield Problem(f"the issuer {name[:40]} is in the tailnet, which is up only once Headscale runs", at=issuer.at)
        return
    base = host.reads("dns.base_domain")
    if (
        host.reads("dns.magic_dns") is not True
        or not isinstance(base, str)
        or not _below(name, base)
        or _serves(host, name)
    ):
        return
    yield Problem(
        f"{name[:40]} is a name of the tailnet, which exists only once Headscale runs",
        at=issuer.at,
        notes=(Note("this makes it one", host.given("dns.base_domain").at),),
    )


def _below(name: str, base: str) -> bool:
    """Whether it is one of the names that MagicDNS gives to nodes: one word before the domain."""
    word, _, domain = name.partition(".")
    return bool(base and word) and domain == base.lower()


def _serves(host: Host, name: str) -> bool:
    """Whether a proxy on this very machine answers for it, or may: then the name leads here without a tailnet."""
    return any(
        proxy.passing.answers(name) is not False and name in proxy.passing.names for proxy in net.proxies(host)
    ) or any(name in host.nixos(f"services.{server}.virtualHosts").names for server in ("nginx", "caddy"))
