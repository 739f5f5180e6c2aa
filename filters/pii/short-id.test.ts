import { describe, expect, it } from 'vitest'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, prose } from '../../src/testing/filter.ts'
import { pii } from './index.ts'

async function redact(text: string, kind: 'prose' | 'code' = 'prose'): Promise<string> {
  const filter = await pii.create(pii.options.parse({ maxRedactedShare: 1 }), testContext('/'))
  return applyFilter(filter, [{ ...prose(text), kind }]).texts[0] ?? ''
}

describe('identity numbers of few digits', () => {
  it.each([
    ['National Insurance number: AB123456C.', 'National Insurance number: <NATIONAL_ID>.'],
    ['his NI number is AB 12 34 56 C, he said', 'his NI number is <NATIONAL_ID>, he said'],
    ['NINO ab-12-34-56-d', 'NINO <NATIONAL_ID>'],
    ['NINO:\nAB123456C', 'NINO:\n<NATIONAL_ID>'],
    ['رقم التأمين الوطني AB123456C في بريطانيا', 'رقم التأمين الوطني <NATIONAL_ID> في بريطانيا'],
    ['PAN: ABCPE1234F', 'PAN: <NATIONAL_ID>'],
    ['pan card no. AAACB5678K', 'pan card no. <NATIONAL_ID>'],
    ['the permanent account number ABCPE1234F', 'the permanent account number <NATIONAL_ID>'],
    ['رقم الحساب الدائم ABCPE1234F', 'رقم الحساب الدائم <NATIONAL_ID>'],
    ['CNIE BE123456', 'CNIE <NATIONAL_ID>'],
    ['titulaire de la CIN n° K12345', 'titulaire de la CIN n° <NATIONAL_ID>'],
    ["carte d'identité nationale JB 123456", "carte d'identité nationale <NATIONAL_ID>"],
    ['بطاقة التعريف الوطنية رقم BE123456', 'بطاقة التعريف الوطنية رقم <NATIONAL_ID>'],
    ['الحامل للبطاقة الوطنية: EE54321،', 'الحامل للبطاقة الوطنية: <NATIONAL_ID>،'],
    ['passport no AB123456', 'passport no <NATIONAL_ID>'],
    ['جواز السفر رقم AB123456', 'جواز السفر رقم <NATIONAL_ID>'],
    ['NINOs AB123456C, CE123456D', 'NINOs <NATIONAL_ID>, <NATIONAL_ID>'],
    ['أرقام بطاقة التعريف BE123456، K12345', 'أرقام بطاقة التعريف <NATIONAL_ID>، <NATIONAL_ID>'],
    ['ni no AB123456C bob@corp.com', 'ni no <NATIONAL_ID> <EMAIL>'],
  ])('«%s»', async (text, expected) => {
    expect(await redact(text)).toBe(expected)
    expect(await redact(expected)).toBe(expected)
  })

  it.each([
    'part AB123456C and ABCPE1234F and BE123456',
    'القطعة AB123456C و BE123456',
    'National Insurance number BG123456C',
    'National Insurance number AB123456E',
    'National Insurance number DA123456A',
    'insurance policy AB123456C',
    'التأمين على السيارة AB123456C',
    'a frying pan ABCDE1234F',
    'PAN ABCPE0000F',
    'PAN XABCPE1234F',
    'the identity card was printed in 2019, room B12',
    'بطاقة الذاكرة BE123456',
    'std::cin >> A12345;',
    'CIN ABC123456',
  ])('are not «%s»', async (text) => {
    expect(await redact(text)).toBe(text)
  })

  it('are found in code where a name is given them', async () => {
    expect(await redact('const nino = "AB123456C"', 'code')).toBe('const nino = "<NATIONAL_ID>"')
    expect(await redact('pan: "ABCPE1234F",', 'code')).toBe('pan: "<NATIONAL_ID>",')
  })
})

it('takes a number of a foreigner in Spain by its form and check letter alone, in prose', async () => {
  expect(await redact('firmado por X1234567L en Madrid')).toBe(
    'firmado por <NATIONAL_ID> en Madrid',
  )
  expect(await redact('وقّع X1234567L أمس')).toBe('وقّع <NATIONAL_ID> أمس')
  expect(await redact('firmado por X1234567M en Madrid')).toBe('firmado por X1234567M en Madrid')
  expect(await redact('let X1234567L = 1', 'code')).toBe('let X1234567L = 1')
})
