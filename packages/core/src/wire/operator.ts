/** What the operator of an agent does: registration, key epochs. Never sees a subject's data or rules. */

export interface ControllerDraft {
  readonly name: string;
  readonly website?: string;
}
export interface ControllerView extends ControllerDraft {
  readonly id: string;
  readonly createdAt: number;
}

/** Ed25519 or P-256 public key (RFC 7517), made where the application runs: the agent never sees the private half. */
export interface PublicJwk {
  readonly kty: "OKP" | "EC";
  readonly crv: "Ed25519" | "P-256";
  readonly x: string;
  readonly y?: string;
  readonly kid?: string;
}

export interface ApplicationDraft {
  readonly name: string;
  readonly key: PublicJwk;
}
export interface ApplicationView {
  readonly id: string;
  readonly controller: string;
  readonly name: string;
  readonly createdAt: number;
  readonly keys: readonly { readonly kid: string; readonly createdAt: number }[];
  readonly disabled: boolean;
}

export interface SubjectDraft {
  readonly login: string;
  readonly password: string;
}
export interface SubjectView {
  readonly id: string;
  readonly login: string;
  readonly createdAt: number;
  readonly state: "active" | "locked" | "erased";
}

/** `POST /v1/keys/rotate`: a new KEK epoch; the old KEK is destroyed once everything alive is rewrapped. */
export interface KeyRotation {
  readonly kekEpoch: number;
  readonly rewrapped: number;
  readonly destroyed: number;
}
