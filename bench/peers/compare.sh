#!/usr/bin/env bash
# Our market making and hftbacktest's, alternately in one go: PYTHON=venv/bin/python bench/peers/compare.sh [ROUNDS, 3].
# Speeds of this machine drift, so only the ratio of runs side by side says something.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
case $python in */*) python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python") ;; esac
cd "$here/../.."
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for ((round = 1; round <= ${1:-3}; round++)); do
  npm run --silent bench market-making-20 -- --json 2>>"$results/log" >"$results/ours-$round" || { cat "$results/log" >&2; exit 1; }
  "$python" "$here/hftbacktest_market_making.py" 2>>"$results/log" >"$results/theirs-$round" || { cat "$results/log" >&2; exit 1; }
done
"$python" - "$results" <<'PYTHON'
import json, sys
from statistics import median
from pathlib import Path

folder = Path(sys.argv[1])
read = lambda name: [json.loads(path.read_text()) for path in sorted(folder.glob(f'{name}-*'))]
ours = [
    {figure['what']: figure['value'] for figure in run['results'][0]['figures']} for run in read('ours')
]
theirs = read('theirs')
seconds = {'smartspeed': [run['topic read to last commit'] for run in ours]}
for name in theirs[0]['runs']:
    seconds[f'hftbacktest {name}'] = [run['runs'][name]['seconds'] for run in theirs]
for name, values in seconds.items():
    print(f'{name:24} best {min(values):.3f} s   of {", ".join(f"{value:.3f}" for value in values)}')
best, peer = min(seconds['smartspeed']), min(run['seconds'] for run in theirs)
print(
    json.dumps(
        {
            'smartspeed': round(best, 3),
            'hftbacktest': round(peer, 3),
            'ratio': round(best / peer, 2),
            # Of the pairs that ran one after the other: what else the machine did shows here, not in the best.
            'ratioMedian': round(median(a / b['seconds'] for a, b in zip(seconds['smartspeed'], theirs)), 2),
            'messages': theirs[0]['messages'],
            'levelEvents': theirs[0]['levelEvents'],
            'fills': [ours[0]['fills'], theirs[0]['fills']],
            'peakMb': [max(run['peak anonymous memory'] for run in ours), max(run['peakRssMb'] for run in theirs)],
            'version': theirs[0]['version'],
        }
    )
)
PYTHON
