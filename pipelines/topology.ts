// A topology file: YAML in, config out, errors with the line they stand on.
import { LineCounter, parseDocument } from 'yaml'
import { SmartspeedError } from '../schemas/errors.ts'
import { parseTopology, type Topology } from './config.ts'

/**
 * The topology that a YAML text describes.
 * @throws SmartspeedError CONFIG_INVALID with file, line, key, value, what is allowed and the nearest name
 */
export function readTopology(text: string, file: string): Topology {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true })
  const [bad] = document.errors
  if (bad !== undefined) {
    const { line, col } = lines.linePos(bad.pos[0])
    throw new SmartspeedError('CONFIG_INVALID', `${file}:${line}:${col}: not YAML: ${bad.message.split('\n')[0]}`, {
      fix: 'a topology is keys and values, see docs/topology.schema.json',
    })
  }
  return parseTopology(document.toJS() ?? {}, (path) => {
    // The node itself, or the nearest one around it that is there.
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined
      if (node?.range) return `${file}:${lines.linePos(node.range[0]).line}: `
    }
    return `${file}: `
  })
}
