"""The Boltzmann machine as a classifier."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from . import _core
from ._base import Learner, came, chosen, learned, number, seed_of, small, told, whole

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._types import ArrayLike, Floats, Labels, Path, Progress, Seed

RULES = {"residues": True, "levels": False}
CLASS = "class "


def read(text):
    """The class that a text names: JSON's number, truth or text, else the text itself."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, (bool, int, float, str)) else text


def plain(label):
    """A class as JSON has it."""
    label = label.item() if isinstance(label, np.generic) else label
    if not isinstance(label, (bool, int, float, str)):
        raise ValueError(f"y: give classes that are numbers or texts; one is {label!r}")
    return label


def said(label):
    """The text that `read` makes this class of."""
    label = plain(label)
    if isinstance(label, str) and read(label) == label:
        return label
    return json.dumps(label, ensure_ascii=False)


def columns_of(classes):
    """What the columns of classes are called: by their class, and one of two by both."""
    if len(classes) == 2:
        return [CLASS + json.dumps([plain(label) for label in classes], ensure_ascii=False)]
    return [CLASS + said(label) for label in classes]


def are_named(columns):
    """Whether a run's columns have names, and not all of them numbers alone."""
    return {column["name"] for column in columns} != {str(n + 1) for n in range(len(columns))}


def classes_of(columns, named):
    """The classes that a run's columns of targets are of; None if they do not say."""
    names, words = [column["name"] for column in columns], columns[0].get("words")
    if len(columns) == 1 and words:
        return np.array(words, dtype=object)
    if not named:
        return np.arange(max(2, len(columns)))
    if not all(name.startswith(CLASS) for name in names):
        return np.array([0, 1]) if len(names) == 1 else np.array(names, dtype=object)
    texts = [name.removeprefix(CLASS) for name in names]
    labels = [read(text) for text in texts]
    if len(columns) == 1:
        try:
            labels = json.loads(texts[0])
        except ValueError:
            return None
        if not isinstance(labels, list) or len(labels) != 2:
            return None
    if any(isinstance(label, str) for label in labels):
        whole = all(isinstance(label, str) for label in labels)
        return np.array(labels if whole else texts, dtype=object)
    return np.array(labels)


def classes_given(classes, columns):
    """The classes that `load` is given for so many columns."""
    classes = np.asarray(classes)
    many = max(2, columns)
    if classes.shape != (many,) or len(np.unique(classes)) != many:
        raise ValueError(f"classes: give the {many} of them, in the order of the file's columns")
    return classes


class BoltzmannClassifier(ClassifierMixin, Learner):
    """A deterministic Boltzmann machine (Peterson and Anderson, 1987; Hinton, 1989) with weights of
    few levels (Park, 2000 and 2002).

    A unit for each feature, one that is always 1, hidden ones, and one for each class, or one of
    two classes: at most 32 in all. Any of them may be unknown: NaN in ``X`` is, and `complete`
    fills it in.

    Parameters
    ----------
    hidden : int, default=8
        Hidden units, 0 to 30.
    levels : int, default=15
        Of a weight, odd, 3 to 255.
    range : float, default=1.5
        Weights are between minus this and this, 0.001 to 1000.
    hot, cold : float, default=8.0, 0.5
        First and last temperature, 0.001 to 1000.
    temperatures, sweeps : int, default=12, 1
        Temperatures, and sweeps at each.
    rule : {"residues", "levels"}, default="residues"
        Every weight keeps a residue, or those of the largest differences move by a level.
    moves, chance : int, optional
        Of "levels": weights that move, 2 by default; chance adds ``2**-chance`` of a difference, 3
        by default.
    band : float, optional
        Of "levels": differences up to this move nothing, 0 to 65535.
    rate_shift : int, optional
        Of "residues": the rate is ``2**-rate_shift``; by the rows by default.
    patience : int, optional
        Epochs after which the weights are drawn anew; 0, the default, never.
    epochs : int, default=100
        At most, 1 to 65535; it ends when every target is reached.
    random_state : int, RandomState, Generator or None, default=1
        Decides the first weights, and chance; an int is ``--seed`` of the command line.
    port, baud, wait, frame, size, faults, progress
        As of `VectorQuantizer`.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
        The file has them in its columns' names; but of an array without names, classes that are
        0, 1, ... or truths have columns by number, as of the command line.
    weights_ : float64 array of shape (n_units, n_units)
        The unit that is always 1, features, classes, hidden ones.
    history_ : list of dict
        ``epochs`` and ``missed``, the patterns of the last one of which a target was missed.
    n_steps_ : int
        Patterns that were learned.
    run_ : bytes
        The run's file, of ``fixlearn associate``.
    n_features_in_ : int

    Examples
    --------
    >>> from fixlearn import BoltzmannClassifier
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> BoltzmannClassifier(patience=100, epochs=500).fit(X, y).predict(X).tolist()
    [0, 1, 1, 0]
    """

    _task = "associate"
    _unit = "patterns"

    def __init__(
        self,
        hidden: int = 8,
        *,
        levels: int = 15,
        range: float = 1.5,
        hot: float = 8.0,
        cold: float = 0.5,
        temperatures: int = 12,
        sweeps: int = 1,
        rule: Literal["residues", "levels"] = "residues",
        moves: int | None = None,
        chance: int | None = None,
        band: float | None = None,
        rate_shift: int | None = None,
        patience: int | None = None,
        epochs: int = 100,
        random_state: Seed = 1,
        port: str = "golden",
        baud: int | None = None,
        wait: int | None = None,
        frame: int | None = None,
        size: str | None = None,
        faults: str | None = None,
        progress: Progress = None,
    ) -> None:
        self.hidden = hidden
        self.levels = levels
        self.range = range
        self.hot = hot
        self.cold = cold
        self.temperatures = temperatures
        self.sweeps = sweeps
        self.rule = rule
        self.moves = moves
        self.chance = chance
        self.band = band
        self.rate_shift = rate_shift
        self.patience = patience
        self.epochs = epochs
        self.random_state = random_state
        self.port = port
        self.baud = baud
        self.wait = wait
        self.frame = frame
        self.size = size
        self.faults = faults
        self.progress = progress

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _asks(self, **changes):
        words = ("moves", "chance", "rate_shift", "patience")
        asked = {
            "hidden": small("hidden", self.hidden),
            "levels": small("levels", self.levels),
            **{name: number(name, getattr(self, name)) for name in ("range", "hot", "cold")},
            "temperatures": small("temperatures", self.temperatures),
            "sweeps": small("sweeps", self.sweeps),
            "residues": chosen("rule", self.rule, RULES),
            **{name: small(name, getattr(self, name), none=True) for name in words},
            "band": None if self.band is None else number("band", self.band),
            "epochs": whole("epochs", self.epochs),
            "seed": seed_of(self.random_state),
            **changes,
        }
        return json.dumps(asked)

    def _columns(self, classes, before):
        """What all columns are called, if they have names, and those of the targets."""
        if before is not None:
            columns = json.loads(before)["plan"]["columns"]
            names = [column["name"] for column in columns]
            return (names if are_named(columns) else None), names[self.n_features_in_ :]
        names, many = self._names(), self.n_features_in_
        counted = classes.dtype.kind in "biuf" and np.array_equal(classes, range(len(classes)))
        if names is None and counted:
            targets = 1 if len(classes) == 2 else len(classes)
            return None, [str(many + 1 + n) for n in range(targets)]
        targets = columns_of(classes)
        return (names or [str(n + 1) for n in range(many)]) + targets, targets

    def _fit(self, X, y, classes, before=None, **changes):
        named, targets = self._columns(classes, before)
        hot = (y[:, np.newaxis] == classes).astype(np.float64)
        table = np.column_stack([X, hot[:, 1:] if len(classes) == 2 else hot])

        def keep(run):
            self.run_, self.classes_ = run, classes

        with told(self.progress, self._unit) as progress:
            done = _core.associate_fit(
                table, named, targets, self._asks(**changes), self._line(), before, progress
            )
        came(done, keep)
        return self

    def _checked(self, X, y, reset):
        X, y = self._rows(X, reset=reset, y=y, ensure_all_finite="allow-nan")
        check_classification_targets(y)
        return X.astype(np.float64, copy=False), y

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learns which values of the features go with which class, from the beginning.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Each column is scaled by its least and greatest value, to 7 bits. NaN is unknown.
        y : array of shape (n_samples,)
            At least two classes.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, there is one class only, or units are more than 32.
        OSError
            If the port cannot be opened, or the device is lost.
        KeyboardInterrupt
            After Ctrl-C; what was learned so far is kept.
        """
        with self._restored():
            X, y = self._checked(X, y, True)
            classes = np.unique(y)
            if len(classes) < 2:
                raise ValueError(
                    f"y: it holds one class only, {classes[0]}; two or more are learned"
                )
            return self._fit(X, y, classes)

    def partial_fit(self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None) -> Self:
        """Learns these rows for one epoch, from the state that there is.

        The first call decides the scale of the columns; its rows are of all classes.

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
        before = getattr(self, "run_", None)
        with self._restored():
            X, y = self._checked(X, y, before is None)
            if before is not None:
                classes = self.classes_
            else:
                classes = np.unique(y if classes is None else classes)
            unknown = np.setdiff1d(y, classes)
            if len(unknown):
                raise ValueError(f"y: the class {unknown[0]} is none of those that are learned")
            return self._fit(X, y, classes, before, epochs=1)

    def complete(self, X: ArrayLike) -> Floats:
        """The features with what is NaN filled in, as the device answers.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        X : float64 array of shape (n_samples, n_features)
            What was given stays as it was given.
        """
        check_is_fitted(self)
        X = self._rows(X, reset=False, ensure_all_finite="allow-nan")
        answers = self._answers(X)[:, : self.n_features_in_]
        return np.where(np.isnan(X), answers, X)

    def _answers(self, X):
        return came(_core.associate_complete(X, self._names(), self.run_, self._line()))

    def decision_function(self, X: ArrayLike) -> Floats:
        """How much the device says that a row is of a class: the unit's value less a half.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        values : float64 array of shape (n_samples,) of two classes, else (n_samples, n_classes)
            -0.5 to 0.5.
        """
        check_is_fitted(self)
        X = self._rows(X, reset=False, ensure_all_finite="allow-nan")
        values = self._answers(X)[:, self.n_features_in_ :] - 0.5
        return values[:, 0] if len(self.classes_) == 2 else values

    def predict(self, X: ArrayLike) -> Labels:
        """The class of each row, by the device's answers.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            NaN is unknown.

        Returns
        -------
        y : array of shape (n_samples,)
        """
        values = self.decision_function(X)
        if values.ndim == 1:
            return self.classes_[(values > 0).astype(int)]
        return self.classes_[values.argmax(axis=1)]

    @property
    def weights_(self) -> Floats:
        """float64 array of shape (n_units, n_units): The weights, as ``fixlearn export`` writes
        them."""
        self._fitted("weights_")
        return learned(self.run_, self._task)

    @classmethod
    def load(cls, path: Path, classes: ArrayLike | None = None, **line: Any) -> Self:
        """Reads a run's file, of ``save`` or of the command line.

        Parameters
        ----------
        path : str or path-like
        classes : array of shape (n_classes,), optional
            In the order of the file's columns; by default what those are called says them. One
            column is of two classes, that of 0 first. Columns by number are of 0, 1, ...
        **line
            ``port`` and the other parameters of the line; the file holds none.

        Returns
        -------
        BoltzmannClassifier
            Fitted, with the parameters that the run was asked for.

        Raises
        ------
        ValueError
            If the file is no such run, or damaged, or does not say its classes.
        OSError
            If it cannot be read.
        """
        run, estimator = cls._of_file(path, line)
        estimator._hold(run, classes)
        return estimator

    @classmethod
    def _asked(cls, info):
        plan = info["plan"]
        same = (
            "hidden",
            "levels",
            "range",
            "hot",
            "cold",
            "temperatures",
            "sweeps",
            "moves",
            "chance",
            "band",
            "patience",
            "epochs",
        )
        return {
            **{name: plan[name] for name in same},
            "rate_shift": plan["rate"],
            "rule": "residues" if plan["residues"] else "levels",
            "random_state": plan["seed"],
        }

    def _hold(self, run, classes=None):
        plan = json.loads(run)["plan"]
        table = plan["source"].get("table") if isinstance(plan["source"], dict) else None
        targets = [column for column in plan["columns"] if column["target"]]
        others = [column for column in plan["columns"] if not column["target"]]
        features = [column["name"] for column in others]
        words = any(column.get("words") for column in others + targets[1:])
        usual = all(column["ends"] == [0, 1] for column in targets)
        if table is None or not usual or plan.get("drop") or words:
            raise ValueError(
                "the model is no classifier of rows: its targets are columns of 0 and 1, and no "
                "column of the table is left out or of words"
            )
        numbered = [str(n + 1) for n in range(len(features))]
        named = are_named(plan["columns"])
        if not named and features != numbered:
            raise ValueError("the model's targets are to be the last columns of its table")
        if classes is None:
            classes = classes_of(targets, named)
        else:
            classes = classes_given(classes, len(targets))
        if classes is None:
            raise ValueError(
                f"classes: the file has `{targets[0]['name']}` alone of two; give load both, as "
                "classes=[0, 1]"
            )
        if features != numbered:
            self.feature_names_in_ = np.asarray(features, dtype=object)
        self.n_features_in_ = len(features)
        self.run_, self.classes_ = run, classes
