"""What is asked of the server, as parameters of its methods. Nothing is judged here: the server does that."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Optional, Union, cast

from .errors import SbError
from .types import AddParams

#: The delay of a probe for which none is named, in nanoseconds.
DEFAULT_DELAY_NS = 1000


class Keep:
    """What an update does not name."""

    def __repr__(self) -> str:
        return "KEEP"


KEEP = Keep()


def absolute_target(target: str) -> str:
    """The target with a relative path made absolute: the server has another working folder. Bare names stay."""
    head = target.partition(":")[0]
    is_relative = "/" in head and not head.startswith("/")
    return os.path.join(os.getcwd(), target) if is_relative else target


def with_absolute_target(params: AddParams) -> Dict[str, Any]:
    """The parameters with their target made absolute."""
    return {**cast(Mapping[str, Any], params), "target": absolute_target(params["target"])}


def named(members: Mapping[str, Any]) -> Dict[str, Any]:
    """The members that are neither None nor KEEP."""
    return {name: value for name, value in members.items() if value is not None and value is not KEEP}


def add_params(
    path: Union[str, "os.PathLike[str]", None],
    symbol: Optional[str],
    delay_ns: Optional[int],
    pid: Optional[int],
    *,
    target: Optional[str],
    spec: Optional[str],
    scope: Optional[Mapping[str, Any]],
    others: Mapping[str, Any],
) -> Dict[str, Any]:
    """The parameters of probe.add. Raises SbError usage.* for what contradicts itself."""
    if (target is None) != (path is not None and symbol is not None) or (path is None) != (symbol is None):
        raise SbError("usage.target", "Cannot tell what to probe: give path and symbol, or target")
    if pid is not None and scope is not None:
        raise SbError("usage.option", "Cannot have both pid and scope: pid=N is short for scope={'tree': N}")
    if spec is None and delay_ns is None:
        delay_ns = DEFAULT_DELAY_NS
    whole = target if target is not None else f"{os.fspath(path or '')}:{symbol}"
    return named(
        {
            "target": absolute_target(whole),
            "spec": spec,
            "delay_ns": delay_ns,
            "scope": {"tree": pid} if pid is not None else scope,
            **others,
        }
    )


def changes(members: Mapping[str, Any]) -> Dict[str, Any]:
    """The parameters of probe.update: what is named, with None (no limit, no end) as null."""
    return {name: value for name, value in members.items() if value is not KEEP}
