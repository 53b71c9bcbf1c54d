#!/usr/bin/env bash
# Our vectorized benches and vectorbt's, alternately in one go: PYTHON=venv/bin/python bench/peers/compare-sweeps.sh [ROUNDS, 3].
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
case $python in */*) python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python") ;; esac
cd "$here/../.."
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for ((round = 1; round <= ${1:-3}; round++)); do
  npm run --silent bench crossover sweep -- --json 2>>"$results/log" >"$results/ours-$round" || { cat "$results/log" >&2; exit 1; }
  "$python" "$here/vectorbt_sweep.py" 2>>"$results/log" >"$results/theirs-$round" || { cat "$results/log" >&2; exit 1; }
done
"$python" - "$results" <<'PYTHON'
import json, sys
from pathlib import Path

folder = Path(sys.argv[1])
read = lambda name: [json.loads(path.read_text()) for path in sorted(folder.glob(f'{name}-*'))]
ours = [
    {
        bench['bench']: {figure['what']: figure['value'] for figure in bench['figures']}
        for bench in run['results']
    }
    for run in read('ours')
]
theirs = read('theirs')
crossover = [run['crossover']['least of seven'] for run in ours]
rate = [run['sweep']['bar-combinations a second'] * 1e6 for run in ours]
print(
    json.dumps(
        {
            'crossover': {'smartspeed': round(min(crossover), 4), 'vectorbt': min(min(run['crossover']) for run in theirs)},
            'crossoverTimes': round(min(min(run['crossover']) for run in theirs) / min(crossover), 1),
            'combinationsPerSecond': {
                'smartspeed': round(max(rate)),
                'vectorbt': max(run['combinationsPerSecond'] for run in theirs),
            },
            'sweepTimes': round(max(rate) / max(run['combinationsPerSecond'] for run in theirs)),
            'fills': theirs[0]['crossoverFills'],
            'equity': theirs[0]['crossoverEquity'],
            'version': theirs[0]['version'],
        }
    )
)
PYTHON
