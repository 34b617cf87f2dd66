"""The low-bit network, whose last layer learns."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from . import _core
from ._base import (
    ROUNDINGS,
    Learner,
    came,
    chosen,
    labels,
    pathname,
    seed_of,
    shown,
    small,
    told,
    whole,
)
from ._codebook import reversed_

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._types import ArrayLike, Ints, Labels, Path, Progress, Seed


def new_ones(names):
    """The parameter `new_classes` as a list."""
    if isinstance(names, (str, bytes)) or not isinstance(names, Iterable):
        raise ValueError(f"new_classes: give a list of names; it is {shown(names)}")
    return [str(name) for name in names]


def words(y):
    """Whether labels are texts, or numbers that only their texts tell apart."""
    if not np.issubdtype(y.dtype, np.number):
        return True
    return y.dtype.kind in "iu" and any(n != float(n) for n in np.unique(y).tolist())


class NetworkClassifier(ClassifierMixin, Learner):
    """A network of few bits on the device; `fit` has its last layer learn.

    It is made from a file, of ``fixlearn quantize`` or of a run, and predicts at once. Its images
    are the network's, so that scikit-learn's checks, which bring their own rows, do not apply.

    Parameters
    ----------
    network : str or path-like
        The file, as ``"network.json"``.
    new_classes : sequence of str, default=()
        Classes that the network does not have, to be learned.
    last_bits : {2, 4, 8}, optional
        Bits of the last layer's weights; 8 by default.
    epochs : int, default=5
        Passes over the images, 1 to 1000000.
    rate_shift : int, default=2
        A weight moves by the activation times ``2**-rate_shift``.
    rounding : {"stochastic", "nearest", "truncate"}, default="stochastic"
        Of that (Gupta et al., 2015).
    margin : int, optional
        Weights move if the class's score is not above the others' by this; by the images by
        default.
    resident : int, optional
        Images that each pass learns first, for a board that cannot keep all.
    random_state : int, RandomState, Generator or None, default=1
        Decides the images' order and the noise; an int is ``--seed`` of the command line.
    port, baud, wait, frame, size, faults, progress
        As of `VectorQuantizer`.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
        Numbers if all names are, else texts.
    history_ : list of dict
        ``images`` learned, and ``wrong``, how many of them were, before they were learned.
    run_ : bytes
        The run's file, once it has learned.
    n_features_in_ : int
        Pixels of an image, channel by channel, row by row.
    """

    _task = "classify"
    _unit = "images"

    def __init__(
        self,
        network: Path,
        *,
        new_classes: Sequence[str] = (),
        last_bits: int | None = None,
        epochs: int = 5,
        rate_shift: int = 2,
        rounding: Literal["stochastic", "nearest", "truncate"] = "stochastic",
        margin: int | None = None,
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
        self.network = network
        self.new_classes = new_classes
        self.last_bits = last_bits
        self.epochs = epochs
        self.rate_shift = rate_shift
        self.rounding = rounding
        self.margin = margin
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
        # The file is the model until it has learned.
        return True

    def _read(self):
        """The file's bytes."""
        if not isinstance(self.network, (str, os.PathLike)):
            raise ValueError(
                f"network: give the path of a network or run; it is {shown(self.network)}"
            )
        return _core.network_read(pathname(self.network))

    def _model(self):
        """The run, or the network's file as it was when it was first asked for."""
        if hasattr(self, "run_"):
            return self.run_
        if not hasattr(self, "_held") or self._held[0] != self.network:
            self._held = self.network, self._read()
        return self._held[1]

    @property
    def classes_(self) -> Labels:
        """array of shape (n_classes,): Numbers if all names are, else texts."""
        try:
            return labels(json.loads(_core.network_file(self._model()))["classes"])
        except (OSError, ValueError) as error:
            raise AttributeError(f"there are no classes_: {error}") from error

    def _images(self, X, model, **checks):
        shape = json.loads(_core.network_file(model))["input"]
        self.n_features_in_ = shape["channels"] * shape["height"] * shape["width"]
        # Pixels are told by their place, whatever a table's columns are called.
        X = np.asarray(X) if hasattr(X, "columns") else X
        return self._rows(X, reset=False, **checks)

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Has the last layer learn these images, from the network in the file.

        Parameters
        ----------
        X : array of shape (n_samples, n_pixels)
            Numbers of at least 0.
        y : array of shape (n_samples,)
            Classes of the network, or new ones.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, or an image or a class is none of the network's.
        OSError
            If file or port cannot be opened, or the device is lost.
        KeyboardInterrupt
            After Ctrl-C; what was learned so far is kept.
        """
        with self._restored():
            return self._fit(X, y, self._read(), new_ones(self.new_classes), self.epochs)

    def partial_fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Has the last layer learn these images once more, from what it has learned.

        Parameters
        ----------
        X : array of shape (n_samples, n_pixels)
        y : array of shape (n_samples,)

        Returns
        -------
        self
        """
        new = [] if hasattr(self, "run_") else new_ones(self.new_classes)
        with self._restored():
            return self._fit(X, y, self._model(), new, 1)

    def _fit(self, X, y, model, new, epochs):
        X, y = self._images(X, model, y=y)
        bits = whole("last_bits", self.last_bits, none=True)
        if bits is not None and bits not in (2, 4, 8):
            raise ValueError("last_bits: 2, 4 or 8")
        request = {
            "learn": True,
            "new_classes": new,
            "last_bits": bits,
            "epochs": small("epochs", epochs),
            "seed": seed_of(self.random_state),
            "rate_shift": small("rate_shift", self.rate_shift),
            "rounding": chosen("rounding", self.rounding, ROUNDINGS),
            "margin": small("margin", self.margin, none=True),
        }
        resident = whole("resident", self.resident, none=True)
        asked = json.dumps({"request": request, "resident": resident})
        y = [str(label) for label in y] if words(y) else y.astype(np.float64)

        def keep(run):
            self.run_ = run

        with told(self.progress, self._unit) as progress:
            done = _core.network_fit(
                X, y, self._names(), None, model, asked, self._line(), progress
            )
        came(done, keep)
        return self

    def _answers(self, X):
        model = self._model()
        X = self._images(X, model)
        return came(_core.network_answers(X, self._names(), model, self._line()))

    def predict(self, X: ArrayLike) -> Labels:
        """The class of each image, as the device answers.

        Parameters
        ----------
        X : array of shape (n_samples, n_pixels)

        Returns
        -------
        y : array of shape (n_samples,)
        """
        numbers = self._answers(X)[0]
        return self.classes_[numbers]

    def decision_function(self, X: ArrayLike) -> Ints:
        """The score of each class, as the device answers.

        Parameters
        ----------
        X : array of shape (n_samples, n_pixels)

        Returns
        -------
        scores : int64 array of shape (n_samples, n_classes)
            Sums of the last layer.
        """
        return self._answers(X)[1]

    def save(self, path: Path) -> None:
        """Writes the run's file, or the network's if it has not learned."""
        check_is_fitted(self)
        _core.run_write(self._model(), pathname(path))

    @classmethod
    def load(cls, path: Path, **line: Any) -> Self:
        """Reads a network's file, or a run's; it predicts, and learns on from what is there.

        What it answers is of the file as it was then, though another takes its place.

        Parameters
        ----------
        path : str or path-like
        **line
            ``port`` and the other parameters of the line.

        Returns
        -------
        NetworkClassifier
            With the parameters that the run was asked for, if it is one.
        """
        model = _core.network_read(pathname(path))
        is_run = "task" in json.loads(model)
        asked = cls._asked(json.loads(_core.run_info(model, cls._task))) if is_run else {}
        estimator = cls(path, **{**asked, **line})
        if is_run:
            estimator.run_ = model
        else:
            estimator._held = path, model
        return estimator

    @classmethod
    def _asked(cls, info):
        learning = info["plan"]["learning"]
        if learning is None:
            return {}
        return {
            **{name: learning[name] for name in ("epochs", "rate_shift", "margin")},
            "rounding": reversed_(ROUNDINGS, learning["rounding"]),
            "random_state": learning["seed"],
            "resident": info.get("resident"),
        }
