import { expect, it } from "vitest";
import { placeLabels } from "./place-labels.ts";

const frame = { left: 0, right: 400, top: 0, bottom: 300 };

it("writes beside the point where there is room, and within the frame", () => {
  const points = [
    { x: 100, y: 100, label: "adaedl" },
    { x: 395, y: 200, label: "none" },
  ];
  expect(placeLabels(points, frame)).toEqual([
    expect.objectContaining({ dx: 8, textAnchor: "start" }),
    expect.objectContaining({ dx: -8, textAnchor: "end" }),
  ]);
});

it("gives points at the same place labels at different ones", () => {
  const points = Array.from({ length: 5 }, (_, index) => ({
    x: 200,
    y: 150,
    label: `static:${index}`,
  }));
  const places = placeLabels(points, frame);
  expect(new Set(places.map((place) => JSON.stringify(place))).size).toBe(5);
});

it("writes somewhere even where there is no room", () => {
  expect(
    placeLabels([{ x: 5, y: 5, label: "none" }], { ...frame, right: 10, bottom: 10 }),
  ).toHaveLength(1);
});
