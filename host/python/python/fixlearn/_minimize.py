"""Minimizing a function on the gradient core."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from . import _core
from ._base import (
    ROUNDINGS,
    Line,
    came,
    chosen,
    flag,
    learned,
    number,
    pathname,
    seed_of,
    small,
    told,
    whole,
)
from ._linear import RULES

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._types import Floats, Path, Progress, Rounding, Rule, Seed


# Of a point, least and most, where the objective has bounds of its own.
MOST = 64
DIMENSIONS = {"rosenbrock": (2, MOST), "griewank": (2, 2)}


class Minimum:
    """Where a minimization came to.

    Attributes
    ----------
    x : float64 array of shape (n,)
        The point, of a search the best one that was kept.
    fun : float
        The function there, in float64.
    jac_max : float
        The largest component of the gradient there, in float64.
    nit : int
        Iterations that were done.
    success : bool
        No component of the gradient is above the tolerance, else ``2**-gradient_bits``.
    history : list of dict
        ``iteration``, ``value``, ``rate`` (an exponent), ``step``, ``gradient``, ``point``.
    run : bytes
        The run's file.
    """

    def __init__(self, run):
        whole = json.loads(run)
        self.run = run
        self.history = whole["curve"]
        self.nit = whole["done"]
        self.x = learned(run, "optimize").ravel()
        self.fun, self.jac_max = _core.optimize_value(run)
        least = whole["plan"].get("tolerance")
        if least is None:
            least = 2.0 ** -whole["state"]["config"]["gradient_bits"]
        self.success = self.jac_max <= least

    def __repr__(self):
        x = np.array2string(self.x, precision=6, separator=", ")
        return f"Minimum(fun={self.fun:.4g}, x={x}, nit={self.nit}, success={self.success})"

    def save(self, path: Path) -> None:
        """Writes the run's file, which ``fixlearn`` reads: whole, or not at all."""
        _core.run_write(self.run, pathname(path))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads a run's file, of `save` or of ``fixlearn optimize``."""
        return cls(_core.run_read(pathname(path), "optimize"))


def minimize(
    objective: Literal[
        "rosenbrock", "quadratic", "styblinski", "rastrigin", "griewank"
    ] = "rosenbrock",
    start: Sequence[float] | Floats = (-1.2, 1.0),
    *,
    iterations: int = 20_000,
    centre: Sequence[float] | Floats | None = None,
    condition: float = 100.0,
    tolerance: float | None = None,
    every: int | None = None,
    rule: Rule | None = None,
    rate_shift: int | None = None,
    rate_least: int | None = None,
    rate_most: int | None = None,
    gradient_bits: int | None = None,
    point_bits: int | None = None,
    patience: int = 16,
    rounding: Rounding = "nearest",
    keep: bool = False,
    noise_width: int | None = None,
    noise_period: int | None = None,
    rises: Literal["gradient", "point", "both"] | None = None,
    resolution_period: int | None = None,
    random_state: Seed = 1,
    port: str = "golden",
    baud: int | None = None,
    wait: int | None = None,
    frame: int | None = None,
    size: str | None = None,
    faults: str | None = None,
    progress: Progress = None,
) -> Minimum:
    """Minimizes a function that the gradient core has, by descent or by a search.

    The point is Q4.28, -8 to 8, gradients are Q12.20, rounded to `gradient_bits` fractional bits.

    Parameters
    ----------
    objective : {"rosenbrock", "quadratic", "styblinski", "rastrigin", "griewank"}
    start : sequence of 1 to 64 floats
        Where to start, from -8 to 8.
    iterations : int, default=20000
        At most, 0 to 4294967295.
    centre : sequence of float, optional
        Of quadratic, rastrigin and griewank: where the minimum is; the origin by default.
    condition : float, default=100
        Of quadratic: largest curvature, which is 1, over the smallest: 1 to 1000000.
    tolerance : float, optional
        End when no component of the gradient is above this, at an entry of the history.
    every : int, optional
        Iterations between two entries of the history.
    rule : {"plain", "compensated", "adaptive"}, optional
        "adaptive" (Seok and Kim, 2019, as we read them) by default, of a search "plain".
    rate_shift, rate_least, rate_most : int, optional
        The rate is ``2**-rate_shift`` at first, 0 to 31, by default by the curvature at the start;
        the adaptive rate's exponent stays within the other two.
    gradient_bits, point_bits : int, optional
        Fractional bits of the gradient, 0 to 20, by default 12; of the point, 0 to 28, by default
        28.
    patience : int, default=16
        With "adaptive": calm iterations before the rate doubles.
    rounding : {"nearest", "truncate", "stochastic", "feedback"}, default="nearest"
    keep : bool, default=False
        Search with noise: from a worse point, go back to the best one.
    noise_width, noise_period : int, optional
        Move each component by noise ``2**(4 - noise_width)`` wide, which halves every so many
        iterations.
    rises : {"gradient", "point", "both"}, optional
        Whose bits rise by one every `resolution_period` iterations (Seok and Kim, 2021).
    resolution_period : int, optional
        1 to 16777215.
    random_state : int, RandomState, Generator or None, default=1
        Decides the noise; an int is ``--seed`` of the command line.
    port, baud, wait, frame, size, faults, progress
        As of `VectorQuantizer`.

    Returns
    -------
    Minimum

    Raises
    ------
    ValueError
        If a parameter is out of range.
    OSError
        If the port cannot be opened, or the device is lost.
    KeyboardInterrupt
        After Ctrl-C.

    Examples
    --------
    >>> from fixlearn import minimize
    >>> minimize("quadratic", [1.0, -1.0]).fun < 1e-4
    True
    """
    if rises is not None:
        chosen("rises", rises, {"gradient": 0, "point": 0, "both": 0})
    asked = {
        "moves": {
            "rule": None if rule is None else chosen("rule", rule, RULES),
            "gradient_bits": small("gradient_bits", gradient_bits, none=True),
            "point_bits": small("point_bits", point_bits, none=True),
            "patience": small("patience", patience),
        },
        "objective": chosen("objective", objective, {name: name for name in _core.FUNCTIONS}),
        "start": started(objective, start),
        "centre": [] if centre is None else numbers("centre", centre),
        "condition": number("condition", condition),
        "iterations": small("iterations", iterations),
        "tolerance": None if tolerance is None else number("tolerance", tolerance),
        "every": whole("every", every, none=True),
        "rate_shift": small("rate_shift", rate_shift, none=True),
        "rate_least": small("rate_least", rate_least, none=True),
        "rate_most": small("rate_most", rate_most, none=True),
        "rounding": chosen("rounding", rounding, ROUNDINGS),
        "keep": flag("keep", keep),
        "noise_width": small("noise_width", noise_width, none=True),
        "noise_period": small("noise_period", noise_period, none=True),
        "gradient_rises": rises in ("gradient", "both"),
        "point_rises": rises in ("point", "both"),
        "resolution_period": small("resolution_period", resolution_period, none=True) or 0,
        "seed": seed_of(random_state),
    }
    line = Line(port, baud, wait, frame, size, faults)
    with told(progress, "iterations") as callback:
        done = _core.optimize_minimize(json.dumps(asked), line.said(), callback)
    return Minimum(came(done))


def started(objective, start):
    """Where to start; some objectives have only so many dimensions."""
    start = numbers("start", start)
    low, high = DIMENSIONS.get(objective, (1, MOST))
    if not low <= len(start) <= high and 1 <= len(start) <= MOST:
        many = low if low == high else f"{low} to {high}"
        raise ValueError(f"start: give {many} numbers for {objective}; it has {len(start)}")
    return start


def numbers(name, values):
    """A parameter that is finite numbers."""
    try:
        values = np.asarray(values)
        # What is longer may be finite there, and not here.
        with np.errstate(over="ignore"):
            floats = values.astype(np.float64) if values.dtype.kind in "iuf" else None
    except (TypeError, ValueError):
        floats = None
    if floats is None or floats.ndim != 1 or not np.isfinite(floats).all():
        raise ValueError(f"{name}: give finite numbers")
    return floats.tolist()
