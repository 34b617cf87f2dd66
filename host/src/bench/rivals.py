"""Vectors a second of other programs, on the data and the codebook that are given; as JSON.

`fixlearn bench` calls it: rivals.py DATA.npy CODEBOOK.npy VECTORS CORES. All data is float32 and in
order before a clock starts, each program has looked at some of it once, and each takes `CORES`
threads. VECTORS are for MiniSom to learn, one after the other; the others learn all of them, once.
"""

import json
import sys
import time
import warnings

import faiss
import numpy as np
from minisom import MiniSom
from scipy.cluster.vq import kmeans, vq
from sklearn.cluster import KMeans, MiniBatchKMeans

warnings.simplefilter("ignore")
samples = np.ascontiguousarray(np.load(sys.argv[1]), dtype=np.float32)
codebook = np.ascontiguousarray(np.load(sys.argv[2]), dtype=np.float32)
online, cores = int(sys.argv[3]), int(sys.argv[4])
faiss.omp_set_num_threads(cores)
count, dimension = codebook.shape
side = int(count**0.5)
found = {}


def rate(name, vectors, work):
    """The best of as many times as half a second holds, and of one at least."""
    first, least = time.perf_counter(), float("inf")
    while time.perf_counter() < first + 0.5:
        begun = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - begun)
    found[name] = vectors / least


index = faiss.IndexFlatL2(dimension)
index.add(codebook)
index.search(samples[:1000], 1)
rate("faiss-cpu encode", len(samples), lambda: index.search(samples, 1))
vq(samples[:1000], codebook, check_finite=False)
rate("scipy encode", len(samples), lambda: vq(samples, codebook, check_finite=False))
for name, kind in [("KMeans", KMeans), ("MiniBatchKMeans", MiniBatchKMeans)]:
    fitted = kind(count, init=codebook, n_init=1, max_iter=1).fit(codebook)
    fitted.cluster_centers_ = codebook.copy()
    fitted.predict(samples[:1000])
    rate(f"scikit-learn {name} encode", len(samples), lambda: fitted.predict(samples))
som = MiniSom(side, count // side, dimension, sigma=1.0, learning_rate=0.1, random_seed=1)
som._weights = codebook.reshape(side, count // side, dimension).astype(np.float64)
some = samples[: 10 * online]
pieces = np.array_split(some, max(1, len(some) // 5000))
som.quantization(pieces[0])
rate("MiniSom encode", len(some), lambda: [som.quantization(piece) for piece in pieces])

rate("MiniSom train", online, lambda: som.train(samples[:online], online))
one = faiss.Kmeans(dimension, count, niter=1, max_points_per_centroid=1 << 30)
rate("faiss-cpu train", len(samples), lambda: one.train(samples, init_centroids=codebook))
# It stops when the mean distance does not fall any more, which it knows after two passes.
rate("scipy train", 2 * len(samples), lambda: kmeans(samples, codebook, thresh=1e30))
batches = KMeans(count, init=codebook, n_init=1, max_iter=1)
rate("scikit-learn KMeans train", len(samples), lambda: batches.fit(samples))
once = {"n_init": 1, "max_iter": 1, "batch_size": 1024, "max_no_improvement": None}
small = MiniBatchKMeans(count, init=codebook, compute_labels=False, **once)
rate("scikit-learn MiniBatchKMeans train", len(samples), lambda: small.fit(samples))
print(json.dumps(found))
