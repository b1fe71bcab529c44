/** What the agent says of a request before anything is decided: its form, its limits, who asks. */
import type { ErrorFacts } from "./facts.ts";

export const HTTP_ERRORS = {
  "request.invalid": {
    status: 400,
    cause:
      "A part of the request (body, query, path or header) does not have the form that the API asks for; details.path names it.",
    fix: "Correct the field that the message names; /openapi.json has every form.",
  },
  "request.malformed-json": {
    status: 400,
    cause: "The body is not JSON in UTF-8, or is empty where one is needed.",
    fix: "Send one JSON document with content-type application/json.",
  },
  "request.malformed-http": {
    status: 400,
    cause: "What arrived is not an HTTP request that the agent can read, or its headers are too large or too slow.",
    fix: "Check the client and any proxy between; tokens and proofs together need less than 16 KiB of headers.",
  },
  "request.media-type": {
    status: 415,
    cause: "The body has a content type that this address does not take.",
    fix: "Send application/json, or the form type where the API asks for a form.",
  },
  "request.too-large": {
    status: 413,
    cause: "The body is larger than the limit that details.bytesMax names.",
    fix: "Send fewer items in one request.",
  },
  "request.unknown-route": {
    status: 404,
    cause: "There is nothing at this address.",
    fix: "Check the path and the version in it; /openapi.json lists every address.",
  },
  "request.wrong-method": {
    status: 405,
    cause:
      "The address exists, but not with this method; the allow header names the ones that do. Nothing is ever decided by a GET.",
    fix: "Use one of the methods that the allow header names.",
  },
  "request.cut": {
    status: 400,
    cause: "The body was shorter or longer than its content-length says, or did not arrive in time.",
    fix: "Send the request again; check the network and any proxy between.",
  },
  "limit.rate": {
    status: 429,
    cause: "More requests than the operator allows for this caller and time.",
    fix: "Wait for the seconds that the retry-after header names; put more items into one request.",
  },
  "limit.tries": {
    status: 429,
    cause: "Too many failed tries to sign in with this login or from this address.",
    fix: "Wait for the seconds that the retry-after header names, then try again; nobody is locked out for good.",
  },
  "limit.busy": {
    status: 503,
    cause: "The agent has more of this work waiting than it takes.",
    fix: "Try again after the seconds that the retry-after header names.",
  },
  "limit.streams": {
    status: 429,
    cause: "The application has too many event streams open.",
    fix: "Share one stream per process, and close those that are no longer read.",
  },
  "idempotency.reused": {
    status: 409,
    cause: "The idempotency key was already used for another request of this application.",
    fix: "Use a new key for each request; repeat a request with exactly the same bytes.",
  },
  "idempotency.expired": {
    status: 409,
    cause: "The request was decided longer ago than its answer can be repeated.",
    fix: "Send it as a new request with a new key: the use is then decided and logged again.",
  },
  "idempotency.in-progress": {
    status: 409,
    cause: "The same request is being worked on by another process of the agent.",
    fix: "Wait a moment and repeat it with the same key.",
  },
  "auth.missing": {
    status: 401,
    cause: "The request has no credentials of the kind that this address asks for, or more than one.",
    fix: "Send one authorization header: DPoP for applications, Bearer for subjects and the operator.",
  },
  "auth.token-invalid": {
    status: 401,
    cause: "The token is not one of this agent, has ended, or was ended.",
    fix: "Get a new token; applications do so whenever the agent was restarted.",
  },
  "auth.scope": {
    status: 403,
    cause:
      "The token is real but does not reach this far: it is an API token of a narrower scope, or only a session may do this.",
    fix: "Sign in, or make an API token with the scope that the message names.",
  },
  "auth.operator": {
    status: 401,
    cause: "The operator token is wrong.",
    fix: "Use the content of the file operator.token in the agent's data folder.",
  },
  "dpop.invalid": {
    status: 401,
    cause:
      "The DPoP proof is missing, malformed, of another algorithm, holds a private key, or its signature does not fit.",
    fix: "Send one dpop header: a JWT of type dpop+jwt, signed with ES256 or EdDSA by the key in its header.",
  },
  "dpop.mismatch": {
    status: 401,
    cause: "The DPoP proof is for another method, address, body, token or key.",
    fix: "Make the proof for exactly the bytes that are sent; behind a proxy check that the agent's issuer is its outside address.",
  },
  "dpop.stale": {
    status: 401,
    cause: "The DPoP proof is too old, or from the future.",
    fix: "Make a new proof for each attempt, and set the clock by the date header of the answer.",
  },
  "dpop.replayed": {
    status: 401,
    cause: "The DPoP proof was used before.",
    fix: "Make a new proof with a new jti for each attempt; if you did, somebody repeats your requests.",
  },
  "client.unknown": {
    status: 404,
    cause: "There is no such controller or application here.",
    fix: "Check the id and which agent it was registered with.",
  },
  "client.name-taken": {
    status: 409,
    cause: "Another controller, or another application of the same controller, has this name.",
    fix: "Choose another name, or use the one that is registered.",
  },
  "client.bad-name": {
    status: 400,
    cause: "A name is empty, too long or has control characters, or a website is not an http or https address.",
    fix: "Use a name of 1 to 100 visible characters.",
  },
  "client.bad-key": {
    status: 400,
    cause: "The key is not a public JWK of Ed25519 or P-256.",
    fix: "Make an Ed25519 or P-256 key where the application runs and send its public JWK.",
  },
  "client.private-key": {
    status: 400,
    cause: "A private key was sent. It was not stored, but it has left the application.",
    fix: "Throw that key away, make a new one and send only its public half.",
  },
  "client.key-exists": {
    status: 409,
    cause: "The application already has this key.",
    fix: "Send a new key, or go on using this one.",
  },
  "client.key-unknown": {
    status: 404,
    cause: "The application has no key with this id.",
    fix: "List the keys of the application first.",
  },
  "client.last-key": {
    status: 409,
    cause: "This is the application's only key: without it, it could never sign in again.",
    fix: "Add the new key first, then remove this one; or have the operator disable the application.",
  },
  "client.too-many-keys": {
    status: 409,
    cause: "The application has as many keys as it may have.",
    fix: "Remove a key that is no longer used.",
  },
  "client.disabled": {
    status: 403,
    cause: "The operator has disabled the application.",
    fix: "Ask the operator of the agent.",
  },
  "client.bad-assertion": {
    status: 401,
    cause:
      "The client assertion is not a JWT that this application signed for this agent: the message names the check that failed.",
    fix: "Sign with a registered key; iss and sub are the application's id, aud is the agent's issuer, jti is new, exp at most 5 minutes ahead.",
  },
  "client.assertion-replayed": {
    status: 401,
    cause: "The client assertion was used before, or made before the agent was started.",
    fix: "Make a new assertion with a new jti for each token.",
  },
  "account.login-taken": {
    status: 409,
    cause: "Another subject has this login.",
    fix: "Choose another login.",
  },
  "account.bad-login": {
    status: 400,
    cause: "The login is too short, too long, or has characters that logins do not have.",
    fix: "Use 3 to 128 letters, digits and . _ @ + -, beginning with a letter or digit.",
  },
  "account.bad-password": {
    status: 400,
    cause: "The password is shorter than 10 or longer than 256 characters.",
    fix: "Use a longer one, such as four random words.",
  },
  "account.wrong-credentials": {
    status: 401,
    cause: "Login and password do not belong together; which of them is wrong is not told.",
    fix: "Check both.",
  },
  "account.unknown": {
    status: 404,
    cause: "There is no such subject, session or token.",
    fix: "List them first; it may have ended already.",
  },
  "account.too-many-tokens": {
    status: 409,
    cause: "The subject has as many sessions or API tokens as it may have.",
    fix: "End those that are no longer used.",
  },
} as const satisfies Record<string, ErrorFacts>;
