/** A QR code, drawn from its rows; dark on white whatever the theme, because cameras want it so. */
const MARGIN = 4

export function Qr({ rows, label }: { rows: readonly string[]; label: string }) {
  const size = rows.length + 2 * MARGIN
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={rows.map(line).join('')} fill="#000" />
    </svg>
  )
}

function line(row: string, y: number): string {
  return [...row].map((module, x) => (module === '1' ? `M${x + MARGIN} ${y + MARGIN}h1v1h-1z` : '')).join('')
}
