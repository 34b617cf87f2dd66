"""What the linear models share: the task `regress`."""

from __future__ import annotations

import json
import re

import numpy as np
from sklearn.utils.validation import check_is_fitted

from . import _core
from ._base import (
    ROUNDINGS,
    Learner,
    came,
    chosen,
    flag,
    learned,
    number,
    seed_of,
    small,
    told,
    whole,
)

# Parameters that a run is begun with; None is any.
BEGUN = (
    *("objective", "levels", "rule", "patience", "rounding", "standardize", "scale"),
    *("grey_levels", "gradient_bits", "point_bits", "weight_bits"),
)
RULES = {"plain": "plain", "compensated": "compensated", "adaptive": "adaptive"}


def of_y(error, target):
    """The same error, of `y` where the library names the column that it became."""
    if type(error) is not ValueError:
        return error
    column = rf"column `?{re.escape(target)}`?"
    for found, said in (
        (rf"^X: (row \d+), {column}: ", r"y: \1: "),
        (rf"^X: {column}: ", "y: "),
        (rf"^X: {column} ", "y: it "),
    ):
        line, changed = re.subn(found, said, str(error))
        if changed:
            return ValueError(line)
    return error


class Linear(Learner):
    """Learns weights."""

    _task = "regress"
    _unit = "samples"

    def _asks(self, objective, cls=None, **changes):
        """The parameters by the names that the library has for them."""
        words = ("weight_bits", "rate_shift", "rate_final", "rate_period")
        request = {
            "moves": {
                "rule": chosen("rule", self.rule, RULES),
                "gradient_bits": small("gradient_bits", self.gradient_bits, none=True),
                "point_bits": small("point_bits", self.point_bits, none=True),
                "patience": small("patience", self.patience),
            },
            "passes": whole("passes", self.passes, none=True),
            "levels": small("levels", getattr(self, "levels", 2)),
            "rounding": chosen("rounding", self.rounding, ROUNDINGS),
            **{name: small(name, getattr(self, name), none=True) for name in words},
            **changes,
        }
        options = {
            "objective": objective,
            "hold_out": number("hold_out", self.hold_out),
            "seed": seed_of(self.random_state),
            "standardize": flag("standardize", self.standardize),
            "scale": number("scale", self.scale),
            "grey_levels": small("grey_levels", self.grey_levels, none=True),
            "header": self._names() is not None,
            "stratify": True,
            "class": cls,
        }
        resident = whole("resident", self.resident, none=True)
        return json.dumps({"request": request, "options": options, "resident": resident})

    def _learn(self, X, y, asked, before, keep, progress):
        """One run."""
        names = self._names()
        target = None
        if before is not None:
            self._goes_on(before)
            target = json.loads(before)["plan"]["preparation"]["target"]
        elif names is not None:
            target = "target"
            while target in names:
                target += "_"
        value, error, lines = _core.regress_fit(
            X, y, names, target, asked, self._line(), before, progress
        )
        came((value, of_y(error, target or str(X.shape[1] + 1)), lines), keep)

    def _goes_on(self, run):
        """Refuses parameters that the run was not begun with, and cannot take any more."""
        was = self._asked(json.loads(_core.run_info(run, self._task)))
        # All bits of a weight are no bound.
        was["weight_bits"] = was["weight_bits"] or 32
        for name in BEGUN:
            value = getattr(self, name, None)
            if name in was and value is not None and value != was[name]:
                raise ValueError(
                    f"{name}: the model was begun with {was[name]}, not {value}; fit begins anew"
                )

    def _outputs(self, X, run):
        """The device's answers, in the target's units and as words."""
        return came(_core.regress_answers(X, self._names(), run, self._line()))

    @classmethod
    def _asked_of(cls, info, objective):
        plan = info["plan"]
        options, config = plan["preparation"]["options"], plan["start"]["config"]
        rule = "plain"
        if config["compensation"]:
            rule = "adaptive" if config["adaptive"] else "compensated"
        rounding = next(name for name, word in ROUNDINGS.items() if word == config["rounding"])
        names = ("gradient_bits", "point_bits", "patience", "rate_period")
        # Bounds of 32 bits are those of none.
        step = 1 << (28 - config["point_bits"])
        bounded = config["high"] < (1 << 31) - 1
        return {
            "weight_bits": (-config["low"] // step).bit_length() if bounded else None,
            **{name: config[name] for name in names},
            "rate_shift": config["rate"],
            "rate_final": config["rate_most"],
            "rounding": rounding,
            "rule": rule,
            "passes": plan["passes"],
            "hold_out": options["hold_out"],
            "standardize": options["standardize"],
            "scale": options["scale"],
            "grey_levels": options["grey_levels"],
            "random_state": options["seed"],
            "resident": info.get("resident"),
        }

    def _know(self, run):
        """What scikit-learn knows of a run's input: its features are the table's first columns."""
        preparation = json.loads(run)["plan"]["preparation"]
        options = preparation["options"]
        used, dropped = preparation["features"], preparation["dropped"]
        if options.get("drop") or options.get("features"):
            raise ValueError(
                "the model takes some columns of a table only; learn it from those columns, "
                "without features and drop"
            )
        if options["header"]:
            # Columns with names stand in an order that a run keeps only if all of them vary.
            if dropped:
                raise ValueError(
                    "the model dropped columns that did not vary, and does not say where they "
                    "were; learn it from the others"
                )
            self.n_features_in_ = len(used)
            self.feature_names_in_ = np.asarray(used, dtype=object)
            return
        numbers = sorted(int(name) for name in used + dropped)
        target = int(preparation["target"])
        if numbers != [n for n in range(1, len(numbers) + 2) if n != target]:
            raise ValueError("the model's columns are not those of an array")
        if target != len(numbers) + 1:
            raise ValueError(
                f"the model's target is column {target}; a model that is loaded here has it as "
                f"the last column, {len(numbers) + 1}"
            )
        self.n_features_in_ = len(numbers)

    def _features(self, run):
        """The same in words, of a run that is not held."""
        self._know(run)
        names = self._names()
        return f"{self.n_features_in_} features" + (f" {names}" if names else "")

    def _weights(self, run):
        """A weight for each feature, and the constant, in the units of what was learned from."""
        all_weights = learned(run, self._task).ravel()
        preparation = json.loads(run)["plan"]["preparation"]
        names = self._names() or [str(n) for n in range(1, self.n_features_in_ + 1)]
        weights = dict(zip(preparation["features"], all_weights))
        return np.array([weights.get(name, 0.0) for name in names]), float(all_weights[-1])

    def _checked(self, X, y, *, reset, numeric):
        check = {"ensure_min_samples": 2} if reset else {}
        if numeric:
            X, y = self._rows(X, reset=reset, y=y, y_numeric=True, **check)
            return X, np.ascontiguousarray(y, dtype=np.float64)
        return self._rows(X, reset=reset, y=y, **check)

    def _given(self, X):
        check_is_fitted(self)
        return self._rows(X, reset=False)

    def _with_progress(self):
        return told(self.progress, self._unit)
