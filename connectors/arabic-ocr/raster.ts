/** A greyscale picture, row by row from the top: 0 is black, 255 is white. */
export interface Grey {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/**
 * Converts RGBA pixels on a white background to grey: 30 % red, 59 % green, 11 % blue (ITU-R
 * BT.601).
 */
export function greyOf(rgba: Uint8ClampedArray, width: number, height: number): Grey {
  const data = new Uint8Array(width * height)
  for (let pixel = 0, at = 0; pixel < data.length; pixel++, at += 4) {
    const alpha = rgba[at + 3] ?? 255
    const light = (77 * (rgba[at] ?? 0) + 151 * (rgba[at + 1] ?? 0) + 28 * (rgba[at + 2] ?? 0)) >> 8
    data[pixel] = 255 + Math.round(((light - 255) * alpha) / 255)
  }
  return { width, height, data }
}

/** Rotates a picture by 180 degrees. */
export function halfTurn({ width, height, data }: Grey): Grey {
  return { width, height, data: data.slice().reverse() }
}

/** Rotates a picture by 90 degrees clockwise. */
export function quarterTurn({ width, height, data }: Grey): Grey {
  const turned = new Uint8Array(data.length)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) turned[x * height + height - 1 - y] = data[at] ?? 255
  }
  return { width: height, height: width, data: turned }
}

/** Crops a picture to the pixel columns from `left` up to, but not including, `right`. */
export function cropColumns({ width, height, data }: Grey, left: number, right: number): Grey {
  const cropped = new Uint8Array((right - left) * height)
  for (let y = 0; y < height; y++) {
    cropped.set(data.subarray(y * width + left, y * width + right), y * (right - left))
  }
  return { width: right - left, height, data: cropped }
}

/** Scales a picture by `factor`. Enlarging interpolates, shrinking averages over areas. */
export function resize(grey: Grey, factor: number): Grey {
  if (factor <= 0.5) return resize(halve(grey), factor * 2)
  const width = Math.max(1, Math.round(grey.width * factor))
  const height = Math.max(1, Math.round(grey.height * factor))
  return sample(grey, width, height, (x, y) => [(x + 0.5) / factor - 0.5, (y + 0.5) / factor - 0.5])
}

/**
 * Rotates a picture by a small angle in degrees, counter-clockwise. Keeps the size and fills
 * corners with white.
 */
export function rotate(grey: Grey, degrees: number): Grey {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]
  const [cx, cy] = [grey.width / 2, grey.height / 2]
  return sample(grey, grey.width, grey.height, (x, y) => {
    return [cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos]
  })
}

/**
 * Builds a picture by looking up every pixel, with bilinear interpolation, at the source position
 * that `place` returns.
 */
function sample(
  grey: Grey,
  width: number,
  height: number,
  place: (x: number, y: number) => [number, number],
): Grey {
  const data = new Uint8Array(width * height)
  const [lastX, lastY] = [grey.width - 1, grey.height - 1]
  const at = (x: number, y: number): number =>
    grey.data[Math.min(y, lastY) * grey.width + Math.min(x, lastX)] ?? 255
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = place(x, y)
      if (fromX < -1 || fromY < -1 || fromX > lastX + 1 || fromY > lastY + 1) {
        data[y * width + x] = 255
        continue
      }
      const [px, py] = [Math.max(0, fromX), Math.max(0, fromY)]
      const [x0, y0] = [Math.floor(px), Math.floor(py)]
      const [fx, fy] = [px - x0, py - y0]
      const top = at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx
      const bottom = at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx
      data[y * width + x] = Math.round(top * (1 - fy) + bottom * fy)
    }
  }
  return { width, height, data }
}

/** Halves a picture. Each pixel is the mean of four. */
export function halve({ width, height, data }: Grey): Grey {
  const [w, h] = [Math.max(1, width >> 1), Math.max(1, height >> 1)]
  const half = new Uint8Array(w * h)
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const at = 2 * y * width + 2 * x
      const below = Math.min(at + width, data.length - 2)
      half[y * w + x] =
        ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[below] ?? 0) + (data[below + 1] ?? 0) + 2) >>
        2
    }
  }
  return { width: w, height: h, data: half }
}

/** Applies a 3 × 3 median filter: single specks vanish, strokes stay. */
export function median({ width, height, data }: Grey): Grey {
  const out = data.slice()
  const window = new Uint8Array(9)
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      let filled = 0
      for (let from = (y - 1) * width + x - 1; filled < 9; from += width) {
        for (let step = 0; step < 3; step++) {
          const value = data[from + step] ?? 255
          let place = filled++
          for (; place > 0 && (window[place - 1] ?? 0) > value; place--)
            window[place] = window[place - 1] ?? 0
          window[place] = value
        }
      }
      out[y * width + x] = window[4] ?? 255
    }
  }
  return { width, height, data: out }
}

/**
 * Encodes a picture as a binary PGM file with a white margin of `margin` pixels, which tesseract
 * needs to recognise letters at the edge.
 */
export function pgm({ width, height, data }: Grey, margin = 12): Buffer {
  const header = Buffer.from(`P5\n${width + 2 * margin} ${height + 2 * margin}\n255\n`)
  const file = Buffer.alloc(header.length + (width + 2 * margin) * (height + 2 * margin), 255)
  file.set(header)
  for (let y = 0; y < height; y++) {
    const to = header.length + (y + margin) * (width + 2 * margin) + margin
    file.set(data.subarray(y * width, (y + 1) * width), to)
  }
  return file
}
