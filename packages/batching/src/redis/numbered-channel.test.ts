import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChannelEvent, type Envelope, NumberedChannel } from "./numbered-channel.ts";

type Event = ChannelEvent<string, string>;
type Sent = Envelope<string>;

/** One end, with what it transmitted, delivered and why it broke. */
function createEnd() {
  const channel = new NumberedChannel<string, string>((body) => body.length);
  const sent: Sent[] = [];
  const delivered: string[] = [];
  const broken: string[] = [];
  return {
    channel,
    sent,
    delivered,
    broken,
    apply(event: Event) {
      for (const effect of channel.apply(event)) {
        if (effect.type === "transmit") sent.push(effect.envelope);
        else if (effect.type === "deliver") delivered.push(effect.body);
        else broken.push(effect.why);
      }
      channel.checkIntegrity();
    },
  };
}

const item = (number: number, body = `${number}`, ack = 0): Event => ({
  type: "received",
  envelope: { ack, item: { number, body } },
});
const acks = (ack: number): Event => ({ type: "received", envelope: { ack } });
const send = (body: string): Event => ({ type: "send", body });
const times = (count: number, run: (index: number) => void) => {
  for (let index = 0; index < count; index++) run(index);
};

describe("an end", () => {
  test("numbers messages, and keeps each until the other end has taken it", () => {
    const { sent, apply } = createEnd();
    for (const body of ["a", "b", "c"]) apply(send(body));
    expect(sent.map(({ item }) => item)).toEqual([
      { number: 0, body: "a" },
      { number: 1, body: "b" },
      { number: 2, body: "c" },
    ]);
    apply(acks(2));
    apply(acks(1)); // came late
    sent.length = 0;
    apply({ type: "resend" });
    expect(sent).toEqual([{ ack: 0, item: { number: 2, body: "c" } }]);
  });

  test("drops doubles and what comes before a missing message, and delivers it when sent again", () => {
    const { delivered, apply } = createEnd();
    for (const number of [0, 0, 2, 1, 1, 2, 0]) apply(item(number));
    expect(delivered).toEqual(["0", "1", "2"]);
  });

  test("acknowledges with its own messages, else after some that were taken", () => {
    const { sent, apply } = createEnd();
    times(3, (number) => apply(item(number)));
    apply({ type: "taken" });
    apply(send("a"));
    expect(sent).toEqual([{ ack: 1, item: { number: 0, body: "a" } }]);
    times(40, (index) => apply(item(3 + index)));
    times(32, () => apply({ type: "taken" }));
    expect(sent.slice(1)).toEqual([{ ack: 17 }, { ack: 33 }]);
  });

  test("sends its acknowledgement again where it has nothing else to send again", () => {
    const { sent, apply } = createEnd();
    apply(item(0));
    apply({ type: "taken" });
    apply({ type: "resend" });
    expect(sent).toEqual([{ ack: 1 }]);
  });
});

describe("a channel breaks", () => {
  test("when a message stays missing for 2 s, and not when it comes in time", () => {
    const { broken, apply } = createEnd();
    apply(item(1));
    times(19, () => apply({ type: "tick" }));
    apply(item(0));
    apply(item(1));
    times(30, () => apply({ type: "tick" }));
    expect(broken).toEqual([]);
    apply(item(3));
    times(30, () => apply({ type: "tick" }));
    expect(broken).toEqual(["message 2 was lost"]);
  });

  test("when its owner sends more than the window holds: messages or characters", () => {
    const { channel, broken, apply } = createEnd();
    times(256, (index) => apply(send(`${index}`)));
    expect(channel.canSend).toBe(false);
    apply(acks(1));
    expect(channel.canSend).toBe(true);
    times(2, () => apply(send("x")));
    expect(broken).toEqual(["256 messages are not acknowledged"]);
    apply(acks(100));
    expect(channel.canSend).toBe(false);
    const large = createEnd();
    large.apply(send("x".repeat(8 * 2 ** 20)));
    expect(large.channel.canSend).toBe(false);
  });

  test("when the other end sends more than the window, or acknowledges what was not sent", () => {
    const flooded = createEnd();
    times(257, (number) => flooded.apply(item(number)));
    expect(flooded.broken).toEqual(["the sender ignored the window"]);
    const { broken, delivered, apply } = createEnd();
    apply(send("a"));
    apply(item(0, "b", 2));
    apply(item(0));
    expect([broken, delivered]).toEqual([["2 messages were acknowledged, 1 were sent"], []]);
  });
});

test("over any network, each message is delivered once, in order, and both ends stay bounded", () => {
  const end = fc.constantFrom(0 as const, 1 as const);
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("send" as const), end }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("arrive" as const), end }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("take" as const), end }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("lose" as const), end, count: fc.nat(4) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("repeat" as const), end, back: fc.nat(20) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("resend" as const), end }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("flood" as const), end }) },
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const ends = [createEnd(), createEnd()] as const;
      /** How many envelopes of each end have left the network. */
      const numGone = [0, 0];
      const numTaken = [0, 0];
      const bodies: string[][] = [[], []];
      const arrive = (from: 0 | 1, index: number) => {
        const envelope = ends[from].sent[index];
        if (envelope !== undefined) ends[1 - from]?.apply({ type: "received", envelope });
      };
      const arriveNext = (from: 0 | 1) => {
        if (numGone[from] === ends[from].sent.length) return;
        arrive(from, (numGone[from] as number)++);
      };
      const take = (at: 0 | 1) => {
        if (numTaken[at] === ends[at].delivered.length) return;
        numTaken[at] = (numTaken[at] as number) + 1;
        ends[at].apply({ type: "taken" });
      };
      const sendOne = (at: 0 | 1) => {
        if (!ends[at].channel.canSend) return;
        const body = `${bodies[at]?.length}`;
        bodies[at]?.push(body);
        ends[at].apply(send(body));
      };
      for (const one of actions) {
        const at = one.end;
        if (one.kind === "send") sendOne(at);
        else if (one.kind === "flood") times(100, () => sendOne(at));
        else if (one.kind === "arrive") arriveNext(at);
        else if (one.kind === "take") take(at);
        else if (one.kind === "resend") ends[at].apply({ type: "resend" });
        else if (one.kind === "repeat") arrive(at, (numGone[at] as number) - one.back);
        else numGone[at] = Math.min(ends[at].sent.length, (numGone[at] as number) + one.count);
      }
      // After the losses both ends are told of them; what each then has goes through.
      for (let round = 0; round < 2; round++)
        for (const at of [0, 1] as const) {
          ends[at].apply({ type: "resend" });
          for (const from of [0, 1] as const) {
            while ((numGone[from] as number) < ends[from].sent.length) arriveNext(from);
            while ((numTaken[from] as number) < ends[from].delivered.length) take(from);
          }
        }
      for (const at of [0, 1] as const) {
        expect(ends[at].broken).toEqual([]);
        expect(ends[at].delivered).toEqual(bodies[1 - at]);
        times(30, () => ends[at].apply({ type: "tick" }));
        expect(ends[at].broken).toEqual([]);
        expect(ends[at].channel.canSend).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
