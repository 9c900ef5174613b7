"""Framing: one JSON text a line, UTF-8. Bytes in, messages out; no input or output of its own."""

from __future__ import annotations

import json
from typing import Any, List, Mapping

from .errors import ConnectionLost, SbError

#: The longest request line that a server takes, in bytes, the line feed included.
REQUEST_BYTES = 1 << 20
#: The most requests of a batch.
BATCH_REQUESTS = 1000
#: The longest answer line that this client takes: a guard against a peer that never ends its line.
ANSWER_BYTES = 64 << 20


def encode(message: Any) -> bytes:
    """One line. Raises SbError usage.request for what JSON cannot say, or for a line that the server would not take."""
    try:
        text = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        line = text.encode("utf-8") + b"\n"
    except (TypeError, ValueError) as error:
        raise SbError("usage.request", f"Cannot send the request as JSON: {error}") from error
    if len(line) > REQUEST_BYTES:
        raise SbError("usage.request", f"Cannot send a request of {len(line)} bytes: the limit is {REQUEST_BYTES}")
    return line


def request(request_id: int, method: str, params: Mapping[str, Any]) -> Any:
    """A request object; without parameters, `params` is left out."""
    message = {"jsonrpc": "2.0", "id": request_id, "method": method}
    return {**message, "params": dict(params)} if params else message


def notification(method: str, params: Mapping[str, Any]) -> Any:
    """A request that gets no answer."""
    return {"jsonrpc": "2.0", "method": method, "params": dict(params)}


class Lines:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> List[Any]:
        """The messages that `data` completes. Raises ConnectionLost for what is no JSON, or a line without an end."""
        self._rest += data
        end = self._rest.rfind(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._rest)
            if self._searched > ANSWER_BYTES:
                raise ConnectionLost("server.gone", f"Cannot read an answer of more than {ANSWER_BYTES} bytes")
            return []
        whole = bytes(self._rest[:end])
        del self._rest[: end + 1]
        self._searched = len(self._rest)
        try:
            return [json.loads(line) for line in whole.split(b"\n")]
        except (ValueError, RecursionError) as error:
            raise ConnectionLost("server.gone", f"Cannot read the server's answer: {error}") from error
