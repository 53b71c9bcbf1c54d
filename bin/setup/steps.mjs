// What is set up: the packages, and the native addon. Each step knows from a stamp whether its work is done.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cargoCommand, npmCommand } from './needs.mjs'
import { runWithProgress, SetUpError } from './progress.mjs'

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {(root: string) => boolean} done
 * @property {(root: string, title: string) => Promise<void>} run
 */

const NODE_MAJOR = 24

/** @type {Step} */
export const packages = {
  name: 'packages',
  done: (root) => {
    if (!existsSync(join(root, 'node_modules/.package-lock.json')) || runtimeOf(root) === undefined) return false
    return stampOf(root, 'packages') === packagesHash(root) || adopt(root)
  },
  run: async (root, title) => {
    const wanted = packagesForHere(root)
    await runWithProgress({
      title,
      command: [...npmCommand(), 'ci', '--include=dev', '--include=optional'],
      cwd: root,
      log: join(root, '.setup/packages.log'),
      total: wanted.length,
      done: () => wanted.filter((path) => existsSync(join(root, path, 'package.json'))).length,
    })
    if (runtimeOf(root) === undefined) {
      throw new SetUpError(
        `npm did not install Node ${NODE_MAJOR}`,
        'Its install script did not run. Either install Node 24 yourself, or: npm rebuild node --ignore-scripts=false',
      )
    }
    writeStamp(root, 'packages', packagesHash(root))
  },
}

/** @type {Step} */
export const native = {
  name: 'native addon',
  done: (root) => existsSync(join(root, 'native/smartspeed.node')) && stampOf(root, 'native') === nativeHash(root),
  run: async (root, title) => {
    const hash = nativeHash(root)
    const folder = join(root, 'native')
    const built = new Set()
    let library = ''
    let rest = ''
    await runWithProgress({
      title,
      command: [cargoCommand(), 'build', '--release', '--locked', '--message-format=json-render-diagnostics'],
      cwd: folder,
      env: { CARGO_TARGET_DIR: join(folder, 'target') },
      log: join(root, '.setup/native.log'),
      total: readFileSync(join(folder, 'Cargo.lock'), 'utf8').split('[[package]]').length - 1,
      done: () => built.size,
      onStdout: (text) => {
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          const { package_id: id, target, filenames } = JSON.parse(line)
          if (id !== undefined) built.add(id)
          if (target?.name === 'smartspeed_native') library = filenames?.[0] ?? library
        }
      },
    })
    // Never written in place: a running process has the old one mapped.
    const fresh = join(folder, `smartspeed.node.${process.pid}`)
    copyFileSync(library, fresh)
    renameSync(fresh, join(folder, 'smartspeed.node'))
    const load = spawnSync(runtimeOf(root) ?? process.execPath, ['-e', 'require("./smartspeed.node")'], {
      cwd: folder,
      encoding: 'utf8',
    })
    if (load.status !== 0) throw new SetUpError('the native addon was built but does not load', load.stderr)
    writeStamp(root, 'native', hash)
  },
}

/** The Node that runs the TypeScript: this one when it is new enough, else the one from npm. @param {string} root */
export function runtimeOf(root) {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath
  const installed = join(root, 'node_modules/node/bin/node')
  return existsSync(installed) ? installed : undefined
}

/** Somebody ran `npm ci` by hand: what is there is what the lock file asks for. @param {string} root */
function adopt(root) {
  const read = (/** @type {string} */ path) => JSON.parse(readFileSync(join(root, path), 'utf8')).packages
  const installed = read('node_modules/.package-lock.json')
  for (const [path, wanted] of Object.entries(read('package-lock.json'))) {
    if (path === '' || (wanted.optional && installed[path] === undefined)) continue
    if (installed[path]?.version !== wanted.version) return false
  }
  writeStamp(root, 'packages', packagesHash(root))
  return true
}

/** @param {string} root */
function packagesHash(root) {
  return hashOf(root, ['package-lock.json', '.npmrc'])
}

/** @param {string} root */
function nativeHash(root) {
  return hashOf(root, rustFiles(root, 'native'))
}

/** @param {string} root @param {string} folder @returns {string[]} */
function rustFiles(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.name !== 'target')
    .flatMap((entry) =>
      entry.isDirectory() ? rustFiles(root, `${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
    )
    .filter((path) => /\.rs$|Cargo\.(toml|lock)$/.test(path))
    .sort()
}

/** A checkout that moved to another kind of machine is set up again. @param {string} root @param {string[]} paths */
function hashOf(root, paths) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const path of paths) hash.update(`\n${path}\n`).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

/** @param {string} root @param {string} name */
function stampOf(root, name) {
  const path = join(root, '.setup', `${name}.stamp`)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** A folder that cannot be written to is not stamped, and checked again next time. @param {string} root @param {string} name @param {string} hash */
function writeStamp(root, name, hash) {
  try {
    mkdirSync(join(root, '.setup'), { recursive: true })
    writeFileSync(join(root, '.setup', `${name}.stamp`), hash)
  } catch {}
}

/** Folders of the packages that the lock file wants on this kind of machine. @param {string} root @returns {string[]} */
function packagesForHere(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const fits = (/** @type {string[] | undefined} */ allowed, /** @type {string} */ here) =>
    !allowed || allowed.includes(here)
  return Object.keys(packages).filter((path) => {
    const { os, cpu, libc } = packages[path]
    return path !== '' && fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, 'glibc')
  })
}
