// Java and Maven of this machine, and the command that gets them where they are missing.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { SmartspeedError } from '../../schemas/errors.ts'

/** The oldest Java that the registry runs on. */
export const javaVersionMin = 17

/** What a machine's package manager calls them. */
const packages: readonly (readonly [manager: string, command: string])[] = [
  ['apt-get', 'sudo apt-get update && sudo apt-get install -y openjdk-17-jdk-headless maven'],
  ['dnf', 'sudo dnf install -y java-17-openjdk-headless maven'],
  ['apk', 'sudo apk add openjdk17-jre-headless maven'],
  ['pacman', 'sudo pacman -S --noconfirm jre17-openjdk-headless maven'],
]

/** The command that gets Java and Maven here. `default-jdk-headless` is for a Debian that no longer has 17. */
export function javaFix(): string {
  const found = packages.find(([manager]) => ['/usr/bin', '/sbin', '/bin'].some((f) => existsSync(join(f, manager))))
  if (found === undefined) return 'brew install openjdk@17 maven   (then put openjdk@17 in PATH, or set JAVA_HOME)'
  const other = found[0] === 'apt-get' ? '   (default-jdk-headless where there is no 17)' : ''
  return `${found[1]}${other}`
}

/** A Java that is new enough: its path and version. JAVA_HOME goes before PATH. */
export function findJava(): { readonly path: string; readonly version: string } | { readonly lack: string } {
  const home = process.env.JAVA_HOME
  const path = home !== undefined && existsSync(join(home, 'bin/java')) ? join(home, 'bin/java') : onPath('java')
  if (path === undefined) return { lack: `no Java found (${javaVersionMin} or later)` }
  // macOS has a `java` that only says where to get one.
  const { status, stderr } = spawnSync(path, ['-version'], { encoding: 'utf8', timeout: 20_000 })
  const version = /version "([^"]+)"/.exec(stderr ?? '')?.[1]
  if (status !== 0 || version === undefined) return { lack: `${path} does not run` }
  if (Number.parseInt(version, 10) < javaVersionMin) {
    return { lack: `${path} is Java ${version}; ${javaVersionMin} or later is needed` }
  }
  return { path, version }
}

/** What services lack here, Java or Maven or both; undefined when nothing. `javaFix` is the command that gets both. */
export function lackOfJava(): string | undefined {
  const java = findJava()
  const lacks = [...('lack' in java ? [java.lack] : []), ...(findMaven() === undefined ? ['no Maven (mvn) found'] : [])]
  return lacks.length === 0 ? undefined : lacks.join(', ')
}

/** The Java to run services with. @throws SmartspeedError PROGRAM_MISSING */
export function needJava(): string {
  const java = findJava()
  if ('path' in java) return java.path
  throw new SmartspeedError('PROGRAM_MISSING', `${java.lack}: local services run on it`, { fix: javaFix() })
}

/** Maven's command. @throws SmartspeedError PROGRAM_MISSING */
export function needMaven(): string {
  const maven = findMaven()
  if (maven !== undefined) return maven
  throw new SmartspeedError('PROGRAM_MISSING', 'no Maven (mvn) found: it downloads local services once', {
    fix: javaFix(),
  })
}

function findMaven(): string | undefined {
  return onPath('mvn')
}

function onPath(program: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path))
}
