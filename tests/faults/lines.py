"""Lines between network namespaces: cut, lossy, reset, half-open and slow, by the kernel itself.

The workstations stand in a namespace of their own; one pair of virtual cards leads to the district, which serves them under TLS.
All of it goes with the namespace, also when a run fails.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.faults.scene import Scene

HERE, THERE = "198.18.73.1", "198.18.73.2"  # of the range kept free for measuring (RFC 2544)
LONGEST_SECONDS = 4.0
LONGEST_SILENCE_SECONDS = 12.0
"""Longer than a workstation waits for an answer."""


class NotToBeHad(RuntimeError):
    """This machine does not let us."""


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotToBeHad(f"{' '.join(words)}: {done.stderr.strip()}")


class Namespace:
    """One namespace with a pair of cards; `inside` is what a command in it begins with."""

    def __init__(self) -> None:
        self.name, self._card, self._far = f"faults{os.getpid()}", f"fa{os.getpid()}", "far"
        self.inside = ("ip", "netns", "exec", self.name)

    def make(self) -> None:
        """NotToBeHad says what the machine said."""
        _run("ip", "netns", "add", self.name)
        _run("ip", "link", "add", self._card, "type", "veth", "peer", "name", self._far, "netns", self.name)
        _run("ip", "addr", "add", f"{HERE}/30", "dev", self._card)
        _run("ip", "link", "set", self._card, "up")
        _run("ip", "-n", self.name, "addr", "add", f"{THERE}/30", "dev", self._far)
        for device in (self._far, "lo"):
            _run("ip", "-n", self.name, "link", "set", device, "up")

    def remove(self) -> None:
        """The cards go with it."""
        for words in (("link", "del", self._card), ("netns", "del", self.name)):
            subprocess.run(("ip", *words), capture_output=True, check=False)

    def cut(self) -> Callable[[], None]:
        """The cable is pulled; what is returned plugs it in again."""
        _run("ip", "-n", self.name, "link", "set", self._far, "down")
        return lambda: _run("ip", "-n", self.name, "link", "set", self._far, "up")

    def filtered(self, *rules: str) -> Callable[[], None]:
        """Rules of the packet filter, each a line; what is returned takes them away again."""
        for rule in rules:
            _run(*self.inside, "iptables-legacy", "-A", *rule.split())
        return lambda: _run(*self.inside, "iptables-legacy", "-F")

    def slow(self) -> Callable[[], None]:
        """Both ways as slow as a bad telephone line."""
        bucket = ("root", "tbf", "rate", "96kbit", "burst", "3000", "latency", "800ms")
        _run("tc", "-n", self.name, "qdisc", "add", "dev", self._far, *bucket)
        _run("tc", "qdisc", "add", "dev", self._card, *bucket)

        def mend() -> None:
            _run("tc", "-n", self.name, "qdisc", "del", "dev", self._far, "root")
            _run("tc", "qdisc", "del", "dev", self._card, "root")

        return mend


@contextmanager
def namespace() -> Iterator[Namespace]:
    """Made, and removed whatever happens."""
    found = Namespace()
    try:
        found.make()
        yield found
    finally:
        found.remove()


def fail(scene: Scene, line: Namespace, count: int) -> None:
    """`count` faults one after the other; everybody goes on working."""
    chance = scene.chance
    some = "-m statistic --mode random --probability 0.1 -j DROP"
    reset = f"-p tcp --dport {scene.district.port} -j REJECT --reject-with tcp-reset"
    kinds: list[tuple[str, Callable[[], Callable[[], None]], float]] = [
        ("cut", line.cut, LONGEST_SECONDS),
        ("one packet in ten lost", lambda: line.filtered(f"INPUT {some}", f"OUTPUT {some}"), LONGEST_SECONDS),
        ("reset", lambda: line.filtered(f"OUTPUT {reset}"), LONGEST_SECONDS),
        ("half-open: answers vanish", lambda: line.filtered("INPUT -p tcp -j DROP"), LONGEST_SILENCE_SECONDS),
        ("half-open: after 30 KB nothing more", lambda: line.filtered(
            "OUTPUT -p tcp -m connbytes --connbytes 30000: --connbytes-dir both --connbytes-mode bytes -j DROP"
        ), LONGEST_SILENCE_SECONDS),
        ("slow", line.slow, LONGEST_SECONDS),
    ]  # fmt: skip
    for number in range(count):
        name, begin, longest = kinds[number % len(kinds)] if count >= len(kinds) else chance.choice(kinds)
        time.sleep(chance.uniform(0.3, 1.5))
        mend = begin()
        time.sleep(chance.uniform(0.5, longest))
        mend()
        scene.played[f"line {name}"] += 1
