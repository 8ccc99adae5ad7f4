"""Messages that no editor should send: each request has its answer, and what has no beginning or end is refused."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from hslint.lsp.framing import FramedInput, LostCount

pytestmark = pytest.mark.slow  # each conversation starts a server

HSLINT = Path(sys.executable).with_name("hslint")

INITIALIZE = {"id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None, "rootUri": None}}
INITIALIZED = {"method": "initialized", "params": {}}
SHUTDOWN = {"id": 98, "method": "shutdown"}
EXIT = {"method": "exit"}

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, NOT_INITIALIZED = -32700, -32600, -32601, -32602, -32002

HOVER = {"textDocument": {"uri": "file:///nothing.nix"}, "position": {"line": 0, "character": 0}}


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def message(members: Mapping[str, Any]) -> bytes:
    return framed(json.dumps({"jsonrpc": "2.0", **members}).encode())


def _little_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))


def converse(*parts: bytes | Mapping[str, Any]) -> tuple[int, list[dict[str, Any]], str]:
    """The exit status of a server that received this and nothing more, its answers to requests, and what it logged."""
    given = b"".join(part if isinstance(part, bytes) else message(part) for part in parts)
    done = subprocess.run([HSLINT, "lsp"], input=given, capture_output=True, timeout=60, preexec_fn=_little_memory)
    said, rest = [], done.stdout
    while rest:
        header, _, rest = rest.partition(b"\r\n\r\n")
        length = int(header.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        said.append(json.loads(rest[:length]))
        rest = rest[length:]
    return done.returncode, [each for each in said if "method" not in each], done.stderr.decode()


def errors(said: Sequence[Mapping[str, Any]]) -> list[tuple[Any, int]]:
    return [(each["id"], each["error"]["code"]) for each in said if "error" in each]


BEGIN = (INITIALIZE, INITIALIZED)
END = (SHUTDOWN, EXIT)


def test_invalid_parameters_are_an_error() -> None:
    """An editor that waits for an answer gets one, and the next request too."""
    here = {"uri": "file:///a.nix"}
    wrong: list[object] = [
        None,
        {},
        [],
        "text",
        {"textDocument": {}, "position": {"line": 0, "character": 0}},
        {"textDocument": here, "position": {"line": "first", "character": 0}},
        {"textDocument": here, "position": {"line": -1, "character": 0}},
        {"textDocument": here, "position": [0, 0]},
        {"textDocument": here, "position": {"jsonrpc": "2.0"}},
    ]
    methods = ("textDocument/hover", "textDocument/codeAction")
    requests = [
        {"id": f"{method} {number}", "method": method, "params": params}
        for method in methods
        for number, params in enumerate(wrong)
    ]
    opened = {"method": "textDocument/didOpen", "params": {"textDocument": 5}}  # no request: no answer
    status, said, _ = converse(*BEGIN, opened, *requests, *END)
    assert errors(said) == [(request["id"], INVALID_PARAMS) for request in requests]
    assert (status, said[-1]["id"]) == (0, 98)


def test_requests_that_come_too_early_or_too_late_are_errors() -> None:
    """Before `initialize`, a second `initialize`, after `shutdown`; notifications have no answer, and exit always counts."""
    hover = {"id": 2, "method": "textDocument/hover", "params": HOVER}
    opened = {"method": "textDocument/didOpen", "params": {}}
    status, said, _ = converse(hover, opened, {**SHUTDOWN, "id": 3}, *BEGIN, {**INITIALIZE, "id": 4}, *END)
    assert errors(said) == [(2, NOT_INITIALIZED), (3, NOT_INITIALIZED), (4, INVALID_REQUEST)]
    assert status == 0
    status, said, _ = converse(*BEGIN, SHUTDOWN, hover, opened, {**INITIALIZE, "id": 5}, {**SHUTDOWN, "id": 6}, EXIT)
    assert errors(said) == [(2, INVALID_REQUEST), (5, INVALID_REQUEST), (6, INVALID_REQUEST)]
    assert status == 0


def test_unknown_methods_are_errors_whatever_their_parameters() -> None:
    """Also without any; unknown notifications are passed over."""
    unknown: list[Mapping[str, Any]] = [
        {"id": 2, "method": "no/such"},
        {"id": 3, "method": "$/no", "params": 5},
        {"method": "no/such"},
    ]
    status, said, _ = converse(*BEGIN, *unknown, *END)
    assert errors(said) == [(2, METHOD_NOT_FOUND), (3, METHOD_NOT_FOUND)]
    assert status == 0


def test_a_body_that_is_no_message_is_an_error() -> None:
    """It is unknown whom to answer; the conversation goes on."""
    bodies = {
        b"{": PARSE_ERROR,
        b"\xff\xfe": PARSE_ERROR,
        b"[" * 100_000: PARSE_ERROR,
        b'{"jsonrpc": "2.0", "id": ' + b"1" * 5000 + b"}": PARSE_ERROR,
        b"[]": INVALID_REQUEST,
        b"5": INVALID_REQUEST,
        b"{}": INVALID_REQUEST,
        b'{"jsonrpc": "2.0"}': INVALID_REQUEST,
        b'{"jsonrpc": "2.0", "method": 5}': INVALID_REQUEST,
    }
    status, said, _ = converse(*BEGIN, *map(framed, bodies), *END)
    assert errors(said) == [(None, code) for code in bodies.values()]
    assert (status, said[-1]["id"]) == (0, 98)


@pytest.mark.parametrize(
    "header",
    [b"Content-Length: -5\r\n\r\n{}", b"Content-Length: 99999999999999\r\n\r\n{}", b"x" * 5_000_000],
    ids=lambda header: str(header)[:40],
)
def test_a_header_that_says_nonsense_ends_the_conversation(header: bytes) -> None:
    """Where the next message begins is not known; what is not read takes no memory."""
    status, said, log = converse(*BEGIN, header, *END)
    assert errors(said) == [(None, PARSE_ERROR)]
    assert status == 2
    assert log.splitlines()[-1].startswith("hslint: "), log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        (b"Content-Length: -5\r\n\r\n{}", "Content-Length: '-5'; a message has between 1 and 134217728 bytes"),
        (b"Content-Length: 0\r\n\r\n", "Content-Length: '0'; a message has between 1 and 134217728 bytes"),
        (
            b"Content-Length: 1073741824\r\n",
            "Content-Length: '1073741824'; a message has between 1 and 134217728 bytes",
        ),
        (b"Content-Length: many\r\n", "Content-Length: 'many'; a message has between 1 and 134217728 bytes"),
        (b"Content-Length:\r\n", "Content-Length: ''; a message has between 1 and 134217728 bytes"),
        (b"Content-Length: " + b"9" * 6000 + b"\r\n", f"no line of a header: 'Content-Length: {'9' * 44}'"),
        (b"Content-Type: text\r\n\r\n{}", "a header without Content-Length"),
        (b"\r\n{}", "a header without Content-Length"),
        (
            b'{"jsonrpc": "2.0"}Content-Length: 5\r\n',
            'no line of a header: \'{"jsonrpc": "2.0"}Content-Length: 5\\r\\n\'',
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_with_a_header_is_said(header: bytes, complaint: str) -> None:
    """Each header stands for itself: the message before it had its length."""
    stream = FramedInput(io.BytesIO(b"Content-Length: 2\r\n\r\n{}" + header))
    assert (stream.readline(), stream.readline(), stream.read(2)) == (b"Content-Length: 2\r\n", b"\r\n", b"{}")
    with pytest.raises(LostCount) as lost:
        _ = [stream.readline() for _ in header.splitlines()]
    assert str(lost.value) == complaint


def test_headers_may_be_written_in_any_case_and_have_other_fields() -> None:
    """As HTTP has it, which LSP refers to."""
    shutdown = json.dumps({"jsonrpc": "2.0", **SHUTDOWN}).encode()
    header = b"content-type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:%d\r\n\r\n" % len(shutdown)
    status, said, _ = converse(*BEGIN, header + shutdown, EXIT)
    assert (status, said[-1]["id"], errors(said)) == (0, 98, [])


def test_an_address_that_is_none_spoils_nothing() -> None:
    """One document with an odd address is not the end of all others."""
    document = {"uri": "file://[x/a.nix", "languageId": "nix", "version": 1, "text": "{ }"}
    opened = {"method": "textDocument/didOpen", "params": {"textDocument": document}}
    hover = {"id": 7, "method": "textDocument/hover", "params": {**HOVER, "textDocument": {"uri": document["uri"]}}}
    status, said, _ = converse(*BEGIN, opened, hover, *END)
    assert status == 0
    assert said[-1]["id"] == 98
