// Uploads by tus-js-client against a server started for them: whole, over a connection that is cut in the middle, aborted
// and taken up by another client, in small chunks, and with bytes that are not those declared. Exit code 0: all came out right.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tus from 'tus-js-client'

const ROOT = new URL('../..', import.meta.url).pathname
const MIB = 1024 * 1024

const folder = mkdtempSync(join(tmpdir(), 'fieldbeat-files-'))
const server = spawn(join(ROOT, '.venv/bin/fieldbeat'), ['up', '--port', '0', '--json', '--data-dir', folder], {
  stdio: ['ignore', 'pipe', 'ignore'],
})
const ended = new Promise((resolve) => server.on('exit', resolve))
try {
  const { url } = JSON.parse(await firstLine(server.stdout))
  await check(url)
} finally {
  server.kill('SIGINT')
  await ended
  rmSync(folder, { recursive: true, force: true })
}

async function check(url) {
  const rep = await signedIn(url)
  const proxy = await flakyProxy(new URL(url))

  await story('whole, in one body of 12 MiB', async () => {
    const sent = await declared(rep, photo(12 * MIB))
    await uploaded(rep, sent, url)
    await kept(rep, sent)
  })
  await story('cut in the middle, three times, and resumed by itself', async () => {
    const sent = await declared(rep, photo(12 * MIB))
    proxy.cutAfter = [3 * MIB, 2 * MIB, 4 * MIB]
    const before = proxy.cuts
    await uploaded(rep, sent, proxy.url, { retryDelays: [1000, 1000, 1000, 1000] })
    assert.equal(proxy.cuts - before, 3)
    assert.ok(proxy.bytes < 16 * MIB, `beginning anew each time takes 21 MiB, this took ${proxy.bytes} bytes`)
    await kept(rep, sent)
  })
  await story('aborted by the app, and taken up by another client', async () => {
    const sent = await declared(rep, photo(8 * MIB))
    const place = await abortedUpload(rep, sent, url, 2 * MIB)
    const resumedAt = await uploaded(rep, sent, url, { uploadUrl: place })
    assert.ok(resumedAt > 0, 'it began anew')
    await kept(rep, sent)
  })
  await story('in chunks of 512 KiB', async () => {
    const sent = await declared(rep, photo(3 * MIB))
    await uploaded(rep, sent, url, { chunkSize: 512 * 1024 })
    await kept(rep, sent)
  })
  await story('other bytes than were declared are refused', async () => {
    const sent = await declared(rep, photo(1 * MIB))
    const spoilt = Buffer.from(sent.content)
    spoilt[spoilt.length - 1] ^= 1
    const error = await uploaded(rep, { ...sent, content: spoilt }, url).catch((each) => each)
    assert.equal(error.originalResponse?.getStatus(), 422)
    assert.equal(JSON.parse(error.originalResponse.getBody()).code, 'HASH_DIFFERS')
  })
  await story('a terminated upload is gone', async () => {
    const sent = await declared(rep, photo(4 * MIB))
    const place = await abortedUpload(rep, sent, url, 1 * MIB)
    await tus.Upload.terminate(place, { headers: rep.headers })
    const asked = await fetch(place, { method: 'HEAD', headers: { ...rep.headers, 'Tus-Resumable': '1.0.0' } })
    assert.equal(asked.status, 404)
  })
  proxy.close()
}

async function story(name, told) {
  const began = Date.now()
  await told()
  console.log(`ok  ${name} (${Date.now() - began} ms)`)
}

function uploaded(rep, sent, url, more = {}) {
  let resumedAt = null
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(sent.content, {
      endpoint: `${url}/files`,
      headers: rep.headers,
      metadata: { attachmentId: sent.id, filename: '../../photo.jpg', filetype: 'image/jpeg' },
      retryDelays: [0, 200, 500, 1000],
      onProgress: (bytes) => (resumedAt ??= bytes),
      onError: reject,
      onSuccess: () => resolve(resumedAt),
      ...more,
    })
    upload.start()
  })
}

function abortedUpload(rep, sent, url, after) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(sent.content, {
      endpoint: `${url}/files`,
      headers: rep.headers,
      metadata: { attachmentId: sent.id },
      chunkSize: 1 * MIB,
      onError: reject,
      onChunkComplete: (_, taken) => {
        if (taken >= after) upload.abort().then(() => resolve(upload.url), reject)
      },
    })
    upload.start()
  })
}

async function signedIn(url) {
  const rep = { url, headers: {} }
  const session = await ask(rep, 'mutation ($i: SignInInput!) { signIn(input: $i) { ... on Session { accessToken } } }', {
    i: { email: 'nancy@demo.fieldbeat', password: 'fieldbeat' },
  })
  rep.headers = { authorization: `Bearer ${session.signIn.accessToken}` }
  const { accounts } = await ask(rep, '{ accounts(first: 1) { edges { node { id } } } }')
  rep.accountId = accounts.edges[0].node.id
  const register = `mutation ($i: RegisterDeviceInput!) { registerDevice(input: $i) { deviceId incarnation epoch ratchet } }`
  const input = { installId: randomUUID(), platform: 'OTHER', appVersion: '1', schemaVersion: 2 }
  rep.device = (await ask(rep, register, { i: input })).registerDevice
  rep.seq = 0
  return rep
}

async function declared(rep, content) {
  const id = randomUUID()
  const sha256 = createHash('sha256').update(content).digest('hex')
  const patch = { recordId: rep.accountId, sha256, bytes: content.length, contentType: 'image/jpeg' }
  const { deviceId, incarnation, epoch, ratchet } = rep.device
  const at = new Date().toISOString()
  const mutation = { seq: ++rep.seq, uuid: randomUUID(), at, collection: 'attachment', recordId: id, op: 'CREATE', patch }
  const push = 'mutation ($i: SyncPushInput!) { syncPush(input: $i) { ratchet results { status } problem { code } } }'
  const head = { deviceId, incarnation, epoch, ratchet, schemaVersion: 2, deviceNow: at, ackedThrough: rep.seq - 1 }
  const { syncPush } = await ask(rep, push, { i: { ...head, mutations: [mutation] } })
  assert.equal(syncPush.results[0]?.status, 'APPLIED')
  rep.device.ratchet = syncPush.ratchet
  return { id, content, sha256 }
}

async function kept(rep, sent) {
  const answer = await fetch(`${rep.url}/files/${sent.id}`, { headers: rep.headers })
  assert.equal(answer.status, 200)
  const came = Buffer.from(await answer.arrayBuffer())
  assert.equal(createHash('sha256').update(came).digest('hex'), sent.sha256)
}

async function ask(rep, query, variables = {}) {
  const headers = { 'content-type': 'application/json', ...rep.headers }
  const answer = await fetch(`${rep.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
  const { data, errors } = await answer.json()
  assert.equal(errors, undefined, JSON.stringify(errors))
  return data
}

// So many bytes that begin as a JPEG does; what follows is not looked at.
function photo(size) {
  const content = Buffer.alloc(size)
  for (let i = 0; i < size; i += 4) content.writeUInt32LE((i * 2654435761 + Math.floor(Math.random() * 256)) >>> 0, i)
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex').copy(content)
  return content
}

// Passes bytes on to the server, and cuts the connections on which so many went up, in turn.
function flakyProxy(target) {
  const proxy = { cutAfter: [], cuts: 0, bytes: 0 }
  const listener = net.createServer((client) => {
    const onward = net.connect(Number(target.port), target.hostname)
    let up = 0
    client.on('data', (chunk) => {
      up += chunk.length
      proxy.bytes += chunk.length
      if (proxy.cutAfter.length && up > proxy.cutAfter[0]) {
        proxy.cutAfter.shift()
        proxy.cuts += 1
        client.destroy()
        onward.end()
        return
      }
      if (!onward.write(chunk)) client.pause()
    })
    onward.on('drain', () => client.resume())
    onward.on('data', (chunk) => client.destroyed || client.write(chunk))
    for (const each of [client, onward]) each.on('error', () => each.destroy())
    client.on('close', () => onward.end())
    onward.on('close', () => client.end())
  })
  return new Promise((resolve) => {
    listener.listen(0, '127.0.0.1', () => {
      proxy.url = `http://127.0.0.1:${listener.address().port}`
      proxy.close = () => listener.close()
      resolve(proxy)
    })
  })
}

async function firstLine(stream) {
  let said = ''
  for await (const chunk of stream) {
    said += chunk
    if (said.includes('\n')) return said.slice(0, said.indexOf('\n'))
  }
  throw new Error('the server did not start')
}
