"""Side by side with scikit-learn, on the same rows: least squares on `diabetes`, learned on the
simulated board with 16-bit weights, and the closed form; even and odd `digits`, learned with 4-bit
weights by the quantized perceptron, and scikit-learn's Perceptron.

    pip install scikit-learn
    python tests/gradient_quality.py [--seeds 5]

The exit status is 1 if the board's test error is more than 1 % above the closed form's, or its
test accuracy more than 2 points below the Perceptron's, in the mean over the splits; or if a run
differs from the golden model in any bit.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy
from sklearn.datasets import load_diabetes, load_digits
from sklearn.linear_model import LinearRegression, Perceptron

MASK = 2**64 - 1


def mix(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def split(seed, rows, share=0.2):
    """The rows that `fixlearn train --seed` learns from and holds out."""
    base = mix((seed + mix((MASK + 0x9E3779B97F4A7C15) & MASK)) & MASK)
    order = sorted(range(rows), key=lambda i: (mix((base + i) & MASK), i))
    held = int(rows * share + 0.5)
    return order[held:], order[:held]


def run(*command):
    done = subprocess.run(
        ["cargo", "run", "--release", "--quiet", "--package", "fixlearn", "--", *command, "--json"],
        stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def table(path, data, target, name):
    names = [f"x{i}" for i in range(data.shape[1])] + [name]
    numpy.savetxt(path, numpy.c_[data, target], delimiter=",", header=",".join(names),
                  comments="", fmt="%.10g")


def learn(folder, path, target, seed, *options):
    model = os.path.join(folder, "model.json")
    learned = run("train", "--core", "gradient", path, "--header", "--target", target, "--port",
                  "sim", "--seed", str(seed), "--out", model, *options)
    checked = run("check", path, "--model", model)
    return learned, checked["equal"]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seeds", type=int, default=5)
    seeds = range(1, arguments.parse_args().seeds + 1)
    equal = True
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "table.csv")

        diabetes = load_diabetes(scaled=False)
        table(path, diabetes.data, diabetes.target, "progression")
        print("diabetes, test RMSE      board  closed form  board / closed form")
        ours, theirs = [], []
        for seed in seeds:
            learned, same = learn(folder, path, "progression", seed, "--point-bits", "12",
                                  "--rounding", "feedback", "--rate-shift", "6", "--rate-final",
                                  "12", "--passes", "60")
            train, test = split(seed, len(diabetes.target))
            fit = LinearRegression().fit(diabetes.data[train], diabetes.target[train])
            error = fit.predict(diabetes.data[test]) - diabetes.target[test]
            ours.append(learned["held_out"])
            theirs.append(float(numpy.sqrt(numpy.mean(error**2))))
            equal &= same
            print(f"  split {seed} {ours[-1]:20.3f} {theirs[-1]:12.3f} {ours[-1] / theirs[-1]:20.4f}")
        ratio = numpy.mean(ours) / numpy.mean(theirs)
        print(f"  mean    {numpy.mean(ours):20.3f} {numpy.mean(theirs):12.3f} {ratio:20.4f}")

        digits = load_digits()
        odd = digits.target % 2
        table(path, digits.data, odd, "odd")
        print("digits, test accuracy    board, 4-bit weights  Perceptron")
        ours, theirs = [], []
        for seed in seeds:
            learned, same = learn(folder, path, "odd", seed, "--objective", "perceptron",
                                  "--weight-bits", "4", "--point-bits", "3", "--grey-levels", "16",
                                  "--rounding", "feedback", "--rate-shift", "5", "--rate-final",
                                  "8", "--passes", "20")
            train, test = split(seed, len(odd))
            fit = Perceptron(random_state=0).fit(digits.data[train], odd[train])
            ours.append(learned["held_out"])
            theirs.append(fit.score(digits.data[test], odd[test]))
            equal &= same
            print(f"  split {seed} {ours[-1]:20.4f} {theirs[-1]:23.4f}")
        gap = numpy.mean(theirs) - numpy.mean(ours)
        print(f"  mean    {numpy.mean(ours):20.4f} {numpy.mean(theirs):23.4f}")
    print(f"golden model: {'equal in every bit' if equal else 'NOT equal'}")
    return 0 if equal and ratio <= 1.01 and gap <= 0.02 else 1


if __name__ == "__main__":
    sys.exit(main())
