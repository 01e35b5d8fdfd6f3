/**
 * Puts off `draw` to the next animation frame: however often it is asked for, the page changes at
 * most once per frame.
 */
export function oncePerFrame(draw: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      draw();
    });
  };
}
