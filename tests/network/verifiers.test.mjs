/** Five verifiers on nodes of their own, with bonds that differ, and the devices of ten agents: every committee agrees. */

import assert from 'node:assert/strict';

import { LOOPIN, bob, charlie, dave, eve, ferdie } from '../lib/accounts.mjs';
import { makeKey } from '../lib/agent.mjs';
import { onlyEvent, poolNumber, submitOk } from '../lib/client.mjs';
import { Network, progress } from '../lib/network.mjs';
import { Scene } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

const AGENTS = 10;
const BOND = 2_000n * LOOPIN;
/** Rounds begin about every minute. */
const ROUND_SECONDS = 600;
/** Rounds to watch: more of them for a longer run. */
const ROUNDS = Number(process.env.LOOPIN_VERIFICATION_ROUNDS ?? 1);

const scene = new Scene('verifiers');
const network = new Network(scene, 'dev');
const verifiers = [bob, charlie, dave, eve];
let api, agents, nodes;

scene.stage('four nodes, each with a verifier key, join the one of the development chain', async () => {
  nodes = await network.verifierNodes(verifiers);
  api = await scene.connect(nodes[0]);
  for (const verifier of verifiers) {
    const key = verifier.derive('//verifier').publicKey;
    await submitOk(api, api.tx.verification.bond(BOND, key), verifier);
  }
  assert.equal((await api.query.verification.active()).length, 5);
  progress('five verifiers are bonded');
});

scene.stage('ten agents have a device each', async () => {
  agents = [];
  const pool = await poolNumber(api, 'cpu');
  for (let index = 0; index < AGENTS; index += 1) {
    const keyFile = scene.path(`agent-${index}.key`);
    const { agentKey, gpuId } = await makeKey(keyFile);
    const agent = scene.agent(`agent-${index}`, [
      ...['--node', nodes[index % nodes.length].wsUrl, '--device', `${index}`],
      ...['--key-file', keyFile, '--threads', '1'],
    ]);
    const endpoint = await agent.choosePort();
    const receipt = await submitOk(api, api.tx.devices.registerDevice(pool, agentKey, endpoint, gpuId), ferdie);
    assert.equal(onlyEvent(receipt, api.events.devices.DeviceRegistered).device.toNumber(), index);
    await agent.start();
    agents.push(agent);
  }
  progress('ten agents answer');
});

scene.stage('every committee of five sees every device pass', async () => {
  const wanted = [];
  await until('a round of five with all devices begins', ROUND_SECONDS, async () => {
    const number = (await api.query.verification.currentRound()).toNumber();
    const round = await api.query.verification.rounds(number);
    if (round.isNone) return false;
    const { verifiers: bonded, deviceBound } = round.unwrap();
    if (bonded.toNumber() < 5 || deviceBound.toNumber() < AGENTS) return false;
    wanted.push(number);
    return true;
  });
  for (let round = wanted[0]; round < wanted[0] + ROUNDS; round += 1) {
    await until(`round ${round} is concluded for all devices`, ROUND_SECONDS, async () => {
      const verdicts = await api.query.verification.lastVerdicts.entries();
      return verdicts.filter(([, last]) => last.unwrap().round.toNumber() >= round).length === AGENTS;
    });
    for (const [key, last] of await api.query.verification.lastVerdicts.entries()) {
      assert.ok(last.unwrap().verdict.isPassed, `device ${key.args[0]}: ${last.toString()}`);
    }
    let attestations = 0;
    for (let device = 0; device < AGENTS; device += 1) {
      const ballots = (await api.call.verificationApi.ballots(round, device)).unwrap();
      const seats = ballots.reduce((sum, ballot) => sum + ballot.seats.toNumber(), 0);
      assert.equal(seats, 5, `the committee for device ${device}`);
      const claims = ballots.map(({ cast }) => cast.unwrap().vote.asPass.claim.toHex());
      assert.equal(new Set(claims).size, 1, `device ${device} computes once for all`);
      attestations += ballots.length;
    }
    progress(`round ${round}: ${attestations} attestations, all of them passes`);
  }
  for (const [, verifier] of await api.query.verification.verifiers.entries()) {
    const { strikes, missed, contradicted } = verifier.unwrap();
    assert.deepEqual([strikes, missed, contradicted].map(Number), [0, 0, 0]);
  }
});
