"""Handles for asyncio: a live probe, several of them, and a subscription to their figures."""

from __future__ import annotations

from types import TracebackType
from typing import Any, AsyncIterator, Dict, List, Optional, Sequence, Type, Union, cast, overload

from ..asked import KEEP, Keep, changes
from ..conversation import Ending, Feed
from ..errors import CallTimeout, removing
from ..types import ProbeRow, Stats, Tick
from .connection import AsyncConnection


class AsyncProbe:
    """A live probe; `sb_client.Probe` says what its methods do. `async with` removes it at the end of the block."""

    def __init__(self, connection: AsyncConnection, row: ProbeRow, ending: Ending, timeout: Optional[float]) -> None:
        self._connection = connection
        self._ending = ending
        self._timeout = timeout
        #: The row as `probe.add` gave it.
        self.row = row
        #: The last figures, once the probe was removed by this handle.
        self.final: Optional[Stats] = None

    @property
    def id(self) -> str:
        """"p1", "p2", ...: unique in the server."""
        return self.row["id"]

    @property
    def ended(self) -> Optional[str]:
        """Why the probe has ended: "scope empty", "removed", "expired", "detached", "session closed"."""
        return self._ending.why

    async def wait(self, timeout: Optional[float] = None) -> str:
        """Waits until the probe has ended. Returns why. Raises CallTimeout."""
        if not await self._connection.wait(self._ending, lambda: self._ending.why is not None, timeout):
            raise CallTimeout("call.timeout", f"Cannot wait any longer for the end of {self.id}")
        return cast(str, self._ending.why)

    async def update(
        self,
        *,
        delay_ns: Union[int, Keep] = KEEP,
        spec: Union[str, Keep] = KEEP,
        how: Union[str, Keep] = KEEP,
        every: Union[int, Keep] = KEEP,
        probability: Union[float, Keep] = KEEP,
        times: Union[int, None, Keep] = KEEP,
        start_ns: Union[int, Keep] = KEEP,
        duration_ns: Union[int, None, Keep] = KEEP,
        compensate: Union[bool, Keep] = KEEP,
    ) -> None:
        """Changes what is named and keeps the rest."""
        members = dict(
            delay_ns=delay_ns,
            spec=spec,
            how=how,
            every=every,
            probability=probability,
            times=times,
            start_ns=start_ns,
            duration_ns=duration_ns,
            compensate=compensate,
        )
        await self._call("probe.update", changes(members))

    async def enable(self) -> None:
        """Lets delays happen again after `disable`."""
        await self._call("probe.enable")

    async def disable(self) -> None:
        """No delay starts and no hit is counted until `enable`."""
        await self._call("probe.disable")

    async def stats(self) -> Stats:
        """The figures so far."""
        return cast(Stats, (await self._call("probe.stats"))["probes"][0])

    async def remove(self) -> Stats:
        """Takes the probe away: after this no further delay starts. Returns the last figures, `final` too."""

        def settle(result: Any) -> Any:
            self.final = cast(Stats, result)
            self._connection.conversation.forget(self.id, "removed")
            return result

        return cast(Stats, await self._connection.call("probe.remove", {"probe": self.id}, self._timeout, settle))

    async def __aenter__(self) -> AsyncProbe:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if not self._connection.is_own or self._ending.why in ("removed", "detached"):
            return
        with removing("probe.not_found", error):
            await self.remove()

    def __repr__(self) -> str:
        return f"<AsyncProbe {self.id} {self.row['target']} {self.ended or 'live'}>"

    async def _call(self, method: str, params: Optional[Dict[str, Any]] = None) -> Any:
        return await self._connection.call(method, {"probe": self.id, **(params or {})}, self._timeout)


class AsyncProbes(Sequence[AsyncProbe]):
    """What one `AsyncClient.add` applied: a list that `async with` removes."""

    def __init__(self, probes: List[AsyncProbe]) -> None:
        self._probes = probes

    @overload
    def __getitem__(self, index: int) -> AsyncProbe: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[AsyncProbe]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[AsyncProbe, Sequence[AsyncProbe]]:
        return self._probes[index]

    def __len__(self) -> int:
        return len(self._probes)

    async def __aenter__(self) -> AsyncProbes:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        for probe in self._probes:
            await probe.__aexit__(kind, error, trace)

    def __repr__(self) -> str:
        return f"<AsyncProbes {self._probes!r}>"


class AsyncSubscription:
    """Figures at an interval: `async for tick in subscription`. The last 256 ticks are kept for a reader that is late."""

    def __init__(self, connection: AsyncConnection, feed: Feed, timeout: Optional[float]) -> None:
        self._connection = connection
        self._feed = feed
        self._timeout = timeout

    @property
    def id(self) -> str:
        """"s1", "s2", ..."""
        return self._feed.identifier

    @property
    def dropped(self) -> int:
        """Ticks that nobody took in time."""
        return self._feed.dropped

    async def next(self, timeout: Optional[float] = None) -> Optional[Tick]:
        """The next tick; None when the subscription is closed. Raises CallTimeout, ConnectionLost."""
        feed = self._feed
        if not await self._connection.wait(feed, lambda: len(feed.ticks) > 0 or feed.is_closed, timeout):
            raise CallTimeout("call.timeout", f"Cannot wait any longer for a tick of {self.id}")
        return cast(Tick, feed.ticks.popleft()) if feed.ticks else None

    async def close(self) -> None:
        """Ends the subscription. Nothing happens the second time."""
        if self._feed.is_closed or not self._connection.is_own:
            return
        self._connection.conversation.close_feed(self._feed)
        if self._connection.conversation.lost is None:
            await self._connection.call("stats.unsubscribe", {"subscription": self.id}, self._timeout)

    def __aiter__(self) -> AsyncIterator[Tick]:
        return self

    async def __anext__(self) -> Tick:
        tick = await self.next()
        if tick is None:
            raise StopAsyncIteration
        return tick

    async def __aenter__(self) -> AsyncSubscription:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
