"""Nodes that came through OIDC and never expire."""

from hslint.rule import Effect, Host, Iterator, Problem, rule


@rule(Effect.ADVICE, since="0.29", default_of="node.expiry")
def node_expiry_default_changed(host: Host) -> Iterator[Problem]:
    """Until 0.28 nodes that came through OIDC expired after 180 days; from 0.29 on they never do, unless `node.expiry` says so."""
    issuer = host.own("settings.oidc.issuer")
    if not issuer.text or host.reads_environment_file:
        return
    if host.has_unresolved_imports or host.own("settings.node.expiry").written or _said_before(host):
        return
    token = host.setting("settings.oidc.use_expiry_from_token")
    if token.value is None or token.flag is False:
        yield Problem(
            'nodes from OIDC never expire from 0.29 on (180 days before); set node.expiry, "0" if that is meant',
            at=issuer.at,
        )


def _said_before(host: Host) -> bool:
    """Whether the former setting says it, in the file or in a variable; that is reported as such."""
    variables = (variable.option.rpartition(".")[2] for variable in host.environment())
    return "HEADSCALE_OIDC_EXPIRY" in variables or any(unread.key == "oidc.expiry" for unread in host.ignored_settings)
