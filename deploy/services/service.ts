// What a local service is: what has to be got, how it is started, and the real operation that tells that it works.

export type ServiceName = 'kafka' | 'registry'

/** What one start of a service is made of. */
export interface Setting {
  /** Where its jars lie; nothing is written there. */
  readonly installed: string
  /** The service's own folder: data, config and log. Absolute. */
  readonly folder: string
  readonly ports: Readonly<Record<string, number>>
  /** The Java that runs it. */
  readonly java: string
  readonly options: StartSettings
}

/** What a caller may ask of a start besides where and on which ports. */
export interface StartSettings {
  /** The registry compiles less: up sooner, slower when it is pushed. For tests. */
  readonly quick?: boolean
  /** Writes what later starts are quicker by when it is stopped: see archive.ts. */
  readonly learn?: boolean
  readonly kafka?: KafkaSettings
}

export interface KafkaSettings {
  /** Lines of server.properties that come after ours, and win. */
  readonly properties?: Readonly<Record<string, string>>
  /**
   * A second listener, `SASL_SSL`, that these users (name → password) may use by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 over TLS.
   * Users are made when the data folder is: ask for them on a fresh one.
   */
  readonly users?: Readonly<Record<string, string>>
}

/** How the process is started: `java` and these arguments, in the service's folder. */
export interface Launch {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export interface Service {
  readonly name: ServiceName
  /** What it is, for a person. */
  readonly title: string
  /** The goal of pom.xml that lays its jars in a folder, and the property that says its version. */
  readonly goal: string
  readonly versionProperty: string
  /** The port that clients of the service usually expect, and the names of others that it needs. */
  readonly usualPort: number
  readonly otherPorts: (options: StartSettings) => readonly string[]
  endpointOf(port: number): string
  /** Writes config, and the data folder where there is none. */
  prepare(setting: Setting): Promise<Launch>
  /** One real operation. @throws Error with the reason that it does not work yet */
  probe(port: number): Promise<void>
  /** What it is told each time that it was started and is ready. */
  settle?(port: number): Promise<void>
}
