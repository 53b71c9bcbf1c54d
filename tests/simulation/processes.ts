// Processes of the command line tool that share a run, and die, stop and go on when told to.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../data.ts'

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** What it said on its standard error. */
  readonly said: string
  readonly out: string
}

export interface Member {
  readonly pid: number
  readonly ended: Promise<Ended>
  /** What it said on its standard error so far. */
  readonly said: string
  /** Does nothing to one that has ended. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGINT'): void
}

const running = new Set<Member>()

/** Ends all that this process has started and that are not over: sleeping ones, too. */
export async function endMembers(): Promise<void> {
  for (const member of running) member.signal('SIGKILL')
  await Promise.all([...running].map(({ ended }) => ended))
}

/** Without bin/smartspeed.mjs, which would be the one that is killed. */
export function startMember(args: readonly string[], env: Readonly<Record<string, string>> = {}): Member {
  const child = spawn(process.execPath, ['--no-warnings', join(root, 'bin/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let [said, out] = ['', '']
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  let over = false
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      over = true
      running.delete(member)
      resolve({ code, signal, said, out })
    })
  })
  const member: Member = {
    pid: child.pid!,
    ended,
    get said() {
      return said
    },
    signal(name) {
      if (!over) child.kill(name)
    },
  }
  running.add(member)
  return member
}
