"""Nodes that came through OIDC and never expire."""

from hslint.rule import Effect, Host, Iterator, Problem, rule


@rule(Effect.ADVICE, since="0.29", default_of="node.expiry")
def node_expiry_default_changed(host: Host) -> Iterator[Problem]:
    """Until 0.28 nodes that came through OIDC expired after 180 days; from 0.29 on they never do, unless `node.expiry` says so."""
    issuer = host.own("settings.oidc.issuer")
    if not issuer.text:
        return
    if host.is_open or host.own("settings.node.expiry").written or any(u.key == "oidc.expiry" for u in host.unread):
        return
    token = host.setting("settings.oidc.use_expiry_from_token")
    if token.value is None or token.flag is False:
        yield Problem(
            'nodes from OIDC never expire from 0.29 on (180 days before); set node.expiry, "0" if that is meant',
            at=issuer.at,
        )
