"""The fusion node."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from . import _core
from ._base import Learner, came, chosen, small, told, whole

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._types import ArrayLike, Labels, Progress

MERGES = {"closest": "closest", "confusable": "confusable", "fold": "fold", "none": "none"}


class FusionRegressor(RegressorMixin, Learner):
    """Learns where a source is from what quantizing nodes send (Kim and Ortega, 2010).

    Each node sends a codeword of `bits` bits for its reading, which may stand for several disjoint
    intervals; the core counts where sources were for each combination. It has two outputs, x and
    y, which scikit-learn's checks do not know, and so is an estimator by its methods only.

    Parameters
    ----------
    bits : int, default=3
        Of a codeword, 1 to 4.
    intervals : int, optional
        Equally probable intervals that are merged, 2 to 64; twice the codewords by default.
    merge : {"closest", "confusable", "fold", "none"}, default="closest"
        Which intervals share a codeword.
    weight : int, default=2
        The hits' logarithm counts ``2**weight`` times in a score, 0 to 3.
    places : {16384, 4096, 1024}, default=16384
        For combinations, as the device has them.
    passes : int, default=1
        Times that the samples are learned, 1 to 1048576.
    port, baud, wait, frame, size, faults, progress
        As of `VectorQuantizer`.

    Attributes
    ----------
    history_ : list of dict
        ``samples``, ``error`` and ``distance``, the mean along x plus along y.
    n_steps_ : int
        Samples that were learned.
    run_ : bytes
        The run's file.
    n_features_in_ : int
        Nodes.

    Examples
    --------
    >>> import numpy as np
    >>> from fixlearn import FusionRegressor
    >>> at = np.random.RandomState(0).rand(20000, 2)
    >>> nodes = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> readings = 1 / (0.1 + ((at[:, None] - nodes) ** 2).sum(axis=2))
    >>> FusionRegressor(places=4096).fit(readings, at).score(readings, at) > 0.9
    True
    """

    _task = "fuse"
    _unit = "samples"

    def __init__(
        self,
        bits: int = 3,
        *,
        intervals: int | None = None,
        merge: Literal["closest", "confusable", "fold", "none"] = "closest",
        weight: int = 2,
        places: int = 16384,
        passes: int = 1,
        port: str = "golden",
        baud: int | None = None,
        wait: int | None = None,
        frame: int | None = None,
        size: str | None = None,
        faults: str | None = None,
        progress: Progress = None,
    ) -> None:
        self.bits = bits
        self.intervals = intervals
        self.merge = merge
        self.weight = weight
        self.places = places
        self.passes = passes
        self.port = port
        self.baud = baud
        self.wait = wait
        self.frame = frame
        self.size = size
        self.faults = faults
        self.progress = progress

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learns from readings of sources at known places.

        Parameters
        ----------
        X : array of shape (n_samples, n_nodes)
            Readings of 1 to 8 nodes; at least 10 rows.
        y : array of shape (n_samples, 2)
            Where the sources were. Every tenth row is not learned, as ``fixlearn fuse`` has it.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, or there is nothing to learn.
        OSError
            If the port cannot be opened, or the device is lost.
        KeyboardInterrupt
            After Ctrl-C; what was learned so far is kept.
        """
        with self._restored():
            return self._fit(X, y, whole("passes", self.passes), part=False)

    def partial_fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learns these rows once, all of them, besides what is counted already.

        The first call decides the nodes' intervals and the square of the places; a place outside
        it counts as at its edge, with a warning.

        Parameters
        ----------
        X : array of shape (n_samples, n_nodes)
        y : array of shape (n_samples, 2)

        Returns
        -------
        self
        """
        with self._restored():
            return self._fit(X, y, 1, part=True)

    def _fit(self, X, y, passes, *, part):
        before = getattr(self, "run_", None) if part else None
        X, y = self._rows(X, reset=before is None, y=y, y_numeric=True, multi_output=True)
        y = np.ascontiguousarray(y, dtype=np.float64)
        if y.ndim != 2 or y.shape[1] != 2:
            raise ValueError(f"y: give places of shape (n_samples, 2); it is {y.shape}")
        intervals = small("intervals", self.intervals, none=True)
        if intervals is not None and intervals > 64:
            raise ValueError("intervals: 2 to 64")
        asked = {
            "bits": small("bits", self.bits),
            "intervals": intervals,
            "merging": chosen("merge", self.merge, MERGES),
            "weight": small("weight", self.weight),
            "places": small("places", self.places),
            "passes": passes,
        }

        def keep(run):
            self.run_ = run

        with told(self.progress, self._unit) as progress:
            done = _core.fuse_fit(X, y, json.dumps(asked), self._line(), part, before, progress)
        came(done, keep)
        return self

    def predict(self, X: ArrayLike) -> Labels:
        """Where the device says that the source of each row's readings is.

        Parameters
        ----------
        X : array of shape (n_samples, n_nodes)

        Returns
        -------
        places : float64 array of shape (n_samples, 2)
        """
        check_is_fitted(self)
        X = self._rows(X, reset=False)
        return came(_core.fuse_answers(X, self.run_, self._line()))

    @classmethod
    def _asked(cls, info):
        plan = info["plan"]
        if not isinstance(plan["merging"], str):
            raise ValueError("the model's intervals are merged as a table said; learn it again")
        return {
            "bits": plan["bits"],
            "merge": plan["merging"],
            "weight": plan["weight"],
            "passes": plan["passes"],
            "intervals": len(plan["quantizers"][0]["codewords"]),
            "places": int(info["size"].partition("+")[0]),
        }

    def _hold(self, run):
        self.n_features_in_ = len(json.loads(run)["plan"]["quantizers"])
        self.run_ = run
