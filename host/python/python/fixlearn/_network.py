"""The low-bit network, whose last layer learns."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from . import _core
from ._base import ROUNDINGS, Learner, came, chosen, seed_of, small, told, whole

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._types import ArrayLike, Ints, Labels, Path, Progress, Seed


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

    def _model(self):
        """The run, or the network's file."""
        if hasattr(self, "run_"):
            return self.run_
        return _core.network_read(os.fspath(self.network))

    def _file(self):
        return json.loads(_core.network_file(self._model()))

    @property
    def classes_(self) -> Labels:
        """array of shape (n_classes,): Numbers if all names are, else texts."""
        names = self._file()["classes"]
        try:
            numbers = np.array([float(name) for name in names])
        except ValueError:
            return np.array(names, dtype=object)
        whole_ones = numbers.astype(np.int64)
        return whole_ones if np.array_equal(whole_ones, numbers) else numbers

    def _images(self, X, **checks):
        shape = self._file()["input"]
        self.n_features_in_ = shape["channels"] * shape["height"] * shape["width"]
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
        if hasattr(self, "run_"):
            del self.run_
        return self._fit(X, y, list(self.new_classes), self.epochs)

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
        new = [] if hasattr(self, "run_") else list(self.new_classes)
        return self._fit(X, y, new, 1)

    def _fit(self, X, y, new, epochs):
        X, y = self._images(X, y=y)
        bits = whole("last_bits", self.last_bits, none=True)
        if bits is not None and bits not in (2, 4, 8):
            raise ValueError("last_bits: 2, 4 or 8")
        request = {
            "learn": True,
            "new_classes": [str(name) for name in new],
            "last_bits": bits,
            "epochs": small("epochs", epochs),
            "seed": seed_of(self.random_state),
            "rate_shift": small("rate_shift", self.rate_shift),
            "rounding": chosen("rounding", self.rounding, ROUNDINGS),
            "margin": small("margin", self.margin, none=True),
        }
        resident = whole("resident", self.resident, none=True)
        asked = json.dumps({"request": request, "resident": resident})
        words = not np.issubdtype(y.dtype, np.number)
        y = [str(label) for label in y] if words else y.astype(np.float64)

        def keep(run):
            self.run_ = run

        with told(self.progress, self._unit) as progress:
            done = _core.network_fit(
                X, y, self._names(), None, self._model(), asked, self._line(), progress
            )
        came(done, keep)
        return self

    def _answers(self, X):
        X = self._images(X)
        return came(_core.network_answers(X, self._names(), self._model(), self._line()))

    def predict(self, X: ArrayLike) -> Labels:
        """The class of each image, as the device answers.

        Parameters
        ----------
        X : array of shape (n_samples, n_pixels)

        Returns
        -------
        y : array of shape (n_samples,)
        """
        return self.classes_[self._answers(X)[0]]

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
        _core.run_write(self._model(), os.fspath(path))

    @classmethod
    def load(cls, path: Path, **line: Any) -> Self:
        """Reads a network's file, or a run's; it predicts, and learns on from what is there.

        Parameters
        ----------
        path : str or path-like
        **line
            ``port`` and the other parameters of the line.

        Returns
        -------
        NetworkClassifier
        """
        _core.network_read(os.fspath(path))
        return cls(path, **line)
