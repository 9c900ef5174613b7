"""Against a real server, at $SB_SOCKET: what the clients ask for happens, where it was asked for, until it is undone.

    SB_SOCKET=/run/sb/sb.sock python3 -m unittest tests.live_session
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
import unittest
from typing import IO, Any, List, Tuple, cast

import sb_client
from sb_client import Client, aio, native

SYMBOL = "PyObject_GetAttr"
READS = 2000
DELAY_NS = 100_000
#: What READS delays take at the least. What a breakpoint costs is measured, and taken off each delay: a delay is exact to 2 %.
LEAST_NS = READS * DELAY_NS * 98 // 100

#: A process that reads READS attributes for each line that it is sent, and answers with a line when it has.
READER = f"""
import sys
class Point: pass
point = Point()
point.field = 1
name = "".join(["fi", "eld"])
print("ready", flush=True)
for line in sys.stdin:
    for _ in range({READS}):
        getattr(point, name)
    print("done", flush=True)
"""

#: A process that adds a probe to process argv[1], starts a child with fork() that lives on, and waits.
OWNER = f"""
import os, sys, time, sb_client
client = sb_client.Client()
probe = client.probe(sys.executable, "{SYMBOL}", {DELAY_NS}, pid=int(sys.argv[1]))
child = os.fork()
if child == 0:
    time.sleep(600)
print(probe.id, child, flush=True)
time.sleep(600)
"""


class Point:
    field = 1


def read_attributes() -> int:
    """Nanoseconds that READS calls of PyObject_GetAttr take in this process, with what a loop costs besides."""
    point, name = Point(), "".join(["fi", "eld"])
    start = time.perf_counter_ns()
    for _ in range(READS):
        getattr(point, name)
    return time.perf_counter_ns() - start


class Reader:
    """The process READER."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", READER]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._stdin = cast("IO[str]", self.process.stdin)
        self._stdout = cast("IO[str]", self.process.stdout)
        self._stdout.readline()

    @property
    def pid(self) -> int:
        return self.process.pid

    def read(self) -> int:
        """Nanoseconds until it had read READS attributes."""
        start = time.perf_counter_ns()
        self._stdin.write("\n")
        self._stdin.flush()
        self._stdout.readline()
        return time.perf_counter_ns() - start

    def end(self) -> None:
        self._stdin.close()
        self.process.wait()
        self._stdout.close()


class LiveTest(unittest.TestCase):
    def setUp(self) -> None:
        self.client = Client()
        self.addCleanup(self.client.close)

    def reader(self) -> Reader:
        reader = Reader()
        self.addCleanup(reader.end)
        return reader

    def test_a_function_of_this_process_is_slower_for_the_length_of_the_block(self) -> None:
        with self.client.probe(sys.executable, SYMBOL, delay_ns=DELAY_NS) as probe:
            took = read_attributes()
            before = probe.stats()["hits"]
        read_attributes()
        assert probe.final is not None
        self.assertGreaterEqual(before, READS)
        self.assertGreaterEqual(took, LEAST_NS)
        self.assertGreaterEqual(probe.final["min_ns"] or 0, DELAY_NS)
        self.assertEqual((probe.final["delayed"], probe.final["misses"]), (probe.final["hits"], 0))
        with self.assertRaises(sb_client.SbError) as caught:
            probe.stats()
        self.assertEqual(caught.exception.code, "probe.not_found")

    def test_a_function_of_a_child_alone_is_slower(self) -> None:
        reader = self.reader()
        with self.client.probe(sys.executable, SYMBOL, delay_ns=DELAY_NS, pid=reader.pid) as probe:
            idle = probe.stats()["hits"]
            read_attributes()  # The control: this process is out of scope.
            self.assertEqual(probe.stats()["hits"], idle)
            self.assertGreaterEqual(reader.read(), LEAST_NS)
            self.assertGreaterEqual(probe.stats()["hits"] - idle, READS)
            probe.disable()
            counted = probe.stats()["hits"]
            reader.read()
            self.assertEqual(probe.stats()["hits"], counted)
            probe.enable()
            probe.update(delay_ns=0, every=10)
            reader.read()
            self.assertGreaterEqual(probe.stats()["hits"] - counted, READS)

    def test_the_end_of_the_child_ends_its_probe(self) -> None:
        reader = Reader()
        with self.client.probe(sys.executable, SYMBOL, pid=reader.pid) as probe:
            reader.read()
            reader.end()
            self.assertEqual(probe.wait(60), "scope empty")
        self.assertGreaterEqual(probe.final["hits"] if probe.final else 0, READS)

    def test_refusals_have_their_codes(self) -> None:
        refused: List[Tuple[Any, str]] = [
            ({"path": sys.executable, "symbol": "PyObject_GetAtr"}, "probe.symbol_not_found"),
            ({"path": "/nonexistent/app", "symbol": "f"}, "file.not_found"),
            ({"target": "libc.so.6:getppid", "spec": "5 parsecs"}, "usage.time"),
        ]
        for keywords, code in refused:
            with self.subTest(code), self.assertRaises(sb_client.SbError) as caught:
                self.client.probe(**keywords)
            self.assertEqual(caught.exception.code, code)

    def test_a_pattern_makes_one_probe_a_function(self) -> None:
        with self.client.add({"target": f"{sys.executable}:PyObject_[GS]etAttr", "spec": "0ns"}) as probes:
            symbols = sorted(probe.row["symbol"] for probe in probes)
            self.assertEqual(symbols, ["PyObject_GetAttr", "PyObject_SetAttr"])
            self.assertEqual(len(self.client.list()), 2)
        self.assertEqual(self.client.list(), [])

    def test_a_detached_session_is_resumed_by_another_client(self) -> None:
        reader = self.reader()
        probe = self.client.probe(sys.executable, SYMBOL, delay_ns=0, pid=reader.pid)
        token = self.client.detach(60 * 10**9)
        self.client.close()
        reader.read()
        with Client() as second:
            (resumed,) = second.resume(token)
            self.assertEqual(resumed.id, probe.id)
            self.assertGreaterEqual(resumed.stats()["hits"], READS)

    def test_the_death_of_a_client_undoes_it_although_its_child_lives_on(self) -> None:
        reader = self.reader()
        command = [sys.executable, "-c", OWNER, str(reader.pid)]
        owner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        output = cast("IO[str]", owner.stdout)
        identifier, child = output.readline().split()
        try:
            self.assertIn(identifier, [row["id"] for row in self.client.list(all=True)])
            owner.kill()
            owner.wait()
            while identifier in [row["id"] for row in self.client.list(all=True)]:
                time.sleep(0.01)
            os.kill(int(child), 0)  # It lives on.
        finally:
            os.kill(int(child), signal.SIGKILL)
            output.close()

    def test_native_slows_this_process(self) -> None:
        self.assertIs(native.is_available(), True)
        with native.probe(sys.executable, SYMBOL, delay_ns=DELAY_NS):
            self.assertGreaterEqual(read_attributes(), LEAST_NS)
        native.add_probe(sys.executable, SYMBOL, 100)
        native.remove_probe(sys.executable, SYMBOL)
        with self.assertRaises(FileNotFoundError):
            native.add_probe(sys.executable, "no_such_function")

    def test_asyncio_slows_a_child_and_watches_it(self) -> None:
        reader = self.reader()

        async def watch() -> List[int]:
            hits: List[int] = []
            async with aio.connect() as client:
                async with client.probe(sys.executable, SYMBOL, delay_ns=DELAY_NS, pid=reader.pid) as probe:
                    async with client.subscribe(10**7) as ticks:
                        await asyncio.get_running_loop().run_in_executor(None, reader.read)
                        async for tick in ticks:
                            hits.append(tick["probes"][0]["hits"])
                            if hits[-1] >= READS:
                                break
            assert probe.final is not None
            return hits + [probe.final["hits"]]

        hits = asyncio.run(watch())
        self.assertEqual(hits, sorted(hits))
        self.assertGreaterEqual(hits[-1], READS)


if __name__ == "__main__":
    unittest.main()
