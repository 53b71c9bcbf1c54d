// The frame of a page: one HTML file with its styles, its data and its scripts inside; nothing is ever requested.
import { uplotScript } from './assets.ts'
import type { Embedded } from './embed.ts'
import { type Html, html, raw } from './html.ts'

export interface Document {
  readonly title: string
  /** Of the product. */
  readonly version?: string
  readonly style: string
  readonly body: Html
  /** What its charts are drawn from; undefined where there are none. */
  readonly data?: Embedded
  readonly script: string
}

/** The whole file. */
export function documentOf({ title, version, style, body, data, script }: Document): string {
  return html`<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
${
  version !== undefined &&
  html`<meta name="generator" content="smartspeed ${version}">
`
}<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
${body}
${data !== undefined && charted(data)}<script type="module">${raw(script)}</script>
</body>
</html>
`.html
}

function charted({ json, columns }: Embedded): Html {
  return html`<script type="application/json" id="data">${raw(json)}</script>
<script type="text/plain" id="columns">${raw(columns)}</script>
<script>${raw(uplotScript())}</script>
`
}
