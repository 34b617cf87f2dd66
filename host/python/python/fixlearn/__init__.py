"""Learning in fixed point on small FPGAs, as scikit-learn's estimators.

Every estimator learns on a device: ``port="golden"`` is the golden model, which is the
specification and runs here; ``"sim"`` is the generated Verilog at its UART pins, in Verilator; a
path as ``"/dev/ttyUSB1"`` is a board. The bits are the same on all of them, and the same as those
of the program ``fixlearn``, whose files ``save`` writes and ``load`` reads.
"""

from ._boltzmann import BoltzmannClassifier
from ._classify import QuantizedSGDClassifier
from ._core import __version__
from ._filter import AdaptiveFilter
from ._fusion import FusionRegressor
from ._map import SelfOrganizingMap
from ._minimize import Minimum, minimize
from ._network import NetworkClassifier
from ._quantizer import VectorQuantizer
from ._regress import QuantizedSGDRegressor

__all__ = [
    "AdaptiveFilter",
    "BoltzmannClassifier",
    "FusionRegressor",
    "Minimum",
    "NetworkClassifier",
    "QuantizedSGDClassifier",
    "QuantizedSGDRegressor",
    "SelfOrganizingMap",
    "VectorQuantizer",
    "__version__",
    "minimize",
]
