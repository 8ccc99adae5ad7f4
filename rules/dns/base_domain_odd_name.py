"""A `base_domain` that is no ordinary domain name."""

import re

from hslint.rule import Effect, Fix, Host, Iterator, Problem, edits, rule


@rule(Effect.BROKEN, yields_to=("base-domain-public",))
def base_domain_odd_name(host: Host) -> Iterator[Problem]:
    """Some clients cannot resolve names below a `base_domain` of one label, below `.local`, or with stray dots and signs."""
    setting = host.meant_for("dns.base_domain")
    text = setting.text
    if not setting.written or not text:
        return
    if host.reads_environment_file and "." not in text:
        return  # a placeholder that a variable replaces
    found = _message(text)
    if found is not None:
        message, better = found
        fix = Fix(f"write {better}", edits.write(setting, f'"{better}"')) if better is not None else None
        yield Problem(message, at=setting.at, fix=fix)
    elif "." not in text:
        # Headscale's own integration tests use such a name.
        message = f"base_domain {text} is a single word; some clients do not resolve names below it"
        yield Problem(message, at=setting.at, effect=Effect.ADVICE)


def _message(text: str) -> tuple[str, str | None] | None:
    if "://" in text:
        rest = text.partition("://")[2].strip("/")
        return f"base_domain {text[:40]} is an address; it must be a bare domain name", rest or None
    name = text.strip(".").lower()
    if name != text.lower():
        return f"base_domain {text[:40]} must have no dot at its ends", name
    if name != text:
        return f"base_domain {text[:40]} has capital letters; names in DNS answers have none", name
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", name):
        return f"base_domain {text[:40]} is no domain name; letters, digits, hyphens and dots make one", None
    if name.endswith(".local") or name == "local":
        return f"base_domain {name} ends in .local, which clients ask their own network for (mDNS)", None
    return None
