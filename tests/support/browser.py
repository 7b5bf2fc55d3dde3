"""Browser: a real Chromium without a window, driven over a pipe.

It speaks the browser's own DevTools protocol on two file descriptors, so it needs no driver, no port and no package.
Each has a profile of its own, and leaves nothing behind.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 20.0
"""Seconds for what a page is to become, on a machine that is busy with other tests."""
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
_AS_3_AND_4 = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
os.dup2(ends[0], 3), os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser takes its commands on descriptor 3 and answers on 4."""
_KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), "Space": (32, " ")}
_BOX = """(() => { const node = document.querySelector(%s); node.scrollIntoView({block: "center"});
  const box = node.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"""


class BrowserFault(AssertionError):
    """The browser could not do it: {0}"""


def find_browser() -> str:
    """Where a Chromium is on this machine; empty when there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), "")


class Browser:
    """One page of one browser."""

    def __init__(self, program: str) -> None:
        self._profile = tempfile.mkdtemp(prefix="browser-")
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        command = [sys.executable, "-c", _AS_3_AND_4, str(theirs_in), str(theirs_out), program, *_QUIET]
        self._process = subprocess.Popen(
            [*command, f"--user-data-dir={self._profile}"],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._number, self._heard, self._session = 0, b"", ""
        self.faults: list[str] = []
        """What the browser has complained about: exceptions of scripts, what the page's own policy forbids."""
        try:
            self._attach()
        except BaseException:
            self.close()
            raise

    def _attach(self) -> None:
        """One page, and all that it says."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **given: Any) -> dict[str, Any]:
        """What the browser answers to one command."""
        self._number += 1
        asked: dict[str, Any] = {"id": self._number, "method": method, "params": given}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._to, json.dumps(asked).encode() + b"\0")
        until = time.monotonic() + PATIENCE
        while (told := self._hear(until)) is None or told.get("id") != self._number:
            if time.monotonic() > until:
                raise BrowserFault(f"no answer to {method}")
        if "error" in told:
            raise BrowserFault(f"{method}: {told['error']}")
        result: dict[str, Any] = told["result"]
        return result

    def _hear(self, until: float) -> dict[str, Any] | None:
        """The next thing that the browser says, if it says one in time."""
        while b"\0" not in self._heard:
            if not select.select([self._from], [], [], max(until - time.monotonic(), 0))[0]:
                return None
            piece = os.read(self._from, 1 << 20)
            if not piece:
                raise BrowserFault("it has ended")
            self._heard += piece
        body, _, self._heard = self._heard.partition(b"\0")
        told: dict[str, Any] = json.loads(body)
        self._note(told)
        return told

    def _note(self, told: dict[str, Any]) -> None:
        given = told.get("params", {})
        if told.get("method") == "Runtime.exceptionThrown":
            self.faults.append(str(given["exceptionDetails"]))
        entry = given.get("entry", {})
        if (
            told.get("method") == "Log.entryAdded"
            and entry["level"] == "error"
            and entry["source"] != "network"
        ):
            self.faults.append(entry["text"])

    # --- what a person does ---

    def open(self, address: str) -> None:
        """Go to an address, and wait until the page is there."""
        self.ask("Page.navigate", url=address)
        self.until('document.readyState === "complete" && location.href !== "about:blank"')

    def arrive(self, path: str) -> None:
        """Wait until another page is there, all of it."""
        self.until(f'location.pathname === {json.dumps(path)} && document.readyState === "complete"')

    def write(self, place: str, text: str) -> None:
        """Type into a field, in place of what is there."""
        self.see(
            f"(() => {{ const node = document.querySelector({json.dumps(place)}); node.focus(); node.select(); }})()"
        )
        self.ask("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press a key."""
        code, text = _KEYS[key]
        for kind in ("keyDown", "keyUp"):
            given = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}
            self.ask(
                "Input.dispatchKeyEvent", **given, **({"text": text} if text and kind == "keyDown" else {})
            )

    def click(self, place: str) -> None:
        """Click in the middle of something."""
        x, y = self.see(_BOX % json.dumps(place))
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def look_through(self, *, width: int = 1280, dark: bool = False, scripts: bool = True) -> None:
        """Another window: its width, day or night, with or without scripts."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Emulation.setScriptExecutionDisabled", value=not scripts)

    # --- what a person sees ---

    def see(self, expression: str) -> Any:
        """What an expression is in the page."""
        told = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in told:
            raise BrowserFault(f"{expression}: {told['exceptionDetails']}")
        return told["result"].get("value")

    def text(self, place: str) -> str:
        """The text of something, as it is shown."""
        return str(self.see(f"document.querySelector({json.dumps(place)})?.innerText ?? ''"))

    def until(self, expression: str) -> None:
        """Wait until something is so."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                if self.see(expression):
                    return
            except BrowserFault:
                pass  # between two pages there is nothing to ask
            if time.monotonic() > until:
                raise BrowserFault(f"never so: {expression}; at {self.see('location.href')}")
            self._hear(time.monotonic() + 0.05)

    def close(self) -> None:
        """End it, and forget its profile."""
        os.close(self._to)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        os.close(self._from)
        shutil.rmtree(Path(self._profile), ignore_errors=True)
