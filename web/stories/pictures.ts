/** Painted stand-ins for cameras and screens: a quiet room with somebody in it, a sheet of paper. */
export function cameraOf(n: number): MediaStream {
  return painted(1280, 720, (paint) => {
    const wall = `hsl(${(n * 67 + 20) % 360} 16% ${58 + (n % 3) * 8}%)`
    paint.fillStyle = wall
    paint.fillRect(0, 0, 1280, 720)
    paint.fillStyle = 'rgb(255 255 255 / 0.25)'
    paint.fillRect(n % 2 ? 860 : 120, 80, 260, 320)
    paint.fillStyle = `hsl(${(n * 97 + 200) % 360} 30% 32%)`
    ellipse(paint, 640, 760, 300, 300)
    paint.fillStyle = `hsl(${22 + (n % 4) * 4} ${34 + (n % 3) * 6}% ${46 + ((n * 13) % 30)}%)`
    ellipse(paint, 640, 330, 116, 148)
    paint.fillRect(590, 430, 100, 90)
    paint.fillStyle = `hsl(${(n * 31 + 20) % 50} 30% ${14 + ((n * 17) % 40)}%)`
    paint.beginPath()
    paint.ellipse(640, 270, 128, 108, 0, Math.PI, 0)
    paint.fill()
  })
}

export function screenOf(): MediaStream {
  return painted(1920, 1080, (paint) => {
    paint.fillStyle = '#f4f4f1'
    paint.fillRect(0, 0, 1920, 1080)
    paint.fillStyle = '#16201b'
    paint.font = '600 72px system-ui, sans-serif'
    paint.fillText('Agenda', 160, 200)
    paint.font = '44px system-ui, sans-serif'
    const lines = ['1  Minutes of the last meeting', '2  New rooms from January', '3  Questions', '4  Next date']
    for (const [n, line] of lines.entries()) paint.fillText(line, 160, 330 + n * 96)
    paint.fillStyle = '#17624a'
    paint.fillRect(160, 232, 420, 6)
  })
}

function ellipse(paint: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  paint.beginPath()
  paint.ellipse(x, y, width, height, 0, 0, Math.PI * 2)
  paint.fill()
}

function painted(width: number, height: number, draw: (paint: CanvasRenderingContext2D) => void): MediaStream {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const paint = canvas.getContext('2d')
  if (!paint) throw new Error('no canvas')
  draw(paint)
  // A canvas that never changes gives no second frame, and a video without frames stays black.
  setInterval(() => draw(paint), 500)
  return canvas.captureStream(5)
}
