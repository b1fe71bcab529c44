import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { StrongroomError } from "@strongroom/core/errors";
import { addressBucket, RateLimiter } from "../../src/http/rateLimits.ts";
import { TestApplication } from "./application.ts";
import { assertProblem, openSetting } from "./setting.ts";

const plenty = { burst: 1_000_000, perSecond: 1_000_000 };

function takes(limiter: RateLimiter, name: string): number {
  try {
    limiter.take(name);
    return 0;
  } catch (error) {
    assert.ok(error instanceof StrongroomError && error.code === "limit.rate");
    return error.details.retryAfterS as number;
  }
}

describe("rate limits", () => {
  test("as many at once as the burst, then as many a second as the rate", () => {
    const clock = { now: 0 };
    const limiter = new RateLimiter({ burst: 3, perSecond: 2 }, () => clock.now);
    assert.deepEqual(
      Array.from({ length: 5 }, () => takes(limiter, "a")),
      [0, 0, 0, 1, 1],
    );
    assert.equal(takes(limiter, "b"), 0);
    clock.now += 499;
    assert.equal(takes(limiter, "a"), 1);
    clock.now += 1;
    assert.deepEqual([takes(limiter, "a"), takes(limiter, "a")], [0, 1]);
    clock.now += 60_000;
    assert.deepEqual(
      Array.from({ length: 4 }, () => takes(limiter, "a")),
      [0, 0, 0, 1],
    );
  });

  test("checking takes nothing", () => {
    const limiter = new RateLimiter({ burst: 1, perSecond: 1 }, () => 0);
    for (let i = 0; i < 5; i += 1) limiter.check("a");
    limiter.take("a");
    assert.throws(() => limiter.check("a"));
  });

  test("memory is bounded", () => {
    const limiter = new RateLimiter({ burst: 1, perSecond: 1 }, () => 0, 10);
    for (let i = 0; i < 1_000; i += 1) takes(limiter, String(i));
    assert.ok(limiter.size <= 10);
    assert.equal(takes(limiter, "999"), 1);
  });

  test("addresses that one machine can change at will share a bucket", () => {
    assert.equal(addressBucket("192.0.2.1"), "192.0.2.1");
    assert.equal(addressBucket("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
    assert.equal(addressBucket("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2");
    assert.equal(addressBucket("2001:db8:1:2::1"), "2001:db8:1:2");
    assert.equal(addressBucket("2001:0db8:1::"), "2001:db8:1:0");
    assert.equal(addressBucket("fe80::1%eth0"), "fe80:0:0:0");
    assert.equal(addressBucket("::1"), "0:0:0:0");
  });
});

describe("limits of the server", () => {
  test("an application, a subject and an address each have their own, told with the time to wait", async (t) => {
    const few = { burst: 3, perSecond: 0.1 };
    const setting = await openSetting(t, { rates: { application: few, subject: few, address: plenty } });
    const [one, two] = [await TestApplication.register(setting), await TestApplication.register(setting)];
    await one.token();
    for (let i = 0; i < 2; i += 1) assert.equal((await one.call("GET", "/v1/application/keys")).status, 200);
    const limited = await one.call("GET", "/v1/application/keys");
    assertProblem(limited, 429, "limit.rate");
    assert.equal(limited.headers["retry-after"], "10");
    assert.equal((await two.call("GET", "/v1/application/keys")).status, 200);

    const person = await setting.subject();
    for (let i = 0; i < 3; i += 1) assert.equal((await setting.as(person.token, "GET", "/v1/me")).status, 200);
    assertProblem(await setting.as(person.token, "GET", "/v1/me"), 429, "limit.rate");
    setting.clock.now += 10_000;
    assert.equal((await setting.as(person.token, "GET", "/v1/me")).status, 200);
  });

  test("what comes without credentials counts for its address, and so do wrong ones", async (t) => {
    const setting = await openSetting(t, {
      rates: { application: plenty, subject: plenty, address: { burst: 3, perSecond: 0.1 } },
    });
    const from = (address: string) => ({ get: () => setting.call("GET", "/v1/agent", { from: address }) });
    for (let i = 0; i < 3; i += 1) assert.equal((await from("198.51.100.1").get()).status, 200);
    assertProblem(await from("198.51.100.1").get(), 429, "limit.rate");
    assert.equal((await from("198.51.100.2").get()).status, 200);

    const wrong = () =>
      setting.call("GET", "/v1/me", { headers: { authorization: "Bearer wrong" }, from: "198.51.100.3" });
    for (let i = 0; i < 3; i += 1) assertProblem(await wrong(), 401, "auth.token-invalid");
    assertProblem(await wrong(), 429, "limit.rate");
  });

  test("an address in x-forwarded-for counts only where the proxy is trusted", async (t) => {
    const rates = { application: plenty, subject: plenty, address: { burst: 1, perSecond: 0.1 } };
    for (const [trustedProxies, second] of [
      [["192.0.2.1"], 200],
      [[], 429],
      [["203.0.113.9"], 429],
    ] as const) {
      const setting = await openSetting(t, { rates, trustedProxies });
      const get = (address: string) => setting.call("GET", "/v1/agent", { headers: { "x-forwarded-for": address } });
      assert.equal((await get("198.51.100.1")).status, 200);
      assert.equal((await get("198.51.100.2")).status, second);
    }
  });
});
