// Makes plugins/torch/.venv with the pinned versions of the PyTorch backend. Run by `npm run
// setup:torch`.
//   --cpu    PyTorch's CPU build (Linux: 0.2 GB instead of 2.7), if its index can be reached
//   --tests  also what the tests need (transformers, pytest, ruff)
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'plugins/torch')
const python = join(folder, '.venv/bin/python')
const wants = (flag) => process.argv.includes(flag)
const CPU_INDEX = 'https://download.pytorch.org/whl/cpu'

/** Runs a program in the backend's folder. Returns whether it succeeded. */
function run(program, args) {
  return spawnSync(program, args, { cwd: folder, stdio: 'inherit' }).status === 0
}

/** Installs with pip, trying twice, since indexes fail now and then. */
function install(...args) {
  const pip = [
    '-m',
    'pip',
    'install',
    '--disable-pip-version-check',
    '--progress-bar',
    'off',
    ...args,
  ]
  return run(python, pip) || run(python, pip)
}

/** The first Python that is new enough. */
function findPython() {
  const check = ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))']
  const names = [
    process.env.ETL_PYTHON,
    'python3.13',
    'python3.12',
    'python3.11',
    'python3',
  ].filter(Boolean)
  return names.find((name) => spawnSync(name, check, { stdio: 'ignore' }).status === 0)
}

function fail(message) {
  console.error(message)
  process.exit(1)
}

if (!existsSync(python)) {
  const base = findPython()
  if (base === undefined)
    fail('No Python 3.11 or newer with venv was found; set ETL_PYTHON to one.')
  if (!run(base, ['-m', 'venv', '.venv'])) fail('The virtual environment could not be made.')
}
if (
  wants('--cpu') &&
  !run(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--retries',
    '0',
    '--timeout',
    '15',
    '--index-url',
    CPU_INDEX,
    'torch==2.14.1',
    '--no-deps',
  ])
)
  console.error(
    `${CPU_INDEX} cannot be reached: taking the CUDA build from the package index, which works on CPUs too.`,
  )
if (!install('-r', wants('--tests') ? 'requirements-test.txt' : 'requirements.txt'))
  fail(
    'The packages could not be installed; the messages above say why. Run `npm run setup:torch` again.',
  )
if (
  !run(python, [
    '-c',
    'import torch; print("PyTorch", torch.__version__, "with CUDA" if torch.cuda.is_available() else "on the CPU")',
  ])
)
  fail('PyTorch was installed but does not start.')
