// What this machine must have before anything is set up, each with the command that gets it.
// Plain JavaScript for Node 18: it runs before there is anything else.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {boolean} ok
 * @property {string} detail what was seen
 * @property {string} [fix] the command that mends it
 */

const NODE_MAJOR_MIN = 18
const NPM_MAJOR_MIN = 8
/** `npm ci`, cargo's downloads and `native/target` take 0.6 GB. */
const DISK_BYTES_MIN = 1_000_000_000

/** @returns {Check} */
export function checkPlatform() {
  const ok = process.platform === 'linux' || process.platform === 'darwin'
  const fix =
    process.platform === 'win32'
      ? 'use WSL2: wsl --install   (then clone and start inside it)'
      : 'use Linux, macOS or WSL2'
  return { name: 'platform', ok, detail: `${process.platform} ${process.arch}`, ...(ok ? {} : { fix }) }
}

/** The Node that starts things; the one that runs them (24 or later) is installed where it is missing. @returns {Check} */
export function checkNode() {
  const ok = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN
  return {
    name: 'node',
    ok,
    detail: process.version,
    ...(ok ? {} : { fix: 'install Node 24, for instance: npx n 24, or nvm install 24' }),
  }
}

/** @returns {Check} */
export function checkNpm() {
  const [command, ...args] = npmCommand()
  const seen = versionOf(command, [...args, '--version'])
  const ok = seen !== undefined && Number(seen.split('.')[0]) >= NPM_MAJOR_MIN
  if (ok) return { name: 'npm', ok, detail: seen }
  return {
    name: 'npm',
    ok,
    detail: seen ?? 'not found',
    fix: install({ apt: 'npm', dnf: 'npm', apk: 'npm', pacman: 'npm', brew: 'node' }),
  }
}

/** @param {string} root the repository @returns {Check} */
export function checkCargo(root) {
  const wanted = /rust-version = "([\d.]+)"/.exec(readFileSync(join(root, 'native/Cargo.toml'), 'utf8'))?.[1] ?? '1.88'
  const command = cargoCommand()
  const seen = versionOf(command, ['--version'])
  if (seen === undefined) {
    return {
      name: 'cargo',
      ok: false,
      detail: 'not found',
      fix: "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y",
    }
  }
  if (!atLeast(seen, wanted)) {
    return { name: 'cargo', ok: false, detail: `${seen} is older than ${wanted}`, fix: 'rustup update stable' }
  }
  return { name: 'cargo', ok: true, detail: seen }
}

/** Rust links with the C compiler's driver. @returns {Check} */
export function checkLinker() {
  for (const command of ['cc', 'gcc', 'clang']) {
    const seen = versionOf(command, ['--version'])
    if (seen !== undefined) return { name: 'linker', ok: true, detail: `${command} ${seen}` }
  }
  const fix =
    process.platform === 'darwin'
      ? 'xcode-select --install'
      : install({ apt: 'build-essential', dnf: 'gcc', apk: 'build-base', pacman: 'base-devel', brew: 'gcc' })
  return { name: 'linker', ok: false, detail: 'no cc, gcc or clang found', fix }
}

/** @param {string} folder @param {number} [bytesMin] @returns {Check} */
export function checkDisk(folder, bytesMin = DISK_BYTES_MIN) {
  if (typeof statfsSync !== 'function') return { name: 'disk', ok: true, detail: 'free space unknown on this Node' }
  const { bavail, bsize } = statfsSync(nearestFolder(folder))
  const free = bavail * bsize
  const detail = `${(free / 1e9).toFixed(1)} GB free`
  if (free >= bytesMin) return { name: 'disk', ok: true, detail }
  return {
    name: 'disk',
    ok: false,
    detail: `${detail} in ${folder}`,
    fix: `free ${(bytesMin / 1e9).toFixed(1)} GB on that disk: df -h "${folder}"`,
  }
}

/**
 * Writes and removes a file: permission bits say nothing of a read-only disk, nor of root.
 * @param {string} name @param {string} folder @returns {Check}
 */
export function checkWrite(name, folder) {
  const existing = nearestFolder(folder)
  const probe = join(existing, `.smartspeed-write-${process.pid}`)
  try {
    writeFileSync(probe, '')
    rmSync(probe)
    return { name, ok: true, detail: folder }
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code
    const fix =
      code === 'EROFS' ? 'choose a folder on a disk that can be written to' : `sudo chown -R "$(id -un)" "${existing}"`
    return { name, ok: false, detail: `${folder} cannot be written to (${code})`, fix }
  }
}

/** npm as a command: the one that runs us, else the one on the PATH. @returns {[string, ...string[]]} */
export function npmCommand() {
  const running = process.env.npm_execpath
  return running !== undefined && basename(running) === 'npm-cli.js' && existsSync(running)
    ? [process.execPath, running]
    : ['npm']
}

/** cargo on the PATH, else where rustup puts it: a fresh install is not yet on the PATH of this shell. @returns {string} */
export function cargoCommand() {
  const onPath = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'cargo')))
  const installed = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin', 'cargo')
  return !onPath && existsSync(installed) ? installed : 'cargo'
}

/** @param {string} command @param {string[]} args @returns {string | undefined} the first thing that looks like a version */
function versionOf(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 20_000 })
  return status === 0 ? /\d+(\.\d+)+/.exec(stdout)?.[0] : undefined
}

/** @param {string} seen @param {string} wanted */
function atLeast(seen, wanted) {
  const parts = seen.split('.').map(Number)
  for (const [at, part] of wanted.split('.').map(Number).entries()) {
    if ((parts[at] ?? 0) !== part) return (parts[at] ?? 0) > part
  }
  return true
}

/** The command of this machine's package manager. @param {Record<'apt' | 'dnf' | 'apk' | 'pacman' | 'brew', string>} names */
function install(names) {
  const has = (/** @type {string} */ command) =>
    ['/usr/bin', '/sbin', '/bin', '/opt/homebrew/bin', '/usr/local/bin'].some((f) => existsSync(join(f, command)))
  if (has('apt-get')) return `sudo apt-get update && sudo apt-get install -y ${names.apt}`
  if (has('dnf')) return `sudo dnf install -y ${names.dnf}`
  if (has('apk')) return `sudo apk add ${names.apk}`
  if (has('pacman')) return `sudo pacman -S --noconfirm ${names.pacman}`
  return `brew install ${names.brew}`
}

/** The folder, or the first above it that exists. @param {string} folder @returns {string} */
function nearestFolder(folder) {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder))
}
