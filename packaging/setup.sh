#!/usr/bin/env bash
# Everything `make demo` and `make test` need, from nothing: system packages (when it may), a virtual environment from the
# lock file. Does nothing when done. Usage: packaging/setup.sh run|test|input|faults
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1:-run}" in
  test) groups="run test" ;;
  input) groups="run test input" ;;
  faults) groups="run test faults" ;;
  *) groups="run" ;;
esac

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'; }
available() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]'; }

missing=()
if command -v dpkg-query >/dev/null; then
  while read -r group names; do
    case "$group" in ''|'#'*) continue ;; esac
    [[ " $groups " == *" $group "* ]] || continue
    found=""
    for name in ${names//|/ }; do installed "$name" && found=1; done
    [ -n "$found" ] || missing+=("$names")
  done < packaging/system-packages.txt
fi
if [ ${#missing[@]} -gt 0 ]; then
  apt=(apt-get)
  [ "$(id -u)" = 0 ] || apt=(sudo -n apt-get)
  may=yes
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || may=no
  [ $may = no ] || "${apt[@]}" update -qq >&2
  chosen=()
  for names in "${missing[@]}"; do
    pick="${names##*|}"
    for name in ${names//|/ }; do if available "$name"; then pick="$name"; break; fi; done
    chosen+=("$pick")
  done
  if [ $may = no ]; then
    echo "These Debian packages are missing. Install them, then run the same command again:" >&2
    echo "    sudo apt-get install -y --no-install-recommends ${chosen[*]}" >&2
    exit 1
  fi
  echo "Installing ${#chosen[@]} Debian packages: ${chosen[*]}" >&2
  DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y -qq --no-install-recommends "${chosen[@]}" >/dev/null
fi

python=python3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
stamp="$("$python" -c 'import sys; print(sys.version)' | cat - requirements.lock | sha256sum | cut -c1-16)"
if [ "$(cat .venv/.stamp 2>/dev/null)" != "$stamp" ]; then
  echo "Making the virtual environment (.venv) from requirements.lock; a few minutes the first time." >&2
  rm -rf .venv
  "$python" -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2
  echo "$stamp" > .venv/.stamp
fi
