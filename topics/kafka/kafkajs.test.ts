import { beforeAll } from 'vitest'
import { topicsConformance } from '../../tests/conformance/topics.ts'
import { wireConformance } from '../../tests/conformance/wire.ts'
import { wireGroups } from '../../tests/conformance/wire-groups.ts'
import { describeWith } from '../../tests/data.ts'
import { type SharedPlaces, sharedPlaces } from '../../tests/kafka.ts'
import { openKafkajs } from './kafkajs.ts'

describeWith(['kafka', 'time'], 'Kafka by kafkajs', () => {
  let places: SharedPlaces
  beforeAll(async () => {
    places = await sharedPlaces()
  }, 300_000)

  wireConformance('kafkajs', () => openKafkajs({ brokers: places.brokers }))
  wireGroups('kafkajs', () => openKafkajs({ brokers: places.brokers }))
  topicsConformance('kafka by kafkajs', () => places.newPlace('kafkajs'), { share: 0.25 })
})
