"""Files where URLs belong, and DERP maps that load as empty."""

import re

from hslint.rule import Effect, Host, Iterator, Problem, go, nix, rule, shortened


@rule(Effect.BROKEN)
def derp_source_mixup(host: Host) -> Iterator[Problem]:
    """`derp.urls` is fetched over HTTP and holds JSON; `derp.paths` is read from disk and holds YAML with lower-case keys."""
    fatal = host.release.reaches("0.27")
    urls, paths = host.setting("settings.derp.urls"), host.setting("settings.derp.paths")
    for url, at in urls.texts() if urls.written else ():
        if go.url(url) is None:
            # Until 0.28 derpConfig goes on with a URL that is not there.
            panics = not host.release.reaches("0.29")
            yield Problem(
                shortened(f"{url[:40]} is no URL", "Headscale crashes" if panics else "it is skipped"),
                at=at or host.anchor,
                effect=Effect.FAILS if panics else Effect.BROKEN,
            )
        elif not re.match(r"(?i)https?://|$", url) and re.match(r"file:|[./]|\w+\.(ya?ml|json)$", url):
            yield Problem(
                f"{url[:40]} is a file, which derp.urls cannot fetch; derp.paths reads files",
                at=at or host.anchor,
                effect=Effect.FAILS if fatal else Effect.BROKEN,
            )
    for entry in paths.entries if paths.written else ():
        if isinstance(entry.value, nix.Path) and entry.value.path.endswith((".yaml", ".yml")):
            wrong = _camel_case(host, entry.value.path)
            if wrong is not None:
                name = entry.value.path.rpartition("/")[2]
                yield Problem(
                    f"{name} says {wrong}, which is not read; in YAML it is {wrong.lower()}", at=entry.at or host.anchor
                )


def _camel_case(host: Host, path: str) -> str | None:
    """The first key of a YAML map that is written as the JSON maps have it."""
    file = host.project.read(path)
    text = getattr(file, "text", b"")
    found = re.search(
        rb"(?m)^[ \t]*+(?:-[ \t]++)?[\"']?(Regions|Region(?:ID|Code|Name)|Nodes|HostName|STUNPort|DERPPort)[\"']?\s*:",
        text,
    )
    return found[1].decode() if found else None
