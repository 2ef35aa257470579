// Uploads the pictures of hashsets/ by every RPC of Matching and holds the verdicts to what hashsets/README.md says.
// usage: node match.js PROTO_FOLDER ADDRESS PICTURES_FOLDER
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [protos, address, pictures] = process.argv.slice(2);
const definition = loader.loadSync(
  ['hashmatch/v1/matching.proto', 'hashmatch/v1/lists.proto', 'hashmatch/v1/events.proto'],
  { includeDirs: [protos], keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true });
const { hashmatch: { v1 } } = grpc.loadPackageDefinition(definition);
const credentials = grpc.credentials.createInsecure();
const matching = new v1.Matching(address, credentials);
const lists = new v1.HashLists(address, credentials);

const read = name => fs.readFileSync(path.join(pictures, name));
const call = (client, method, request) => new Promise((resolve, reject) =>
  client[method](request, (error, response) => error ? reject(error) : resolve(response)));

function upload(image, options, chunkBytes) {
  return new Promise((resolve, reject) => {
    const stream = matching.MatchUpload((error, response) => error ? reject(error) : resolve(response));
    stream.write({ options });
    for (let at = 0; at < image.length; at += chunkBytes) {
      stream.write({ chunk: image.subarray(at, at + chunkBytes) });
    }
    stream.end();
  });
}

function matchStream(images) {
  return new Promise((resolve, reject) => {
    const answers = new Map();
    const stream = matching.MatchStream();
    stream.on('data', answer => answers.set(answer.tag, answer));
    stream.on('error', reject);
    stream.on('end', () => resolve(answers));
    images.forEach((image, tag) => stream.write({ tag, image }));
    stream.end();
  });
}

const expected = {
  'exact.png': 'OUTCOME_EXACT',
  'near-bordered.jpg': 'OUTCOME_NEAR',
  'near-listed.jpg': 'OUTCOME_NEAR',
  'near-resized.jpg': 'OUTCOME_NEAR',
  'near-turned-by-exif.jpg': 'OUTCOME_NEAR',
  'no-match.jpg': 'OUTCOME_NO_KNOWN_MATCH',
  'unhashable-flat.png': 'OUTCOME_UNHASHABLE',
};

async function main() {
  const sample = await call(lists, 'GetList', { name: 'sample' });
  assert.ok(sample.active_version > 0);

  const names = Object.keys(expected);
  for (const name of names) {
    const unary = await call(matching, 'Match', { image: read(name) });
    assert.strictEqual(unary.outcome, expected[name], name);
    assert.strictEqual(unary.verdict_id.length, 26);
    assert.deepStrictEqual(unary.list_versions, [{ list: 'sample', version: sample.active_version }]);
    const chunked = await upload(read(name), { dihedral: true, reference: name }, 1000);
    assert.strictEqual(chunked.outcome, expected[name], name);
    assert.strictEqual(chunked.reference, name);
    assert.strictEqual(chunked.hash, unary.hash);
  }

  const rotated = read('rotated.jpg');
  assert.strictEqual((await call(matching, 'Match', { image: rotated })).outcome, 'OUTCOME_NO_KNOWN_MATCH');
  const turned = await call(matching, 'Match', { image: rotated, options: { dihedral: true } });
  assert.strictEqual(turned.outcome, 'OUTCOME_NEAR');
  assert.notStrictEqual(turned.matches[0].orientation, 'ORIENTATION_ORIGINAL');

  const bordered = await call(matching, 'Match', { image: read('near-bordered.jpg') });
  assert.strictEqual(bordered.matches[0].rendition, 'RENDITION_TRIMMED');
  const renditions = (await call(matching, 'Hash', { image: read('near-bordered.jpg') })).renditions;
  assert.deepStrictEqual(renditions.map(r => r.rendition), ['RENDITION_WHOLE', 'RENDITION_TRIMMED']);

  const answers = await matchStream([...names.map(read), Buffer.alloc(0)]);
  names.forEach((name, tag) => assert.strictEqual(answers.get(tag).response.outcome, expected[name], name));
  assert.strictEqual(answers.get(names.length).error.code, grpc.status.INVALID_ARGUMENT);

  const hashed = await call(matching, 'Hash', { image: read('near-listed.jpg') });
  const byHash = await call(matching, 'MatchHashes', { queries: [{ pdq: hashed.hash }, { md5: hashed.md5 }] });
  assert.strictEqual(byHash.results[0].outcome, 'OUTCOME_NEAR');
  assert.strictEqual(byHash.results[1].outcome, 'OUTCOME_NO_KNOWN_MATCH');

  await assert.rejects(call(matching, 'Match', {}), { code: grpc.status.INVALID_ARGUMENT });
  const text = await call(matching, 'Match', { image: Buffer.from('not a picture') });
  assert.strictEqual(text.unhashable_reason, 'UNHASHABLE_REASON_UNSUPPORTED_FORMAT');
  console.log(`${names.length + 1} pictures, every RPC: as expected`);
}

main().then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
