"""What a user of the package writes; `mypy --strict` finds nothing to say of it."""

from __future__ import annotations

import fixlearn
import numpy as np
from fixlearn import (
    AdaptiveFilter,
    BoltzmannClassifier,
    FusionRegressor,
    Minimum,
    NetworkClassifier,
    QuantizedSGDClassifier,
    QuantizedSGDRegressor,
    SelfOrganizingMap,
    VectorQuantizer,
    minimize,
)
from numpy.typing import NDArray


def said(done: int, total: int, mark: dict[str, object] | None) -> None:
    print(done, total, mark)


def codebook(X: NDArray[np.uint8], port: str) -> NDArray[np.int64]:
    model: VectorQuantizer = VectorQuantizer(16, metric="l1", port=port, progress=said).fit(X)
    som = SelfOrganizingMap(8, 8, rounding="stochastic").partial_fit(X)
    place: tuple[int, int] = som.winner(X[0])
    error: float = som.quantization_error(X) + som.topographic_error(X) + place[0]
    print(error, som.distance_map("mean").shape, som.history_[0]["vectors"])
    distances: NDArray[np.float64] = model.transform(X)
    print(distances, model.codewords_, VectorQuantizer.load("model.json", port="sim").n_steps_)
    return model.predict(X)


def linear(X: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    model = QuantizedSGDRegressor(rule="adaptive", progress=True).fit(X, y)
    classes = QuantizedSGDClassifier("perceptron").partial_fit(X, y > 0, [False, True])
    paths: list[str] = classes.save("classes.json")
    print(paths, BoltzmannClassifier().fit(X, y > 0).complete(X), fixlearn.__version__)
    return model.intercept_ + float(model.coef_.sum())


def others(x: NDArray[np.float64]) -> Minimum:
    print(AdaptiveFilter(8).fit(x, x).gain_db(), FusionRegressor(2).fit(x, x).predict(x))
    print(NetworkClassifier("network.json", new_classes=["ten"]).fit(x, x).decision_function(x))
    return minimize("quadratic", [1.0, 2.0], rises="point", resolution_period=10)
