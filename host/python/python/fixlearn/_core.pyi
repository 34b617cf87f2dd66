"""The host crate, as the package calls it: what works on a device gives a value, an error that
came after it, and lines for warnings."""

from collections.abc import Callable
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FUNCTIONS",
    "__version__",
    "associate_complete",
    "associate_fit",
    "codebook_answers",
    "codebook_decoded",
    "codebook_distances",
    "codebook_fit",
    "codebook_order",
    "filter_fit",
    "fuse_answers",
    "fuse_fit",
    "network_answers",
    "network_file",
    "network_fit",
    "network_read",
    "number",
    "optimize_minimize",
    "optimize_value",
    "regress_answers",
    "regress_fit",
    "run_info",
    "run_learned",
    "run_read",
    "run_write",
]

_Done = tuple[Any | None, BaseException | None, list[str]]
_Rows = NDArray[np.uint8] | NDArray[np.int8] | NDArray[np.float32] | NDArray[np.float64]
_Progress = Callable[[int, int, dict[str, Any] | None], object] | None
_Target = NDArray[np.float64] | list[str]
_Names = list[str] | None

__version__: str
FUNCTIONS: list[str]

def codebook_fit(
    x: _Rows,
    names: _Names,
    asked: str,
    on: str,
    before: bytes | None,
    resume: bool,
    progress: _Progress,
) -> _Done: ...
def codebook_answers(x: _Rows, names: _Names, run: bytes, on: str) -> _Done: ...
def codebook_distances(x: _Rows, names: _Names, run: bytes) -> _Done: ...
def codebook_decoded(run: bytes) -> NDArray[np.float64]: ...
def codebook_order(run: bytes, rows: int, learned_pass: int) -> NDArray[np.int64]: ...
def regress_fit(
    x: _Rows,
    y: _Target,
    names: _Names,
    target: str | None,
    asked: str,
    on: str,
    before: bytes | None,
    progress: _Progress,
) -> _Done: ...
def regress_answers(x: _Rows, names: _Names, run: bytes, on: str) -> _Done: ...
def optimize_minimize(asked: str, on: str, progress: _Progress) -> _Done: ...
def optimize_value(run: bytes) -> tuple[float, float]: ...
def associate_fit(
    x: _Rows,
    names: _Names,
    targets: list[str],
    asked: str,
    on: str,
    before: bytes | None,
    progress: _Progress,
) -> _Done: ...
def associate_complete(x: _Rows, names: _Names, run: bytes, on: str) -> _Done: ...
def filter_fit(
    signal: NDArray[np.float64],
    reference: NDArray[np.float64] | None,
    asked: str,
    on: str,
    before: bytes | None,
    progress: _Progress,
) -> _Done: ...
def fuse_fit(
    x: _Rows,
    y: NDArray[np.float64],
    asked: str,
    on: str,
    part: bool,
    before: bytes | None,
    progress: _Progress,
) -> _Done: ...
def fuse_answers(x: _Rows, run: bytes, on: str) -> _Done: ...
def network_read(path: str | PathLike[str]) -> bytes: ...
def network_file(model: bytes) -> str: ...
def network_fit(
    x: _Rows,
    y: _Target,
    names: _Names,
    target: str | None,
    model: bytes,
    asked: str,
    on: str,
    progress: _Progress,
) -> _Done: ...
def network_answers(x: _Rows, names: _Names, model: bytes, on: str) -> _Done: ...
def run_read(path: str | PathLike[str], task: str) -> bytes: ...
def run_write(run: bytes, path: str | PathLike[str]) -> None: ...
def run_learned(run: bytes, task: str) -> bytes: ...
def run_info(run: bytes, task: str) -> str: ...
def number(x: float) -> str: ...
