#!/usr/bin/env bash
# The program brings stores of every kind up to its own version: the samples of all versions in tests/store/samples, a
# database without any table, and no file at all. Says of each what was done, and at the end what was not proved because no
# such sample exists. Usage: packaging/prove_samples.sh the program and its first arguments
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
head="$(sed -n 's/^HEAD = "\(.*\)"$/\1/p' "$root/models/store/migrate.py")"
[ -n "$head" ] || { echo "the version this program writes is not known" >&2; exit 1; }
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

older=0
check() { # what it is, file
  told="$("${program[@]}" check-store "$2")" || { echo "$1: $told" >&2; exit 1; }
  echo "$1: $told"
  [[ "$told" == "store version $head" || "$told" == "store version $head, migrated from "* ]] \
    || { echo "$1: not of version $head" >&2; exit 1; }
}
program=("$@")

samples=0
for sample in "$root"/tests/store/samples/*.sqlite.xz; do
  name="$(basename "$sample" .sqlite.xz)"
  "$root/.venv/bin/python" -c 'import lzma, sys; sys.stdout.buffer.write(lzma.open(sys.argv[1]).read())' "$sample" \
    > "$scratch/$name.sqlite"
  check "sample $name" "$scratch/$name.sqlite"
  [[ "$told" == *"migrated from"* ]] && older=$((older + 1))
  check "sample $name, opened again" "$scratch/$name.sqlite"
  [[ "$told" == "store version $head" ]] || { echo "sample $name: migrated twice" >&2; exit 1; }
  samples=$((samples + 1))
done
[ "$samples" -gt 0 ] || { echo "there are no samples" >&2; exit 1; }

"$root/.venv/bin/python" -c 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute("PRAGMA user_version = 1"); c.execute("VACUUM")' \
  "$scratch/tableless.sqlite"
check "a database without tables" "$scratch/tableless.sqlite"
[[ "$told" == *"migrated from nothing" ]] || { echo "it was not migrated" >&2; exit 1; }
check "no file" "$scratch/new.sqlite"
[[ "$told" == *"migrated from nothing" ]] || { echo "it was not migrated" >&2; exit 1; }

if [ "$older" -gt 0 ]; then
  echo "$older of $samples samples were of an older version and were migrated to $head."
else
  echo "All $samples samples are of version $head already: migrating is proved from nothing only, no older version exists."
fi
