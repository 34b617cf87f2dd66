"""The adaptive filter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from . import _core
from ._base import Learner, came, learned, small, told, whole

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._types import ArrayLike, Floats, Progress


class AdaptiveFilter(Learner):
    """Least mean squares (Widrow and Hoff, 1960): predicts a signal, or cancels a reference in it.

    Samples are Q1.15 of the least power of two that holds the signal, weights Q4.28. It learns in
    the order of time, so that it is no estimator of scikit-learn's, which learn rows in any order.

    Parameters
    ----------
    taps : int, default=32
        1 to 256.
    delay : int, default=1
        Predict the signal from so many samples ago, and those before; not with a reference.
    rate_shift : int, optional
        The rate is ``2**-rate_shift``, 0 to 31; by taps and power by default.
    passes : int, default=1
        Times that the signal is learned, 1 to 1048576.
    port, baud, wait, frame, size, faults, progress
        As of `VectorQuantizer`.

    Attributes
    ----------
    weights_ : float64 array of shape (taps,)
        That of the newest sample first.
    errors_ : float64 array of shape (n_samples,)
        What remains of the signal in the last pass, in its units.
    outputs_ : float64 array of shape (n_samples,)
        What was predicted, or cancelled.
    history_ : list of dict
        ``samples``, ``energy`` and ``gain_db``.
    n_steps_ : int
        Samples that were learned.
    run_ : bytes
        The run's file.

    Examples
    --------
    >>> import numpy as np
    >>> from fixlearn import AdaptiveFilter
    >>> hum = np.sin(np.arange(4000) / 5)
    >>> AdaptiveFilter(8).fit(hum).gain_db() > 20
    True
    """

    _task = "filter"
    _unit = "samples"

    def __init__(
        self,
        taps: int = 32,
        *,
        delay: int = 1,
        rate_shift: int | None = None,
        passes: int = 1,
        port: str = "golden",
        baud: int | None = None,
        wait: int | None = None,
        frame: int | None = None,
        size: str | None = None,
        faults: str | None = None,
        progress: Progress = None,
    ) -> None:
        self.taps = taps
        self.delay = delay
        self.rate_shift = rate_shift
        self.passes = passes
        self.port = port
        self.baud = baud
        self.wait = wait
        self.frame = frame
        self.size = size
        self.faults = faults
        self.progress = progress

    def _fit(self, signal, reference, before=None, **changes):
        signal = wave("signal", signal)
        reference = None if reference is None else wave("reference", reference)
        if before is not None:
            self._same_goal(json.loads(before)["plan"]["source"]["goal"], reference)
        asked = {
            "taps": small("taps", self.taps),
            "rate_shift": small("rate_shift", self.rate_shift, none=True),
            "passes": whole("passes", self.passes),
            "delay": small("delay", self.delay),
            **changes,
        }

        def keep(value):
            self.run_, self.errors_, self.outputs_ = value

        with told(self.progress, self._unit) as progress:
            done = _core.filter_fit(
                signal, reference, json.dumps(asked), self._line(), before, progress
            )
        came(done, keep)
        return self

    def _same_goal(self, goal, reference):
        """Refuses to go on with weights of another goal."""
        predicts = "predict" in goal
        if predicts != (reference is None):
            begun, mend = ("without one", "leave it out") if predicts else ("with one", "give it")
            raise ValueError(f"reference: the filter was begun {begun}; {mend}, or fit it anew")
        if predicts and goal["predict"]["delay"] != self.delay:
            raise ValueError(
                f"delay: the filter was begun with {goal['predict']['delay']}; set that, or fit it "
                "anew"
            )

    def fit(self, signal: ArrayLike, reference: ArrayLike | None = None) -> Self:
        """Adapts the filter to a signal, from weights of 0.

        Parameters
        ----------
        signal : array of shape (n_samples,)
        reference : array of shape (n_samples,), optional
            Cancel what this explains, in place of predicting.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, or the signal is no sequence of finite numbers.
        OSError
            If the port cannot be opened, or the device is lost.
        KeyboardInterrupt
            After Ctrl-C; what was learned so far is kept.
        """
        return self._fit(signal, reference)

    def partial_fit(self, signal: ArrayLike, reference: ArrayLike | None = None) -> Self:
        """Adapts the filter to more, once, from the weights that there are.

        Samples before the first one count as 0. By default the rate is that of this signal.

        Parameters
        ----------
        signal : array of shape (n_samples,)
        reference : array of shape (n_samples,), optional
            Given if the first call's was; the weights are of another goal else.

        Returns
        -------
        self
        """
        return self._fit(signal, reference, getattr(self, "run_", None), passes=1)

    def gain_db(self) -> float:
        """The power of the last pass's signal over that of its errors.

        Returns
        -------
        gain : float
            In dB; infinite if no error is left.

        Raises
        ------
        AttributeError
            Before fit, and of a filter from a file, which holds no errors.
        """
        self._fitted("gain_db")
        if not hasattr(self, "errors_"):
            raise AttributeError("gain_db needs the signal, which no file holds: call fit first")
        signal, error = ((x**2).mean() for x in (self.errors_ + self.outputs_, self.errors_))
        return float("inf") if error == 0 else float(10 * np.log10(signal / error))

    @property
    def weights_(self) -> Floats:
        """float64 array of shape (taps,): The weights, as ``fixlearn export`` writes them."""
        self._fitted("weights_")
        return learned(self.run_, self._task).ravel()

    @classmethod
    def _asked(cls, info):
        plan = info["plan"]
        goal = plan["source"]["goal"]
        delay = goal["predict"]["delay"] if "predict" in goal else 1
        return {
            "taps": plan["taps"],
            "delay": delay,
            "rate_shift": plan["rate"],
            "passes": plan["passes"],
        }

    def _hold(self, run):
        self.run_ = run


def wave(name, values):
    """A sequence of finite numbers."""
    values = np.asarray(values)
    if values.ndim != 1 or not values.size or values.dtype.kind not in "biuf":
        raise ValueError(
            f"{name}: give numbers of shape (n_samples,); it is {values.dtype} of shape "
            f"{values.shape}"
        )
    values = values.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError(f"{name}: sample {int(np.argmin(np.isfinite(values)))} is not finite")
    return values
