"""Handles: a live probe, several of them, and a subscription to their figures."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Dict, Iterator, List, Optional, Sequence, Type, Union, cast, overload

from .asked import KEEP, Keep, changes
from .connection import Connection
from .conversation import Ending, Feed
from .errors import CallTimeout, removing
from .types import ProbeRow, Stats, Tick


class Probe:
    """A live probe. As a context manager it is removed at the end of the block, in whatever way that ends.

    All methods raise SbError: "probe.not_found" once it was removed, and ConnectionLost when the session is gone.
    """

    def __init__(self, connection: Connection, row: ProbeRow, ending: Ending, timeout: Optional[float]) -> None:
        self._connection = connection
        self._ending = ending
        self._timeout = timeout
        #: The row as `probe.add` gave it: target, scope, sites, floor; its figures are those of that moment.
        self.row = row
        #: The last figures, once the probe was removed by this handle.
        self.final: Optional[Stats] = None

    @property
    def id(self) -> str:
        """"p1", "p2", ...: unique in the server."""
        return self.row["id"]

    @property
    def ended(self) -> Optional[str]:
        """Why the probe has ended, as far as the server's messages were read; `wait` reads them.

        "scope empty" (its process tree ended), "removed", "expired", "detached", "session closed"; None while it lives.
        """
        return self._ending.why

    def wait(self, timeout: Optional[float] = None) -> str:
        """Waits until the probe has ended (its tree is empty, someone removed it). Returns why.

        timeout: seconds; None is for ever. Raises CallTimeout.
        """
        if not self._connection.wait(lambda: self._ending.why is not None, timeout):
            raise CallTimeout("call.timeout", f"Cannot wait any longer for the end of {self.id}")
        return cast(str, self._ending.why)

    def update(
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
        """Changes what is named and keeps the rest; naming times, every, start_ns or duration_ns begins that anew.

        The parameters are those of `Client.probe`; None for times is no limit, for duration_ns no end.
        """
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
        self._call("probe.update", changes(members))

    def enable(self) -> None:
        """Lets delays happen again after `disable`."""
        self._call("probe.enable")

    def disable(self) -> None:
        """No delay starts and no hit is counted until `enable`; the figures stay."""
        self._call("probe.disable")

    def stats(self) -> Stats:
        """The figures so far."""
        return cast(Stats, self._call("probe.stats")["probes"][0])

    def remove(self) -> Stats:
        """Takes the probe away: when this returns no further delay starts. Returns the last figures, `final` too."""

        def settle(result: Any) -> Any:
            self.final = cast(Stats, result)
            self._connection.conversation.forget(self.id, "removed")
            return result

        return cast(Stats, self._connection.call("probe.remove", {"probe": self.id}, self._timeout, settle))

    def __enter__(self) -> Probe:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        # A child of fork() leaves its parent's probe alone. A probe whose scope became empty still has its last figures.
        if not self._connection.is_own or self._ending.why in ("removed", "detached"):
            return
        with removing("probe.not_found", error):
            self.remove()

    def __repr__(self) -> str:
        return f"<Probe {self.id} {self.row['target']} {self.ended or 'live'}>"

    def _call(self, method: str, params: Optional[Dict[str, Any]] = None) -> Any:
        return self._connection.call(method, {"probe": self.id, **(params or {})}, self._timeout)


class Probes(Sequence[Probe]):
    """What one `Client.add` applied: a list of probes that is a context manager as each of them is."""

    def __init__(self, probes: List[Probe]) -> None:
        self._probes = probes

    @overload
    def __getitem__(self, index: int) -> Probe: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Probe]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[Probe, Sequence[Probe]]:
        return self._probes[index]

    def __len__(self) -> int:
        return len(self._probes)

    def __enter__(self) -> Probes:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        for probe in self._probes:
            probe.__exit__(kind, error, trace)

    def __repr__(self) -> str:
        return f"<Probes {self._probes!r}>"


class Subscription:
    """Figures at an interval: an iterator of ticks, which ends when the subscription is closed.

    Ticks carry totals. The last 256 are kept for a reader that is late; `dropped` counts the others. A session that reads
    nothing at all, neither ticks nor answers, is cut off by the server once 8 MiB wait for it.
    """

    def __init__(self, connection: Connection, feed: Feed, timeout: Optional[float]) -> None:
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

    def next(self, timeout: Optional[float] = None) -> Optional[Tick]:
        """The next tick; None when the subscription is closed.

        timeout: seconds; None is for ever. Raises CallTimeout, ConnectionLost.
        """
        taken: List[Any] = []

        def take() -> bool:
            if self._feed.ticks:
                taken.append(self._feed.ticks.popleft())
            return bool(taken) or self._feed.is_closed

        if not self._connection.wait(take, timeout):
            raise CallTimeout("call.timeout", f"Cannot wait any longer for a tick of {self.id}")
        return cast(Tick, taken[0]) if taken else None

    def close(self) -> None:
        """Ends the subscription. Nothing happens the second time."""
        if self._feed.is_closed or not self._connection.is_own:
            return
        self._connection.change(lambda conversation: conversation.close_feed(self._feed))
        if self._connection.conversation.lost is None:
            self._connection.call("stats.unsubscribe", {"subscription": self.id}, self._timeout)

    def __iter__(self) -> Iterator[Tick]:
        return self

    def __next__(self) -> Tick:
        tick = self.next()
        if tick is None:
            raise StopIteration
        return tick

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
