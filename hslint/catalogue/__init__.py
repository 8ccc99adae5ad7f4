"""Headscale's settings per release and the NixOS modules per release, as data.

Names are loaded when they are asked for: a run that needs only the newest release reads only that release's file.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hslint.catalogue.channels import (
        ChannelContents,
        Packaged,
        newest_seen,
        packages_of_stable,
        packages_of_unstable,
        unstable_at,
    )
    from hslint.catalogue.keys import (
        Constraint,
        How,
        Key,
        Limit,
        Removal,
        Schema,
        environment_variable,
        first_release_reading,
        last_release_reading,
        schema,
    )
    from hslint.catalogue.module_versions import (
        FIRST_WITH_MODULE,
        HIDDEN_DIRECTORIES,
        MODULE_VERSIONS,
        RUNTIME_DIRECTORY,
        STATE_DIRECTORY,
        Absent,
        Assertion,
        Fixed,
        ModuleVersion,
        Needs,
        NotPartOf,
        OnlyOneOf,
        Option,
        before_known,
        channel_of,
        module_version,
        packaged_in,
        version_in_repository,
    )
    from hslint.catalogue.published import Published, Resolved, newest_like, resolve, settings_of, why_unknown
    from hslint.catalogue.reading import duration_problem, file_mode, read
    from hslint.catalogue.release import NEWEST, OLDEST, PREVIEW, RELEASES, Release
    from hslint.catalogue.spelling import nearest
    from hslint.catalogue.term import AttrsOf, Enum, ListOf, NullOr, Scalar, Submodule, Term

__all__ = [
    "FIRST_WITH_MODULE",
    "HIDDEN_DIRECTORIES",
    "MODULE_VERSIONS",
    "NEWEST",
    "OLDEST",
    "PREVIEW",
    "RELEASES",
    "RUNTIME_DIRECTORY",
    "STATE_DIRECTORY",
    "Absent",
    "Assertion",
    "AttrsOf",
    "ChannelContents",
    "Constraint",
    "Enum",
    "Fixed",
    "How",
    "Key",
    "Limit",
    "ListOf",
    "ModuleVersion",
    "Needs",
    "NotPartOf",
    "NullOr",
    "OnlyOneOf",
    "Option",
    "Packaged",
    "Published",
    "Release",
    "Removal",
    "Resolved",
    "Scalar",
    "Schema",
    "Submodule",
    "Term",
    "before_known",
    "channel_of",
    "duration_problem",
    "environment_variable",
    "file_mode",
    "first_release_reading",
    "last_release_reading",
    "module_version",
    "nearest",
    "newest_like",
    "newest_seen",
    "packaged_in",
    "packages_of_stable",
    "packages_of_unstable",
    "read",
    "resolve",
    "schema",
    "settings_of",
    "unstable_at",
    "version_in_repository",
    "why_unknown",
]

# No name here is also a submodule's: importing that one would put the module in the name's place.
_MODULES = {
    "release": "NEWEST OLDEST PREVIEW RELEASES Release",
    "published": "Published Resolved newest_like resolve settings_of why_unknown",
    "keys": "Constraint How Key Limit Removal Schema environment_variable first_release_reading last_release_reading schema",
    "module_versions": (
        "MODULE_VERSIONS FIRST_WITH_MODULE HIDDEN_DIRECTORIES RUNTIME_DIRECTORY STATE_DIRECTORY Absent Assertion Fixed ModuleVersion Needs NotPartOf OnlyOneOf Option"
        " before_known channel_of version_in_repository module_version packaged_in"
    ),
    "spelling": "nearest",
    "reading": "duration_problem file_mode read",
    "term": "AttrsOf Enum ListOf NullOr Scalar Submodule Term",
    "channels": "ChannelContents Packaged newest_seen packages_of_stable packages_of_unstable unstable_at",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    for module, names in _MODULES.items():
        if name in names.split():
            found: object = getattr(import_module(f"{__name__}.{module}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
