"""A policy in /etc that is not read."""

import re

from hslint.rule import Effect, Host, Iterator, Problem, rule

_POLICY = re.compile(r"headscale/(?:.*/)?[\w.-]*(?:acl|policy)[\w.-]*\.(?:hujson|json|jsonc|json5)", re.IGNORECASE)


@rule(Effect.IGNORED, since="0.23")
def policy_file_unused(host: Host) -> Iterator[Problem]:
    """Without `policy.path` Headscale reads no policy, and everything is allowed, whatever lies in /etc/headscale."""
    path = host.setting("settings.policy.path")
    if (
        host.has_unresolved_imports
        or host.reads_environment_file
        or path.is_empty is not True
        or host.reads("policy.mode") != "file"
    ):
        return
    if any(
        unread.key == "acl_policy_path" or (unread.meant and unread.meant.path == "policy.path")
        for unread in host.ignored_settings
    ):
        return  # which has a report of its own
    for name in host.nixos("environment.etc").names:
        if _POLICY.fullmatch(name):
            made = host.nixos(f'environment.etc."{name}"')
            if made.written:
                message = f"Headscale does not read /etc/{name[:40]}: policy.path is not set; all is allowed"
                yield Problem(message, at=made.name_at)
