import { describe, expect, test } from "vitest";

import { makeVault } from "../../platform/fake-vault";
import { requestsFor, sizeOf } from "./wish";
import type { Wish } from "./wish";

const { items } = makeVault([], 0);
const [one, two, three] = items;
if (!one || !two || !three) throw new Error("an empty vault");
const here = { ...three, files: [5] };
const nothing = () => false;
const wish = (part: Partial<Wish>): Wish => ({ parts: ["model"], file: null, root: null, ...part });

describe("what is asked of the engine", () => {
  test("one item: all its parts at once, the file and the folder where they were chosen", () => {
    expect(requestsFor([one], wish({}), nothing)).toEqual([{ items: [601], parts: ["model"] }]);
    expect(requestsFor([one], wish({ parts: ["images", "model"], file: 7_602, root: 2 }), nothing)).toEqual([
      { items: [601], parts: ["model", "images"], file: 7_602, root: 2 },
    ]);
  });
  test("a file is named only with the model, and never for several items", () => {
    expect(requestsFor([one], wish({ parts: ["details"], file: 7_602 }), nothing)).toEqual([{ items: [601], parts: ["details"] }]);
    expect(requestsFor([one, two], wish({ file: 7_602 }), nothing)).toEqual([{ items: [601, 602], parts: ["model"] }]);
  });
  test("of several, the models that are missing, and the other parts of all", () => {
    expect(requestsFor([one, two, here], wish({ parts: ["model", "details"] }), (entry) => entry === two)).toEqual([
      { items: [601], parts: ["model"] },
      { items: [601, 602, 603], parts: ["details"] },
    ]);
  });
  test("one that is here comes again if it is asked for", () => {
    expect(requestsFor([here], wish({ root: 2 }), nothing)).toEqual([{ items: [603], parts: ["model"], root: 2 }]);
  });
});

test("sizes are those of what was chosen", () => {
  expect(sizeOf("model", [one], 7_602)).toBe(3.31 * 1024 ** 3);
  expect(sizeOf("model", [one])).toBe(6.46 * 1024 ** 3);
  expect(sizeOf("details", [one, two])).toBe(80_000);
});
