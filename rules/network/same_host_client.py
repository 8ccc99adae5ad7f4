"""A client on the server itself that takes the tailnet's DNS."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, rule

_CLIENT = "services.tailscale"


@rule(Effect.ADVICE, since="0.26")
def same_host_client(host: Host) -> Iterator[Problem]:
    """A client on the server replaces the server's resolver by the tailnet's, which it must reach to come up again."""
    if host.nixos(f"{_CLIENT}.enable").flag is not True or host.has_unresolved_imports:
        return
    up, key = host.nixos(f"{_CLIENT}.extraUpFlags"), host.nixos(f"{_CLIENT}.authKeyFile")
    later = host.nixos(f"{_CLIENT}.extraSetFlags")
    if up.strings is None or later.strings is None or key.is_null is not False:
        return
    url = host.reads("server_url")
    words = " ".join((*up.strings, *later.strings))
    if not isinstance(url, str) or url.rstrip("/") not in words or "--accept-dns=false" in words:
        return
    if host.reads("dns.override_local_dns") is True and host.reads("dns.magic_dns") is True:
        yield Problem(
            "this client replaces the server's own resolver by the tailnet's; add --accept-dns=false",
            at=up.here,
            notes=(Note("override_local_dns is on here", host.given("dns.override_local_dns").at),),
        )
