"""What the estimators share: the line to a device, the run that they hold, its file."""

from __future__ import annotations

import io
import json
import math
import os
import secrets
import sys
import warnings
from contextlib import contextmanager, suppress
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from . import _core

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._types import Mark, Path

# What goes to a device as it is, and what is scaled; anything else becomes the first.
DTYPES = [np.float64, np.float32, np.uint8, np.int8]
LINE = ("port", "baud", "wait", "frame", "size", "faults")
ROUNDINGS = {
    "truncate": "Truncate",
    "nearest": "Nearest",
    "stochastic": "Stochastic",
    "feedback": "ErrorFeedback",
}


def shown(value):
    """A value as a message has it: on one line, and not without end."""
    line = " ".join(repr(value).split())
    return line if len(line) <= 80 else line[:77] + "..."


def chosen(name, value, choices):
    """The library's word for a parameter's value."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name}: give {', '.join(choices)}; it is {shown(value)}")
    return choices[value]


def whole(name, value, *, none=False):
    """A parameter that is a whole number of at least 0, or perhaps None."""
    if none and value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Integral) or not 0 <= value < 2**64:
        raise ValueError(f"{name}: give a whole number of at least 0; it is {shown(value)}")
    return int(value)


def small(name, value, *, none=False):
    """The same, of 32 bits."""
    value = whole(name, value, none=none)
    if value is not None and value >= 2**32:
        raise ValueError(f"{name}: the number is too large; it is {value}")
    return value


def finite(value):
    """A finite number as float; None of anything else."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        return None
    try:
        with np.errstate(over="ignore"):
            value = float(value)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def number(name, value):
    """A parameter that is a finite number."""
    found = finite(value)
    if found is None:
        is_one = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
        what = "a finite number" if is_one else "a number"
        raise ValueError(f"{name}: give {what}; it is {shown(value)}")
    return found


def flag(name, value):
    """A parameter that is a truth."""
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name}: give True or False; it is {shown(value)}")
    return bool(value)


def text(name, value):
    """A text that can be written as UTF-8, which no half of a character can."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name}: the text is not valid") from None
    return value


def labels(names):
    """Classes of these names: numbers if each is written as a number is, else texts."""
    names, texts = list(names), np.array(names, dtype=object)
    with suppress(ValueError, OverflowError):
        numbers = [int(name) for name in names]
        if list(map(str, numbers)) == names:
            return np.array(numbers, dtype=np.int64)
    try:
        numbers = [float(name) for name in names]
    except ValueError:
        return texts
    if not all(map(math.isfinite, numbers)) or list(map(_core.number, numbers)) != names:
        return texts
    if not all(map(float.is_integer, numbers)):
        return np.array(numbers)
    whole_ones = all(-(2.0**63) <= x < 2.0**63 for x in numbers)
    return np.array(numbers, dtype=np.int64) if whole_ones else texts


def pathname(path):
    """A file's path as a text; bytes that are no UTF-8 stay what they are."""
    path = os.fsdecode(os.fspath(path))
    try:
        valid = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        valid = False
    if not valid:
        raise ValueError("path: the text is not valid")
    if path in ("", "-"):
        # The command line's "-" is its standard output.
        raise ValueError("path: name a file")
    return path


def seed_of(random_state):
    """The command line's --seed."""
    if random_state is None:
        return secrets.randbits(63)
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**63))
    # scikit-learn takes the module for its hidden RandomState.
    if isinstance(random_state, np.random.RandomState) or random_state is np.random:
        return int(random_state.randint(2**31 - 1))
    if isinstance(random_state, bool) or not isinstance(random_state, Integral):
        raise ValueError(
            "random_state: give a whole number, a RandomState, a Generator or None; it is "
            + shown(random_state)
        )
    return whole("random_state", random_state)


def warn(line):
    """Warns of it where the package was called."""
    level, frame = 1, sys._getframe()
    while frame and frame.f_globals.get("__name__", "").split(".")[0] in (
        __package__,
        "contextlib",
    ):
        level, frame = level + 1, frame.f_back
    warnings.warn(line, stacklevel=level)


@contextmanager
def told(progress, unit):
    """The callback of a parameter `progress`."""
    if progress is None or progress is False:
        yield None
        return
    if callable(progress):
        yield progress
        return
    if progress is not True:
        raise ValueError(f"progress: give True, None or a callable; it is {shown(progress)}")
    try:
        from tqdm.auto import tqdm
    except ImportError:
        warn("progress=True draws a bar with tqdm, which is not installed")
        yield None
        return
    with tqdm(unit=" " + unit) as bar:

        def draw(done, total, mark):
            bar.total = total
            if mark:
                shown = {k: v for k, v in mark.items() if isinstance(v, float)}
                bar.set_postfix(shown, refresh=False)
            bar.update(done - bar.n)

        yield draw


def came(done, keep=None):
    """The value of a call: its lines become warnings, its error is raised, and what was learned
    before the error is kept. A warning that is an error itself gives way to that error."""
    value, error, lines = done
    if value is not None and keep is not None:
        keep(value)
    for line in lines:
        with suppress(*[] if error is None else [Warning]):
            warn(line)
    if error is not None:
        raise error
    return value


class Line:
    """The line to a device."""

    def __init__(self, port, baud, wait, frame, size, faults):
        self.port, self.baud, self.wait = port, baud, wait
        self.frame, self.size, self.faults = frame, size, faults

    def said(self):
        """The same as JSON.

        Raises
        ------
        ValueError
            If a parameter is of another type.
        """
        said = {name: getattr(self, name) for name in LINE}
        for name in ("port", "size", "faults"):
            if said[name] is None:
                continue
            if not isinstance(said[name], str):
                raise ValueError(f"{name}: give a text; it is {shown(said[name])}")
            text(name, said[name])
        if said["port"] is None:
            raise ValueError("port: give golden, sim, core, auto, or a serial port's path")
        for name in ("baud", "wait", "frame"):
            said[name] = small(name, said[name], none=True)
        return json.dumps(said)


def learned(run, task):
    """What a run has learned, as ``fixlearn export`` writes it."""
    return np.load(io.BytesIO(_core.run_learned(run, task)))


class Learner(BaseEstimator):
    """An estimator that learns on a device, and holds its run."""

    _task = ""
    _unit = "vectors"
    # The attribute that is there once something is learned.
    _holds = "run_"

    def _line(self):
        """The line to the device, as JSON."""
        return Line(*(getattr(self, name) for name in LINE)).said()

    @contextmanager
    def _restored(self):
        """A call that fails before it learns leaves what is known of the input as it was."""
        names = (self._holds, "n_features_in_", "feature_names_in_")
        before = {name: vars(self)[name] for name in names if name in vars(self)}
        try:
            yield
        except BaseException:
            if vars(self).get(self._holds) is before.get(self._holds):
                for name in names:
                    vars(self).pop(name, None)
                vars(self).update(before)
            raise

    def _rows(self, X, *, reset, **checks):
        """An array of two axes, as validate_data has it."""
        return validate_data(self, X, dtype=DTYPES, reset=reset, **checks)

    def _names(self):
        """The columns' names, if they have some."""
        names = getattr(self, "feature_names_in_", None)
        return None if names is None else [text("X", str(name)) for name in names]

    def _info(self):
        """What the run says of itself: plan, steps, registers, size of the core."""
        check_is_fitted(self)
        return json.loads(_core.run_info(self.run_, self._task))

    @property
    def history_(self) -> list[Mark]:
        """list of dict: The learning curve, a mark an entry, as in the run's file."""
        self._fitted("history_")
        return json.loads(self.run_)["curve"]

    @property
    def n_steps_(self) -> int:
        """int: Steps that were learned: vectors, or samples."""
        self._fitted("n_steps_")
        return json.loads(self.run_)["done"]

    def _fitted(self, name):
        """A property that is there once something is learned."""
        if not hasattr(self, "run_"):
            raise AttributeError(f"{type(self).__name__} has no {name} before fit")

    def __sklearn_is_fitted__(self):
        return hasattr(self, "run_")

    def save(self, path: Path) -> None:
        """Writes the run's file, which ``fixlearn`` reads: whole, or not at all.

        Parameters
        ----------
        path : str or path-like
            As ``"model.json"``. What is there is replaced.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        check_is_fitted(self)
        _core.run_write(self.run_, pathname(path))

    @classmethod
    def load(cls, path: Path, **line: Any) -> Self:
        """Reads a run's file, of ``save`` or of the command line.

        Parameters
        ----------
        path : str or path-like
        **line
            ``port`` and the other parameters of the line; the file holds none.

        Returns
        -------
        estimator
            Fitted, with the parameters that the run was asked for.

        Raises
        ------
        ValueError
            If the file is no such run, or damaged.
        OSError
            If it cannot be read.
        """
        run, estimator = cls._of_file(path, line)
        estimator._hold(run)
        return estimator

    @classmethod
    def _of_file(cls, path, line):
        """A file's run, and an estimator with its parameters, which does not hold it yet."""
        run = _core.run_read(pathname(path), cls._task)
        return run, cls(**cls._asked(json.loads(_core.run_info(run, cls._task))), **line)

    @classmethod
    def _asked(cls, info):
        """The parameters that a run was asked for."""
        raise NotImplementedError

    def _hold(self, run):
        """Has the run, and what scikit-learn knows of its input."""
        raise NotImplementedError
