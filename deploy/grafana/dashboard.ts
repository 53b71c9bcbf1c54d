// A dashboard file from sections of panels: what is seen first stands first, and nobody counts grid columns by hand.
import { datasource, type Panel } from './panels.ts'

const columns = 24

export interface Section {
  readonly title: string
  readonly panels: readonly Panel[]
}

export interface DashboardOptions {
  readonly uid: string
  readonly title: string
  readonly says: string
  readonly sections: readonly Section[]
  /** What it can be narrowed to: the name of a variable, and the series that has its values as a label. */
  readonly variables: readonly (readonly [name: string, series: string])[]
  readonly from?: string
}

/** The JSON of a dashboard, as Grafana reads it from a file. */
export function dashboard({ uid, title, says, sections, variables, from = 'now-1h' }: DashboardOptions): object {
  return {
    ...{ uid, title, description: says, tags: ['smartspeed'], timezone: 'utc', editable: false, graphTooltip: 1 },
    ...{ schemaVersion: 41, version: 1, refresh: '10s', time: { from, to: 'now' } },
    templating: { list: variables.map(variable) },
    annotations: { list: [alertsOf()] },
    links: [
      {
        ...{ type: 'dashboards', title: 'smartspeed', tags: ['smartspeed'], asDropdown: false, icon: 'external link' },
        ...{ includeVars: true, keepTime: true, targetBlank: false, tooltip: '', url: '' },
      },
    ],
    panels: placed(sections),
  }
}

/** A line where an alert fired, so that a bend has its reason beside it. */
function alertsOf() {
  return {
    ...{ name: 'alerts', enable: true, hide: false, iconColor: 'red', datasource },
    ...{ expr: 'ALERTS{alertname=~"Smartspeed.*", alertstate="firing", run=~"$run|"}', step: '15s' },
    ...{ titleFormat: '{{alertname}}', textFormat: '{{run}} {{task}}', useValueForTime: false },
  }
}

function variable([name, series]: readonly [name: string, series: string]) {
  const query = `label_values(${series}, ${name})`
  return {
    ...{ name, label: name, type: 'query', datasource, query: { query, refId: name }, definition: query },
    ...{ refresh: 2, sort: 1, multi: true, includeAll: true, allValue: '.*', hide: 0 },
    ...{ current: { selected: true, text: ['All'], value: ['$__all'] }, options: [], regex: '', skipUrlSync: false },
  }
}

/** Panels from left to right, as many in a line as fit; each section below its title. */
function placed(sections: readonly Section[]): object[] {
  const all: object[] = []
  let y = 0
  for (const { title, panels } of sections) {
    all.push({
      ...{ id: all.length + 1, type: 'row', title, collapsed: false, panels: [] },
      gridPos: { h: 1, w: columns, x: 0, y: y++ },
    })
    let x = 0
    let high = 0
    for (const { width, height, body } of panels) {
      if (x + width > columns) {
        x = 0
        y += high
        high = 0
      }
      all.push({ id: all.length + 1, ...body, gridPos: { h: height, w: width, x, y } })
      x += width
      high = Math.max(high, height)
    }
    y += high
  }
  return all
}
