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
    out = bytearray()
    pieces = bytes(data).split(b"\0")
    for i, piece in enumerate(pieces):
        while len(piece) > 254:
            out += b"\xff" + piece[:254]
            piece = piece[254:]
        # A last piece of 254 bytes needs no empty one behind it.
        out += bytes([len(piece) + 1]) + piece
    return bytes(out)


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

    def read(self, memory, row, column, count):
        """Words of one row."""
        words = []
        for at in range(0, count, 61):
            some = min(61, count - at)
            payload = struct.pack(">BHBB", memory, row, column + at, some)
            [reply] = self.run(READ, [payload])
            if len(reply) != 4 * some:
                raise Failed(f"READ: error {reply[1]}")
            words += struct.unpack(f">{some}I", reply)
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
        many = room // len(vectors[0])
        return [b"".join(vectors[i : i + many]) for i in range(0, len(vectors), many)]


# The cores.


def xorshift(s):
    s ^= s << 13 & MASK64
    s ^= s >> 7
    return s ^ s << 17 & MASK64


def clamp(x, low, high):
    return max(low, min(high, x))


class Quantizer:
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
        yield "register", REGISTERS, 0, self.r
        for i in range(n):
            row = [a << 16 | w for a, w in zip(self.residue[i][:d], self.codebook[i])]
            yield f"component of codeword {i},", self.CODEBOOK, i, row
        yield "count", self.COUNTS, 0, self.counts[:n]

    def runs(self, luck):
        """What is set, and the vectors that are then learned, for every rounding and rule."""
        d = min(13, len(self.codebook[0]))
        n = min(11, len(self.codebook))
        settings = {self.CODEWORDS: n, self.DIMENSION: d, self.RATE_FINAL: 6, self.COUNT_CAP: 30}
        settings |= {self.RATE_PERIOD: 40, self.RADIUS: 2, self.RADIUS_PERIOD: 70}
        settings |= {self.GRID: 2 | 1 << 4}
        for mode in [0b111101, 0b001011, 0b010000, 0b011111 if self.residues else 0b011101]:
            settings[self.MODE] = mode
            yield settings, [self.vector(luck, d) for _ in range(150)]
            settings = {self.RATE_SHIFT: 3}

    @staticmethod
    def vector(luck, d):
        centre = luck() % 5 * 50
        return bytes(clamp(centre + luck() % 41 - 20, 0, 255) for _ in range(d))


class Filter:
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
        yield "register", REGISTERS, 0, self.r
        taps = self.r[self.TAPS]
        yield "weight", self.WEIGHT, 0, [w & 0xFFFFFFFF for w in self.weights[:taps]]
        yield "delayed sample", self.LINE, 0, [x & 0xFFFF for x in self.line]
        yield "output", self.OUTPUT, 0, self.output

    def runs(self, luck):
        """Small samples, then large ones, which saturate."""
        for settings, size in [({self.TAPS: 19, self.RATE: 2}, 8000), ({self.RATE: 0}, 65536)]:
            xs = [luck() % size - size // 2 for _ in range(300)]
            echo = [xs[i] // 2 - xs[i - 3] // 3 for i in range(300)]
            yield settings, [struct.pack("<hh", x, d) for x, d in zip(xs, echo)]


MODELS = {1: Quantizer, 3: Filter}


# What is asked of them.


def luck_from(seed):
    """Numbers that look random."""
    state = [seed]

    def luck():
        state[0] = xorshift(state[0])
        return state[0] >> 20

    return luck


def compare(device, model):
    for name, memory, row, words in model.words():
        found = device.read(memory, row, 0, len(words))
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
    for settings, vectors in model.runs(luck):
        for number, word in settings.items():
            device.write(REGISTERS, 0, number, [word])
            model.r[number] = word
        device.learn(vectors)
        for vector in vectors:
            model.learn(vector)
        count += len(vectors)
        compare(device, model)
        for vector, answer in zip(vectors[:99], device.recall(vectors[:99])):
            own = model.recall(vector)
            if answer != own:
                raise Differs(f"the answer to {vector.hex()} is {answer.hex()}, not {own.hex()}")
    if device.read(LINK, 0, 11, 1) != [0xC0FFEE]:
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
            raise Differs(f"on the line the page has {coded.hex()}, the client {wire(before).hex()}")
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
