/** Sign-up: form → connection code → sealed details → account. */
import type { FastifyInstance } from "fastify";
import { PersonRef, StrongroomError, type Denied } from "@strongroom/sdk";
import { askForRules, signUp, type Details } from "../customers/signUp.ts";
import type { Session } from "../database/sessions.ts";
import { SIGN_UP, SIGN_UP_CONNECTED, signUpPage } from "../pages/customer.ts";
import type { Parts } from "../parts.ts";
import { filledIn, readForm, withError, type Form } from "../web/fields.ts";
import { Attempts } from "../web/attempts.ts";
import type { Area } from "../web/area.ts";
import { inWords, isAway } from "../words.ts";

type SignUpForm = Form<typeof SIGN_UP>;

const TRIES_MAX = 30;
const TRIES_MS = 3_600_000;
/** How long a browser may finish a sign-up whose code was taken. */
const CONNECTED_MS = 15 * 60_000;
const AWAY = "Your agent cannot be reached just now. Nothing was stored. Try again in a moment.";

export function signUpRoutes(server: FastifyInstance, parts: Parts, area: Area): void {
  const { store, strongroom, effects } = parts;
  const attempts = new Attempts(TRIES_MAX, TRIES_MS, effects.now);

  server.get("/sign-up", async (request, reply) => {
    if (request.visit!.session?.customer != null) return await area.leadTo(request, reply, "/account");
    const { session, token } = request.visit!;
    return area.show(request, reply, {
      title: "Sign up",
      body: signUpPage(filledIn(SIGN_UP), token, personIn(session) !== null, null),
    });
  });

  server.post("/sign-up", async (request, reply) => {
    if (request.visit!.session?.customer != null) return await area.leadTo(request, reply, "/account");
    const session = area.visits.remember(request);
    const known = personIn(session);
    const form = readForm<typeof SIGN_UP>(
      known === null ? SIGN_UP : (SIGN_UP_CONNECTED as unknown as typeof SIGN_UP),
      request.body,
      effects.now(),
    );
    const again = (status: number, shown: SignUpForm, alert: string | null, connected = known !== null) =>
      area.show(request, reply, {
        title: "Sign up",
        status,
        body: signUpPage(shown, request.visit!.token, connected, alert),
      });

    if (attempts.take(request.ip) > 0)
      return again(429, form, "Too many tries from where you are. Try again in an hour.");
    if (!form.ok) return again(422, form, null);
    const { userName, password, code } = form.values;
    if (store.customers.byUserName(userName) !== null) return again(422, taken(form), null);

    let person: PersonRef;
    try {
      person = known !== null && code === "" ? known : await strongroom.connectPerson(code);
    } catch (error) {
      const why = codeProblem(error);
      return why === null ? again(503, form, AWAY) : again(422, withError(form, "code", why), null);
    }
    // The code works once. What is still to be put right must not cost the person another one.
    store.sessions.setPerson(session.hash, person.text, effects.now() + CONNECTED_MS);

    try {
      const done = await signUp(parts, person, { userName, password, details: detailsIn(form) });
      switch (done.outcome) {
        case "user-name-taken":
          return again(422, taken(form), null, true);
        case "refused":
          return again(403, form, await refusal(parts, person, done.refused), true);
        case "welcome":
          area.visits.signIn(request, reply, { customer: done.customer });
          return await area.leadTo(request, reply, "/account", welcome(done.leftOut));
      }
    } catch (error) {
      if (isAway(error)) return again(503, form, AWAY, true);
      throw error;
    }
  });

  function personIn(session: Session | null): PersonRef | null {
    return session?.person == null || session.personUntil <= effects.now() ? null : PersonRef.from(session.person);
  }
}

function taken(form: SignUpForm): SignUpForm {
  return withError(form, "userName", "Somebody has this user name already. Choose another one.");
}

/** What is wrong with the code, in words; null where the agent is away. */
function codeProblem(error: unknown): string | null {
  if (isAway(error)) return null;
  if (!(error instanceof StrongroomError)) throw error;
  switch (error.code) {
    case "sdk.person":
      return "This is not a Strongroom code. Copy all of it.";
    case "sdk.agent-not-pinned":
      return "This code is from an agent that this shop does not know.";
    case "connection.unknown":
    case "request.invalid":
    case "encoding.not-canonical":
      return "This code was used before, is too old, or was made for another shop. Make a new one in your agent.";
    default:
      throw error;
  }
}

function detailsIn({ values }: SignUpForm): Details {
  const { surname, givenName, email, street, city, postalCode, country, phone, cardNumber, cardExpiry } = values;
  return {
    surname,
    givenName,
    email,
    street,
    city,
    postalCode,
    country,
    phone: phone === "" ? null : phone,
    cardNumber,
    cardExpiry,
  };
}

/** Where there is simply no rule yet, the shop asks the person's agent for one. */
async function refusal(parts: Parts, person: PersonRef, refused: readonly Denied[]): Promise<string> {
  const why = `Your rules do not let this shop keep ${listed(refused)}. Nothing was stored.`;
  if (!refused.some(({ reason }) => reason === "no-rule"))
    return `${why} Change them in your agent, then sign up again.`;
  try {
    await askForRules(parts, person);
  } catch (error) {
    if (!(error instanceof StrongroomError)) throw error;
    return `${why} Allow it in your agent, then sign up again.`;
  }
  return `${why} We have asked your agent: answer there, then sign up again.`;
}

function welcome(leftOut: readonly Denied[]): string {
  return leftOut.length === 0
    ? "Welcome. Your details were sealed."
    : `Welcome. Your rules do not let this shop keep ${listed(leftOut)}; the rest was sealed.`;
}

function listed(denied: readonly Denied[]): string {
  return denied
    .map((each) => `“${SIGN_UP[each.field as keyof typeof SIGN_UP].label}” (${inWords(each, "customer")})`)
    .join(", ");
}
