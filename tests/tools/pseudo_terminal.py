"""A program on a terminal of its own, as a person has it: what it draws, keys, the size of the window, Ctrl-C."""
from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import termios
import time
from collections.abc import Callable

from stage import ENVIRONMENT, PATIENCE_S, Stage, check

ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
HOME = "\x1b[H"


class OnTerminal:
    def __init__(self, stage: Stage, name: str, *arguments: object, lines: int, columns: int, **environment: str) -> None:
        command = [str(stage.bin / name), *map(str, arguments)]
        self.drawn = ""
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execve(command[0], command, {**ENVIRONMENT, "TERM": "xterm", **environment})
        os.set_blocking(self._master, False)

    def __enter__(self) -> OnTerminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._master)

    def _read(self) -> None:
        try:
            while part := os.read(self._master, 1 << 16):
                self.drawn += part.decode(errors="replace")
        except (BlockingIOError, OSError):  # nothing there; or the program is gone
            pass

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self._read()
            if condition():
                return
            check(time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}; drawn was {self.drawn[-4000:]!r}")
            time.sleep(0.01)

    def pages(self) -> list[str]:
        """Those that are complete."""
        return self.drawn.split(HOME)[1:-1]

    def wait_for_page(self, pattern: str) -> str:
        """A page that is drawn from now on and has a match."""
        seen = len(self.pages())
        self.wait_for(lambda: any(re.search(pattern, page) for page in self.pages()[seen:]), f"'{pattern}'")
        return next(page for page in self.pages()[seen:] if re.search(pattern, page))

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def resize(self, lines: int, columns: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def reads_lines(self) -> bool:
        """Whether the terminal gives lines and echoes what is typed, as it does outside of such programs."""
        local = termios.tcgetattr(self._master)[3]
        return bool(local & termios.ICANON) and bool(local & termios.ECHO)

    def wait_until_stopped(self) -> None:
        self.wait_for(lambda: os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)[0] == self.pid, "the stop")
        self._read()

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def finish(self) -> int:
        """Waits for the end; the exit status."""
        ended: list[int] = []

        def has_ended() -> bool:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == self.pid:
                ended.append(os.waitstatus_to_exitcode(status))
            return bool(ended)
        self.wait_for(has_ended, "the end")
        self.pid = 0
        self._read()
        return ended[0]
