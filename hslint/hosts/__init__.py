"""flake.nix, configuration.nix or a lone module → hosts, each with its effective configuration (hslint.hosts.search)."""

from hslint.hosts.discovery import CannotInspect
from hslint.hosts.inspection import Inspection, Options, SkippedHosts, joined

__all__ = ["CannotInspect", "Inspection", "Options", "SkippedHosts", "joined"]
