"""The Headscale module of a module version, from the catalogue's data: its options, and what it defines once the service is enabled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from hslint.catalogue.data import Json
from hslint.catalogue.module_versions import (
    DEFAULT_USER,
    STATE_DIRECTORY,
    UNIT,
    Absent,
    Assertion,
    Fixed,
    Needs,
    NotPartOf,
    OnlyOneOf,
)
from hslint.catalogue.module_versions import Option as Fact
from hslint.catalogue.term import AttrsOf as AttrsOfTerm
from hslint.catalogue.term import Enum as EnumTerm
from hslint.catalogue.term import ListOf as ListOfTerm
from hslint.catalogue.term import NullOr as NullOrTerm
from hslint.catalogue.term import Scalar, Term
from hslint.catalogue.term import Submodule as SubmoduleTerm
from hslint.modules.computed import Computed
from hslint.modules.definition import PLAIN
from hslint.modules.foreign import STAND_IN_KEY
from hslint.modules.option_type import OptionType, declaration_of
from hslint.modules.option_types.alternatives import NullOr, Serializable
from hslint.modules.option_types.composite import AttrsOf, ListOf
from hslint.modules.option_types.plain import BOOL, INT, PACKAGE, PATH, PORT, STR, UNSPECIFIED, Enum
from hslint.modules.properties import make
from hslint.modules.reading import read, read_in_doubt, read_or_none
from hslint.modules.renamed import evaluation_of, moved, nest, nested
from hslint.modules.submodule import Submodule
from hslint.values import operations
from hslint.values.constant import constant, to_nix
from hslint.values.packages import generated, package
from hslint.values.value import (
    Attrs,
    Bool,
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
    from collections.abc import Callable

    from hslint.catalogue import ModuleVersion
    from hslint.modules.evaluation import Evaluation
    from hslint.modules.session import Session

SERVICE = ("services", "headscale")

#: Where the value of an option goes in a template.
_HOLE = re.compile(r"\$\{([^}]+)\}")

_PLAIN: dict[str, OptionType] = {"str": STR, "bool": BOOL, "int": INT, "port": PORT, "path": PATH, "package": PACKAGE}


def path_of(option: str) -> tuple[str, ...]:
    """The full path of an option that the catalogue names below services.headscale."""
    return (*SERVICE, *option.split("."))


def type_of_term(session: Session, term: Term) -> OptionType:
    match term:
        case Scalar("settings"):
            return UNSPECIFIED
        case Scalar(name):
            return _PLAIN[name]
        case NullOrTerm(of):
            return NullOr(type_of_term(session, of))
        case ListOfTerm(of):
            return ListOf(type_of_term(session, of))
        case AttrsOfTerm(of):
            return AttrsOf(type_of_term(session, of))
        case EnumTerm(values):
            return Enum([constant(value) for value in values])
        case SubmoduleTerm(options, defaults):
            declared = {
                name: declaration_of(type_of_term(session, of), to_nix(defaults[name]) if name in defaults else None)
                for name, of in options.items()
            }
            module = Lazy.done(Attrs({"options": Lazy.done(Attrs(declared))}))
            return Submodule(session, [module], {}, shorthand=True)
        case _:
            assert_never(term)


def headscale_module(
    session: Session, version: ModuleVersion, name: str | None = None, *, key: str | None = None
) -> Lazy:
    """The module as a value that `imports` may hold. With a `key` it is the one that NixOS brings, or that stands in for it,
    and gives way to one that the configuration imports.
    """
    file = name or f"<module>/{version.name}.nix"

    def module(ev: object, arguments: Lazy) -> Value:
        return _module(evaluation_of(arguments), version, file, key)

    return Lazy.done(Primitive(f"<module {version.name}>", 1, module))


def _module(evaluation: Evaluation, version: ModuleVersion, file: str, key: str | None) -> Attrs:
    session = evaluation.session
    renames = {path_of(old): path_of(new) for old, new in version.renamed.items()}
    gone = moved(SERVICE, renames, [path_of(option) for option in version.removed], file)
    content = Lazy(lambda _: _definitions(evaluation, version))
    config = make("if", condition=Lazy(lambda _: read_in_doubt(evaluation, (*SERVICE, "enable"))), content=content)
    disables: tuple[str, ...] = version.disables if key is None else ()
    if key is None and version.source != "nixpkgs":
        disables = (*disables, STAND_IN_KEY)
    identity = {"key": constant(key)} if key is not None else {}
    return Attrs(
        {
            **identity,
            "_file": constant(file),
            "disabledModules": constant([*disables]),
            "imports": Lazy.done(List([Lazy.done(gone)])),
            "options": nest(SERVICE, Lazy(lambda _: _options(session, evaluation, version))),
            "config": Lazy.done(config),
        }
    )


# -- options -----------------------------------------------------------------------------------------------------------


def _options(session: Session, evaluation: Evaluation, version: ModuleVersion) -> Attrs:
    defaults = {
        "configFile": Computed(lambda _: _config_file(evaluation, version), (path_of("settings"),)),
        "package": Lazy(lambda _: _packaged(evaluation, version.options["package"].default)),
    }
    own = {
        path: _declared(session, version.options[path], default)
        for path, default in defaults.items()
        if path in version.options
    }
    independent = session.shared((SERVICE, version.name), lambda: _independent_options(session, version))
    return Attrs({**independent.items, **own})


def _independent_options(session: Session, version: ModuleVersion) -> Attrs:
    """The options whose types and defaults are the same in every configuration."""
    top: dict[tuple[str, ...], Lazy] = {}
    settings: dict[tuple[str, ...], Lazy] = {}
    for path, fact in version.options.items():
        first, *below = path.split(".")
        if path in ("settings", "configFile", "package"):
            continue
        if first == "settings" and below:
            settings[tuple(below)] = _declared(session, fact, None)
        else:
            top[first, *below] = _declared(session, fact, None)
    freeform = Serializable("YAML 1.1")
    module = Attrs({"freeformType": Lazy.done(freeform.view()), "options": Lazy.done(nested(settings))})
    whole = version.options.get("settings")
    default = Lazy.done(Attrs({})) if whole is not None and whole.has_default else None
    top["settings",] = declaration_of(Submodule(session, [Lazy.done(module)], {}, shorthand=True), default)
    return nested(top)


def _declared(session: Session, fact: Fact, default: Lazy | None) -> Lazy:
    given = default if default is not None else to_nix(fact.default) if fact.has_default else None
    more = {"readOnly": Bool(True)} if fact.read_only else {}
    return declaration_of(type_of_term(session, fact.type), given, **more)


def _packaged(evaluation: Evaluation, default: Json) -> Value:
    """A package of the configuration's `pkgs`; by its name alone where those are unknown."""
    assert isinstance(default, dict)
    name = str(default["package"])
    packages = Lazy(lambda _: evaluation.argument("pkgs")).outcome()
    found = packages.get(name) if isinstance(packages, Attrs) else None
    value = found.outcome() if found is not None else None
    return value if isinstance(value, Attrs) else package(name)


def _config_file(evaluation: Evaluation, version: ModuleVersion) -> Value:
    return generated("headscale.yaml", Lazy(lambda _: read(evaluation, (*SERVICE, "settings"))))


# -- what it defines ---------------------------------------------------------------------------------------------------


def _definitions(evaluation: Evaluation, version: ModuleVersion) -> Attrs:
    """The module's own `config`, once the service is enabled."""

    def asked(option: str) -> Lazy:
        return Computed(lambda _: read(evaluation, path_of(option)), (path_of(option),))

    def only_if(option: str, value: str, then: dict[str, Lazy]) -> Lazy:
        def same(_: object) -> Value:
            found = read(evaluation, path_of(option))
            if isinstance(found, String) and found.known is not None:
                return Bool(found.known == value)
            return found.unknown or Bool(False) if isinstance(found, String) else found

        return Lazy.done(make("if", condition=Lazy(same), content=Lazy.done(Attrs(then))))

    def done(value: object) -> Lazy:
        return Lazy.done(to_nix(value))

    settings = nested({tuple(fixed.path.split(".")): _fixed(evaluation, fixed) for fixed in version.fixed.values()})
    unit = {
        "description": done("headscale coordination server for Tailscale"),
        "wantedBy": done(["multi-user.target"]),
        "after": done(["network-online.target"]),
        "serviceConfig": Lazy.done(
            Attrs(
                {
                    "User": asked("user"),
                    "Group": asked("group"),
                    "Type": done("simple"),
                    "Restart": done("always"),
                    "StateDirectory": done("headscale"),
                    "RuntimeDirectory": done("headscale"),
                    "UMask": done("0077"),
                },
                rest=Unknown(Why.OPTION, f"systemd.services.{UNIT}.serviceConfig"),
            )
        ),
    }
    user = {"home": done(STATE_DIRECTORY), "group": asked("group"), "isSystemUser": done(True)}
    groups = Attrs({UNIT: only_if("group", DEFAULT_USER, {})})
    users = Attrs({UNIT: only_if("user", DEFAULT_USER, user)})
    return Attrs(
        {
            "assertions": Lazy(lambda _: List([_assertion(evaluation, assertion) for assertion in version.assertions])),
            "services": Lazy.done(Attrs({"headscale": Lazy.done(settings)})),
            "users": Lazy.done(Attrs({"groups": Lazy.done(groups), "users": Lazy.done(users)})),
            "systemd": Lazy.done(Attrs({"services": Lazy.done(Attrs({UNIT: Lazy.done(Attrs(unit))}))})),
            "environment": Lazy.done(Attrs({"systemPackages": Lazy.done(List([asked("package")]))})),
        }
    )


def _fixed(evaluation: Evaluation, fixed: Fixed) -> Lazy:
    template = fixed.template
    if template is None:
        content = Lazy.done(to_nix(fixed.value))
    else:
        content = Computed(lambda _: _filled(evaluation, template), tuple(map(path_of, _HOLE.findall(template))))
    if fixed.priority == PLAIN:
        return content
    return Lazy.done(make("override", priority=constant(fixed.priority), content=content))


def _filled(evaluation: Evaluation, template: str) -> Value:
    """`${address}:${port}`, with the options' values."""
    parts: list[String | Unknown] = []
    for number, piece in enumerate(_HOLE.split(template)):
        if number % 2:
            value = read(evaluation, path_of(piece))
            parts.append(operations.coerce(evaluation.ev, value, more=True))
        else:
            parts.append(String(piece))
    return operations.concatenate(evaluation.ev, parts, None)


def _assertion(evaluation: Evaluation, assertion: Assertion) -> Lazy:
    check: Callable[[], bool | Unknown] = lambda: _holds(evaluation, assertion)  # noqa: E731

    def holds(_: object) -> Value:
        answer = check()
        return answer if isinstance(answer, Unknown) else Bool(answer)

    message = assertion.message or "server_url must not lie inside dns.base_domain"
    return Lazy.done(Attrs({"assertion": Lazy(holds), "message": constant(message)}))


def _holds(evaluation: Evaluation, assertion: Assertion) -> bool | Unknown:
    match assertion:
        case Needs(when, needs, _):
            asked = read(evaluation, path_of(when))
            if isinstance(asked, Bool) and not asked.value:
                return True
            given = read(evaluation, path_of(needs))
            filled = _is_filled(given)
            if filled is True or isinstance(asked, Bool):
                return filled
            return asked if isinstance(asked, Unknown) else filled
        case Absent(path, _):
            return _absent(evaluation, path_of(path))
        case OnlyOneOf(paths, _):
            values = [read_or_none(evaluation, path_of(path)) for path in paths]
            unknown = next((v for v in values if isinstance(v, Unknown)), None)
            set_ones = sum(not isinstance(v, Null | Unknown) and v is not None for v in values)
            return False if set_ones > 1 else unknown or True
        case NotPartOf(part, whole, unless, _):
            excused = read_or_none(evaluation, path_of(unless))
            if isinstance(excused, Unknown) or (isinstance(excused, Bool) and excused.value):
                return excused if isinstance(excused, Unknown) else True
            inner, outer = read(evaluation, path_of(part)), read(evaluation, path_of(whole))
            if not isinstance(inner, String) or not isinstance(outer, String):
                return inner if isinstance(inner, Unknown) else outer if isinstance(outer, Unknown) else True
            if inner.known is None or outer.known is None:
                return inner.unknown or outer.unknown or True
            return not inner.known or inner.known not in outer.known
        case _:
            assert_never(assertion)


def _is_filled(value: Value) -> bool | Unknown:
    match value:
        case String(known=""):
            return False
        case List():
            return bool(value.items) or value.rest or False
        case Unknown():
            return value
        case _:
            return True


def _absent(evaluation: Evaluation, path: tuple[str, ...]) -> bool | Unknown:
    """`!hasAttrByPath path`."""
    value = read(evaluation, (*SERVICE, "settings"))
    for step in path[len(SERVICE) + 1 :]:
        if isinstance(value, Unknown):
            return value
        if not isinstance(value, Attrs):
            return True
        lazy = value.get(step)
        if lazy is None:
            return value.rest or True
        if step in value.maybe:
            return Unknown(Why.CONDITION, step)
        value = lazy.force()
    return False
