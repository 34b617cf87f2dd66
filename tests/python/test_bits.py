"""The same bits as the command line's, and its files both ways."""

import json

import numpy as np
import pytest
from fixlearn import (
    QuantizedSGDClassifier,
    QuantizedSGDRegressor,
    SelfOrganizingMap,
    VectorQuantizer,
)


@pytest.fixture
def same(fixlearn, tmp_path):
    """Says that an estimator's run is the file that a command writes of the same array."""

    def compare(run, array, *command):
        np.save(tmp_path / "table.npy", array)
        name, *options = command
        fixlearn(name, "table.npy", "--out", "run.json", "--port", "golden", "--force", *options)
        theirs = (tmp_path / "run.json").read_bytes()
        if run != theirs:
            mine, theirs = json.loads(run), json.loads(theirs)
            differ = [key for key in theirs if mine.get(key) != theirs[key]]
            pytest.fail(f"{command}: {differ} differ")

    return compare


def as_types(digits):
    signed = (digits.astype(np.int16) - 8).astype(np.int8)
    yield from (digits, signed, digits.astype(np.int8), digits.astype(np.float32) / 3)
    yield from (digits.astype(np.float64) * 1e-3, digits.astype(np.int32) * 100)
    yield np.asfortranarray(digits)


@pytest.mark.parametrize("kind", range(7))
def test_a_codebook_of_any_type(digits, same, kind):
    array = list(as_types(digits))[kind]
    model = VectorQuantizer(16, passes=2).fit(array)
    same(model.run_, array, "train", "--codewords", 16, "--passes", 2)


@pytest.mark.parametrize(
    "parameters, options",
    [
        (dict(n_codewords=8, metric="l1"), ["--codewords", 8, "--metric", "l1"]),
        (dict(bits=2, random_state=7), ["--bits", 2, "--seed", 7]),
        (dict(init="random", keep_counts=True), ["--init", "random", "--keep-counts"]),
        (dict(fixed_rate=True, rate_final=9), ["--fixed-rate", "--rate-final", 9]),
        (dict(frequency_passes=1, count_cap=99), ["--frequency-passes", 1, "--count-cap", 99]),
        (
            dict(rounding="stochastic", rate_shift=5),
            ["--rounding", "stochastic", "--rate-shift", 5],
        ),
        (dict(resident=100), ["--resident", 100]),
    ],
)
def test_parameters_are_the_options(digits, same, parameters, options):
    model = VectorQuantizer(**{"n_codewords": 64, "passes": 2, **parameters}).fit(digits)
    same(model.run_, digits, "train", "--passes", 2, *options)


def test_common_scale(iris, same):
    model = VectorQuantizer(8, common_scale=True).fit(iris[0])
    same(model.run_, iris[0], "train", "--codewords", 8, "--common-scale")


@pytest.mark.parametrize("falloff", [0, 1, 3])
def test_a_map(iris, same, falloff):
    som = SelfOrganizingMap(8, 4, passes=5, radius=3, falloff=falloff).fit(iris[0])
    same(
        som.run_,
        iris[0],
        "train",
        "--codewords",
        32,
        "--columns",
        4,
        "--radius",
        3,
        "--passes",
        5,
        "--falloff",
        falloff,
    )


def test_a_regression(iris, same):
    table = np.column_stack(iris)
    model = QuantizedSGDRegressor(hold_out=0.2, random_state=3).fit(*iris)
    same(model.run_, table, "regress", "--target", 5, "--seed", 3)
    model = QuantizedSGDRegressor(
        rule="adaptive", passes=4, gradient_bits=8, weight_bits=12, point_bits=8
    ).fit(*iris)
    same(
        model.run_,
        table,
        "regress",
        "--target",
        5,
        "--hold-out",
        0,
        "--rule",
        "adaptive",
        "--passes",
        4,
        "--gradient-bits",
        8,
        "--weight-bits",
        12,
        "--point-bits",
        8,
    )


def test_classes(iris, same):
    X, y = iris
    table = np.column_stack(iris)
    model = QuantizedSGDClassifier().fit(X, y)
    for run, name in zip(model.runs_, (0, 1, 2)):
        same(run, table, "regress", "--target", 5, "--hold-out", 0, "--class", name)
    two = y < 2
    model = QuantizedSGDClassifier("perceptron", levels=4).fit(X[two], y[two])
    same(
        model.runs_[0],
        table[two],
        "regress",
        "--target",
        5,
        "--hold-out",
        0,
        "--objective",
        "perceptron",
        "--levels",
        4,
    )


def test_classes_that_are_words(iris, fixlearn, tmp_path):
    X, y = iris
    words = np.array(["setosa", "other", "other"], dtype=object)[y]
    table = "a,b,c,d,target\n" + "".join(
        ",".join(map(repr, map(float, row))) + f",{word}\n" for row, word in zip(X, words)
    )
    (tmp_path / "table.csv").write_text(table)
    fixlearn(
        "regress",
        "table.csv",
        "--target",
        "target",
        "--hold-out",
        0,
        "--out",
        "run.json",
        "--port",
        "golden",
    )
    pandas = pytest.importorskip("pandas")
    model = QuantizedSGDClassifier().fit(pandas.DataFrame(X, columns=list("abcd")), words)
    assert model.runs_[0] == (tmp_path / "run.json").read_bytes()
    there = QuantizedSGDClassifier.load(tmp_path / "run.json")
    assert list(there.classes_) == ["other", "setosa"]


def test_files_of_the_command_line_are_read(digits, fixlearn, tmp_path):
    np.save(tmp_path / "table.npy", digits)
    fixlearn(
        "train",
        "table.npy",
        "--out",
        "run.json",
        "--port",
        "golden",
        "--codewords",
        16,
        "--passes",
        3,
        "--keep-counts",
    )
    model = VectorQuantizer.load(tmp_path / "run.json", port="core")
    assert (model.n_codewords, model.passes, model.keep_counts, model.port) == (16, 3, True, "core")
    assert model.n_features_in_ == 64 and model.n_steps_ == 3 * len(digits)
    assert model.set_params(port="golden").fit(digits).run_ == (tmp_path / "run.json").read_bytes()
    fixlearn("export", "--model", "run.json", "--out", "codebook.npy")
    assert np.array_equal(np.load(tmp_path / "codebook.npy"), model.codewords_)


def test_a_file_keeps_its_parameters(iris, tmp_path):
    X, y = iris
    path = tmp_path / "run.json"
    for model in (
        QuantizedSGDRegressor(weight_bits=9, point_bits=6, rule="compensated", rounding="feedback"),
        QuantizedSGDRegressor(hold_out=0.3, standardize=False, scale=0.5, random_state=9),
        QuantizedSGDRegressor(grey_levels=16, passes=3, rate_shift=4, resident=50),
        VectorQuantizer(5, metric="l1", bits=4, frequency_passes=2, count_cap=77),
        VectorQuantizer(7, fixed_rate=True, rate_final=11, common_scale=True, resident=20),
        SelfOrganizingMap(2, 4, falloff=2, radius=1, rounding="stochastic", init="random"),
    ):
        model.fit(X, y).save(path)
        again = type(model).load(path)
        assert again.run_ == model.run_
        assert json.loads(again.fit(X, y).run_) == json.loads(model.run_)
    model = QuantizedSGDClassifier("perceptron", levels=3, weight_bits=10, point_bits=6)
    again = QuantizedSGDClassifier.load(*model.fit(X, y).save(path))
    assert again.fit(X, y).runs_ == model.runs_


def test_files_are_read_by_the_command_line(digits, iris, fixlearn, tmp_path):
    np.save(tmp_path / "table.npy", digits)
    model = VectorQuantizer(16, passes=2).fit(digits)
    model.save(tmp_path / "run.json")
    fixlearn("check", "table.npy", "--model", "run.json", "--port", "golden")
    fixlearn("encode", "table.npy", "--model", "run.json", "--out", "a.idx", "--port", "golden")
    fixlearn("decode", "a.idx", "--model", "run.json", "--out", "back.npy")
    back = np.load(tmp_path / "back.npy")
    assert np.array_equal(back, model.inverse_transform(model.predict(digits)))
    X, y = iris
    np.save(tmp_path / "rows.npy", X)
    linear = QuantizedSGDRegressor().fit(X, y)
    linear.save(tmp_path / "linear.json")
    fixlearn("predict", "rows.npy", "--model", "linear.json", "--out", "p.csv", "--port", "golden")
    answers = np.loadtxt(tmp_path / "p.csv", delimiter=",", skiprows=1)
    assert np.array_equal(answers[:, 0], linear.predict(X))
    classes = QuantizedSGDClassifier().fit(X, y)
    paths = classes.save(tmp_path / "classes.json")
    assert [path.rsplit("-")[-1] for path in paths] == ["1.json", "2.json", "3.json"]
    again = QuantizedSGDClassifier.load(*reversed(paths))
    assert np.array_equal(again.classes_, [0, 1, 2])
    assert np.array_equal(again.predict(X), classes.predict(X))


@pytest.mark.parametrize("target", ["num", "two", "word"])
def test_a_table_whose_target_has_a_name_is_gone_on_with(iris, fixlearn, tmp_path, target):
    pandas = pytest.importorskip("pandas")
    X, y = iris
    table = pandas.DataFrame(X, columns=list("abcd"))
    table.insert(2, "num", y + 0.5)
    table.insert(0, "two", y % 2)
    table["word"] = np.where(y == 1, "yes", "no")
    features = table[list("abcd")]
    features.assign(**{target: table[target]}).to_csv(tmp_path / "n.csv", index=False)
    objective = [] if target == "num" else ["--objective", "logistic"]
    options = ["--out", "run.json", "--port", "golden", *objective]
    fixlearn("regress", "n.csv", "--target", target, *options)
    kind = QuantizedSGDRegressor if target == "num" else QuantizedSGDClassifier
    model = kind.load(tmp_path / "run.json")
    score = model.score(features, table[target])
    model.partial_fit(features, table[target]).partial_fit(features, table[target])
    assert model.score(features, table[target]) > score - 0.1
    model.save(tmp_path / "run.json")
    fixlearn("predict", "n.csv", "--model", "run.json", "--out", "p.csv", "--port", "golden")
