import { describe, expect, it } from 'vitest'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, prose } from '../../src/testing/filter.ts'
import { pii } from './index.ts'

async function redact(text: string, kind: 'prose' | 'code' = 'prose'): Promise<string> {
  const filter = await pii.create(pii.options.parse({ maxRedactedShare: 1 }), testContext('/'))
  return applyFilter(filter, [{ ...prose(text), kind }]).texts[0] ?? ''
}

describe('numbers that are nobody’s stay', () => {
  it.each([
    'بلغت المبيعات: 1 250 000 دينار',
    'الآيات: 81/ 132/ 171/ 255',
    'في السنوات: 1998 2003 2008',
    'الدرجات: 3500000 طن',
    'call number 981 234 5678',
    'Manuscript no. 2120 345 678',
    'the kernel 5.15.0.91 and 5.15.0.91-generic',
    'النواة 5.15.0.91 والإصدار 102.64.50.61',
    'see section 2.5.97.20 of the standard',
    'Chrome/126.0.64.90 Safari/537.36',
    'M1.08.58 1.23.82.72 1.21 1.87',
    'hosts 40.40.40.40, 1.2.3.4 and the network 45.80.0.0',
    'ra 170.5750583 +59.0742417 = NGC 3642',
    'Gaia DR3 4472832130942575872 and 2MASS J17574849+0441405',
    'at 2019-09-22 08:39:03.812731 UTC',
    'code points 0066 0061 0078 and 0308 0301',
    'ring 0123456789, or 1234567890',
    'arn:aws:iam::0123456789:role',
    'created 2024-04-04T13:46:07.595000-04:00',
    'الوقت 13:46:07.595000-04:00',
    '26/03/15 09:11:03  26/03/15 21:11:03  krbtgt',
    'NGC2099   67 05 52 16.6 +32 34 45.6 12.38 11.2',
    'M5-.13.28.85.45.9,0,1,.208.173.54.54,3,0,0,1-3,1.81.88.88,2.06,29.19,1,43.8.63.64',
  ])('«%s»', async (text) => {
    expect(await redact(text)).toBe(text)
  })

  it.each([
    'm = [[-0.0026455262, -1.1539918689, +2.1111346190]]',
    'x = -2147483648, +2147483647, +999999999',
    'chi2 = 0344080301 # sum',
    'f.min.call(f,2147483648)',
    'fallback("192.88.99.0/24")',
    'rows = [1234567, 2345678, 3456789]',
  ])('in code: «%s»', async (text) => {
    expect(await redact(text, 'code')).toBe(text)
  })
})

describe('numbers that are somebody’s', () => {
  it.each([
    ['ت: 0112 345 678', 'ت: <PHONE>'],
    ['Phone:\n0112 345 678', 'Phone:\n<PHONE>'],
    ['هاتف:\n0112 345 678', 'هاتف:\n<PHONE>'],
    ['- Fax\n- 8123 4567', '- Fax\n- <PHONE>'],
    ['call us on 0112 345 678', 'call us on <PHONE>'],
    ['server 45.83.64.1 was down', 'server <IP_ADDRESS> was down'],
    ['from 91.198.174.192 today', 'from <IP_ADDRESS> today'],
    ['12,91.198.174.192,GET', '12,<IP_ADDRESS>,GET'],
    ['2020-01-03,91.198.174.192', '2020-01-03,<IP_ADDRESS>'],
    ['at 13:46 0112345678 mobile', 'at 13:46 <PHONE> mobile'],
    ['الساعة 13:46 هاتف:0112345678', 'الساعة 13:46 هاتف:<PHONE>'],
    ['رأينا 91.198.174.192 أمس', 'رأينا <IP_ADDRESS> أمس'],
    ['IBAN sa03 8000 0000 6080 1016 7519', 'IBAN <IBAN>'],
    ['آيبان SA٠٣٨٠٠٠٠٠٠٠٦٠٨٠١٠١٦٧٥١٩', 'آيبان <IBAN>'],
    ['NHS number 943 476 5919', 'NHS number <NATIONAL_ID>'],
    ['Aadhaar: 2345 6789 0124', 'Aadhaar: <NATIONAL_ID>'],
    ['CPF 529.982.247-25', 'CPF <NATIONAL_ID>'],
    ['o número 529.982.247-25 foi', 'o número <NATIONAL_ID> foi'],
    ['DNI 12345678Z', 'DNI <NATIONAL_ID>'],
    ['NIE X1234567L', 'NIE <NATIONAL_ID>'],
    ['passport C01234567', 'passport <NATIONAL_ID>'],
    ['جواز السفر A1234567', 'جواز السفر <NATIONAL_ID>'],
    ['بطاقة التعريف 01234567'.replace('01234567', '04172936'), 'بطاقة التعريف <NATIONAL_ID>'],
  ])('«%s»', async (text, expected) => {
    expect(await redact(text)).toBe(expected)
  })

  it('takes no number for an identity whose check digit is wrong, or that nothing names', async () => {
    for (const text of [
      'o número 529.982.247-26 foi',
      'DNI 12345678A',
      'part BE123456',
      'AB123456C',
    ])
      expect(await redact(text)).toBe(text)
  })

  it('says nothing of a label above that is part of a sentence', async () => {
    const text = 'He lost his phone in the desert, after the long march of that year.\n8123 4567'
    expect(await redact(text)).toBe(text)
  })
})
