"""NixOS around Headscale: the options that configurations and rules look at, as data, and the rest of NixOS in outline."""

from __future__ import annotations

import json
from functools import cache, partial
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from hslint.modules.collect import Given
from hslint.modules.computed import Computed
from hslint.modules.containers import containers
from hslint.modules.definition import OUTLINE_FILE
from hslint.modules.evaluation import Evaluation
from hslint.modules.foreign import NIXPKGS_KEY, STAND_IN_KEY, Foreign
from hslint.modules.headscale import headscale_module
from hslint.modules.option_type import OptionType, declaration_of
from hslint.modules.option_types.alternatives import NullOr
from hslint.modules.option_types.composite import AttrsOf, LazyAttrsOf, ListOf
from hslint.modules.option_types.plain import PORT, STR, plain_types
from hslint.modules.option_types.rest_of_nixos import FilledByNixOS, RestOfNixOS
from hslint.modules.outline import Outline
from hslint.modules.properties import make
from hslint.modules.reading import read, read_in_doubt
from hslint.modules.renamed import adopt as adopt_renames
from hslint.modules.renamed import evaluation_of, nested
from hslint.modules.submodule import Submodule
from hslint.values import operations
from hslint.values.constant import constant, to_nix
from hslint.values.packages import with_overlays
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Int,
    Kind,
    Lazy,
    List,
    Null,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hslint.modules.base_modules import BaseModules
    from hslint.modules.session import Session

Path = tuple[str, ...]

FILE = OUTLINE_FILE


@cache
def _table() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = json.loads(FilePath(__file__).with_name("nixos_options.json").read_bytes())
    return found


@cache
def _type(term: str) -> OptionType:
    head, _, tail = term.partition(" ")
    match head:
        case "listOf":
            return ListOf(_type(tail))
        case "attrsOf":
            return AttrsOf(_type(tail))
        case "nullOr":
            return NullOr(_type(tail))
        case "any":
            return RestOfNixOS()
        case _:
            return plain_types()[head]


def _declared(entry: list[Any], value: Callable[[Any], Value]) -> Lazy:
    """An option from its type's name and, if it has one, its default."""
    return declaration_of(_type(entry[0]), value(entry[1]) if len(entry) > 1 else None)


# -- the base modules --------------------------------------------------------------------------------------------------


def base_given(session: Session, base: BaseModules) -> list[Given]:
    """The modules that stand before the user's own."""
    given = [Given(Lazy.done(Primitive("<nixos>", 1, lambda ev, arguments: _nixos(evaluation_of(arguments), base))))]
    if base.headscale is not None:
        key = NIXPKGS_KEY if base.headscale.source == "nixpkgs" else STAND_IN_KEY
        given.append(Given(headscale_module(session, base.headscale, key=key)))
    return given


def adopter(session: Session) -> Callable[[Value | Foreign], Lazy | None]:
    def adopt(value: Value | Foreign) -> Lazy | None:
        if isinstance(value, Foreign):
            return headscale_module(session, value.version, value.name) if value.version is not None else None
        return adopt_renames(value)

    return adopt


def _nixos(evaluation: Evaluation, base: BaseModules) -> Attrs:
    args = dict(base.arguments)
    args.setdefault("utils", Lazy.done(Unknown(Why.FUNCTION, "utils")))
    if "pkgs" in args:
        packages = Lazy(lambda given: _packages(evaluation, given), args["pkgs"])
        args["pkgs"] = Lazy.done(make("override", priority=constant(50), content=packages))
    config: dict[str, Lazy] = {
        "_module": Lazy.done(Attrs({"args": Lazy.done(Attrs(args))})),
        "networking": Lazy.done(Attrs({"firewall": Lazy.done(_opened_ports(evaluation))})),
    }
    options = Lazy(lambda _: _options(evaluation, base))
    return Attrs(
        {
            "_file": constant(FILE),
            "key": constant(FILE),
            "options": options,
            "config": Lazy.done(Attrs(config)),
        }
    )


def _packages(evaluation: Evaluation, given: Lazy) -> Value:
    """`pkgs`: the package set that NixOS is given, with `nixpkgs.overlays` (nixos/modules/misc/nixpkgs.nix)."""
    own = read(evaluation, ("nixpkgs", "pkgs"))
    overlays = read(evaluation, ("nixpkgs", "overlays"))
    base = own if isinstance(own, Attrs) else given.force()
    return with_overlays(evaluation.ev, base, overlays.items if isinstance(overlays, List) else ())


def _opened_ports(evaluation: Evaluation) -> Attrs:
    """The ports that openssh and tailscale open by themselves (nixos/modules/services/networking/{ssh/sshd,tailscale}.nix)."""

    def when(service: str, option: str, ports: Callable[[], Value]) -> Lazy:
        def both(_: object) -> Value:
            enable = read_in_doubt(evaluation, ("services", service, "enable"))
            if not (isinstance(enable, Bool) and enable.value):
                return enable
            return read_in_doubt(evaluation, ("services", service, "openFirewall"))

        content = Computed(lambda _: ports(), (("services", service, option),))
        return Lazy.done(make("if", condition=Lazy(both), content=content))

    def tailscale() -> Value:
        return List([Lazy(lambda _: read_in_doubt(evaluation, ("services", "tailscale", "port")))])

    return Attrs(
        {
            "allowedTCPPorts": when(
                "openssh", "ports", lambda: read_in_doubt(evaluation, ("services", "openssh", "ports"))
            ),
            "allowedUDPPorts": when("tailscale", "port", tailscale),
        }
    )


#: What a machine's full name is made of.
_FQDN = (("networking", "hostName"), ("networking", "domain"))


def _options(evaluation: Evaluation, base: BaseModules) -> Attrs:
    session = evaluation.session
    independent = session.shared(FILE, lambda: _independent_options(session)).items
    names = {
        "fqdn": declaration_of(STR, Computed(lambda _: _fqdn(evaluation), _FQDN)),
        "fqdnOrHostName": declaration_of(
            STR, Computed(lambda _: _fqdn_or_host(evaluation), _FQDN), readOnly=Bool(True)
        ),
    }
    networking = evaluation.ev.attrs(independent["networking"]).items
    return Attrs(
        {
            **independent,
            "networking": Lazy.done(Attrs({**networking, **names})),
            "containers": declaration_of(containers(session, partial(nixos_evaluation, base=base)), Attrs({})),
        }
    )


def _independent_options(session: Session) -> Attrs:
    """The options whose types and defaults are the same in every configuration."""
    found = {path: _declared(declared, to_nix) for path, declared in _table().items()}
    ports = _firewall()
    found.update((f"networking.firewall.{name}", option) for name, option in ports.items())
    module = Lazy.done(Attrs({"options": Lazy.done(Attrs(ports))}))
    interfaces = AttrsOf(Submodule(session, [module], {}, shorthand=True))
    found["networking.firewall.interfaces"] = declaration_of(interfaces, Attrs({}))
    for path, options in _NAMED.items():
        table = FilledByNixOS if path in _FILLED else AttrsOf
        found[path] = declaration_of(table(_named(session, options)), Attrs({}))
    found["sops.placeholder"] = declaration_of(_type("any"), Lazy.done(Unknown(Why.STORE, "sops.placeholder")))
    return nested({tuple(path.split(".")): option for path, option in found.items()})


def _firewall() -> dict[str, Lazy]:
    """Ports are sorted and each stands once (nixos/modules/services/networking/firewall.nix: canonicalizePortList)."""
    apply = Primitive("canonicalizePortList", 1, lambda ev, ports: _canonical(ports.force()))
    found: dict[str, Lazy] = {}
    for protocol in ("TCP", "UDP"):
        found[f"allowed{protocol}Ports"] = declaration_of(ListOf(PORT), List([]), apply=apply)
        found[f"allowed{protocol}PortRanges"] = declaration_of(ListOf(AttrsOf(PORT)), List([]))
    return found


def _canonical(ports: Value) -> Value:
    if not isinstance(ports, List):
        return ports
    known: dict[int, Lazy] = {}
    others: list[Lazy] = []
    for lazy in ports.items:
        port = lazy.force()
        if isinstance(port, Int):
            known.setdefault(port.value, lazy)
        else:
            others.append(lazy)
    return List([*(known[number] for number in sorted(known)), *others], ports.span, ports.rest)


def _networking(evaluation: Evaluation, name: str) -> Value:
    return read_in_doubt(evaluation, ("networking", name))


def _fqdn(evaluation: Evaluation) -> Value:
    host, domain = _networking(evaluation, "hostName"), _networking(evaluation, "domain")
    if isinstance(host, String) and isinstance(domain, String) and host.known != "":
        return operations.concatenate(evaluation.ev, [host, String("."), domain], host.span)
    unknown = next((value for value in (host, domain) if isinstance(value, Unknown)), None)
    if unknown is not None:
        return Unknown(unknown.why, unknown.detail, unknown.span)
    raise Failure(
        Kind.ERROR,
        "The FQDN is required but cannot be determined. Please make sure that both networking.hostName and networking.domain are set "
        "properly.",
        catchable=True,
    )


def _fqdn_or_host(evaluation: Evaluation) -> Value:
    domain = _networking(evaluation, "domain")
    if isinstance(domain, Unknown):
        return Unknown(domain.why, domain.detail, domain.span)
    return _networking(evaluation, "hostName" if isinstance(domain, Null) else "fqdn")


#: Sets to which NixOS's own modules add elements.
_FILLED = ("users.users", "users.groups", "security.acme.certs")

#: Options that are sets of submodules: the sub-options with their types, and defaults where `{}` is the attribute's name.
_NAMED: Mapping[str, Mapping[str, list[Any]]] = {
    "users.users": {
        "name": ["str", "{}"],
        "home": ["str", "/var/empty"],
        "group": ["str", ""],
        "description": ["str", ""],
        "isSystemUser": ["bool", False],
        "isNormalUser": ["bool", False],
        "extraGroups": ["listOf str", []],
        "uid": ["nullOr int", None],
    },
    "users.groups": {"name": ["str", "{}"], "gid": ["nullOr int", None], "members": ["listOf str", []]},
    "security.acme.certs": {
        "directory": ["str", "/var/lib/acme/{}"],
        "domain": ["str", "{}"],
        "group": ["str", "acme"],
        "extraDomainNames": ["listOf str", []],
        "reloadServices": ["listOf str", []],
    },
    "sops.secrets": {
        "path": ["str", "/run/secrets/{}"],
        "name": ["str", "{}"],
        "key": ["str", "{}"],
        "owner": ["any", None],
        "group": ["any", None],
        "mode": ["str", "0400"],
    },
    "sops.templates": {"path": ["str", "/run/secrets/rendered/{}"], "name": ["str", "{}"], "content": ["lines", ""]},
    "age.secrets": {
        "path": ["str", "/run/agenix/{}"],
        "name": ["str", "{}"],
        "owner": ["str", "0"],
        "group": ["str", "0"],
        "mode": ["str", "0400"],
        "file": ["any", None],
    },
}


def _named(session: Session, options: Mapping[str, list[Any]]) -> Submodule:
    freeform = LazyAttrsOf(RestOfNixOS())

    def module(ev: object, arguments: Lazy) -> Value:
        evaluation = evaluation_of(arguments)
        name = evaluation.prefix[-1] if evaluation.prefix else "name"

        def default(value: object) -> Value:
            return String(value.replace("{}", name)) if isinstance(value, str) else to_nix(value)

        declared = {key: _declared(entry, default) for key, entry in options.items()}
        return Attrs({"freeformType": Lazy.done(freeform.view()), "options": Lazy.done(Attrs(declared))})

    return Submodule(session, [Lazy.done(Primitive("<named>", 1, module))], {}, shorthand=True)


def nixos_evaluation(
    session: Session,
    modules: Sequence[Given],
    special_args: Mapping[str, Lazy],
    base: BaseModules,
    *,
    prefix: Path = (),
    special_rest: Unknown | None = None,
    opening: Unknown | None = None,
) -> Evaluation:
    outline = Outline()
    evaluation = Evaluation(
        session,
        [*base_given(session, base), *modules],
        prefix=prefix,
        special_args=special_args,
        special_rest=special_rest,
        class_="nixos",
        rest=outline,
        foreign=base.foreign,
        adopt=adopter(session),
        opening=opening,
    )
    outline.evaluation = evaluation
    return evaluation
