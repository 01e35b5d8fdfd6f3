/** Python openings for the coder pair, broken off where a model can go on. */
export const coderPrompts: readonly string[] = [
  // Import blocks and module heads
  `import os
import sys
import json
import logging

logger = logging.getLogger(__name__)

DEFAULT_PORT = 8642`,

  `"""Read tide tables and answer when the harbour can be entered."""

from datetime import datetime, timedelta
from collections import namedtuple

__all__ = ["Tide", "next_high_water"]

Tide = namedtuple(`,

  `#!/usr/bin/env python3
# Renames the photographs of a folder after the day they were taken.

import re
import shutil
from pathlib import Path

PATTERN = re.compile(`,

  `try:
    import serial_scale
except ImportError:
    serial_scale = None

if serial_scale is None:
    def weigh(sample, repeats=3):`,

  // Functions with a docstring
  `def parse_duration(text):
    """Return the number of seconds that a text such as "2h30m" stands for.

    Raise ValueError if the text holds an unknown unit.
    """
    total = 0`,

  `def split_words(line, *, keep_empty=False):
    """Split a line at commas and strip each word.

    If keep_empty is true, empty words are`,

  `def smooth_depths(soundings, width):
    """Yield the median depth of each group of neighbouring soundings."""
    if width % 2 == 0:
        raise ValueError(`,

  `def oldest_scores(root, limit=10):
    """Return the sheet music below root that has lain untouched the longest."""
    found = []
    for directory, folders, names in os.walk(root):
        folders[:] = [folder for folder in folders if folder != "drafts"]
        for name in names:
            if not name.endswith(`,

  `def tally_marks(number):
    """Write a positive integer as bundles of five strokes."""
    bundles, rest = divmod(number, 5)
    result = []
    for index in range(bundles):
        result.append(`,

  `def _normalize_key(key):
    # Keys arrive in mixed case and with either kind of dash.
    if not isinstance(key, str):
        raise TypeError("key must be a string, not %s" %`,

  // Classes
  `class Shelf:
    """Books in a row, of which only the two outermost can be taken."""

    def __init__(self, books=()):
        self._books = list(books)

    def take_left(self):`,

  `class BirdNotFoundError(LookupError):
    """Raised when no bird has the given ring number."""

    def __init__(self, ring):
        super().__init__(f"no bird with ring {ring!r}")
        self.ring = ring

    def __reduce__(self):`,

  `class GridSquare(object):
    __slots__ = ("column", "row")

    def __init__(self, column, row):
        self.column = column
        self.row = row

    def __eq__(self, other):
        if not isinstance(other, GridSquare):
            return NotImplemented
        return`,

  `class Inventory(dict):
    """A mapping of article names to amounts that never goes below zero."""

    def __missing__(self, key):
        return 0

    def remove(self, key, amount=1):
        if self[key] < amount:`,

  `class Train:
    class _Wagon:
        def __init__(self, cargo, behind=None):
            self.cargo = cargo
            self.behind = behind

    def __iter__(self):
        wagon = self._engine.behind
        while wagon is not None:`,

  `class TemperatureSensor(Sensor):
    unit = "celsius"

    @property
    def fahrenheit(self):
        return self.read() * 9 / 5 + 32

    @fahrenheit.setter
    def`,

  // Dataclasses, enums and types
  `from dataclasses import dataclass, field

@dataclass
class Recipe:
    title: str
    servings: int = 4
    ingredients: list = field(`,

  `from enum import Enum, auto

class Gate(Enum):
    OPEN = auto()
    CLOSED = auto()
    LOCKED = auto()

    def toggle(self):
        if self is Gate.LOCKED:`,

  `from typing import Optional, Sequence

def nearest(points: Sequence[float], target: float) -> Optional[float]:
    best = None
    for point in points:
        if best is None or`,

  // Command lines
  `import argparse

def main(argv=None):
    parser = argparse.ArgumentParser(description="Count the letters of each file.")
    parser.add_argument("files", nargs="+", help="files to read")
    parser.add_argument("-i", "--ignore-case",`,

  `def usage(message=None):
    if message:
        print("error:", message, file=sys.stderr)
    print("usage: ferry [-v] [-o OUTPUT] ROUTE", file=sys.stderr)
    sys.exit(`,

  `if __name__ == "__main__":
    if len(sys.argv) < 3:
        print("give at least two harbours")
        sys.exit(2)
    origin, *others = sys.argv[1:]
    for other in others:
        try:`,

  // Tests
  `import unittest

class ShelfTests(unittest.TestCase):
    def setUp(self):
        self.shelf = Shelf(["atlas", "hymns"])

    def test_third_book_is_missing(self):
        with self.assertRaises(IndexError):`,

  `class TestRoundTrip(unittest.TestCase):

    def check(self, value):
        data = encode(value)
        self.assertIsInstance(data, bytes)
        self.assertEqual(decode(data), value)

    def test_integers(self):
        for n in`,

  `def test_timeout_is_reported(self):
        clock = FakeClock(start=100.0)
        queue = JobQueue(clock=clock, timeout=5)
        job = queue.submit("weigh the parcels")
        clock.advance(6)
        self.assert`,

  // Parsers and text
  `class KnittingParser:
    def __init__(self, pattern):
        self.pattern = pattern
        self.pos = 0

    def next_stitch(self):
        while self.pattern[self.pos:self.pos + 1] in (",", " "):
            self.pos += 1
        if`,

  `def read_ship_log(path):
    watches = {}
    watch = None
    with open(path, encoding="ascii") as log:
        for number, entry in enumerate(log, 1):
            mark, _, remark = entry.partition(" ")
            if mark == "WATCH":
                watch = watches.setdefault(remark.strip(), [])
            elif watch is None:`,

  `def parse_route(self):
    """route: station (('via' | 'then') station)*"""
    stops = [self.parse_station()]
    while self.peek() in ("via", "then"):
        link = self.take()
        stops.append(`,

  `def center_verse(stanza, width=60, ornament="*"):
    lines = []
    for verse in stanza.splitlines():
        verse = verse.strip()
        if not verse:
            lines.append(ornament.center(width))
        elif`,

  // Context managers, decorators and generators
  `from contextlib import contextmanager

@contextmanager
def lowered_gate(crossing, seconds=30):
    crossing.lower()
    crossing.lamps.flash(seconds)
    try:
        yield crossing
    finally:`,

  `class KilnFiring:
    def __enter__(self):
        self.started = time.monotonic()
        self.kiln.heat(self.degrees)
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        self.elapsed =`,

  `def announce(bell, strokes=2):
    """Ring the bell before each call of the decorated function."""
    def decorate(func):
        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            for stroke in range(strokes):
                bell.ring()
            return`,

  `def frames(tape, marker=0x7E):
    """Yield the bytes between each two markers of a tape."""
    frame = bytearray()
    while True:
        byte = tape.read(1)
        if byte == b"":`,

  // Threads, sockets and coroutines
  `class Baker(threading.Thread):
    def __init__(self, orders, oven):
        super().__init__(name="baker")
        self.orders = orders
        self.oven = oven

    def run(self):
        while not self.oven.cold:
            order = self.orders.get()`,

  `def tell_the_time(port=8037, zone=None):
    """Send the time of day to everybody who connects."""
    with socket.create_server(("", port)) as server:
        while True:
            visitor, address = server.accept()
            with visitor:
                now =`,

  `async def water_beds(beds, hoses=2):
    free_hoses = asyncio.Semaphore(hoses)

    async def water(bed):
        async with free_hoses:
            await bed.open_valve()
            await`,

  // Loops and algorithms
  `board = [["."] * width for _ in range(height)]
for row in range(height):
    for column in range(width):
        if (row + 2 * column) % 5 == 0:
            board[row][column] = "#"
        elif`,

  `def reachable_islands(bridges, home, toll):
    """Return the islands that can be reached for at most the given toll."""
    paid = {home: 0}
    waiting = [home]
    while waiting:
        island = waiting.pop()
        for neighbour, price in`,

  `def deal(cards, players):
    hands = [[] for player in players]
    turn = 0
    while cards:
        hands[turn].append(cards.pop())
        turn += 1
        if turn == len(players):`,

  `rainfall = {}
for station, day, millimetres in readings:
    if millimetres < 0:
        continue
    rainfall.setdefault(station, []).append(millimetres)

for station, amounts in sorted(rainfall.items(), key=`,
];
