"""services.cloudflared: what its tunnels lead to."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.hosts.host import Host
from hslint.hosts.network.address import url
from hslint.hosts.network.proxy_route import ProxyRoute
from hslint.hosts.network.reading import entries, is_off, member, outcome
from hslint.values.value import Attrs, String

_TUNNELS = "services.cloudflared.tunnels"


def rules(host: Host) -> Iterator[ProxyRoute]:
    """Every ingress rule that leads to a URL."""
    tunnels = host.nixos(_TUNNELS)
    if is_off(host, "services.cloudflared"):
        return
    for tunnel, lazy in entries(tunnels.value):
        for name, rule in entries(member(outcome(lazy), "ingress")):
            service = outcome(rule)
            path = None
            if isinstance(service, Attrs):
                path = member(service, "path")
                service = member(service, "service")
            target = url(service) if isinstance(service, String) else None
            if target is None or service is None:
                continue
            yield ProxyRoute(
                names=(name.lower(),),
                all_names=True,
                path=None if path is not None else "/",
                target=target,
                websockets=False,
                tls=True,
                guarded=None,
                at=service.span,
                name_at=rule.place,
                binding=rule.binding,
                option=f'{_TUNNELS}."{tunnel}".ingress."{name}"',
            )
