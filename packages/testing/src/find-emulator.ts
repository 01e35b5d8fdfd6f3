import { locateCommand } from "./locate-command.ts";

/**
 * A program that runs x86-64 programs on another kind of CPU: `qemu-x86_64 -cpu NAME PROGRAM`. Where there is none, or
 * this machine runs no such programs, says so in a warning, and returns undefined: tests that need it are skipped.
 *
 * @throws Error when there is none and `ADAEDL_REQUIRE_EMULATOR` is "1"
 */
export async function findEmulator(): Promise<string | undefined> {
  const isX64 = process.arch === "x64" && process.platform === "linux";
  const path = isX64 ? await locateCommand("qemu-x86_64") : undefined;
  if (path !== undefined) return path;
  const problem = isX64
    ? "no qemu-x86_64 on the PATH: apt-get install qemu-user (Debian)"
    : "no Linux on x86-64";
  if (process.env.ADAEDL_REQUIRE_EMULATOR === "1")
    throw new Error(`ADAEDL_REQUIRE_EMULATOR is set, but there is ${problem}`);
  console.warn(`SKIPPED: tests on an emulated CPU; there is ${problem}`);
  return undefined;
}
