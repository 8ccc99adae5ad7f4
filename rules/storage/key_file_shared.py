"""One file for two keys."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, rule

_NOISE = "noise.private_key_path"


@rule(Effect.FAILS)
def key_file_shared(host: Host) -> Iterator[Problem]:
    """Headscale does not start when the embedded relay, or the old protocol of 0.22, has the same key as the Noise protocol."""
    noise = host.given(_NOISE)
    other_key = "derp.server.private_key_path" if host.release.reaches("0.23") else "private_key_path"
    other, path = host.given(other_key), host.reads(other_key)
    if not path or path != host.reads(_NOISE):
        return
    if other_key.startswith("derp.") and host.reads("derp.server.enabled") is not True:
        return
    written = other if other.written else noise
    notes = (Note(f"{_NOISE} is set here", noise.at),) if noise is not written else ()
    message = f"{other_key} and {_NOISE} name one file; Headscale does not start"
    yield Problem(message, at=written.at, notes=notes)
