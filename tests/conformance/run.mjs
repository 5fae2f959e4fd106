// The public HTTP cache tests against the real program: their origin behind forebay, their client before it.
//
//   node run.mjs --forebay BINARY --packages FOLDER [--only ID] [--update]
//
// FOLDER holds node_modules with the package of package.json. Each test's result is compared with expected.json, so
// that every change is seen, for the better too; --update rewrites it. A required or an optimal test that does not
// pass must stand in deviations.json with the clause it contradicts. --only runs one test and prints what went over
// the wire.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))
const { values: args } = parseArgs({
  options: {
    forebay: { type: 'string' },
    packages: { type: 'string' },
    only: { type: 'string' },
    update: { type: 'boolean', default: false }
  }
})
if (!args.forebay || !args.packages) fail('usage: run.mjs --forebay BINARY --packages FOLDER [--only ID] [--update]')
const suite = join(args.packages, 'node_modules', 'http-cache-tests')
if (!existsSync(suite)) fail(`${suite} is missing: ./dev test conformance installs it`)

function fail (message) {
  console.error(message)
  process.exit(2)
}

const load = path => import(pathToFileURL(join(args.packages, 'node_modules', path)))
const readJson = name => JSON.parse(readFileSync(join(here, name), 'utf8'))

function freePort () {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

const children = []
function start (command, parameters, environment = {}) {
  const child = spawn(command, parameters, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', args.only ? 'inherit' : 'ignore', 'inherit']
  })
  children.push(child)
  return child
}

async function answers (url) {
  for (let i = 0; i < 200; i++) {
    try {
      await fetch(url)
      return
    } catch {
      await new Promise(resolve => setTimeout(resolve, 25))
    }
  }
  throw new Error(`nothing answers at ${url}`)
}

/// What a result is called in expected.json. A test says nothing when one that it builds on says no.
function nameOf (test, results, testsById) {
  const result = results[test.id]
  if (result === undefined) return 'not run'
  const isSaid = id => ['pass', 'yes'].includes(nameOf(testsById.get(id), results, testsById))
  if (!(test.depends_on ?? []).every(isSaid)) return 'does not apply'
  if (result === true) return test.kind === 'check' ? 'yes' : 'pass'
  if (result[0] === 'Setup') return 'setup failed'
  return test.kind === 'check' ? 'no' : 'fail'
}

function judge (tests, results) {
  const deviations = readJson('deviations.json')
  const expected = args.update ? {} : readJson('expected.json')
  const found = {}
  const faults = []
  const count = {}
  const testsById = new Map(tests.map(test => [test.id, test]))
  for (const test of tests) {
    const result = results[test.id]
    const kind = test.kind ?? 'required'
    const name = nameOf(test, results, testsById)
    found[test.id] = name
    count[`${kind} ${name}`] = (count[`${kind} ${name}`] ?? 0) + 1
    const why = Array.isArray(result) ? `: ${result[1]}` : ''
    const excused = deviations[test.id] !== undefined
    const isFine = kind === 'check' || name === 'pass' || name === 'does not apply'
    if (!isFine && !excused) faults.push(`${kind} ${test.id} ${name}${why}`)
    if (excused && isFine) faults.push(`${test.id} is ${name}, but stands in deviations.json`)
    if (!args.update && expected[test.id] !== name) {
      faults.push(`${test.id} was "${expected[test.id]}" and is "${name}"${why}`)
    }
  }
  for (const id of [...Object.keys(deviations), ...Object.keys(expected)]) {
    if (!(id in found)) faults.push(`${id} is listed, but no test of the package`)
  }
  if (args.update) {
    const sorted = Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
    writeFileSync(join(here, 'expected.json'), JSON.stringify(sorted, null, 2) + '\n')
  }
  for (const [what, number] of Object.entries(count).sort()) console.log(`${String(number).padStart(4)} ${what}`)
  for (const fault of [...new Set(faults)].sort()) console.log(`FAULT ${fault}`)
  return faults.length === 0
}

const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
let passed = false
try {
  const [originPort, port] = [await freePort(), await freePort()]
  start(process.execPath, [join(suite, 'server', 'server.mjs')], {
    npm_config_protocol: 'http', npm_config_port: String(originPort), npm_config_pidfile: join(folder, 'pid')
  })
  const settings = readFileSync(join(here, 'forebay.yaml'), 'utf8')
  writeFileSync(join(folder, 'forebay.yaml'),
    settings.replaceAll('ORIGIN_PORT', String(originPort)).replaceAll('PORT', String(port)))
  start(args.forebay, ['run', '-c', join(folder, 'forebay.yaml')])
  await answers(`http://127.0.0.1:${originPort}/state/none`)
  await answers(`http://127.0.0.1:${port}/state/none`)

  const { default: suites } = await load('http-cache-tests/tests/index.mjs')
  const { default: surrogates } = await load('http-cache-tests/tests/surrogate-control.mjs')
  const { runTests, getResults } = await load('http-cache-tests/client/runner.mjs')
  const { default: client } = await load('node-fetch/lib/index.mjs')
  // Tests for browsers' own caches have nothing to say here.
  let tests = [...suites, surrogates].flatMap(({ tests }) => tests).filter(test => !test.browser_only)
  if (args.only) tests = tests.filter(test => test.id === args.only).map(test => ({ ...test, dump: true }))
  if (tests.length === 0) fail(`no test ${args.only}`)
  await runTests([{ tests }], client, false, `http://127.0.0.1:${port}`)
  if (args.only) {
    console.log(JSON.stringify(getResults(), null, 2))
    passed = getResults()[args.only] === true
  } else {
    passed = judge(tests, getResults())
  }
} finally {
  for (const child of children) child.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = passed ? 0 : 1
