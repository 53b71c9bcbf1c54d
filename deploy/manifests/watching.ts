// Prometheus and Grafana of a deployment in Compose: the files of the repository, and whom to ask for metrics.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { httpPort, manifestText } from './container.ts'

const deployFolder = join(import.meta.dirname, '..')
/** What a container is given; targets and tests are of the repository alone. */
const folders = ['prometheus/rules', 'grafana/provisioning', 'grafana/dashboards']

interface PrometheusConfig {
  readonly scrape_configs: readonly { readonly job_name: string }[]
}

/** Files by their path. */
export function watchingFiles(services: readonly string[]): [string, string][] {
  const copied = folders
    .flatMap((folder) => filesIn(folder))
    .map((path): [string, string] => [path, readFileSync(join(deployFolder, path), 'utf8')])
  return [['prometheus/prometheus.yml', prometheusConfig(services)], ...copied]
}

/** As in the repository, but the processes are found by the names of their services, however many there are of each. */
function prometheusConfig(services: readonly string[]): string {
  const config = parse(readFileSync(join(deployFolder, 'prometheus/prometheus.yml'), 'utf8')) as PrometheusConfig
  const found = (names: readonly string[], port: number, component: string) => ({
    job_name: component === 'lag' ? 'smartspeed-lag' : 'smartspeed',
    dns_sd_configs: [{ names, type: 'A', port, refresh_interval: '5s' }],
    relabel_configs: [{ target_label: 'component', replacement: component }],
  })
  const others = config.scrape_configs.filter(({ job_name: name }) => name !== 'smartspeed')
  const scrape_configs = [found(services, httpPort, 'run'), found(['lag'], httpPort + 1, 'lag'), ...others]
  return manifestText([{ ...config, scrape_configs }], 'deploy/prometheus/prometheus.yml is where it comes from.')
}

function filesIn(folder: string): string[] {
  const path = join(deployFolder, folder)
  if (!existsSync(path)) return []
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => statSync(join(deployFolder, name)).isFile())
    .sort()
}
