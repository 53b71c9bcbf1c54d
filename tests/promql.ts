// What a PromQL expression names, well enough to hold dashboards and rules to the metrics that there are.

/** What stands before a list of labels, or between operands. */
const words = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'])
const operators = new Set(['and', 'or', 'unless', 'bool', 'offset', 'atan2', 'Inf', 'NaN'])

export interface Selector {
  readonly metric: string
  /** Labels that it is narrowed by. */
  readonly labels: readonly string[]
}

/** Metrics with the labels of their matchers, and the labels that answers are grouped by. */
export function namesIn(expression: string): { readonly selectors: Selector[]; readonly grouped: string[] } {
  // Strings hold what looks like names; ranges hold durations.
  const plain = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/(?<![\w:])\d[\w.]*/g, '')
  const grouped: string[] = []
  const rest = plain.replace(/\b(\w+)\s*\(([\w,\s]*)\)/g, (all, word: string, labels: string) => {
    if (!words.has(word)) return all
    grouped.push(...namesOf(labels))
    return ' '
  })
  const selectors: Selector[] = []
  for (const [, metric, , matchers = ''] of rest.matchAll(/([A-Za-z_:][\w:]*)(\s*\{([^}]*)\})?(?!\s*\(|[\w:])/g)) {
    if (operators.has(metric!) || words.has(metric!)) continue
    const labels = [...matchers.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)].map(([, label]) => label!)
    selectors.push({ metric: metric!, labels })
  }
  return { selectors, grouped }
}

function namesOf(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
