/** The staff's pages. Which of them a program has is the program's choice: the warehouse has labels alone. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import {
  labelsPage,
  lettersPage,
  NEWSLETTER,
  newsletterPage,
  reportPage,
  STAFF_SIGN_IN,
  staffSignInPage,
} from "../pages/staff.ts";
import type { Parts } from "../parts.ts";
import { withLabels } from "../staff/labels.ts";
import { withNewsletter } from "../staff/newsletter.ts";
import { isMonth, monthAt, monthlyReport } from "../staff/report.ts";
import { Attempts } from "../web/attempts.ts";
import { filledIn, readForm } from "../web/fields.ts";
import { wholeNumber, type Area } from "../web/area.ts";

const TRIES_MAX = 10;
const TRIES_MS = 15 * 60_000;

export function staffSignInRoutes(server: FastifyInstance, { effects }: Parts, area: Area, password: string): void {
  const attempts = new Attempts(TRIES_MAX, TRIES_MS, effects.now);
  const expected = sha256(password);

  server.get("/staff", async (_request, reply) => await reply.redirect("/staff/labels", 303));

  server.get("/staff/sign-in", async (request, reply) =>
    area.show(request, reply, {
      title: "Staff",
      body: staffSignInPage(filledIn(STAFF_SIGN_IN), request.visit!.token, null),
    }),
  );

  server.post("/staff/sign-in", async (request, reply) => {
    const form = readForm(STAFF_SIGN_IN, request.body, effects.now());
    const again = (status: number, alert: string | null) =>
      area.show(request, reply, { title: "Staff", status, body: staffSignInPage(form, request.visit!.token, alert) });
    if (!form.ok) return again(422, null);
    const waitMs = attempts.take(request.ip);
    if (waitMs > 0) return again(429, `Too many tries. Try again in ${Math.ceil(waitMs / 60_000)} minutes.`);
    if (!timingSafeEqual(sha256(form.values.password), expected)) return again(403, "That is not the staff password.");
    attempts.forget(request.ip);
    area.visits.signIn(request, reply, "staff");
    return await area.leadTo(request, reply, "/staff/labels");
  });

  server.post("/staff/sign-out", async (request, reply) => {
    area.visits.signOut(request, reply);
    return await area.leadTo(request, reply, "/staff/sign-in");
  });
}

/** Nobody else sees the routes that are added after this. */
export function requireStaff(server: FastifyInstance): void {
  server.addHook("preHandler", async (request, reply) => {
    if (request.visit!.session?.staff !== true) await reply.redirect("/staff/sign-in", 303);
  });
}

export function labelRoutes(server: FastifyInstance, parts: Parts, area: Area): void {
  server.get("/staff/labels", async (request, reply) => {
    const after = wholeNumber(request.query, "after") ?? 0;
    return await withLabels(
      parts,
      (labels) => area.show(request, reply, { title: "Parcel labels", body: labelsPage(labels, request.visit!.token) }),
      after,
    );
  });

  server.post("/staff/labels/:number/sent", async (request, reply) => {
    const number = wholeNumber(request.params, "number") ?? 0;
    const sent = parts.store.orders.markSent(number, parts.effects.now());
    return await area.leadTo(
      request,
      reply,
      "/staff/labels",
      sent ? `Parcel ${number} was sent.` : `Parcel ${number} was not waiting.`,
    );
  });
}

export function newsletterRoutes(server: FastifyInstance, parts: Parts, area: Area): void {
  server.get("/staff/newsletter", async (request, reply) =>
    area.show(request, reply, {
      title: "Newsletter",
      body: newsletterPage(filledIn(NEWSLETTER), request.visit!.token),
    }),
  );

  server.post("/staff/newsletter", async (request, reply) => {
    const { token } = request.visit!;
    const form = readForm(NEWSLETTER, request.body, parts.effects.now());
    if (!form.ok)
      return area.show(request, reply, { title: "Newsletter", status: 422, body: newsletterPage(form, token) });
    const after = wholeNumber(request.query, "after") ?? 0;
    return await withNewsletter(
      parts,
      (letters) => area.show(request, reply, { title: "Newsletter", body: lettersPage(letters, form, token) }),
      after,
    );
  });
}

export function reportRoutes(server: FastifyInstance, parts: Parts, area: Area): void {
  server.get("/staff/report", async (request, reply) => {
    const { month } = request.query as { month?: unknown };
    const asked = typeof month === "string" && isMonth(month) ? month : monthAt(parts.effects.now());
    return area.show(request, reply, { title: "Monthly report", body: reportPage(await monthlyReport(parts, asked)) });
  });
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
