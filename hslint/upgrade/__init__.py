"""Plans an upgrade of Headscale: hosts checked as they are and as they will be → the work to do, in order."""

from hslint.upgrade.path import CannotUpgrade, UpgradePath, Wanted
from hslint.upgrade.plan import Entry, Plan, plan

__all__ = ["CannotUpgrade", "Entry", "Plan", "UpgradePath", "Wanted", "plan"]
