"""Learning lets others run, says how far it is, and ends when it is told to."""

import _thread
import signal
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest
from fixlearn import QuantizedSGDRegressor, VectorQuantizer


@pytest.fixture(scope="module")
def many():
    return np.random.RandomState(0).randint(0, 256, (50_000, 16)).astype(np.uint8)


def test_other_threads_run_meanwhile(many):
    ticks = []

    def count():
        while len(ticks) < 50:
            ticks.append(time.sleep(0.001))
        _thread.interrupt_main()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    other = threading.Thread(target=count)
    model = VectorQuantizer(256, passes=500, compute_labels=False)
    try:
        # A thread that waits for the interpreter would be heard at the end only.
        with pytest.raises(KeyboardInterrupt):
            other.start()
            model.fit(many)
    finally:
        other.join()
        signal.signal(signal.SIGINT, before)
    assert len(ticks) == 50


AT_THE_END = """
import threading, time, numpy as np
from fixlearn import VectorQuantizer

begun = threading.Event()
X = np.random.RandomState(0).randint(0, 256, (20_000, 16)).astype(np.uint8)
model = VectorQuantizer(256, passes=100_000, progress=lambda *now: begun.set())
threading.Thread(target=model.fit, args=(X,), daemon=True).start()
begun.wait()
"""

NO_ROOM = """
import resource, numpy as np
from fixlearn import VectorQuantizer

resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
model = VectorQuantizer(256, passes=1).fit(np.arange(512, dtype=np.uint8).reshape(-1, 2))
for call in (
    lambda: model.transform(np.zeros((2_000_000, 2), np.uint8)),
    lambda: VectorQuantizer(4).fit(np.zeros((60_000_000, 2), np.float32)),
):
    try:
        call()
    except MemoryError as error:
        print(error)
"""


def run(script):
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def test_a_thread_that_learns_at_the_end_goes_along():
    assert run(AT_THE_END) == (0, "", "")


def test_what_has_no_room_is_a_memory_error():
    status, said, noise = run(NO_ROOM)
    assert (status, noise) == (0, "") and said.count("no memory for") == 2


def test_two_learn_at_once_and_apart(digits):
    alone = [VectorQuantizer(8, random_state=seed).fit(digits).run_ for seed in (1, 2)]
    found = {}

    def learn(seed):
        found[seed] = VectorQuantizer(8, random_state=seed).fit(digits).run_

    threads = [threading.Thread(target=learn, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[1], found[2]] == alone


def test_progress_is_called_with_steps_and_marks(many):
    seen = []
    model = VectorQuantizer(64, passes=8, progress=lambda *now: seen.append(now)).fit(many)
    steps = [done for done, _, _ in seen]
    assert steps == sorted(steps) and steps[-1] == model.n_steps_ == 8 * len(many)
    assert {total for _, total, _ in seen} == {8 * len(many)}
    assert seen[-1][2] == model.history_[-1]
    assert set(seen[-1][2]) == {"vectors", "distortion", "mean_distance"}
    linear = []
    X = many[:500].astype(float)
    QuantizedSGDRegressor(passes=3, progress=lambda *now: linear.append(now)).fit(X, X[:, 0])
    assert linear[-1][:2] == (1500, 1500) and linear[-1][2]["pass"] == 3


def test_an_error_of_the_callback_ends_it(many):
    seen = []

    def stop(done, total, mark):
        seen.append(done)
        if mark and len(seen) > 3:
            raise RuntimeError("enough")

    model = VectorQuantizer(256, passes=1000, progress=stop)
    with pytest.raises(RuntimeError, match="enough"):
        model.fit(many)
    assert 0 < model.n_steps_ < 1000 * len(many)
    assert seen == sorted(set(seen))


def test_a_bar_is_drawn_with_tqdm(digits, capfd):
    VectorQuantizer(8, passes=5, progress=True).fit(digits)
    assert f"{5 * len(digits)}/{5 * len(digits)}" in capfd.readouterr().err


def test_nothing_is_printed_and_lines_are_warnings(capfd):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        VectorQuantizer(8).fit([[0, 0], [9, 9]])
    said = [str(warning.message) for warning in caught]
    assert said == [
        "the input has 2 different vectors, fewer than n_codewords=8: some will be unused"
    ]
    assert caught[0].filename == __file__
    assert capfd.readouterr() == ("", "")


SCRIPT = """
import sys, numpy as np
from fixlearn import VectorQuantizer

told = []

def tell(done, total, mark):
    if done > 100_000 and not told:
        told.append(print("ready", flush=True))

X = np.random.RandomState(0).randint(0, 256, (20_000, 16)).astype(np.uint8)
model = VectorQuantizer(256, passes=100_000, compute_labels=False, progress=tell)
try:
    model.fit(X)
except KeyboardInterrupt:
    print("interrupted", model.n_steps_, flush=True)
    model.save(sys.argv[1])
"""


def test_ctrl_c_ends_it_and_keeps_what_was_learned(tmp_path, fixlearn, interrupted):
    path = tmp_path / "part.json"
    said = interrupted(SCRIPT, path)
    word, steps = said.split()
    assert word == "interrupted" and int(steps) > 0
    # It goes on from there, to the bits of one that was not interrupted.
    X = np.random.RandomState(0).randint(0, 256, (20_000, 16)).astype(np.uint8)
    passes = int(steps) // len(X) + 2
    model = VectorQuantizer.load(path).set_params(passes=passes).resume(X)
    assert model.n_steps_ == passes * len(X)
    whole = VectorQuantizer(256, passes=passes, compute_labels=False).fit(X)
    assert np.array_equal(model.codewords_, whole.codewords_)
    np.save(tmp_path / "table.npy", X)
    fixlearn("check", "table.npy", "--model", path, "--port", "golden")
