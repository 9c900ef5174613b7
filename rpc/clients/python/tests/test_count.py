"""Counts of both clients against a scripted server: what is asked, and the end of the block."""

import unittest
from typing import Any

import sb_client
from sb_client import Client, aio

from .scripted_server import Peer, ScriptedServer

READING = {"count": "c1", "pid": 42, "known": 1}


def answer(message: Any, peer: Peer) -> None:
    """As a server that has one count."""
    if message.get("params", {}).get("count") == "c9":
        fault = {"code": -32001, "message": "Cannot find the count", "data": {"code": "count.not_found", "hint": None}}
        peer.send({"jsonrpc": "2.0", "id": message["id"], "error": fault})
    elif message["method"] == "count.add":
        peer.result(message, {"count": "c9" if message.get("params", {}).get("pid") == 9 else "c1", "pid": 42})
    else:
        peer.result(message, READING)


class CountTest(unittest.IsolatedAsyncioTestCase):
    def test_a_count_lives_for_the_length_of_its_block(self) -> None:
        with ScriptedServer(answer) as server, Client(server.path) as client:
            with client.count() as count:
                self.assertEqual((count.id, count.pid, count.final), ("c1", 42, None))
                self.assertEqual(count.read(after=3, limit=10), READING)
            self.assertEqual(count.final, READING)
            client.count(7).remove()
        asked = [(message["method"], message.get("params", {})) for message in server.messages]
        self.assertEqual(
            asked,
            [
                ("count.add", {}),
                ("count.read", {"count": "c1", "after": 3, "limit": 10}),
                ("count.remove", {"count": "c1"}),
                ("count.add", {"pid": 7}),
                ("count.remove", {"count": "c1"}),
            ],
        )

    def test_a_count_that_is_gone_ends_its_block_in_silence(self) -> None:
        with ScriptedServer(answer) as server, Client(server.path) as client:
            with client.count(9) as count:
                with self.assertRaises(sb_client.SbError) as caught:
                    count.read()
                self.assertEqual(caught.exception.code, "count.not_found")

    async def test_the_same_for_asyncio(self) -> None:
        with ScriptedServer(answer) as server:
            async with aio.connect(server.path) as client:
                async with client.count(7) as count:
                    self.assertEqual((count.pid, await count.read()), (42, READING))
                self.assertEqual(count.final, READING)
                async with client.count(9):
                    pass
        self.assertEqual(server.methods(), ["count.add", "count.read", "count.remove", "count.add", "count.remove"])


if __name__ == "__main__":
    unittest.main()
