"""`hslint show --format json`: each host's effective configuration, with what is unknown and what fails named in place."""

from __future__ import annotations

import re
from typing import Any

from hslint.hosts import Inspection, SkippedHosts
from hslint.hosts.host import Host
from hslint.source import Project
from hslint.values.nesting import Walk
from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Failure,
    Float,
    Int,
    Lazy,
    List,
    Null,
    Path,
    Primitive,
    String,
    Unknown,
    Value,
)
from hslint.values.without_secrets import without_secrets

#: Raised when a field changes its meaning or goes; new fields alone do not raise it.
VERSION = 1

_HEADSCALE = ("enable", "address", "port", "user", "group", "package")
_FIREWALL = (
    "enable",
    "allowedTCPPorts",
    "allowedUDPPorts",
    "allowedTCPPortRanges",
    "allowedUDPPortRanges",
    "trustedInterfaces",
    "interfaces",
)


def document(inspection: Inspection) -> dict[str, Any]:
    hosts = {host.name: _host(host) for host in inspection.hosts}
    for skipped in inspection.skipped:
        hosts |= dict.fromkeys(skipped.names, _skipped(skipped))
    unnamed = [inspection.describe(skipped) for skipped in inspection.skipped if not skipped.names]
    return {"version": VERSION, "hosts": hosts, **({"unevaluated": unnamed} if unnamed else {})}


def _skipped(skipped: SkippedHosts) -> dict[str, Any]:
    match skipped.why:
        case Failure() as failure:
            return {"error": skipped.reason, "errorKind": failure.kind.value}
        case Unknown():
            return {"__unknown": skipped.reason}


def _host(host: Host) -> dict[str, Any]:
    about = {
        "release": host.runs.release_name,
        "release_checked_as": str(host.release),
        "release_from": host.runs.release.because,
        "module": host.module.name,
        "module_from": host.runs.module.because,
        "open": [opening.unknown.reason for opening in host.unresolved_imports],
    }
    failure = host.failure
    if failure is not None:
        return {**about, "error": failure.message, "errorKind": failure.kind.value}
    config = Lazy(lambda _: host.configuration.config)
    return {**about, **_view(host.project, config)}


def _view(project: Project, config: Lazy) -> dict[str, Any]:
    show = _Values(project)

    def at(*path: str) -> Any:
        return show.outcome(shown(*path))

    def shown(*path: str) -> Lazy:
        found = _walk(config, path)
        return Lazy(lambda _: without_secrets(found.force(), path))

    headscale = {name: at("services", "headscale", name) for name in _HEADSCALE}
    headscale["settings"] = at("services", "headscale", "settings")
    headscale["configFileOk"] = _serialisable(headscale["settings"])
    view: dict[str, Any] = {
        "headscale": headscale,
        "assertions": _assertions(show, config),
        "warnings": at("warnings"),
        "firewall": {name: at("networking", "firewall", name) for name in _FIREWALL},
        "nginx": {name: at("services", "nginx", name) for name in ("enable", "virtualHosts")},
        "caddy": {name: at("services", "caddy", name) for name in ("enable", "virtualHosts")},
    }
    containers = _walk(config, ("containers",)).outcome()
    if isinstance(containers, Attrs):
        found = {name: inner for name, lazy in containers.items.items() if (inner := _container(lazy)) is not None}
        if found:
            view["containers"] = {name: _view(project, inner) for name, inner in found.items()}
    return view


def _serialisable(settings: Any) -> Any:
    """Whether the file that Headscale gets can be written: the first leaf that fails, or is unknown, keeps it from that."""
    if isinstance(settings, dict):
        if "__error" in settings or "__unknown" in settings:
            return settings
        children = [child for name, child in settings.items() if not name.startswith("__")]
    elif isinstance(settings, list):
        children = settings
    else:
        return True
    answers = [answer for child in children if (answer := _serialisable(child)) is not True]
    return next((answer for answer in answers if "__error" in answer), answers[0]) if answers else True


def _container(lazy: Lazy) -> Lazy | None:
    container = lazy.outcome()
    return container.get("config") if isinstance(container, Attrs) else None


def _walk(lazy: Lazy, path: tuple[str, ...]) -> Lazy:
    def step(_: object) -> Value:
        value = lazy.force()
        for name in path:
            if isinstance(value, Unknown):
                return value
            if not isinstance(value, Attrs):
                return Null()
            inner = value.get(name)
            if inner is None:
                return value.rest if value.rest is not None else Null()
            value = inner.force()
        return value

    return Lazy(step)


def _assertions(show: _Values, config: Lazy) -> Any:
    """The messages of the assertions that do not hold."""
    found = _walk(config, ("assertions",)).outcome()
    if isinstance(found, Failure):
        return {"__error": found.kind.value}
    if not isinstance(found, List):
        return show.value(found)
    messages: list[Any] = []
    for lazy in found.items:
        entry = lazy.outcome()
        if not isinstance(entry, Attrs):
            return show.outcome(lazy)
        holds = entry.get("assertion")
        truth = holds.outcome() if holds is not None else None
        if isinstance(truth, Bool) and truth.value:
            continue
        message = entry.get("message")
        if isinstance(truth, Bool) and message is not None:
            messages.append(show.outcome(message))
        else:
            return {"__unknown": "an assertion that cannot be decided"}
    return {"__unknown": found.rest.reason} if found.rest is not None else messages


class _Values:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.walk = Walk()

    def outcome(self, lazy: Lazy) -> Any:
        outcome = lazy.outcome()
        return {"__error": outcome.kind.value} if isinstance(outcome, Failure) else self.value(outcome)

    def value(self, value: Value) -> Any:
        match value:
            case Null():
                return None
            case Bool(truth):
                return truth
            case Int(number) | Float(number):
                return number
            case String(known=str(text)):
                return self._text(text)
            case String():
                unknown = value.unknown
                return {"__unknown": unknown.reason if unknown is not None else "half known"}
            case Path(path):
                return {"__path": self.project.relative(path)}
            case List() | Attrs():
                stopped = self.walk.stops(value)
                if isinstance(stopped, Failure):
                    return {"__error": stopped.kind.value}
                if stopped is not None:
                    return {"__unknown": stopped.reason}
                shown = self._list(value) if isinstance(value, List) else self._attrs(value)
                self.walk.leave(value)
                return shown
            case Unknown():
                return {"__unknown": value.reason}
            case Closure() | Primitive():
                return {"__function": True}

    def _list(self, value: List) -> Any:
        known = [self.outcome(item) for item in value.items]
        return known if value.rest is None else {"__unknown": value.rest.reason, "__known": known}

    def _attrs(self, value: Attrs) -> Any:
        if value.get("type") is not None and value.get("outPath") is not None:
            name = value.get("name")
            outcome = name.outcome() if name is not None else None
            if isinstance(outcome, String) and outcome.known is not None:
                return {"__drv": outcome.known}
            return {"__unknown": "a package without a known name"}
        if value.rest is not None and not value.items:
            return {"__unknown": value.rest.reason}
        shown = {
            self._text(name): {"__unknown": "depends on a condition that cannot be decided"}
            if name in value.maybe
            else self.outcome(lazy)
            for name, lazy in sorted(value.items.items())
            if not name.startswith("_module")
        }
        if value.rest is not None:
            shown["__more"] = value.rest.reason
        return shown

    def _text(self, text: str) -> str:
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return re.sub(re.escape(self.project.root.rstrip("/")) + "/", "", text)
