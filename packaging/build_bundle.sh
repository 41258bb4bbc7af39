#!/usr/bin/env bash
# The one-folder program in dist/joint-response-console, and the proof that it stands on its own: without the virtual
# environment it migrates stores and makes a district. Output in build/ and dist/ only. Usage: packaging/build_bundle.sh
set -euo pipefail
cd "$(dirname "$0")/.."
name=joint-response-console
bundle="$PWD/dist/$name"

started=$(date +%s)
PYTHONPATH="$PWD" .venv/bin/python -m PyInstaller --noconfirm --clean --log-level WARN --distpath dist --workpath build packaging/console.spec
cp packaging/verify_evidence.py "$bundle/" # handed on with evidence to whoever has not got the program
echo "built in $(( $(date +%s) - started )) s"

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
alone() { (cd "$scratch" && env -i HOME="$scratch" PATH=/usr/bin:/bin LANG=C.UTF-8 QT_QPA_PLATFORM=offscreen \
  DEMO_SECONDS=5 DEMO_REPORTS=0 DEMO_FOLDER="$scratch/demo" "$@"); }
fail() { echo "the bundle is not whole: $1" >&2; exit 1; }

for part in resources/reference/district.toml resources/evidence/read-me.txt models/store/migrations/env.py models/store/migrations/versions/0001_first.py \
  district/migrations/env.py district/migrations/versions/0001_first.py tzdata/zoneinfo/Asia/Shanghai; do
  [ -f "$bundle/_internal/$part" ] || fail "$part"
done
ls "$bundle"/_internal/sqlcipher3/*.so "$bundle"/_internal/keyring-*/entry_points.txt >/dev/null || fail "sqlcipher3, keyring"
.venv/bin/pyi-archive_viewer --list --recursive --brief "$bundle/console" > "$scratch/modules"
for module in keyring.backends.SecretService keyring.backends.Windows keyring.backends.fail secretstorage jeepney pypinyin; do
  grep -qxE " *$module" "$scratch/modules" || fail "$module"
done

proof="$PWD/packaging/prove_samples.sh"
(cd "$scratch" && "$proof" env -i HOME="$scratch" PATH=/usr/bin:/bin LANG=C.UTF-8 QT_QPA_PLATFORM=offscreen "$bundle/console") \
  || fail "the console's migrations"
alone "$bundle/district-centre" init --demo --database "sqlite:///$scratch/district.sqlite" || fail "the district's migrations"
alone "$bundle/console" demo >"$scratch/demo.log" 2>&1 \
  || { cat "$scratch/demo.log" >&2; fail "the demo"; }
[ -s "$scratch/demo/console.png" ] || fail "the window"
du -sh "$bundle" | awk '{print "folder: " $1}'
