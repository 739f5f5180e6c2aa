import { EXIT_CODES } from '../core/train-events.ts'
import { trainManifestSchema } from '../train/manifest.ts'
import { optionsTable } from './options-table.ts'

/** docs/training-manifest.md: every key of a training manifest, and every exit code. */
export function trainingPage(): string {
  const codes = Object.entries(EXIT_CODES).map(([code, { outcome, retryable, meaning }]) => {
    const again = retryable ? 'the same command goes on' : ''
    return `| ${code} | ${outcome} | ${meaning} | ${again} |`
  })
  return `<!-- Written by \`npm run docs\` from src/train/manifest.ts and src/core/train-events.ts. -->

# Training manifests

What \`etl train <manifest>\` reads. Every key may be left out: a corpus and a backend are enough.
\`etl check <manifest>\` finds what is wrong, \`etl train <manifest> --plan\` says what a run takes.
[training.md](training.md) describes runs, and what to do on their second day; options of backends are
in [components.md](components.md).

${optionsTable(trainManifestSchema)}

## Exit codes of \`etl train\`

| code | outcome | meaning | again |
|---|---|---|---|
${codes.join('\n')}

128 + n is signal n. Errors before a run starts have the codes of all commands: 1, or 2 for what was
asked for. The last error of a run, with a hint, is in its \`result.json\`.
`
}
