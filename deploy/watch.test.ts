// Dashboards, alert rules, and the metrics that they live on. What Prometheus' own tool can say, it says.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from '../console/metrics/registry.ts'
import { describeWith } from '../tests/data.ts'
import { namesIn } from '../tests/promql.ts'
import { dashboards, fileOf, textOf } from './grafana/build.ts'
import { datasource } from './grafana/panels.ts'

interface Target {
  readonly refId: string
  readonly expr: string
}

interface PanelFile {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly datasource?: object
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly fieldConfig?: { readonly defaults: { readonly unit: string; readonly noValue: string } }
  readonly targets?: readonly Target[]
}

interface DashboardFile {
  readonly uid: string
  readonly title: string
  readonly panels: readonly PanelFile[]
  readonly annotations: { readonly list: readonly { readonly expr: string }[] }
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition: string }[] }
}

interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly labels?: { readonly severity: string }
  readonly annotations?: { readonly summary: string; readonly runbook: string }
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const read = (path: string) => readFileSync(here(path), 'utf8')

const boards = Object.keys(dashboards).map((name): [string, DashboardFile] => [
  name,
  JSON.parse(readFileSync(fileOf(name), 'utf8')),
])
const rules: readonly Rule[] = parse(read('prometheus/rules/smartspeed.yml')).groups.flatMap(
  (group: { rules: Rule[] }) => group.rules,
)
const alerts = rules.filter((rule) => rule.alert !== undefined)

/** Names of series, with their labels; a histogram has three. */
const known = new Map<string, readonly string[]>()
for (const metric of createMetrics().registry.getMetricsAsArray()) {
  const { name, type, labelNames } = metric as unknown as { name: string; type: string; labelNames: string[] }
  // Metrics of the process have their types and labels as text, ours as prom-client's enumeration.
  const parts = String(type) === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
  for (const part of parts) known.set(`${name}${part}`, part === '_bucket' ? [...labelNames, 'le'] : labelNames)
}
/** What Prometheus itself knows, or adds to all that it reads. */
const ofPrometheus = ['up', 'ALERTS']
const added = ['job', 'instance', 'component', 'alertname', 'alertstate']

/** What an expression names that nothing exports. */
function unknownIn(expr: string): string[] {
  const recorded = rules.flatMap((rule) => (rule.record === undefined ? [] : [rule.record]))
  const { selectors, grouped } = namesIn(expr)
  const labels = new Set([...known.values()].flat().concat(added))
  return [
    ...selectors.flatMap(({ metric, labels }) => {
      if (ofPrometheus.includes(metric) || recorded.includes(metric)) return []
      const own = known.get(metric)
      if (own === undefined) return [metric]
      return labels
        .filter((label) => !own.includes(label) && !added.includes(label))
        .map((label) => `${metric}{${label}}`)
    }),
    ...grouped.filter((label) => !labels.has(label)),
  ]
}

/** As Grafana puts values in the place of its variables. */
function filled(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h').replaceAll(/\$\w+/g, '.*')
}

describe('dashboards', () => {
  test('the files are what deploy/grafana gives: node deploy/grafana/build.ts', () => {
    const names = readdirSync(here('grafana/dashboards')).sort()
    expect(names).toEqual(
      Object.keys(dashboards)
        .map((name) => `${name}.json`)
        .sort(),
    )
    for (const [name, board] of Object.entries(dashboards)) {
      expect(readFileSync(fileOf(name), 'utf8'), name).toBe(textOf(board))
    }
  })

  test('no two have one uid or title, and each uid is one that Grafana takes', () => {
    const uids = boards.map(([, { uid }]) => uid)
    expect(new Set(uids).size).toBe(uids.length)
    expect(new Set(boards.map(([, { title }]) => title)).size).toBe(boards.length)
    for (const uid of uids) expect(uid).toMatch(/^[\w-]{1,40}$/)
  })

  test.each(boards)('%s: panels have ids of their own, lie side by side, and none lies on another', (_, { panels }) => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = new Set<string>()
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x},${y}`), title).toBe(false)
          cells.add(`${x},${y}`)
        }
      }
    }
  })

  test.each(boards)(
    '%s: each panel has a title, a sentence, a unit, a word for nothing, and its source',
    (_, { panels }) => {
      for (const panel of panels.filter(({ type }) => type !== 'row')) {
        expect(panel.title).not.toBe('')
        expect(panel.description, panel.title).toMatch(/\.$/)
        expect(panel.fieldConfig!.defaults.unit, panel.title).toMatch(/^(s|bytes|short|none|percentunit|suffix: .+)$/)
        expect(panel.fieldConfig!.defaults.noValue, panel.title).not.toBe('')
        expect(panel.datasource, panel.title).toEqual(datasource)
        expect(new Set(panel.targets!.map(({ refId }) => refId)).size).toBe(panel.targets!.length)
      }
    },
  )

  test.each(boards)(
    '%s: every metric and label that it names is exported',
    (_, { panels, annotations, templating }) => {
      for (const { title, targets = [] } of panels) {
        for (const { expr } of targets) expect(unknownIn(expr), `${title}: ${expr}`).toEqual([])
      }
      for (const { expr } of annotations.list) expect(unknownIn(expr), expr).toEqual([])
      for (const { name, definition } of templating.list) {
        const series = /^label_values\((\w+), \w+\)$/.exec(definition)![1]!
        expect(known.get(series), definition).toContain(name)
      }
    },
  )

  test('they read from the source that is provisioned, and Compose puts everything where it is looked for', () => {
    const [source] = parse(read('grafana/provisioning/datasources/prometheus.yml')).datasources
    expect({ type: source.type, uid: source.uid }).toEqual(datasource)
    const [provider] = parse(read('grafana/provisioning/dashboards/smartspeed.yml')).providers
    const { prometheus, grafana } = parse(read('compose.yaml')).services
    const mounts = Object.fromEntries(
      [...prometheus.volumes, ...grafana.volumes].map((volume: string) => volume.split(':').slice(0, 2).reverse()),
    )
    expect(mounts).toMatchObject({
      '/etc/prometheus': './prometheus',
      '/etc/grafana/provisioning': './grafana/provisioning',
      [provider.options.path]: './grafana/dashboards',
    })
    expect(grafana.environment[source.url.slice(2, -1)]).toBe('http://prometheus:9090')
  })
})

describe('alert rules', () => {
  test('every metric and label that a rule names is exported', () => {
    for (const { alert, record, expr } of rules) expect(unknownIn(expr), alert ?? record).toEqual([])
  })

  test('each alert has a severity, a sentence, and a section of the manual that says what to do', () => {
    const manual = read('../docs/operating.md')
    const sections = new Set(
      [...manual.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      ),
    )
    for (const { alert, labels, annotations } of alerts) {
      expect(labels?.severity, alert).toMatch(/^(warning|critical)$/)
      expect(annotations?.summary, alert).not.toBe('')
      const [page, section] = annotations!.runbook.split('#')
      expect(page).toBe('docs/operating.md')
      expect(section).toBe(alert!.toLowerCase())
      expect(sections, alert).toContain(section)
    }
  })

  test('each alert is held to an example', () => {
    const examples: { tests: { alert_rule_test?: { alertname: string }[] }[] } = parse(
      read('prometheus/tests/smartspeed.yml'),
    )
    const held = new Set(examples.tests.flatMap((one) => (one.alert_rule_test ?? []).map(({ alertname }) => alertname)))
    expect([...held].sort()).toEqual(alerts.map(({ alert }) => alert!).sort())
  })

  test('the manual says what each of our metrics is', () => {
    const manual = read('../docs/operating.md')
    const names = createMetrics({ defaults: false })
      .registry.getMetricsAsArray()
      .map(({ name }) => name)
    expect(names.filter((name) => !manual.includes(`\`${name}\``))).toEqual([])
  })
})

describeWith('promtool', 'promtool', () => {
  const promtool = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', cwd: here('prometheus') })
    return { status, said: `${stdout}${stderr}` }
  }
  const fine = { status: 0, said: expect.stringContaining('SUCCESS') }

  test('takes the rules', () => {
    expect(promtool('check', 'rules', 'rules/smartspeed.yml')).toEqual(fine)
  }, 300_000)

  test('takes the configuration', () => {
    expect(promtool('check', 'config', 'prometheus.yml')).toEqual(fine)
  }, 300_000)

  test('each alert fires when it should, and not before', () => {
    expect(promtool('test', 'rules', 'tests/smartspeed.yml')).toEqual(fine)
  }, 300_000)

  test('takes every expression of every dashboard', () => {
    const folder = mkdtempSync(join(tmpdir(), 'smartspeed-promql-'))
    try {
      const expressions = boards.flatMap(([, { panels }]) =>
        panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => filled(expr))),
      )
      const group = { name: 'panels', rules: expressions.map((expr, at) => ({ record: `panel:${at}`, expr })) }
      writeFileSync(join(folder, 'panels.yml'), JSON.stringify({ groups: [group] }))
      expect(promtool('check', 'rules', join(folder, 'panels.yml'))).toEqual(fine)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 300_000)
})

describe('what names are found in PromQL', () => {
  test('metrics and labels, and no function, number, string or duration', () => {
    const expr =
      'histogram_quantile(0.99, sum by (run, le) (rate(a_bucket{run=~"x(y)", task!="b"}[5m:1m]))) > on (job) group_left () 0.5 * b:c offset 5m'
    expect(namesIn(expr)).toEqual({
      selectors: [
        { metric: 'a_bucket', labels: ['run', 'task'] },
        { metric: 'b:c', labels: [] },
      ],
      grouped: ['run', 'le', 'job'],
    })
  })

  test('a planted name that nothing exports is found', () => {
    expect(unknownIn('sum(smartspeed_lag_rowz) > 1')).toEqual(['smartspeed_lag_rowz'])
    expect(unknownIn('sum by (rum) (smartspeed_lag_rows{rum="a"})')).toEqual(['smartspeed_lag_rows{rum}', 'rum'])
  })
})
