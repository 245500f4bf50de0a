#!/usr/bin/env python3
"""Makes the Debian packages and the tarball of a build folder, checks what is in them, and unpacks the packages into one
root. Usage: check_packages.py BUILD_FOLDER WORK_FOLDER VERSION ABI_VERSION HEADER..."""
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

build, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
version, abi_version, headers = sys.argv[3], sys.argv[4], sys.argv[5:]
libraries = ["core", "client", "driver"]
config = ["cpperon-config", "cpperon-config-version", "cpperon-static-targets", "cpperon-shared-targets"]


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


EXPECTED = {
    f"libcpperon{abi_version}": {
        f"lib/libcpperon_{name}.so.{suffix}" for name in libraries for suffix in {version, abi_version}
    },
    "libcpperon-dev": {f"include/{header}" for header in headers}
    | {f"lib/libcpperon_{name}.{suffix}" for name in libraries for suffix in ("a", "so")}
    | {f"lib/cmake/cpperon/{name}.cmake" for name in config}
    | {f"lib/cmake/cpperon/cpperon-{kind}-targets-<config>.cmake" for kind in ("static", "shared")}
    | {f"lib/pkgconfig/cpperon-{name}.pc" for name in ("client", "driver")},
    "cpperon-tools": {"bin/cpperon", "bin/cpperond", "libexec/cpperon/aeronmd", "share/man/man1/cpperon.1",
                      "share/man/man1/cpperond.1", "lib/systemd/system/cpperond.service", "lib/sysusers.d/cpperond.conf",
                      "share/cpperon/cpperond.properties"},
}
DEPENDS = {
    f"libcpperon{abi_version}": [r"\blibc6\b", r"\blibstdc\+\+6\b", r"\blibfmt\d+\b"],
    "libcpperon-dev": [r"\blibfmt-dev\b", rf"\blibcpperon{re.escape(abi_version)} \(= {re.escape(version)}\)"],
    "cpperon-tools": [r"\blibc6\b", r"\blibstdc\+\+6\b"],
}


def neutral(name: str) -> str:
    return re.sub(r"(-targets-)\w+\.cmake$", r"\1<config>.cmake", name)


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"failed: {what}")


def check_contents(package: str, found: set[str], expected: set[str]) -> None:
    check(found == expected, f"{package}: missing are {sorted(expected - found)}, too much are {sorted(found - expected)}")


shutil.rmtree(work, ignore_errors=True)
root = work / "root"
root.mkdir(parents=True)
output("cpack", "--config", str(build / "CPackConfig.cmake"), "-B", str(work / "staging"),
       "-D", f"CPACK_OUTPUT_FILE_PREFIX={work / 'packages'}")
packages = {output("dpkg-deb", "-f", str(path), "Package").strip(): path for path in (work / "packages").glob("*.deb")}
check(packages.keys() == EXPECTED.keys(), f"the packages are {sorted(packages)}, expected are {sorted(EXPECTED)}")

everything: set[str] = set()
for package, path in packages.items():
    listing = [line.split(maxsplit=5) for line in output("dpkg-deb", "-c", str(path)).splitlines()]
    check(all(fields[1] == "root/root" for fields in listing), f"{package}: a file does not belong to root")
    files = {fields[5].split(" -> ")[0] for fields in listing if fields[0][0] != "d"}
    check(all(name.startswith("./usr/") for name in files), f"{package}: a file is outside /usr: {sorted(files)}")
    files = {neutral(name.removeprefix("./usr/")) for name in files}
    check_contents(package, files, EXPECTED[package] | {f"share/doc/{package}/copyright"})
    everything |= files

    check(output("dpkg-deb", "-f", str(path), "Version").strip() == version, f"{package}: is not of version {version}")
    depends = output("dpkg-deb", "-f", str(path), "Depends")
    for pattern in DEPENDS[package]:
        check(re.search(pattern, depends) is not None, f"{package}: does not depend on {pattern}, only on {depends}")
    output("dpkg-deb", "-x", str(path), str(root))

(tarball,) = (work / "packages").glob("*.tar.gz")
with tarfile.open(tarball) as archive:
    names = [pathlib.PurePosixPath(member.name) for member in archive.getmembers() if not member.isdir()]
check(len({name.parts[0] for name in names}) == 1, "the tarball has more than one folder at its top")
check_contents(tarball.name, {neutral(str(pathlib.PurePosixPath(*name.parts[1:]))) for name in names}, everything)

print(output(str(root / "usr/bin/cpperond"), "--version").strip())
