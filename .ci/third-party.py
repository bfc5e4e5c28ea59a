"""Prints the licenses of the crates that the program is built from: python3 .ci/third-party.py TARGET

Equal texts are printed once, after the names of all crates that have them.
"""

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path


def cargo(*arguments):
    return subprocess.run(["cargo", *arguments], check=True, capture_output=True, text=True).stdout


def shipped(target):
    """The crates that end up in the binary: name and version."""
    tree = cargo("tree", "--locked", "--target", target, "--edges", "normal", "--prefix", "none", "--format", "{p}")
    return {(name, version) for name, version in re.findall(r"^(\S+) v(\S+)", tree, re.MULTILINE) if name != "tackboard"}


def texts(folder):
    """The texts of licenses in the folder of a crate."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and re.match(r"(?i)(licen[cs]e|copying|notice|unlicense)", path.name):
            yield path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip()


def main(target):
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1", "--filter-platform", target))
    wanted = shipped(target)
    crates_of = defaultdict(list)
    print("Tackboard contains these crates:\n")
    for package in sorted(metadata["packages"], key=lambda package: (package["name"], package["version"])):
        if (package["name"], package["version"]) not in wanted:
            continue
        name = f"{package['name']} {package['version']}"
        print(f"{name}: {package['license']}")
        for text in texts(Path(package["manifest_path"]).parent):
            crates_of[text].append(name)
    for text, crates in crates_of.items():
        print(f"\n{'=' * 80}\n{', '.join(crates)}\n{'=' * 80}\n\n{text}")


main(sys.argv[1])
