// Ports of this machine: a free one, and why one is not.
import { createServer } from 'node:net'
import { SmartspeedError } from '../../schemas/errors.ts'
import { listenerOn, runningServices } from './processes.ts'

/** Services listen on this machine alone. */
export const host = '127.0.0.1'

/**
 * Below the ports that systems give to outgoing connections (from 32,768 on Linux, 49,152 elsewhere): while a broker restarts,
 * a client that knocks could be given the broker's own port, and keep it.
 */
const FREE_FROM = 20_000
const FREE_BELOW = 32_000

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = FREE_FROM + Math.floor(Math.random() * (FREE_BELOW - FREE_FROM))
    if (await isFree(port)) return port
  }
  return listenOnce(0)
}

/** @returns whether a server could listen on the port now */
export async function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  )
}

/** @throws SmartspeedError PORT_TAKEN, naming who has it; CONFIG_INVALID for one that only root may use */
export async function demandPort(what: string, port: number): Promise<void> {
  try {
    await listenOnce(port)
  } catch (cause) {
    throw await portTaken(what, port, cause)
  }
}

async function portTaken(what: string, port: number, cause: unknown): Promise<SmartspeedError> {
  const another = `or take another port: --port ${what}=${await freePort()}`
  if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') {
    const message = `${what} cannot listen on port ${port}: ${(cause as Error).message}`
    return new SmartspeedError('CONFIG_INVALID', message, { cause, fix: `take a port above 1023: ${another.slice(3)}` })
  }
  const holder = listenerOn(port)
  if (holder === undefined) {
    return new SmartspeedError('PORT_TAKEN', `port ${port} is taken by a process that this user cannot see`, {
      cause,
      fix: `look for it: sudo lsof -nP -iTCP:${port} -sTCP:LISTEN, ${another}`,
    })
  }
  const own = runningServices().find(({ pid }) => pid === holder.pid)
  const who =
    own === undefined ? `pid ${holder.pid} (${holder.command})` : `pid ${holder.pid}, the service of ${own.folder}`
  return new SmartspeedError('PORT_TAKEN', `${what}: port ${port} is taken by ${who}`, {
    cause,
    fix: `stop it: kill ${holder.pid}, ${another}`,
  })
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen({ port, host, exclusive: true }, () => {
      const { port: got } = server.address() as { port: number }
      server.close(() => resolve(got))
    })
  })
}
