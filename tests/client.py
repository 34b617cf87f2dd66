#!/usr/bin/env python3
"""A client and models of the cores in another language, written from the pages of the protocol and
of the cores: host/docs/protocol.md, quantizer.md, gradient.md, filter.md, and hdl/map/*.md.

    python3 tests/client.py PORT [--baud N]        learns over the port, and compares every word
    python3 tests/client.py --examples PAGE        compares the page's example frames with its own

It needs the standard library alone. It prints one line. The status is 1 at a difference and 2 if
the port or the device fails."""

import argparse
import math
import os
import select
import struct
import sys
import termios
import time

VERSION = 3
IDENTIFY, WRITE, LEARN, RECALL, READ, RESET, NAK = 1, 3, 4, 5, 6, 7, 15
REGISTERS, LINK = 0, 255
CLOSED = 8
MASK64 = (1 << 64) - 1


class Failed(Exception):
    """The port or the device."""


class Differs(Exception):
    """The device is not the model."""


# Frames.


def crc24(data):
    crc = 0xFFFFFF
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x328B63 if crc & 0x800000 else 0)
            crc &= 0xFFFFFF
    return (crc ^ 0xFFFFFF).to_bytes(3, "big")


def cobs(data):
    """Of at most 254 bytes."""
    return b"".join(bytes([len(piece) + 1]) + piece for piece in bytes(data).split(b"\0"))


def uncobs(data):
    """The bytes; None if it is no COBS."""
    out, at, implied = bytearray(), 0, False
    while at < len(data):
        code = data[at]
        if at + code > len(data):
            return None
        if implied:
            out.append(0)
        out += data[at + 1 : at + code]
        at, implied = at + code, code != 255
    return bytes(out)


def frame(command, number, payload, reply=0):
    message = bytes([reply << 7 | VERSION << 4 | command, number]) + bytes(payload)
    return message + crc24(message)


def wire(data):
    return cobs(data) + b"\0"


def reply_of(data):
    """Command, number, payload of the bytes before a delimiter; None if they are no reply."""
    data = uncobs(data)
    if data is None or not 5 <= len(data) <= 254 or crc24(data[:-3]) != data[-3:]:
        return None
    if data[0] & 0xF0 != 0x80 | VERSION << 4:
        return None
    return data[0] & 15, data[1], data[2:-3]


# The link.


class Port:
    def __init__(self, path, baud):
        speed = getattr(termios, f"B{baud}", None)
        if speed is None:
            raise Failed(f"{path}: this system has no {baud} baud")
        self.file = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        mode = termios.tcgetattr(self.file)
        mode[0] = mode[1] = mode[3] = 0
        mode[2] = termios.CS8 | termios.CREAD | termios.CLOCAL
        mode[4] = mode[5] = speed
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 0, 0
        termios.tcsetattr(self.file, termios.TCSANOW, mode)
        self.heard = bytearray()

    def send(self, data):
        while data:
            _, ready, _ = select.select([], [self.file], [], 10)
            if not ready:
                raise Failed("the port takes no bytes")
            data = data[os.write(self.file, data) :]

    def receive(self, seconds):
        """The next good reply; None if there is none in time."""
        end = time.monotonic() + seconds
        while True:
            while 0 in self.heard:
                piece, _, self.heard = self.heard.partition(b"\0")
                found = reply_of(piece)
                if found:
                    return found
            left = end - time.monotonic()
            if left <= 0:
                return None
            if select.select([self.file], [], [], left)[0]:
                data = os.read(self.file, 4096)
                if not data:
                    raise Failed("the port is gone")
                self.heard += data


class Device:
    # Frames in flight: with a second copy of each there are still no more than slots.
    WINDOW = 4
    PATIENCE = 0.15
    TRIES = 200

    def __init__(self, port):
        self.port = port
        self.refused = 0
        first = os.urandom(1)[0]
        for i in range(self.TRIES):
            number = (first + i) % 256
            port.send(b"\0" + wire(frame(IDENTIFY, number, b"\1")))
            found = port.receive(self.PATIENCE)
            while found and (found[0], len(found[2])) != (IDENTIFY, 51):
                found = port.receive(self.PATIENCE)
            if found:
                break
        else:
            raise Failed("the device does not answer")
        payload = found[2]
        self.expected = payload[0]
        if payload[1:6] != b"FXLN" + bytes([VERSION]):
            raise Failed("it is no fixlearn device of this version")
        self.core = payload[6]
        self.sizes = payload[7:23]
        self.answer = payload[23]

    def run(self, command, payloads):
        """Carries the commands out; the payloads of their replies, without the first byte."""
        frames = [
            wire(frame(command, (self.expected + i) % 256, payload))
            for i, payload in enumerate(payloads)
        ]
        replies, sent, tries, again = [], 0, 0, False
        while len(replies) < len(frames):
            while sent < min(len(frames), len(replies) + self.WINDOW):
                self.port.send(frames[sent])
                sent += 1
            found = self.port.receive(self.PATIENCE)
            if not found:
                tries += 1
                if tries == self.TRIES:
                    raise Failed("the device answers no more")
                # What waits may be a part of a frame: the delimiter ends it.
                self.port.send(b"\0")
                sent, again = len(replies), False
                continue
            code, number, payload = found
            if code == NAK and payload[1] == CLOSED:
                raise Failed("the device has lost its state")
            behind = (number - self.expected - len(replies)) % 256
            if code == command and behind == 0:
                replies.append(payload[1:])
                tries, again = 0, False
            elif code == NAK or code == command and behind < self.WINDOW:
                # A refusal, or a reply was lost: once more from the first that has none.
                self.refused += code == NAK
                if not again:
                    sent, again = len(replies), True
        self.expected = (self.expected + len(frames)) % 256
        return replies

    def done(self, command, payloads):
        for reply in self.run(command, payloads):
            if reply[1]:
                raise Failed(f"error {reply[1]}")

    def write(self, memory, row, column, words):
        """At most 61 words."""
        place = struct.pack(">BHB", memory, row, column)
        self.done(WRITE, [place + struct.pack(f">{len(words)}I", *words)])

    def read(self, memory, first, count, columns=256):
        """So many words from column `first` of row 0 on; rows have so many columns."""
        sizes, payloads = [], []
        for at in range(first, first + count, 61):
            sizes.append(min(61, first + count - at))
            row, column = divmod(at, columns)
            payloads.append(struct.pack(">BHBB", memory, row, column, sizes[-1]))
        words = []
        for size, reply in zip(sizes, self.run(READ, payloads)):
            if len(reply) != 4 * size:
                raise Failed(f"READ: error {reply[1]}")
            words += struct.unpack(f">{size}I", reply)
        return words

    def learn(self, vectors):
        self.done(LEARN, self.packed(vectors, 249))

    def recall(self, vectors):
        """The answers, 4 bytes each."""
        # As many vectors as have room, and so have their answers.
        room = min(249, 248 // self.answer * len(vectors[0]))
        answers = b"".join(self.run(RECALL, self.packed(vectors, room)))
        if len(answers) != self.answer * len(vectors):
            raise Failed("RECALL: an error")
        return [answers[i : i + self.answer] for i in range(0, len(answers), self.answer)]

    @staticmethod
    def packed(vectors, room):
        if not vectors:
            return []
        many = room // len(vectors[0])
        return [b"".join(vectors[i : i + many]) for i in range(0, len(vectors), many)]


# The cores.


def xorshift(s):
    s ^= s << 13 & MASK64
    s ^= s >> 7
    return s ^ s << 17 & MASK64


def clamp(x, low, high):
    return max(low, min(high, x))


class Registers:
    """A model of which nothing but registers is written."""

    def put(self, memory, column, words):
        assert memory == REGISTERS
        self.r[column : column + len(words)] = words


class Quantizer(Registers):
    """The rules of host/docs/quantizer.md; registers are those of hdl/map/vq.md, by number."""

    CODEWORDS, DIMENSION, MODE, RATE_SHIFT, RATE_FINAL, RATE_PERIOD, RATE_TIMER = range(7)
    RADIUS, RADIUS_PERIOD, RADIUS_TIMER, GRID, COUNT_CAP, HALVE = range(7, 13)
    NOISE_LOW, NOISE_HIGH, VECTORS, DISTORTION_LOW, DISTORTION_HIGH = range(13, 18)
    CODEBOOK, COUNTS = 1, 2

    def __init__(self, sizes):
        n, d, self.lanes, _, self.residues = struct.unpack_from(">HHBBB", sizes)
        self.codebook = [[0] * d for _ in range(n)]
        self.residue = [[0] * d for _ in range(n)]
        self.counts = [1] * n
        self.r = [n, d, 1, 4, 4, 0, 0, 0, 0, 0, 8, 65535, 0, 0x7F4A7C15, 0x9E3779B9, 0, 0, 0]
        self.name = f"a quantizer of {n} x {d} x {self.lanes}"

    def level(self, sample):
        return [x ^ (self.r[self.MODE] >> 5 & 1) << 7 for x in sample]

    def search(self, x, counted):
        best = None
        for i in range(self.r[self.CODEWORDS]):
            apart = [abs(a - min(255, (w + 64) >> 7)) for a, w in zip(x, self.codebook[i])]
            distance = sum(a * a for a in apart) if self.r[self.MODE] & 1 else sum(apart)
            score = min(distance * self.counts[i], 0xFFFFFFFF) if counted else distance
            if best is None or score < best[0]:
                best = score, i, distance
        return best[1:]

    def recall(self, sample):
        i, distance = self.search(self.level(sample), False)
        return struct.pack(">I", i << 24 | distance)

    def learn(self, sample):
        r, x = self.r, self.level(sample)
        if r[self.HALVE]:
            self.counts = [max(1, count >> 1) for count in self.counts]
        winner, distance = self.search(x, r[self.MODE] >> 3 & 1)
        u = self.counts[winner] = (self.counts[winner] + 1) % 65536
        r[self.HALVE] = int(u >= r[self.COUNT_CAP])
        e = max(u, 1).bit_length() - 1
        if r[self.MODE] >> 4 & 1 and e < r[self.RATE_SHIFT]:
            m = (max(u, 1) << 7) >> e
            rate = (65536 + m // 2) // m
        else:
            rate, e = 512, r[self.RATE_SHIFT]
        columns, falloff = 1 << (r[self.GRID] & 15), r[self.GRID] >> 4
        for i in range(r[self.CODEWORDS]):
            rows = abs(i // columns - winner // columns)
            ring = max(rows, abs(i % columns - winner % columns))
            if ring <= r[self.RADIUS]:
                a = min(16, ring << (falloff - 1)) if falloff else 0
                self.move(i, x, rate, min(15, e + a))
        r[self.VECTORS] = (r[self.VECTORS] + 1) & 0xFFFFFFFF
        total = (r[self.DISTORTION_HIGH] << 32) + r[self.DISTORTION_LOW] + distance
        r[self.DISTORTION_LOW], r[self.DISTORTION_HIGH] = total & 0xFFFFFFFF, total >> 32 & 0xFFFF
        if self.tick(self.RATE_TIMER, self.RATE_PERIOD) and r[self.RATE_SHIFT] < r[self.RATE_FINAL]:
            r[self.RATE_SHIFT] += 1
        if self.tick(self.RADIUS_TIMER, self.RADIUS_PERIOD) and r[self.RADIUS]:
            r[self.RADIUS] -= 1

    def tick(self, timer, period):
        if self.r[period] == 0:
            return False
        self.r[timer] = (self.r[timer] + 1) & 0xFFFFFF
        if self.r[timer] < self.r[period]:
            return False
        self.r[timer] = 0
        return True

    def move(self, i, x, rate, e):
        rounding = self.r[self.MODE] >> 1 & 3
        w, residue = self.codebook[i], self.residue[i]
        s = self.r[self.NOISE_HIGH] << 32 | self.r[self.NOISE_LOW]
        for k, sample in enumerate(x):
            noise = s >> 8 * (k % self.lanes % 8) & 255
            step = ((sample << 7) - w[k]) * rate >> (1 + e)
            total = step + [0, 128, noise, residue[k]][rounding]
            w[k] = clamp(w[k] + (total >> 8), 0, 32640)
            residue[k] = total & 255 if rounding == 3 and self.residues else 0
            if (k + 1) % self.lanes == 0 or k + 1 == len(x):
                s = xorshift(s)
        self.r[self.NOISE_LOW], self.r[self.NOISE_HIGH] = s & 0xFFFFFFFF, s >> 32

    def words(self):
        n, d = self.r[self.CODEWORDS], self.r[self.DIMENSION]
        yield "register", REGISTERS, 256, self.r
        rows = zip(self.residue[:n], self.codebook)
        words = [a << 16 | w for row in rows for a, w in list(zip(*row))[:d]]
        yield "component", self.CODEBOOK, d, words
        yield "count", self.COUNTS, 256, self.counts[:n]

    def runs(self, luck):
        """What is set, and the vectors that are then learned, for every rounding and rule."""
        d = min(13, len(self.codebook[0]))
        n = min(11, len(self.codebook))
        settings = {self.CODEWORDS: n, self.DIMENSION: d, self.RATE_FINAL: 6, self.COUNT_CAP: 30}
        settings |= {self.RATE_PERIOD: 40, self.RADIUS: 2, self.RADIUS_PERIOD: 70}
        settings |= {self.GRID: 2 | 1 << 4}
        for mode in [0b111101, 0b001011, 0b010000, 0b011111 if self.residues else 0b011101]:
            settings[self.MODE] = mode
            writes = [(REGISTERS, number, [word]) for number, word in settings.items()]
            yield writes, [self.vector(luck, d) for _ in range(150)]
            settings = {self.RATE_SHIFT: 3}

    @staticmethod
    def vector(luck, d):
        centre = luck() % 5 * 50
        return bytes(clamp(centre + luck() % 41 - 20, 0, 255) for _ in range(d))


class Filter(Registers):
    """The rules of host/docs/filter.md; registers are those of hdl/map/lms.md, by number."""

    TAPS, RATE, SAMPLES, ENERGY_LOW, ENERGY_HIGH, SATURATED, PEAK = range(7)
    WEIGHT, LINE, OUTPUT = 1, 2, 3

    def __init__(self, sizes):
        [taps] = struct.unpack_from(">H", sizes)
        self.weights = [0] * taps
        self.line = [0] * 256
        self.output = [0] * 256
        self.r = [16, 4, 0, 0, 0, 0, 0]
        self.name = f"an adaptive filter of {taps} taps"

    def answer(self, sample):
        x, d = struct.unpack("<hh", sample)
        n, taps = self.r[self.SAMPLES], range(self.r[self.TAPS])
        h = [x if i == 0 else self.line[(n - i) % 256] for i in taps]
        total = sum(min(32767, (self.weights[i] + 32768) >> 16) * h[i] for i in taps)
        wide = (total + 2048) >> 12
        y = clamp(wide, -32768, 32767)
        e = clamp(d - y, -32768, 32767)
        return h, y, e, int(y != wide) | int(e != d - y) << 1

    def recall(self, sample):
        _, y, e, _ = self.answer(sample)
        return struct.pack(">hh", y, e)

    def learn(self, sample):
        h, y, e, clamped = self.answer(sample)
        r = self.r
        rate, n = r[self.RATE], r[self.SAMPLES]
        for i, x in enumerate(h):
            wide = self.weights[i] + ((e * x + (1 << (rate + 1))) >> (rate + 2))
            self.weights[i] = clamp(wide, -(1 << 31), (1 << 31) - 1)
            clamped |= int(self.weights[i] != wide) << 2
        self.line[n % 256] = h[0]
        self.output[n % 256] = (y & 0xFFFF) << 16 | e & 0xFFFF
        energy = (r[self.ENERGY_HIGH] << 32) + r[self.ENERGY_LOW] + e * e & MASK64
        r[self.ENERGY_LOW], r[self.ENERGY_HIGH] = energy & 0xFFFFFFFF, energy >> 32
        r[self.PEAK] = max(r[self.PEAK], e * e)
        r[self.SATURATED] |= clamped
        r[self.SAMPLES] = (n + 1) & 0xFFFFFFFF

    def words(self):
        yield "register", REGISTERS, 256, self.r
        taps = self.r[self.TAPS]
        yield "weight", self.WEIGHT, 256, [w & 0xFFFFFFFF for w in self.weights[:taps]]
        yield "delayed sample", self.LINE, 256, [x & 0xFFFF for x in self.line]
        yield "output", self.OUTPUT, 256, self.output

    def runs(self, luck):
        """Small samples, then large ones, which saturate."""
        for words, size in [([19, 2], 8000), ([255, 0], 65536)]:
            xs = [luck() % size - size // 2 for _ in range(300)]
            echo = [xs[i] // 2 - xs[i - 3] // 3 for i in range(300)]
            samples = [struct.pack("<hh", x, d) for x, d in zip(xs, echo)]
            yield [(REGISTERS, self.TAPS, words)], samples


class Optimizer:
    """The rules of host/docs/gradient.md; registers are those of hdl/map/gradient.md, by number."""

    OBJECTIVE, DIMENSION, MODE, RATE, RATE_LEAST, RATE_MOST, RATE_PERIOD, RATE_TIMER = range(8)
    PATIENCE, CALM, GRADIENT_BITS, POINT_BITS, LOW, HIGH, LEVELS, ITERATIONS = range(8, 16)
    VALUE_LOW, VALUE_HIGH, NOISE_LOW, NOISE_HIGH, SATURATED, LAST, ITERATE = range(16, 23)
    SEARCH, NOISE_WIDTH, NOISE_PERIOD, NOISE_TIMER = range(23, 27)
    RESOLUTION_PERIOD, RESOLUTION_TIMER, RESOLUTION_MOST = range(27, 30)
    POINT, GRADIENT_RESIDUE, POINT_RESIDUE, CURVATURE, CENTRE, GRADIENT, KEPT = range(1, 8)
    ROSENBROCK, QUADRATIC, LINEAR, STYBLINSKI, RASTRIGIN, GRIEWANK = range(6)
    IDENTITY, SIGMOID, STEPS = range(3)
    MOST = (1 << 48) - 1

    def __init__(self, sizes):
        self.objectives, d = struct.unpack_from(">HH", sizes)
        first = (self.objectives & -self.objectives).bit_length() - 1
        self.r = [first, 2, 0, 10, 0, 31, 0, 0, 16, 0, 20, 28, 1 << 31, (1 << 31) - 1, 2]
        self.r += [0, 0, 0, 0x7F4A7C15, 0x9E3779B9, 0, 0, 0]
        self.searches = self.objectives >> self.RASTRIGIN != 0
        self.r += [0, 32, 0, 0, 0, 0, 0x1C14] if self.searches else []
        self.memory = {number: [0] * d for number in range(1, 8 if self.searches else 7)}
        self.iterated = False
        self.name = f"a gradient core of {d} dimensions"

    @staticmethod
    def signed(word):
        return word - (1 << 32) if word >> 31 else word

    def put(self, memory, column, words):
        for at, word in enumerate(words, column):
            if memory != REGISTERS:
                residue = memory in (self.GRADIENT_RESIDUE, self.POINT_RESIDUE)
                self.memory[memory][at] = word if residue else self.signed(word)
            elif at == self.ITERATE:
                for _ in range(word):
                    self.iterate(None)
            else:
                self.r[at] = word

    def used(self, memory):
        return self.memory[memory][: self.r[self.DIMENSION]]

    def sat(self, x):
        held = clamp(x, -(1 << 31), (1 << 31) - 1)
        self.flags |= int(held != x) << 1
        return held

    def add(self, term):
        total = self.value + min(max(term, 0), self.MOST)
        self.flags |= int(term > self.MOST or total > self.MOST) << 2
        self.value = min(total, self.MOST)

    def rosenbrock(self, x):
        d = len(x)
        o = [0] + [(x[j] - (x[j - 1] * x[j - 1] >> 28) + 8) >> 4 for j in range(1, d)]
        r = [clamp((1 << 28) - a, -(1 << 31), (1 << 31) - 1) for a in x[:-1]] + [0]
        a = [x[i] * o[i + 1] >> 24 for i in range(d - 1)] + [0]
        for offset in o[1:]:
            self.add(25 * (offset * offset >> 14))
        for rest in r[:-1]:
            self.add(rest * rest >> 24)
        return [self.sat((100 * ((o[i] << 4) - 2 * a[i]) - r[i]) >> 7) for i in range(d)]

    def quadratic(self, x):
        g = []
        for i, a in enumerate(x):
            q = self.sat(a - self.memory[self.CENTRE][i])
            slope = self.memory[self.CURVATURE][i] * q >> 32
            g.append(slope >> 4)
            self.add(slope * q >> 21)
        return g

    def styblinski(self, x):
        g = []
        for a in x:
            u = (a * a >> 32) - (8 << 24)
            g.append((a * u >> 31) + (5 << 19))
            self.add((u * u >> 17) + 40 * a + 30778447335)
        return g

    @staticmethod
    def wave(u, height, slope):
        """A quarter of a wave; its value, with its sign, and its first entry."""
        scale = 8192 * 2 * math.pi * height if slope else 65536 * height

        def entry(k):
            return round(scale * math.cos(math.pi / 2 * k / 256))

        q, r = u >> 26 & 3, u & 0x3FFFFFF
        if q % 2 != slope:
            r ^= 0x3FFFFFF
        k = r >> 18
        w = (entry(k) << 18) - (entry(k) - entry(k + 1)) * (r & 0x3FFFF)
        return (-w if q in ((2, 3) if slope else (1, 2)) else w), entry(0)

    def offsets(self, x):
        return [self.sat(a - z) for a, z in zip(x, self.memory[self.CENTRE])]

    def rastrigin(self, x):
        offsets = self.offsets(x)
        for u in offsets:
            self.add(u * u >> 24)
        for u in offsets:
            self.add((10 << 32) + (-self.wave(u, 10, False)[0] >> 2))
        return [(u >> 7) + (self.wave(u, 10, True)[0] >> 11) for u in offsets]

    def griewank(self, x):
        u, v = self.offsets(x)
        h = 62.5 / math.pi**2
        self.add(u * u >> 27)
        self.add(v * v >> 26)
        for phase in (u + v, u - v):
            c, first = self.wave(phase, h, False)
            self.add((first << 16) + (-c >> 2))
        p, m = self.wave(u + v, h, True)[0], self.wave(u - v, h, True)[0]
        return [(u >> 10) + (p + m >> 11), (v >> 9) + (p - m >> 11)]

    def predict(self, features):
        """Sum, output, and the table's logarithm."""
        z = self.sat(sum(x * a >> 8 for x, a in zip(self.used(self.POINT), features)) >> 12)
        link, levels = self.r[self.MODE] >> 4, self.r[self.LEVELS]
        if link == self.SIGMOID:
            i = min(255, (abs(z) + 16384) >> 15)
            upper = round(65536 / (1 + math.exp(-i / 32))) << 4
            y = upper if z >= 0 else (1 << 20) - upper
            return z, y, round(65536 * math.log1p(math.exp(-i / 32)))
        if link == self.STEPS:
            k = clamp((z + (1 << 20)) * levels >> 21, 0, levels - 1)
            return z, round(4096 * (2 * k / (levels - 1) - 1)) << 8, 0
        return z, z, 0

    def linear(self, features, target):
        z, y, log = self.predict(features)
        e = self.sat(y - (target << 8))
        g = [self.sat(e * a >> 12) for a in features]
        if self.r[self.MODE] >> 4 == self.SIGMOID:
            self.add((max(z, 0) << 12) + (log << 16) - z * target)
        else:
            self.add(e * e >> 9)
        return g

    def iterate(self, sample):
        r, x = self.r, self.used(self.POINT)
        self.value, self.flags = 0, 0
        if r[self.OBJECTIVE] == self.LINEAR:
            g = self.linear(*sample)
        else:
            kinds = {
                self.ROSENBROCK: self.rosenbrock,
                self.QUADRATIC: self.quadratic,
                self.STYBLINSKI: self.styblinski,
                self.RASTRIGIN: self.rastrigin,
                self.GRIEWANK: self.griewank,
            }
            g = kinds[r[self.OBJECTIVE]](x)
        dropped, bits = self.keep(x), 32 - (r[self.NOISE_WIDTH] if self.searches else 32)
        largest = max(range(len(g)), key=lambda i: (abs(g[i]), -i))
        a = (1 << (20 - r[self.GRADIENT_BITS])) - 1
        b = (1 << (32 - r[self.POINT_BITS])) - 1

        def step(q):
            return (q << 12) >> r[self.RATE]

        def vanishes(g):
            return (step((g + ((a + 1) >> 1)) & ~a) + ((b + 1) >> 1)) & ~b == 0

        stalled = all(vanishes(component) for component in g)
        rounding, compensated = r[self.MODE] & 3, r[self.MODE] >> 2 & 1
        low, high = self.signed(r[self.LOW]), self.signed(r[self.HIGH])
        s = r[self.NOISE_HIGH] << 32 | r[self.NOISE_LOW]
        for i, component in enumerate(g):
            fed = rounding == 3 or compensated and (i != largest or stalled)

            def dither(memory, noise, mask):
                if fed:
                    return self.memory[memory][i] & mask
                return [0, (mask + 1) >> 1, noise & mask, 0][rounding]

            total = component + dither(self.GRADIENT_RESIDUE, s & 0xFFFFFFFF, a)
            moved = step(total & ~a) + dither(self.POINT_RESIDUE, s >> 32, b)
            from_here = x[i]
            if dropped:
                from_here, moved, fed = self.memory[self.KEPT][i], 0, False
            noise = s >> 32 & (1 << bits) - 1
            noise -= (noise >> bits - 1) << bits if bits else 0
            there = from_here - ((moved & ~b) >> 4) + noise
            held = high if there > high else low if there < low else there
            self.flags |= int(held != there)
            self.memory[self.POINT][i] = held
            if fed:
                self.memory[self.GRADIENT_RESIDUE][i] = total & a
                self.memory[self.POINT_RESIDUE][i] = moved & b
            s = xorshift(s)
        r[self.NOISE_LOW], r[self.NOISE_HIGH] = s & 0xFFFFFFFF, s >> 32
        r[self.SATURATED] |= self.flags
        self.memory[self.GRADIENT][: len(g)] = g
        self.adapt(largest, g[largest] < 0, dropped)
        self.iterated = True

    def keep(self, x):
        """Whether the point is dropped; if not, and points are kept, it is the kept one."""
        r = self.r
        if not self.searches or not r[self.SEARCH] & 1:
            return False
        before = r[self.VALUE_HIGH] << 32 | r[self.VALUE_LOW]
        if r[self.LAST] >> 7 and self.value > before:
            return True
        self.memory[self.KEPT][: len(x)] = x
        return False

    def due(self, timer, period):
        r = self.r
        if not r[period]:
            return False
        r[timer] = (r[timer] + 1) & 0xFFFFFF
        if r[timer] < r[period]:
            return False
        r[timer] = 0
        return True

    def adapt(self, largest, negative, dropped):
        r = self.r
        slower, faster = r[self.RATE] < r[self.RATE_MOST], r[self.RATE] > r[self.RATE_LEAST]
        if r[self.MODE] >> 3 & 1 and r[self.LAST] >> 7:
            same = r[self.LAST] & 63 == largest
            turned = same and (r[self.LAST] >> 6 & 1) != negative
            calm = r[self.CALM] + 1 if same else 0
            r[self.CALM] = 0
            if self.value > (r[self.VALUE_HIGH] << 32 | r[self.VALUE_LOW]) or turned:
                r[self.RATE] += slower
            elif calm >= r[self.PATIENCE]:
                r[self.RATE] -= faster
            else:
                r[self.CALM] = calm
        if self.due(self.RATE_TIMER, self.RATE_PERIOD):
            r[self.RATE] += r[self.RATE] < r[self.RATE_MOST]
        if self.searches and self.due(self.NOISE_TIMER, self.NOISE_PERIOD):
            r[self.NOISE_WIDTH] += r[self.NOISE_WIDTH] < 32
        if self.searches and self.due(self.RESOLUTION_TIMER, self.RESOLUTION_PERIOD):
            most, rises = r[self.RESOLUTION_MOST], r[self.SEARCH]
            r[self.GRADIENT_BITS] += rises >> 1 & 1 and r[self.GRADIENT_BITS] < most & 255
            r[self.POINT_BITS] += rises >> 2 & 1 and r[self.POINT_BITS] < most >> 8
        r[self.LAST] = 128 | negative << 6 | largest
        if not dropped:
            r[self.VALUE_LOW], r[self.VALUE_HIGH] = self.value & 0xFFFFFFFF, self.value >> 32
        r[self.ITERATIONS] = (r[self.ITERATIONS] + 1) & 0xFFFFFFFF

    def take(self, vector):
        """Features and target; the features stay in the place of curvatures."""
        *features, target = struct.unpack(f"<{len(vector) // 2}h", vector)
        self.memory[self.CURVATURE][: len(features)] = features
        return features, target

    def learn(self, vector):
        self.iterate(self.take(vector))

    def recall(self, vector):
        return struct.pack(">i", self.predict(self.take(vector)[0])[1])

    def words(self):
        yield "register", REGISTERS, 256, self.r
        for memory in self.memory:
            # The gradient is not defined before there was one.
            if memory != self.GRADIENT or self.iterated:
                yield f"memory {memory}:", memory, 256, [x & 0xFFFFFFFF for x in self.used(memory)]

    def runs(self, luck):
        """Functions with every rounding and rule, then linear models with every link."""
        one, d = 1 << 28, 5

        def words(size):
            return [luck() % size - size // 2 & 0xFFFFFFFF for _ in range(d)]

        def setting(number, word):
            return REGISTERS, number, [word]

        half = [(self.GRADIENT_RESIDUE, 0, [1 << 11] * d), (self.POINT_RESIDUE, 0, [1 << 13] * d)]
        functions = [
            (self.QUADRATIC, 2, 3, 8 * one, [(self.CURVATURE, 0, [one // n for n in range(1, 6)])]),
            (self.ROSENBROCK, 0b1101, 10, one, half + [setting(self.RATE_LEAST, 9)]),
            (self.STYBLINSKI, 0b1011, 6, 4 * one, []),
            (self.ROSENBROCK, 0b0110, 11, one, []),
            (self.QUADRATIC, 1, 0, 8 * one, [(self.CURVATURE, 0, [7 * one] * d)]),
        ]
        rising = [setting(number, word) for number, word in (
            (self.SEARCH, 7),
            (self.NOISE_WIDTH, 2),
            (self.NOISE_PERIOD, 11),
            (self.RESOLUTION_PERIOD, 17),
            (self.RESOLUTION_MOST, 20 << 8 | 12),
            (self.LAST, 0),
        )]
        functions += [
            (self.RASTRIGIN, 1, 9, 8 * one, rising),
            (self.GRIEWANK, 0b0110, 7, 8 * one, rising + [setting(self.DIMENSION, 2)]),
        ]
        yield [
            setting(self.DIMENSION, d),
            setting(self.GRADIENT_BITS, 8),
            setting(self.POINT_BITS, 18),
            setting(self.PATIENCE, 3),
            setting(self.HIGH, 3 * one),
        ], []
        for objective, mode, rate, size, more in functions:
            if self.objectives >> objective & 1:
                begin = [setting(self.OBJECTIVE, objective), setting(self.MODE, mode)]
                begin += [setting(self.RATE, rate), setting(self.SATURATED, 0)]
                begin += [(self.POINT, 0, words(size)), (self.CENTRE, 0, words(one))] + more
                yield begin + [setting(self.ITERATE, 150)], []
        if self.searches:
            yield [setting(self.SEARCH, 0), setting(self.NOISE_WIDTH, 32)], []
            yield [setting(self.DIMENSION, d)], []
        if self.objectives >> self.LINEAR & 1:
            yield [setting(self.OBJECTIVE, self.LINEAR), setting(self.RATE_PERIOD, 50)], []
            links = [(self.IDENTITY, 2, 5), (self.SIGMOID, 7, 3), (self.STEPS, 5, 4)]
            for link, mode, rate in links:
                size = 65536 if link == self.IDENTITY else 9000
                samples = [[luck() % size - size // 2 for _ in range(d + 1)] for _ in range(150)]
                begin = [setting(self.MODE, link << 4 | mode), setting(self.RATE, rate)]
                begin += [setting(self.LEVELS, 5), setting(self.SATURATED, 0)]
                yield begin, [struct.pack(f"<{d + 1}h", *sample) for sample in samples]


MODELS = {1: Quantizer, 2: Optimizer, 3: Filter}


# What is asked of them.


def luck_from(seed):
    """Numbers that look random."""
    state = [seed]

    def luck():
        state[0] = xorshift(state[0])
        return state[0] >> 20

    return luck


def compare(device, model):
    for name, memory, columns, words in model.words():
        found = device.read(memory, 0, len(words), columns)
        for i, (board, own) in enumerate(zip(found, words)):
            if board != own:
                raise Differs(f"{name} {i} is {board:#x}, the model's {own:#x}")


def learn(path, baud):
    device = Device(Port(path, baud))
    if device.core not in MODELS:
        raise Failed(f"core {device.core} is none that this client knows")
    device.done(RESET, [b""])
    device.write(LINK, 0, 11, [0xC0FFEE])
    model = MODELS[device.core](device.sizes)
    compare(device, model)
    luck, count = luck_from(12345), 0
    for writes, vectors in model.runs(luck):
        for memory, column, words in writes:
            device.write(memory, 0, column, words)
            model.put(memory, column, words)
        device.learn(vectors)
        for vector in vectors:
            model.learn(vector)
        count += len(vectors)
        compare(device, model)
        some = vectors[:99]
        for vector, answer in zip(some, device.recall(some) if some else []):
            own = model.recall(vector)
            if answer != own:
                raise Differs(f"the answer to {vector.hex()} is {answer.hex()}, not {own.hex()}")
    if device.read(LINK, 11, 1) != [0xC0FFEE]:
        raise Failed("someone else has used the device")
    return f"{model.name}: {count} vectors, every word equal; {device.refused} refusals"


def examples(page):
    """Frames of the page before COBS, then on the line."""
    with open(page, encoding="utf-8") as file:
        text = file.read()
    lines, count = [], 0
    for line in text.split("<!-- examples -->")[1].split("\n"):
        mark = line[:3].strip()
        if mark in (">", ">>", "<", "<<"):
            lines.append((mark, bytes.fromhex(line[3:])))
        elif line.startswith("   ") and lines:
            lines[-1] = lines[-1][0], lines[-1][1] + bytes.fromhex(line)
    for (mark, before), (behind, coded) in zip(lines, lines[1:]):
        if behind != 2 * mark:
            continue
        count += 1
        first, number, payload = before[0], before[1], before[2:-3]
        if first & 0x70 == VERSION << 4:
            own = frame(first & 15, number, payload, first >> 7)
            if own != before:
                raise Differs(f"the page has {before.hex()}, the client {own.hex()}")
        if wire(before) != coded or uncobs(coded[:-1]) != before:
            raise Differs(f"on the line {before.hex()} is not {coded.hex()}")
        if mark == "<" and reply_of(coded[:-1]) != (first & 15, number, payload):
            raise Differs(f"the client does not read {coded.hex()}")
    if count < 50:
        raise Differs(f"the page has only {count} frames")
    return f"{count} frames equal"


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("port", nargs="?", help="path of a serial port")
    words.add_argument("--baud", type=int, default=3_000_000)
    words.add_argument("--examples", metavar="PAGE")
    asked = words.parse_args()
    if (asked.port is None) == (asked.examples is None):
        words.error("give a port, or --examples and a page")
    try:
        print(examples(asked.examples) if asked.examples else learn(asked.port, asked.baud))
    except Differs as difference:
        print(f"{asked.port or asked.examples}: {difference}")
        return 1
    except (Failed, OSError, termios.error) as failure:
        print(f"{asked.port or asked.examples}: {failure}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
