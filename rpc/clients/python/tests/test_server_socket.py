"""Which socket is taken, and which server is trusted."""

import os
import socket
import tempfile
import unittest
from unittest import mock

import sb_client
from sb_client import server_socket

from .scripted_server import ScriptedServer, Session

NOBODY = 65534


class CandidatesTest(unittest.TestCase):
    def test_a_named_socket_is_the_only_one(self) -> None:
        with mock.patch.dict(os.environ, {"SB_SOCKET": "/b", "XDG_RUNTIME_DIR": "/run/user/7"}):
            self.assertEqual(server_socket.candidates("/a"), ["/a"])
            self.assertEqual(server_socket.candidates(None), ["/b"])
            os.environ["SB_SOCKET"] = ""
            self.assertEqual(server_socket.candidates(None), ["/run/sb/sb.sock", "/run/user/7/sb.sock"])
            del os.environ["XDG_RUNTIME_DIR"]
            self.assertEqual(server_socket.candidates(None), ["/run/sb/sb.sock"])

    def test_a_socket_that_is_not_there_is_told_with_every_path(self) -> None:
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"XDG_RUNTIME_DIR": folder}):
            os.environ.pop("SB_SOCKET", None)
            with mock.patch.object(server_socket, "SYSTEM_SOCKET", f"{folder}/none.sock"):
                with self.assertRaises(sb_client.NoServer) as caught:
                    sb_client.Client()
            self.assertEqual(caught.exception.code, "server.not_found")
            self.assertEqual(caught.exception.data["sockets"], [f"{folder}/none.sock", f"{folder}/sb.sock"])
            self.assertIsInstance(caught.exception, ConnectionError)

    def test_a_socket_that_nobody_listens_at_is_passed_over(self) -> None:
        with ScriptedServer(Session()) as server, tempfile.TemporaryDirectory() as folder:
            with socket.socket(socket.AF_UNIX) as dead:
                dead.bind(f"{folder}/dead.sock")
            with mock.patch.dict(os.environ, {"XDG_RUNTIME_DIR": os.path.dirname(server.path)}):
                os.environ.pop("SB_SOCKET", None)
                with mock.patch.object(server_socket, "SYSTEM_SOCKET", f"{folder}/dead.sock"), sb_client.Client() as client:
                    self.assertEqual(client.info()["version"], "0.1.0")


class TrustTest(unittest.TestCase):
    def test_a_server_of_ones_own_is_trusted(self) -> None:
        with ScriptedServer(Session()) as server, sb_client.Client(server.path) as client:
            self.assertEqual(client.info()["version"], "0.1.0")

    @unittest.skipUnless(os.geteuid() == 0, "only root can start a server as somebody else")
    def test_a_server_of_another_user_is_refused_before_anything_is_sent(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            path = f"{folder}/sb.sock"
            ready, tell = os.pipe()
            child = os.fork()
            if child == 0:
                os.setuid(NOBODY)
                listener = socket.socket(socket.AF_UNIX)
                listener.bind(path)
                listener.listen()
                os.write(tell, b"1")
                connection, _ = listener.accept()
                os._exit(0 if connection.recv(1) == b"" else 1)
            os.read(ready, 1)
            with self.assertRaises(sb_client.UntrustedServer) as caught:
                sb_client.Client(path)
            self.assertEqual((caught.exception.code, caught.exception.data["uid"]), ("server.untrusted", NOBODY))
            self.assertIsInstance(caught.exception, PermissionError)
            self.assertEqual(os.waitpid(child, 0)[1], 0)
            os.close(ready)
            os.close(tell)


if __name__ == "__main__":
    unittest.main()
