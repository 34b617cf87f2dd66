"""The linear model of classes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from . import _core
from ._base import chosen, labels, pathname, text
from ._linear import Linear

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._types import ArrayLike, Floats, Labels, Mark, Path, Progress, Rounding, Rule, Seed

OBJECTIVES = {"logistic": "logistic", "perceptron": "perceptron"}
# What stands for a missing value in a table, in any case.
MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-", "."}
# A prediction is Q12.20; from the second number on it is the second class.
ONE = 1 << 20
THRESHOLDS = {"logistic": ONE // 2, "perceptron": 0}


class QuantizedSGDClassifier(ClassifierMixin, Linear):
    """Logistic regression, or a perceptron, by stochastic gradient descent with rounded gradients.

    The rule and the formats are those of `QuantizedSGDRegressor`. More than two classes are
    learned one against the rest, a run for each. At most 63 features that vary.

    Parameters
    ----------
    objective : {"logistic", "perceptron"}, default="logistic"
        The perceptron has `levels` output levels (Han et al., 1990).
    levels : int, default=2
        Of the perceptron's output, 2 to 16.
    passes, rule, rate_shift, rate_final, rate_period, gradient_bits, point_bits, weight_bits
        As of `QuantizedSGDRegressor`.
    patience, rounding, standardize, scale, grey_levels, hold_out, resident, random_state
        As of `QuantizedSGDRegressor`; of each class the same share is held out.
    port, baud, wait, frame, size, faults, progress
        As of `VectorQuantizer`; the callback's total is that of the class's run.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    coef_ : float64 array of shape (1, n_features) of two classes, else (n_classes, n_features)
        A unit of the link's input a unit of the feature, with `grey_levels` from the least
        value of all to the greatest; 0 of features that did not vary.
    intercept_ : float64 array of shape (1,) or (n_classes,)
    history_ : list of list of dict
        A learning curve for each run: ``pass``, ``training`` and ``held_out`` (shares of right
        answers, the latter None without rows held out) and ``rate``.
    runs_ : list of bytes
        The runs' files: one of two classes, else one for each class.
    n_features_in_ : int

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from fixlearn import QuantizedSGDClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> QuantizedSGDClassifier().fit(X, y).score(X, y) > 0.9
    True
    """

    _holds = "runs_"

    def __init__(
        self,
        objective: Literal["logistic", "perceptron"] = "logistic",
        *,
        levels: int = 2,
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
        self.objective = objective
        self.levels = levels
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

    def __sklearn_is_fitted__(self):
        return hasattr(self, "runs_")

    def _fit(self, X, y, classes, before=None, **changes):
        objective = chosen("objective", self.objective, OBJECTIVES)
        words = not np.issubdtype(classes.dtype, np.number) and classes.dtype != bool
        names = [named(label) if words else _core.number(float(label)) for label in classes]
        if len(set(names)) < len(names):
            raise ValueError("y: two classes have the same name, or number of 64 bits")
        y = [str(label) for label in y] if words else np.asarray(y, dtype=np.float64)
        # One run tells two classes apart; else there is one for each.
        against = [None] if len(classes) == 2 else names
        runs = list(before or [])
        for i, name in enumerate(against):

            def keep(run):
                runs[i : i + 1] = [run]
                if len(runs) == len(against):
                    self.runs_ = list(runs)
                    self.classes_ = classes

            asked = self._asks(objective, name, **changes)
            with self._with_progress() as progress:
                self._learn(X, y, asked, before[i] if before else None, keep, progress)
        return self

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learns weights from rows, from the beginning.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            At least 2 rows.
        y : array of shape (n_samples,)
            At least two classes: numbers or texts.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, nothing varies, there is one class only, or values do
            not fit the core's format.
        OSError
            If the port cannot be opened, or the device is lost.
        KeyboardInterrupt
            After Ctrl-C; what was learned so far is kept, if every class has a run.
        """
        with self._restored():
            X, y = self._checked(X, y, reset=True, numeric=False)
            check_classification_targets(y)
            return self._fit(X, y, self._classes(np.unique(y)))

    @staticmethod
    def _classes(classes):
        if len(classes) < 2:
            raise ValueError(f"y: it holds one class only, {classes[0]}; two or more are learned")
        return classes

    def partial_fit(self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None) -> Self:
        """Learns these rows once more, from the state that there is.

        The first call begins as `fit` does: its rows decide the scale, and the rate where it is
        not given, which then holds; they are of all classes.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
        classes : array of shape (n_classes,), optional
            All of them; those of the first call's `y` by default.

        Returns
        -------
        self
        """
        first = not hasattr(self, "runs_")
        with self._restored():
            X, y = self._checked(X, y, reset=first, numeric=False)
            check_classification_targets(y)
            return self._first(X, y, classes) if first else self._more(X, y)

    def _first(self, X, y, classes):
        known = np.unique(y) if classes is None else np.unique(classes)
        missing = np.setdiff1d(known, y)
        if len(missing):
            raise ValueError(
                f"y: the first rows lack the class {missing[0]}; they decide "
                "the scale, and are of all classes"
            )
        period = 0 if self.rate_period is None else self.rate_period
        return self._fit(X, y, self._classes(known), passes=1, rate_period=period)

    def _more(self, X, y):
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(f"y: the class {unknown[0]} is none of those that are learned")
        return self._fit(X, y, self.classes_, self.runs_)

    def _values(self, X):
        """The core's outputs, less their threshold: a column a run."""
        X = self._given(X)
        # What is learned decides, not a parameter that may have changed since.
        threshold = THRESHOLDS[objective_of(json.loads(self.runs_[0])["plan"])]
        columns = [self._outputs(X, run)[1] for run in self.runs_]
        return (np.stack(columns, axis=1).astype(np.float64) - threshold) / ONE

    def decision_function(self, X: ArrayLike) -> Floats:
        """How much the device says that a row is of a class: its output less the threshold.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        values : float64 array of shape (n_samples,) of two classes, else (n_samples, n_classes)
            Of "logistic" -0.5 to 0.5, a probability less a half. Of two classes it is the second
            from 0 on.
        """
        values = self._values(X)
        return values[:, 0] if len(self.classes_) == 2 else values

    def predict(self, X: ArrayLike) -> Labels:
        """The class of each row, by the device's answers.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        y : array of shape (n_samples,)
        """
        values = self._values(X)
        if len(self.classes_) == 2:
            return self.classes_[(values[:, 0] >= 0).astype(int)]
        return self.classes_[values.argmax(axis=1)]

    @property
    def history_(self) -> list[list[Mark]]:
        """list of list of dict: The learning curve of each run."""
        self._fitted("history_")
        return [json.loads(run)["curve"] for run in self.runs_]

    @property
    def n_steps_(self) -> list[int]:
        """list of int: Samples that each run learned."""
        self._fitted("n_steps_")
        return [json.loads(run)["done"] for run in self.runs_]

    def _fitted(self, name):
        if not hasattr(self, "runs_"):
            raise AttributeError(f"{type(self).__name__} has no {name} before fit")

    @property
    def coef_(self) -> Floats:
        """float64 array of shape (n_runs, n_features): The weights of each run."""
        self._fitted("coef_")
        return np.stack([self._weights(run)[0] for run in self.runs_])

    @property
    def intercept_(self) -> Floats:
        """float64 array of shape (n_runs,): The constant of each run."""
        self._fitted("intercept_")
        return np.array([self._weights(run)[1] for run in self.runs_])

    def save(self, path: Path) -> list[str]:
        """Writes the runs' files, which ``fixlearn`` reads.

        Parameters
        ----------
        path : str or path-like
            As ``"model.json"``. Of more than two classes there is a file for each:
            ``model-1.json`` and so on, in the order of `classes_`.

        Returns
        -------
        paths : list of str
            Those that were written, for `load`.

        Raises
        ------
        OSError
            If a file cannot be written; then there is none that was not there before.
        """
        check_is_fitted(self)
        path = pathname(path)
        if os.path.basename(path) in ("", ".", ".."):
            raise ValueError(f"path: name a file; {path!r} is a folder")
        stem, ending = os.path.splitext(path)
        paths = [path]
        if len(self.runs_) > 1:
            paths = [f"{stem}-{i + 1}{ending}" for i in range(len(self.runs_))]
        new = [path for path in paths if not os.path.lexists(path)]
        try:
            for path, run in zip(paths, self.runs_):
                _core.run_write(run, path)
        except BaseException:
            for path in filter(os.path.lexists, new):
                os.remove(path)
            raise
        return paths

    @classmethod
    def load(cls, path: Path, *paths: Path, **line: Any) -> Self:
        """Reads runs' files, of ``save`` or of the command line.

        Parameters
        ----------
        path, *paths : str or path-like
            One file of two classes; else one for each class, each of ``--class`` against the rest.
        **line
            ``port`` and the other parameters of the line; files hold none.

        Returns
        -------
        estimator : QuantizedSGDClassifier
            `classes_` are numbers if all of them are, else texts.

        Raises
        ------
        ValueError
            If a file is no such run, or damaged, or the files are not of one set. That a class
            lacks its file is told of two files only.
        OSError
            If a file cannot be read.
        """
        files = [pathname(path) for path in (path, *paths)]
        runs = [_core.run_read(file, cls._task) for file in files]
        infos = [json.loads(_core.run_info(run, cls._task)) for run in runs]
        asked = [cls._asked(info) for info in infos]
        preparations = [info["plan"]["preparation"] for info in infos]
        if len(runs) == 1:
            words, numbers = preparations[0].get("words"), preparations[0]["classes"]
            classes = words or [_core.number(x) for x in numbers]
        else:
            classes = classes_of_set(files, preparations)
            alike(files, [cls()._features(run) for run in runs])
        # What was chosen for each class is chosen again.
        same = {
            name: value if all(other[name] == value for other in asked) else None
            for name, value in asked[0].items()
        }
        estimator = cls(**same, **line)
        estimator._know(runs[0])
        classes = labels(classes)
        order = np.argsort(classes, kind="stable") if len(runs) > 1 else [0]
        estimator.runs_ = [runs[i] for i in order]
        estimator.classes_ = classes[order] if len(runs) > 1 else classes
        return estimator

    @classmethod
    def _asked(cls, info):
        objective = objective_of(info["plan"])
        if objective not in OBJECTIVES:
            raise ValueError(
                f"the model is of objective {objective}; load it by QuantizedSGDRegressor"
            )
        asked = cls._asked_of(info, objective)
        return {
            **asked,
            "objective": objective,
            "levels": info["plan"]["start"]["config"]["levels"],
        }


def objective_of(plan):
    return plan["preparation"]["options"]["objective"]


def named(label):
    """A class that is a text, by which a table has it."""
    name = text("y", str(label))
    if name.lower() in MISSING:
        raise ValueError(
            f"y: the class {name!r} cannot be told from a missing value; give it another name"
        )
    return name


def classes_of_set(files, preparations):
    """The class that each run learned against the rest."""
    seen = {}
    for file, preparation in zip(files, preparations):
        name = preparation["options"].get("class")
        if name is None:
            raise ValueError(f"path: {file!r} is a model of two classes; load it alone")
        if name in seen:
            raise ValueError(
                f"path: {seen[name]!r} and {file!r} are both of the class {name!r}; give one"
            )
        seen[name] = file
    if len(files) == 2:
        raise ValueError(
            f"path: {files[0]!r} and {files[1]!r} lack the other classes; give a file for each "
            "class, of two classes the one file"
        )
    alike(files, [f"objective {one['options']['objective']}" for one in preparations])
    return list(seen)


def alike(files, whats):
    """Refuses files that are not of one set."""
    for file, what in zip(files, whats):
        if what != whats[0]:
            raise ValueError(
                f"path: {files[0]!r} has {whats[0]}, and {file!r} {what}; give files of one set"
            )
