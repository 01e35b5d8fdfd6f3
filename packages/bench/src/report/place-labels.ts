/** A point of a plot and what stands beside it, in pixels. */
export interface LabelledPoint {
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

/** Offset of a label from its point. One that stands apart needs a line to its point. */
export interface LabelPlace {
  readonly dx: number;
  readonly dy: number;
  readonly textAnchor: "start" | "middle" | "end";
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const letterWidth = 5.9;
const lineHeight = 12;
const pointSize = 5;

/** Beside the point, then further and further away. */
const places: readonly LabelPlace[] = [0, 1, 2, 3, 4, 5].flatMap((step) => {
  const [near, far] = [8 + 5 * step, 11 * step];
  return [
    { dx: near, dy: -far, textAnchor: "start" as const },
    { dx: near, dy: far, textAnchor: "start" as const },
    { dx: -near, dy: -far, textAnchor: "end" as const },
    { dx: -near, dy: far, textAnchor: "end" as const },
    { dx: 0, dy: -12 - far, textAnchor: "middle" as const },
    { dx: 0, dy: 12 + far, textAnchor: "middle" as const },
  ];
});

/**
 * Places labels one after the other where they cover neither a point nor another label, nor leave the
 * frame; where there is no such place, to the right.
 */
export function placeLabels(points: readonly LabelledPoint[], frame: Box): LabelPlace[] {
  const taken = points.map(({ x, y }) => around(x, y));
  return points.map((point) => {
    const isFree = (place: LabelPlace) => {
      const box = boxOf(point, place);
      return isWithin(box, frame) && !taken.some((other) => overlaps(box, other));
    };
    const place = places.find(isFree) ?? (places[0] as LabelPlace);
    taken.push(boxOf(point, place));
    return place;
  });
}

function boxOf({ x, y, label }: LabelledPoint, { dx, dy, textAnchor }: LabelPlace): Box {
  const width = label.length * letterWidth;
  const shift = textAnchor === "start" ? 0 : textAnchor === "end" ? width : width / 2;
  const left = x + dx - shift;
  const middle = y + dy;
  return {
    left,
    right: left + width,
    top: middle - lineHeight / 2,
    bottom: middle + lineHeight / 2,
  };
}

function around(x: number, y: number): Box {
  return { left: x - pointSize, right: x + pointSize, top: y - pointSize, bottom: y + pointSize };
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function isWithin(box: Box, frame: Box): boolean {
  return (
    box.left >= frame.left &&
    box.right <= frame.right &&
    box.top >= frame.top &&
    box.bottom <= frame.bottom
  );
}
