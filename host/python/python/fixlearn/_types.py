"""Types that the signatures share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import os


Mark: TypeAlias = dict[str, Any]
Progress: TypeAlias = Union[bool, Callable[[int, int, Union[Mark, None]], object], None]
Seed: TypeAlias = Union[int, np.random.RandomState, np.random.Generator, None]
Rounding: TypeAlias = Literal["nearest", "truncate", "stochastic", "feedback"]
Rule: TypeAlias = Literal["plain", "compensated", "adaptive"]
Path: TypeAlias = Union[str, "os.PathLike[str]"]
Place: TypeAlias = tuple[int, int]
Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Labels: TypeAlias = NDArray[Any]

__all__ = [
    "ArrayLike",
    "Floats",
    "Ints",
    "Labels",
    "Mark",
    "Path",
    "Place",
    "Progress",
    "Rounding",
    "Rule",
    "Seed",
]
