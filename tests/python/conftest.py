"""What the tests of the Python package share. `FIXLEARN` is the program's path."""

import os
import signal
import subprocess
import sys

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


@pytest.fixture
def interrupted():
    """Runs a script until it says "ready", then sends it the signal of Ctrl-C; what it says then.
    It is to end within two minutes."""
    children = []

    def run(script, *arguments):
        # Also where whoever began this ignores the signal.
        heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        command = [sys.executable, "-c", heard + script, *map(str, arguments)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        children.append(child)
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=120)
        assert child.returncode == 0
        return said

    yield run
    for child in children:
        child.kill()
