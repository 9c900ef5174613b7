"""The client for asyncio against a scripted server."""

import asyncio
import unittest
from typing import Any, List

import sb_client
from sb_client import aio

from .scripted_server import Peer, ScriptedServer, Session, row
from .test_client import SubscriptionTest


class AioTest(unittest.IsolatedAsyncioTestCase):
    async def test_a_probe_lives_for_the_length_of_its_block(self) -> None:
        with ScriptedServer(Session()) as server:
            async with aio.connect(server.path) as client:
                async with client.probe("/bin/app", "f", delay_ns=5000) as probe:
                    await probe.update(delay_ns=10)
                    await probe.disable()
                    await probe.enable()
                    self.assertEqual((await probe.stats())["hits"], 3)
                self.assertEqual((probe.ended, probe.final and probe.final["hits"]), ("removed", 7))
            self.assertEqual(
                server.methods(),
                ["probe.add", "probe.update", "probe.disable", "probe.enable", "probe.stats", "probe.remove"],
            )

    async def test_everything_can_be_awaited_instead(self) -> None:
        with ScriptedServer(Session(["p1", "p2"])) as server:
            client = await aio.connect(server.path)
            probes = await client.add({"target": "/bin/app:f*", "spec": "5us"})
            self.assertEqual([probe.id for probe in probes], ["p1", "p2"])
            with self.assertRaises(sb_client.SbError):
                await client.probe("/bin/app", "f*")
            self.assertEqual((await client.info())["version"], "0.1.0")
            self.assertEqual(len(await client.list()), 2)
            info, error = await client.batch([("server.info", {}), ("no.such", {})])
            self.assertEqual((info, error.code), ({"version": "0.1.0"}, "rpc.method"))
            await client.close()
            await client.close()
            self.assertTrue(server.peers[0].ended.wait(10))
            with self.assertRaises(sb_client.ConnectionLost):
                await client.info()

    async def test_many_tasks_share_a_session(self) -> None:
        with ScriptedServer(lambda message, peer: peer.result(message, message["params"]["n"])) as server:
            async with aio.connect(server.path) as client:
                seen = await asyncio.gather(*[client.call("echo", {"n": n}) for n in range(500)])
                self.assertEqual(seen, list(range(500)))

    async def test_a_probe_that_is_added_after_its_task_was_cancelled_is_removed(self) -> None:
        held: List[Any] = []
        asked = asyncio.Event()
        loop = asyncio.get_running_loop()

        def answer(message: Any, peer: Peer) -> None:
            if message["method"] == "probe.add":
                held.append(message)
                loop.call_soon_threadsafe(asked.set)
            elif message["method"] == "server.info":
                peer.result(held[0], {"probes": [row("p9")]})
                peer.result(message, {})

        with ScriptedServer(answer) as server:
            async with aio.connect(server.path) as client:
                task = asyncio.ensure_future(client.probe("/bin/app", "f"))
                await asked.wait()
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                await client.info()
            self.assertTrue(server.peers[0].ended.wait(10))
            last = server.messages[-1]
            self.assertEqual((last["method"], last["params"], "id" in last), ("probe.remove", {"probe": "p9"}, False))

    async def test_ticks_are_iterated_until_it_is_closed(self) -> None:
        with ScriptedServer(SubscriptionTest.ticking) as server:
            async with aio.connect(server.path) as client:
                async with client.subscribe(10**7) as ticks:
                    seen = []
                    async for tick in ticks:
                        seen.append(tick["at_ns"])
                        if len(seen) == 3:
                            break
                    with self.assertRaises(sb_client.CallTimeout):
                        await ticks.next(timeout=0.01)
                self.assertEqual((seen, ticks.dropped, await ticks.next()), ([1, 2, 3], 0, None))

    async def test_the_end_of_a_probe_is_told(self) -> None:
        def answer(message: Any, peer: Peer) -> None:
            Session()(message, peer)
            if message["method"] == "server.info":
                peer.send({"jsonrpc": "2.0", "method": "probe.ended", "params": {"probe": "p1", "why": "scope empty"}})

        with ScriptedServer(answer) as server:
            async with aio.connect(server.path) as client, client.probe("/bin/app", "f", pid=12) as probe:
                end = asyncio.ensure_future(probe.wait())
                await client.info()
                self.assertEqual(await end, "scope empty")

    async def test_a_server_that_goes_away_ends_every_call(self) -> None:
        with ScriptedServer(lambda message, peer: peer.hang_up()) as server:
            client = await aio.connect(server.path)
            with self.assertRaises(sb_client.ConnectionLost):
                await client.info()
            with self.assertRaises(sb_client.ConnectionLost):
                await client.info()
            await client.close()

    async def test_no_server_is_told(self) -> None:
        with self.assertRaises(sb_client.NoServer):
            await aio.connect("/nonexistent/sb.sock")


if __name__ == "__main__":
    unittest.main()
