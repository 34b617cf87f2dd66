"""What the tests of the Python package share. `FIXLEARN` is the program's path."""

import os
import subprocess

# One of scikit-learn's checks asks for it, before scikit-learn is imported.
os.environ["SCIPY_ARRAY_API"] = "1"

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris


@pytest.fixture(scope="session")
def digits():
    """1797 vectors of 64 bytes."""
    return load_digits().data.astype(np.uint8)


@pytest.fixture(scope="session")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture
def fixlearn(tmp_path):
    """Runs the program in a folder of its own; what it said."""

    def run(*arguments, status=0):
        arguments = [os.environ["FIXLEARN"], *map(str, arguments)]
        done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    return run
