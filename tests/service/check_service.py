#!/usr/bin/env python3
"""Checks the service: systemd understands it, its command line starts a driver with the settings that come with it, these
settings are true, and systemd will take the driver's end for one in order. Usage: check_service.py PACKAGING CPPEROND"""
import configparser
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

packaging, cpperond = pathlib.Path(sys.argv[1]), sys.argv[2]
environment = {name: value for name, value in os.environ.items() if not name.startswith(("AERON_", "CPPERON_"))}
unit_text = (packaging / "cpperond.service").read_text(encoding="utf-8")
example = (packaging / "cpperond.properties").read_text(encoding="utf-8")


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"failed: {what}")


def settings_of(file: pathlib.Path) -> dict[str, object]:
    outcome = subprocess.run([cpperond, "--print-config=json", str(file)], capture_output=True, text=True, env=environment)
    check(outcome.returncode == 0, f"the settings are refused: {outcome.stderr}")
    check(outcome.stderr == "", f"there are warnings of the settings: {outcome.stderr}")
    return {name: setting["value"] for name, setting in json.loads(outcome.stdout)["settings"].items()}


def check_example(folder: pathlib.Path) -> None:
    """What is commented out shows the default."""
    as_it_is, all_set, empty = folder / "example", folder / "all", folder / "empty"
    as_it_is.write_text(example, encoding="utf-8")
    shown = re.findall(r"^#((?:aeron|cpperon)\.\S+=.*)$", example, re.MULTILINE)
    check(len(shown) > 10, "the example shows hardly any settings")
    all_set.write_text(re.sub(r"^#((?:aeron|cpperon)\.\S+=)", r"\1", example, flags=re.MULTILINE), encoding="utf-8")
    empty.write_text("", encoding="utf-8")
    settings = settings_of(as_it_is)
    check(settings_of(all_set) == settings, "a setting that is commented out does not show the default")
    changed = {name: value for name, value in settings.items() if settings_of(empty)[name] != value}
    check(changed == {"aeron.dir": "/dev/shm/aeron"}, f"the example changes {changed}")


def wait_until(condition, what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        check(time.monotonic() < deadline, f"waited in vain for {what}")
        time.sleep(0.01)


def check_start(folder: pathlib.Path, service: configparser.SectionProxy) -> None:
    """The command line of the service, with its file and its umask; only the folders are those of the test."""
    directory = folder / "aeron"
    settings = folder / "cpperond.properties"
    settings.write_text(example.replace("aeron.dir=/dev/shm/aeron\n", f"aeron.dir={directory}\n"), encoding="utf-8")
    command = shlex.split(service["ExecStart"])
    check(command == ["cpperond", "/etc/cpperon/cpperond.properties"], f"the service starts {command}")
    driver = subprocess.Popen([cpperond, str(settings)], env=environment, umask=int(service["UMask"], 8))
    cnc = directory / "cnc.dat"

    def is_up() -> bool:
        check(driver.poll() is None, "the driver did not start")
        return cnc.exists() and cnc.stat().st_size > 4 and struct.unpack("<i", cnc.read_bytes()[:4])[0] != 0

    wait_until(is_up, "the driver to start")
    check(cnc.stat().st_mode & 0o777 == 0o660, "its files are not for its group, and for nobody else")
    driver.send_signal(signal.SIGTERM)
    status = driver.wait(timeout=60)
    check(str(status) in service["SuccessExitStatus"].split(), f"systemd takes status {status} for a failure")


def check_with_systemd(folder: pathlib.Path) -> str:
    if shutil.which("systemd-analyze") is None:
        return "systemd-analyze is not here"
    unit = folder / "cpperond.service"
    unit.write_text(unit_text.replace("ExecStart=cpperond", f"ExecStart={cpperond}"), encoding="utf-8")
    outcome = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)],
                             capture_output=True, text=True)
    check(outcome.returncode == 0 and "cpperond.service" not in outcome.stderr, f"systemd says: {outcome.stderr}")
    return "systemd-analyze is content"


unit = configparser.ConfigParser(interpolation=None)
unit.optionxform = str
unit.read_string(unit_text)
with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
    check_example(pathlib.Path(name))
    check_start(pathlib.Path(name), unit["Service"])
    print(check_with_systemd(pathlib.Path(name)))
