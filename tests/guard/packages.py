#!/usr/bin/env python3
"""Packages from npm: exact versions, a digest for each, and no address anywhere."""
import json
import re

import house

FOLDER = "tests/e2e"
EXACT = re.compile(r"(npm:(@[a-z-]+/)?[a-z0-9-]+@)?\d+\.\d+\.\d+")
KINDS = ("dependencies", "optionalDependencies")


def check(top):
    manifest = json.loads(house.read(top, f"{FOLDER}/package.json"))
    locked = json.loads(house.read(top, f"{FOLDER}/package-lock.json"))["packages"]
    root = locked.pop("")
    complaints = []
    for kind in KINDS:
        wanted = manifest.get(kind, {})
        complaints += [f"package.json: {name} {version} is no exact version"
                       for name, version in wanted.items() if not EXACT.fullmatch(version)]
        if root.get(kind, {}) != wanted:
            complaints.append(f"package-lock.json: was made from other {kind}")
    for path, entry in locked.items():
        if "resolved" in entry:
            complaints.append(f"package-lock.json: {path} has an address")
        if not entry.get("integrity", "").startswith("sha512-"):
            complaints.append(f"package-lock.json: {path} has no digest")
    return complaints


def sample(version="1.2.3", entry=None, root=None):
    """A tree whose only package is called x."""
    entry = {"version": "1.2.3", "integrity": "sha512-x"} if entry is None else entry
    packages = {"": {"dependencies": root or {"x": version}}, "node_modules/x": entry}
    return {f"{FOLDER}/package.json": json.dumps({"dependencies": {"x": version}}),
            f"{FOLDER}/package-lock.json": json.dumps({"packages": packages})}


SAMPLES = [
    (sample(), []),
    (sample("npm:x@1.2.3"), []),
    (sample("^1.2.3"), ["no exact version"]),
    (sample("latest"), ["no exact version"]),
    (sample(root={"x": "1.2.4"}), ["was made from other dependencies"]),
    (sample(entry={"integrity": "sha512-x", "resolved": "a"}), ["has an address"]),
    (sample(entry={"version": "1.2.3"}), ["has no digest"]),
    (sample(entry={"integrity": "sha1-x"}), ["has no digest"]),
]

if __name__ == "__main__":
    house.run(check, SAMPLES)
