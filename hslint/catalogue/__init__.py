"""Headscale's settings per release and the NixOS modules per release, as data.

Names are loaded when they are asked for: a run that needs only the newest release reads only that release's file.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hslint.catalogue.channels import (
        Held,
        Packaged,
        newest_seen,
        packages_of_stable,
        packages_of_unstable,
        unstable_at,
    )
    from hslint.catalogue.eras import (
        ERAS,
        FIRST_WITH_MODULE,
        HIDDEN_DIRECTORIES,
        RUNTIME_DIRECTORY,
        STATE_DIRECTORY,
        Absent,
        Assertion,
        Fixed,
        ModuleEra,
        Needs,
        NotPartOf,
        OnlyOneOf,
        Option,
        before_known,
        channel_of,
        era_in_repository,
        module_era,
        packaged_in,
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
    from hslint.catalogue.published import Published, Resolved, newest_like, resolve, settings_of, why_unknown
    from hslint.catalogue.reading import duration_problem, file_mode, read
    from hslint.catalogue.release import NEWEST, OLDEST, PREVIEW, RELEASES, Release
    from hslint.catalogue.spelling import nearest
    from hslint.catalogue.term import AttrsOf, Enum, ListOf, NullOr, Plain, Submodule, Term

__all__ = [
    "ERAS",
    "FIRST_WITH_MODULE",
    "HIDDEN_DIRECTORIES",
    "NEWEST",
    "OLDEST",
    "PREVIEW",
    "RELEASES",
    "RUNTIME_DIRECTORY",
    "STATE_DIRECTORY",
    "Absent",
    "Assertion",
    "AttrsOf",
    "Constraint",
    "Enum",
    "Fixed",
    "Held",
    "How",
    "Key",
    "Limit",
    "ListOf",
    "ModuleEra",
    "Needs",
    "NotPartOf",
    "NullOr",
    "OnlyOneOf",
    "Option",
    "Packaged",
    "Plain",
    "Published",
    "Release",
    "Removal",
    "Resolved",
    "Schema",
    "Submodule",
    "Term",
    "before_known",
    "channel_of",
    "duration_problem",
    "environment_variable",
    "era_in_repository",
    "file_mode",
    "first_release_reading",
    "last_release_reading",
    "module_era",
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
    "why_unknown",
]

# No name here is also a submodule's: importing that one would put the module in the name's place.
_ROOMS = {
    "release": "NEWEST OLDEST PREVIEW RELEASES Release",
    "published": "Published Resolved newest_like resolve settings_of why_unknown",
    "keys": "Constraint How Key Limit Removal Schema environment_variable first_release_reading last_release_reading schema",
    "eras": (
        "ERAS FIRST_WITH_MODULE HIDDEN_DIRECTORIES RUNTIME_DIRECTORY STATE_DIRECTORY Absent Assertion Fixed ModuleEra Needs NotPartOf OnlyOneOf Option"
        " before_known channel_of era_in_repository module_era packaged_in"
    ),
    "spelling": "nearest",
    "reading": "duration_problem file_mode read",
    "term": "AttrsOf Enum ListOf NullOr Plain Submodule Term",
    "channels": "Held Packaged newest_seen packages_of_stable packages_of_unstable unstable_at",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    for room, names in _ROOMS.items():
        if name in names.split():
            found: object = getattr(import_module(f"{__name__}.{room}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
