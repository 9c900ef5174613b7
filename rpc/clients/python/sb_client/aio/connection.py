"""A connection for the tasks of one event loop."""

from __future__ import annotations

import asyncio
import functools
import os
import socket
from typing import Any, Callable, List, Mapping, Optional, Sequence, Tuple, Union, cast

from .. import server_socket
from ..conversation import Call, Conversation, Waitable
from ..connection import CLOSED, FAREWELL
from ..errors import CallTimeout, ConnectionLost, ForkedSession, UntrustedServer
from ..forks import Session


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class AsyncConnection(asyncio.Protocol):
    """One conversation over one socket. Make it with `open_connection`."""

    def __init__(self, connected: socket.socket) -> None:
        self._session = Session(connected)
        self._loop = asyncio.get_running_loop()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._transport: Optional[asyncio.Transport] = None
        self._is_closing = False
        self.conversation = Conversation()

    @property
    def is_own(self) -> bool:
        return self._session.is_own

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.conversation.receive(data)
        if self.conversation.lost is not None:
            self._abort()
            return
        outgoing = bytes(self.conversation.outgoing)
        self.conversation.outgoing.clear()
        if outgoing and self._transport is not None:
            self._transport.write(outgoing)

    def connection_lost(self, error: Optional[Exception]) -> None:
        seen = "The server closed the connection" if error is None else f"Cannot reach the server: {error}"
        if self._is_closing:
            seen = CLOSED
        self.conversation.fail(ConnectionLost("server.gone", seen))
        _settle(self._closed)

    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        timeout: Optional[float],
        settle: Optional[Callable[[Any], Any]] = None,
    ) -> Any:
        """Sends a request and waits for what `settle` makes of its result. Raises SbError."""
        self._check_usable()
        call, line = self.conversation.request(method, params, settle)
        await self._converse([call], line, timeout)
        return call.value()

    async def batch(self, requests: Sequence[Tuple[str, Mapping[str, Any]]], timeout: Optional[float]) -> List[Call]:
        """Sends requests in one line and waits for all. Raises SbError where the batch as a whole failed."""
        self._check_usable()
        calls, line = self.conversation.batch(requests)
        await self._converse(calls, line, timeout)
        return calls

    async def wait(self, waitable: Waitable, is_ready: Callable[[], bool], timeout: Optional[float]) -> bool:
        """Waits for `is_ready()`, which `waitable` tells of. False when the time was over before. Raises ConnectionLost."""
        self._check_usable()
        deadline = None if timeout is None else self._loop.time() + timeout
        while not is_ready():
            if self.conversation.lost is not None:
                raise self.conversation.lost
            changed: asyncio.Future[None] = self._loop.create_future()
            wake = functools.partial(_settle, changed)
            waitable.wakers.append(wake)
            try:
                await asyncio.wait_for(changed, None if deadline is None else deadline - self._loop.time())
            except asyncio.TimeoutError:
                return is_ready()
            finally:
                if wake in waitable.wakers:
                    waitable.wakers.remove(wake)
        return True

    async def close(self) -> None:
        """Ends the session, and waits until the server has undone it. Nothing happens in a child of fork()."""
        if not self._session.is_own or self._transport is None:
            return
        self._is_closing = True
        try:
            if not self._transport.is_closing():
                # The server hangs up when no further delay of the session can start.
                self._transport.write_eof()
            await asyncio.wait([self._closed], timeout=FAREWELL)
        finally:
            self._abort()
        await self._closed

    def _check_usable(self) -> None:
        if not self._session.is_own:
            raise ForkedSession(
                "session.forked",
                "Cannot use a session of the parent process after fork()",
                hint="Make a new client in the child",
            )
        if self._is_closing:
            raise ConnectionLost("server.gone", CLOSED)

    async def _converse(self, calls: Sequence[Call], line: bytes, timeout: Optional[float]) -> None:
        assert self._transport is not None
        self._transport.write(line)
        deadline = None if timeout is None else self._loop.time() + timeout
        try:
            for call in calls:
                remaining = None if deadline is None else deadline - self._loop.time()
                if not await self.wait(call, functools.partial(getattr, call, "is_done"), remaining):
                    raise CallTimeout("call.timeout", f"Cannot wait any longer for the answer of {call.method}")
        except BaseException:
            self.conversation.give_up(calls, is_sent=True)
            raise

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


async def open_connection(path: Union[str, "os.PathLike[str]", None], timeout: Optional[float]) -> AsyncConnection:
    """A connection to a trusted server. timeout: seconds. Raises NoServer, UntrustedServer."""
    loop = asyncio.get_running_loop()
    tried = server_socket.candidates(path)
    reasons = []
    for candidate in tried:
        connected = server_socket.new_socket()
        try:
            connected.setblocking(False)
            await asyncio.wait_for(loop.sock_connect(connected, candidate), timeout)
            server_socket.check_server(connected, candidate)
            _, protocol = await loop.create_unix_connection(lambda: AsyncConnection(connected), sock=connected)
            return protocol
        except UntrustedServer:
            connected.close()
            raise
        except (OSError, asyncio.TimeoutError) as error:
            connected.close()
            reasons.append(getattr(error, "strerror", None) or str(error) or "no answer in time")
        except BaseException:
            connected.close()
            raise
    raise server_socket.no_server(tried, reasons)
