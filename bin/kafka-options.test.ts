import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { command } from '../tests/commands.ts'
import { readConfigFile } from './config-file.ts'
import { kafkaFlagNames, kafkaKeys, kafkaOptionsOf } from './kafka-options.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-options-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => {
  delete process.env.SMARTSPEED_SASL_PASSWORD
  delete process.env.SMARTSPEED_REGISTRY_PASSWORD
})

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const where = { brokers: 'a:9092, b:9092', registry: 'https://registry.example.org/apis/ccompat/v7' }

test('brokers, registry, prefix and client are what an engine takes', () => {
  expect(kafkaOptionsOf({ ...where, prefix: 'staging.', client: 'kafkajs' })).toEqual({
    brokers: ['a:9092', 'b:9092'],
    ...{ registry: where.registry, prefix: 'staging.', client: 'kafkajs' },
  })
  expect(kafkaOptionsOf({})).toEqual({})
})

test('certificates come from files, and the word tls alone trusts what the system trusts', () => {
  const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) => file(`${name}.pem`, name)) as [string, string, string]
  expect(kafkaOptionsOf({ tls: true }).tls).toEqual({})
  expect(kafkaOptionsOf({ tlsCa: ca }).tls).toEqual({ ca: 'ca' })
  expect(kafkaOptionsOf({ tlsCert: cert, tlsKey: key }).tls).toEqual({ cert: 'cert', key: 'key' })
  expect(kafkaOptionsOf({ registryCa: ca }).registryTls).toEqual({ ca: 'ca' })
})

test('a password comes from the environment or from a file, whose last newline is none of it', () => {
  const user = { saslMechanism: 'scram-sha-512', saslUsername: 'alice' }
  process.env.SMARTSPEED_SASL_PASSWORD = 'from the environment'
  process.env.SMARTSPEED_REGISTRY_PASSWORD = 'another'
  const sasl = { mechanism: 'SCRAM-SHA-512', username: 'alice' }
  expect(kafkaOptionsOf(user).sasl).toEqual({ ...sasl, password: 'from the environment' })
  const saslPasswordFile = file('password', 'from a file \n')
  expect(kafkaOptionsOf({ ...user, saslPasswordFile }).sasl).toEqual({ ...sasl, password: 'from a file ' })
  expect(kafkaOptionsOf({ registryUsername: 'bob' }).registryUser).toEqual({ username: 'bob', password: 'another' })
})

test.each([
  [{ brokers: 'localhost' }, 'CONFIG_INVALID', '--brokers: "localhost"', 'docs/kafka.md'],
  [{ registry: 'localhost:8081' }, 'CONFIG_INVALID', '--registry: "localhost:8081"', 'docs/kafka.md'],
  [{ prefix: 'a b' }, 'CONFIG_INVALID', '--prefix: "a b"', 'docs/kafka.md'],
  [{ saslMechanism: 'scram-512' }, 'CONFIG_INVALID', 'SCRAM-SHA-512', 'did you mean "SCRAM-SHA-512"?'],
  [{ saslMechanism: 'PLAIN' }, 'CONFIG_INVALID', '--sasl-username is missing', '--sasl-username'],
  [{ saslMechanism: 'PLAIN', saslUsername: 'a' }, 'CONFIG_INVALID', 'no password', 'SMARTSPEED_SASL_PASSWORD'],
  [{ registryUsername: 'a' }, 'CONFIG_INVALID', 'no password', 'SMARTSPEED_REGISTRY_PASSWORD'],
  [{ tlsCert: 'cert.pem' }, 'CONFIG_INVALID', 'goes with its key', 'add --tls-key FILE'],
  [{ tlsCa: '/nowhere/ca.pem' }, 'FILE_MISSING', '--tls-ca: cannot read /nowhere/ca.pem', 'check the path'],
])('%j is %s, said with what mends it', (flags, code, message, fix) => {
  expect(() => kafkaOptionsOf(flags)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message), fix: expect.stringContaining(fix) }),
  )
})

test('smartspeed.yaml takes each of them, and no password', () => {
  expect(Object.keys(kafkaKeys)).toEqual(kafkaFlagNames)
  const path = file('smartspeed.yaml', 'engine: kafka\ntls: true\nsaslMechanism: PLAIN\nsaslUsername: alice\n')
  expect(readConfigFile(path)).toEqual({ engine: 'kafka', tls: true, saslMechanism: 'PLAIN', saslUsername: 'alice' })
  const told = file('told.yaml', 'saslPassword: secret\n')
  expect(() => readConfigFile(told)).toThrow(expect.objectContaining({ fix: 'did you mean "saslPasswordFile"?' }))
})

test('a password on the command line is refused, and the help of one command leaves out what is rare', async () => {
  const refused = await command(['topics', '--engine', 'kafka', '--sasl-password', 'secret'])
  expect(refused.code).toBe(2)
  expect(refused.err).toContain('--sasl-password-file')
  const [whole, one] = [await command(['--help']), await command(['topics', '--help'])]
  for (const flag of ['--tls-ca', '--sasl-mechanism', '--registry-ca']) {
    expect(whole.out).toContain(flag)
    expect(one.out).not.toContain(flag)
  }
  expect(one.out).toContain('--brokers')
})
