"""What moving to another release of Headscale brings: hosts judged as they are and as they will be → the owner's work, in order."""

from hslint.upgrade.path import CannotUpgrade, UpgradePath, Wanted
from hslint.upgrade.plan import Entry, Plan, plan

__all__ = ["CannotUpgrade", "Entry", "Plan", "UpgradePath", "Wanted", "plan"]
