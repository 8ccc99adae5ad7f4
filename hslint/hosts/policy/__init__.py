"""The policy of a host: where its configuration says that it lies, and what of it can be read."""

from hslint.hosts.policy.etc import misnamed, missing
from hslint.hosts.policy.found import HostPolicy, Mode, meaning_of, mode_of, policy_file, policy_of, setting_of

__all__ = [
    "HostPolicy",
    "Mode",
    "meaning_of",
    "misnamed",
    "missing",
    "mode_of",
    "policy_file",
    "policy_of",
    "setting_of",
]
