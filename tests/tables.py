"""Side by side with scikit-learn's default models, on the same rows: `fixlearn regress` with its own
defaults on the golden model, StandardScaler and LogisticRegression, LinearRegression.

    pip install scikit-learn
    python tests/tables.py [--seeds 5] [--first-seed 1]

Each table is split by `fixlearn regress --split`, a fifth of its rows held out, once for each seed;
scikit-learn gets the same rows. A line for each bar follows the table; the exit status is 1 if the
mean over the splits misses one: 1 point of accuracy, or 2 % of the root mean square error.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy
from sklearn import datasets
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def tables():
    """Name, features, target, and whether it is a class, a word."""
    iris = datasets.load_iris()
    wine = datasets.load_wine()
    for name, data, kinds in ("iris", iris, (0, 1, 2)), ("wine", wine, (0, 1, 2)):
        for kind in kinds:
            words = numpy.where(data.target == kind, data.target_names[kind], "other")
            yield f"{name} {data.target_names[kind]}", data.data, words, True
    cancer = datasets.load_breast_cancer()
    yield "breast_cancer", cancer.data, cancer.target_names[cancer.target], True
    digits = datasets.load_digits()
    for a, b in (3, 8), (4, 9):
        two = numpy.isin(digits.target, (a, b))
        words = numpy.where(digits.target[two] == a, "a", "b")
        yield f"digits {a} or {b}", digits.data[two], words, True
    data, target = datasets.make_classification(
        1000, 20, n_informative=5, flip_y=0.1, random_state=0)
    yield "make_classification", data, numpy.where(target == 1, "yes", "no"), True
    diabetes = datasets.load_diabetes(scaled=False)
    yield "diabetes", diabetes.data, diabetes.target, False
    linnerud = datasets.load_linnerud()
    for column, name in enumerate(linnerud.target_names):
        yield f"linnerud {name}", linnerud.data, linnerud.target[:, column], False
    yield "friedman1", *datasets.make_friedman1(1000, noise=1.0, random_state=0), False
    yield "friedman2", *datasets.make_friedman2(1000, noise=100.0, random_state=0), False
    yield "make_regression", *datasets.make_regression(
        1000, 10, n_informative=5, noise=20.0, random_state=0), False


def learn(folder, seed):
    table, split, out = (os.path.join(folder, name) for name in ("t.csv", "s.csv", "m.json"))
    command = ["cargo", "run", "--release", "--quiet", "--package", "fixlearn", "--", "regress",
               table, "--target", "target", "--seed", str(seed), "--port", "golden", "--out", out,
               "--split", split, "--force", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    with open(split, newline="") as lines:
        parts = numpy.array([row["part"] for row in csv.DictReader(lines)])
    return json.loads(done.stdout), parts == "train", parts == "test"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("--first-seed", type=int, default=1)
    asked = arguments.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    bars = []
    print(f"{'table':24} {'rows':>5} {'measure':>8} {'fixlearn':>9} {'sklearn':>9} "
          f"{'worst split':>11} passes, rates 2^-n")
    with tempfile.TemporaryDirectory() as folder:
        for name, data, target, classes in tables():
            with open(os.path.join(folder, "t.csv"), "w", newline="") as out:
                writer = csv.writer(out)
                writer.writerow([f"x{i}" for i in range(data.shape[1])] + ["target"])
                writer.writerows([*map(repr, map(float, row)), t] for row, t in zip(data, target))
            ours, theirs, how = [], [], []
            for seed in seeds:
                learned, train, test = learn(folder, seed)
                model = LogisticRegression() if classes else LinearRegression()
                model = make_pipeline(StandardScaler(), model).fit(data[train], target[train])
                if classes:
                    theirs.append(model.score(data[test], target[test]))
                else:
                    error = model.predict(data[test]) - target[test]
                    theirs.append(float(numpy.sqrt(numpy.mean(error**2))))
                ours.append(learned["held_out"])
                how.append((learned["passes"], learned["rate_shift"]))
            a, b = numpy.array(ours), numpy.array(theirs)
            worse = 100 * (b - a) if classes else 100 * (a / b - 1)
            mean = 100 * (b.mean() - a.mean()) if classes else 100 * (a.mean() / b.mean() - 1)
            measure = "accuracy" if classes else "rmse"
            print(f"{name:24} {len(target):5} {measure:>8} {a.mean():9.4f} {b.mean():9.4f} "
                  f"{worse.max():11.2f} {' '.join(f'{p}/{r}' for p, r in how)}", flush=True)
            unit, goal = ("points", 1) if classes else ("%", 2)
            error = worse.std() / len(worse) ** 0.5
            value = f"{mean:.2f} {unit} worse (standard error {error:.2f})"
            bars.append((name, value, f"at most {goal} {unit}", mean <= goal))
    for name, value, goal, held in bars:
        print(f"bar {name}: {value}, wanted {goal}, {'held' if held else 'missed'}")
    return 0 if all(held for *_, held in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
