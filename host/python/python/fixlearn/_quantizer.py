"""The vector quantizer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ._base import flag, seed_of, small, whole
from ._codebook import Codebook

if TYPE_CHECKING:
    from ._types import Progress, Rounding, Seed


class VectorQuantizer(Codebook):
    """A codebook that a vector quantizer learns, vector after vector.

    Each vector moves its nearest codeword towards itself. By default the rate of a codeword is
    ``1/u`` after ``u`` wins in a pass (MacQueen, 1967), so that it ends as the mean of what it won.

    Parameters
    ----------
    n_codewords : int, default=64
        1 to 256.
    passes : int, default=10
        Times that every vector is learned, 0 to 1048576.
    frequency_passes : int, default=0
        First passes that scale distances by win counts (Ahalt et al., 1990).
    bits : {1, 2, 4}, optional
        Learn so few bits of a sample, rounded at random; all 8 by default.
    init : {"greedy", "plus-plus", "random", "plane"}, default="greedy"
        The first codebook: vectors at random, or by k-means++ (Arthur and Vassilvitskii, 2007).
    metric : {"l2", "l1"}, default="l2"
        Squared Euclidean distance, or the sum of absolute differences.
    rounding : {"nearest", "truncate", "stochastic", "feedback"}, default="nearest"
        Of updates.
    fixed_rate : bool, default=False
        Rates by power of two, not by win count.
    keep_counts : bool, default=False
        Win counts go on from pass to pass, in place of beginning at 1 in each.
    rate_shift : int, optional
        The rate is ``2**-rate_shift``, or at least that by count: 0 to 15. By default 15; with
        `keep_counts` or `fixed_rate` 8.
    rate_final : int, optional
        Its exponent at the end, 0 to 15; by default `rate_shift`.
    rate_period : int, optional
        Vectors for each halving, 0 to 16777215, 0 holds it; by default by the run.
    count_cap : int, default=65535
        Win count at which all are halved, 2 to 65535.
    common_scale : bool, default=False
        Scale columns alike, in place of each by its range. Not for bytes, which are not scaled.
    window : (float, float), optional
        The values that the 255 steps are of, for all columns; values beyond it count as its ends.
        `load` gives a common scale as the window that it was, which a file does not tell from it.
    resident : int, optional
        Vectors that each pass learns first, for a board that cannot keep all.
    compute_labels : bool, default=True
        Ask the device for every vector's winner after `fit`, which takes the line as much as
        another pass does.
    random_state : int, RandomState, Generator or None, default=1
        Decides the first codebook and the order of vectors; an int is ``--seed`` of the command
        line. None takes another each time.
    port : str, default="golden"
        ``"golden"`` (the golden model), ``"sim"`` (the simulated board, which needs Verilator),
        ``"core"`` (its core alone), ``"auto"`` (the only USB device's), or a serial port's path.
    baud : int, optional
        Of a serial port, 300 or more; 3000000 by default.
    wait : int, optional
        Seconds to wait for a port that goes away; 30 by default.
    frame : int, optional
        Payload of a frame, 1 to 249 bytes; as the line allows by default.
    size : str, optional
        Size of the core behind golden, sim or core, as ``"64x16x8"``; the smallest that fits by
        default.
    faults : str, optional
        Faults on the simulated line, as ``"ber=1e-4,lost=0.01"``.
    progress : bool or callable, optional
        True draws a bar with tqdm. A callable gets ``(done, total, mark)``: vectors learned, all
        of them, and the last mark of the learning curve, a dict or None.

    Attributes
    ----------
    codewords_ : float64 array of shape (n_codewords, n_features)
    labels_ : int64 array of shape (n_samples,)
    history_ : list of dict
        ``vectors``, ``distortion``, ``mean_distance`` (in sample steps, squared with ``"l2"``).
    n_steps_ : int
        Vectors that were learned.
    run_ : bytes
        The run's file.
    n_features_in_ : int

    Examples
    --------
    >>> import numpy as np
    >>> from fixlearn import VectorQuantizer
    >>> X = np.array([[0, 0], [1, 1], [250, 250], [251, 251]], dtype=np.uint8)
    >>> VectorQuantizer(2).fit(X).predict(X).tolist() in ([0, 0, 1, 1], [1, 1, 0, 0])
    True
    """

    def __init__(
        self,
        n_codewords: int = 64,
        *,
        passes: int = 10,
        frequency_passes: int = 0,
        bits: int | None = None,
        init: Literal["greedy", "plus-plus", "random", "plane"] = "greedy",
        metric: Literal["l2", "l1"] = "l2",
        rounding: Rounding = "nearest",
        fixed_rate: bool = False,
        keep_counts: bool = False,
        rate_shift: int | None = None,
        rate_final: int | None = None,
        rate_period: int | None = None,
        count_cap: int = 65535,
        common_scale: bool = False,
        window: tuple[float, float] | None = None,
        resident: int | None = None,
        compute_labels: bool = True,
        random_state: Seed = 1,
        port: str = "golden",
        baud: int | None = None,
        wait: int | None = None,
        frame: int | None = None,
        size: str | None = None,
        faults: str | None = None,
        progress: Progress = None,
    ) -> None:
        self.n_codewords = n_codewords
        self.passes = passes
        self.frequency_passes = frequency_passes
        self.bits = bits
        self.init = init
        self.metric = metric
        self.rounding = rounding
        self.fixed_rate = fixed_rate
        self.keep_counts = keep_counts
        self.rate_shift = rate_shift
        self.rate_final = rate_final
        self.rate_period = rate_period
        self.count_cap = count_cap
        self.common_scale = common_scale
        self.window = window
        self.resident = resident
        self.compute_labels = compute_labels
        self.random_state = random_state
        self.port = port
        self.baud = baud
        self.wait = wait
        self.frame = frame
        self.size = size
        self.faults = faults
        self.progress = progress

    def _request(self):
        return {
            "codewords": small("n_codewords", self.n_codewords),
            "frequency_passes": whole("frequency_passes", self.frequency_passes),
            "seed": seed_of(self.random_state),
            "fixed_rate": flag("fixed_rate", self.fixed_rate),
            "keep_counts": flag("keep_counts", self.keep_counts),
            "radius": 0,
            "radius_period": None,
            "columns": 256,
            "falloff": None,
        }

    @classmethod
    def _asked(cls, info):
        plan = info["plan"]["plan"]
        if plan["radius"] or plan["columns_log2"] != 8:
            raise ValueError("the model is a map; SelfOrganizingMap.load reads it")
        return {
            **super()._asked(info),
            "n_codewords": plan["codewords"],
            "frequency_passes": plan["frequency_passes"],
            "fixed_rate": not plan["count_based"],
            "keep_counts": plan["count_based"] and not plan["fresh_counts"],
        }
