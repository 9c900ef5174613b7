"""The blocking client against a scripted server: handles, errors, time-outs, threads, the end of the connection."""

import pickle
import signal
import threading
import unittest
from typing import Any, List

import sb_client
from sb_client import Client

from .scripted_server import Peer, ScriptedServer, Session, row


class ProbeTest(unittest.TestCase):
    def test_a_probe_lives_for_the_length_of_its_block(self) -> None:
        with ScriptedServer(Session()) as server, Client(server.path) as client:
            with client.probe("/bin/app", "f", delay_ns=5000) as probe:
                self.assertEqual((probe.id, probe.row["target"], probe.final), ("p1", "/bin/app:f", None))
                self.assertEqual(probe.stats()["hits"], 3)
            self.assertEqual((probe.ended, probe.final and probe.final["hits"]), ("removed", 7))
            self.assertEqual(server.methods(), ["probe.add", "probe.stats", "probe.remove"])
            self.assertEqual(server.messages[0]["params"], {"target": "/bin/app:f", "delay_ns": 5000})

    def test_the_block_removes_it_when_it_fails_too(self) -> None:
        with ScriptedServer(Session()) as server, Client(server.path) as client:
            with self.assertRaisesRegex(ValueError, "on purpose"), client.probe("/bin/app", "f"):
                raise ValueError("on purpose")
            self.assertEqual(server.methods(), ["probe.add", "probe.remove"])

    def test_what_is_not_named_is_not_sent(self) -> None:
        asked: List[Any] = [
            (dict(path="/bin/app", symbol="f"), {"target": "/bin/app:f", "delay_ns": 1000}),
            (dict(path="/bin/app", symbol="f", delay_ns=0, pid=9), {"target": "/bin/app:f", "delay_ns": 0, "scope": {"tree": 9}}),
            (dict(target="libc:malloc", spec="5us,every=10"), {"target": "libc:malloc", "spec": "5us,every=10"}),
            (
                dict(target="/a:b%return", delay_ns=7, scope={"system": True}, probability=0.5, compensate=False, times=3),
                {"target": "/a:b%return", "delay_ns": 7, "scope": {"system": True}, "probability": 0.5, "compensate": False, "times": 3},
            ),
        ]
        with ScriptedServer(Session()) as server, Client(server.path) as client:
            for keywords, _ in asked:
                client.probe(**keywords)
            self.assertEqual([message["params"] for message in server.messages], [params for _, params in asked])

    def test_asking_for_nothing_or_twice_is_refused_before_it_is_sent(self) -> None:
        with ScriptedServer(Session()) as server, Client(server.path) as client:
            asked: List[Any] = [{}, {"path": "/a"}, {"symbol": "b"}, {"path": "/a", "symbol": "b", "target": "/a:b"},
                                {"path": "/a", "target": "/a:b"}, {"target": "/a:b", "pid": 1, "scope": {"system": True}}]
            for keywords in asked:
                with self.subTest(keywords), self.assertRaises(sb_client.SbError) as caught:
                    client.probe(**keywords)
                self.assertIn(caught.exception.code, ("usage.target", "usage.option"))
            self.assertEqual(server.messages, [])

    def test_update_names_what_changes_and_null_is_no_limit(self) -> None:
        with ScriptedServer(Session()) as server, Client(server.path) as client:
            probe = client.probe("/bin/app", "f")
            probe.update(delay_ns=10, times=None)
            probe.disable()
            probe.enable()
            self.assertEqual(
                [(message["method"], message["params"]) for message in server.messages[1:]],
                [
                    ("probe.update", {"probe": "p1", "delay_ns": 10, "times": None}),
                    ("probe.disable", {"probe": "p1"}),
                    ("probe.enable", {"probe": "p1"}),
                ],
            )

    def test_a_pattern_of_several_functions_is_a_list(self) -> None:
        with ScriptedServer(Session(["p1", "p2"])) as server, Client(server.path) as client:
            with client.add({"target": "/bin/app:f*", "delay_ns": 1}) as probes:
                self.assertEqual([probe.id for probe in probes], ["p1", "p2"])
            self.assertEqual(server.methods(), ["probe.add", "probe.remove", "probe.remove"])

    def test_one_probe_of_several_functions_is_refused_and_none_stays(self) -> None:
        with ScriptedServer(Session(["p1", "p2"])) as server, Client(server.path) as client:
            with self.assertRaises(sb_client.SbError) as caught:
                client.probe("/bin/app", "f*")
            self.assertEqual(caught.exception.code, "usage.target")
            self.assertEqual(server.methods(), ["probe.add", "probe.remove", "probe.remove"])

    def test_the_end_of_a_probe_is_told(self) -> None:
        def answer(message: Any, peer: Peer) -> None:
            Session()(message, peer)
            if message["method"] == "probe.add":
                peer.send({"jsonrpc": "2.0", "method": "probe.ended", "params": {"probe": "p1", "why": "scope empty"}})

        with ScriptedServer(answer) as server, Client(server.path) as client:
            with client.probe("/bin/app", "f", pid=12) as probe:
                self.assertEqual(probe.wait(), "scope empty")
            self.assertEqual(probe.final and probe.final["hits"], 7)

    def test_closing_the_client_waits_until_the_server_hangs_up(self) -> None:
        with ScriptedServer(Session()) as server:
            with Client(server.path) as client:
                probe = client.probe("/bin/app", "f")
            self.assertEqual(server.methods(), ["probe.add"])
            self.assertTrue(server.peers[0].ended.is_set())
            self.assertEqual(probe.ended, "session closed")
            with self.assertRaises(sb_client.ConnectionLost):
                probe.stats()

    def test_a_detached_session_is_left_alone_and_can_be_resumed(self) -> None:
        with ScriptedServer(Session()) as server:
            with Client(server.path) as client, client.probe("/bin/app", "f") as probe:
                token = client.detach(10**9)
                self.assertEqual(probe.ended, "detached")
            self.assertEqual(server.methods(), ["probe.add", "session.detach"])
            with Client(server.path) as client, client.resume(token) as probes:
                self.assertEqual([probe.id for probe in probes], ["p1"])
            self.assertEqual(server.messages[2]["params"], {"token": token})


class CallTest(unittest.TestCase):
    def test_an_error_has_its_code_number_hint_and_facts(self) -> None:
        with ScriptedServer(Session()) as server, Client(server.path) as client:
            with self.assertRaises(sb_client.SbError) as caught:
                client.call("no.such")
            for error in (caught.exception, pickle.loads(pickle.dumps(caught.exception))):
                self.assertEqual((error.code, error.number, error.hint), ("rpc.method", -32601, "Try"))
                self.assertEqual(error.data, {"near": ["x"]})
                self.assertEqual(str(error), "No method\nhint: Try")

    def test_a_batch_has_a_result_or_an_error_for_each(self) -> None:
        with ScriptedServer(Session()) as server, Client(server.path) as client:
            info, error = client.batch([("server.info", {}), ("no.such", {})])
            self.assertEqual(info, {"version": "0.1.0"})
            self.assertEqual(error.code, "rpc.method")
            self.assertEqual(len(server.peers[0].messages), 1)
            for count in (0, 1001):  # The server could not say whose fault that is.
                with self.assertRaises(sb_client.SbError) as caught:
                    client.batch([("server.info", {})] * count)
                self.assertEqual(caught.exception.code, "usage.request")

    def test_answers_out_of_order_find_their_calls(self) -> None:
        both = threading.Barrier(2)
        held: List[Any] = []

        def answer(message: Any, peer: Peer) -> None:
            held.append(message)
            if len(held) == 2:
                for one in reversed(held):
                    peer.result(one, one["method"])

        with ScriptedServer(answer) as server, Client(server.path) as client:
            seen = {}

            def ask(method: str) -> None:
                both.wait()
                seen[method] = client.call(method)

            threads = [threading.Thread(target=ask, args=[name]) for name in ("one", "two")]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(seen, {"one": "one", "two": "two"})

    def test_many_threads_share_a_session(self) -> None:
        with ScriptedServer(lambda message, peer: peer.result(message, message["params"]["n"])) as server:
            with Client(server.path) as client:
                wrong: List[Any] = []

                def ask(first: int) -> None:
                    for n in range(first, first + 200):
                        if client.call("echo", {"n": n}) != n:
                            wrong.append(n)

                threads = [threading.Thread(target=ask, args=[i * 1000]) for i in range(8)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.assertEqual((wrong, len(server.messages)), ([], 1600))

    def test_a_probe_that_is_added_after_its_call_was_given_up_is_removed(self) -> None:
        held: List[Any] = []

        def answer(message: Any, peer: Peer) -> None:
            if message["method"] == "probe.add":
                held.append(message)
            elif message["method"] == "server.info":
                peer.result(held[0], {"probes": [row("p9")]})
                peer.result(message, {})

        with ScriptedServer(answer) as server, Client(server.path, timeout=0.05) as client:
            with self.assertRaises(sb_client.CallTimeout):
                client.probe("/bin/app", "f")
            client.call("server.info", timeout=10)
            client.close()
            self.assertTrue(server.peers[0].ended.wait(10))
            last = server.messages[-1]
            self.assertEqual((last["method"], last["params"], "id" in last), ("probe.remove", {"probe": "p9"}, False))

    def test_ctrl_c_ends_a_call_and_leaves_the_session_usable(self) -> None:
        main = threading.get_ident()

        def answer(message: Any, peer: Peer) -> None:
            if message["method"] == "wait":
                signal.pthread_kill(main, signal.SIGINT)
            else:
                Session()(message, peer)

        with ScriptedServer(answer) as server, Client(server.path) as client:
            for _ in range(100):
                with self.assertRaises(KeyboardInterrupt):
                    client.call("wait")
                self.assertEqual(client.info()["version"], "0.1.0")

    def test_a_server_that_goes_away_ends_every_call(self) -> None:
        with ScriptedServer(lambda message, peer: peer.hang_up()) as server:
            client = Client(server.path)
            with self.assertRaises(sb_client.ConnectionLost):
                client.call("server.info")
            with self.assertRaises(ConnectionError):
                client.call("server.info")
            self.assertFalse(client.is_alive())
            client.close()

    def test_an_answer_that_cannot_be_read_ends_the_connection(self) -> None:
        for line in (b"nonsense\n", b'{"jsonrpc":"2.0","id":999,"result":1}\n', b"[1]\n",
                     b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"bad","data":{"code":"rpc.parse"}}}\n'):
            with self.subTest(line), ScriptedServer(lambda message, peer: peer.send_bytes(line)) as server:
                with Client(server.path) as client, self.assertRaises(sb_client.ConnectionLost):
                    client.call("server.info")

    def test_is_alive_sees_that_the_server_went_between_two_calls(self) -> None:
        with ScriptedServer(Session()) as server, Client(server.path) as client:
            client.info()
            self.assertTrue(client.is_alive())
            server.peers[0].hang_up()
            self.assertTrue(server.peers[0].ended.wait(10))
            self.assertFalse(client.is_alive())

    def test_close_wakes_a_thread_that_waits(self) -> None:
        asked = threading.Event()
        with ScriptedServer(lambda message, peer: asked.set()) as server:
            client = Client(server.path)
            seen: List[BaseException] = []

            def ask() -> None:
                try:
                    client.call("server.info")
                except sb_client.SbError as error:
                    seen.append(error)

            thread = threading.Thread(target=ask)
            thread.start()
            asked.wait(10)
            client.close()
            thread.join(10)
            self.assertEqual([type(error) for error in seen], [sb_client.ConnectionLost])


class SubscriptionTest(unittest.TestCase):
    @staticmethod
    def ticking(message: Any, peer: Peer) -> None:
        Session()(message, peer)
        if message["method"] == "stats.subscribe":
            for at in (1, 2, 3):
                tick = {"subscription": "s1", "at_ns": at, "probes": []}
                peer.send({"jsonrpc": "2.0", "method": "stats.tick", "params": tick})

    def test_ticks_are_iterated_until_it_is_closed(self) -> None:
        with ScriptedServer(self.ticking) as server, Client(server.path) as client:
            with client.subscribe(10**7) as ticks:
                seen = []
                for tick in ticks:
                    seen.append(tick["at_ns"])
                    if len(seen) == 3:
                        break
                with self.assertRaises(sb_client.CallTimeout):
                    ticks.next(timeout=0.01)
            self.assertEqual((seen, ticks.dropped, list(ticks)), ([1, 2, 3], 0, []))
            self.assertEqual(server.methods(), ["stats.subscribe", "stats.unsubscribe"])
            self.assertEqual(server.messages[0]["params"], {"interval_ns": 10**7})

    def test_a_late_reader_loses_the_oldest_ticks_and_is_told_how_many(self) -> None:
        def flooding(message: Any, peer: Peer) -> None:
            Session()(message, peer)
            if message["method"] == "stats.subscribe":
                for at in range(300):
                    peer.send({"jsonrpc": "2.0", "method": "stats.tick", "params": {"subscription": "s1", "at_ns": at}})

        with ScriptedServer(flooding) as server, Client(server.path) as client:
            ticks = client.subscribe(10**7)
            client.info()
            tick = ticks.next()
            self.assertEqual((ticks.dropped, tick and tick["at_ns"]), (44, 44))


if __name__ == "__main__":
    unittest.main()
