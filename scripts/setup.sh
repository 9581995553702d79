#!/bin/sh
# Makes .venv from the hash-pinned lock: with uv where it can be had, else with pip alone.
set -eu
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "bascule needs Python 3.11 or newer; $("$python" --version) was found. Name another one with PYTHON=..." >&2
  exit 1
}

with_uv() {
  "$python" -m pip install -q --disable-pip-version-check --root-user-action=ignore --upgrade \
    --target .boot --require-hashes -r boot.lock || return 1
  # uv does not read pip's settings: an index of one's own is handed over.
  index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
  [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
  export UV_SYSTEM_CERTS=true # as pip does
  uv=.boot/bin/uv
  "$uv" venv -q --allow-existing --python "$python" .venv || return 1
  "$uv" pip sync -q --python .venv/bin/python --require-hashes --compile-bytecode requirements.lock || return 1
  "$uv" pip install -q --python .venv/bin/python --no-deps --no-build-isolation --editable .
}

with_pip() {
  echo "uv could not be used; setting up with pip, which takes longer" >&2
  rm -rf .venv
  "$python" -m venv .venv
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --editable .
}

with_uv || with_pip
env -u PYTHONDONTWRITEBYTECODE .venv/bin/python -m compileall -q src
touch .venv/ready
