"""Side by side on one photograph: the codebook learned on the simulated board, the f64 reference
of the same schedule, and scikit-learn's KMeans.

    pip install scikit-learn scikit-image
    python tests/quality.py [IMAGE] [--passes 20]

Without an image it takes scikit-image's `camera`, 512 x 512 pixels of 8-bit grey. The exit status
is 1 if the board is more than 0.15 dB below the reference or below KMeans, or has a codeword that
nothing chose.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy
from skimage import data, io
from sklearn.cluster import KMeans

BLOCK = 4
CODEWORDS = 256


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def kmeans_psnr(image):
    height, width = image.shape
    blocks = image.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    blocks = blocks.swapaxes(1, 2).reshape(-1, BLOCK * BLOCK).astype(float)
    fit = KMeans(CODEWORDS, init="k-means++", n_init=5, random_state=0).fit(blocks)
    decoded = numpy.clip(numpy.round(fit.cluster_centers_), 0, 255)[fit.labels_]
    return 10 * numpy.log10(255**2 / numpy.mean((blocks - decoded) ** 2))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("image", nargs="?")
    arguments.add_argument("--passes", default="20")
    arguments = arguments.parse_args()
    cargo = ["cargo", "run", "--release", "--quiet", "--package"]
    with tempfile.TemporaryDirectory() as folder:
        path, model = os.path.join(folder, "image.png"), os.path.join(folder, "model.json")
        image = io.imread(arguments.image) if arguments.image else data.camera()
        io.imsave(path, image, check_contrast=False)
        begun = time.time()
        trained = run(*cargo, "fixlearn", "--", "train", path, "--port", "sim", "--out", model,
                      "--codewords", str(CODEWORDS), "--block", str(BLOCK),
                      "--passes", arguments.passes, "--json")
        print(f"board: {trained['vectors']} vectors in {time.time() - begun:.0f} s,"
              f" {trained['seconds']:.1f} s of board time")
        board = run(*cargo, "fixlearn", "--", "encode", path, "--port", "sim", "--model", model,
                    "--out", os.path.join(folder, "indices"), "--json")
        reference = run(*cargo, "fixlearn-tests", "--example", "reference", "--", model, path)
    kmeans = kmeans_psnr(image)
    print(f"{'':24}{'PSNR dB':>9}{'unused':>8}")
    print(f"{'simulated board':24}{board['psnr_db']:9.3f}{board['unused_codewords']:8}")
    print(f"{'f64, same schedule':24}{reference['psnr_db']:9.3f}{reference['unused_codewords']:8}")
    print(f"{'KMeans, 5 restarts':24}{kmeans:9.3f}")
    good = (board["psnr_db"] >= reference["psnr_db"] - 0.15 and board["psnr_db"] >= kmeans - 0.15
            and board["unused_codewords"] == 0)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
