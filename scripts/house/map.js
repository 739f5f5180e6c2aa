// Draws rooms as boxes on floors, each above everything it imports, as SVG. An arrow that other
// arrows imply is left out, so that the drawing stays readable.

const BOX = { width: 150, height: 46, gap: 22, floor: 104, margin: 24 }

/**
 * @param {string} title For screen readers.
 * @param {ReadonlyMap<string, ReadonlySet<string>>} imports Rooms and what each imports.
 * @param {(room: string) => readonly string[]} caption The lines in a room's box.
 * @param {readonly string[]} later Rooms drawn dashed, on a floor of their own.
 */
export function drawMap(title, imports, caption, later = []) {
  const floors = floorsOf(imports)
  const rows = placed(floors, imports)
  if (later.length > 0) rows.push([...later])
  const most = Math.max(...rows.map((row) => row.length))
  const width = most * (BOX.width + BOX.gap) - BOX.gap + 2 * BOX.margin
  const height = rows.length * BOX.floor - (BOX.floor - BOX.height) + 2 * BOX.margin
  const spots = new Map()
  for (const [index, row] of rows.entries()) {
    const used = row.length * (BOX.width + BOX.gap) - BOX.gap
    const left = (width - used) / 2
    for (const [place, room] of row.entries()) {
      spots.set(room, {
        x: left + place * (BOX.width + BOX.gap),
        y: BOX.margin + index * BOX.floor,
      })
    }
  }
  const arrows = [...reduced(imports)].map(([from, to]) => arrow(spots.get(from), spots.get(to)))
  const boxes = [...spots].map(([room, spot]) => box(spot, caption(room), later.includes(room)))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif">
<title>${title}</title>
<rect width="100%" height="100%" fill="#fff"/>
<g fill="none" stroke="#8aa0b4" stroke-width="1.2">
${arrows.join('\n')}
</g>
<g>
${boxes.join('\n')}
</g>
</svg>
`
}

/**
 * The floor of every room: above all that it imports, and right below the lowest room that imports
 * it.
 */
function floorsOf(imports) {
  const floors = new Map()
  const floorOf = (room) => {
    if (!floors.has(room)) {
      floors.set(room, 0)
      const below = [...(imports.get(room) ?? [])].map(floorOf)
      floors.set(room, below.length === 0 ? 0 : 1 + Math.max(...below))
    }
    return floors.get(room)
  }
  for (const room of imports.keys()) floorOf(room)
  for (const [room] of [...floors].sort(([, a], [, b]) => b - a)) {
    const above = [...imports]
      .filter(([, below]) => below.has(room))
      .map(([name]) => floors.get(name))
    if (above.length > 0) floors.set(room, Math.min(...above) - 1)
  }
  return floors
}

/** Rooms by floor from the top; on each floor near the middle of what they import. */
function placed(floors, imports) {
  const top = Math.max(...floors.values())
  const position = new Map()
  const rows = []
  for (let floor = 0; floor <= top; floor++) {
    const row = [...floors.keys()].filter((room) => floors.get(room) === floor).sort()
    const weight = (room) => {
      const below = [...(imports.get(room) ?? [])].map((other) => position.get(other) ?? 0.5)
      return below.length === 0 ? 0.5 : below.reduce((sum, at) => sum + at, 0) / below.length
    }
    row.sort((a, b) => weight(a) - weight(b) || (a < b ? -1 : 1))
    for (const [index, room] of row.entries()) position.set(room, (index + 0.5) / row.length)
    rows.unshift(row)
  }
  return rows
}

/** The arrows that no longer way implies. */
function* reduced(imports) {
  const reach = new Map()
  const reachable = (room) => {
    if (!reach.has(room)) {
      const all = new Set()
      reach.set(room, all)
      for (const next of imports.get(room) ?? []) {
        all.add(next)
        for (const further of reachable(next)) all.add(further)
      }
    }
    return reach.get(room)
  }
  for (const [room, direct] of imports) {
    for (const next of [...direct].sort()) {
      const isImplied = [...direct].some((other) => other !== next && reachable(other).has(next))
      if (!isImplied) yield [room, next]
    }
  }
}

function arrow(from, to) {
  const [x1, y1] = [from.x + BOX.width / 2, from.y + BOX.height]
  const [x2, y2] = [to.x + BOX.width / 2, to.y - 5]
  const bend = Math.max(24, (y2 - y1) / 2)
  const head = `M ${x2 - 3.5} ${y2 - 2} L ${x2} ${y2 + 4} L ${x2 + 3.5} ${y2 - 2}`
  return `<path d="M ${x1} ${y1} C ${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2} ${head}"/>`
}

function box({ x, y }, [name, ...rest], isLater) {
  const dash = isLater ? ' stroke-dasharray="4 3"' : ''
  const fill = isLater ? '#fff' : '#eaf1f7'
  const middle = x + BOX.width / 2
  const second = rest[0]
    ? `<text x="${middle}" y="${y + 35}" font-size="11" fill="#5a6b7a" text-anchor="middle">${rest[0]}</text>`
    : ''
  return `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="4" fill="${fill}" stroke="#3d5a73"${dash}/><text x="${middle}" y="${y + (second ? 20 : 28)}" font-size="14" fill="#12202b" text-anchor="middle">${name}</text>${second}`
}
