"""Both clients hold the recorded conversation, through their own methods, and give what the server said in it."""

import inspect
import unittest
from typing import Any, List

import sb_client
from sb_client import aio

from .scripted_server import ScriptedServer
from .transcript import Replay

TREE = 4242
TARGET = "libc.so.6:getppid"


async def settled(value: Any) -> Any:
    """What a method of either client gives."""
    return await value if inspect.isawaitable(value) else value


class TranscriptTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.replay = Replay()
        self.results: List[Any] = []

    async def hold(self, client: Any) -> None:
        """The conversation; `client` is either client."""

        async def refusal(made: Any) -> sb_client.SbError:
            with self.assertRaises(sb_client.SbError) as caught:
                await settled(made())
            return caught.exception

        results = self.results
        results.append(await settled(client.info()))
        results.append(await settled(client.plan({"target": "libc.so.6:getp[gp]id", "spec": "5us,every=10", "scope": {"tree": TREE}})))
        probe = await settled(client.probe(target=TARGET, delay_ns=50_000, pid=TREE))
        results.append({"probes": [probe.row]})
        results.append({"probes": [await settled(probe.stats())], "notes": []})
        results.append(await settled(probe.update(delay_ns=100_000)) or {})
        results.append(await settled(probe.disable()) or {})
        results.append(await settled(probe.enable()) or {})
        results.append({"probes": await settled(client.list()), "notes": []})
        ticks = await settled(client.subscribe(10**7))
        results.append({"subscription": ticks.id})
        self.ticks = [await settled(ticks.next(10)), await settled(ticks.next(10))]
        results.append(await settled(ticks.close()) or {})
        results.append(await settled(client.symbols("libc.so.6", "/^getppid$/", limit=10)))
        results.append(await refusal(lambda: client.count()))
        results.append(await refusal(lambda: client.call("count.read", {"count": "c1", "limit": 10})))
        results.append(await refusal(lambda: client.call("count.remove", {"count": "c1"})))
        batch = [
            ("probe.stats", {"probe": "p1"}),
            ("probe.stats", {"probe": "p9"}),
            ("probe.list", {}),
        ]
        results.append(await settled(client.batch(batch)))
        results.append(await refusal(lambda: client.call("probe.ad")))
        results.append(await refusal(lambda: client.call("probe.add", {"target": TARGET, "delay_ns": 50_000, "evry": 10})))
        results.append(await refusal(lambda: client.probe(target="libc.so.6:getpppid", delay_ns=50_000, pid=TREE)))
        results.append(await settled(probe.remove()))
        second = await settled(client.probe(target=TARGET, spec="exp:100us", pid=TREE))
        results.append({"probes": [second.row]})
        token = await settled(client.detach(60 * 10**9))
        self.assertEqual(second.ended, "detached")
        results.append({"token": token})
        (resumed,) = await settled(client.resume(token))
        results.append({"probes": [resumed.row]})
        self.why = await settled(resumed.wait(10))
        results.append(await settled(client.clear()) or {})

    def compare(self) -> None:
        self.assertEqual(self.replay.differences, [])
        self.assertTrue(self.replay.is_complete)
        recorded = [answers for _, answers in self.replay.turns]
        self.assertEqual(len(self.results), len(recorded))
        for result, (answer, *notifications) in zip(self.results, recorded):
            if isinstance(answer, list):
                answers = iter(answer)
                for one in result:
                    self.compare_one(one, next(answers))
            else:
                self.compare_one(result, answer)
        told = [note["params"] for _, answers in self.replay.turns for note in answers[1:]]
        self.assertEqual(self.ticks + [{"probe": "p2", "why": self.why}], told)

    def compare_one(self, result: Any, answer: Any) -> None:
        if "result" in answer:
            self.assertEqual(result, answer["result"])
            return
        fault = answer["error"]
        data = {"code": result.code, "hint": result.hint, **result.data}
        self.assertEqual((result.number, result.message, data), (fault["code"], fault["message"], fault["data"]))

    async def test_the_blocking_client(self) -> None:
        with ScriptedServer(self.replay) as server, sb_client.Client(server.path) as client:
            await self.hold(client)
        self.compare()

    async def test_the_client_for_asyncio(self) -> None:
        with ScriptedServer(self.replay) as server:
            async with aio.connect(server.path) as client:
                await self.hold(client)
        self.compare()


if __name__ == "__main__":
    unittest.main()
