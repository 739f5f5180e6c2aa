// What a reader took every finding in the repositories of keys-code.ts for, on 2026-12-01: the first
// eight hexadecimal digits of the SHA-256 of each value. A key, token or password is right, also one
// of a test or an example, if it is written as a real one is.

const RIGHT = `
  00f5ad3f 02834c55 02c5f02a 02e8ac71 02f291e6 0332c372 03c9f733 043967f7 04f8996d
  0509773b 06a797ad 07bbe06e 0b5ed840 0c2c3a99 0c427662 0cfbc2bd 0e18b554 0e44ce73
  0e9d2206 109bdf07 14283a01 164ba91e 179c076a 1861b713 18679f10 1bbb9293 1c24f73a
  1d345299 1d6b3b2b 1df4fc63 1e726faf 1e97767e 1f4eae98 1faf43e4 20646849 2168db5f
  21b6abb7 23fdb685 240be518 25566721 2598f7d6 2643cdc7 2675affd 26d40f36 26e293cb
  2712a8b0 2a44bb52 2b581bdf 2bd806c9 2c5ecc7f 2cc2fd02 2cd9f4f8 2de2e8fd 2e95a635
  305cf8b8 31db4c4e 32281d1b 360d6936 38d18098 3938b2ad 3a48b600 3a4ad6f8 3a9c54d3
  3ae7c42a 3b4f5f4c 3ba16206 3dc13592 3e7ae89c 40808bf0 41b0d17f 426a1c28 44e1c30d
  4556efab 472be961 474b108c 47578e4d 48cabf65 48d2a5bb 4963bd71 4ae65f6b 4bb3b07d
  4d65d4d8 4dcc5874 4e00b0f2 5026e25d 507cea74 520dcae7 525df42f 5277c00e 53268c2c
  532ea7a7 5451a5e4 54e5ca6e 570dad43 57719cf7 5896b44e 58be5200 5957972f 597e57f4
  59f46bb9 5aace449 5ac98389 5bd922b5 5bf47de6 5d6c97ec 60076397 6201eb4d 62fe4239
  63392ab2 63d5aec1 65835eb9 679345f1 696a63e2 69972911 6ae6c227 6b5a1451 6ca13d52
  6f4f2550 70156d24 702d85f1 70e5da9f 72de8763 730f0e2c 737586b5 7560fd6f 768b46ce
  7800972c 785af447 78ea06bd 79c950f6 79ea9358 7b690334 7bf84575 7c0186c5 7c84cadc
  7cdd1004 7e0b21e7 7e7f5b28 7f0da7d2 7f14c216 7f617032 7f75367e 8068d8e7 80695e24
  80b10bf2 81209ba6 81ea2a1a 825279e2 829a0bf8 82c927c1 82f3b3ce 8394477c 84c0b399
  86775924 876a3f5c 87d4c575 882783b4 88ecde92 8920ae3c 897d0173 89f62825 8a0c3598
  8abe43f1 8b857389 8b9be0ca 8d53a611 9047a37a 90ee9bb5 9239bc8a 92a79d43 93e669a5
  94ff54ac 952abcfb 955d64ee 95b37c3a 96ff4a99 97a6c4db 98604308 986f822d 98b9e24e
  99ea56ce 9a5a43e3 9ae62da9 9b0fd4fb 9c8f21fd 9cb335cb 9d17946e 9e1f75b3 9fdb2e15
  a07577a9 a0dba239 a3b77888 a3e53b6c a5bf2947 a642bf18 a7b0502a a818c7ca a8f23719
  a8f3431f a9bdd7d0 ab9edb71 abfea62c ac73a8d7 aca52efc ad62d48d ae16905e aeaf3e6c
  af16c03b afc065f7 afc8fba0 b03ddf3c b0f55cdc b105813e b15ecd35 b170afe5 b282a30f
  b2f118c4 b31dd398 b731c2c5 b749342a b82e79d6 b8ca82b4 b8e14854 b97b8a2c ba5a9d6c
  bb4eca33 bd5a5a73 bd94dcda be53b18a c0b5d006 c2be721b c3edba36 c701938b c7e833c2
  c8685c42 c8c4a3c0 c92a19d6 c9a57ba4 ca261126 ca46617e ca6b4513 caf7cf5b caf8089d
  cb90ced5 ccabd9ae cf4d418e d0d6fb40 d12627da d225c546 d2932866 d3653666 d37ceb3d
  d4605612 d80bed7a d90a6326 d98c7e91 d9d7a802 dad54803 db7a2b27 db7e5375 dbb65b95
  dbfb54a2 dd10c607 dd79ba1c de1e30e2 debf83cd df452eef e0c957fa e14cb9e5 e193a84d
  e1b674e1 e244f187 e2da522b e31c2743 e4da07ad e586b4c8 e70fee9f e7e307a7 e8f18aed
  e9061086 e9e333cf ebc2a98a ec6721b9 ed218274 ef7d0d77 f1719eee f1a15455 f3c9878d
  f3f88ac4 f4ed4da5 f59be8c6 f59ca55c f5f540aa f786cb11 fb62f068 fe974493 ff2ef766
  ffef9737
`

const FALSE = `
  1e85a37e 23a553aa 6a02bd12 b5b8cc63 bfe73110 c3ab8ff1 e5d35e11
`

const hashes = (text: string, verdict: boolean): [string, boolean][] =>
  text
    .trim()
    .split(/\s+/)
    .map((hash) => [hash, verdict])

/** Whether a finding is right, by its hash. */
export const VERDICTS: ReadonlyMap<string, boolean> = new Map([
  ...hashes(RIGHT, true),
  ...hashes(FALSE, false),
])
