"""Chromium without a window, told what to do over two pipes, as its DevTools protocol has it: one JSON message after the
other, with a NUL byte behind each. It needs no network, no driver program and no package but Debian's `chromium`."""
from __future__ import annotations

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import time

from stage import PATIENCE_S, Failure, check, wait_until

PROGRAM = shutil.which("chromium")
# Nothing that reaches out, and no sandbox, which root cannot have.
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
         "--hide-scrollbars", "--force-color-profile=srgb", "--remote-debugging-pipe"]


class Browser:
    """One browser with one page. Killed with its `with` at the latest."""

    def __init__(self, profile: pathlib.Path) -> None:
        command_end, self._commands = os.pipe()
        self._answers, answer_end = os.pipe()
        # The shell gives the pipes the numbers that the browser wants.
        self._process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" 3<&{command_end} 4>&{answer_end}', "sh", PROGRAM, *FLAGS,
             f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=(command_end, answer_end), start_new_session=True)
        os.close(command_end)
        os.close(answer_end)
        self._received = b""
        self._last_id = 0
        self.complaints: list[str] = []  # exceptions and errors of the page's scripts
        targets = self._call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self._call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._commands)  # the browser ends with its pipe
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, 9)
            self._process.wait()
        os.close(self._answers)

    def _receive(self) -> dict[str, object]:
        deadline = time.monotonic() + PATIENCE_S
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
            check(ready, f"the browser said nothing for {PATIENCE_S} s")
            block = os.read(self._answers, 1 << 16)
            check(block, "the browser ended")
            self._received += block
        message, self._received = self._received.split(b"\0", 1)
        return json.loads(message)

    def _call(self, method: str, session: str | None = None, **parameters: object) -> dict[str, object]:
        self._last_id += 1
        request = {"id": self._last_id, "method": method, "params": parameters}
        if session:
            request["sessionId"] = session
        os.write(self._commands, json.dumps(request).encode() + b"\0")
        while True:
            message = self._receive()
            if message.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(message["params"]["exceptionDetails"]))
            elif message.get("method") == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
                self.complaints.append(message["params"]["entry"]["text"])
            elif message.get("id") == self._last_id:
                check("error" not in message, f"{method}: {message.get('error')}")
                return message["result"]

    def call(self, method: str, **parameters: object) -> dict[str, object]:
        """A method of the DevTools protocol, on the page."""
        return self._call(method, self._session, **parameters)

    def open(self, url: str) -> None:
        result = self.call("Page.navigate", url=url)
        check("errorText" not in result, f"{url}: {result.get('errorText')}")
        wait_until(lambda: self.run("document.readyState") == "complete", f"{url} to load")

    def run(self, script: str) -> object:
        """The value of an expression, in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        check("exceptionDetails" not in result, f"{script}: {result.get('exceptionDetails')}")
        return result["result"].get("value")

    def wait_for(self, script: str, what: str) -> None:
        """Until the expression is true."""
        try:
            wait_until(lambda: self.run(script), what)
        except Failure as failure:
            raise Failure(f"{failure}; the page says: {self.run('document.body.innerText')}; {self.complaints}") from None

    def press(self, key: str) -> None:
        text = {"text": "\r"} if key == "Enter" else {}
        codes = {"Enter": 13, "Tab": 9, "Space": 32}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key], **text)

    def resize(self, width: int, height: int, dark: bool = False) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def screenshot(self, path: pathlib.Path, whole_page: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole_page)["data"]
        path.write_bytes(base64.b64decode(data))
