"""The parts of LSP that pygls leaves out: every request is answered, also one that is malformed, too early or too late."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol

from hslint.record import Record

log = logging.getLogger(__name__)


class Unstructured(Record):
    """A message whose members are not those that its method has."""

    members: Mapping[str, Any]


class Protocol(LanguageServerProtocol):
    """JSON-RPC 2.0, and the life of a server: initialize, then anything else, then shutdown, then nothing but exit."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        try:
            return super().structure_message(data)
        except JsonRpcException:
            return Unstructured(data)

    def handle_message(self, message: Any) -> None:
        method, identity = _member(message, "method"), _member(message, "id")
        if not self._is_message(message, method):
            self.refuse(JsonRpcInvalidRequest(), identity)
            return
        error = None if method is None else self._refusal(message, method)
        if error is None:
            super().handle_message(message)
        elif identity is not None:
            self.refuse(error, identity)
        else:
            log.warning("ignored %s: %s", method, error.message)  # a notification has no answer

    def refuse(self, error: JsonRpcException, identity: object = None) -> None:
        """Answer with an error; without an identity it is about a message whose own is not known."""
        log.warning("refused message %r: %s", identity, error.message)
        known = identity if isinstance(identity, str | int) else None
        # Not a ResponseErrorMessage: that leaves an unknown identity out, and JSON-RPC wants a null.
        answer = {"code": error.code, "message": error.message}
        self._send_data({"jsonrpc": self.VERSION, "id": known, "error": answer})

    def _is_message(self, message: Any, method: Any) -> bool:
        """Whether something is a request, a notification or an answer, whatever its parameters are."""
        if _member(message, "jsonrpc") != self.VERSION:
            return False
        return isinstance(method, str) or (method is None and not isinstance(message, Unstructured))

    def _refusal(self, message: Any, method: str) -> JsonRpcException | None:
        """Why a request or notification is not handled."""
        if method == lsp.EXIT:
            return None
        if self._shutdown:
            return JsonRpcInvalidRequest("Invalid Request: the server was asked to shut down")
        if self._workspace is None and method != lsp.INITIALIZE:
            return JsonRpcServerNotInitialized()
        if self._workspace is not None and method == lsp.INITIALIZE:
            return JsonRpcInvalidRequest("Invalid Request: the server is initialized")
        if not isinstance(message, Unstructured):
            return None
        known = method in self.fm.builtin_features or method in self.fm.features
        return JsonRpcInvalidParams() if known else JsonRpcMethodNotFound.of(method)


def _member(message: Any, name: str) -> Any:
    members = message.members if isinstance(message, Unstructured) else message
    return members.get(name) if isinstance(members, Mapping) else getattr(members, name, None)
