"""A login in front of Headscale that its clients cannot pass."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule

_WHAT = {
    "basicAuth": "a password",
    "basicAuthFile": "a password",
    "auth_basic": "a password",
    "basic_auth": "a password",
    "basicauth": "a password",
    "digestAuth": "a password",
    "ssl_verify_client": "a certificate",
    "client_auth": "a certificate",
}


@rule(
    Effect.BROKEN,
    yields_to=("server-url-malformed", "server-url-unset", "proxy-target-mismatch", "proxy-path-elsewhere"),
)
def proxy_auth_gate(host: Host) -> Iterator[Problem]:
    """Tailscale clients log in to Headscale alone; a password, a login page or a certificate before it keeps them out."""
    url = net.server_url(host)
    if url is None or not url.name:
        return
    for _, reply in net.serving(host, url.name):
        if net.to_headscale(host, reply) and reply.gates:
            gate = reply.gates[0]
            yield Problem(
                f"{gate.what} asks clients for {_WHAT.get(gate.what, 'a login')} that they cannot give; nobody can log in",
                at=gate.at,
                notes=(Note("clients come to Headscale here", reply.at),),
            )
