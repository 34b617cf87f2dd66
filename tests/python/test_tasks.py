"""The tasks whose estimators are not made of codebooks or linear models: the bits of the command
line, and what is wrong said in one line."""

import json
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from fixlearn import (
    AdaptiveFilter,
    BoltzmannClassifier,
    FusionRegressor,
    Minimum,
    NetworkClassifier,
    SelfOrganizingMap,
    VectorQuantizer,
    minimize,
)
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError


@pytest.fixture
def same(fixlearn, tmp_path):
    """Says that a run is the file that a command writes."""

    def compare(run, *command):
        fixlearn(*command, "--out", "run.json", "--port", "golden", "--force")
        mine, theirs = json.loads(run), json.loads((tmp_path / "run.json").read_bytes())
        for key in theirs:
            assert mine[key] == theirs[key], key
        assert run == (tmp_path / "run.json").read_bytes()

    return compare


def line(error, words, call, *arguments, **named):
    with pytest.raises(error) as raised:
        call(*arguments, **named)
    said = str(raised.value)
    assert "\n" not in said and all(word in said for word in words), said


@pytest.mark.parametrize(
    "parameters, options",
    [
        (dict(), []),
        (
            dict(objective="quadratic", start=[1, 2, -3], condition=10.0, centre=[0.5, 0, 1]),
            [
                "--objective",
                "quadratic",
                "--start",
                "1,2,-3",
                "--condition",
                10,
                "--centre",
                "0.5,0,1",
            ],
        ),
        (
            dict(objective="rastrigin", start=(4, -3), keep=True, random_state=5, every=100),
            ["--objective", "rastrigin", "--start", "4,-3", "--keep", "--seed", 5, "--every", 100],
        ),
        (
            dict(rule="plain", gradient_bits=8, rate_shift=10, tolerance=0.01, rounding="truncate"),
            [
                "--rule",
                "plain",
                "--gradient-bits",
                8,
                "--rate-shift",
                10,
                "--tolerance",
                0.01,
                "--rounding",
                "truncate",
            ],
        ),
    ],
)
def test_minima_are_the_command_lines(same, parameters, options):
    found = minimize(iterations=2000, **parameters)
    same(found.run, "optimize", "--iterations", 2000, *options)
    assert found.fun == found.history[-1]["value"]
    assert np.array_equal(found.x, found.history[-1]["point"])


def test_a_minimum(tmp_path):
    seen = []
    found = minimize(progress=lambda *now: seen.append(now))
    assert found.fun < 1e-6 and np.allclose(found.x, 1, atol=1e-2)
    assert found.nit == 20_000 and seen[-1][:2] == (20_000, 20_000)
    found.save(tmp_path / "run.json")
    there = Minimum.load(tmp_path / "run.json")
    assert there.run == found.run and "fun=" in repr(there)
    simulated = minimize(iterations=20, port="core")
    assert simulated.run == minimize(iterations=20).run


@pytest.mark.parametrize(
    "parameters, words",
    [
        (dict(objective="least-squares"), ["objective: give rosenbrock"]),
        (dict(start=[]), ["start has 0 numbers"]),
        (dict(start=[9.0, 1.0]), ["start", "does not fit"]),
        (dict(start=[np.nan, 1.0]), ["start: give finite numbers"]),
        (dict(start="ab"), ["start: give finite numbers"]),
        (dict(condition=0.5, objective="quadratic"), ["condition: 1 to 1000000"]),
        (dict(tolerance=-1.0), ["tolerance"]),
        (dict(every=0), ["every: at least 1"]),
        (dict(rises="point"), ["rises needs resolution_period"]),
        (dict(gradient_bits=21), ["gradient_bits: 0 to 20"]),
        (dict(rate_shift=9, rate_most=8), ["rate_shift=9 is above rate_most=8"]),
    ],
)
def test_minimizations_that_cannot_be(parameters, words):
    line(ValueError, words, minimize, **parameters)


def test_a_boltzmann_machine_is_the_command_lines(same, iris, tmp_path):
    X, y = iris
    hot = (y[:, None] == np.arange(3)).astype(float)
    np.save(tmp_path / "table.npy", np.column_stack([X, hot]))
    model = BoltzmannClassifier(epochs=20, random_state=3).fit(X, y)
    same(model.run_, "associate", "table.npy", "--target", "5,6,7", "--epochs", 20, "--seed", 3)
    two = BoltzmannClassifier(2, rule="levels", moves=3, epochs=9, levels=7).fit(X, y == 0)
    np.save(tmp_path / "table.npy", np.column_stack([X, y == 0]))
    same(
        two.run_,
        "associate",
        "table.npy",
        "--target",
        "5",
        "--epochs",
        9,
        "--hidden",
        2,
        "--rule",
        "levels",
        "--moves",
        3,
        "--levels",
        7,
    )
    assert two.score(X, y == 0) > 0.95 and two.weights_.shape == (8, 8)


def test_a_boltzmann_machine_completes_what_is_unknown(iris, tmp_path):
    X, y = iris
    model = BoltzmannClassifier(epochs=50).fit(X, y)
    holes = X.copy()
    holes[::3, 2] = np.nan
    whole = model.complete(holes)
    assert np.array_equal(whole[1::3], X[1::3]) and np.isfinite(whole).all()
    assert abs(whole[::3, 2] - X[::3, 2]).mean() < X[:, 2].std()
    assert model.score(holes, y) > 0.6
    assert BoltzmannClassifier(epochs=20).fit(holes, y).score(X, y) > 0.6
    model.save(tmp_path / "run.json")
    there = BoltzmannClassifier.load(tmp_path / "run.json")
    assert np.array_equal(there.predict(X), model.predict(X))
    assert pickle.loads(pickle.dumps(model)).run_ == model.run_


def test_boltzmann_machines_that_cannot_be(iris):
    X, y = iris
    for parameters, words in (
        (dict(levels=4), ["levels: an odd number, 3 to 255"]),
        (dict(hidden=31), ["hidden: 0 to 30"]),
        (dict(cold=9.0), ["cold: at most hot"]),
        (dict(hot=float("inf")), ["finite"]),
        (dict(epochs=0), ["epochs: 1 to 65535"]),
        (dict(rule="both"), ["rule: give residues, levels"]),
        (dict(hidden=28), ["7 columns", "hidden"]),
    ):
        line(ValueError, words, BoltzmannClassifier(**parameters).fit, X, y)


def test_a_filter_is_the_command_lines(same, fixlearn, tmp_path):
    random = np.random.RandomState(0)
    noise = random.randn(3000)
    signal = np.sin(np.arange(3000) / 7) + np.convolve(noise, [0.5, -0.3, 0.2])[:3000]
    np.save(tmp_path / "signal.npy", signal[:, None])
    model = AdaptiveFilter(16, delay=3, passes=2).fit(signal)
    same(
        model.run_,
        "filter",
        "signal.npy",
        "--taps",
        16,
        "--delay",
        3,
        "--passes",
        2,
        "--errors",
        "e.csv",
        "--predicted",
        "p.csv",
    )
    assert np.array_equal(np.loadtxt(tmp_path / "e.csv"), model.errors_)
    assert np.array_equal(np.loadtxt(tmp_path / "p.csv"), model.outputs_)
    np.save(tmp_path / "both.npy", np.column_stack([signal, noise]))
    model = AdaptiveFilter(8).fit(signal, noise)
    same(model.run_, "filter", "both.npy", "--taps", 8, "--column", 1, "--reference", 2)
    first = model.gain_db()
    assert model.partial_fit(signal, noise).gain_db() > first
    model.save(tmp_path / "run.json")
    assert np.array_equal(AdaptiveFilter.load(tmp_path / "run.json").weights_, model.weights_)


def test_filters_that_cannot_be():
    ramp = np.arange(100.0)
    line(ValueError, ["taps: 1 to 256"], AdaptiveFilter(257).fit, ramp)
    line(ValueError, ["passes: 1 to"], AdaptiveFilter(passes=0).fit, ramp)
    line(ValueError, ["delay"], AdaptiveFilter(delay=100).fit, ramp)
    line(ValueError, ["reference has 3 samples"], AdaptiveFilter().fit, ramp, ramp[:3])
    line(ValueError, ["signal: give numbers"], AdaptiveFilter().fit, ramp[:, None])
    line(ValueError, ["sample 1 is not finite"], AdaptiveFilter().fit, [0.0, np.nan, 1.0])
    line(ValueError, ["signal"], AdaptiveFilter().fit, [0.0, 1e-320])
    line(
        ValueError,
        ["another number"],
        AdaptiveFilter(3).fit(ramp).set_params(taps=4).partial_fit,
        ramp,
    )


def test_a_fusion_node_is_the_command_lines(same, fixlearn, tmp_path):
    random = np.random.RandomState(1)
    places, nodes = random.rand(5000, 2) * 10, random.rand(5, 2) * 10
    readings = 50 / np.maximum(((places[:, None] - nodes) ** 2).sum(axis=2), 1)
    np.save(tmp_path / "table.npy", np.column_stack([readings, places]))
    model = FusionRegressor().fit(readings, places)
    same(model.run_, "fuse", "table.npy", "--position", "6,7")
    np.save(tmp_path / "readings.npy", readings[:200])
    fixlearn(
        "fuse",
        "table.npy",
        "--position",
        "6,7",
        "--out",
        "run.json",
        "--port",
        "golden",
        "--force",
        "--answer",
        "readings.npy",
        "--answers",
        "a.csv",
    )
    answers = np.loadtxt(tmp_path / "a.csv", delimiter=",", skiprows=1)
    assert np.array_equal(answers, model.predict(readings[:200]))
    assert model.score(readings, places) > 0.8
    model.save(tmp_path / "run.json")
    there = FusionRegressor.load(tmp_path / "run.json")
    assert np.array_equal(there.predict(readings), model.predict(readings))


def test_a_fusion_node_learns_part_by_part(fixlearn, tmp_path):
    random = np.random.RandomState(2)
    places, nodes = random.rand(3000, 2), random.rand(4, 2)
    readings = 1 / (0.1 + ((places[:, None] - nodes) ** 2).sum(axis=2))

    def learned(*ends):
        model = FusionRegressor(places=1024)
        for low, high in zip((0, *ends), (*ends, 3000)):
            model.partial_fit(readings[low:high], places[low:high])
        return model

    two, many = learned(1000), learned(1000, 1001, 1500)
    assert (two.n_steps_, many.n_steps_) == (2000, 1500)
    states = [json.loads(model.run_)["state"] for model in (two, many)]
    for memory in ("combinations", "positions", "hits"):
        assert states[0][memory] == states[1][memory]
    first = FusionRegressor(places=1024).partial_fit(readings[:1000], places[:1000])
    assert two.score(readings, places) > first.score(readings, places)
    two.save(tmp_path / "run.json")
    there = FusionRegressor.load(tmp_path / "run.json")
    assert there.get_params() == {**two.get_params(), "intervals": 16}
    there.partial_fit(readings[:5], places[:5])
    refused = there.set_params(bits=2, intervals=None).partial_fit
    line(ValueError, ["bits", "begun with another"], refused, readings, places)
    with pytest.warns(UserWarning, match="^1 place outside"):
        two.partial_fit(readings[:2], [[0.5, 0.5], [7, 0.5]])
    fixlearn("info", "run.json")


def test_fusion_nodes_that_cannot_be():
    random = np.random.RandomState(1)
    readings, places = random.rand(50, 3), random.rand(50, 2)
    for parameters, words in (
        (dict(bits=5), ["bits: 1 to 4"]),
        (dict(places=3), ["places: 1024, 4096 or 16384"]),
        (dict(intervals=4), ["intervals=4: give at least 8"]),
        (dict(intervals=65), ["intervals: 2 to 64"]),
        (dict(weight=4), ["weight: 0 to 3"]),
        (dict(merge="all"), ["merge: give closest"]),
    ):
        line(ValueError, words, FusionRegressor(**parameters).fit, readings, places)
    fit = FusionRegressor().fit
    line(ValueError, ["(n_samples, 2)"], fit, readings, places[:, 0])
    line(ValueError, ["1 to 8"], fit, random.rand(50, 9), places)
    line(ValueError, ["nothing to learn"], fit, np.ones((50, 3)), places)
    line(ValueError, ["nothing to estimate"], fit, readings, np.ones((50, 2)))
    line(ValueError, ["fewer than 10 rows"], fit, readings[:9], places[:9])


@pytest.fixture
def network(tmp_path):
    """A network of one layer that knows nothing yet."""
    layer = {
        "kind": "dense",
        "outputs": 10,
        "weight_bits": 4,
        "weights": [0] * 640,
        "bias": [0] * 10,
    }
    shape = {"channels": 1, "height": 8, "width": 8, "bits": 4}
    whole = {
        "format": 1,
        "core": "network",
        "input": shape,
        "largest": 16.0,
        "layers": [layer],
        "classes": [str(n) for n in range(10)],
    }
    path = tmp_path / "network.json"
    path.write_text(json.dumps(whole))
    return path


def test_a_network_is_the_command_lines(same, fixlearn, network, tmp_path):
    X, y = load_digits(return_X_y=True)
    X, y = X[:500], y[:500]
    np.save(tmp_path / "table.npy", np.column_stack([X, y]))
    model = NetworkClassifier(network, epochs=3)
    assert model.score(X, y) < 0.2
    seen = []
    model.set_params(progress=lambda *now: seen.append(now)).fit(X, y)
    same(model.run_, "load", network, "table.npy", "--target", 65, "--learn", "--epochs", 3)
    assert model.score(X, y) > 0.9 and seen[-1][:2] == (1500, 1500)
    assert model.classes_.tolist() == list(range(10))
    assert model.decision_function(X).shape == (500, 10)
    model.save(tmp_path / "learned.json")
    there = NetworkClassifier.load(tmp_path / "learned.json")
    assert np.array_equal(there.predict(X), model.predict(X))
    np.save(tmp_path / "rows.npy", X)
    fixlearn("predict", "rows.npy", "--model", "learned.json", "--out", "p.csv", "--port", "golden")
    answers = np.loadtxt(tmp_path / "p.csv", delimiter=",", skiprows=1)
    assert np.array_equal(answers[:, 0], model.predict(X))
    assert np.array_equal(answers[:, 1:], model.decision_function(X))
    before = model.history_
    assert model.partial_fit(X, y).history_ != before
    more = NetworkClassifier(network, new_classes=["ten"], epochs=1)
    assert more.fit(X, np.where(y == 0, "ten", y.astype(str))).classes_[-1] == "ten"


def test_networks_that_cannot_be(network, tmp_path):
    X, y = load_digits(return_X_y=True)
    make = NetworkClassifier
    line(FileNotFoundError, ["no such file"], make(tmp_path / "none.json").predict, X)
    line(ValueError, ["X has 63 features", "expecting 64"], make(network).predict, X[:, 1:])
    line(ValueError, ["no pixel"], make(network).predict, -X)
    line(ValueError, ["does not know the class"], make(network).fit, X, y + 9)
    line(ValueError, ["last_bits: 2, 4 or 8"], make(network, last_bits=3).fit, X, y)
    line(ValueError, ["rounding"], make(network, rounding="feedback").fit, X, y)
    line(ValueError, ["epochs: 1 to"], make(network, epochs=0).fit, X, y)
    network.write_text("{}")
    line(ValueError, ["is no network"], make(network).predict, X)


@pytest.mark.parametrize(
    "window",
    [(np.nan, 1), (0, np.inf), 3, "ab", ("a", "b"), (-1e308, 1e308), (1, 2, 3), (0, 2**2000)],
)
def test_windows_that_cannot_be(iris, window):
    words = ["window: give (low, high), two finite numbers, the less first; it is "]
    line(ValueError, words, VectorQuantizer(4, window=window).fit, iris[0])


@pytest.mark.parametrize("name", ["common_scale", "compute_labels", "fixed_rate", "keep_counts"])
def test_flags_are_true_or_false(iris, name):
    for value in ("False", None, 1, []):
        fit = VectorQuantizer(4, passes=1, **{name: value}).fit
        line(ValueError, [f"{name}: give True or False; it is {value!r}"], fit, iris[0])
    VectorQuantizer(4, passes=1, **{name: np.True_}).fit(iris[0])


@pytest.mark.parametrize("name", ["range", "hot", "cold", "band"])
def test_numbers_of_a_boltzmann_machine_are_numbers(iris, name):
    for value in ("x", [1], {}, *([] if name == "band" else [None])):
        fit = BoltzmannClassifier(epochs=1, **{name: value}).fit
        line(ValueError, [f"{name}: give a number; it is {value!r}"], fit, *iris)
    line(
        ValueError,
        [f"{name}: give a finite number; it is nan"],
        BoltzmannClassifier(**{name: np.nan}).fit,
        *iris,
    )


def test_a_call_that_fails_leaves_what_was_learned(iris):
    X, y = iris
    table = pd.DataFrame(X[:, :3], columns=["a", "b", "c"])
    bad = {"port": "no-such-port"}
    for model, wrong in (
        (VectorQuantizer(4, passes=1), {"bits": 9}),
        (SelfOrganizingMap(2, 2, passes=1), {"metric": "l3"}),
        (BoltzmannClassifier(epochs=1), {"levels": 4}),
        (VectorQuantizer(4, passes=1), bad),
        (BoltzmannClassifier(epochs=1), bad),
    ):
        model.set_params(**wrong)
        with pytest.raises((ValueError, OSError)):
            model.fit(table, y)
        assert not hasattr(model, "n_features_in_") and not hasattr(model, "classes_")
        model.set_params(**type(model)().get_params()).fit(X, y)
        run, answers = model.run_, model.predict(X)
        with pytest.raises((ValueError, OSError)):
            model.set_params(**wrong).fit(table, np.asarray(["u", "v", "w"])[y])
        assert model.run_ is run and model.n_features_in_ == 4
        assert not hasattr(model, "feature_names_in_")
        model.set_params(**type(model)().get_params())
        assert np.array_equal(model.predict(X), answers)
    with pytest.raises(ValueError):
        model.fit(X, np.zeros(len(X)))
    assert np.array_equal(model.predict(X), answers)
    fusion, places = FusionRegressor(places=1024).fit(X, X[:, :2]), X[:, 1:3]
    line(ValueError, ["bits: 1 to 4"], fusion.set_params(bits=5).fit, X[:, :3], places)
    assert fusion.n_features_in_ == 4


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize(
    "classes",
    [
        [0, 1, 2],
        [1, 2, 3],
        [-1, 1],
        [0, 1],
        [False, True],
        ["no", "yes"],
        ["1", "2"],
        ["a", "b", "c"],
        ["1", "2", "3"],
        ["1", "b", '"c"'],
        ["nan", "null", "true"],
        ["class a", "é, not b\n", "[1, 2]"],
        [10.0, 20.0],
        [0.0, 1.0, 3.0],
    ],
)
def test_a_file_of_a_boltzmann_machine_keeps_the_classes(iris, tmp_path, classes, named):
    X, y = iris
    y = np.asarray(classes)[y % len(classes)]
    rows = pd.DataFrame(X, columns=list("abcd")) if named else X
    model = BoltzmannClassifier(2, epochs=2).fit(rows, y)
    model.save(tmp_path / "run.json")
    there = BoltzmannClassifier.load(tmp_path / "run.json")
    assert there.classes_.tolist() == model.classes_.tolist() == sorted(classes)
    assert there.predict(rows).tolist() == model.predict(rows).tolist()
    assert hasattr(there, "feature_names_in_") == named
    assert there.partial_fit(rows, y).run_ == model.partial_fit(rows, y).run_
    assert model.score(rows, y) == there.score(rows, y)


def test_classes_that_a_file_does_not_say(iris, tmp_path):
    X, y = iris
    run, load = tmp_path / "run.json", BoltzmannClassifier.load
    BoltzmannClassifier(2, epochs=2).fit(pd.DataFrame(X, columns=list("abcd")), y > 0).save(run)
    run.write_text(run.read_text().replace("class [false, true]", "class yes"))
    line(ValueError, ["classes: the file has `class yes` alone of two"], load, run)
    there = load(run, classes=["no", "yes"])
    assert there.classes_.tolist() == ["no", "yes"]
    assert set(there.predict(pd.DataFrame(X, columns=list("abcd")))) <= {"no", "yes"}
    for wrong in (["no"], ["no", "no"], "no", [["no", "yes"]]):
        line(ValueError, ["classes: give the 2 of them"], load, run, classes=wrong)


def test_columns_of_a_command_lines_boltzmann_machine(iris, fixlearn, tmp_path):
    X, y = iris
    rows = [",".join(map(str, row)) + f",{('no', 'yes')[int(n > 0)]}" for row, n in zip(X, y)]
    (tmp_path / "table.csv").write_text("a,b,c,d,e\n" + "\n".join(rows) + "\n")
    made = ["associate", "table.csv", "--epochs", 2, "--port", "golden", "--force"]
    fixlearn(*made, "--target", "e", "--out", "run.json")
    there = BoltzmannClassifier.load(tmp_path / "run.json")
    assert there.classes_.tolist() == ["no", "yes"]
    fixlearn(*made, "--target", "d", "--drop", "a", "--out", "run.json")
    line(ValueError, ["no classifier"], BoltzmannClassifier.load, tmp_path / "run.json")
    fixlearn(*made, "--target", "e", "--out", "run.json")
    whole = json.loads((tmp_path / "run.json").read_text())
    del whole["plan"]["drop"]
    (tmp_path / "run.json").write_text(json.dumps(whole))
    assert BoltzmannClassifier.load(tmp_path / "run.json").classes_.tolist() == ["no", "yes"]


def test_what_is_not_fitted_says_so(iris):
    X, _ = iris
    for call in (BoltzmannClassifier().complete, BoltzmannClassifier().predict):
        with pytest.raises(NotFittedError):
            call(X)


@pytest.mark.parametrize("window", [(0, 5), (-1.5, 12.7), (0.1, 0.3), (1e6, 1e6 + 1), (1000, 1255)])
def test_a_file_keeps_the_window(iris, tmp_path, window):
    low, high = window
    X = low + (iris[0] - iris[0].min()) / 8 * (high - low)
    for model in (VectorQuantizer(3, passes=1), SelfOrganizingMap(2, 2, passes=1)):
        model.set_params(window=window).fit(X).save(tmp_path / "run.json")
        there = type(model).load(tmp_path / "run.json")
        assert there.window == pytest.approx(window, rel=1e-12) and not there.common_scale
        assert there.fit(X).run_ == model.run_
    there = VectorQuantizer(3, passes=1, window=(0, 5)).fit(iris[0])
    there.save(tmp_path / "run.json")
    assert VectorQuantizer.load(tmp_path / "run.json").window == (0, 5)


def test_a_maps_file_is_no_codebooks(iris, tmp_path):
    for shape in ((2, 4), (1, 6), (4, 1)):
        SelfOrganizingMap(*shape, passes=1).fit(iris[0]).save(tmp_path / "run.json")
        words = ["is a map; SelfOrganizingMap.load reads it"]
        line(ValueError, words, VectorQuantizer.load, tmp_path / "run.json")


@pytest.mark.parametrize(
    "changed",
    [
        dict(n_codewords=8),
        dict(metric="l1"),
        dict(random_state=2),
        dict(rounding="truncate"),
        dict(rate_shift=3),
        dict(window=(0, 5)),
        dict(keep_counts=True),
    ],
)
def test_a_run_goes_on_as_it_was_begun(iris, tmp_path, changed):
    X, _ = iris
    model = VectorQuantizer(4, passes=2).fit(X)
    model.save(tmp_path / "run.json")
    (name, other), begun = changed.popitem(), model.get_params()
    for one in (model, VectorQuantizer.load(tmp_path / "run.json")):
        run, words = one.run_, [f"{name}: the codebook was begun with {getattr(one, name)!r}; "]
        one.set_params(**{name: other})
        line(ValueError, words, one.resume, X)
        line(ValueError, words, one.partial_fit, X)
        assert one.run_ is run and np.array_equal(one.predict(X), model.labels_)
    model.set_params(**{name: begun[name], "passes": 4, "compute_labels": False, "port": "core"})
    whole = VectorQuantizer(4, passes=4).fit(X)
    assert np.array_equal(model.resume(X).codewords_, whole.codewords_)
    model.set_params(port="golden", passes=9).partial_fit(X)


def test_passes_that_are_done_already(iris):
    model = VectorQuantizer(4, passes=3).fit(iris[0])
    words = ["passes: the run has done 3 passes already; give at least that many"]
    line(ValueError, words, model.set_params(passes=1).resume, iris[0])
    line(ValueError, ["another input"], model.set_params(passes=3).resume, iris[0][:50])


def test_a_filter_goes_on_to_its_goal():
    ramp = np.arange(100.0)
    model = AdaptiveFilter(4).fit(ramp)
    words = ["reference: the filter was begun without one; leave it out"]
    line(ValueError, words, model.partial_fit, ramp, ramp)
    words = ["delay: the filter was begun with 1; set that"]
    line(ValueError, words, model.set_params(delay=2).partial_fit, ramp)
    model = AdaptiveFilter(4).partial_fit(ramp, ramp)
    line(ValueError, ["reference: the filter was begun with one; give it"], model.partial_fit, ramp)
    model.set_params(delay=2).partial_fit(ramp, ramp)


def test_a_filters_file_has_no_errors(tmp_path):
    AdaptiveFilter(4).fit(np.arange(100.0)).save(tmp_path / "run.json")
    there = AdaptiveFilter.load(tmp_path / "run.json")
    line(AttributeError, ["gain_db needs the signal", "fit"], there.gain_db)
    assert np.isfinite(there.partial_fit(np.arange(100.0)).gain_db())


def test_a_networks_file_is_the_model(network, tmp_path):
    X, y = load_digits(return_X_y=True)
    X, y = X[:100], y[:100]
    asked = dict(epochs=3, rate_shift=1, rounding="nearest", random_state=5, resident=40)
    model = NetworkClassifier(network, **asked).fit(X, y)
    model.save(tmp_path / "run.json")
    there = NetworkClassifier.load(tmp_path / "run.json", port="core")
    fresh, begun = NetworkClassifier.load(network), NetworkClassifier(network)
    assert {**there.get_params(), **asked} == there.get_params() and there.port == "core"
    assert there.history_ == model.history_ and there.n_steps_ == model.n_steps_ == 300
    answers = begun.decision_function(X)
    for path in (network, tmp_path / "run.json"):
        path.write_text("{}")
    assert np.array_equal(there.decision_function(X), model.decision_function(X))
    assert np.array_equal(fresh.decision_function(X), answers)
    assert np.array_equal(begun.decision_function(X), answers)
    run = model.run_
    line(ValueError, ["is no network"], model.fit, X, y)
    assert model.run_ is run and model.score(X, y) > 0.5


def test_a_fit_of_a_network_that_fails_keeps_what_was_learned(network):
    X, y = load_digits(return_X_y=True)
    model = NetworkClassifier(network, epochs=1).fit(X[:100], y[:100])
    run = model.run_
    for wrong, words in (
        (dict(last_bits=3), ["last_bits: 2, 4 or 8"]),
        (dict(new_classes="ab"), ["new_classes: give a list of names; it is 'ab'"]),
        (dict(new_classes=None), ["new_classes: give a list of names; it is None"]),
        (dict(network=None), ["network: give the path of a network or run; it is None"]),
    ):
        line(ValueError, words, model.set_params(**wrong).fit, X, y)
        assert model.run_ is run and len(model.predict(X)) == len(X)
        model.set_params(last_bits=None, new_classes=(), network=network)
    line(ValueError, ["network: give the path"], NetworkClassifier(None).predict, X)


@pytest.mark.parametrize(
    "names, wanted",
    [
        (["1_0", "2"], object),
        (["nan", "1"], object),
        (["01", "2"], object),
        (["1e3", "1"], object),
        (["9223372036854775807", "-1"], np.int64),
        (["9223372036854775808", "1"], object),
        (["0.5", "1"], np.float64),
    ],
)
def test_classes_of_a_network_are_as_they_are_called(network, names, wanted):
    whole = json.loads(network.read_text())
    whole["classes"][:2] = names
    whole["classes"][2:] = [str(n) for n in range(20, 28)]
    network.write_text(json.dumps(whole))
    X, y = load_digits(return_X_y=True)
    model = NetworkClassifier(network, epochs=3)
    assert model.classes_.dtype == wanted
    assert [str(label) for label in model.classes_.tolist()][0] == names[0]
    X, y = X[y < 2], model.classes_[y[y < 2]]
    assert (model.fit(X, y).predict(X) == y).mean() > 0.9


def test_a_network_that_is_not_there_has_no_classes(tmp_path):
    for network in (tmp_path / "none.json", None):
        assert not hasattr(NetworkClassifier(network), "classes_")


def test_names_of_pixels_are_no_matter(network):
    X, y = (whole[:500] for whole in load_digits(return_X_y=True, as_frame=True))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = NetworkClassifier(network, epochs=1)
        model.predict(X)
        answers = model.fit(X, y).predict(X)
        assert np.array_equal(model.predict(X.to_numpy()), answers)


def test_what_was_given_is_said_on_one_line(iris):
    table = pd.DataFrame(np.zeros((9, 9)))
    line(ValueError, ["window: give"], VectorQuantizer(window=table.to_numpy()).fit, iris[0])
    line(ValueError, ["common_scale: give"], VectorQuantizer(common_scale=table).fit, iris[0])
    line(ValueError, ["hot: give a number"], BoltzmannClassifier(hot=table).fit, *iris)
    line(ValueError, ["network: give"], NetworkClassifier(table).predict, iris[0])
    som = SelfOrganizingMap(2, 2, passes=1).fit(iris[0])
    line(ValueError, ["labels: give"], som.labels_map, iris[0], {1: table})
