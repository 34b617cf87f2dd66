"""The linear model of a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sklearn.base import RegressorMixin

from ._linear import Linear

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._types import ArrayLike, Floats, Labels, Progress, Rounding, Rule, Seed


class QuantizedSGDRegressor(RegressorMixin, Linear):
    """Least squares by stochastic gradient descent, with gradients that are rounded.

    A weight moves by ``x' = x - rate * Q(g)``, where Q rounds to `gradient_bits` fractional bits
    (Seok, 2020). Weights are Q4.28, features Q4.12. At most 63 features that vary.

    Parameters
    ----------
    passes : int, optional
        Over all rows, 0 to 1048576; by default until more gain little on the golden model.
    rule : {"plain", "compensated", "adaptive"}, default="plain"
        "compensated" also feeds back what Q dropped, orthogonally to the largest component; with
        "adaptive" the rate adapts, too (Seok and Kim, 2019, as we read them).
    rate_shift : int, optional
        The rate is ``2**-rate_shift`` at first, 0 to 31; by default the best of those tried.
    rate_final : int, optional
        Its exponent at the end, 0 to 31; by default 5 more.
    rate_period : int, optional
        Samples for each halving, 0 to 16777215, 0 holds it; by default by the run.
    gradient_bits : int, optional
        Fractional bits of the gradient, 0 to 20; 20 by default.
    point_bits : int, optional
        Fractional bits of a weight, 0 to 28; 28 by default.
    weight_bits : int, optional
        Bits of a weight with its sign, 1 to 32; what is beyond is cut off.
    patience : int, default=16
        With "adaptive": calm samples before the rate doubles.
    rounding : {"nearest", "truncate", "stochastic", "feedback"}, default="nearest"
    standardize : bool, default=True
        Features and target to mean 0 and variance 1; else they are to fit -8 to 7.9998.
    scale : float, default=1.0
        Features and target times this, 0.000001 to 1000000.
    grey_levels : int, optional
        Features in this many levels between the least and the greatest of all, 2 to 4096.
    hold_out : float, default=0.0
        Share of the rows that are held out, 0 to less than 1; `history_` has their error.
    resident : int, optional
        Rows that each pass learns first, for a board that cannot keep all.
    random_state : int, RandomState, Generator or None, default=1
        Decides the rows held out, and the order of the others; an int is ``--seed`` of the command
        line.
    port, baud, wait, frame, size, faults, progress
        As of `VectorQuantizer`; `size` is as ``"linear"``.

    Attributes
    ----------
    coef_ : float64 array of shape (n_features,)
        In the target's units a unit of the feature, with `grey_levels` from the least
        value of all to the greatest; 0 of features that did not vary.
    intercept_ : float
    history_ : list of dict
        ``pass``, ``training``, ``held_out`` (root mean square errors in the target's units, the
        latter None without rows held out) and ``rate``.
    n_steps_ : int
        Samples that were learned.
    run_ : bytes
        The run's file.
    n_features_in_ : int

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from fixlearn import QuantizedSGDRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> round(QuantizedSGDRegressor().fit(X, y).score(X, y), 1)
    0.5
    """

    def __init__(
        self,
        *,
        passes: int | None = None,
        rule: Rule = "plain",
        rate_shift: int | None = None,
        rate_final: int | None = None,
        rate_period: int | None = None,
        gradient_bits: int | None = None,
        point_bits: int | None = None,
        weight_bits: int | None = None,
        patience: int = 16,
        rounding: Rounding = "nearest",
        standardize: bool = True,
        scale: float = 1.0,
        grey_levels: int | None = None,
        hold_out: float = 0.0,
        resident: int | None = None,
        random_state: Seed = 1,
        port: str = "golden",
        baud: int | None = None,
        wait: int | None = None,
        frame: int | None = None,
        size: str | None = None,
        faults: str | None = None,
        progress: Progress = None,
    ) -> None:
        self.passes = passes
        self.rule = rule
        self.rate_shift = rate_shift
        self.rate_final = rate_final
        self.rate_period = rate_period
        self.gradient_bits = gradient_bits
        self.point_bits = point_bits
        self.weight_bits = weight_bits
        self.patience = patience
        self.rounding = rounding
        self.standardize = standardize
        self.scale = scale
        self.grey_levels = grey_levels
        self.hold_out = hold_out
        self.resident = resident
        self.random_state = random_state
        self.port = port
        self.baud = baud
        self.wait = wait
        self.frame = frame
        self.size = size
        self.faults = faults
        self.progress = progress

    def _fit(self, X, y, asked, before=None):
        def keep(run):
            self.run_ = run

        with self._with_progress() as progress:
            self._learn(X, y, asked, before, keep, progress)
        return self

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learns weights from rows, from the beginning.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            At least 2 rows.
        y : array of shape (n_samples,)

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, nothing varies, or values do not fit the core's format.
        OSError
            If the port cannot be opened, or the device is lost.
        KeyboardInterrupt
            After Ctrl-C; what was learned so far is kept.
        """
        with self._restored():
            X, y = self._checked(X, y, reset=True, numeric=True)
            return self._fit(X, y, self._asks("least-squares"))

    def partial_fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learns these rows once more, from the state that there is.

        The first call begins as `fit` does: its rows decide the scale, and the rate where it is
        not given, which then holds.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)

        Returns
        -------
        self
        """
        first = not hasattr(self, "run_")
        period = 0 if self.rate_period is None else self.rate_period
        changes = {"passes": 1, "rate_period": period} if first else {}
        with self._restored():
            X, y = self._checked(X, y, reset=first, numeric=True)
            asked = self._asks("least-squares", **changes)
            return self._fit(X, y, asked, None if first else self.run_)

    def predict(self, X: ArrayLike) -> Labels:
        """The target of each row, as the device answers.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        y : float64 array of shape (n_samples,)
            In the target's units.
        """
        return self._outputs(self._given(X), self.run_)[0]

    @property
    def coef_(self) -> Floats:
        """float64 array of shape (n_features,): The weights in the units of what was learned
        from, as ``fixlearn export`` writes them."""
        self._fitted("coef_")
        return self._weights(self.run_)[0]

    @property
    def intercept_(self) -> float:
        """float: The constant in the target's units."""
        self._fitted("intercept_")
        return self._weights(self.run_)[1]

    @classmethod
    def _asked(cls, info):
        objective = info["plan"]["preparation"]["options"]["objective"]
        if objective != "least-squares":
            raise ValueError(
                f"the model is of objective {objective}; load it by QuantizedSGDClassifier"
            )
        return cls._asked_of(info, objective)

    def _hold(self, run):
        self.run_ = run
        self._know(run)
