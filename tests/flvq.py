#!/usr/bin/env python3
"""A decoder of files of staged quantizers, written from the page host/docs/codec.md.

    python3 tests/flvq.py FILE OUT

Pictures become PGM or PPM, one behind the other; sound and vectors the samples of all planes beside
each other, of 16 bits, low byte first, or 8. The status is 1 if there is damage, 2 if all of it."""
import struct
import sys
import zlib

class Coded:
    def __init__(self, data):
        self.words = iter(struct.unpack(f">{len(data) // 4 + 1}I", data + bytes(4)))
        self.d, self.range = next(self.words) << 32 | next(self.words), (1 << 64) - 1

    def symbol(self, shares):
        n, total, below, left, scale = len(shares), max(1, sum(shares)), 0, 0, self.range >> 24
        if self.d // scale >= 1 << 24:
            raise StopIteration
        for symbol, share in enumerate(shares):
            below += share
            right = symbol + 1 + below * ((1 << 24) - n) // total if symbol < n - 1 else 1 << 24
            if self.d // scale < right:
                break
            left = right
        self.d, self.range = self.d - scale * left, scale * (right - left)
        if self.range < 1 << 32:
            self.d, self.range = self.d << 32 | next(self.words), self.range << 32
        return symbol

class Counts(dict):
    def __init__(self, n):
        self.n = n
    def __missing__(self, row):
        return [1] * self.n

    def learn(self, row, symbol):
        counts = self[row] = self[row]
        counts[symbol] += 32
        if sum(counts) > 1 << 14:
            counts[:] = [(count + 1) // 2 for count in counts]
        return symbol

    def read(self, coded, row):
        return self.learn(row, coded.symbol(self[row]))

class Indices:
    def __init__(self, n, contexts):
        bits = [b for b in range(8) if b == 0 or contexts >> b & 1]
        self.n, self.counts = n, {b: Counts(n) for b in bits}
        self.weights = {b: (1 << 16) // len(bits) for b in bits}

    def read(self, coded, last, left, above, whole):
        weights, of = self.weights, (0, last, left, above, whole, last, left, above)
        places = [(b, *((0, of[b]) if b > 4 else (of[b], 0))) for b in weights if of[b] is not None]
        heard = [(b, self.counts[b][r], s) for b, r, s in places if not b or r in self.counts[b]]
        mass, mixed = sum(weights[b] for b, _, _ in heard), [0] * self.n
        for b, counts, shift in heard:
            scale = (weights[b] << 40) // (max(1, mass) * sum(counts))
            mixed = [m + scale * counts[i - shift] for i, m in enumerate(mixed)]
        index = coded.symbol([m >> 16 for m in mixed])
        products = [weights[b] * ((c[index - s] << 16) // sum(c)) for b, c, s in heard]
        total, shared = max(1, sum(products)), mass // 32
        for (b, _, _), product in zip(heard, products):
            weights[b] = product * (mass - shared) // total + shared // len(heard)
        weights[0] += mass - sum(weights[b] for b, _, _ in heard)
        for b, row, shift in places:
            self.counts[b].learn(row, (index - shift) % self.n)
        return index

class Stage:
    def __init__(self, data, planes):
        self.w, self.h, self.n, flags, contexts = struct.unpack(">HHHBB", data)
        self.zero, self.split, self.book, self.step = 128 * (flags & 1), flags >> 1, None, 0
        self.models = [(Indices(self.n, contexts), Counts(2)) for _ in range(planes)]
        self.all, self.changed, self.change = Counts(256), Counts(2), Counts(256)

    def read(self, coded, step):
        new, size, w = [], self.w * self.h, self.w
        for word in range(self.n):
            old = self.book[word * size:][:size] if self.book else []
            changed = self.changed.read(coded, 0) if old else 0
            new += [(c + (self.change.read(coded, 0) if changed else 0)) % 256 for c in old]
            for k in range(0 if old else size):
                near = ([new[-1]] if k % w else []) + ([new[-w]] if k >= w else [])
                near = near or ([new[-size]] if word else [128])
                new.append((self.all.read(coded, int(k > 0)) + sum(near) // len(near)) % 256)
        self.book, self.step = new, step

def block(coded, stages, plane, now, last, sums, s, x, y, whole):
    stage, (model, flags) = stages[s], stages[s].models[plane]
    near = last[s].get((x, y)), now[s].get((x - 1, y)), now[s].get((x, y - 1))
    index = now[s][x, y] = model.read(coded, *near, whole)
    for k, c in enumerate(stage.book[index * stage.w * stage.h:][:stage.w * stage.h]):
        at = x * stage.w + k % stage.w, y * stage.h + k // stage.w
        sums[at] = sums.get(at, 32768) + (c - stage.zero) * stage.step
    if s + 1 < len(stages):
        w, h = stage.w // stages[s + 1].w, stage.h // stages[s + 1].h
        parts = (last[s + 1], x, y), (now[s + 1], x - 1, y), (now[s + 1], x, y - 1)
        are = [(i * w, j * h) in grid for grid, i, j in parts]
        row = tuple(0 if n is None else 1 + is_split for n, is_split in zip(near, are))
        if not stages[s + 1].split or flags.read(coded, row):
            for i, j in ((p % w, p // w) for p in range(w * h)):
                block(coded, stages, plane, now, last, sums, s + 1, x * w + i, y * h + j, index)

def records(data):
    """Kinds and contents, as far as checksums are right; kind 0 is what is damaged."""
    while data:
        end = 5 + int.from_bytes(data[1:5], "big")
        right = zlib.crc32(data[:end]).to_bytes(4, "big") == data[end:end + 4]
        yield (data[0], data[5:end]) if right else (0, b"")
        data = data[end + 4:]

def decode(data, to):
    rest = records(data[5:])
    kind, head = next(rest, (0, b""))
    if data[:5] != b"FLVQ\x01" or kind != 1:
        return 2
    content, width, height, planes, count, samples, _, about = struct.unpack_from(">BIIIIQII", head)
    stages = [Stage(head[i:i + 8], planes) for i in range(34 + about, len(head), 8)]
    across, down = -(-width // stages[0].w), -(-height // stages[0].h)
    least, most, code = (-32768, 32767, "<h") if content == 1 else (0, 255, "B")
    last = [[{} for _ in stages] for _ in range(planes)]
    for kind, data in rest:
        if kind not in (2, 3) or kind == 3 and count == 0:
            return 0 if kind == 4 and not data and count == 0 and not any(rest) else 1
        coded = Coded(data[5 if kind == 2 else 0:])
        if kind == 2:
            stages[data[0]].read(coded, int.from_bytes(data[1:5], "big"))
            continue
        now, sums = [[{} for _ in stages] for _ in range(planes)], [{} for _ in range(planes)]
        for p, i in ((p, i) for p in range(planes) for i in range(across * down)):
            block(coded, stages, p, now[p], last[p], sums[p], 0, i % across, i // across, None)
        if len(list(coded.words)) > 1:
            break
        if content == 0:
            to.write(b"P%d %d %d 255\n" % (6 if planes == 3 else 5, width, height))
        for i in range(min(samples, width * height)):
            values = [plane[i % width, i // width] >> 16 for plane in sums]
            to.write(b"".join(struct.pack(code, min(max(v, least), most)) for v in values))
        last, count, samples = now, count - 1, samples - width * height
    return 1

if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file, open(sys.argv[2], "wb") as to:
        try:
            sys.exit(decode(file.read(), to))
        except (StopIteration, IndexError, TypeError, struct.error):
            sys.exit(1)
