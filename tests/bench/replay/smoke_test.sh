#!/usr/bin/env bash
# The replay runs, counts right and refuses what it cannot read; its figures are not judged here.
set -euo pipefail
replay=$1
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
column() { awk -F'|' -v policy=" $1 " -v n="$2" '$2 == policy { gsub(/ /, "", $n); print $n; exit }'; }

# Three objects fit: of seven requests the second for 1, both later ones for 2 and the one for 3 hit.
trace=$'0,1,100\n0,2,100\n1,1,100\n2,2,100\n3,3,100\n4,2,100\n5,3,100'
out=$("$replay" --trace - --size 3KiB --policies lru --bounds <<<"$trace")
[ "$(column lru 4 <<<"$out")" = 57.14 ] || fail "four of seven hit: $out"
[ "$(column Belady 4 <<<"$out")" = 57.14 ] || fail "nor can more: $out"

# What is no longer fresh does not hit.
out=$("$replay" --trace - --size 3KiB --policies lru <<<$'0,1,100,10\n5,1,100,10\n50,1,100,10')
[ "$(column lru 4 <<<"$out")" = 33.33 ] || fail "one of three is fresh: $out"

for line in 'x,1,2' '0,1' '0,1,-5' '0,1,2 3' '0,1,99999999999' ''; do
  if "$replay" --trace - <<<"$line" >/dev/null 2>&1; then fail "accepted: $line"; fi
done

for preset in stationary scans drift cdn; do
  one=$("$replay" --preset "$preset" --requests 20000 --catalogue 2000 --share 5 --shards 4 --threads 1,2)
  [ "$(grep -c '^| lru' <<<"$one")" = 2 ] || fail "$preset: $one"
done
first=$("$replay" --preset cdn --requests 5000 --catalogue 500 --write | cksum)
[ "$first" = "$("$replay" --preset cdn --requests 5000 --catalogue 500 --write | cksum)" ] || fail "a seed makes one trace"
echo "passed"
