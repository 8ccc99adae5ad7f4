"""An OIDC provider that Headscale asks at its start, and that is there only once Headscale runs, or at about the same time."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, go, net, rule

_UNIT = "systemd.services.headscale"


@rule(Effect.FAILS, yields_to=("oidc-incomplete",))
def oidc_boot_cycle(host: Host) -> Iterator[Problem]:
    """Headscale asks the issuer at its start; a name or address of its own tailnet exists only while it runs already."""
    issuer = host.setting("settings.oidc.issuer")
    url = go.url(issuer.text) if issuer.text else None
    if url is None or host.reads("oidc.only_start_if_oidc_is_available") is not True:
        return
    name, base = url.hostname.lower(), host.reads("dns.base_domain")
    here = next((proxy for proxy in net.proxies(host) if name in proxy.route.names), None)
    if net.reach(name) is net.Reach.TAILNET:
        yield Problem(f"the issuer {name[:40]} is in the tailnet, which is up only once Headscale runs", at=issuer.at)
    elif here is not None:
        if not any(host.nixos(f"{_UNIT}.{name}").written for name in ("after", "requires", "wants")):
            yield Problem(
                "the issuer is served by this machine; until it answers, Headscale ends at every start",
                at=issuer.at,
                notes=(Note(f"{here.program} serves it here", here.route.at),),
                effect=Effect.ADVICE,
            )
    elif (
        host.reads("dns.magic_dns") is True and isinstance(base, str) and _below(name, base) and not _serves(host, name)
    ):
        yield Problem(
            f"{name[:40]} is a name of the tailnet, which exists only once Headscale runs",
            at=issuer.at,
            notes=(Note("this makes it one", host.given("dns.base_domain").at),),
        )


def _below(name: str, base: str) -> bool:
    """Whether it is one of the names that MagicDNS gives to nodes: one word before the domain. Below a whole domain of one's own
    there are public names, too.
    """
    word, _, domain = name.partition(".")
    whole = net.public_suffix(base.partition(".")[2]) is not None
    return bool(base and word) and domain == base.lower() and not whole


def _serves(host: Host, name: str) -> bool:
    """Whether a web server on this machine has the name: then it leads here without a tailnet."""
    return any(name in host.nixos(f"services.{server}.virtualHosts").names for server in ("nginx", "caddy"))
