import { expect, test } from "vitest";
import { networkOf } from "./network-of.ts";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["::1", "0:0:0:0::/64"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::ffff", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::", "2001:db8:1:2::/64"],
  ["2001:db8::3:4:5:6", "2001:db8:0:0::/64"],
  ["2001:db8:1:2:0:ffff:192.0.2.7", "2001:db8:1:2::/64"],
  ["fe80::1:2%eth0", "fe80:0:0:0::/64"],
  ["", ""],
  ["unix", "unix"],
])("%j counts as %j", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
