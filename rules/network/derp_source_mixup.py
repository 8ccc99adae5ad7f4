"""Files where URLs belong, and DERP maps that load as empty."""

import re

from hslint.rule import Effect, Host, Iterator, List, Path, Problem, Span, go_url, rule, shortened


@rule(Effect.BROKEN)
def derp_source_mixup(host: Host) -> Iterator[Problem]:
    """`derp.urls` is fetched over HTTP and holds JSON; `derp.paths` is read from disk and holds YAML with lower-case keys."""
    fatal = host.release.reaches("0.27")
    urls, paths = host.setting("settings.derp.urls"), host.setting("settings.derp.paths")
    for url, at in urls.texts() if urls is not None and urls.written else ():
        if go_url(url) is None:
            # Until 0.28 derpConfig goes on with a URL that is not there.
            panics = not host.release.reaches("0.29")
            yield Problem(
                shortened(f"{url[:40]} is no URL", "Headscale crashes" if panics else "it is skipped"),
                at=at or host.anchor,
                effect=Effect.FAILS if panics else Effect.BROKEN,
                hangs_on=urls.condition if urls is not None else None,
            )
        elif not re.match(r"(?i)https?://|$", url) and re.match(r"file:|[./]|\w+\.(ya?ml|json)$", url):
            yield Problem(
                f"{url[:40]} is a file, which derp.urls cannot fetch; derp.paths reads files",
                at=at or host.anchor,
                effect=Effect.FAILS if fatal else Effect.BROKEN,
                hangs_on=urls.condition if urls is not None else None,
            )
    if paths is not None and paths.written and isinstance(paths.value, List):
        for lazy in paths.value.items:
            value = lazy.outcome()
            if isinstance(value, Path) and value.path.endswith((".yaml", ".yml")):
                wrong = _camel_case(host, value.path)
                if wrong is not None:
                    yield Problem(
                        f"{value.path.rpartition('/')[2]} says {wrong}, which is not read; in YAML it is {wrong.lower()}",
                        at=_place(value.span, paths.at) or host.anchor,
                        hangs_on=paths.condition,
                    )


def _place(element: Span | None, whole: Span | None) -> Span | None:
    return element if element is not None and (whole is None or element.file.path == whole.file.path) else whole


def _camel_case(host: Host, path: str) -> str | None:
    """The first key of a YAML map that is written as the JSON maps have it."""
    file = host.project.read(path)
    text = getattr(file, "text", b"")
    found = re.search(
        rb"(?m)^[ \t]*+(?:-[ \t]++)?[\"']?(Regions|Region(?:ID|Code|Name)|Nodes|HostName|STUNPort|DERPPort)[\"']?\s*:",
        text,
    )
    return found[1].decode() if found else None
