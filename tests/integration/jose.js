// What does jose, the library most Node servers verify with, say about the tokens of our test? Mints
// them, verifies each, and writes keys, tokens and verdicts as one JSON document.
'use strict'
const crypto = require('node:crypto')
const jose = require('jose')

const SECRET = 'a shared secret that is long enough, even for HS512: 0123456789abcdef'
const ISSUER = 'https://issuer.example'
const AUDIENCE = 'chat'
const LEEWAY = 30
const PUBLIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const SHARED = ['HS256', 'HS384', 'HS512']

const now = Math.floor(Date.now() / 1000)
const claims = { iss: ISSUER, aud: AUDIENCE, sub: '7', exp: now + 600 }
const base64url = (data) => Buffer.from(data).toString('base64url')
const encode = (value) => base64url(JSON.stringify(value))

async function main() {
  const privates = {}
  const keys = []
  for (const alg of PUBLIC) {
    const pair = await jose.generateKeyPair(alg, { extractable: true })
    privates[alg] = crypto.createPrivateKey(await jose.exportPKCS8(pair.privateKey))
    keys.push({ ...await jose.exportJWK(pair.publicKey), kid: `key-${alg}`, alg, use: 'sig' })
  }
  const small = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 })
  keys.push({ ...small.publicKey.export({ format: 'jwk' }), kid: 'small', alg: 'RS256' })
  const secret = Buffer.from(SECRET)
  const local = jose.createLocalJWKSet({ keys })

  // A signature over any bytes, made by Node and not by jose.
  function sign(alg, input, options = {}) {
    if (alg.startsWith('HS')) {
      return crypto.createHmac(`sha${alg.slice(2)}`, options.key ?? secret).update(input).digest()
    }
    const key = { key: options.key ?? privates[alg], dsaEncoding: options.encoding ?? 'ieee-p1363' }
    if (alg.startsWith('PS')) {
      key.padding = crypto.constants.RSA_PKCS1_PSS_PADDING
      key.saltLength = options.salt ?? Number(alg.slice(2)) / 8
    }
    return crypto.sign(alg === 'EdDSA' ? null : `sha${alg.slice(2)}`, Buffer.from(input), key)
  }
  function token(alg, header, payload, options = {}) {
    const head = { alg, ...(SHARED.includes(alg) ? {} : { kid: `key-${alg}` }), ...header }
    const input = `${options.head ?? encode(head)}.${options.body ?? encode(payload)}`
    return `${input}.${base64url(sign(alg, input, options))}`
  }

  const rows = []
  const add = (name, text) => rows.push({ name, token: text })
  for (const alg of [...SHARED, ...PUBLIC]) {
    const key = SHARED.includes(alg) ? secret : privates[alg]
    const header = SHARED.includes(alg) ? { alg } : { alg, kid: `key-${alg}` }
    add(`${alg}: minted by jose`, await new jose.SignJWT(claims).setProtectedHeader(header).sign(key))
    const good = token(alg, { typ: 'JWT' }, claims)
    const [head, body, signature] = good.split('.')
    add(`${alg}: signed by node`, good)
    add(`${alg}: another payload`, `${head}.${encode({ ...claims, sub: '8' })}.${signature}`)
    add(`${alg}: signature of nothing`, `${head}.${body}.${base64url(Buffer.alloc(64))}`)
    add(`${alg}: signature cut`, `${head}.${body}.${signature.slice(0, -4)}`)
    add(`${alg}: no signature`, `${head}.${body}.`)
    // castgate does not count the short key, jose does, and then does not know which is meant
    if (alg !== 'RS256') add(`${alg}: no key id`, token(alg, { kid: undefined }, claims))
    add(`${alg}: unknown key id`, token(alg, { kid: 'unknown' }, claims))
    for (const other of [...SHARED, ...PUBLIC]) {
      if (other !== alg) {
        add(`${alg}: says it is ${other}`, token(alg, {}, claims, { head: encode({ ...header, alg: other }) }))
        if (!SHARED.includes(alg) && !SHARED.includes(other)) {
          add(`${alg}: with the key id of ${other}`, token(alg, { kid: `key-${other}` }, claims))
        }
      }
    }
  }
  for (const alg of SHARED) {
    for (const [form, key] of Object.entries({
      PEM: crypto.createPublicKey(privates.RS256).export({ type: 'spki', format: 'pem' }),
      DER: crypto.createPublicKey(privates.RS256).export({ type: 'spki', format: 'der' }),
      JWK: JSON.stringify(keys[0]),
      modulus: Buffer.from(keys[0].n, 'base64url')
    })) {
      add(`${alg}: signed with the public key as ${form}`,
        token(alg, { kid: 'key-RS256' }, claims, { key }))
    }
    add(`${alg}: an empty secret`, token(alg, {}, claims, { key: '' }))
  }
  add('no algorithm', new jose.UnsecuredJWT(claims).encode())
  for (const alg of ['none', 'NONE', '', null, 'es256', 'ES256K', 'RS1']) {
    add(`algorithm ${alg}`, token('ES256', {}, claims, { head: encode({ alg, kid: 'key-ES256' }) }))
  }
  add('ES256: DER', token('ES256', {}, claims, { encoding: 'der' }))
  add('PS256: salt of no bytes', token('PS256', {}, claims, { salt: 0 }))
  add('PS256: salt of 64 bytes', token('PS256', {}, claims, { salt: 64 }))
  add('RS256: 1024 bits', token('RS256', { kid: 'small' }, claims, { key: small.privateKey }))

  const payloads = {
    'audience in a list': { ...claims, aud: ['other', AUDIENCE] },
    'other audience': { ...claims, aud: 'other' },
    'audience of another case': { ...claims, aud: 'Chat' },
    'empty audience': { ...claims, aud: [] },
    'no audience': { ...claims, aud: undefined },
    'audience an object': { ...claims, aud: { chat: 'chat' } },
    'other issuer': { ...claims, iss: `${ISSUER}/` },
    'issuer in a list': { ...claims, iss: [ISSUER] },
    'no issuer': { ...claims, iss: undefined },
    'no subject': { ...claims, sub: undefined },
    'no expiry': { ...claims, exp: undefined },
    'expired': { ...claims, exp: now - 60 },
    'expires in part of a second': { ...claims, exp: now + 600.5 },
    'expiry a text': { ...claims, exp: String(now + 600) },
    'expiry null': { ...claims, exp: null },
    'expiry negative': { ...claims, exp: -1 },
    'not yet valid': { ...claims, nbf: now + 500 },
    'not yet valid within the leeway': { ...claims, nbf: now + 10 },
    'start a text': { ...claims, nbf: '0' },
    'issued a text': { ...claims, iat: '0' },
    'issued now': { ...claims, iat: now },
    'unknown claims': { ...claims, a: [1, { b: null }], 'https://c.example/d': 1.5 },
    // stricter on purpose
    'issued in the future': { ...claims, iat: now + 500 },
    'subject a number': { ...claims, sub: 7 },
    'subject empty': { ...claims, sub: '' },
    'subject null': { ...claims, sub: null }
  }
  for (const [name, payload] of Object.entries(payloads)) add(name, token('ES256', {}, payload))
  for (const [name, text] of Object.entries({
    'payload a list': '[]',
    'payload a text': '"{}"',
    'payload null': 'null',
    'payload not JSON': '{',
    'payload empty': '',
    'payload twice': JSON.stringify(claims).repeat(2),
    'payload with a member twice': `${JSON.stringify(claims).slice(0, -1)},"sub":"8"}`,
    'payload of 8 KiB': JSON.stringify({ ...claims, a: 'x'.repeat(8192) })
  })) add(name, token('ES256', {}, null, { body: base64url(text) }))

  const headers = {
    'typ at+jwt': { typ: 'at+jwt' },
    'unknown header': { 'x-a': [1], x5t: 'a' },
    'crit unknown': { crit: ['x'], x: 1 },
    'crit empty': { crit: [] },
    'crit a text': { crit: 'b64', b64: true },
    'b64 false': { crit: ['b64'], b64: false },
    // stricter on purpose
    'crit b64 true': { crit: ['b64'], b64: true },
    'b64 false, not crit': { b64: false },
    'typ of another use': { typ: 'logout+jwt' },
    'a key in the header': { jwk: keys[6] },
    'an address in the header': { jku: 'https://keys.example/' },
    'a certificate in the header': { x5c: ['AA=='] },
    'nested': { cty: 'JWT' },
    'compressed': { zip: 'DEF' }
  }
  for (const [name, header] of Object.entries(headers)) add(name, token('ES256', header, claims))
  const good = token('ES256', {}, claims)
  const [head, body, signature] = good.split('.')
  add('header with a member twice', token('ES256', {}, claims, {
    head: base64url('{"alg":"none","kid":"key-ES256","alg":"ES256"}')
  }))
  add('header with a byte after it', token('ES256', {}, claims, {
    head: base64url('{"alg":"ES256","kid":"key-ES256"}\0')
  }))
  for (const [name, text] of Object.entries({
    'two parts': `${head}.${body}`,
    'four parts': `${good}.AAAA`,
    'five parts': `${good}.AAAA.AAAA`,
    'empty': '.',
    'a part in front': `AAAA.${good}`,
    'padding': `${good}=`,
    'two spellings of the last digit': `${head}.${body}.${signature.slice(0, -1)}${
      { A: 'B', Q: 'R', g: 'h', w: 'x' }[signature.at(-1)]}`,
    'the other alphabet': good.replaceAll('-', '+').replaceAll('_', '/')
  })) add(name, text)

  // castgate is asked about it first, while it still is; to make the keys took its time
  rows.unshift({
    name: 'expired within the leeway',
    token: token('ES256', {}, { ...claims, exp: Math.floor(Date.now() / 1000) })
  })

  const settings = {
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: [...SHARED, ...PUBLIC],
    requiredClaims: ['exp', 'sub'],
    clockTolerance: LEEWAY
  }
  const find = (header, jwt) => (SHARED.includes(header.alg) ? secret : local(header, jwt))
  for (const row of rows) {
    try {
      await jose.jwtVerify(row.token, find, settings)
      row.accepted = true
    } catch (error) {
      row.accepted = false
      row.reason = error.code ?? error.name
    }
  }
  process.stdout.write(JSON.stringify({ secret: SECRET, keys: { keys }, rows }))
}

main()
