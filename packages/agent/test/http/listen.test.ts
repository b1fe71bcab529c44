import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { generateKeyPairSync, sign as signBytes, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { request } from "node:https";
import { isLoopback, listen } from "../../src/http/listen.ts";
import { reloadTls } from "../../src/http/transport.ts";
import { newFolder, openSetting } from "./setting.ts";

const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;

describe("listening", () => {
  test("an address that others can reach needs TLS, or to be told that it is insecure", async (t) => {
    const { server } = await openSetting(t);
    for (const host of ["0.0.0.0", "::", "192.0.2.1", "agent.example", "127.0.0.1.example", ""]) {
      await assert.rejects(listen(server, { host, port: 0 }), (error) => {
        assert.ok(code("agent.insecure-bind")(error), String(error));
        assert.match((error as Error).message, /--insecure-plain-http/);
        return true;
      });
    }
    assert.match(await listen(server, { host: "0.0.0.0", port: 0, insecureAllowPlainHttp: true }), /^http:/);
  });

  test("loopback is what cannot leave the machine", () => {
    for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) assert.ok(isLoopback(host), host);
    for (const host of ["0.0.0.0", "::", "::ffff:127.0.0.1", "10.0.0.1", "localhost.example", "1270.0.0.1"])
      assert.ok(!isLoopback(host), host);
  });

  test("a taken port and an address of another machine are told as that", async (t) => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    t.after(() => other.close());
    const { port } = other.address() as AddressInfo;
    const { server } = await openSetting(t);
    await assert.rejects(listen(server, { host: "127.0.0.1", port }), code("agent.port-taken"));
    const elsewhere = await openSetting(t);
    await assert.rejects(
      listen(elsewhere.server, { host: "192.0.2.1", port: 0, insecureAllowPlainHttp: true }),
      code("agent.bad-address"),
    );
  });

  test("a port that the user may not have is told as that", async (t) => {
    const { server } = await openSetting(t);
    server.listen = () => Promise.reject(Object.assign(new Error("listen EACCES"), { code: "EACCES" }));
    await assert.rejects(listen(server, { host: "127.0.0.1", port: 80 }), code("agent.port-forbidden"));
  });

  test("answers by TLS, and takes up a renewed certificate", async (t) => {
    const folder = newFolder(t);
    const tls = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
    const write = (name: string) => {
      const { cert, key } = selfSigned(name);
      writeFileSync(tls.cert, cert);
      writeFileSync(tls.key, key);
    };
    write("first");
    const { server } = await openSetting(t, { tls });
    const address = new URL(await listen(server, { host: "0.0.0.0", port: 0 }));
    assert.equal(address.protocol, "https:");
    const port = Number(address.port);
    assert.equal(await subjectAt(port), "CN=first");
    write("second");
    reloadTls(server.server, tls);
    assert.equal(await subjectAt(port), "CN=second");
    writeFileSync(tls.key, "nonsense");
    assert.throws(() => reloadTls(server.server, tls), code("agent.tls"));
    assert.equal(await subjectAt(port), "CN=second");
  });

  test("a certificate that cannot be read is told at the start", async (t) => {
    await assert.rejects(openSetting(t, { tls: { cert: "nowhere.pem", key: "nowhere.key" } }), code("agent.tls"));
  });
});

/** Subject of the certificate that is shown at the port. */
function subjectAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port, path: "/healthz", rejectUnauthorized: false, agent: false },
      (response) => {
        const { raw } = (response.socket as unknown as { getPeerCertificate(): { raw: Buffer } }).getPeerCertificate();
        response.resume().on("end", () => resolve(new X509Certificate(raw).subject));
      },
    );
    asked.on("error", reject).end();
  });
}

/** A certificate that signs itself (RFC 5280), just enough of one for a handshake. */
function selfSigned(name: string): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const der = (tag: number, ...parts: Buffer[]): Buffer => {
    const content = Buffer.concat(parts);
    const length =
      content.length < 128
        ? Buffer.from([content.length])
        : Buffer.from([0x82, content.length >> 8, content.length & 255]);
    return Buffer.concat([Buffer.from([tag]), length, content]);
  };
  const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
  const ecdsaWithSha256 = der(0x30, oid("2a8648ce3d040302"));
  const names = der(0x30, der(0x31, der(0x30, oid("550403"), der(0x0c, Buffer.from(name)))));
  const validity = der(0x30, der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("490101000000Z")));
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const serial = der(0x02, Buffer.from([1]));
  const body = der(
    0x30,
    version,
    serial,
    ecdsaWithSha256,
    names,
    validity,
    names,
    publicKey.export({ format: "der", type: "spki" }),
  );
  const signature = der(0x03, Buffer.from([0]), signBytes("sha256", body, privateKey));
  const cert = der(0x30, body, ecdsaWithSha256, signature).toString("base64").replace(/.{64}/g, "$&\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${cert}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}
