"""How compiled functions are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# no divisor may be nought, and multiply-adds may be fused; infinite and missing values keep their meaning
compiled = cast(
    "Callable[[Function], Function]",
    numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "arcp", "nsz"}),
)
"""Decorator: compile a function on its first call and store it beside its file."""
