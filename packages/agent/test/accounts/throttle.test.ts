import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { StrongroomError } from "@strongroom/core/errors";
import { SignInThrottle } from "../../src/accounts/throttle.ts";

function setting(countersMax?: number): {
  clock: { now: number };
  throttle: SignInThrottle;
  wait: (login: string, address: string) => number;
} {
  const clock = { now: 1_000_000 };
  const throttle = new SignInThrottle(() => clock.now, countersMax);
  const wait = (login: string, address: string): number => {
    try {
      throttle.begin(login, address);
      return 0;
    } catch (error) {
      assert.ok(error instanceof StrongroomError && error.code === "limit.tries");
      return error.details.retryAfterS as number;
    }
  };
  return { clock, throttle, wait };
}

describe("throttling of sign-ins", () => {
  test("five mistakes are free, then each next try waits twice as long, up to a quarter of an hour", () => {
    const { clock, wait } = setting();
    for (let i = 0; i < 5; i += 1) assert.equal(wait("ada", "a"), 0);
    const waits: number[] = [];
    for (let i = 0; i < 13; i += 1) {
      const seconds = wait("ada", "a");
      waits.push(seconds);
      clock.now += seconds * 1000 - 1;
      assert.equal(wait("ada", "a"), 1);
      clock.now += 1;
      assert.equal(wait("ada", "a"), 0);
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  test("a try that has to wait is not counted", () => {
    const { clock, wait } = setting();
    for (let i = 0; i < 6; i += 1) wait("ada", "a");
    for (let i = 0; i < 50; i += 1) wait("ada", "a");
    clock.now += 1_000;
    assert.equal(wait("ada", "a"), 0);
  });

  test("tries at the same time count before any of them has failed", () => {
    const { wait } = setting();
    assert.equal(Array.from({ length: 20 }, () => wait("ada", "a")).filter((seconds) => seconds === 0).length, 5);
  });

  test("success begins anew, and takes back what it counted for the address", () => {
    const { throttle, wait } = setting();
    for (let i = 0; i < 4; i += 1) wait("ada", "a");
    throttle.begin("ada", "a").succeeded();
    for (let i = 0; i < 5; i += 1) assert.equal(wait("ada", "a"), 0);
    for (let i = 0; i < 100; i += 1) throttle.begin("bob", "b").succeeded();
    assert.equal(wait("bob", "b"), 0);
  });

  test("a try that was never judged leaves nothing behind", () => {
    const { throttle, wait } = setting();
    for (let i = 0; i < 100; i += 1) throttle.begin("ada", "a").withdraw();
    assert.equal(throttle.size, 0);
    assert.equal(wait("ada", "a"), 0);
  });

  test("one address that tries many logins is slowed down, others are not", () => {
    const { wait } = setting();
    for (let i = 0; i < 30; i += 1) assert.equal(wait(`person ${i}`, "a"), 0);
    assert.ok(wait("person 31", "a") > 0);
    assert.equal(wait("person 31", "b"), 0);
  });

  test("a login that is tried from many addresses keeps its owner out for half a minute at most", () => {
    const { clock, wait } = setting();
    for (let i = 0; i < 500; i += 1) {
      wait("ada", `address ${i}`);
      clock.now += 1_000;
    }
    wait("ada", "one more");
    const seconds = wait("ada", "home");
    assert.ok(seconds > 0 && seconds <= 30, String(seconds));
    clock.now += seconds * 1_000;
    assert.equal(wait("ada", "home"), 0);
  });

  test("what is an hour old is forgotten", () => {
    const { clock, wait } = setting();
    for (let i = 0; i < 5; i += 1) wait("ada", "a");
    clock.now += 3_600_000;
    for (let i = 0; i < 5; i += 1) assert.equal(wait("ada", "a"), 0);
  });

  test("memory is bounded", () => {
    const { throttle, wait } = setting(30);
    for (let i = 0; i < 1_000; i += 1) wait(`person ${i}`, `address ${i}`);
    assert.equal(throttle.size, 30);
  });
});
