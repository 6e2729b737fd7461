// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { inTurn } from "../src/dom.ts";

describe("drawings in turn", () => {
  it("an earlier one that takes longer never stands over a later one, and one that fails stops none", async () => {
    const drawn: number[] = [];
    const draw = inTurn(async (wait: number) => {
      await new Promise((done) => setTimeout(done, wait));
      if (wait === 5) throw new Error("nothing was drawn");
      drawn.push(wait);
    });
    const [slow, failing, quick] = [draw(20), draw(5), draw(0)];
    await expect(failing).rejects.toThrow("nothing was drawn");
    await Promise.all([slow, quick]);
    expect(drawn).toEqual([20, 0]);
  });
});
