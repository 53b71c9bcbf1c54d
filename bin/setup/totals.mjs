// What the test runners say, as counts that can be added up.

/**
 * @typedef {object} Totals
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} reasons why tests were skipped, each once
 */

/**
 * Of vitest's JSON report. A file that did not load, and a run that failed with every test green (an error outside of
 * a test), count as one failure: nothing that went wrong may be missing from the total.
 * @param {{ testResults: { status: string, assertionResults: { status: string, fullName: string }[] }[] } | undefined} report
 * @param {number} exitCode
 * @returns {Totals}
 */
export function vitestTotals(report, exitCode) {
  const totals = { passed: 0, failed: 0, skipped: 0 }
  const reasons = new Set()
  for (const file of report?.testResults ?? []) {
    const failedBefore = totals.failed
    for (const { status, fullName } of file.assertionResults) {
      if (status === 'passed') totals.passed++
      else if (status === 'failed') totals.failed++
      else {
        totals.skipped++
        reasons.add(/\[skipped: (.*?)\]/.exec(fullName)?.[1] ?? `no reason given: ${fullName}`)
      }
    }
    if (file.status === 'failed' && totals.failed === failedBefore) totals.failed++
  }
  if (exitCode !== 0 && totals.failed === 0) totals.failed++
  return { ...totals, reasons: [...reasons] }
}

/**
 * Of what `cargo test` prints: one `test result:` line a binary.
 * @param {string} output @param {number} exitCode @returns {Totals}
 */
export function cargoTotals(output, exitCode) {
  const totals = { passed: 0, failed: 0, skipped: 0 }
  for (const [, passed, failed, ignored] of output.matchAll(
    /^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/gm,
  )) {
    totals.passed += Number(passed)
    totals.failed += Number(failed)
    totals.skipped += Number(ignored)
  }
  if (exitCode !== 0 && totals.failed === 0) totals.failed++
  return { ...totals, reasons: totals.skipped > 0 ? ['ignored by cargo test'] : [] }
}

/** @param {Totals[]} parts @returns {Totals} */
export function sum(parts) {
  const add = (/** @type {'passed' | 'failed' | 'skipped'} */ key) =>
    parts.reduce((total, part) => total + part[key], 0)
  return {
    passed: add('passed'),
    failed: add('failed'),
    skipped: add('skipped'),
    reasons: parts.flatMap((part) => part.reasons),
  }
}

/** The last line: `N passed, N failed`, and what was skipped where something was. @param {Totals} totals */
export function totalsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
