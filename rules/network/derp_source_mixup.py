"""Files where URLs belong."""

import re

from hslint.rule import Effect, Host, Iterator, Problem, go, rule, shortened


@rule(Effect.BROKEN)
def derp_source_mixup(host: Host) -> Iterator[Problem]:
    """`derp.urls` is fetched over HTTP and holds JSON; `derp.paths` is read from disk and holds YAML."""
    fatal = host.release.reaches("0.27")
    urls = host.setting("settings.derp.urls")
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
