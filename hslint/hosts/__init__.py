"""flake.nix, configuration.nix or a lone module → hosts, each with its effective configuration."""

from hslint.hosts.discovery import CannotInspect
from hslint.hosts.inspection import Inspection, Options, SkippedHosts, inspect_projects, joined, open_project

__all__ = ["CannotInspect", "Inspection", "Options", "SkippedHosts", "inspect_projects", "joined", "open_project"]
