// What an app adds to the generated types: one way to ask, and what the protocol says of the JSON parts.
// `npm run check` compiles this under --strict; each @ts-expect-error must be an error, or the check fails.

import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";
import {
  SignInDocument,
  SyncPullDocument,
  SyncPushDocument,
  type SyncMutationInput,
  type SyncProblemCode,
  type SyncPullInput,
  type SyncPushInput,
} from "./generated/graphql";

/** One entry of `changes` and of `rows` (docs/protocol.md, "Changes"). */
export type Change =
  | { scope: string; collection: string; id: string; kind: "PUT"; rev: number; row: Row; clock: Record<string, number> }
  | { scope: string; collection: string; id: string; kind: "DELETE" | "EVICT"; rev: number }
  | { scope: string; collection: null; id: null; kind: "EVICT"; rev: number };

export type Row = { readonly id: string; readonly rev: number } & Readonly<Record<string, unknown>>;

export class Unauthenticated extends Error {}

export async function ask<Result, Variables>(
  url: string,
  token: string | null,
  document: TypedDocumentNode<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (token !== null) headers["authorization"] = `Bearer ${token}`;
  const body = JSON.stringify({ query: print(document), variables });
  const response = await fetch(`${url}/graphql`, { method: "POST", headers, body });
  if (response.status === 401) throw new Unauthenticated();
  const answer = (await response.json()) as { data?: Result; errors?: { message: string }[] };
  if (answer.data === undefined || answer.errors) throw new Error(answer.errors?.[0]?.message ?? `HTTP ${response.status}`);
  return answer.data;
}

export async function signIn(url: string, email: string, password: string): Promise<string> {
  const { signIn } = await ask(url, null, SignInDocument, { input: { email, password } });
  if (signIn.__typename === "Session") return signIn.accessToken;
  throw new Error(`${signIn.code}: ${signIn.message}`);
}

export async function pull(url: string, token: string, input: SyncPullInput): Promise<Change[]> {
  const { syncPull } = await ask(url, token, SyncPullDocument, { input });
  if (syncPull.problem) throw new Error(reaction(syncPull.problem.code));
  return syncPull.changes as Change[];
}

export async function push(url: string, token: string, input: SyncPushInput): Promise<Change[]> {
  const { syncPush } = await ask(url, token, SyncPushDocument, { input });
  if (syncPush.problem) throw new Error(reaction(syncPush.problem.code));
  for (const result of syncPush.results) {
    const verdict = result.status === "DUPLICATE" ? result.original : result.status;
    if (verdict === "REJECTED") console.warn(`draft ${result.uuid}: ${result.code} ${result.fields.join(", ")}`);
  }
  return syncPush.rows as Change[];
}

/** A code that the protocol gains makes this switch an error: nothing is forgotten. */
function reaction(code: SyncProblemCode): string {
  switch (code) {
    case "DEVICE_UNKNOWN":
    case "DEVICE_FORKED":
    case "SEQUENCE_GAP":
      return "register, number the queue anew, push again";
    case "EPOCH_CHANGED":
      return "register, send the last 7 days and the queue again, pull from nothing";
    case "DEVICE_WIPE":
      return "push what is queued, then remove everything";
    case "UPGRADE_REQUIRED":
      return "ask for an update of the app";
    case "TOO_LARGE":
      return "send half as many";
    case "BUSY":
      return "wait, then send the same";
    case "CURSOR_INVALID":
      return "pull from nothing";
  }
}

export const edit: SyncMutationInput = {
  seq: 1,
  uuid: "11111111-1111-4111-8111-111111111111",
  at: new Date().toISOString(),
  collection: "account",
  recordId: "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
  op: "UPDATE",
  baseRev: 1,
  patch: { note: "x" },
};

// @ts-expect-error an op that does not exist
export const badOp: SyncMutationInput = { ...edit, op: "UPSERT" };
// @ts-expect-error scalars are not `any`: a date is sent as text
export const badScalar: SyncMutationInput = { ...edit, at: new Date() };
// @ts-expect-error a seq is required
export const incomplete: SyncPushInput["mutations"] = [{ uuid: edit.uuid, at: edit.at }];
// @ts-expect-error JSON is `unknown`: it is looked at before it is used
export const unlooked = async (): Promise<string> => (await ask("", "", SyncPullDocument, { input: {} as SyncPullInput })).syncPull.changes.id;
