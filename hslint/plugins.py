"""Finds the rules: our own, and those of packages that announce themselves (entry point group `hslint.rules`).

Only installed packages are asked, never the repository under inspection.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from hslint.problem import Origin, Rule
from hslint.record import replace

if TYPE_CHECKING:
    from importlib.metadata import Distribution

OWN = "hslint.rules"

#: The entry point group by which other packages announce theirs.
GROUP = "hslint.rules"

#: Under which of its addresses a distribution documents its rules, the best first.
_DOCUMENTED = ("documentation", "homepage", "source", "repository")


class BrokenPlugin(Exception):
    """An installed rule package that cannot be loaded; hslint says so instead of leaving its rules out."""


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, by name. Raises BrokenPlugin."""
    found: dict[str, Rule] = {}
    for package, origin in ((OWN, None), *_announced()):
        for rule in _rules_of(package):
            other = found.setdefault(rule.name, rule if origin is None else replace(rule, origin=origin))
            if other.module != rule.module:
                raise BrokenPlugin(f"{rule.module} and {other.module} both define the rule {rule.name}")
    for rule in found.values():
        for name in rule.yields_to:
            if name not in found:
                raise BrokenPlugin(f"{rule.name} yields to {name}, which is no rule")
    return tuple(found[name] for name in sorted(found))


def _announced() -> list[tuple[str, Origin]]:
    """The packages behind the entry point group. What importlib.metadata would read is looked through for its name first:
    importing that costs more than starting Python, and there is hardly ever such a package.
    """
    if not any(_mentions_group(directory) for directory in sys.path):
        return []
    from importlib.metadata import entry_points

    found = {point.value: _origin(point.dist) for point in entry_points(group=GROUP) if point.dist is not None}
    return sorted(found.items(), key=lambda item: item[0])


def _origin(distribution: Distribution) -> Origin:
    """The origin of an installed distribution, from its metadata."""
    labelled = (line.partition(",") for line in distribution.metadata.get_all("Project-URL") or ())
    addresses = {label.strip().lower(): address.strip() for label, _, address in labelled}
    documentation = next((addresses[label] for label in _DOCUMENTED if label in addresses), "")
    return Origin(distribution.name, distribution.version, documentation)


def _mentions_group(directory: str) -> bool:
    """Whether a package installed there may announce rules."""
    try:
        installed = [name for name in os.listdir(directory or ".") if name.endswith((".dist-info", ".egg-info"))]
    except FileNotFoundError:
        return False
    except OSError:
        return True  # an archive of packages
    for name in installed:
        try:
            with open(os.path.join(directory, name, "entry_points.txt"), "rb") as file:
                if GROUP.encode() in file.read():
                    return True
        except OSError:
            continue  # it has no entry points
    return False


def page(rule: Rule) -> str:
    """The manual: the page beside a rule's module without what is only there as a test, or a sentence where there is none."""
    from importlib.resources import files

    from hslint.excerpt import readable  # late: only `explain` and the editor show pages

    package, _, module = rule.module.rpartition(".")
    beside = files(package).joinpath(f"{module}.md") if package else None
    if beside is None or not beside.is_file():
        return f"# {rule.name}\n\n{rule.summary}"
    return readable(beside.read_text(encoding="utf-8").partition("\n## More cases")[0].rstrip())


def _rules_of(package: str) -> Iterator[Rule]:
    try:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, f"{package}."):
            if not module.ispkg:
                loaded = importlib.import_module(module.name)
                yield from (
                    value for value in vars(loaded).values() if isinstance(value, Rule) and value.module == module.name
                )
    except ImportError as error:
        raise BrokenPlugin(f"the rule package {package} cannot be loaded: {error}") from error
