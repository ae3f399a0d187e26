import { expect, it } from "vitest";
import { milestonesOf } from "./system-calls.ts";

const never = Number.POSITIVE_INFINITY;
const log = "23</data/offhook.sqlite-wal>";

it.each([
  [
    "in order",
    [
      `7  pwrite64(${log}, "a MARK b", 4096, 56) = 4096`,
      `7  fdatasync(${log}) = 0`,
      `5  writev(31<socket:[9]>, [{iov_base="HTTP/1.1 201 MARK"}], 1) = 9`,
    ],
    { written: 0, synced: 1, shown: 2 },
  ],
  [
    "shown before it was on disk",
    [
      `7  pwrite64(${log}, "a MARK b", 4096, 56) = 4096`,
      `5  write(31<socket:[9]>, "MARK", 4) = 4`,
      `7  fsync(${log}) = 0`,
    ],
    { written: 0, synced: 2, shown: 1 },
  ],
  [
    "never on disk",
    [
      `7  pwrite64(${log}, "a MARK b", 4096, 56) = 4096`,
      `7  fdatasync(9</data/other>) = 0`,
      `5  write(31<socket:[9]>, "MARK", 4) = 4`,
    ],
    { written: 0, synced: never, shown: 2 },
  ],
  [
    "shown while the disk is at it",
    [
      `7  pwrite64(${log}, "a MARK b", 4096, 56) = 4096`,
      `7  fdatasync(${log} <unfinished ...>`,
      `5  write(31<socket:[9]>, "MARK", 4) = 4`,
      "7  <... fdatasync resumed>) = 0",
    ],
    { written: 0, synced: 3, shown: 2 },
  ],
  [
    "a sync that failed does not count",
    [
      `7  pwrite64(${log}, "a MARK b", 4096, 56) = 4096`,
      `7  fdatasync(${log}) = -1 EIO (Input/output error)`,
    ],
    { written: 0, synced: never, shown: never },
  ],
])("milestones of system calls: %s", (_what, lines, milestones) => {
  expect(milestonesOf(lines, "MARK")).toEqual(milestones);
});
