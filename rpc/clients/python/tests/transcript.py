"""The recorded conversation (rpc/transcript.jsonl): a server that holds its part, and what it says in it."""

from __future__ import annotations

import json
import pathlib
from typing import Any, List, Tuple

from .scripted_server import Peer

PATH = pathlib.Path(__file__).resolve().parents[3] / "transcript.jsonl"


def read() -> List[Tuple[Any, List[Any]]]:
    """What the client says, each with what the server says to it."""
    turns: List[Tuple[Any, List[Any]]] = []
    for line in PATH.read_text().splitlines():
        entry = json.loads(line)
        if "client" in entry:
            turns.append((entry["client"], []))
        else:
            turns[-1][1].append(entry["server"])
    return turns


def _without_id(message: Any) -> Any:
    if isinstance(message, list):
        return [_without_id(item) for item in message]
    kept = {name: value for name, value in message.items() if name != "id"}
    return {**kept, "params": message.get("params", {}), "has_id": "id" in message}


class Replay:
    """The server's part. What a client says otherwise than recorded is in `differences`."""

    def __init__(self) -> None:
        self.turns = read()
        self.differences: List[str] = []
        self._next = 0

    @property
    def is_complete(self) -> bool:
        return self._next == len(self.turns)

    def __call__(self, message: Any, peer: Peer) -> None:
        recorded, answers = self.turns[self._next] if not self.is_complete else ({}, [])
        self._next += 1
        if _without_id(message) != _without_id(recorded):
            self.differences.append(f"{message} where {recorded} was recorded")
            peer.hang_up()
            return
        identifiers = iter([item["id"] for item in (message if isinstance(message, list) else [message]) if "id" in item])
        for answer in answers:
            items = answer if isinstance(answer, list) else [answer]
            said = [{**item, "id": next(identifiers)} if "id" in item else item for item in items]
            peer.send(said if isinstance(answer, list) else said[0])
