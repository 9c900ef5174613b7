"""The blocking client: a session of probes on a server of `sb`."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any, Callable, List, Mapping, Optional, Sequence, Tuple, Type, Union, cast

from .asked import absolute_target, add_params, named, with_absolute_target
from .connection import Connection
from .conversation import Conversation, Feed
from .count import Count
from .errors import ConnectionLost, SbError
from .probe import Probe, Probes, Subscription
from .server_socket import connect
from .types import AddParams, Counting, ListedProbe, Plan, ScopeAsked, ServerInfo, Stats, Symbols

Path = Union[str, "os.PathLike[str]"]

#: Seconds that an answer may take before the call is given up.
DEFAULT_TIMEOUT = 30.0


class Client:
    """A session: what it adds is undone when it is closed, and when this process ends in whatever way.

    Any number of threads may use it. A child of fork() may not: it makes a client of its own, and cannot harm this one.
    A lost connection stays lost (ConnectionLost); a new Client is a new session.

    socket: path of the server's socket; None tries $SB_SOCKET alone if it is set, else /run/sb/sb.sock and then
        $XDG_RUNTIME_DIR/sb.sock.
    timeout: seconds that any answer may take; None is for ever.
    Raises NoServer, UntrustedServer.
    """

    def __init__(self, socket: Optional[Path] = None, *, timeout: Optional[float] = DEFAULT_TIMEOUT) -> None:
        self._timeout = timeout
        self._connection = Connection(connect(socket, timeout))

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
    ) -> Probe:
        """Makes one function slower, from now until the probe is removed: `with client.probe(path, symbol, 5000): ...`.

        path, symbol: the ELF file and the function in it; or
        target: "FILE:PLACE[%return]" as on the command line.
        delay_ns: 0 to 10**10 nanoseconds added to each hit, 1000 when no spec is given either; or
        spec: "5us", "exp:2us,every=10": a delay or distribution with its schedule.
        pid: root of the process tree to slow, this process by default; or
        scope: {"tree": PID}, {"cgroup": PATH}, {"system": True}.
        at: "entry" or "return". how: "spin" or "sleep". every: each Nth hit. probability: 0 to 1. times: delays at the most.
        start_ns, duration_ns: the window, from the moment the probe is live. compensate: subtract the floor (True).
        isolation: "auto", "per-process" or "shared".
        Raises SbError; "usage.target" when a pattern names several functions: `add` takes those.
        """
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
        probes = self.add(cast(AddParams, params))
        if len(probes) != 1:
            with probes:
                raise SbError(
                    "usage.target",
                    f'Cannot make one probe of "{params["target"]}": it names {len(probes)} functions',
                    hint="Use client.add({...}), which gives a list",
                )
        return probes[0]

    def add(self, params: AddParams) -> Probes:
        """`probe.add` with the parameters of the protocol: all that the target names, all or nothing. Raises SbError."""
        return Probes(self._own("probe.add", with_absolute_target(params)))

    def plan(self, params: AddParams) -> Plan:
        """The same, resolved and judged; nothing is applied. Raises SbError."""
        return cast(Plan, self.call("probe.plan", with_absolute_target(params)))

    def list(self, *, all: bool = False) -> List[ListedProbe]:
        """The probes of this session; all: also those of other sessions of one's own (of everybody for root)."""
        return cast("List[ListedProbe]", self.call("probe.list", {"all": True} if all else {})["probes"])

    def stats(self) -> List[Stats]:
        """The figures of all probes of the session."""
        return cast("List[Stats]", self.call("probe.stats")["probes"])

    def enable(self) -> None:
        """Enables all probes of the session."""
        self.call("probe.enable")

    def disable(self) -> None:
        """Disables all probes of the session."""
        self.call("probe.disable")

    def clear(self) -> None:
        """Removes all probes of the session; it stays open."""
        self._end_all("probe.clear", {}, lambda conversation: conversation.forget_all("removed"))

    def count(self, pid: Optional[int] = None) -> Count:
        """Counts what a process tree makes the kernel do, from now on: `with client.count(pid) as count: ... count.read()`.

        pid: root of the tree, this process by default. Needs the module tracer where the server runs ("module.not_loaded").
        """
        row = self.call("count.add", {} if pid is None else {"pid": pid})
        return Count(self._connection, cast(Counting, row), self._timeout)

    def subscribe(self, interval_ns: int) -> Subscription:
        """The figures of all probes at an interval of at least 10**7 nanoseconds: `for tick in client.subscribe(...)`."""
        feed = Feed()
        settle = self._connection.conversation.open_feed(feed)
        self._connection.call("stats.subscribe", {"interval_ns": interval_ns}, self._timeout, settle)
        return Subscription(self._connection, feed, self._timeout)

    def symbols(
        self, file: Path, pattern: Optional[str] = None, *, limit: Optional[int] = None, pid: Optional[int] = None
    ) -> Symbols:
        """The functions of a file, or of a library by its name, that can be targets.

        pattern: a name, a glob or a /regular expression/. limit: 1 to 10000, 1000 by default.
        pid: look the file up as that process sees it. Raises SbError.
        """
        name = os.fspath(file)
        asked = {"file": absolute_target(name), "pattern": pattern, "limit": limit, "pid": pid}
        return cast(Symbols, self.call("symbols.search", named(asked)))

    def info(self) -> ServerInfo:
        """Version, backends, features and limits of the server."""
        return cast(ServerInfo, self.call("server.info"))

    def detach(self, ttl_ns: int) -> str:
        """Leaves the session with the server for 10**9 to 3.6 * 10**12 nanoseconds. Returns the token that resumes it.

        The handles of its probes end ("detached"); the connection goes on with an empty session. The token is a secret.
        """
        return cast(str, self._end_all("session.detach", {"ttl_ns": ttl_ns}, Conversation.leave)["token"])

    def resume(self, token: str) -> Probes:
        """Takes over a session that a process of the same user detached; this one must have no probe. Raises SbError."""
        return Probes(self._own("session.resume", {"token": token}))

    def call(self, method: str, params: Optional[Mapping[str, Any]] = None, *, timeout: Optional[float] = None) -> Any:
        """Any method of the protocol, by its name. timeout: seconds, the client's own by default. Raises SbError."""
        return self._connection.call(method, params or {}, self._timeout if timeout is None else timeout)

    def batch(self, requests: Sequence[Tuple[str, Mapping[str, Any]]]) -> List[Any]:
        """Requests in one message, 1 to 1000: a result for each, or the SbError that it ended with."""
        calls = self._connection.batch(requests, self._timeout)
        return [call.result if call.error is None else call.error for call in calls]

    def is_alive(self) -> bool:
        """Whether the session is still there, as far as the kernel knows; nothing is asked of the server."""
        if not self._connection.is_own:
            return False
        try:
            self._connection.wait(lambda: False, 0)
        except ConnectionLost:
            return False
        return True

    def close(self) -> None:
        """Ends the session: no delay of it starts after this returns. Nothing happens the second time, or in a child."""
        self._connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def _own(self, method: str, params: Mapping[str, Any]) -> List[Probe]:
        owned = self._connection.call(method, params, self._timeout, self._connection.conversation.own)
        return [Probe(self._connection, row, ending, self._timeout) for row, ending in owned]

    def _end_all(self, method: str, params: Mapping[str, Any], end: Callable[[Conversation], None]) -> Any:
        def settle(result: Any) -> Any:
            end(self._connection.conversation)
            return result

        return self._connection.call(method, params, self._timeout, settle)
