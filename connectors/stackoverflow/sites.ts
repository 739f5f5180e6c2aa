const SITE =
  /(?:[a-z0-9-]+\.)*(?:stackexchange|stackoverflow|serverfault|superuser|askubuntu|stackapps)\.com|(?:meta\.)?mathoverflow\.net/gi

/**
 * The site of a dump file, guessed from the names of the file and its folder. Dumps do not state it
 * anywhere else.
 */
export function guessSite(path: string): string | undefined {
  const names = path.split('/').slice(-2).join('/')
  return names.match(SITE)?.at(-1)?.toLowerCase()
}

/**
 * Key of a thread. Post ids are unique only within a site, so keys of all sites except Stack
 * Overflow start with the site.
 */
export function questionKey(site: string | undefined, id: number): string {
  return site === undefined || site === 'stackoverflow.com' ? String(id) : `${site}/${id}`
}

/**
 * Licence of a post without `ContentLicense`, by its date (source: the licensing page of the Stack
 * Exchange help center).
 */
export function licenseByDate(created: string): string {
  if (created < '2011-04-08') return 'CC-BY-SA-2.5'
  return created < '2018-05-02' ? 'CC-BY-SA-3.0' : 'CC-BY-SA-4.0'
}
