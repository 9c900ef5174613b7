"""The native interface of the original package, restated: same names, same defaults, same effects.

Each case of the original's tests stands here: against a server, and against the kernel module's file where there is none.
"""

import inspect
import os
import tempfile
import unittest
from typing import Any, List
from unittest import mock

import sb_client
from sb_client import native, server_socket

from .scripted_server import Peer, ScriptedServer, Session


def without_server() -> Any:
    """No server can be reached, wherever one may run on this machine."""
    return mock.patch.object(server_socket, "candidates", lambda path: ["/nonexistent/sb.sock"])


class SpecFormattingTest(unittest.TestCase):
    def test_an_add_with_a_pid(self) -> None:
        spec = native.format_add_spec("/usr/bin/python3", "PyObject_GetAttr", 1000, pid=12345)
        self.assertEqual(spec, "+/usr/bin/python3:PyObject_GetAttr 1000 pid=12345")

    def test_an_add_means_this_process_by_default(self) -> None:
        spec = native.format_add_spec("/usr/bin/python3", "PyObject_GetAttr", 1000)
        self.assertEqual(spec, f"+/usr/bin/python3:PyObject_GetAttr 1000 pid={os.getpid()}")

    def test_an_add_without_delay(self) -> None:
        self.assertEqual(native.format_add_spec("/path/to/binary", "some_func", 0, pid=1), "+/path/to/binary:some_func 0 pid=1")
        self.assertEqual(native.format_add_spec("/path/to/binary", "some_func", pid=1), "+/path/to/binary:some_func 0 pid=1")

    def test_a_remove(self) -> None:
        self.assertEqual(native.format_remove_spec("/usr/bin/python3", "PyObject_GetAttr"), "-/usr/bin/python3:PyObject_GetAttr")


class SignatureTest(unittest.TestCase):
    def test_names_order_and_defaults_are_the_originals(self) -> None:
        adding = [("binary_path", inspect.Parameter.empty), ("symbol", inspect.Parameter.empty), ("delay_ns", 0), ("pid", None)]
        adders: List[Any] = [native.probe, native.add_probe, native.format_add_spec]
        for function in adders:
            seen = [(p.name, p.default) for p in inspect.signature(function).parameters.values()]
            self.assertEqual(seen, adding)
        removers: List[Any] = [native.remove_probe, native.format_remove_spec]
        for function in removers:
            self.assertEqual(list(inspect.signature(function).parameters), ["binary_path", "symbol"])
        self.assertEqual(list(inspect.signature(native.is_available).parameters), [])

    def test_native_is_exported_by_the_package(self) -> None:
        self.assertIs(sb_client.native, native)
        self.assertIn("native", sb_client.__all__)


class ServedTest(unittest.TestCase):
    """With a server."""

    def setUp(self) -> None:
        self.server = ScriptedServer(self.answer)
        self.refusal: Any = None
        self.enterContextCompat(self.server)
        self.enterContextCompat(mock.patch.dict(os.environ, {"SB_SOCKET": self.server.path}))
        self.enterContextCompat(mock.patch.object(native, "_session", native._Session()))

    def enterContextCompat(self, manager: Any) -> None:  # unittest has enterContext from 3.11 on
        manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)

    def tearDown(self) -> None:
        if native._session.client is not None:
            native._session.client.close()

    def answer(self, message: Any, peer: Peer) -> None:
        if self.refusal is None or message["method"] != "probe.add":
            Session()(message, peer)
        else:
            number, code = self.refusal
            fault = {"code": number, "message": "Cannot", "data": {"code": code, "hint": None}}
            peer.send({"jsonrpc": "2.0", "id": message["id"], "error": fault})

    def sent(self) -> List[Any]:
        return [(message["method"], message["params"]) for message in self.server.messages]

    def test_add_probe_asks_for_path_symbol_delay_and_pid(self) -> None:
        native.add_probe("/usr/bin/python3", "PyObject_GetAttr", 1000, pid=42)
        params = {"target": "/usr/bin/python3:PyObject_GetAttr", "delay_ns": 1000, "scope": {"tree": 42}}
        self.assertEqual(self.sent(), [("probe.add", params)])

    def test_add_probe_means_this_process_by_default_and_no_delay(self) -> None:
        native.add_probe("/usr/bin/python3", "PyObject_GetAttr")
        # Without a scope the server takes the tree of the peer: this process, by whatever pid the server knows it.
        self.assertEqual(self.sent(), [("probe.add", {"target": "/usr/bin/python3:PyObject_GetAttr", "delay_ns": 0})])

    def test_remove_probe_removes_what_was_added_by_that_name(self) -> None:
        native.add_probe("/usr/bin/python3", "PyObject_GetAttr", 500)
        native.remove_probe("/usr/bin/python3", "PyObject_GetAttr")
        self.assertEqual(self.sent()[1], ("probe.remove", {"probe": "p1"}))
        with self.assertRaises(FileNotFoundError):
            native.remove_probe("/usr/bin/python3", "PyObject_GetAttr")

    def test_probe_adds_and_removes(self) -> None:
        with native.probe("/usr/bin/python3", "func", delay_ns=100, pid=123) as nothing:
            self.assertIsNone(nothing)
            self.assertEqual(len(self.sent()), 1)
        self.assertEqual([method for method, _ in self.sent()], ["probe.add", "probe.remove"])

    def test_probe_removes_when_the_block_fails(self) -> None:
        with self.assertRaisesRegex(ValueError, "test exception"):
            with native.probe("/bin/test", "sym", delay_ns=50, pid=1):
                raise ValueError("test exception")
        self.assertEqual([method for method, _ in self.sent()], ["probe.add", "probe.remove"])

    def test_is_available(self) -> None:
        self.assertIs(native.is_available(), True)
        self.assertEqual(self.sent(), [])

    def test_a_refusal_is_an_os_error_with_the_modules_errno(self) -> None:
        for number, code, kind in [
            (-32001, "probe.symbol_not_found", FileNotFoundError),
            (-32001, "process.not_found", FileNotFoundError),
            (-32002, "permission.process", PermissionError),
            (-32006, "probe.exists", FileExistsError),
            (-32602, "usage.time", OSError),
        ]:
            self.refusal = (number, code)
            with self.subTest(code), self.assertRaises(kind) as caught:
                native.add_probe("/bin/test", "sym")
            self.assertEqual(caught.exception.__cause__.code, code)  # type: ignore[union-attr]

    def test_a_lost_session_is_replaced_by_the_next_add(self) -> None:
        native.add_probe("/bin/test", "sym")
        self.server.peers[0].hang_up()
        self.assertTrue(self.server.peers[0].ended.wait(10))
        native.add_probe("/bin/test", "sym")
        native.remove_probe("/bin/test", "sym")
        self.assertEqual([message["method"] for message in self.server.peers[1].messages], ["probe.add", "probe.remove"])


class ModuleTest(unittest.TestCase):
    """Without a server: the lines that the kernel module takes."""

    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.targets = os.path.join(self.folder.name, "targets")
        for patch in (
            without_server(),
            mock.patch.object(native, "_session", native._Session()),
            mock.patch.object(native, "SYSFS_TARGETS", self.targets),
        ):
            patch.start()
            self.addCleanup(patch.stop)

    def written(self) -> str:
        with open(self.targets) as file:
            return file.read()

    def test_add_and_remove_write_one_line_each(self) -> None:
        native.add_probe("/usr/bin/python3", "PyObject_GetAttr", 1000, pid=42)
        self.assertEqual(self.written(), "+/usr/bin/python3:PyObject_GetAttr 1000 pid=42")
        native.add_probe("/usr/bin/python3", "PyObject_GetAttr", 500)
        self.assertEqual(self.written(), f"+/usr/bin/python3:PyObject_GetAttr 500 pid={os.getpid()}")
        native.remove_probe("/usr/bin/python3", "PyObject_GetAttr")
        self.assertEqual(self.written(), "-/usr/bin/python3:PyObject_GetAttr")

    def test_probe_adds_and_removes_when_the_block_fails_too(self) -> None:
        with self.assertRaisesRegex(ValueError, "test exception"):
            with native.probe("/bin/test", "sym", delay_ns=50, pid=1):
                self.assertEqual(self.written(), "+/bin/test:sym 50 pid=1")
                raise ValueError("test exception")
        self.assertEqual(self.written(), "-/bin/test:sym")

    def test_is_available_when_the_file_is_there_and_writable(self) -> None:
        self.assertIs(native.is_available(), False)
        open(self.targets, "w").close()
        self.assertIs(native.is_available(), True)
        with mock.patch("os.access", return_value=False):
            self.assertIs(native.is_available(), False)

    def test_neither_server_nor_module_is_an_os_error(self) -> None:
        with mock.patch.object(native, "SYSFS_TARGETS", "/nonexistent/targets"), self.assertRaises(OSError):
            native.add_probe("/bin/test", "sym")


if __name__ == "__main__":
    unittest.main()
