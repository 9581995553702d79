"""The code that ran: the Git commit, and what the working tree had beside it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from bascule.evidence.nouns import Code
from bascule.stores.blobs import Blobs

FILE = 1 << 20  # bytes of an untracked file that is still kept
TOTAL = 16 << 20  # bytes of all of them together
NAMED = 1000  # files left out that the difference names
PATIENCE_S = 60  # a repository on a slow disk may take its time, but a run must start

_INSIDE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"}
_OURS = ":(exclude,glob)**/.bascule/**"
_FAILED = (OSError, subprocess.SubprocessError)


def code(folder: Path, blobs: Blobs) -> Code:
    """The commit checked out around a folder, and as a blob how the tree differs from it; empty without Git.

    The difference covers the whole repository: changes to tracked files and untracked text files of at most 1 MiB that
    Git does not ignore. `git apply` takes it; the files that it leaves out are named on top. `dirty` without a
    difference says that Git could not tell it.
    """
    try:
        top = _path(_git(folder, "rev-parse", "--show-toplevel"))
    except _FAILED:
        return Code()
    try:
        sha = _git(top, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
    except _FAILED:
        sha = None  # nothing is committed yet
    try:
        with tempfile.TemporaryDirectory() as scratch:
            found = _difference(top, sha, Path(scratch))
            if not found.stat().st_size:
                return Code(sha=sha)
            return Code(sha=sha, dirty=True, diff=blobs.put(found))
    except _FAILED:
        return Code(sha=sha, dirty=True)


def _difference(top: Path, sha: str | None, scratch: Path) -> Path:
    """A file with the difference. Untracked files are added to a copy of the index; the repository is only read."""
    base = sha or _git(top, "hash-object", "-t", "tree", "--stdin").decode().strip()
    index, objects = (top / _path(_git(top, "rev-parse", "--git-path", part)) for part in ("index", "objects"))
    if index.exists():
        shutil.copyfile(index, scratch / "index")
    (scratch / "objects").mkdir()
    aside = {
        "GIT_INDEX_FILE": str(scratch / "index"),
        "GIT_OBJECT_DIRECTORY": str(scratch / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects),
    }
    kept, left_out = _untracked(top)
    if kept:
        literal = aside | {"GIT_LITERAL_PATHSPECS": "1"}
        add = ("add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul")
        _git(top, *add, settings=literal, given=b"\0".join(kept))
    found = scratch / "diff"
    with found.open("wb") as file:
        file.writelines(b"# left out: " + name + b"\n" for name in left_out[:NAMED])
        if len(left_out) > NAMED:
            file.write(b"# and %d more\n" % (len(left_out) - NAMED))
        file.flush()
        options = ("--binary", "--no-color", "--no-ext-diff", "--no-textconv")
        _git(top, "diff", *options, base, "--", ".", _OURS, settings=aside, output=file)
    return found


def _untracked(top: Path) -> tuple[list[bytes], list[bytes]]:
    """The untracked files that the difference shows, and those too large or no text."""
    listed = _git(top, "ls-files", "--others", "--exclude-standard", "-z", "--", ".", _OURS)
    kept: list[bytes] = []
    left_out: list[bytes] = []
    total = 0
    for name in sorted(filter(None, listed.split(b"\0"))):
        size = _text_bytes(top / os.fsdecode(name))
        if size is None or total + size > TOTAL:
            left_out.append(name)
        else:
            kept.append(name)
            total += size
    return kept, left_out


def _text_bytes(path: Path) -> int | None:
    """The size of a small text file, None for anything else."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode) or path.stat().st_size > FILE:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    return None if b"\0" in content else len(content)


def _path(line: bytes) -> Path:
    """A path as Git prints it."""
    return Path(os.fsdecode(line.removesuffix(b"\n")))


def _git(
    folder: Path,
    *arguments: str,
    settings: Mapping[str, str] | None = None,
    given: bytes = b"",
    output: int | IO[bytes] = subprocess.PIPE,
) -> bytes:
    """What Git prints. A hook's variables must not lead it to another repository, nor may it lock this one."""
    inherited = {key: value for key, value in os.environ.items() if key not in _INSIDE}
    done = subprocess.run(  # noqa: S603, no shell, and nothing of the arguments comes from outside
        ["git", "-C", str(folder), *arguments],  # noqa: S607, the user's own Git
        env=inherited | {"GIT_OPTIONAL_LOCKS": "0"} | dict(settings or {}),
        input=given,
        stdout=output,
        stderr=subprocess.DEVNULL,
        timeout=PATIENCE_S,
        check=True,
    )
    return done.stdout or b""
