"""A map answers what MiniSom's does, of the same weights; errors beside it are in
`minisom_bars.py`."""

import pathlib
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from fixlearn import SelfOrganizingMap
from minisom import MiniSom
from sklearn.exceptions import NotFittedError


@pytest.fixture(scope="module", params=[(8, 4), (1, 7), (3, 1), (2, 2)])
def both(request):
    """A map of bytes, whose weights are what a sample step is, and MiniSom with them."""
    rows, columns = request.param
    X = np.random.RandomState(3).randint(0, 256, (60, 5)).astype(np.uint8)
    som = SelfOrganizingMap(rows, columns, passes=5).fit(X)
    other = MiniSom(rows, columns, 5)
    # The core compares codewords that are rounded to samples.
    other._weights = som.inverse_transform(np.arange(rows * columns)).astype(float)
    other._weights = other._weights.reshape(rows, columns, 5)
    return som, other, X


def test_winners(both):
    som, other, X = both
    for x in X[:20]:
        assert som.winner(x) == tuple(int(i) for i in other.winner(x.astype(float)))
    assert np.array_equal(som.activation_response(X), other.activation_response(X.astype(float)))
    mine, theirs = som.win_map(X, True), other.win_map(X.astype(float), True)
    assert mine == {tuple(map(int, place)): won for place, won in theirs.items()}
    vectors = som.win_map(X)
    assert all(np.array_equal(vectors[place], X[won]) for place, won in mine.items())
    assert som.win_map(X)[(99, 99)] == []
    labels = [str(i % 3) for i in range(len(X))]
    theirs = other.labels_map(X.astype(float), labels)
    assert som.labels_map(X, labels) == {tuple(map(int, p)): c for p, c in theirs.items()}
    with pytest.raises(ValueError, match="labels: 2"):
        som.labels_map(X, ["a", "b"])


def test_errors_and_the_u_matrix(both):
    som, other, X = both
    assert som.topographic_error(X) == pytest.approx(other.topographic_error(X.astype(float)))
    other._weights = som.get_weights()
    winners = som.quantization(X)
    assert np.array_equal(winners, som.codewords_[som.labels_])
    assert som.quantization_error(X) == pytest.approx(np.linalg.norm(X - winners, axis=1).mean())
    for scaling in ("sum", "mean"):
        assert np.allclose(som.distance_map(scaling), other.distance_map(scaling))
    with pytest.raises(ValueError, match="sum or mean"):
        som.distance_map("median")


def test_one_place():
    som = SelfOrganizingMap(1, 1, passes=1).fit(np.eye(4, dtype=np.uint8))
    assert np.isnan(som.topographic_error(np.eye(4, dtype=np.uint8)))
    assert som.distance_map().tolist() == [[0.0]]


def test_a_map_unfolds(iris):
    X, _ = iris
    som = SelfOrganizingMap().fit(X)
    assert som.quantization_error(X) < 0.3 and som.topographic_error(X) < 0.15
    torn = SelfOrganizingMap(radius=0).fit(X)
    assert torn.topographic_error(X) > 0.5


def test_a_file_keeps_the_grid(iris, tmp_path):
    X, _ = iris
    for rows, columns in ((4, 8), (1, 12)):
        som = SelfOrganizingMap(rows, columns, passes=2).fit(X)
        som.save(tmp_path / "map.json")
        there = SelfOrganizingMap.load(tmp_path / "map.json")
        assert (there.rows, there.columns) == (rows, columns)
        assert np.array_equal(there.get_weights(), som.get_weights())
        assert there.fit(X).run_ == som.run_


def test_beside_minisom():
    script = pathlib.Path(__file__).with_name("minisom_bars.py")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(", held") == 6


def test_the_grid_is_the_one_that_was_learned(iris):
    X, _ = iris
    som = SelfOrganizingMap(2, 8, passes=2).fit(X)

    def said():
        yield som.get_weights()
        yield som.distance_map()
        yield som.activation_response(X)
        yield som.topographic_error(X)
        yield [som.winner(x) for x in X[:9]]
        yield sorted(som.win_map(X))

    before = list(said())
    som.set_params(rows=4, columns=4)
    for one, other in zip(before, said()):
        assert np.array_equal(one, other)
    with pytest.raises(ValueError, match="columns: the codebook was begun with 8; "):
        som.resume(X)
    with pytest.raises(ValueError, match="columns: the codebook was begun with 8; "):
        som.partial_fit(X)
    assert som.fit(X).get_weights().shape == (4, 4, 4)


def test_a_map_before_fit(iris):
    som = SelfOrganizingMap()
    for call in (som.quantization, som.quantization_error, som.activation_response, som.win_map):
        with pytest.raises(NotFittedError):
            call(iris[0])


def test_labels_are_one_a_row(iris):
    X, y = iris
    som = SelfOrganizingMap(2, 2, passes=1).fit(X)
    wanted = som.labels_map(X, y.tolist())
    assert sum(sum(found.values()) for found in wanted.values()) == len(X)
    frames = pd.Series(y, index=y), pd.DataFrame({"kind": y})
    for labels in (y, y[:, None], *frames, tuple(y), [[kind] for kind in y]):
        assert som.labels_map(X, labels) == wanted
    kinds = {type(label) for found in wanted.values() for label in found}
    assert kinds == {int}
    for labels in (iter(y), None, 3, "a" * len(X), {1: 2}, np.stack([y, y], axis=1)):
        with pytest.raises(ValueError, match="^labels: give one a row; it is "):
            som.labels_map(X, labels)
    with pytest.raises(ValueError, match="^labels: 1 of them, and X has 150 rows"):
        som.labels_map(X, pd.DataFrame({"kind": y[:1]}))
