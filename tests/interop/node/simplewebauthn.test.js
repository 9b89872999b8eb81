// @simplewebauthn/server accepts what Latchkey answered, and nothing near it.
// LATCHKEY_DEMO names the folder that `latchkey-sim demo --out` wrote.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import { decodeAttestationObject, isoBase64URL } from "@simplewebauthn/server/helpers";

const folder = process.env.LATCHKEY_DEMO;
assert.ok(folder, "LATCHKEY_DEMO is not set");

/** Reads one ceremony, or an array of them: `{ rpId, origin, challenge, userHandle, response }`. */
function load(file) {
  const ceremonies = [JSON.parse(readFileSync(join(folder, file), "utf8"))].flat();
  assert.ok(ceremonies.length > 0, `${file} holds no ceremony`);
  return ceremonies;
}

function register({ response, challenge, origin, rpId }) {
  return verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
  });
}

function signIn({ response, challenge, origin, rpId }, credential) {
  return verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    credential,
    requireUserVerification: true,
  });
}

/** A refusal is `verified: false` or the library's error with the message that belongs to the spoilt part. */
async function assertRefused(verification, message) {
  try {
    const { verified } = await verification;
    assert.equal(verified, false, "accepted");
  } catch (error) {
    if (error instanceof assert.AssertionError || !message) throw error;
    assert.match(error.message, message);
  }
}

const decode = (text) => Buffer.from(text, "base64url");

function flip(bytes, at, mask = 0x01) {
  bytes[at < 0 ? bytes.length + at : at] ^= mask;
  return bytes;
}

function withMember(ceremony, name, change) {
  const spoilt = structuredClone(ceremony);
  const members = spoilt.response.response;
  members[name] = change(decode(members[name])).toString("base64url");
  return spoilt;
}

/** Flips a bit of the authenticator data (WebAuthn L3 section 6.1), wherever this kind of response carries it. */
function authData(offset, mask = 0x01) {
  return (ceremony) => {
    if (ceremony.response.response.signature) {
      return withMember(ceremony, "authenticatorData", (data) => flip(data, offset, mask));
    }
    const rpIdHash = createHash("sha256").update(ceremony.rpId).digest(); // authenticator data begins with it
    return withMember(ceremony, "attestationObject", (data) => flip(data, data.indexOf(rpIdHash) + offset, mask));
  };
}

/** The same JSON with one more space: only a hash can tell. */
const clientData = (ceremony) =>
  withMember(ceremony, "clientDataJSON", (data) => Buffer.from(data.toString().replace("{", "{ ")));

// [what, how, the library's message]. Every relying party must refuse these, signed or not.
const ANY = [
  ["another challenge", (c) => ({ ...c, challenge: isoBase64URL.fromBuffer(flip(decode(c.challenge), -1)) }), /challenge/],
  ["another origin", (c) => ({ ...c, origin: "https://login.example.net" }), /origin/],
  ["another RP ID hash", authData(0), /RP ID/],
  ["user not present", authData(32, 0x01), /not present/],
  ["user not verified", authData(32, 0x04), /could not be verified/],
];
// These only a signature shows: the library answers `verified: false`.
const PACKED = [
  ["changed AAGUID", authData(37)],
  ["changed client data", clientData],
  [
    "changed attestation signature",
    (c) =>
      withMember(c, "attestationObject", (data) => {
        const length = data.indexOf("\x63sig\x58", "latin1") + 5; // text(3) "sig", a byte string, its length
        return flip(data, length + data[length]);
      }),
  ],
];
const SIGN_IN = [
  ["changed sign count", authData(36)],
  ["changed client data", clientData],
  ["changed signature", (c) => withMember(c, "signature", (data) => flip(data, -1))],
];

const format = ({ response }) => decodeAttestationObject(decode(response.response.attestationObject)).get("fmt");

const registrations = load("registration.json");
const credentials = new Map();

for (const [index, registration] of registrations.entries()) {
  const name = `registration ${index + 1} (${format(registration)})`;
  const { verified, registrationInfo } = await register(registration);

  test(`accepts ${name}`, () => {
    assert.equal(verified, true);
    assert.equal(registrationInfo.userVerified, true);
  });
  credentials.set(registration.response.id, registrationInfo?.credential);

  const spoilt = format(registration) === "packed" ? [...ANY, ...PACKED] : ANY;
  for (const [what, spoil, message] of spoilt) {
    test(`refuses ${name} with ${what}`, () => assertRefused(register(spoil(registration)), message));
  }
}

test("the demo made a registration with packed self attestation", () => {
  assert.ok(registrations.some((registration) => format(registration) === "packed"));
});

for (const [index, ceremony] of load("authentication.json").entries()) {
  const name = `sign-in ${index + 1}`;
  const credential = credentials.get(ceremony.response.id);

  test(`accepts ${name}`, async () => {
    assert.ok(credential, "the credential was not registered");
    const { verified, authenticationInfo } = await signIn(ceremony, credential);
    assert.equal(verified, true);
    assert.equal(authenticationInfo.userVerified, true);
  });
  for (const [what, spoil, message] of [...ANY, ...SIGN_IN]) {
    test(`refuses ${name} with ${what}`, () => assertRefused(signIn(spoil(ceremony), credential), message));
  }
}
