"""A tour of the package, in cells: pictures of digits, a map, a regression, classes, files.

    python host/python/examples/tour.py [PORT]

PORT is golden if it is not given; sim and a board give the same numbers.
"""

# %% What is learned from, and where
import os
import sys
import tempfile

import numpy as np
from fixlearn import (
    BoltzmannClassifier,
    QuantizedSGDClassifier,
    QuantizedSGDRegressor,
    SelfOrganizingMap,
    VectorQuantizer,
    minimize,
)
from sklearn.datasets import load_diabetes, load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

port = sys.argv[1] if len(sys.argv) > 1 else "golden"
digits, names = load_digits(return_X_y=True)
pictures = digits.astype(np.uint8)

# %% A codebook: 64 pictures that stand for 1797
codebook = VectorQuantizer(64, port=port).fit(pictures)
back = codebook.inverse_transform(codebook.predict(pictures))
error = ((pictures - back.astype(float)) ** 2).mean()
print(f"codebook: {codebook}")
print(f"6 bits a picture: PSNR {10 * np.log10(16**2 / error):.2f} dB of 16 grey levels")

# %% Distances as features, in a pipeline
pipeline = make_pipeline(codebook, StandardScaler(), LogisticRegression(C=0.01))
grid = GridSearchCV(pipeline, {"vectorquantizer__n_codewords": [16, 64, 128]}, cv=3)
grid.fit(pictures, names)
print(f"digits by distances: {grid.best_score_:.3f} with {grid.best_params_}")

# %% A map, and where each digit lives on it
som = SelfOrganizingMap(8, 16, passes=20, port=port).fit(pictures)
print(
    f"map: quantization error {som.quantization_error(pictures):.2f}, "
    f"topographic error {som.topographic_error(pictures):.3f}"
)
found = som.labels_map(pictures, names)
for row in range(som.rows):
    cells = (found.get((row, column)) for column in range(som.columns))
    print(" ".join(str(cell.most_common(1)[0][0]) if cell else "." for cell in cells))
edges = som.distance_map("mean")
print(f"U-matrix: {edges.min():.2f} to 1, of shape {edges.shape}")

# %% A number, and classes
X, y = load_diabetes(return_X_y=True)
scores = cross_val_score(QuantizedSGDRegressor(port=port), X, y, cv=5)
print(f"diabetes: R2 {scores.mean():.3f} with weights of 32 bits")
scores = cross_val_score(QuantizedSGDRegressor(weight_bits=8, point_bits=6, port=port), X, y, cv=5)
print(f"diabetes: R2 {scores.mean():.3f} with weights of 8 bits")
X, y = load_wine(return_X_y=True)
for model in (QuantizedSGDClassifier(port=port), BoltzmannClassifier(port=port)):
    scores = cross_val_score(model, X, y, cv=5)
    print(f"wine: {scores.mean():.3f} right by {type(model).__name__}")

# %% A function's minimum
print(minimize("rosenbrock", [-1.2, 1.0], port=port))

# %% The file is the command line's
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "digits.json")
    codebook.save(path)
    again = VectorQuantizer.load(path, port=port)
    assert np.array_equal(again.predict(pictures), codebook.predict(pictures))
    print(f"file: {os.path.getsize(path)} bytes, for fixlearn encode, decode, check and export")
