"""Framing: lines in pieces, what cannot be read, what cannot be sent."""

import json
import unittest
from typing import Any, List

from sb_client import wire
from sb_client.errors import ConnectionLost, SbError


class LinesTest(unittest.TestCase):
    def test_messages_are_the_same_wherever_the_stream_is_cut(self) -> None:
        messages = [{"id": 1, "result": "é"}, {"id": 2, "result": [1, 2]}, {"method": "probe.ended", "params": {}}]
        stream = "".join(json.dumps(message, ensure_ascii=False) + "\n" for message in messages).encode()
        for cut in range(len(stream) + 1):
            lines = wire.Lines()
            self.assertEqual(lines.feed(stream[:cut]) + lines.feed(stream[cut:]), messages)
        by_bytes = wire.Lines()
        self.assertEqual([m for byte in stream for m in by_bytes.feed(bytes([byte]))], messages)

    def test_what_is_no_json_ends_the_connection(self) -> None:
        for line in (b"{", b"\xff", b"", b"[" * 100_000, b"{'a': 1}"):
            with self.subTest(line=line[:10]), self.assertRaises(ConnectionLost):
                wire.Lines().feed(line + b"\n")

    def test_a_line_without_an_end_is_not_kept_for_ever(self) -> None:
        lines = wire.Lines()
        with self.assertRaises(ConnectionLost):
            for _ in range(wire.ANSWER_BYTES // (1 << 20) + 1):
                lines.feed(b"x" * (1 << 20))


class EncodeTest(unittest.TestCase):
    def test_one_line_without_spaces(self) -> None:
        self.assertEqual(
            wire.encode(wire.request(1, "probe.stats", {"probe": "é\n"})),
            '{"jsonrpc":"2.0","id":1,"method":"probe.stats","params":{"probe":"é\\n"}}\n'.encode(),
        )
        self.assertEqual(wire.encode(wire.request(2, "server.info", {})), b'{"jsonrpc":"2.0","id":2,"method":"server.info"}\n')

    def test_refuses_what_the_server_would_not_take(self) -> None:
        refused: List[Any] = [{"x": float("nan")}, {"x": object()}, {"x": "y" * wire.REQUEST_BYTES}, {"x": "\ud800"}]
        for params in refused:
            with self.subTest(params=str(params)[:20]), self.assertRaises(SbError) as caught:
                wire.encode(wire.request(1, "probe.add", params))
            self.assertEqual(caught.exception.code, "usage.request")


if __name__ == "__main__":
    unittest.main()
