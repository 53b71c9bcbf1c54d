// Stands in for the program in tests of what keeps it running: the same command line and the same answers on its port, and it does
// what `behaviour.json` in its folder says of its version. Not for what a pipeline computes: those tests run the real one.
import { appendFileSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { superviseAlone } from '../../deploy/local/alone.ts'

/** By `v<version>`, or `*` for all. */
export type Behaviours = Readonly<Record<string, Behaviour>>

export interface Behaviour {
  /** Ends at once with this code, having said so. */
  readonly exit?: number
  readonly says?: string
  /** Ends by itself when another process takes the run over. */
  readonly yields?: boolean
  /** Does not end when asked. */
  readonly stubborn?: boolean
  /** Never says that it is ready. */
  readonly unready?: boolean
  /** Writes this variable of the environment into started.log. */
  readonly tells?: string
}

const [command, ...rest] = process.argv.slice(2)
if (command === 'deploy') {
  const stop = new AbortController()
  process.on('SIGTERM', () => stop.abort())
  await superviseAlone(rest[1]!, stop.signal)
} else {
  const file = rest[0]!
  const flag = (name: string) => rest[rest.indexOf(name) + 1]!
  const version = /\/(v\d+)\//.exec(file)![1]!
  const own = behaviours()[version] ?? behaviours()['*'] ?? {}
  const told = own.tells === undefined ? '' : ` ${process.env[own.tells]}`
  const words = rest.slice(1).filter((word) => !/^\d{5}$/.test(word))
  appendFileSync('started.log', `${process.pid} ${version} ${words.join(' ')}${told}\n`)
  if (own.exit !== undefined) {
    console.error(own.says ?? 'it broke')
    process.exit(own.exit)
  }
  process.on('SIGTERM', () => {
    if (own.stubborn) return
    appendFileSync('started.log', `${process.pid} ended cleanly\n`)
    process.exit(0)
  })
  createServer((_, response) => response.writeHead(own.unready ? 503 : 200).end()).listen(
    Number(flag('--http')),
    '127.0.0.1',
  )
  if (own.yields) {
    const taken = setInterval(() => {
      const later = readFileSync('started.log', 'utf8')
        .split('\n')
        .some((line) => line.includes('--takeover'))
      if (!later || rest.includes('--takeover')) return
      console.error('TAKEN_OVER: a newer version of the program has taken over')
      process.exit(1)
    }, 20)
    taken.unref()
  }
}

function behaviours(): Behaviours {
  try {
    return JSON.parse(readFileSync('behaviour.json', 'utf8')) as Behaviours
  } catch {
    return {}
  }
}
