"""The client for asyncio: a session of probes on a server of `sb`."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any, Callable, List, Mapping, Optional, Sequence, Tuple, Type, cast

from ..asked import absolute_target, add_params, named, with_absolute_target
from ..client import DEFAULT_TIMEOUT, Path
from ..conversation import Conversation, Feed
from ..errors import SbError
from ..types import AddParams, Counting, ListedProbe, Plan, ScopeAsked, ServerInfo, Stats, Symbols
from .connection import AsyncConnection, open_connection
from .count import AsyncCount
from .pending import Pending
from .probe import AsyncProbe, AsyncProbes, AsyncSubscription


def connect(socket: Optional[Path] = None, *, timeout: Optional[float] = DEFAULT_TIMEOUT) -> Pending[AsyncClient]:
    """Opens a session: `async with connect() as client:` or `client = await connect()`.

    Parameters and errors are those of `sb_client.Client`.
    """

    async def opening() -> AsyncClient:
        return AsyncClient(await open_connection(socket, timeout), timeout)

    return Pending(opening())


class AsyncClient:
    """A session, for the tasks of one event loop; made by `connect`. `sb_client.Client` says what its methods do."""

    def __init__(self, connection: AsyncConnection, timeout: Optional[float]) -> None:
        self._connection = connection
        self._timeout = timeout

    def probe(
        self,
        path: Optional[Path] = None,
        symbol: Optional[str] = None,
        delay_ns: Optional[int] = None,
        pid: Optional[int] = None,
        *,
        target: Optional[str] = None,
        spec: Optional[str] = None,
        scope: Optional[ScopeAsked] = None,
        at: Optional[str] = None,
        how: Optional[str] = None,
        every: Optional[int] = None,
        probability: Optional[float] = None,
        times: Optional[int] = None,
        start_ns: Optional[int] = None,
        duration_ns: Optional[int] = None,
        compensate: Optional[bool] = None,
        isolation: Optional[str] = None,
    ) -> Pending[AsyncProbe]:
        """`async with client.probe(...) as probe:` or `probe = await client.probe(...)`: as `sb_client.Client.probe`."""
        others = dict(
            at=at,
            how=how,
            every=every,
            probability=probability,
            times=times,
            start_ns=start_ns,
            duration_ns=duration_ns,
            compensate=compensate,
            isolation=isolation,
        )
        params = add_params(path, symbol, delay_ns, pid, target=target, spec=spec, scope=scope, others=others)
        return Pending(self._add_one(cast(AddParams, params)))

    def add(self, params: AddParams) -> Pending[AsyncProbes]:
        """`probe.add` with the parameters of the protocol: all that the target names, all or nothing."""
        return Pending(self._add(params))

    async def plan(self, params: AddParams) -> Plan:
        """The same, resolved and judged; nothing is applied."""
        return cast(Plan, await self.call("probe.plan", with_absolute_target(params)))

    async def list(self, *, all: bool = False) -> List[ListedProbe]:
        """The probes of this session; all: also those of other sessions of one's own (of everybody for root)."""
        return cast("List[ListedProbe]", (await self.call("probe.list", {"all": True} if all else {}))["probes"])

    async def stats(self) -> List[Stats]:
        """The figures of all probes of the session."""
        return cast("List[Stats]", (await self.call("probe.stats"))["probes"])

    async def enable(self) -> None:
        """Enables all probes of the session."""
        await self.call("probe.enable")

    async def disable(self) -> None:
        """Disables all probes of the session."""
        await self.call("probe.disable")

    async def clear(self) -> None:
        """Removes all probes of the session; it stays open."""
        await self._end_all("probe.clear", {}, lambda conversation: conversation.forget_all("removed"))

    def count(self, pid: Optional[int] = None) -> Pending[AsyncCount]:
        """Counts what a process tree makes the kernel do: `async with client.count(pid) as count:`."""

        async def counting() -> AsyncCount:
            row = await self.call("count.add", {} if pid is None else {"pid": pid})
            return AsyncCount(self._connection, cast(Counting, row), self._timeout)

        return Pending(counting())

    def subscribe(self, interval_ns: int) -> Pending[AsyncSubscription]:
        """The figures of all probes at an interval of at least 10**7 nanoseconds."""
        feed = Feed()

        async def subscribing() -> AsyncSubscription:
            settle = self._connection.conversation.open_feed(feed)
            await self._connection.call("stats.subscribe", {"interval_ns": interval_ns}, self._timeout, settle)
            return AsyncSubscription(self._connection, feed, self._timeout)

        return Pending(subscribing())

    async def symbols(
        self, file: Path, pattern: Optional[str] = None, *, limit: Optional[int] = None, pid: Optional[int] = None
    ) -> Symbols:
        """The functions of a file, or of a library by its name, that can be targets."""
        name = os.fspath(file)
        asked = {"file": absolute_target(name), "pattern": pattern, "limit": limit, "pid": pid}
        return cast(Symbols, await self.call("symbols.search", named(asked)))

    async def info(self) -> ServerInfo:
        """Version, backends, features and limits of the server."""
        return cast(ServerInfo, await self.call("server.info"))

    async def detach(self, ttl_ns: int) -> str:
        """Leaves the session with the server for 10**9 to 3.6 * 10**12 nanoseconds. Returns the token that resumes it."""
        return cast(str, (await self._end_all("session.detach", {"ttl_ns": ttl_ns}, Conversation.leave))["token"])

    async def resume(self, token: str) -> AsyncProbes:
        """Takes over a session that a process of the same user detached; this one must have no probe."""
        return AsyncProbes(await self._own("session.resume", {"token": token}))

    async def call(
        self, method: str, params: Optional[Mapping[str, Any]] = None, *, timeout: Optional[float] = None
    ) -> Any:
        """Any method of the protocol, by its name. timeout: seconds, the client's own by default. Raises SbError."""
        return await self._connection.call(method, params or {}, self._timeout if timeout is None else timeout)

    async def batch(self, requests: Sequence[Tuple[str, Mapping[str, Any]]]) -> List[Any]:
        """Requests in one message, 1 to 1000: a result for each, or the SbError that it ended with."""
        calls = await self._connection.batch(requests, self._timeout)
        return [call.result if call.error is None else call.error for call in calls]

    async def close(self) -> None:
        """Ends the session: no delay of it starts after this. Nothing happens the second time, or in a child."""
        await self._connection.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()

    async def _add_one(self, params: AddParams) -> AsyncProbe:
        probes = await self._add(params)
        if len(probes) != 1:
            async with probes:
                raise SbError(
                    "usage.target",
                    f'Cannot make one probe of "{params["target"]}": it names {len(probes)} functions',
                    hint="Use client.add({...}), which gives a list",
                )
        return probes[0]

    async def _add(self, params: AddParams) -> AsyncProbes:
        return AsyncProbes(await self._own("probe.add", with_absolute_target(params)))

    async def _own(self, method: str, params: Mapping[str, Any]) -> List[AsyncProbe]:
        owned = await self._connection.call(method, params, self._timeout, self._connection.conversation.own)
        return [AsyncProbe(self._connection, row, ending, self._timeout) for row, ending in owned]

    async def _end_all(self, method: str, params: Mapping[str, Any], end: Callable[[Conversation], None]) -> Any:
        def settle(result: Any) -> Any:
            end(self._connection.conversation)
            return result

        return await self._connection.call(method, params, self._timeout, settle)
