"""What is said on one connection: requests and their answers, subscriptions, ends of probes. No input or output of its own.

The blocking client and the asyncio client both stand on it. It is not locked: whoever uses it does that.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, Deque, Dict, List, Mapping, Optional, Sequence, Tuple

from . import wire
from .errors import ConnectionLost, SbError, error_of_fault

#: Ticks that a subscription keeps for a reader that is late; older ones are dropped and counted.
TICKS_KEPT = 256


class Waitable:
    """Something that happens later; its wakers are called at each change."""

    def __init__(self) -> None:
        self.wakers: List[Callable[[], None]] = []

    def notify(self) -> None:
        wakers, self.wakers = self.wakers, []
        for wake in wakers:
            wake()


class Call(Waitable):
    """One request on its way. `settle` turns the result into what the caller gets, as soon as it is read."""

    def __init__(self, method: str, settle: Optional[Callable[[Any], Any]]) -> None:
        super().__init__()
        self.method = method
        self.settle = settle
        self.is_done = False
        self.result: Any = None
        self.error: Optional[SbError] = None

    def value(self) -> Any:
        """The result. Raises the error that the call ended with."""
        if self.error is not None:
            raise self.error
        return self.result


class Feed(Waitable):
    """The ticks of one subscription that nobody has taken yet."""

    def __init__(self) -> None:
        super().__init__()
        self.identifier = ""
        self.ticks: Deque[Any] = deque(maxlen=TICKS_KEPT)
        self.dropped = 0
        self.is_closed = False

    def push(self, tick: Any) -> None:
        self.dropped += len(self.ticks) == TICKS_KEPT
        self.ticks.append(tick)
        self.notify()


class Ending(Waitable):
    """Whether a probe has ended, and why: "scope empty", "removed", "expired", "detached", "session closed"."""

    def __init__(self) -> None:
        super().__init__()
        self.why: Optional[str] = None

    def end(self, why: str) -> None:
        if self.why is None:
            self.why = why
            self.notify()


class Conversation:
    """The state of one connection."""

    def __init__(self) -> None:
        self._lines = wire.Lines()
        self._next_id = 0
        self._calls: Dict[int, Call] = {}
        self._feeds: Dict[str, Feed] = {}
        self._endings: Dict[str, Ending] = {}
        #: Why nothing can be said any more.
        self.lost: Optional[ConnectionLost] = None
        #: Lines that receiving made necessary; whoever called `receive` sends them.
        self.outgoing = bytearray()

    def request(
        self, method: str, params: Mapping[str, Any], settle: Optional[Callable[[Any], Any]] = None
    ) -> Tuple[Call, bytes]:
        """A call and the line to send. Raises SbError usage.request, ConnectionLost."""
        message, call = self._make(method, params, settle)
        line = wire.encode(message)
        self._calls[message["id"]] = call
        return call, line

    def batch(self, requests: Sequence[Tuple[str, Mapping[str, Any]]]) -> Tuple[List[Call], bytes]:
        """Calls that go out in one line, and that line. Raises as `request` does."""
        if not 1 <= len(requests) <= wire.BATCH_REQUESTS:
            raise SbError("usage.request", f"Cannot send a batch of {len(requests)} requests: 1 to {wire.BATCH_REQUESTS}")
        made = [self._make(method, params, None) for method, params in requests]
        line = wire.encode([message for message, _ in made])
        self._calls.update((message["id"], call) for message, call in made)
        return [call for _, call in made], line

    def _make(
        self, method: str, params: Mapping[str, Any], settle: Optional[Callable[[Any], Any]]
    ) -> Tuple[Any, Call]:
        if self.lost is not None:
            raise self.lost
        self._next_id += 1
        return wire.request(self._next_id, method, params), Call(method, settle)

    def give_up(self, calls: Sequence[Call], is_sent: bool) -> None:
        """Nobody waits for these calls any more: what they make is taken back when their answers come."""
        if not is_sent:
            self._calls = {key: call for key, call in self._calls.items() if call not in calls}
        for call in calls:
            call.settle = self._take_back if call.method in ("probe.add", "count.add", "stats.subscribe") else None

    def receive(self, data: bytes) -> None:
        """Takes what was read. An unreadable answer ends the conversation."""
        try:
            for message in self._lines.feed(data):
                for item in message if isinstance(message, list) else [message]:
                    self._take(item)
        except ConnectionLost as error:
            self.fail(error)

    def fail(self, error: ConnectionLost) -> None:
        """Ends the conversation: every call, feed and probe ends."""
        if self.lost is not None:
            return
        self.lost = error
        calls, self._calls = self._calls, {}
        for call in calls.values():
            call.error = error
            call.is_done = True
            call.notify()
        self.forget_all("session closed")
        for feed in self._feeds.values():
            feed.notify()

    def open_feed(self, feed: Feed) -> Callable[[Any], Any]:
        """The `settle` of stats.subscribe: ticks may follow in the very next line."""

        def settle(result: Any) -> Any:
            feed.identifier = result["subscription"]
            self._feeds[feed.identifier] = feed
            return feed

        return settle

    def close_feed(self, feed: Feed) -> None:
        self._feeds.pop(feed.identifier, None)
        feed.is_closed = True
        feed.notify()

    def own(self, result: Any) -> List[Tuple[Any, Ending]]:
        """The `settle` of probe.add and session.resume: rows with their endings."""
        owned = []
        for row in result["probes"]:
            ending = self._endings[row["id"]] = Ending()
            owned.append((row, ending))
        return owned

    def forget(self, probe: str, why: str) -> None:
        """A probe has ended by a call of this client."""
        ending = self._endings.pop(probe, None)
        if ending is not None:
            ending.end(why)

    def forget_all(self, why: str) -> None:
        for probe in list(self._endings):
            self.forget(probe, why)

    def leave(self) -> None:
        """The session was detached: its probes and subscriptions are another connection's, or nobody's."""
        self.forget_all("detached")
        for feed in list(self._feeds.values()):
            self.close_feed(feed)

    def _take(self, message: Any) -> None:
        if not isinstance(message, dict):
            raise ConnectionLost("server.gone", f"Cannot read the server's answer: {message!r}")
        if "method" in message:
            self._take_notification(message["method"], message.get("params") or {})
            return
        identifier = message.get("id")
        if identifier is None and "error" in message:
            # The server could not tell whose request it was: some call would wait for ever.
            fault = error_of_fault(message["error"])
            raise ConnectionLost(
                "server.gone", fault.message, number=fault.number, data={**fault.data, "cause": fault.code}
            )
        call = self._calls.pop(identifier, None) if isinstance(identifier, int) else None
        if call is None:
            raise ConnectionLost("server.gone", f"Cannot match an answer to a request: id {identifier!r}")
        if "error" in message:
            call.error = error_of_fault(message["error"])
        else:
            result = message.get("result")
            try:
                call.result = result if call.settle is None else call.settle(result)
            except (KeyError, TypeError) as error:
                call.error = SbError("internal", f"Cannot read the answer of {call.method}: {error!r} is missing")
        call.is_done = True
        call.notify()

    def _take_notification(self, method: Any, params: Any) -> None:
        if method == "stats.tick":
            feed = self._feeds.get(params.get("subscription"))
            if feed is not None:
                feed.push(params)
        elif method == "probe.ended":
            self.forget(params.get("probe"), str(params.get("why")))

    def _take_back(self, result: Any) -> None:
        if "subscription" in result:
            self._notify("stats.unsubscribe", {"subscription": result["subscription"]})
        if "count" in result:
            self._notify("count.remove", {"count": result["count"]})
        for row in result.get("probes", []):
            self._notify("probe.remove", {"probe": row["id"]})

    def _notify(self, method: str, params: Mapping[str, Any]) -> None:
        self.outgoing += wire.encode(wire.notification(method, params))
