// Faults between the Kafka engine and its broker, for tests: a client some of whose requests are held, lost, answered otherwise.
import type { WireClient } from '../topics/kafka/client.ts'
import { KafkaFault } from '../topics/kafka/faults.ts'

type Methods = {
  [K in keyof WireClient as WireClient[K] extends (...args: never[]) => unknown ? K : never]: WireClient[K]
}
type Change = { [K in keyof Methods]?: ((real: Methods[K]) => Methods[K]) | undefined }

/** The client with some of its methods changed; changes may be put in and taken out at any time. */
export interface Faulty {
  readonly through: (client: WireClient) => WireClient
  change(changes: Change): void
  /** Every method is the client's own again. */
  mend(): void
}

export function faulty(): Faulty {
  let changes: Change = {}
  return {
    through: (client) =>
      new Proxy(client, {
        get(target, name: keyof WireClient) {
          const real = target[name]
          if (typeof real !== 'function') return real
          const bound = (real as (...args: unknown[]) => unknown).bind(target)
          const changed = changes[name as keyof Methods] as ((real: unknown) => unknown) | undefined
          return changed === undefined ? bound : changed(bound)
        },
      }),
    change(more) {
      changes = { ...changes, ...more }
    },
    mend() {
      changes = {}
    },
  }
}

/** The request is carried out, its answer is lost. */
export function answerLost<A extends unknown[], R>(real: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    await real(...args)
    throw new KafkaFault('NETWORK_EXCEPTION', 'a request whose answer was lost')
  }
}

/** A promise and what resolves it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {}
  const opened = new Promise<void>((done) => {
    open = done
  })
  return { opened, open }
}
