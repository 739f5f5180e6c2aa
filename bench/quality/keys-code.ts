// Repositories of code in which every finding was read, to know how many are false.
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { PiiType } from '../../filters/pii/finding.ts'
import { keyFinder, type SpanFinder } from './keys-ours.ts'
import { VERDICTS } from './keys-verdicts.ts'
import type { QualityContext } from './section.ts'
import type { PublicSet } from './sets.ts'

const at = (repository: string, commit: string, license: string): PublicSet => ({
  repository,
  commit,
  license,
})

/** Projects of many kinds and languages, with their tests, examples and configuration. */
export const CODE: readonly PublicSet[] = [
  at('psf/requests', '1f6589ec3a1ee910f9a65cc3ceac60b26677bc0e', 'Apache-2.0'),
  at('expressjs/express', 'a3714473feb3d2908add734d340e7755fd85e0a3', 'MIT'),
  at('gin-gonic/gin', 'dcaa4296d111981ffb31ac3eba90bb63e1eb5ab9', 'MIT'),
  at('BurntSushi/ripgrep', '3fce3b5bb0236da2df6d99672afb8a719642eca7', 'Unlicense OR MIT'),
  at('redis/redis', '4f8cdc2a1ea53e42955af758aabffee67cb455dd', 'RSALv2 OR SSPLv1 OR AGPL-3.0'),
  at('jekyll/jekyll', '202df571314ba1d18e9fccd81d12aaad4a703c38', 'MIT'),
  at('laravel/framework', 'bd71b45fbb7e672957bf6ff61baddefe15fbca6a', 'MIT'),
  at('google/gson', '9835b6f90192f79cdf5300c528fc6212455fb6c1', 'Apache-2.0'),
  at('square/okhttp', '1682d9bac8c03dffde2969b0b74d47649d0dbb52', 'Apache-2.0'),
  at('Alamofire/Alamofire', '7595cbcf59809f9977c5f6378500de2ad73b7ddb', 'MIT'),
  at('nlohmann/json', '199dea11b17c533721b26249e2dcaee6ca1d51d3', 'MIT'),
  at('pallets/flask', '2ac89889f4cc330eabd50f295dcef02828522c69', 'BSD-3-Clause'),
  at('helm/charts', '390ee6614b4bb0da96b397f9b382e3ddca9f59a4', 'Apache-2.0'),
  at('axios/axios', '23a25af0688d1db2c396deb09229d2271cc24f6c', 'MIT'),
  at('jwt/ruby-jwt', 'a2cb2723c568890b7fc61266621adb394f8500ca', 'MIT'),
  at('auth0/node-jsonwebtoken', 'bc28861f1fa981ed9c009e29c044a19760a0b128', 'MIT'),
  at('minio/minio', '7aac2a2c5b7c882e68c1ce017d8256be2feea27f', 'AGPL-3.0'),
  at('traefik/traefik', 'fd5a576df2e8aeb0bfc8a96b6ef6e60a61f7ec0a', 'MIT'),
  at('prometheus/prometheus', 'd15adb9ad7e5d9fbde3a9a8f30200593a5a14d86', 'Apache-2.0'),
  at('spring-projects/spring-petclinic', 'edf4db28affcc4741c79850a3d95bc3f177b5ff9', 'Apache-2.0'),
  at('jellyfin/jellyfin', 'c3ed1407ca698b0905de99da87b67415e6a62dbd', 'GPL-2.0'),
  at('vapor/vapor', '13efaeefd52a965009fc6a69a96ba66e7f20402e', 'MIT'),
  at('phoenixframework/phoenix', '167c46950cf53aef363d672687cc653267c20aa6', 'MIT'),
  at('ohmyzsh/ohmyzsh', '830a5bcfd29fd577fdcd5f3b8e98cbaf973421fa', 'MIT'),
  at('docker/awesome-compose', '18f59bdb09ecf520dd5758fbf90dec314baec545', 'CC0-1.0'),
  at('serverless/examples', '22865199326008b9f863cb1ad28bfdddae9a7473', 'MIT'),
  at('dart-lang/http', 'a0d49cb2f80eae038c835394014aadcae8a95c8b', 'BSD-3-Clause'),
  at('scala/scala', '75a4352f73d5a22c61974a62055ce5909d6ef90c', 'Apache-2.0'),
  at('curl/curl', '5c61e168698a72b87437d58ed728bcdea6d5db42', 'curl'),
  at('vitejs/vite', 'a98c8d95d552c6fa98ab66fb810f5b39ad5abf49', 'MIT'),
  at('fastapi/fastapi', 'c3f316b7e814667e8ee81e03a7330d00ee61e45c', 'MIT'),
  at('sphinx-doc/sphinx', 'e44a40eb2f810558ccd9da1425421270ccb81351', 'BSD-2-Clause'),
  at('numpy/numpy', '1f90bbb55e65e7de68921bc3f1a2d94492fdf689', 'BSD-3-Clause'),
  at('astropy/astropy', '1fdfae1fe1881234e08855ac662dae86e538ed7c', 'BSD-3-Clause'),
  at('tornadoweb/tornado', 'e530031405e2154654dedc4c84d5656b557ea310', 'Apache-2.0'),
  at('hashicorp/terraform', '883c7221ee2e0bc2fad6912fd4b3cc4b53a598a7', 'BUSL-1.1'),
  at('actix/actix-web', '4dc9f1d3887a0629732a4f2b3bce193a37cef1b7', 'Apache-2.0 OR MIT'),
  at('ktorio/ktor', 'ef92e5537d7465961f1b3f2b21e217fc35bcfa1f', 'Apache-2.0'),
  at('pypa/pip', '6d309205789d368b2749d93fd6193d584811efd5', 'MIT'),
  at('mongodb/node-mongodb-native', 'bb35ded18aa1031d8e4be88cad4fc1cc1225b00e', 'Apache-2.0'),
  at('aws/aws-cli', '07c4fe366b49c4dde816d674f4941134fc432673', 'Apache-2.0'),
  at('celery/celery', '5dc781f0bd5f36186bfcc74e0a4f9f654452c69b', 'BSD-3-Clause'),
  at('spring-projects/spring-security', 'd449950b36fe9387c9991130ca8e7701c902192a', 'Apache-2.0'),
  at('paramiko/paramiko', '8697158113a3eab25ed1d1d541ebe2cad10169a7', 'LGPL-2.1'),
]

/**
 * Projects in which nothing had been searched when they were listed here (2026-12-01), to count
 * what is false before any of it could be repaired.
 */
export const UNSEEN: readonly PublicSet[] = [
  at('parse-community/parse-server', '7ea2a2953e9202d43ddb53ded309fbd26245d45c', 'Apache-2.0'),
  at('gogs/gogs', 'eb1054e5432fc8397678372f08613429be233d7c', 'MIT'),
  at('apache/shiro', 'b8b883cc27af4a71945db7ba5951230e52fe8dc6', 'Apache-2.0'),
  at('heartcombo/devise', '7ca7ed9c174525a4d36167441b35af4a0991b6af', 'MIT'),
  at('lepture/authlib', 'fe87a117f941975793bf4063e9b08b90e88b230a', 'BSD-3-Clause'),
]

/** A finding in a file of code. */
export interface CodeFinding {
  readonly repository: string
  readonly path: string
  readonly language: string
  readonly type: PiiType
  readonly value: string
  /** What stands before it. */
  readonly before: string
  /** First eight hexadecimal digits of the SHA-256 of the value. */
  readonly hash: string
}

/** Bytes of text read, and everything found. */
export interface CodeFindings {
  readonly bytes: number
  readonly findings: readonly CodeFinding[]
}

/** Searches every file of text in repositories: for keys, unless another finder is given. */
export function findInCode(
  context: QualityContext,
  sets: readonly PublicSet[] = CODE,
  find: SpanFinder = keyFinder(),
): CodeFindings {
  const findings: CodeFinding[] = []
  let bytes = 0
  for (const set of sets) {
    const folder = context.open(set)
    for (const path of filesOf(folder)) {
      const text = textOf(join(folder, path))
      if (text === undefined) continue
      bytes += Buffer.byteLength(text)
      for (const { type, start, end } of find(text, !PROSE.has(extname(path)))) {
        const value = text.slice(start, end)
        findings.push({
          repository: set.repository,
          path,
          language: extname(path).slice(1).toLowerCase(),
          type,
          value,
          before: text.slice(Math.max(0, start - 60), start),
          hash: createHash('sha256').update(value).digest('hex').slice(0, 8),
        })
      }
    }
  }
  return { bytes, findings }
}

/** Whether a finding was read as a key, or as none; undefined if it was not read. */
export const verdictOf = ({ hash }: CodeFinding): boolean | undefined => VERDICTS.get(hash)

const PROSE = new Set(['.md', '.rst', '.txt', '.adoc', '.markdown'])
const MOST_BYTES = 1_000_000

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => {
      const stat = lstatSync(join(folder, path))
      return stat.isFile() && stat.size <= MOST_BYTES
    })
    .sort()
}

/** The text of a file; undefined if it is not UTF-8 text. */
function textOf(path: string): string | undefined {
  const bytes = readFileSync(path)
  if (bytes.includes(0)) return undefined
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') ? undefined : text
}
