"""A simulated board, and a board at the end of a pseudo-terminal, learn the golden model's bits.
`FIXLEARN_BOARD` is the path of the latter."""

import os

import numpy as np
import pytest
from fixlearn import QuantizedSGDRegressor, VectorQuantizer


@pytest.fixture(scope="module")
def few():
    return np.random.RandomState(0).randint(0, 256, (40, 4)).astype(np.uint8)


def test_the_simulated_board(few):
    golden = VectorQuantizer(16, passes=2, size="16x4x1").fit(few)
    board = VectorQuantizer(16, passes=2, size="16x4x1", port="sim").fit(few)
    assert board.run_ == golden.run_
    assert np.array_equal(board.labels_, golden.labels_)
    assert board.score(few) == golden.score(few)


def test_the_core_alone(few):
    X, y = few[:, :3].astype(float), few[:, 3].astype(float)
    golden = QuantizedSGDRegressor(passes=2, rate_shift=5).fit(X, y)
    core = QuantizedSGDRegressor(passes=2, rate_shift=5, port="core").fit(X, y)
    assert core.run_ == golden.run_
    assert np.array_equal(core.predict(X), golden.predict(X))


def test_a_serial_port(few):
    path = os.environ["FIXLEARN_BOARD"]
    seen = []
    golden = VectorQuantizer(16, passes=3).fit(few)
    board = VectorQuantizer(16, passes=3, port=path, progress=lambda *now: seen.append(now))
    board.fit(few)
    assert np.array_equal(board.codewords_, golden.codewords_)
    assert np.array_equal(board.labels_, golden.labels_)
    assert np.array_equal(board.predict(few), golden.predict(few))
    assert seen[-1][0] == 120
    with pytest.raises(OSError, match="has a vector quantizer"):
        QuantizedSGDRegressor(port=path).fit(few[:, :3], few[:, 3])


SCRIPT = """
import threading
import numpy as np
from fixlearn import VectorQuantizer
few = np.random.RandomState(0).randint(0, 256, (40, 4)).astype(np.uint8)
model = VectorQuantizer(16, passes=2, size="16x4x1").fit(few).set_params(port="sim")
assert len(model.predict(few)) == 40
many = np.tile(few, (1_000_000, 1))
ready = threading.Timer(0.5, print, ("ready",), {"flush": True})
try:
    ready.start()
    model.predict(many)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_ends_an_answer(interrupted):
    assert interrupted(SCRIPT) == "interrupted\n"
