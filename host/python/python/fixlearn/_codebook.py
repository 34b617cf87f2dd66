"""What a codebook and a map share: the task `codebook`."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from . import _core
from ._base import (
    LINE,
    ROUNDINGS,
    Learner,
    came,
    chosen,
    finite,
    flag,
    learned,
    shown,
    small,
    told,
    whole,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from typing_extensions import Self

    from ._types import ArrayLike, Floats, Ints

INITS = {"greedy": "Greedy", "plus-plus": "PlusPlus", "random": "Random", "plane": "Plane"}
METRICS = {"l2": "SquaredL2", "l1": "L1"}


def reversed_(choices, word):
    """The parameter's value for the library's word."""
    return next(name for name, other in choices.items() if other == word)


def ends(window):
    """The parameter `window` as two numbers, or None."""
    if window is None:
        return None
    two = isinstance(window, (tuple, list)) or np.ndim(window) == 1
    found = [finite(end) for end in window] if two else []
    if len(found) == 2 and None not in found:
        low, high = found
        if low < high and math.isfinite(high - low):
            return low, high
    raise ValueError(
        f"window: give (low, high), two finite numbers, the less first; it is {shown(window)}"
    )


def window_of(scale):
    """The window that a run's scale is of; None of samples that are values, and of a scale by
    column."""
    low, step = scale["offset"], scale["scale"]
    if scale.get("columns") or (low, step) == (0, 1):
        return None
    # The end that gives the step to the bit, and of those the shortest.
    found = [low + 255 * step]
    for way in (-math.inf, math.inf):
        high = found[0]
        for _ in range(8):
            high = float(np.nextafter(high, way))
            found.append(high)
    exact = [high for high in found if (high - low) / 255 == step]
    return low, min(exact, key=lambda high: len(repr(high)), default=found[0])


class Codebook(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Learner):
    """Learns codewords. It is no clusterer of scikit-learn's: a codeword may win nothing."""

    _task = "codebook"

    def _request(self):
        """The parameters by the names that the library has for them."""
        raise NotImplementedError

    def _shared(self):
        """Those of every codebook."""
        return {
            "resident": whole("resident", self.resident, none=True),
            "window": ends(self.window),
            "common_scale": flag("common_scale", self.common_scale),
            "labels": flag("compute_labels", self.compute_labels),
        }

    def _asks(self, **changes):
        request = {
            "passes": whole("passes", self.passes),
            "bits": whole("bits", self.bits, none=True),
            "init": chosen("init", self.init, INITS),
            "metric": chosen("metric", self.metric, METRICS),
            "rounding": chosen("rounding", self.rounding, ROUNDINGS),
            "count_cap": small("count_cap", self.count_cap),
            **{
                name: small(name, getattr(self, name), none=True)
                for name in ("rate_shift", "rate_final", "rate_period")
            },
            **self._request(),
            **changes,
        }
        if request["bits"] is not None and request["bits"] > 8:
            raise ValueError("bits: 1, 2 or 4")
        return json.dumps({"request": request, **self._shared()})

    def _settled(self):
        """The parameters that a run is begun with and goes on with."""
        free = {*LINE, "progress", "passes", "compute_labels"}
        named = self.get_params(deep=False)
        settled = {name: value for name, value in named.items() if name not in free}
        return {**settled, "window": ends(self.window)}

    def _unchanged(self):
        """Refuses parameters that have changed since the run was begun: it would not heed them."""
        now = self._settled()
        for name, begun in getattr(self, "_begun", now).items():
            if now[name] is not begun and now[name] != begun:
                raise ValueError(
                    f"{name}: the codebook was begun with {begun!r}; set that, or fit it anew"
                )

    def _enough(self, X):
        """Refuses fewer passes than those that the run has learned."""
        run = json.loads(self.run_)
        done, passes = run["done"], run["plan"]["plan"]["passes"]
        if self.passes < passes and self.passes * len(X) < done:
            raise ValueError(
                f"passes: the run has done {-(-done // len(X))} passes already; give at least that "
                "many"
            )

    def _has(self, run):
        """Takes a run that was begun with the parameters that there are."""
        self.run_, self._begun = run, self._settled()

    def _fit(self, X, asked, before=None, resume=False):
        if before is not None:
            self._unchanged()

        def keep(value):
            run, labels = value
            self._has(run)
            self.n_features_in_ = X.shape[1]
            if labels is not None:
                self.labels_ = labels
            elif hasattr(self, "labels_"):
                del self.labels_

        with told(self.progress, self._unit) as progress:
            done = _core.codebook_fit(
                X, self._names(), asked, self._line(), before, resume, progress
            )
        came(done, keep)
        return self

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learns codewords from vectors, from the beginning.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            At most 256 features. uint8 and int8 are samples as they are; other numbers are scaled
            column by column, from the least to the greatest value in 255 steps.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, or ``X`` holds what no sample can stand for.
        OSError
            If the port cannot be opened, or the device is lost.
        KeyboardInterrupt
            After Ctrl-C; what was learned so far is kept, and `resume` goes on from it.
        """
        with self._restored():
            X = self._rows(X, reset=True)
            return self._fit(X, self._asks())

    def partial_fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learns these vectors once more, from the state that there is.

        The first call begins as `fit` does: its vectors decide the scale and the first codebook.
        Win counts go on from call to call, as with ``keep_counts``. All calls learn as the first
        was asked to: other parameters are refused.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        self
        """
        if hasattr(self, "run_"):
            return self._fit(self._rows(X, reset=False), self._asks(), self.run_)
        with self._restored():
            X = self._rows(X, reset=True)
            return self._fit(X, self._asks(passes=1, keep_counts=True))

    def resume(self, X: ArrayLike) -> Self:
        """Goes on with a run that was interrupted, to the bits of one that was not.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            The vectors that `fit` was given. ``passes`` may have grown since.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If another parameter of what is learned has changed since, or ``X`` has.
        """
        check_is_fitted(self)
        X = self._rows(X, reset=False)
        asked = self._asks()
        self._enough(X)
        return self._fit(X, asked, self.run_, True)

    def _answers(self, X):
        check_is_fitted(self)
        X = self._rows(X, reset=False)
        return came(_core.codebook_answers(X, self._names(), self.run_, self._line()))

    def predict(self, X: ArrayLike) -> Ints:
        """The index of each vector's winner, as the device answers.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Values beyond the range that was learned from count as its ends.

        Returns
        -------
        indices : int64 array of shape (n_samples,)
            0 to ``n_codewords - 1``; of equal distances the lowest index wins.
        """
        return self._answers(X)[0]

    def fit_predict(self, X: ArrayLike, y: object = None) -> Ints:
        """As `fit`, then `predict`.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        indices : int64 array of shape (n_samples,)
        """
        self.fit(X)
        return self.labels_ if self.compute_labels else self.predict(X)

    def transform(self, X: ArrayLike) -> Floats:
        """The distance of each vector from each codeword, in sample steps.

        A step is a 255th of a column's range, or 1 of bytes. With ``metric="l2"`` it is the
        Euclidean distance, the root of what the core compares; with ``"l1"`` the sum of absolute
        differences. So the least of a row is the winner's.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        distances : float64 array of shape (n_samples, n_codewords)
        """
        check_is_fitted(self)
        X = self._rows(X, reset=False)
        return came(_core.codebook_distances(X, self._names(), self.run_))

    def inverse_transform(self, X: ArrayLike) -> NDArray[Any]:
        """The codewords of indices, as ``fixlearn decode`` writes them: values of samples.

        Parameters
        ----------
        X : int array of shape (n_samples,), or array of shape (n_samples, n_codewords)
            Indices, as of `predict`; or distances, as of `transform`, of which the least counts.

        Returns
        -------
        vectors : array of shape (n_samples, n_features)
            float64 in the units of what was learned from; uint8 or int8 if that was.
        """
        check_is_fitted(self)
        codewords = self._decoded()
        X = np.asarray(X)
        if X.ndim == 2 and X.shape[1] == len(codewords) and X.dtype.kind in "iuf":
            X = X.argmin(axis=1)
        if X.ndim != 1 or X.dtype.kind not in "iu":
            raise ValueError(
                f"X: give whole numbers of shape (n_samples,) or distances of shape (n_samples, "
                f"{len(codewords)}); it is {X.dtype} of shape {X.shape}"
            )
        if X.size and not (0 <= X.min() and X.max() < len(codewords)):
            raise ValueError(f"X: indices are 0 to {len(codewords) - 1}")
        return codewords[X]

    def _decoded(self):
        codewords = _core.codebook_decoded(self.run_)
        quantization = json.loads(self.run_)["plan"]["quantization"]
        plain = not quantization.get("columns") and quantization["scale"] == 1
        if plain and quantization["offset"] == 0:
            return codewords.astype(np.int8 if quantization["signed"] else np.uint8)
        return codewords

    def score(self, X: ArrayLike, y: object = None) -> float:
        """Less the mean distance of the vectors from their codewords, as the device answers it.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        score : float
            At most 0, and more is better. Squared sample steps with ``metric="l2"``, sample steps
            with ``"l1"``.
        """
        return -float(self._answers(X)[1].mean())

    @property
    def codewords_(self) -> Floats:
        """float64 array of shape (n_codewords, n_features): The codebook in the units of what was
        learned from, with the 7 bits below a sample's step; as ``fixlearn export`` writes it."""
        self._fitted("codewords_")
        return learned(self.run_, self._task)

    @property
    def cluster_centers_(self) -> Floats:
        """The codebook, by the name that scikit-learn's `KMeans` has for it."""
        self._fitted("cluster_centers_")
        return learned(self.run_, self._task)

    @property
    def _n_features_out(self):
        return json.loads(self.run_)["state"]["config"]["codewords"]

    def learning_order(self, n_samples: int, learned_pass: int = 0) -> Ints:
        """The numbers of the rows, in the order in which a pass learns them.

        Parameters
        ----------
        n_samples : int
            Rows that are learned from.
        learned_pass : int
            Counted from 0.

        Returns
        -------
        numbers : int64 array of shape (n_samples,)
        """
        check_is_fitted(self)
        return _core.codebook_order(
            self.run_, small("n_samples", n_samples), small("learned_pass", learned_pass)
        )

    @classmethod
    def _asked(cls, info):
        plan, scale = info["plan"]["plan"], info["plan"]["quantization"]
        asked = {
            name: plan[name]
            for name in ("passes", "bits", "count_cap", "rate_shift", "rate_final", "rate_period")
        }
        return {
            **asked,
            # A common scale is not told from it: both are one scale of all columns.
            "window": window_of(scale),
            "init": reversed_(INITS, plan["init"]),
            "metric": reversed_(METRICS, plan["metric"]),
            "rounding": reversed_(ROUNDINGS, plan["rounding"]),
            "random_state": plan["seed"],
            "resident": info.get("resident"),
        }

    def _hold(self, run):
        whole = json.loads(run)
        plan = whole["plan"]
        names = plan.get("names", [])
        selection = plan.get("selection", {})
        taken = selection.get("features", [])
        if taken not in ([], names) or selection.get("drop") or selection.get("means"):
            raise ValueError(
                "the model takes some columns of a table only, or fills missing values; learn it "
                "from those columns, without features, drop and missing"
            )
        self._has(run)
        self.n_features_in_ = whole["state"]["config"]["dimension"]
        if names:
            self.feature_names_in_ = np.asarray(names, dtype=object)
