/**
 * A verifier with a fifth of the bonds is hostile, in ten ways, a round each: the devices of honest agents pass all the
 * same, and no honest verifier is struck.
 */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import { LOOPIN, alice, bob, charlie, dave, eve, ferdie } from '../lib/accounts.mjs';
import { makeKey } from '../lib/agent.mjs';
import { FAILS } from '../lib/attest.mjs';
import { onlyEvent, poolNumber, submitOk } from '../lib/client.mjs';
import { Flood, HostileVerifier } from '../lib/hostile-verifier.mjs';
import { Network, progress } from '../lib/network.mjs';
import { Scene } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

const AGENTS = 3;
const HONEST = [bob, charlie, dave];
const UNBOUNDED = (1n << 128n) - 1n;
/** Two rounds on a busy machine. */
const ROUND_SECONDS = 240;
/** What polkadot-js says of a transaction that the chain refuses with the number of an error. */
const refusal = (error) => new RegExp(`Custom error: ${error.meta.index.toNumber()}\\b`);

const scene = new Scene('hostile-verifiers');
const network = new Network(scene, 'dev');
const devices = [];
const agents = [];
let api, hostile, nodes;

scene.stage('four honest verifiers are bonded, and a hostile one without a node', async () => {
  nodes = await network.verifierNodes(HONEST);
  api = await scene.connect(nodes[0]);
  const [, genesis] = (await api.query.verification.verifiers.entries())[0];
  const bond = genesis.unwrap().bond.toBigInt();
  for (const verifier of [...HONEST, eve]) {
    const key = verifier.derive('//verifier').publicKey;
    await submitOk(api, api.tx.verification.bond(bond, key), verifier);
  }
  // Otherwise it would be suspended after some rounds, and have no seats any more.
  const lenient = api.tx.parameters.setParameter({ Verification: { StrikeLimit: [null, 1_000_000] } });
  await submitOk(api, api.tx.sudo.sudo(lenient), alice);
  hostile = new HostileVerifier(api, nodes[0], eve, eve.derive('//verifier'));
  progress(`five verifiers have bonded ${bond / LOOPIN} LOOPIN each`);
});

scene.stage('devices of honest agents are verified and staked', async () => {
  const pool = await poolNumber(api, 'cpu');
  for (let index = 0; index < AGENTS; index += 1) {
    const keyFile = scene.path(`agent-${index}.key`);
    const { agentKey, gpuId } = await makeKey(keyFile);
    const device = (await api.query.devices.nextDeviceId()).toNumber();
    const options = ['--device', `${device}`, '--key-file', keyFile, '--threads', '1'];
    const agent = scene.agent(`agent-${index}`, ['--node', nodes[index].wsUrl, ...options]);
    const endpoint = await agent.choosePort();
    await submitOk(api, api.tx.devices.registerDevice(pool, agentKey, endpoint, gpuId), ferdie);
    await agent.start();
    devices.push(device);
    agents.push(agent);
  }
  for (const device of devices) {
    await until(`device ${device} is verified`, 2 * ROUND_SECONDS, () => stands(device, 'Verified'));
    const burn = await submitOk(api, api.tx.stakes.burnForCertificate(pool, 3_600, UNBOUNDED), ferdie);
    const { certificate } = onlyEvent(burn, api.events.stakes.CertificateIssued);
    const stake = await submitOk(api, api.tx.stakes.stake(device, certificate, 600, 'Provide'), ferdie);
    const { position } = onlyEvent(stake, api.events.stakes.Staked);
    await submitOk(api, api.tx.stakes.addLiquidity(position, UNBOUNDED), ferdie);
  }
  progress(`${devices.length} devices are staked`);
});

const stands = async (device, standing) =>
  (await api.query.devices.devices(device)).unwrap().standing.type === standing;

/** A round in which the hostile verifier has something to do, from its beginning on. */
async function nextRound(last) {
  let duties;
  await until('a round begins in which the hostile verifier has a seat', ROUND_SECONDS, async () => {
    const number = (await api.query.verification.currentRound()).toNumber();
    if (number <= last) return false;
    duties = await hostile.duties(devices);
    return duties.length > 0 && Date.now() / 1000 < duties[0].challenge.window.fillAt.toNumber() - 3;
  });
  return duties;
}

/** What the hostile verifier does in a round, by how it is called. */
const ATTACKS = {
  'is silent': async () => {},
  'has devices prepare, and sends no nonce': async (duties) => {
    for (const duty of duties) assert.equal((await duty.prepare()).status, 200);
  },
  'sends its nonce before anybody else': async (duties) => {
    await each(duties, async (duty) => {
      await duty.prepare();
      await duty.until('fillAt', -2);
      await duty.fill();
    });
  },
  'sends two nonces': async (duties) => {
    await each(duties, async (duty) => {
      await duty.prepare();
      await duty.until('fillAt');
      const answers = await Promise.all([duty.fill(), duty.fill()]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
    });
  },
  'sends its nonce to one device alone': async ([duty]) => {
    await duty.prepare();
    await duty.until('fillAt');
    assert.equal((await duty.fill()).status, 200);
  },
  'has devices fill, and sends no nonce to walk': async (duties) => {
    await each(duties, async (duty) => {
      await duty.prepare();
      await duty.until('fillAt');
      assert.equal((await duty.fill()).status, 200);
    });
  },
  'has devices walk another state than theirs': async (duties) => {
    await each(duties, async (duty) => {
      await duty.prepare();
      await duty.until('fillAt');
      const filled = await duty.fill();
      await duty.until('walkAt');
      const other = { body: Buffer.concat([filled.body.subarray(0, 148), randomBytes(32)]) };
      assert.notEqual((await duty.walk(other)).status, 200);
    });
  },
  'says without a look that all devices fail': async (duties) => {
    await each(duties, async (duty) => {
      await duty.until('fillAt', 7);
      await duty.attest(FAILS);
    });
  },
  'copies the votes of others': async (duties) => {
    await each(duties, async (duty) => {
      const round = duty.challenge.round.toNumber();
      const seen = await until('an honest verifier has voted', 60, async () => {
        const votes = await api.query.verification.attestations.entries(round, duty.device);
        return votes.map(([, cast]) => cast.unwrap().vote).find((vote) => vote.isPass);
      });
      const { workGops, walkMs, privacy, claim } = seen.asPass.toJSON();
      const [agentKey, signature] = [(await api.query.devices.devices(duty.device)).unwrap().agentKey, randomBytes(64)];
      const copied = { Pass: { workGops, walkMs, privacy, claim, openings: randomBytes(32), agentKey, signature } };
      await assert.rejects(duty.attest(copied), refusal(api.errors.verification.WrongAgentSignature));
    });
  },
  'floods an agent': async (duties) => {
    const [duty] = duties;
    const flood = new Flood(duty.endpoint, duty.device);
    await duty.until('closesAt');
    assert.ok(flood.open > 0, 'the flood went on to the end');
    flood.end();
  },
};

const each = (duties, act) => Promise.all(duties.map(act));

let last = 0;
for (const [what, act] of Object.entries(ATTACKS)) {
  scene.stage(`the hostile verifier ${what}: all devices pass`, async () => {
    const duties = await nextRound(last);
    last = duties[0].challenge.round.toNumber();
    await act(duties);
    for (const device of devices) {
      const verdict = await until(`round ${last} is concluded for device ${device}`, ROUND_SECONDS, async () => {
        const record = await api.query.verification.lastVerdicts(device);
        return record.isSome && record.unwrap().round.toNumber() >= last && record.unwrap().verdict;
      });
      const seats = (await api.call.verificationApi.ballots(last, device)).unwrap();
      const own = seats.find(({ member }) => member.eq(eve.address))?.seats.toNumber() ?? 0;
      // With three of five seats it is the majority, as a fifth of the bonds is in one committee of seventeen, and then its
      // silence leaves the device without a verdict.
      if (own <= 2) assert.ok(verdict.isPassed, `device ${device}: ${verdict.toString()}`);
      assert.ok(await stands(device, 'Verified'), `device ${device}`);
    }
    progress(`round ${last}: it ${what}, with ${duties.length} devices`);
  });
}

scene.stage('no honest verifier has lost anything, and the hostile one is struck', async () => {
  for (const [key, record] of await api.query.verification.verifiers.entries()) {
    const { strikes, missed, contradicted } = record.unwrap();
    const counted = [strikes, missed, contradicted].map(Number);
    if (key.args[0].eq(eve.address)) assert.ok(counted.every((count) => count > 0), counted.join());
    else assert.deepEqual(counted, [0, 0, 0], key.args[0].toString());
  }
});
