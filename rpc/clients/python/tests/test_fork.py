"""Children of fork(): a session belongs to the process that opened it."""

import asyncio
import gc
import os
import unittest
from typing import Callable, List
from unittest import mock

import sb_client
import sb_client.aio
from sb_client import Client, connection, native

from .scripted_server import ScriptedServer, Session


def status_in_child(check: Callable[[], bool]) -> int:
    """0 when `check` holds in a child of this process."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if check() else 1)
        except BaseException:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def is_refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except sb_client.ForkedSession:
        return True
    return False


class ForkTest(unittest.TestCase):
    def test_a_child_cannot_use_its_parents_session(self) -> None:
        with ScriptedServer(Session()) as server, Client(server.path) as client:
            probe = client.probe("/bin/app", "f")
            ticks = client.subscribe(10**7)

            def check() -> bool:
                uses: List[Callable[[], object]] = [client.info, probe.stats, probe.remove, probe.enable, ticks.next, client.clear]
                return all([is_refused(use) for use in uses]) and not client.is_alive()

            self.assertEqual(status_in_child(check), 0)
            self.assertEqual(server.methods(), ["probe.add", "stats.subscribe"])
            self.assertEqual(probe.stats()["hits"], 3)

    def test_a_child_that_leaves_the_blocks_ends_nothing(self) -> None:
        with ScriptedServer(Session()) as server:
            with Client(server.path) as client, client.probe("/bin/app", "f") as probe, client.subscribe(10**7) as ticks:

                def check() -> bool:
                    probe.__exit__(None, None, None)
                    ticks.close()
                    client.close()
                    return True

                self.assertEqual(status_in_child(check), 0)
                self.assertEqual(server.methods(), ["probe.add", "stats.subscribe"])
            self.assertEqual(server.methods()[2:], ["stats.unsubscribe", "probe.remove"])

    def test_a_child_that_lives_on_does_not_keep_the_session(self) -> None:
        with ScriptedServer(Session()) as server:
            client = Client(server.path)
            client.info()
            waits, go = os.pipe()
            child = os.fork()
            if child == 0:
                os.close(go)
                os.read(waits, 1)
                os._exit(0)
            # The child has the server's side of this test too, so that the server cannot hang up.
            with mock.patch.object(connection, "FAREWELL", 0.0):
                client.close()
            self.assertTrue(server.peers[0].ended.wait(10))
            os.close(go)
            self.assertEqual(os.waitpid(child, 0)[1], 0)
            os.close(waits)

    def test_what_the_child_inherited_does_not_close_files_of_the_child(self) -> None:
        with ScriptedServer(Session()) as server:
            client = Client(server.path)

            def check() -> bool:
                nonlocal client
                opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(8)]
                del client
                gc.collect()
                return all(os.fstat(descriptor) for descriptor in opened)

            self.assertEqual(status_in_child(check), 0)
            client.close()

    def test_a_child_may_have_a_client_of_its_own(self) -> None:
        with ScriptedServer(Session()) as server, Client(server.path) as client:
            client.info()

            def check() -> bool:
                with Client(server.path) as own:
                    return own.info()["version"] == "0.1.0"

            self.assertEqual(status_in_child(check), 0)

    def test_a_child_of_an_event_loop_ends_nothing(self) -> None:
        async def parent(path: str) -> None:
            async with sb_client.aio.connect(path) as client, client.probe("/bin/app", "f") as probe:

                def check() -> bool:
                    coroutine = probe.__aexit__(None, None, None)
                    try:
                        coroutine.send(None)
                    except StopIteration:
                        return True
                    return False

                self.assertEqual(status_in_child(check), 0)
                self.assertEqual((await probe.stats())["hits"], 3)

        with ScriptedServer(Session()) as server:
            asyncio.run(parent(server.path))
            self.assertEqual(server.methods(), ["probe.add", "probe.stats", "probe.remove"])

    def test_native_begins_anew_in_a_child(self) -> None:
        with ScriptedServer(Session()) as server:
            os.environ["SB_SOCKET"] = server.path
            try:
                with native.probe("/bin/app", "f"):

                    def check() -> bool:
                        native.add_probe("/bin/app", "g")
                        native.remove_probe("/bin/app", "g")
                        try:
                            native.remove_probe("/bin/app", "f")
                        except FileNotFoundError:
                            return True
                        return False

                    self.assertEqual(status_in_child(check), 0)
                first, second = [[m["method"] for m in peer.messages] for peer in server.peers]
                self.assertEqual((first, second), (["probe.add", "probe.remove"], ["probe.add", "probe.remove"]))
            finally:
                del os.environ["SB_SOCKET"]


if __name__ == "__main__":
    unittest.main()
