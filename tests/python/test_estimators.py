"""The estimators are scikit-learn's: its own checks, and what is made of estimators."""

import pickle

import fixlearn
import numpy as np
import pandas as pd
import pytest
from fixlearn import (
    BoltzmannClassifier,
    QuantizedSGDClassifier,
    QuantizedSGDRegressor,
    SelfOrganizingMap,
    VectorQuantizer,
)
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

ESTIMATORS = [
    VectorQuantizer(),
    VectorQuantizer(8, metric="l1", bits=4, rounding="stochastic", fixed_rate=True),
    SelfOrganizingMap(),
    QuantizedSGDRegressor(),
    QuantizedSGDClassifier(),
    QuantizedSGDClassifier("perceptron"),
    BoltzmannClassifier(),
]
# A filter learns in the order of time, a fusion node has two outputs, a network its own images.
BY_METHODS = {"AdaptiveFilter", "FusionRegressor", "NetworkClassifier"}


@parametrize_with_checks(ESTIMATORS)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_every_estimator_is_checked():
    checked = {type(estimator).__name__ for estimator in ESTIMATORS}
    all_of_them = {name for name in fixlearn.__all__ if hasattr(getattr(fixlearn, name), "fit")}
    assert checked | BY_METHODS == all_of_them and not checked & BY_METHODS


def test_a_pipeline_and_a_grid_of_it(iris):
    X, y = iris
    steps = StandardScaler(), VectorQuantizer(8, passes=3), StandardScaler(), LogisticRegression()
    pipeline = make_pipeline(*steps)
    grid = GridSearchCV(pipeline, {"vectorquantizer__n_codewords": [4, 16]}, cv=3).fit(X, y)
    assert grid.best_score_ > 0.85
    search = GridSearchCV(VectorQuantizer(passes=3), {"n_codewords": [2, 8, 32]}, cv=3).fit(X)
    assert search.best_params_ == {"n_codewords": 32}


@pytest.mark.parametrize("jobs", [1, 2])
def test_scores_of_processes_are_those_of_one(iris, jobs):
    X, y = iris
    scores = cross_val_score(QuantizedSGDClassifier(), X, y, cv=3, n_jobs=jobs)
    assert np.array_equal(scores, cross_val_score(QuantizedSGDClassifier(), X, y, cv=3))
    assert scores.min() > 0.85


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_clones_and_pickles_give_the_same(estimator, iris):
    X, y = iris
    fitted = clone(estimator).fit(X, y)
    again = clone(fitted).fit(X, y)
    there = pickle.loads(pickle.dumps(fitted))
    for other in (again, there):
        assert np.array_equal(other.predict(X), fitted.predict(X))
        assert other.score(X, y) == fitted.score(X, y)


def test_another_seed_is_another_codebook(digits):
    one, same, other = (VectorQuantizer(8, passes=1, random_state=s).fit(digits) for s in (1, 1, 2))
    assert np.array_equal(one.codewords_, same.codewords_)
    assert not np.array_equal(one.codewords_, other.codewords_)


def test_a_codebook_is_about_as_good_as_k_means(digits):
    mine = VectorQuantizer(32, passes=20).fit(digits)
    theirs = KMeans(32, n_init=3, random_state=0).fit(digits.astype(float))
    error = ((digits - mine.codewords_[mine.labels_]) ** 2).sum()
    assert error < 1.03 * theirs.inertia_


def test_distances_agree_with_the_devices_answers(digits):
    for metric, power in (("l2", 2), ("l1", 1)):
        model = VectorQuantizer(16, passes=2, metric=metric).fit(digits)
        distances = model.transform(digits)
        assert distances.shape == (len(digits), 16)
        assert np.array_equal(distances.argmin(axis=1), model.predict(digits))
        assert np.array_equal(model.labels_, model.predict(digits))
        assert model.score(digits) == pytest.approx(-(distances.min(axis=1) ** power).mean())
        assert np.array_equal(
            model.inverse_transform(distances), model.inverse_transform(model.labels_)
        )


def test_bytes_come_back_as_bytes(digits):
    model = VectorQuantizer(16, passes=2).fit(digits)
    back = model.inverse_transform(model.predict(digits))
    assert back.dtype == np.uint8 and back.shape == digits.shape
    signed = (digits.astype(np.int16) - 8).astype(np.int8)
    model = VectorQuantizer(16, passes=2).fit(signed)
    assert model.inverse_transform([0, 1]).dtype == np.int8
    assert model.codewords_.min() < 0


def test_partial_fit_goes_on_with_the_same_state(digits, iris):
    model = VectorQuantizer(16)
    scores = []
    for part in np.array_split(digits, 6):
        model.partial_fit(part)
        scores.append(model.score(digits))
    assert scores[-1] > scores[0]
    alone = VectorQuantizer(16).partial_fit(np.array_split(digits, 6)[-1])
    assert not np.array_equal(alone.codewords_, model.codewords_)
    X, y = iris
    rows = np.random.RandomState(0).permutation(len(X))
    linear, classes = QuantizedSGDRegressor(), QuantizedSGDClassifier()
    for _ in range(10):
        for part in np.array_split(rows, 3):
            linear.partial_fit(X[part], y[part])
            classes.partial_fit(X[part], y[part], classes=[0, 1, 2])
    assert linear.score(X, y) > 0.9
    assert classes.score(X, y) > 0.85


def test_names_of_columns_are_kept_and_looked_for(iris, tmp_path):
    X, y = iris
    table = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    for estimator in (VectorQuantizer(4), QuantizedSGDRegressor(), QuantizedSGDClassifier()):
        fitted = estimator.fit(table, y)
        assert list(fitted.feature_names_in_) == ["a", "b", "c", "d"]
        with pytest.raises(ValueError, match="feature names should match"):
            fitted.predict(table.rename(columns={"a": "z"}))
    model = VectorQuantizer(4).fit(table)
    assert model.set_output(transform="pandas").transform(table).shape == (150, 4)
    model.save(tmp_path / "model.json")
    assert list(VectorQuantizer.load(tmp_path / "model.json").feature_names_in_) == list("abcd")


def test_classes_are_words_numbers_or_truths(iris):
    X, y = iris
    words = np.array(["setosa", "versicolor", "virginica"], dtype=object)[y]
    numbers = QuantizedSGDClassifier().fit(X, y)
    named = QuantizedSGDClassifier().fit(X, words)
    assert list(named.classes_) == ["setosa", "versicolor", "virginica"]
    assert np.array_equal(named.classes_[numbers.predict(X)], named.predict(X))
    two = QuantizedSGDClassifier().fit(X, y == 0)
    assert two.classes_.dtype == bool and two.score(X, y == 0) == 1.0
    assert two.decision_function(X).shape == (150,)
    assert numbers.decision_function(X).shape == (150, 3)


def test_coefficients_are_what_predicts(iris):
    X, y = iris
    X = np.column_stack([X[:, :2], np.full(len(X), 3.0), X[:, 2:]])
    model = QuantizedSGDRegressor().fit(X, y)
    assert model.coef_[2] == 0
    assert np.allclose(X @ model.coef_ + model.intercept_, model.predict(X), atol=2e-3)
