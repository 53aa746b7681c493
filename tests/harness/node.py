"""Where are Node and the npm packages of tests/e2e, and how is a program run with them?

tests/e2e/install put them below the build directory. A program finds the packages by require(),
also those that are written as ES modules; `import` does not look where NODE_PATH says.
"""

import platform

from . import places

_ARCHITECTURES = {"x86_64": "x64", "aarch64": "arm64"}


def directory():
    """The folder that holds node_modules. Missing: a skip for a person, a failure in CI."""
    wanted = (places.SOURCE / "tests/e2e/package-lock.json").read_bytes()
    for top in (places.build_directory(), places.SOURCE / "build"):
        lockfile = top / ".cache/node/package-lock.json"
        if lockfile.exists() and lockfile.read_bytes() == wanted:
            return lockfile.parent
    raise places.absent("Node's packages are missing, or others than the lockfile's:"
                        f" tests/e2e/install {places.build_directory() / '.cache/node'}")


def program():
    """The path of node."""
    machine = platform.machine()
    path = package(f"node-linux-{_ARCHITECTURES.get(machine, machine)}") / "bin/node"
    if not path.exists():
        raise places.absent(f"there is no node for {machine} among the packages")
    return path


def package(name):
    """The folder of an installed package, for instance "pusher-js"."""
    return directory() / "node_modules" / name


def environment(**more):
    """The environment in which node finds the packages, and nothing else of ours."""
    return {"PATH": "/usr/bin:/bin", "NODE_PATH": str(directory() / "node_modules"), **more}
