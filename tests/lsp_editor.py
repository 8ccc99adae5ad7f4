"""An editor for tests: speaks to the real `hslint lsp` over its standard streams, and never waits for ever."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: What editors say of themselves, as far as hslint listens: VS Code pulls, Neovim 0.7 and Emacs' eglot are pushed to.
VS_CODE: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {"diagnostic": {"dynamicRegistration": True, "relatedDocumentSupport": False}},
    "workspace": {"diagnostics": {"refreshSupport": True}, "workspaceEdit": {"documentChanges": True}},
}
NEOVIM: dict[str, Any] = {
    "textDocument": {"publishDiagnostics": {"relatedInformation": True, "tagSupport": {"valueSet": [1, 2]}}},
    "workspace": {"workspaceEdit": {"resourceOperations": ["rename", "create", "delete"]}},
}
EMACS: dict[str, Any] = {
    "textDocument": {"publishDiagnostics": {"relatedInformation": False}},
    "workspace": {"workspaceEdit": {"documentChanges": True}, "didChangeWatchedFiles": {"dynamicRegistration": True}},
}

WAIT = 20.0


class Editor:
    """One conversation. Places are written `line:column-line:column`, from 0, as they travel."""

    def __init__(self, capabilities: dict[str, Any], encodings: list[str] | None = None) -> None:
        program = Path(sys.executable).with_name("hslint")
        self.process = subprocess.Popen(
            [program, "lsp", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.incoming: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.number = 0
        self.versions: dict[str, int] = {}
        self.pushed: list[dict[str, Any]] = []
        self.asked: list[str] = []
        said = {**capabilities}
        if encodings is not None:
            said["general"] = {"positionEncodings": encodings}
        self.server = self.request("initialize", {"processId": None, "rootUri": None, "capabilities": said})
        self.notify("initialized", {})

    # -- the wire ------------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.split(b":")[1])
            while stream.readline().strip():
                pass
            self.incoming.put(json.loads(stream.read(length)))

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self.process.stdin
        assert stream is not None
        stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        stream.flush()

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        self.number += 1
        mine = self.number
        self._send({"id": mine, "method": method, "params": params})
        answer = self._until(lambda message: message.get("id") == mine and "method" not in message)
        assert "error" not in answer, answer
        return answer["result"]

    def _until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        end = time.monotonic() + WAIT
        while True:
            message = self.incoming.get(timeout=max(0.01, end - time.monotonic()))
            if message.get("method") == "textDocument/publishDiagnostics":
                self.pushed.append(message["params"])
            elif "method" in message and "id" in message:
                self.asked.append(message["method"])
                self._send({"id": message["id"], "result": None})
            if wanted(message):
                return message

    # -- what editors do -----------------------------------------------------------------------------------------------

    def open(self, path: Path, text: str | None = None) -> str:
        uri = path.as_uri()
        content = path.read_bytes().decode() if text is None else text
        self.versions[uri] = 1
        document = {"uri": uri, "languageId": "nix", "version": 1, "text": content}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def write(self, uri: str, text: str) -> None:
        self.versions[uri] += 1
        document = {"uri": uri, "version": self.versions[uri]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def wait_for_push(self, uri: str, version: int | None = None) -> list[str]:
        """What the server says of a file by itself, of this version if one is named."""
        for params in self.pushed:
            if params["uri"] == uri and version in (None, params.get("version")):
                self.pushed.remove(params)
                return shown(params["diagnostics"])
        message = self._until(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics"
                and message["params"]["uri"] == uri
                and version in (None, message["params"].get("version"))
            )
        )
        self.pushed.remove(message["params"])
        return shown(message["params"]["diagnostics"])

    def pull(self, uri: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]
        return found

    def actions(self, uri: str, place: dict[str, Any], only: list[str] | None = None) -> list[dict[str, Any]]:
        context: dict[str, Any] = {"diagnostics": []} | ({"only": only} if only else {})
        params = {"textDocument": {"uri": uri}, "range": place, "context": context}
        found: list[dict[str, Any]] = self.request("textDocument/codeAction", params)
        return found

    def leave(self) -> int:
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(WAIT)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


def shown(diagnostics: list[dict[str, Any]]) -> list[str]:
    def place(at: dict[str, int]) -> str:
        return f"{at['line']}:{at['character']}"

    return [f"{place(d['range']['start'])}-{place(d['range']['end'])} {d['code']}" for d in diagnostics]


def edited(text: str, action: dict[str, Any]) -> str:
    """The text of the only file that an action changes, afterwards. Columns are taken as characters."""
    edit = action["edit"]
    (edits,) = edit["changes"].values() if "changes" in edit else [e["edits"] for e in edit["documentChanges"]]
    lines = text.splitlines(keepends=True)

    def offset(at: dict[str, int]) -> int:
        return sum(map(len, lines[: at["line"]])) + at["character"]

    for one in sorted(edits, key=lambda e: offset(e["range"]["start"]), reverse=True):
        start, end = offset(one["range"]["start"]), offset(one["range"]["end"])
        text = text[:start] + one["newText"] + text[end:]
    return text
