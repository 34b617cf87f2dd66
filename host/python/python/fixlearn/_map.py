"""The self-organizing map."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ._base import seed_of, shown, small
from ._codebook import Codebook

if TYPE_CHECKING:
    from ._types import ArrayLike, Floats, Place, Progress, Rounding, Seed


def grid(plan):
    """Rows and columns of a run's map."""
    columns = min(1 << plan["columns_log2"], plan["codewords"])
    if plan["codewords"] % columns:
        raise ValueError(
            f"the model's last row has fewer than {columns} codewords; a map is a whole grid"
        )
    return plan["codewords"] // columns, columns


def one_a_row(labels, rows):
    """Labels as a list: a sequence's elements, or an array's."""
    nested = isinstance(labels, (list, tuple)) and any(isinstance(of, list) for of in labels)
    if nested or not isinstance(labels, (list, tuple)):
        found = np.asarray(labels)
        if found.ndim not in (1, 2) or found.shape[1:] not in ((), (1,)):
            what = f"an array of shape {found.shape}" if found.ndim else shown(labels)
            raise ValueError(f"labels: give one a row; it is {what}")
        labels = list(found.ravel())
    if len(labels) != rows:
        raise ValueError(f"labels: {len(labels)} of them, and X has {rows} rows")
    return labels


class SelfOrganizingMap(Codebook):
    """A map (Kohonen, 1982) that a vector quantizer with a neighbourhood learns.

    Each vector moves its winner and those around it, up to `radius` rings, towards itself. A ring
    is a square around the winner. The rate is ``2**-rate_shift``, less by ring, and halves on the
    way; the radius falls to 0 over three quarters of the run.

    Parameters
    ----------
    rows, columns : int, default=8
        Of the grid, at most 256 places. `columns` is a power of two, unless there is one row.
    passes : int, default=50
        Times that every vector is learned, 0 to 1048576.
    radius : int, optional
        Rings of the neighbourhood at first, 0 to 255; by default half of the longer side.
    radius_period : int, optional
        Vectors until the radius falls by one, 0 to 16777215, 0 holds it; by default by the run.
    falloff : {0, 1, 2, 3}, default=1
        0: all rings alike; 1, 2, 3: each a half, a quarter, a 16th of the one inside.
    rate_shift : int, default=2
        The rate is ``2**-rate_shift`` at first, 0 to 15.
    rate_final : int, default=6
        Its exponent at the end, 0 to 15.
    rate_period : int, optional
        Vectors for each halving, 0 to 16777215, 0 holds it; by default by the run.
    bits, init, metric, rounding, common_scale, window, resident, compute_labels
        As of `VectorQuantizer`.
    random_state, port, baud, wait, frame, size, faults, progress
        As of `VectorQuantizer`.
    count_cap : int, default=65535
        Win count at which all are halved; a map counts wins and does not use them.

    Attributes
    ----------
    codewords_ : float64 array of shape (rows * columns, n_features)
        Row after row of the grid.
    labels_, history_, n_steps_, run_, n_features_in_
        As of `VectorQuantizer`.

    Notes
    -----
    Names and conventions of what is asked of a map are MiniSom's: a place is ``(row, column)``,
    weights have shape (rows, columns, n_features).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from fixlearn import SelfOrganizingMap
    >>> X = load_iris().data
    >>> som = SelfOrganizingMap(4, 4, passes=20).fit(X)
    >>> int(som.activation_response(X).sum())
    150
    """

    def __init__(
        self,
        rows: int = 8,
        columns: int = 8,
        *,
        passes: int = 50,
        radius: int | None = None,
        radius_period: int | None = None,
        falloff: int = 1,
        rate_shift: int = 2,
        rate_final: int = 6,
        rate_period: int | None = None,
        bits: int | None = None,
        init: Literal["greedy", "plus-plus", "random", "plane"] = "greedy",
        metric: Literal["l2", "l1"] = "l2",
        rounding: Rounding = "nearest",
        count_cap: int = 65535,
        common_scale: bool = False,
        window: tuple[float, float] | None = None,
        resident: int | None = None,
        compute_labels: bool = True,
        random_state: Seed = 1,
        port: str = "golden",
        baud: int | None = None,
        wait: int | None = None,
        frame: int | None = None,
        size: str | None = None,
        faults: str | None = None,
        progress: Progress = None,
    ) -> None:
        self.rows = rows
        self.columns = columns
        self.passes = passes
        self.radius = radius
        self.radius_period = radius_period
        self.falloff = falloff
        self.rate_shift = rate_shift
        self.rate_final = rate_final
        self.rate_period = rate_period
        self.bits = bits
        self.init = init
        self.metric = metric
        self.rounding = rounding
        self.count_cap = count_cap
        self.common_scale = common_scale
        self.window = window
        self.resident = resident
        self.compute_labels = compute_labels
        self.random_state = random_state
        self.port = port
        self.baud = baud
        self.wait = wait
        self.frame = frame
        self.size = size
        self.faults = faults
        self.progress = progress

    def _request(self):
        rows, columns = small("rows", self.rows), small("columns", self.columns)
        if not (1 <= rows * columns <= 256):
            raise ValueError(f"rows, columns: 1 to 256 places in all; {rows} x {columns} are asked")
        if rows > 1 and columns & (columns - 1):
            raise ValueError(f"columns: a power of two, unless there is one row; it is {columns}")
        radius = small("radius", self.radius, none=True)
        return {
            "codewords": rows * columns,
            "frequency_passes": 0,
            "seed": seed_of(self.random_state),
            "fixed_rate": True,
            "keep_counts": False,
            "radius": max(rows, columns) // 2 if radius is None else radius,
            "radius_period": small("radius_period", self.radius_period, none=True),
            "columns": 256 if rows == 1 else columns,
            "falloff": small("falloff", self.falloff),
        }

    @classmethod
    def _asked(cls, info):
        plan = info["plan"]["plan"]
        rows, columns = grid(plan)
        names = ("radius", "radius_period", "falloff")
        return {
            **super()._asked(info),
            **{name: plan[name] for name in names},
            "rows": rows,
            "columns": columns,
        }

    def _has(self, run):
        super()._has(run)
        # What the run's places are, whatever parameters are set later.
        self._grid = grid(self._info()["plan"]["plan"])

    def get_weights(self) -> Floats:
        """The map's codewords by place.

        Returns
        -------
        weights : float64 array of shape (rows, columns, n_features)
            In the units of what was learned from.
        """
        check_is_fitted(self)
        codewords = self.codewords_
        return codewords.reshape(*self._grid, codewords.shape[1])

    def winner(self, x: ArrayLike) -> Place:
        """The place of one vector's winner.

        Parameters
        ----------
        x : array of shape (n_features,)

        Returns
        -------
        place : (int, int)
            Row and column.
        """
        return self._places(np.asarray(x)[np.newaxis])[0]

    def _places(self, X):
        """The place of each vector's winner."""
        return [divmod(i, self._grid[1]) for i in self.predict(X).tolist()]

    def quantization(self, X: ArrayLike) -> Floats:
        """Each vector's winning codeword.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        codewords : float64 array of shape (n_samples, n_features)
        """
        check_is_fitted(self)
        return self.codewords_[self.predict(X)]

    def quantization_error(self, X: ArrayLike) -> float:
        """The mean Euclidean distance of the vectors from their winners.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        error : float
            In the units of ``X``.
        """
        codewords = self.quantization(X)
        X = np.asarray(X, dtype=np.float64)
        return float(np.linalg.norm(X - codewords, axis=1).mean())

    def topographic_error(self, X: ArrayLike) -> float:
        """The share of vectors whose two nearest codewords are no neighbours on the grid.

        Each place has up to 8 neighbours. Distances are the core's, in sample steps.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        error : float
            0 to 1; NaN of a map of one place.
        """
        distances = self.transform(X)
        if distances.shape[1] == 1:
            return float("nan")
        nearest = np.argsort(distances, axis=1, kind="stable")[:, :2]
        row, column = np.divmod(nearest, self._grid[1])
        ring = np.maximum(abs(np.diff(row, axis=1)), abs(np.diff(column, axis=1)))
        return float((ring > 1).mean())

    def distance_map(self, scaling: Literal["sum", "mean"] = "sum") -> Floats:
        """The U-matrix (Ultsch and Siemon, 1990): how far each codeword is from its neighbours.

        Parameters
        ----------
        scaling : {"sum", "mean"}, default="sum"
            The sum of the distances, or their mean: places at the edge have fewer neighbours.

        Returns
        -------
        map : float64 array of shape (rows, columns)
            Scaled so that its greatest value is 1.
        """
        if scaling not in ("sum", "mean"):
            raise ValueError(f"scaling: give sum or mean; it is {scaling!r}")
        weights = self.get_weights()
        rows, columns = weights.shape[:2]
        sums, counts = np.zeros((rows, columns)), np.zeros((rows, columns))
        for down, right in ((0, 1), (1, -1), (1, 0), (1, 1)):
            a = (slice(0, rows - down), slice(max(0, -right), columns - max(0, right)))
            b = (slice(down, rows), slice(max(0, right), columns - max(0, -right)))
            between = np.linalg.norm(weights[a] - weights[b], axis=-1)
            for place in (a, b):
                sums[place] += between
                counts[place] += 1
        found = sums if scaling == "sum" else sums / np.maximum(counts, 1)
        return found / (found.max() or 1.0)

    def activation_response(self, X: ArrayLike) -> Floats:
        """How many vectors each place wins.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        wins : float64 array of shape (rows, columns)
        """
        won = self.predict(X)
        wins = np.bincount(won, minlength=math.prod(self._grid))
        return wins.reshape(self._grid).astype(np.float64)

    def win_map(self, X: ArrayLike, return_indices: bool = False) -> dict[Place, list[Any]]:
        """The vectors that each place wins.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        return_indices : bool, default=False
            Their numbers, in place of the vectors.

        Returns
        -------
        won : dict of (int, int) to list
            Without places that win none; asked for one, it has an empty list.
        """
        won = defaultdict(list)
        rows = np.asarray(X)
        for i, place in enumerate(self._places(X)):
            won[place].append(i if return_indices else rows[i])
        return won

    def labels_map(self, X: ArrayLike, labels: Sequence[Any]) -> dict[Place, Counter[Any]]:
        """How often each label is among the vectors that a place wins.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        labels : sequence of length n_samples, or array of shape (n_samples,) or (n_samples, 1)

        Returns
        -------
        found : dict of (int, int) to Counter
        """
        places = self._places(X)
        found = defaultdict(list)
        for place, label in zip(places, one_a_row(labels, len(places))):
            found[place].append(label)
        return {place: Counter(those) for place, those in found.items()}
