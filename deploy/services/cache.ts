// Where the jars of services are kept, and which versions they are.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Service } from './service.ts'

/** The only place that says versions. */
export const pomPath = fileURLToPath(new URL('pom.xml', import.meta.url))
const pom = readFileSync(pomPath, 'utf8')

/** The version that pom.xml pins. */
export function versionOf(service: Pick<Service, 'versionProperty'>): string {
  const version = new RegExp(`<${service.versionProperty}>([^<]+)<`).exec(pom)?.[1]
  if (version === undefined) throw new Error(`pom.xml has no property ${service.versionProperty}`)
  return version
}

/** SMARTSPEED_CACHE, else `smartspeed` in the user's cache folder. */
export function cacheFolder(): string {
  const { SMARTSPEED_CACHE: told, XDG_CACHE_HOME: xdg } = process.env
  if (told !== undefined && told !== '') return resolve(told)
  if (process.platform === 'darwin') return join(homedir(), 'Library/Caches/smartspeed')
  return join(xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.cache'), 'smartspeed')
}

/** Where the jars of a service are, or will be. Another pom.xml is another folder. */
export function installedFolder(
  service: Pick<Service, 'name' | 'versionProperty'>,
  cache: string = cacheFolder(),
): string {
  const state = createHash('sha256').update(pom).digest('hex').slice(0, 8)
  return join(cache, 'services', `${service.name}-${versionOf(service)}-${state}`)
}
