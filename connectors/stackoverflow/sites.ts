const SITE =
  /(?:[a-z0-9-]+\.)*(?:stackexchange|stackoverflow|serverfault|superuser|askubuntu|stackapps)\.com|(?:meta\.)?mathoverflow\.net/gi

/**
 * The site a dump file belongs to, from the names of the file and its folder; dumps say it nowhere
 * else.
 */
export function guessSite(path: string): string | undefined {
  const names = path.split('/').slice(-2).join('/')
  return names.match(SITE)?.at(-1)?.toLowerCase()
}

/** Post ids are counted per site: those of other sites than Stack Overflow carry its name. */
export function questionKey(site: string | undefined, id: number): string {
  return site === undefined || site === 'stackoverflow.com' ? String(id) : `${site}/${id}`
}

/**
 * Licence of a post without `ContentLicense`, by the day it was written (Stack Exchange's licensing
 * help page).
 */
export function licenseByDate(created: string): string {
  if (created < '2011-04-08') return 'CC-BY-SA-2.5'
  return created < '2018-05-02' ? 'CC-BY-SA-3.0' : 'CC-BY-SA-4.0'
}
