"""What is wrong with an input, a parameter, a port or a file is said in one clear line."""

import os
import pickle
import random
import warnings

import numpy as np
import pandas as pd
import pytest
from fixlearn import (
    Minimum,
    QuantizedSGDClassifier,
    QuantizedSGDRegressor,
    SelfOrganizingMap,
    VectorQuantizer,
    minimize,
)
from fixlearn._base import came
from fixlearn._classify import labels

ALL = [VectorQuantizer, SelfOrganizingMap, QuantizedSGDRegressor, QuantizedSGDClassifier]
CODEBOOKS, LINEAR = ALL[:2], ALL[2:]


def refused(error, words, call, *arguments):
    """It raises this error; its line has these words."""
    with pytest.raises(error) as raised:
        call(*arguments)
    # scikit-learn's own messages have more lines at times.
    said = str(raised.value)
    for word in words:
        assert word in said, said
    return said


def line(error, words, call, *arguments):
    assert "\n" not in refused(error, words, call, *arguments)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(
    "X, words",
    [
        (np.zeros((0, 3)), ["minimum of"]),
        (np.zeros((3, 0)), ["0 feature(s)"]),
        (np.zeros(5), ["Expected 2D array"]),
        (np.zeros((2, 2, 2)), ["dim 3"]),
        (np.array([[1.0, np.nan], [2.0, 3.0]]), ["NaN"]),
        (np.array([[1.0, np.inf], [2.0, 3.0]]), ["infinity"]),
        (np.array([[1 + 2j, 0], [0, 0]]), ["Complex data not supported"]),
        (np.array([["a", "b"], ["c", "d"]], dtype=object), ["could not convert"]),
        (np.array([[{}, 1], [2, 3]], dtype=object), ["argument must be"]),
    ],
)
def test_arrays_that_are_none(kind, X, words):
    y = [0, 1, 0][: len(X)]
    refused((ValueError, TypeError), words, lambda: kind().fit(X, y))


@pytest.mark.parametrize("kind", CODEBOOKS)
def test_numbers_that_cannot_be_scaled(kind):
    line(ValueError, ["X: row 1, column `2`", "1e300"], kind().fit, [[0.0, 1e301], [1.0, 2.0]])
    line(ValueError, ["too close to each other"], kind().fit, [[0.0, 1e-320], [1.0, 0.0]])


def test_too_many_columns():
    line(ValueError, ["256"], VectorQuantizer(4).fit, np.random.rand(10, 257))
    line(ValueError, ["1 to 63"], QuantizedSGDRegressor().fit, np.random.rand(10, 64), range(10))
    VectorQuantizer(4).fit(np.random.rand(10, 256))
    QuantizedSGDRegressor(passes=1).fit(np.random.rand(10, 63), range(10))


def test_arrays_of_any_layout_are_the_same_vectors(digits):
    wide = np.repeat(digits, 2, axis=1)[:, ::2]
    swapped = digits.astype(np.float64)
    expected = VectorQuantizer(8, passes=1).fit(digits)
    floats = VectorQuantizer(8, passes=1).fit(swapped)
    assert not wide.flags.c_contiguous
    frozen = digits.copy()
    frozen.flags.writeable = False
    for same in (wide, np.asfortranarray(digits), frozen, digits[::-1][::-1]):
        assert VectorQuantizer(8, passes=1).fit(same).run_ == expected.run_
        assert np.array_equal(expected.predict(same), expected.labels_)
    for same in (
        swapped.astype(">f8"),
        digits.astype(np.float16),
        digits.astype(object),
        digits.tolist(),
        digits.astype(">i4"),
        digits.astype(np.float32),
    ):
        assert VectorQuantizer(8, passes=1).fit(same).run_ == floats.run_


@pytest.mark.parametrize(
    "kind, parameters, words",
    [
        (VectorQuantizer, dict(n_codewords=0), ["n_codewords: 1 to 256"]),
        (VectorQuantizer, dict(n_codewords=257), ["n_codewords: 1 to 256"]),
        (VectorQuantizer, dict(n_codewords=2.5), ["n_codewords", "whole number"]),
        (VectorQuantizer, dict(n_codewords=True), ["n_codewords", "whole number"]),
        (VectorQuantizer, dict(passes=-1), ["passes", "at least 0"]),
        (VectorQuantizer, dict(passes=1 << 21), ["passes: at most 1048576"]),
        (VectorQuantizer, dict(bits=3), ["bits: 1, 2 or 4"]),
        (VectorQuantizer, dict(bits=300), ["bits: 1, 2 or 4"]),
        (VectorQuantizer, dict(init="best"), ["init: give greedy, plus-plus, random"]),
        (VectorQuantizer, dict(metric=2), ["metric: give l2, l1"]),
        (VectorQuantizer, dict(rate_shift=16), ["rate_shift: 0 to 15"]),
        (VectorQuantizer, dict(rate_period=1 << 24), ["rate_period: 0 to 16777215"]),
        (VectorQuantizer, dict(count_cap=1), ["count_cap: 2 to 65535"]),
        (VectorQuantizer, dict(count_cap=1 << 33), ["count_cap", "too large"]),
        (VectorQuantizer, dict(window=(2, 1)), ["window", "the less first"]),
        (VectorQuantizer, dict(resident=0), ["resident: 1 to"]),
        (VectorQuantizer, dict(random_state=-1), ["random_state", "at least 0"]),
        (VectorQuantizer, dict(random_state="x"), ["random_state", "whole number"]),
        (VectorQuantizer, dict(progress="bar"), ["progress"]),
        (VectorQuantizer, dict(port=3), ["port: give a text"]),
        (VectorQuantizer, dict(port=""), ["port: give golden"]),
        (VectorQuantizer, dict(size="1x1"), ["1x1"]),
        (VectorQuantizer, dict(size="16x4x1"), ["size=", "would do"]),
        (VectorQuantizer, dict(baud=9600), ["baud is for a serial port"]),
        (VectorQuantizer, dict(baud=1), ["baud: at least 300"]),
        (VectorQuantizer, dict(frame=250), ["frame: 1 to 249"]),
        (VectorQuantizer, dict(faults="ber=1e-4"), ["faults is for port sim"]),
        (VectorQuantizer, dict(port="sim", faults="what"), ["faults"]),
        (SelfOrganizingMap, dict(columns=3), ["columns: a power of two"]),
        (SelfOrganizingMap, dict(rows=33), ["1 to 256 places"]),
        (SelfOrganizingMap, dict(radius=256), ["radius: 0 to 255"]),
        (SelfOrganizingMap, dict(falloff=4), ["falloff: 0 to 3"]),
        (QuantizedSGDRegressor, dict(rule="fast"), ["rule: give plain"]),
        (QuantizedSGDRegressor, dict(hold_out=1.0), ["hold_out: 0 to less than 1"]),
        (QuantizedSGDRegressor, dict(hold_out=float("nan")), ["hold_out"]),
        (QuantizedSGDRegressor, dict(scale=0), ["scale: 0.000001 to 1000000"]),
        (QuantizedSGDRegressor, dict(grey_levels=1), ["grey_levels: 2 to 4096"]),
        (QuantizedSGDRegressor, dict(weight_bits=33), ["weight_bits: 1 to 32"]),
        (QuantizedSGDRegressor, dict(weight_bits=32, point_bits=12), ["point_bits=28 would fit"]),
        (QuantizedSGDRegressor, dict(gradient_bits=21), ["gradient_bits: 0 to 20"]),
        (QuantizedSGDRegressor, dict(rate_shift=32), ["rate_shift: 0 to 31"]),
        (QuantizedSGDClassifier, dict(objective="svm"), ["objective: give logistic, perceptron"]),
        (QuantizedSGDClassifier, dict(objective="perceptron", levels=17), ["levels: 2 to 16"]),
    ],
)
def test_parameters_out_of_range(kind, parameters, words, iris):
    X, y = iris
    line(ValueError, words, kind(**parameters).fit, X, y)


def test_targets_that_are_none(iris):
    X, y = iris
    line(ValueError, ["one class only"], QuantizedSGDClassifier().fit, X, np.ones(len(X)))
    line(ValueError, ["nothing to learn"], QuantizedSGDRegressor().fit, X, np.ones(len(X)))
    refused(ValueError, ["inconsistent"], QuantizedSGDRegressor().fit, X, y[:-1])
    refused(ValueError, ["1 sample"], QuantizedSGDRegressor().fit, X[:1], y[:1])
    line(
        ValueError, ["0 features that vary"], QuantizedSGDRegressor().fit, np.ones((9, 2)), range(9)
    )
    half = QuantizedSGDClassifier()
    line(ValueError, ["lack the class 2"], half.partial_fit, X[:100], y[:100], [0, 1, 2])
    half.partial_fit(X, y)
    line(ValueError, ["class 9"], half.partial_fit, X[:2], [0, 9])


def test_indices_that_are_none(digits):
    model = VectorQuantizer(4, passes=1).fit(digits)
    for X in ([4], [-1]):
        line(ValueError, ["indices are 0 to 3"], model.inverse_transform, X)
    for X in ([0.5], [[0, 1]], ["a"], 3):
        line(ValueError, ["whole numbers"], model.inverse_transform, X)
    assert model.inverse_transform(np.zeros(0, dtype=int)).shape == (0, 64)


def test_orders_that_are_none(digits):
    model = VectorQuantizer(4, passes=1).fit(digits)
    for rows in (0, -1, 1 << 30, 2.5):
        line(ValueError, ["n_samples"], model.learning_order, rows)
    assert sorted(model.learning_order(100)) == list(range(100))


def test_ports_that_are_not_there(digits, tmp_path):
    for port in ("nonsense", "/dev/ttyNONE", str(tmp_path / "none")):
        model = VectorQuantizer(4, port=port)
        line(OSError, [port], model.fit, digits)
        assert not hasattr(model, "run_")


def test_what_is_asked_of_a_model_that_has_learned_nothing(digits):
    for kind in ALL:
        refused(ValueError, ["not fitted"], kind().predict, digits)
    with pytest.raises(AttributeError, match="codewords_"):
        VectorQuantizer().codewords_
    refused(ValueError, ["not fitted"], VectorQuantizer().save, "x.json")


def test_another_input_is_not_gone_on_with(digits):
    model = VectorQuantizer(4, passes=1).fit(digits)
    line(ValueError, ["another input"], model.resume, digits[:-1])
    refused(ValueError, ["features"], model.partial_fit, digits[:, :5])


def test_files_that_are_no_models(digits, iris, tmp_path):
    path = tmp_path / "model.json"
    line(FileNotFoundError, ["no such file"], VectorQuantizer.load, path)
    model = VectorQuantizer(4, passes=1).fit(digits)
    line(FileNotFoundError, ["none", "no such"], model.save, tmp_path / "none" / "model.json")
    model.save(path)
    whole = path.read_bytes()
    line(ValueError, ["is of task `codebook`", "not `regress`"], QuantizedSGDRegressor.load, path)
    path.write_bytes(whole[: len(whole) // 2])
    line(ValueError, ["damaged", "end is missing"], VectorQuantizer.load, path)
    for text in (b"", b"{}", b"\xff\xfe", b"[1]", b"null"):
        path.write_bytes(text)
        line(ValueError, ["not a fixlearn model"], VectorQuantizer.load, path)
    for place in range(20, len(whole), len(whole) // 60):
        damaged = bytearray(whole)
        damaged[place] ^= 0x15
        path.write_bytes(damaged)
        try:
            VectorQuantizer.load(path).predict(digits[:3])
        except ValueError as e:
            assert "\n" not in str(e)
    model.run_ = whole[:99]
    line(ValueError, ["damaged"], model.predict, digits)


@pytest.mark.parametrize("name", ["port", "size", "faults"])
def test_texts_that_are_none(name, iris):
    half = {name: "\ud800"}
    for call in (QuantizedSGDRegressor(**half).fit, QuantizedSGDClassifier(**half).fit):
        line(ValueError, [f"{name}: the text is not valid"], call, *iris)
    line(ValueError, [f"{name}: the text is not valid"], lambda: minimize(**half))
    table = pd.DataFrame(iris[0], columns=["a", "b", "c", "\ud800"])
    line(ValueError, ["X: the text is not valid"], QuantizedSGDRegressor().fit, table, iris[1])


def test_paths_that_name_no_file(iris, tmp_path):
    models = QuantizedSGDRegressor(passes=1), QuantizedSGDClassifier(passes=1)
    calls = [minimize(iterations=1).save, Minimum.load]
    for model in models:
        calls += [model.fit(*iris).save, type(model).load]
    for call in calls:
        for path in (str(tmp_path / "\ud800"), "a\0b", b"a\0b"):
            line(ValueError, ["path: the text is not valid"], call, path)
        for path in ("", b"", "-", b"-"):
            line(ValueError, ["path: name a file"], call, path)
    for path in (os.fsencode(tmp_path / "a.json"), os.fsencode(tmp_path) + b"/\xff.json"):
        models[0].save(path)
        for same in (path, os.fsdecode(path)):
            assert QuantizedSGDRegressor.load(same).run_ == models[0].run_
    assert b"\xff.json" in os.listdir(os.fsencode(tmp_path))


def test_an_error_wins_over_a_warning():
    lines = ["first", "second"]
    for error in (KeyboardInterrupt("stopped"), ValueError("lost")):
        kept = []
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(type(error), match=str(error)):
                came((b"run", error, lines), kept.append)
        with pytest.warns(UserWarning) as told, pytest.raises(type(error)):
            came((b"run", error, lines), kept.append)
        assert [str(w.message) for w in told] == lines and kept == [b"run"] * 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="first"):
            came((b"run", None, lines))


@pytest.mark.parametrize(
    "name, values, words",
    [
        (
            "random_state",
            (random, np.random.RandomState, np.random.default_rng, 1.5, True),
            "a Generator or None",
        ),
        ("scale", (None, "x", [1], True, np.ones((9, 9))), "give a number; it is "),
        ("hold_out", (None, "x", [1]), "give a number; it is "),
        ("scale", (np.inf, 10**400, np.longdouble("1e4000")), "give a finite number"),
        ("standardize", ("no", 1, None, [], np.ones(2)), "give True or False; it is "),
        ("passes", (np.ones((9, 9)),), "give a whole number"),
        ("rule", (np.ones((9, 9)),), "give plain"),
    ],
)
def test_parameters_of_another_type(name, values, words, iris):
    for value in values:
        for kind in LINEAR:
            line(ValueError, [f"{name}: ", words], kind(**{name: value}).fit, *iris)


def test_truths_and_seeds_of_numpy(iris):
    X, y = iris
    plain = QuantizedSGDRegressor(passes=1, standardize=False, scale=0.5)
    other = QuantizedSGDRegressor(passes=1, standardize=np.False_, scale=np.float32(0.5))
    assert plain.fit(X, y).run_ == other.fit(X, y).run_
    for seed in (np.random, np.random.RandomState(1), np.random.default_rng(1), np.uint8(1)):
        QuantizedSGDRegressor(passes=1, rate_shift=5, random_state=seed).fit(X, y)


@pytest.mark.parametrize(
    "parameters, words",
    [
        (dict(resolution_period=""), "resolution_period: give a whole number"),
        (dict(resolution_period=[]), "resolution_period: give a whole number"),
        (dict(resolution_period=False), "resolution_period: give a whole number"),
        (dict(condition="8"), "condition: give a number; it is '8'"),
        (dict(condition=True), "condition: give a number; it is True"),
        (dict(tolerance="8"), "tolerance: give a number; it is '8'"),
        (dict(keep="no"), "keep: give True or False; it is 'no'"),
        (dict(random_state=random), "random_state: give a whole number, a RandomState"),
        (dict(start=[1]), "start: give 2 to 64 numbers for rosenbrock; it has 1"),
        (dict(start=[1], objective="griewank"), "start: give 2 numbers for griewank; it has 1"),
        (dict(start=[1] * 3, objective="griewank"), "start: give 2 numbers for griewank"),
        (dict(start=[np.longdouble("1e4000"), 1]), "start: give finite numbers"),
        (dict(start=[np.inf, 1]), "start: give finite numbers"),
        (dict(start=[[1], [1, 2]]), "start: give finite numbers"),
        (dict(start=[True, False]), "start: give finite numbers"),
        (dict(start=None), "start: give finite numbers"),
        (dict(centre=[1, "a"]), "centre: give finite numbers"),
    ],
)
def test_minimizations_of_another_type(parameters, words):
    line(ValueError, [words], lambda: minimize(**parameters))


def test_files_that_are_no_set(iris, tmp_path):
    X, y = iris
    load = QuantizedSGDClassifier.load

    def saved(name, X, y, **asked):
        return QuantizedSGDClassifier(passes=1, **asked).fit(X, y).save(tmp_path / name)

    a, b, c = saved("three.json", X, y)
    (two,) = saved("two.json", X[:100], y[:100])
    narrow = saved("narrow.json", X[:, :3], y)
    other = saved("other.json", X, y, objective="perceptron")
    table = pd.DataFrame(X, columns=list("abcd"))
    named, renamed = saved("named.json", table, y), saved("re.json", table[list("bacd")], y)
    refuses = [
        ([a, b], ["three-1.json", "three-2.json", "lack the other classes"]),
        ([a, a], ["three-1.json", "both of the class '0'"]),
        ([a, b, c, b], ["three-2.json", "both of the class '1'"]),
        ([a, two], ["two.json", "a model of two classes; load it alone"]),
        ([two, b, c], ["two.json", "load it alone"]),
        ([a, b, narrow[2]], ["three-1.json' has 4 features", "narrow-3.json' 3 features"]),
        ([a, b, other[2]], ["three-1.json' has objective logistic", "other-3.json' objective per"]),
        ([a, b, named[2]], ["three-1.json", "named-3.json' 4 features ['a', 'b', 'c', 'd'"]),
        ([named[0], named[1], renamed[2]], ["named-1.json", "re-3.json' 4 features ['b', 'a'"]),
    ]
    for files, words in refuses:
        line(ValueError, ["path: ", *words], load, *files)
    assert load(c, a, b).classes_.tolist() == [0, 1, 2] and load(two).classes_.tolist() == [0, 1]
    assert load(*named).feature_names_in_.tolist() == list("abcd")


@pytest.mark.parametrize(
    "names, kind",
    [
        (["1_0", "2_0", "3_0"], object),
        (["01", "1", "2"], object),
        (["1.0", "1", "2"], object),
        (["a", "inf", "z"], object),
        (["01", "1"], object),
        ([1, 2, 3], np.int64),
        ([-2.0, 1e17], np.int64),
    ],
)
def test_names_of_classes_that_are_no_numbers(iris, tmp_path, names, kind):
    X, y = iris
    few = y < len(names)
    names = np.array(names)
    model = QuantizedSGDClassifier(passes=1, rate_shift=5).fit(X[few], names[y[few]])
    there = QuantizedSGDClassifier.load(*model.save(tmp_path / "model.json"))
    assert there.classes_.dtype == kind
    assert there.classes_.tolist() == sorted(names)
    assert np.array_equal(there.predict(X), model.predict(X))


def test_numbers_of_classes_that_are_no_whole_ones(iris, tmp_path):
    assert labels(["0.5", "1"]).tolist() == [0.5, 1.0]
    assert labels(["inf", "1"]).tolist() == ["inf", "1"]
    X, y = iris
    large = np.array([1, 2, 2**64 - 1], dtype=np.uint64)[y]
    model = QuantizedSGDClassifier(passes=1, rate_shift=5).fit(X, large)
    there = QuantizedSGDClassifier.load(*model.save(tmp_path / "model.json"))
    assert there.classes_.tolist() == ["1", "1.8446744073709552e19", "2"]


@pytest.mark.parametrize("objective, other", [("logistic", "perceptron"), ("perceptron", "zz")])
def test_what_is_learned_decides(iris, objective, other):
    X, y = iris
    for classes in (y, y == 1):
        model = QuantizedSGDClassifier(objective, passes=2).fit(X, classes)
        before = model.predict(X), model.decision_function(X)
        model.set_params(objective=other)
        assert np.array_equal(model.predict(X), before[0])
        assert np.array_equal(model.decision_function(X), before[1])


@pytest.mark.parametrize(
    "begun, changed",
    [
        (dict(), dict(rule="adaptive")),
        (dict(), dict(rounding="truncate")),
        (dict(), dict(standardize=False)),
        (dict(), dict(scale=0.5)),
        (dict(), dict(grey_levels=16)),
        (dict(grey_levels=8), dict(grey_levels=16)),
        (dict(), dict(gradient_bits=8)),
        (dict(), dict(point_bits=8)),
        (dict(), dict(weight_bits=16)),
        (dict(point_bits=8, weight_bits=12), dict(weight_bits=11)),
        (dict(rule="adaptive"), dict(patience=3)),
    ],
)
def test_parameters_that_a_run_cannot_take_any_more(begun, changed, iris):
    (name,) = changed
    for kind in LINEAR:
        model = kind(passes=1, rate_shift=5, **begun).fit(*iris)
        before = pickle.dumps(model)
        model.set_params(**changed)
        words = [f"{name}: the model was begun with ", "fit begins anew"]
        line(ValueError, words, model.partial_fit, *iris)
        pickle.loads(before).partial_fit(*iris)
        model.fit(*iris)


def test_parameters_that_a_run_still_takes(iris, tmp_path):
    X, y = iris
    given = dict(
        **dict(rule="compensated", patience=9, rounding="feedback", standardize=False, scale=0.5),
        **dict(grey_levels=8, gradient_bits=12, point_bits=20, weight_bits=16),
    )
    for begun in (dict(), dict(weight_bits=32, patience=3), dict(levels=3), given):
        for objective in ("logistic", "perceptron"):
            model = QuantizedSGDClassifier(objective, rate_shift=8, **begun).fit(X, y)
            model.set_params(passes=3, rate_shift=4, random_state=7)
            model.partial_fit(X, y).partial_fit(X, y)
            files = model.save(tmp_path / "model.json")
            assert QuantizedSGDClassifier.load(*files).partial_fit(X, y).n_steps_ == [150] * 3
    model.set_params(objective="logistic")
    line(ValueError, ["objective: the model was begun"], model.partial_fit, X, y)


def test_a_call_that_fails_changes_nothing(iris):
    X, y = iris
    table = pd.DataFrame(X, columns=list("abcd"))
    for kind in LINEAR:
        for call in ("fit", "partial_fit"):
            model = kind(passes=1, rate_shift=99)
            line(ValueError, ["rate_shift"], getattr(model, call), table, y)
            assert not hasattr(model, "n_features_in_")
            assert not hasattr(model, "feature_names_in_")
            model.set_params(rate_shift=5)
            getattr(model, call)(table, y)
            before = dict(vars(model))
            model.set_params(rate_shift=99)
            line(ValueError, ["rate_shift"], model.fit, X[:, :3], y)
            refused(ValueError, ["feature"], model.partial_fit, table[list("abc")], y)
            model.set_params(rate_shift=5)
            assert all(value is before.pop(name) for name, value in vars(model).items())
            assert not before
            model.predict(table)


def test_the_names_of_a_classifiers_files(iris, tmp_path):
    model = QuantizedSGDClassifier(passes=1, rate_shift=5).fit(*iris)
    files = [str(tmp_path / f"m-{i}.json") for i in (1, 2, 3)]
    assert model.save(os.fsencode(tmp_path / "m.json")) == files
    for path in ("", b"", "-", f"{tmp_path}/", f"{tmp_path}/.", f"{tmp_path}/..", ".."):
        line(ValueError, ["path: name a file"], model.save, path)
    assert sorted(os.listdir(tmp_path)) == ["m-1.json", "m-2.json", "m-3.json"]


def test_a_classifiers_files_are_all_or_none(iris, tmp_path):
    model = QuantizedSGDClassifier(passes=1, rate_shift=5).fit(*iris)
    (tmp_path / "m-3.json").mkdir()
    (tmp_path / "m-2.json").write_text("before")
    with pytest.raises(OSError):
        model.save(tmp_path / "m.json")
    assert sorted(os.listdir(tmp_path)) == ["m-2.json", "m-3.json"]


def test_classes_that_stand_for_a_missing_value(iris):
    X, y = iris
    for name in ("", "na", "N/A", "nan", "NaN", "null", "None", "?", "-", "."):
        for others in (["a"], ["5"], ["a", "z"]):
            words = np.array([*others, name])
            few = y < len(words)
            said = f"y: the class {name!r} cannot be told from a missing value"
            line(ValueError, [said], QuantizedSGDClassifier().fit, X[few], words[y[few]])
    half = np.array(["a", "b", "\ud800"], dtype=object)[y]
    line(ValueError, ["y: the text is not valid"], QuantizedSGDClassifier().fit, X, half)


def test_errors_of_targets_name_them(iris):
    X, y = iris
    table = pd.DataFrame(X, columns=["a", "b", "target", "d"])
    for rows in (X, table):
        for values, parameters, said in (
            (y * 0, {}, "y: it is 0 in every row"),
            (y * 1e300, {}, "y: row 51: "),
            (y * 1e3, dict(standardize=False), "y: 100 of 150 values do not fit"),
        ):
            line(ValueError, [said], QuantizedSGDRegressor(**parameters).fit, rows, values)
    words = np.array(["5", "inf"])[(y == 1).astype(int)]
    line(ValueError, ["y: row 51: inf cannot be scaled"], QuantizedSGDClassifier().fit, X, words)
    line(ValueError, ["X: row 1, column `1`"], QuantizedSGDRegressor().fit, X * 1e301, y)
