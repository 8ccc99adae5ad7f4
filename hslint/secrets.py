"""Which names stand for secrets, and which texts are secrets: the one place that decides, for everything that is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

#: What stands in a sentence or a value in place of a secret.
REDACTED = "<redacted>"

_IDENTIFIER = re.compile(r"[\w.'-]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

#: Words that make a name one of a secret, wherever they stand in it, also run together (`dbpassword`, `clientsecret`).
_ANYWHERE = re.compile(
    r"secret(?!s)|passw|passphrase|passwd|passcode|apikey|authkey|privatekey|privkey|secretkey|sharedkey"
)
#: Words that do so at the end of a name.
_AT_THE_END = frozenset(
    ("pass", "pw", "pwd", "psk", "token", "tokens", "secret", "pat", "passkey", "credential", "credentials")
)
#: What makes a secret of a key.
_KEYS = frozenset(
    (
        *("access", "account", "admin", "age", "api", "app", "application", "auth", "client", "derp", "encryption"),
        *("hmac", "jwt", "license", "machine", "master", "noise", "preauth", "preshared", "priv", "private", "secret"),
        *("server", "service", "session", "shared", "signing", "ssl", "tls", "unseal", "vpn", "wireguard"),
    )
)
#: Last words of names that speak about a secret without holding it.
_ABOUT = frozenset(
    (
        *("path", "paths", "file", "files", "filename", "dir", "directory", "location", "name", "names", "id", "ids"),
        *("url", "urls", "uri", "endpoint", "env", "environment", "variable", "ref", "type", "kind", "format", "owner"),
        *("group", "mode", "user", "username", "length", "size", "count", "limit", "expiry", "expiration", "expires"),
        *("ttl", "lifetime", "duration", "interval", "timeout", "prefix", "command", "cmd", "script", "program"),
        *("method", "algorithm", "policy", "store", "manager", "provider", "service", "services", "unit", "units"),
        *("enable", "enabled", "required", "authentication", "field", "claim", "claims", "scope", "scopes", "header"),
        *("regex", "pattern", "template", "attribute", "backend", "helper", "agent", "description", "version", "maps"),
        *("encryption", "flags", "prompt", "hint", "reset", "auth", "generator", "strength", "providers"),
        *("rotation", "locations", "source", "sources", "example", "label", "title", "icon", "host", "hosts", "port"),
    )
)
#: First words of switches, and of functions that make or read secrets.
_SWITCHES = frozenset(
    (
        *("use", "enable", "disable", "allow", "require", "requires", "is", "has", "no", "public", "forbid", "mk"),
        *("make", "get", "read", "write", "fetch", "load", "import", "gen", "generate", "create", "rotate", "check"),
    )
)
_NOT_SECRET = frozenset(("proxypass", "fastcgipass", "uwsgipass", "grpcpass", "scgipass", "bypass"))
#: What people misspell.
_SPELT = ("secret", "password", "clientsecret", "privatekey", "passphrase", "apikey", "authkey")
_RIGHT = frozenset(("secrets", "passes", "passed", "sacred", "secretion"))

#: Names of members that say something about the secret that the set around them is called like.
_METADATA = frozenset(
    (*_ABOUT, "key", "sopsfile", "rekeyfile", "restartunits", "reloadunits", "neededforusers", "symlink")
)
#: Names of members that hold it.
_INSIDE = frozenset(("value", "text", "content", "contents", "default", "plain", "plaintext", "raw", "literal", "data"))
#: Sets whose members are named by their users: `sops.secrets.<token>`, `systemd.services.<token>`.
_REGISTRIES = frozenset(
    (
        *("secrets", "services", "timers", "units", "templates", "users", "groups", "sockets", "paths", "generators"),
        "locations",
    )
)

_HARMLESS = frozenset(
    (
        *("", "true", "false", "yes", "no", "on", "off", "none", "null", "auto", "enabled", "disabled", "optional"),
        *("required", "require", "prefer", "disable", "!", "*", "x", "-"),
    )
)
#: What a tool or a service puts the secret in place of when it starts: @secret@, ${SECRET}, {{ secret }}, <secret>, %d/secret.
_PLACEHOLDER = re.compile(
    r"@[\w.-]+@|\$\{[A-Za-z_]\w*\}(?:/[\w./-]*)?|\$[A-Z_][A-Z0-9_]*(?:/[\w./-]*)?|\{\{.*\}\}|<[^<>]*>|%\w*%|%[a-z]/[\w./-]*"
    r"|.*placeholder.*",
    re.DOTALL | re.IGNORECASE,
)
#: Beginnings of public keys, and of what names a file in the language of some program.
_PUBLIC = ("ssh-", "ecdsa-", "sk-ssh-", "age1", "$__file{", "$__env{", "%{file:", "%{env:")
_ROOTS = "etc|run|var|nix|home|root|srv|opt|persist|persistent|mnt|tmp|usr|secrets|data|boot|keys|private|dev|proc|Users|state|storage"
_PATH = re.compile(
    rf"(?:file:(?://)?)?(?:/(?:{_ROOTS})(?:/[\w.@+:%-]+)*/?|(?:/[a-z0-9._@-]+){{2,}}/?|/[\w-]+\.[a-z]{{2,4}}|(?:~|\.\.?)(?:/[\w.@+-]+)+/?)"
)
_RELATIVE = re.compile(r"/?[\w@-]+(?:\.[\w@-]+)*(?:/[\w@-]+(?:\.[\w@-]+)*)*")


@lru_cache(8192)
def secret_name(name: str) -> bool:
    """Whether what stands under this name (of an option, an attribute, a variable, a flag) is a secret: `clientSecret`, `db_pass`."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or not _IDENTIFIER.fullmatch(name) or words[-1] in _ABOUT or words[0] in _SWITCHES:
        return False
    joined = "".join(words)
    if joined in _NOT_SECRET or (len(words) > 1 and "".join(words[-2:]) in _NOT_SECRET):
        return False
    if words[-1] in _AT_THE_END or _ANYWHERE.search("".join(words[-3:])):
        return True
    if words[-1] in ("key", "keys") and len(words) > 1 and words[-2] in _KEYS and "public" not in words:
        return True
    return any(_misspelt(word, right) for word in (words[-1], joined) for right in _SPELT)


@lru_cache(4096)
def secret_file_name(name: str) -> bool:
    """Whether this names the file of a secret: `client_secret_path`, `passwordFile`."""
    found = re.fullmatch(r"(.+?)[_-]?(?:path|file|Path|File|PATH|FILE)", name)
    return found is not None and (secret_name(found[1]) or found[1].lower().endswith("key"))


def file_name(name: str) -> bool:
    """Whether this names a file, or files."""
    return name.lower().endswith(("path", "paths", "file", "files"))


@lru_cache(4096)
def secret_path(names: tuple[str, ...]) -> bool:
    """Whether an attribute path leads to a secret, or into a set that is written in place of one (`client_secret.value`)."""
    if not names:
        return False
    if secret_name(names[-1]):
        return True
    if _flat(names[-1]) in _METADATA or secret_file_name(names[-1]) or len(names) < 2:
        return False
    around = names[-2]
    if not secret_name(around) or around.endswith("s") or (len(names) > 2 and _flat(names[-3]) in _REGISTRIES):
        return False
    return _flat(names[-1]) in _INSIDE or not around.lower().endswith("token")


def secret_text(text: str) -> bool:
    """Whether a text under the name of a secret is one: no path, no placeholder, no word that switches something."""
    text = text.strip()
    if text.startswith(_PUBLIC) or not any(map(str.isalnum, text)):
        return False
    return text.lower() not in _HARMLESS and not _PATH.fullmatch(text) and not _PLACEHOLDER.fullmatch(text)


def contents_of_file(text: str) -> bool:
    """Whether a text where a path belongs is the contents of a file instead."""
    if not secret_text(text):
        return False
    one_word = "." not in text and "/" not in text
    return not _RELATIVE.fullmatch(text) or (
        one_word and (len(text) > 15 or not re.fullmatch(r"[a-z_-]+|[A-Z_-]+", text))
    )


def says_about(name: str) -> bool:
    """Whether a name of its own speaks about something: `mode`, `owner`, `path`."""
    return _flat(name) in _METADATA


def _flat(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _misspelt(word: str, right: str) -> bool:
    """One letter more, less or other than in the right word, or two neighbours exchanged."""
    if word in _RIGHT or word[:1] != right[0] or abs(len(word) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(word), len(right)) and word[start] == right[start]:
        start += 1
    rest, other = word[start:], right[start:]
    return (
        rest[1:] == other[1:]
        or rest[1:] == other
        or rest == other[1:]
        or (rest[:2] == other[1::-1] and rest[2:] == other[2:])
    )


# -- texts that are secrets wherever they stand -----------------------------------------------------------------------------

#: Keys that say themselves what they are; group 1 is the secret part where not all of it is.
_SHAPES = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"\b[th]skey-[A-Za-z0-9][A-Za-z0-9_-]{3,}"),
    re.compile(r"\b(?:privkey|mkey):[A-Za-z0-9+/=_-]{4,}"),
    re.compile(r"\bAGE-SECRET-KEY-1[A-Z0-9]+"),
    re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-)[A-Za-z0-9_-]{16,}"),
    re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/?#\"'<>@:]*:([^\s/?#\"'<>]+)@"),
    re.compile(r"\b(?:[Bb]earer|[Bb]asic) +((?=[^\s]*[0-9=])[A-Za-z0-9._~+/-]{8,}=*)"),
)
_SHAPED = re.compile(r"PRIVATE KEY|[th]skey-|privkey:|mkey:|AGE-SECRET|gh[pousr]_|github_pat_|glpat-|://|earer |asic ")

#: The names of `NAME=value`, `"name": "value"`, `name: value`, `--name value`, `--name=value`, each with the value behind it.
_ASSIGNED = re.compile(r"""(?<![\w.-])([A-Za-z_][\w.-]*)\\?["']?([ \t]*[:=][ \t]*)""")
_FLAG = re.compile(r"""(?<![\w-])--?([A-Za-z][\w-]*)([= ][ \t]*)""")
_VALUE = re.compile(r"""(\\?["'])([^"'\\\n]+)|([^\s"',;}{&\\]+)""")


#: What a shell, a program or a format puts a secret in place of.
_COMPUTED = re.compile(r"[$`%(]|\w[\w.]*\(|file:")


def shaped_secrets(text: str) -> Iterator[tuple[int, int]]:
    """Where a text holds what is a secret by its own looks: auth keys, private keys, passwords in URLs."""
    if _SHAPED.search(text) is None:
        return
    for shape in _SHAPES:
        for found in shape.finditer(text):
            group = 1 if shape.groups else 0
            if not (group and _PLACEHOLDER.fullmatch(found[1])):
                yield found.span(group)


def embedded_secrets(text: str) -> Iterator[tuple[int, int]]:
    """Where a text assigns secrets to names, as lines of environment files, YAML, JSON and command lines do."""
    for pattern in (_ASSIGNED, _FLAG):
        for found in pattern.finditer(text):
            value = _VALUE.match(text, found.end())
            if value is None or not secret_name(found[1].rpartition(".")[2]):
                continue
            said = value[2] or value[3]
            if (
                not secret_text(said)
                or _COMPUTED.match(said)
                or (value[3] and _is_prose(said, found[2], text[value.end() :]))
            ):
                continue
            yield value.span(2 if value[2] else 3)


def _is_prose(word: str, sign: str, following: str) -> bool:
    """`the password: it must be long` assigns nothing."""
    return word.isalpha() and ":" in sign and (not sign.endswith(" ") or following[:2].strip(" \t\n") != "")


def secret_flag(text: str) -> bool:
    """Whether the next argument of a command line is a secret."""
    found = re.fullmatch(r"--?([A-Za-z][\w-]*)", text)
    return found is not None and secret_name(found[1])


def spans_in(text: str) -> list[tuple[int, int]]:
    """The secrets in a text that stands alone, in order and without overlaps."""
    return joined([*shaped_secrets(text), *embedded_secrets(text)])


def joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges in order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def replaced(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with each of these ranges, in order, as `<redacted>`."""
    for start, end in reversed(spans):
        text = text[:start] + REDACTED + text[end:]
    return text
