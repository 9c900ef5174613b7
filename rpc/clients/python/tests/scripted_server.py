"""A server for tests: it listens on a socket of its own and answers each message as the test's function says."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import tempfile
import threading
from typing import Any, Callable, List, Optional

#: (message, connection) -> None; the connection's `send` answers.
Answer = Callable[[Any, "Peer"], None]


class Peer:
    """One connection, as the server sees it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.messages: List[Any] = []
        self.ended = threading.Event()

    def send(self, message: Any) -> None:
        self.send_bytes(json.dumps(message).encode() + b"\n")

    def send_bytes(self, data: bytes) -> None:
        self._connection.sendall(data)

    def result(self, message: Any, result: Any) -> None:
        self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):  # Gone already.
            self._connection.shutdown(socket.SHUT_RDWR)

    def serve(self, answer: Answer) -> None:
        with self._connection, self._connection.makefile("rb") as lines:
            with contextlib.suppress(OSError):  # The client was gone before its answer.
                for line in lines:
                    message = json.loads(line)
                    self.messages.append(message)
                    answer(message, self)
            self.ended.set()


class ScriptedServer:
    """`with ScriptedServer(answer) as server: Client(server.path)`."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self._folder.name, "sb.sock")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen()
        self._threads: List[threading.Thread] = []
        self.peers: List[Peer] = []

    @property
    def messages(self) -> List[Any]:
        """What every client sent, in order."""
        return [message for peer in self.peers for message in peer.messages]

    def methods(self) -> List[str]:
        return [message["method"] for message in self.messages]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            peer = Peer(connection)
            self.peers.append(peer)
            self._start(lambda peer=peer: peer.serve(self._answer))  # type: ignore[misc]

    def _start(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def __enter__(self) -> ScriptedServer:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in self.peers:
            peer.hang_up()
        for thread in self._threads:
            thread.join()
        self._folder.cleanup()


def row(identifier: str, target: str = "/bin/app:f") -> Any:
    """As much of a probe's row as the client reads itself."""
    return {"id": identifier, "target": target, "state": "live"}


class Session:
    """The answers of a server that takes every probe and lets it live: enough for what a client does with one."""

    def __init__(self, names: Optional[List[str]] = None) -> None:
        #: Ids that one probe.add gives.
        self.names = names if names is not None else ["p1"]

    def __call__(self, message: Any, peer: Peer) -> None:
        if isinstance(message, list):
            peer.send([self._answer(item) for item in message if "id" in item])
        elif "id" in message:
            peer.send(self._answer(message))

    def _answer(self, message: Any) -> Any:
        envelope = {"jsonrpc": "2.0", "id": message["id"]}
        params = message.get("params", {})
        results = {
            "server.info": {"version": "0.1.0"},
            "probe.add": {"probes": [row(name, params.get("target")) for name in self.names]},
            "probe.remove": {"id": params.get("probe"), "hits": 7},
            "probe.stats": {"probes": [{"id": params.get("probe", name), "hits": 3} for name in self.names]},
            "probe.list": {"probes": [row(name) for name in self.names]},
            "session.detach": {"token": "0123456789abcdef" * 2},
            "session.resume": {"probes": [row(name) for name in self.names]},
            "stats.subscribe": {"subscription": "s1"},
        }
        if message["method"] == "no.such":
            fault = {"code": -32601, "message": "No method", "data": {"code": "rpc.method", "hint": "Try", "near": ["x"]}}
            return {**envelope, "error": fault}
        return {**envelope, "result": results.get(message["method"], {})}
