"""One host as rules see it: every option with its value, where it was written, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from hslint.catalogue.keys import Key, Schema, schema
from hslint.catalogue.module_versions import ModuleVersion, Needs, removed_in_older_module, renamed_in_older_module
from hslint.catalogue.reading import Read
from hslint.catalogue.release import Release
from hslint.hosts.environment import overriding
from hslint.hosts.ignored_settings import IgnoredSetting, unread
from hslint.hosts.release import Inferred, Runs
from hslint.hosts.setting import UNIT_ENVIRONMENT, Setting
from hslint.modules import Configuration, ImportedModule, OptionFailure
from hslint.modules import Setting as Merged
from hslint.modules.configuration import split_path
from hslint.record import Entity, Record, replace
from hslint.source import Project, SourceFile, Span
from hslint.syntax.parse import Parsed
from hslint.syntax.problems import SyntaxProblem
from hslint.values.assumptions import Assumptions
from hslint.values.conditions import Atom
from hslint.values.to_python import to_python
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, Null, Unknown, Value, Why

HEADSCALE = "services.headscale"

#: The configuration around a standalone module, which may define anything.
REST_OF_CONFIGURATION = Unknown(Why.OPEN, "the rest of the configuration")


class UnresolvedImport(Record):
    """A module that could not be followed: whatever is absent may be set there."""

    unknown: Unknown
    at: Span | None


class UntrackedImport(Record):
    """A module that a host of a flake imports although git does not track it: for Nix it does not exist. `name` is its path in the project."""

    file: SourceFile
    name: str
    at: Span


class Container(Record):
    """A NixOS container, by its name in the machine around it: `containers.NAME`."""

    machine: Host
    name: str

    def option(self, name: str) -> Setting:
        """One of the container's own options, which the machine sets."""
        return self.machine.nixos(f'containers."{self.name}".{name}')


class Host(Entity):
    """A NixOS configuration with its effective Headscale configuration. Options are named below `services.headscale`."""

    name: str
    configuration: Configuration
    #: What the host runs; computed once, when first asked for.
    infer: Callable[[Host], Runs]
    project: Project
    #: Every file that was parsed so far, by path; the host's own are among them.
    parsed: Mapping[str, Parsed]
    #: A file evaluated as a standalone module although it belongs to a larger configuration.
    alone: bool = False
    #: A NixOS container: its firewall and the proxy in front of Headscale may be those of the machine around it.
    container: Container | None = None
    #: The view in which nothing that was not read sets more: what is absent is absent, and has its default.
    closed: bool = False
    #: The same host under other assumptions, in an evaluation of its own; None where it does not exist under them.
    reopen: Callable[[Assumptions], Host | None] = lambda assumptions: None
    #: The Nix files of the project, whether or not the host consists of them.
    nix_files: Sequence[str] = ()
    #: The file of a policy that is checked by itself: no host is seen to use it.
    policy: str | None = None
    #: Finds what git does not track; None where git does not decide what Nix sees.
    find_untracked: Callable[[Host], Iterator[UntrackedImport]] | None = None

    @property
    def contained(self) -> bool:
        return self.container is not None

    @cached_property
    def runs(self) -> Runs:
        return self.infer(self)

    @property
    def release(self) -> Release:
        return self.runs.release.value

    @property
    def module(self) -> ModuleVersion:
        return self.runs.module.value

    def with_release(self, release: Release) -> Host:
        """The same host, if it ran another release of Headscale."""
        runs = Runs(Inferred(release, self.runs.release.because), self.runs.module)
        return replace(self, infer=lambda _: runs)

    def with_closed_imports(self) -> Host | None:
        """The same host, evaluated anew, if nothing that was not read sets more."""
        if not self.has_unresolved_imports:
            return replace(self, closed=True)
        host = self.assuming(Assumptions(self.assumptions.holds, greedy=self.assumptions.greedy, closed=True))
        return None if host is None else replace(host, closed=True)

    def assuming(self, assumptions: Assumptions) -> Host | None:
        """The same host, evaluated anew under assumptions."""
        host = self.reopen(assumptions)
        return None if host is None else replace(host, closed=self.closed, policy=self.policy)

    @property
    def assumptions(self) -> Assumptions:
        """The assumptions of the host's evaluation."""
        return self.configuration.evaluation.ev.assumptions

    @property
    def guards(self) -> tuple[Atom, ...]:
        """The facts that guards of the host's modules depend on and that could not be decided, as far as they were met."""
        return self.assumptions.guards(self.configuration)

    @property
    def failure(self) -> Failure | None:
        """The error that Nix refuses the whole configuration with, if it does."""
        return self.configuration.error

    @property
    def nixos_release_unknown(self) -> Unknown | None:
        """Why the host's NixOS release is unknown, where nothing says it and the newest known one is assumed."""
        return None if self.runs.module.certain else Unknown(Why.ENVIRONMENT, "the NixOS release in use")

    @property
    def imported_modules(self) -> tuple[ImportedModule, ...]:
        """Every import of a module, in NixOS's order; see there for those that count twice and those that are disabled."""
        return self.configuration.imported_modules

    @cached_property
    def untracked(self) -> tuple[UntrackedImport, ...]:
        """The modules that Nix does not see, as git does not track their files."""
        return tuple(self.find_untracked(self)) if self.find_untracked is not None else ()

    @cached_property
    def syntax_problems(self) -> tuple[SyntaxProblem, ...]:
        """The syntax problems of the files that this host imports."""
        modules = {file.path for file in self.configuration.files}
        # A module of which nothing could be read is none; it is what opens the host.
        modules.update(o.unknown.span.file.path for o in self.unresolved_imports if o.unknown.span is not None)
        return tuple(problem for path in sorted(modules & self.parsed.keys()) for problem in self.parsed[path].problems)

    @cached_property
    def schema(self) -> Schema:
        """The schema of the host's release: the keys that it reads."""
        return schema(self.release)

    @property
    def unresolved_imports(self) -> tuple[UnresolvedImport, ...]:
        return () if self.closed else self._openings

    @cached_property
    def _openings(self) -> tuple[UnresolvedImport, ...]:
        opened = [UnresolvedImport(unknown, at) for unknown, at in self.configuration.open]
        if self.alone and all(each.unknown is not REST_OF_CONFIGURATION for each in opened):
            opened.append(UnresolvedImport(REST_OF_CONFIGURATION, None))
        return tuple(opened)

    @property
    def has_unresolved_imports(self) -> bool:
        return bool(self.unresolved_imports)

    @cached_property
    def active(self) -> bool:
        """Whether there is a Headscale to check: it is enabled, or may be by what is seen, or a standalone module configures it.

        What no module of the project speaks of, a module that was not read may still enable: there is nothing to check of that.
        """
        enable = self.setting("enable")
        match enable.value:
            case Bool(True):
                return True
            case Unknown():
                return self.policy is not None or self.has_guarded_parts
            case _:
                return not enable.written and self.alone and bool(self.defined("settings"))

    @property
    def decided(self) -> bool:
        """Whether the configuration says itself if Headscale is enabled."""
        enable = self.configuration.setting(f"{HEADSCALE}.enable")
        return enable is not None and any(definition.from_user for definition in enable.winners)

    @property
    def is_enabled(self) -> bool | None:
        """Whether Headscale is enabled; None where it is unknown. Nothing else of the configuration is evaluated."""
        enable = self.configuration.setting(f"{HEADSCALE}.enable")
        value = enable.value.outcome() if enable is not None else None
        return value.value if isinstance(value, Bool) else None

    # -- values --------------------------------------------------------------------------------------------------------

    def setting(self, option: str) -> Setting:
        """An option of `services.headscale` ("port", "settings.dns.base_domain"). A variable of the unit that stands above a setting is
        that setting, with the variable's place; what the file says is then not read (`nixos` still gives it).
        """
        variable = self._variables.get(option.removeprefix("settings.")) if option.startswith("settings.") else None
        return variable or self.nixos(f"{HEADSCALE}.{option}")

    def own(self, option: str) -> Setting:
        """An option of `services.headscale` as the configuration itself defines it; without a value where only the module does."""
        setting = self.setting(option)
        return setting if setting.written else replace(setting, value=None, failure=None)

    def nixos(self, path: str) -> Setting:
        """Any option of NixOS, by its full path; path elements with dots are quoted: `services.nginx.virtualHosts."a.b"`.

        In a host with unresolved imports an option without a visible definition is Unknown, with the default as what it may be.
        """
        known = self._settings.get(path)
        if known is None:
            known = self._settings[path] = self._setting(path, self.configuration.setting(path))
        return known

    @cached_property
    def _is_part(self) -> bool:
        """Whether other modules must be about Headscale: none that is known enables it, or options are used that none declares."""
        return bool(self._openings) and (
            (self.alone and not self.decided)
            or any(
                refused.failure.kind is Kind.UNKNOWN_OPTION and refused.option.startswith(f"{HEADSCALE}.")
                for refused in self.own_failures
            )
        )

    def _refused_above(self, path: str) -> Unknown | None:
        """Why an option is unknown that lies in one that Nix fails on."""
        for refused in self.own_failures if path.startswith(f"{HEADSCALE}.") else ():
            if path.startswith(f"{refused.option}."):
                return Unknown(Why.CONDITION, refused.option, refused.failure.span)
        failure = self.configuration.refusal_above(path)
        return Unknown(Why.CONDITION, failure.message, failure.span) if failure is not None else None

    def _doubt(self, path: str, value: Value | None, *, written: bool) -> Unknown | None:
        """Why the value of an option is unknown although its definitions are known."""
        refused = self._refused_above(path)
        if refused is not None or written:
            return refused
        if self.closed:
            return self._openings[0].unknown if self._is_part else None
        if not self.unresolved_imports:
            return None
        opening = self.unresolved_imports[0].unknown
        return Unknown(Why.OPEN, opening.detail, opening.span, () if value is None else (Lazy.done(value),))

    # -- what Headscale reads --------------------------------------------------------------------------------------------

    def reads(self, key: str) -> Read | Unknown | None:
        """The effective value of a key for the host's Headscale: `"true"` is true, no value is its own default; None for a key that this
        release does not read.
        """
        known = self.schema.keys.get(key)
        return None if known is None else self._read(known)

    def given(self, key: str) -> Setting:
        """The setting that Headscale takes a key's value from."""
        return self._written_as(key) or self.setting(f"settings.{key}")

    def meant_for(self, key: str) -> Setting:
        """The setting that a key's value was meant to come from: its own, else one under a removed name that the module refuses and
        whose only successor the key is. What is wrong with the value is wrong under either name.
        """
        own = self.setting(f"settings.{key}")
        if own.written:
            return own
        for removal in self.schema.removals.values():
            if removal.replaced_by != (key,):
                continue
            names = removal.path.split(".")
            above = ("settings." + ".".join(names[:length]) for length in range(1, len(names) + 1))
            former = self.setting(f"settings.{removal.path}")
            if former.written and any(self.module.refuses(name) is not None for name in above):
                return former
        return own

    def violates_constraint(self, path: str) -> bool:
        """Whether what Headscale gets for a key breaks the key's limit, or is none of its values, where that counts."""
        key, read = self.schema.keys.get(path), self.reads(path)
        return (
            key is not None
            and not isinstance(read, Unknown | None)
            and not key.takes(read)
            and self.constraint_applies(path) is True
        )

    def constraint_applies(self, path: str) -> bool | None:
        """Whether the key's limit counts, as that of SQLite's path does only with SQLite; None when it is unknown. That of a key
        which this release does not read never does.
        """
        key = self.schema.keys.get(path)
        if key is None or key.constraint is None or key.constraint.while_key is None:
            return key is not None
        other = self.reads(key.constraint.while_key)
        return None if isinstance(other, Unknown | None) else key.constraint.applies_while(other)

    def _read(self, key: Key) -> Read | Unknown:
        written = self._written_as(key.path)
        if written is None and self._shadowed_by_scalar(key.path):
            return key.read_nothing()
        value = (written or self.setting(f"settings.{key.path}")).value
        given = None if value is None else to_python(value)
        return given if isinstance(given, Unknown) else key.read(given)

    def _written_as(self, path: str) -> Setting | None:
        """The setting that is written for a key in another way than in sets: viper lower-cases names and joins them with dots."""
        setting = self._keys.get(path)
        return None if setting is None or setting.option == f"{HEADSCALE}.settings.{path}" else setting

    def _shadowed_by_scalar(self, path: str) -> bool:
        """Whether a set that the key lies in is none: `database = "sqlite"` keeps viper even from the defaults below it."""
        names = path.split(".")
        above = (self._keys.get(".".join(names[:length])) for length in range(1, len(names)))
        return any(setting is not None and not isinstance(setting.value, Attrs | Null | Unknown) for setting in above)

    @cached_property
    def _keys(self) -> dict[str, Setting]:
        """The user-defined leaves, by the key that viper makes of each; of several, the one with capital letters or dots in its name."""
        settings = sorted(
            self.defined("settings"), key=lambda setting: ('"' in setting.option, not self.key(setting).islower())
        )
        return {self.key(setting).lower(): setting for setting in settings}

    def written(self, below: str = "settings") -> Sequence[Setting]:
        """The leaves that the configuration itself certainly defines below an option, module defaults aside."""
        return [leaf for leaf in self.defined(below) if leaf.certainly_written]

    @property
    def configures_headscale(self) -> bool:
        """Whether the configuration defines anything below `services.headscale`, under conditions or not."""
        return bool(self._written)

    @property
    def has_guarded_parts(self) -> bool:
        """Whether undecided guards decide about Headscale: something is set of it, or a condition may set more."""
        return self.configures_headscale or any(
            opening.unknown.why is Why.CONDITION or opening.unknown.may_be or opening.unknown.term is not None
            for opening in self.unresolved_imports
        )

    def defined(self, option: str = "settings") -> Sequence[Setting]:
        """The leaves that the configuration itself defines, or may define, below an option."""
        if not option:
            return self._written
        above = f"{HEADSCALE}.{option}"
        overridden = [f"{HEADSCALE}.settings.{key}" for key in self._variables]
        leaves = [leaf for leaf in self._written if self._below(leaf, above)]
        if not overridden:
            return leaves
        read = [leaf for leaf in leaves if not any(self._below(leaf, option) for option in overridden)]
        return [*read, *(variable for variable in self._variables.values() if self._below(variable, above))]

    @staticmethod
    def _below(leaf: Setting, option: str) -> bool:
        return leaf.option == option or leaf.option.startswith(f"{option}.")

    @cached_property
    def _written(self) -> Sequence[Setting]:
        leaves = self._settings_below(HEADSCALE, as_written=True)
        return [leaf for leaf in leaves if leaf.option != f"{HEADSCALE}.settings"]

    @cached_property
    def reads_environment_file(self) -> bool:
        """Whether the unit gets variables that are not seen, as from a file: any of them may be a HEADSCALE_… that overrides a setting."""
        unit = "systemd.services.headscale.serviceConfig"
        if any(self.nixos(f"{unit}.{name}").written for name in ("EnvironmentFile", "Environment", "PassEnvironment")):
            return True
        return any(
            isinstance(self.nixos(path).value, Unknown) and self.nixos(path).written
            for path in (unit, UNIT_ENVIRONMENT)
        )

    def environment(self) -> Iterator[Setting]:
        """The variables that the configuration gives the unit; HEADSCALE_… ones override settings."""
        yield from self._settings_below(UNIT_ENVIRONMENT)

    @cached_property
    def _variables(self) -> Mapping[str, Setting]:
        """The settings that variables of the unit give, by their keys."""
        variables = [each for each in self.environment() if each.option.startswith(f"{UNIT_ENVIRONMENT}.HEADSCALE_")]
        # Which release runs may be read off the settings: where there is no variable, it is not asked.
        return overriding(variables, self.schema, f"{HEADSCALE}.settings") if variables else {}

    def accounts(self) -> Iterator[Setting]:
        """The users and groups of the configuration."""
        for table in ("users.users", "users.groups"):
            yield from self._settings_below(table)

    def _settings_below(self, path: str, *, as_written: bool = False) -> Iterator[Setting]:
        """The leaves below a path that the configuration itself defines, or may define."""
        found = self.configuration.settings_below(path, as_written=as_written)
        leaves = (self._setting(merged.option, merged) for merged in found)
        return (leaf for leaf in leaves if leaf.written)

    def module_checks(self, option: str) -> bool:
        """Whether the host's module has an assertion on the option, so that Nix stops before Headscale could."""
        return any(isinstance(a, Needs) and a.when == option for a in self.module.assertions)

    def relative(self, setting: Setting) -> str:
        """The option's name below `services.headscale`."""
        return setting.option.removeprefix(f"{HEADSCALE}.")

    def current_name(self, option: str) -> str | None:
        """The current name of an option of earlier modules ("dns.baseDomain" → "settings.dns.base_domain"), below `services.headscale`."""
        renamed = renamed_in_older_module(option)
        if renamed is None:
            return None
        removal = self.schema.removed(renamed.removeprefix("settings."))
        if removal is None:
            return renamed
        return f"settings.{removal.replaced_by[0]}" if len(removal.replaced_by) == 1 else None

    def was_removed(self, option: str) -> bool:
        """Whether earlier modules had the option, and nothing has taken its place."""
        return removed_in_older_module(option) or (
            renamed_in_older_module(option) is not None and self.current_name(option) is None
        )

    def names(self, setting: Setting) -> tuple[str, ...]:
        """The names of a setting below `settings`, one by one."""
        return split_path(setting.option)[len(split_path(HEADSCALE)) + 1 :]

    def key(self, setting: Setting) -> str:
        """The key that Headscale sees for a setting below `settings`; viper joins names with dots, also those that hold dots."""
        return setting.option.removeprefix(f"{HEADSCALE}.settings.").replace('"', "")

    @cached_property
    def ignored_settings(self) -> tuple[IgnoredSetting, ...]:
        """The settings that this Headscale does not read."""
        return unread(self)

    def declared(self, key: str) -> bool:
        """Whether the host's module declares an option for the key, so that Nix itself checks its type."""
        return self.module.option(f"settings.{key}") is not None

    # -- failures and places -------------------------------------------------------------------------------------------

    @cached_property
    def failures(self) -> tuple[OptionFailure, ...]:
        """Options of the configuration that Nix refuses: conflicts, wrong types, unknown options, infinite recursion."""
        return self.configuration.failures

    @property
    def own_failures(self) -> tuple[OptionFailure, ...]:
        """Those of them that are below services.headscale, or belong to no option."""
        return self.configuration.own_failures

    @property
    def all_failures(self) -> Iterator[Failure]:
        """The failures of the options, and of the whole configuration."""
        yield from (refused.failure for refused in self.failures)
        if self.failure is not None:
            yield self.failure

    def declared_in(self, option: str) -> Iterator[Span]:
        """The declarations of an option in files of the project that are no module of this host, by their text."""
        used = {file.path for file in self.configuration.files}
        pattern = re.compile(rb"\boptions\." + re.escape(option.encode()) + rb"(?=[.\s=])")
        for path in self.nix_files:
            file = self.project.read(path) if path not in used else None
            found = pattern.search(file.text) if isinstance(file, SourceFile) else None
            if found is not None and isinstance(file, SourceFile):
                yield Span(file, found.start(), found.end())

    @cached_property
    def anchor(self) -> Span:
        """The place at which to report what is missing: where Headscale is enabled, else where it is first configured."""
        for setting in (self.setting("enable"), *self._written, self.nixos(HEADSCALE)):
            if setting.name_at is not None:
                return setting.name_at
        for file in (*self.configuration.files, *(parsed.file for parsed in self.parsed.values())):
            return Span(file, 0, 0)
        return Span(SourceFile(self.project.root, b""), 0, 0)

    @cached_property
    def _settings(self) -> dict[str, Setting]:
        return {}

    def _setting(self, path: str, merged: Merged | None) -> Setting:
        if merged is None:
            return Setting(path, self._doubt(path, None, written=False), self.project, exists=False)
        outcome = merged.value.outcome()
        failure = outcome if isinstance(outcome, Failure) else None
        value: Value = (
            Unknown(Why.CONDITION, outcome.message, outcome.span) if isinstance(outcome, Failure) else outcome
        )
        mine = tuple(d for d in merged.winners if d.from_user)
        losers = tuple(d for d in merged.losers if d.from_user)
        doubt = self._doubt(merged.option, value, written=bool(mine)) if failure is None else None
        return Setting(merged.option, doubt or value, self.project, mine, losers, failure)
