import { expect, test } from 'vitest'
import { isFault, KafkaFault, kindOf, mayHaveMoved, sayFault } from './faults.ts'

test('an error says whether to send again, to abort, to start anew, or to stop', () => {
  const meanings = {
    retriable: ['COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR', 'CONCURRENT_TRANSACTIONS', 'NOT_LEADER_OR_FOLLOWER'],
    abortable: ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'TRANSACTION_ABORTABLE'],
    rejoin: ['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS'],
    fenced: ['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH', 'INVALID_PRODUCER_ID_MAPPING'],
    unknown: ['NETWORK_EXCEPTION', 'REQUEST_TIMED_OUT', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'INVALID_TXN_STATE'],
    range: ['OFFSET_OUT_OF_RANGE'],
    fatal: ['MESSAGE_TOO_LARGE', 'TOPIC_AUTHORIZATION_FAILED', 'UNSUPPORTED_VERSION', 'never heard of'],
  }
  for (const [kind, names] of Object.entries(meanings)) for (const name of names) expect(kindOf(name), name).toBe(kind)
})

test('who leads is asked again after what says that it may be somebody else, not after each commit', () => {
  const moved = (id: string) => mayHaveMoved(new KafkaFault(id, 'asking'))
  for (const id of ['NOT_COORDINATOR', 'NOT_LEADER_OR_FOLLOWER', 'NETWORK_EXCEPTION', 'UNKNOWN_TOPIC_OR_PARTITION']) {
    expect(moved(id), id).toBe(true)
  }
  for (const id of ['CONCURRENT_TRANSACTIONS', 'PRODUCER_FENCED', 'OFFSET_OUT_OF_RANGE'])
    expect(moved(id), id).toBe(false)
})

test('what nothing here can mend is said as the product says it, with what mends it', () => {
  const lost = new KafkaFault('NETWORK_EXCEPTION', 'commit')
  expect(isFault(lost, 'unknown') && !isFault(lost, 'fenced') && !isFault(new Error('x'))).toBe(true)
  expect(sayFault('reading', lost)).toMatchObject({
    code: 'SERVICE_LOST',
    fix: expect.stringContaining('services status'),
  })
  expect(sayFault('writing', new KafkaFault('MESSAGE_TOO_LARGE', 'produce')).code).toBe('RECORD_TOO_BIG')
  expect(sayFault('writing', new KafkaFault('TOPIC_AUTHORIZATION_FAILED', 'produce')).code).toBe('ACCESS_DENIED')
  expect(sayFault('opening', new KafkaFault('SASL_AUTHENTICATION_FAILED', 'metadata'))).toMatchObject({
    code: 'ACCESS_DENIED',
    fix: expect.stringContaining('SMARTSPEED_SASL_PASSWORD'),
  })
  expect(sayFault('writing', new KafkaFault('INVALID_RECORD', 'produce')).code).toBe('IO_FAILED')
})
