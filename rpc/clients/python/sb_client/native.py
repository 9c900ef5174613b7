"""The functions of the original package's `native` module, with its names, defaults and OSError.

    from sb_client import native

    with native.probe("/usr/bin/python3", "PyObject_GetAttr", delay_ns=1000):
        run_benchmark()

They speak to a server of `sb` where one can be reached: probes last until they are removed or this process ends. Without one
they write to the kernel module, exactly the lines of `format_add_spec` and `format_remove_spec`: such probes belong to nobody,
outlast this process, and take effect while the module is enabled.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import os
import threading
from typing import Dict, Generator, List, Optional, Tuple

from .client import Client
from .errors import NoServer, SbError
from .probe import Probe

#: Where the kernel module takes its commands.
SYSFS_TARGETS = "/sys/kernel/speed_bump/targets"

#: What errno the kernel module has for a refusal of the server.
_ERRNO_OF_NUMBER = {
    -32001: errno.ENOENT,
    -32002: errno.EACCES,
    -32003: errno.EOPNOTSUPP,
    -32004: errno.EBUSY,
    -32005: errno.ENOSPC,
    -32006: errno.EIO,
    -32602: errno.EINVAL,
}
_ERRNO_OF_CODE = {
    "file.not_elf": errno.ENOEXEC,
    "file.machine": errno.ENOEXEC,
    "file.script": errno.ENOEXEC,
    "probe.exists": errno.EEXIST,
    "probe.symbol_undefined": errno.EADDRNOTAVAIL,
    "probe.symbol_data": errno.EADDRNOTAVAIL,
    "probe.symbol_ifunc": errno.EADDRNOTAVAIL,
    "probe.site_not_executable": errno.EADDRNOTAVAIL,
    "probe.site_inside_instruction": errno.EADDRNOTAVAIL,
    "probe.site_unprobeable": errno.EADDRNOTAVAIL,
}


class _Session:
    """This process's probes on a server, by the name they were added with."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.lock = threading.Lock()
        self.client: Optional[Client] = None
        self.probes: Dict[Tuple[str, str], List[Probe]] = {}

    def open(self) -> Optional[Client]:
        """The client, made when first asked for and again after a loss; None without a server."""
        if self.client is not None and not self.client.is_alive():
            self.client.close()
            self.client = None
            self.probes.clear()
        if self.client is None:
            try:
                self.client = Client()
            except NoServer:
                return None
        return self.client


_session = _Session()


@atexit.register
def _close() -> None:
    if _session.client is not None:
        _session.client.close()


def _own_session() -> _Session:
    """The session of this process: a child of fork() begins with an empty one."""
    global _session
    if _session.pid != os.getpid():
        _session = _Session()
    return _session


def _os_error(error: SbError) -> OSError:
    if isinstance(error, OSError):
        return error
    if error.code.startswith("usage."):
        return OSError(errno.EINVAL, str(error))
    return OSError(_ERRNO_OF_CODE.get(error.code) or _ERRNO_OF_NUMBER.get(error.number or 0, errno.EIO), str(error))


def _write_line(line: str) -> None:
    with open(SYSFS_TARGETS, "w") as targets:
        targets.write(line)


def add_probe(binary_path: str, symbol: str, delay_ns: int = 0, pid: Optional[int] = None) -> None:
    """Makes each call of `symbol` in `binary_path` longer by `delay_ns` nanoseconds.

    pid: root of the process tree that is slowed; this process by default.
    Raises OSError: ENOENT no such file, function or process; ENOEXEC not an ELF file; EADDRNOTAVAIL not a place to probe;
    EACCES not permitted; ENOSPC a quota; EINVAL malformed. What the server said is its `__cause__`.
    """
    session = _own_session()
    with session.lock:
        try:
            client = session.open()
            if client is not None:
                probe = client.probe(binary_path, symbol, delay_ns, pid)
                session.probes.setdefault((binary_path, symbol), []).append(probe)
                return
        except SbError as error:
            raise _os_error(error) from error
    _write_line(format_add_spec(binary_path, symbol, delay_ns, pid))


def remove_probe(binary_path: str, symbol: str) -> None:
    """Removes the probes of that name, for whatever process they were added.

    Raises OSError: ENOENT when there is none.
    """
    session = _own_session()
    with session.lock:
        probes = session.probes.pop((binary_path, symbol), [])
        is_served = session.client is not None
        try:
            for probe in probes:
                with probe:
                    pass  # Leaving the block removes it, and is content when it has ended by itself.
        except SbError as error:
            raise _os_error(error) from error
    if not is_served:
        _write_line(format_remove_spec(binary_path, symbol))
    elif not probes:
        raise FileNotFoundError(errno.ENOENT, "No probe of that name was added", f"{binary_path}:{symbol}")


@contextlib.contextmanager
def probe(
    binary_path: str, symbol: str, delay_ns: int = 0, pid: Optional[int] = None
) -> Generator[None, None, None]:
    """Adds a probe for the length of the block, and removes it however the block ends. Parameters as `add_probe`."""
    owner = os.getpid()
    add_probe(binary_path, symbol, delay_ns, pid)
    try:
        yield
    finally:
        # A child of fork() that leaves the block leaves its parent's probe alone.
        if os.getpid() == owner:
            remove_probe(binary_path, symbol)


def is_available() -> bool:
    """Whether probes can be added: a server can be reached, or the kernel module takes commands from this process."""
    session = _own_session()
    with session.lock:
        try:
            if session.open() is not None:
                return True
        except SbError:
            pass
    return _is_module_there()


def _is_module_there() -> bool:
    return os.path.exists(SYSFS_TARGETS) and os.access(SYSFS_TARGETS, os.W_OK)


def format_add_spec(binary_path: str, symbol: str, delay_ns: int = 0, pid: Optional[int] = None) -> str:
    """The kernel module's line that adds a probe; this process by default."""
    return f"+{binary_path}:{symbol} {delay_ns} pid={os.getpid() if pid is None else pid}"


def format_remove_spec(binary_path: str, symbol: str) -> str:
    """The kernel module's line that removes a probe."""
    return f"-{binary_path}:{symbol}"
