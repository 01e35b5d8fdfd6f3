/** Where messages go. Ids are unique, so that nobody gets what was meant for his predecessor. */
export const addresses = {
  ingress: (ingressId: string) => `ingress:${ingressId}`,
  worker: (workerId: string) => `worker:${workerId}`,
  /** Beats of all workers. */
  workers: "workers",
  /** Beats of all ingresses. */
  ingresses: "ingresses",
} as const;

/** Ticks between two beats, and without one after which a worker is gone: 0.8 s. */
export const beatTicks = 2;
export const workerLeaseTicks = 8;
/**
 * An ingress has longer: nobody waits for its end, and sessions of one that only was slow would have
 * to be computed again.
 */
export const ingressLeaseTicks = 50;
