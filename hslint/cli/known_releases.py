"""Pages of `hslint explain` about an advisory, a release and a NixOS release."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.catalogue.advisories import Advisory, advisories, advisory
from hslint.catalogue.channels import UNSTABLE_SEEN_UNTIL, channels, packages_of_unstable
from hslint.catalogue.module_versions import DESCRIBED, channel_of
from hslint.catalogue.published import published, resolve, settings_of
from hslint.catalogue.release import PREVIEW, Release


def page_of(name: str) -> str | None:
    """A page about an advisory's id, a release (`0.29.4`), or a branch of nixpkgs (`nixos-25.11`)."""
    found = advisory(name)
    if found is not None:
        return "\n".join(_of_advisory(found))
    resolved = resolve(name, previews=True)
    if resolved is not None and resolved.exact is not None:
        return "\n".join(_of_release(resolved.asked))
    if resolved is not None and resolved.standing == "preview":
        return "\n".join(_of_preview())
    return "\n".join(_of_channel(name)) if name.startswith(("nixos-", "nixpkgs-")) and channel_of(name) else None


def _of_advisory(found: Advisory) -> Iterator[str]:
    first = "" if not found.first.minor else f"{found.first} to "
    last = f"{first}{found.last}" if found.last is not None else f"{found.first} and later"
    earlier = "; earlier ones may be, too" if found.earlier_unknown else ""
    yield from (f"# {found.id}", "", f"{found.title}.", "")
    yield f"- severity: {found.severity}, by {'our own rating' if found.rated_by == 'hslint' else found.rated_by}"
    yield f"- kind: {found.kind}"
    yield f"- affected: {'up to ' if not found.first.minor else ''}{last}{earlier}"
    yield f"- {found.fixed}; known since {found.date}"
    yield f"- concerns: {found.concerns}"
    yield f"- what to do: {found.do}"
    for channel in channels():
        for patched, since in channel.patched:
            if patched == found.id:
                yield f"- patched in NixOS {channel.name}, whose package is still called {channel.headscale}, from {since} on"
    yield from ("", f"Evidence ({found.confidence}): {found.evidence}.", "")
    yield from (f"- {source}" for source in found.sources)


def _of_release(release: Release) -> Iterator[str]:
    yield from (f"# Headscale {release}", "")
    known = published(release)
    if known is not None:
        yield f"Released {known.dated}; known from: {known.evidence}, {known.source}"
        if known.changes:
            may = " (announced, not seen)" if known.evidence == "announced" else ""
            yield from ("", f"What it brings{may}:", "", *(f"- {change}" for change in known.changes))
        read_as = settings_of(release)
        said = "read in its source" if read_as == release else f"taken from {read_as}, whose source was read"
        yield from ("", f"Its settings are {said}.")
    packaged = [f"NixOS {channel.name}" for channel in channels() if channel.headscale == release]
    if packaged:
        yield from (
            "",
            f"Packaged in {', '.join(packaged)}; see `hslint explain nixos-{packaged[0].partition(' ')[2]}`.",
        )
    found = [each for each in advisories() if each.affects(release)]
    yield from ("", "Known to be wrong with it:" if found else "Nothing is known to be wrong with it.")
    if found:
        yield ""
        yield from (f"- {each.id} ({each.severity}): {each.title}; {each.fixed}" for each in found)
        yield from ("", "`hslint explain ID` says of each what it concerns, what closes it, and where that was read.")


def _of_preview() -> Iterator[str]:
    yield from (f"# Headscale {PREVIEW}", "")
    yield f"No release: {PREVIEW.series} as its main branch stood on {PREVIEW.as_of} (commit {PREVIEW.tag[:12]}). It will differ when it is released."
    yield "hslint checks against it only where it is asked to: `--headscale` and `upgrade --to`."


def _of_channel(name: str) -> Iterator[str]:
    """The page of a branch of nixpkgs: what it packages, as far as it is known."""
    branch = channel_of(name)
    exact = next((channel for channel in channels() if name.removesuffix("-small").endswith(channel.name)), None)
    yield from (f"# {name}", "")
    if exact is None and branch == "unstable":
        seen = packages_of_unstable(UNSTABLE_SEEN_UNTIL)[-1].release
        yield f"It had Headscale {seen} on {UNSTABLE_SEEN_UNTIL}; what it has had since is not known."
    elif exact is None or exact.headscale is None:
        yield "Which Headscale it packages is not known."
    if branch == "unstable":
        yield ""
        yield f"From 2026-07-21 on its module is checked as {DESCRIBED}, by what NixOS/nixpkgs#544239 says: `dns.split` became `dns.nameservers.split`,"
        yield "`ephemeral_node_inactivity_timeout` became `node.ephemeral.inactivity_timeout`. The text was not seen, nor whether it refuses the old names."
        return
    if exact is None or exact.headscale is None:
        return
    seen_until = f" (seen on {exact.seen_until}; it may have changed since)" if exact.seen_until else ""
    yield f"It packages Headscale {exact.headscale}{seen_until}."
    yield from (f"The package closes {advisory_id} from {since} on." for advisory_id, since in exact.patched)
    yield from ("", f"Evidence: {exact.evidence}")
    yield from ("", f"`hslint explain {exact.headscale}` says what is known of that release.")
