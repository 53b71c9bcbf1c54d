// Panels as a dashboard file wants them, from what one has to say: a title, a sentence, a unit, and what is drawn.

/** What panels read from: deploy/grafana/provisioning/datasources/prometheus.yml names it. */
export const datasource = { type: 'prometheus', uid: 'smartspeed-prometheus' } as const

/** As in console/tokens.css: told apart by the colour-blind. */
const gain = '#2563eb'
const loss = '#d97706'

export interface PanelOptions {
  readonly title: string
  /** One sentence: what to see in it. */
  readonly says: string
  /** Grafana's name of a unit: `s`, `bytes`, `short`, `suffix: rows/s`. */
  readonly unit: string
  /** PromQL, and how a series of its answer is called; labels in double braces. */
  readonly shows: readonly (readonly [expr: string, name: string])[]
  readonly width?: number
  readonly height?: number
  readonly decimals?: number
  /** From these values on it is amber, and red. */
  readonly limits?: readonly [amber: number, red: number]
  /** Values that stand for words. */
  readonly words?: Readonly<Record<string, { readonly text: string; readonly color: string }>>
  /** Instead of an empty panel: why it may be empty, and what to do. */
  readonly empty?: string
}

export interface Panel {
  readonly title: string
  readonly width: number
  readonly height: number
  /** All of it but id and place. */
  readonly body: Readonly<Record<string, unknown>>
}

/** Lines over time. `stack`: as shares of a whole. `signed`: what is above nothing in one colour, below in another. */
export function lines(options: PanelOptions & { readonly stack?: boolean; readonly signed?: boolean }): Panel {
  const { stack = false, signed = false } = options
  return panel(options, 'timeseries', {
    options: {
      legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'], showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    custom: {
      ...{ drawStyle: 'line', lineInterpolation: 'stepAfter', lineWidth: 1, showPoints: 'never', spanNulls: false },
      ...{ fillOpacity: stack ? 20 : 0, stacking: { mode: stack ? 'normal' : 'none', group: 'A' } },
      ...(signed ? { thresholdsStyle: { mode: 'line' } } : {}),
    },
    ...(signed ? { steps: [step(loss, null), step(gain, 0)] } : {}),
    ...(signed ? { color: { mode: 'palette-classic' } } : {}),
  })
}

/** One number a series, large. */
export function figure(options: PanelOptions): Panel {
  return panel({ width: 4, height: 4, ...options }, 'stat', {
    options: {
      ...{ colorMode: 'value', graphMode: 'none', justifyMode: 'auto', textMode: 'auto', wideLayout: true },
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
    instant: true,
  })
}

/** What each of many is in, over time: bands of colour with words. */
export function bands(options: PanelOptions): Panel {
  return panel(options, 'state-timeline', {
    options: { mergeValues: true, rowHeight: 0.8, showValue: 'auto', legend: { showLegend: false } },
    custom: { fillOpacity: 70, lineWidth: 0 },
  })
}

/** The newest answer of each expression as a column, a row a series. */
export function rows(options: PanelOptions & { readonly hide?: readonly string[] }): Panel {
  const names = options.shows.map(([, name]) => name)
  const renamed = Object.fromEntries(
    names.map((name, at) => [names.length === 1 ? 'Value' : `Value #${refOf(at)}`, name]),
  )
  const hidden = Object.fromEntries(['Time', ...(options.hide ?? [])].map((name) => [name, true]))
  return panel(options, 'table', {
    options: { cellHeight: 'sm', showHeader: true, footer: { show: false } },
    transformations: [
      ...(names.length === 1 ? [] : [{ id: 'merge', options: {} }]),
      { id: 'organize', options: { excludeByName: hidden, renameByName: renamed } },
    ],
    instant: true,
    format: 'table',
  })
}

interface Kind {
  readonly options: unknown
  readonly custom?: unknown
  readonly steps?: readonly unknown[]
  readonly color?: unknown
  readonly transformations?: readonly unknown[]
  readonly instant?: boolean
  readonly format?: string
}

function panel(options: PanelOptions, type: string, kind: Kind): Panel {
  const { title, says, unit, shows, width = 12, height = 8, decimals, limits, words, empty } = options
  const { instant = false, format = 'time_series' } = kind
  const steps =
    kind.steps ??
    (limits === undefined
      ? [step('text', null)]
      : [step('green', null), step('#d97706', limits[0]), step('red', limits[1])])
  return {
    ...{ title, width, height },
    body: {
      ...{ title, description: says, type, datasource },
      fieldConfig: {
        defaults: {
          ...{ unit, color: kind.color ?? { mode: limits === undefined ? 'palette-classic' : 'thresholds' } },
          ...(decimals === undefined ? {} : { decimals }),
          ...(kind.custom === undefined ? {} : { custom: kind.custom }),
          ...{ thresholds: { mode: 'absolute', steps }, noValue: empty ?? 'nothing yet' },
          mappings: words === undefined ? [] : [{ type: 'value', options: words }],
        },
        overrides: [],
      },
      options: kind.options,
      targets: shows.map(([expr, name], at) => ({
        ...{ refId: refOf(at), datasource, expr, legendFormat: name, instant, range: !instant, format },
      })),
      ...(kind.transformations === undefined ? {} : { transformations: kind.transformations }),
    },
  }
}

const refOf = (at: number) => String.fromCharCode(65 + at)

const step = (color: string, value: number | null) => ({ color, value })
