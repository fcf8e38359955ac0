/** What the market refuses: every typed error that a user can meet, with nothing changed but for the fee. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { ACCESS_KEY, EXISTENTIAL_DEPOSIT, LOOPIN, alice, bob, charlie, dave, eve, ferdie, newAccount } from '../lib/accounts.mjs';
import { submit } from '../lib/client.mjs';
import { UNBOUNDED } from '../lib/market-calls.mjs';
import { CPU_POOL, MarketStory, SMALL_POOL } from '../lib/market-story.mjs';
import { Scene } from '../lib/scene.mjs';

const U32_MAX = 4_294_967_295;
const U64_MAX = (1n << 64n) - 1n;

const scene = new Scene('market-refusals');
let story;
let call;
let tx;
let pool;
let terms;

before(async () => {
  story = await MarketStory.begin(scene, [bob, charlie, dave, eve, ferdie]);
  ({ call } = story);
  ({ tx } = story.api);
  terms = (await story.api.query.pools.poolInfos(CPU_POOL.id)).unwrap().terms.toJSON();
});

scene.stage('pools', async () => {
  const small = { ...SMALL_POOL, symbol: 'small' };
  const wrongPool = (changes) => call.createPool({ ...small, ...changes }, terms);
  const wrongTerms = (changes) => call.createPool(small, { ...terms, ...changes });
  const wrongChallenge = (changes) => wrongTerms({ challenge: { ...terms.challenge, ...changes } });
  await story.refusedAll(bob, [
    [wrongPool({ anchor: 0n }), 'pools.AnchorTooSmall'],
    [wrongPool({ anchor: 10_000n * LOOPIN - 1n }), 'pools.AnchorTooSmall'],
    [wrongPool({ anchor: UNBOUNDED }), 'pools.PriceOutOfRange'],
    [wrongPool({ anchor: UNBOUNDED, pricePerGpuHour: UNBOUNDED }), 'pools.Overflow'],
    [wrongPool({ anchor: 2_000_000n * LOOPIN }), 'Token.FundsUnavailable'],
    [wrongPool({ pricePerGpuHour: 0n }), 'pools.PriceOutOfRange'],
    [wrongPool({ pricePerGpuHour: UNBOUNDED }), 'pools.PriceOutOfRange'],
    [wrongPool({ pricePerGpuHour: SMALL_POOL.anchor * 3_600n + 1n }), 'pools.PriceOutOfRange'],
    [wrongPool({ name: '' }), 'pools.InvalidName'],
    [wrongPool({ symbol: '' }), 'pools.InvalidName'],
    [wrongPool({ name: ' GPU' }), 'pools.InvalidName'],
    [wrongPool({ symbol: 'a\nb' }), 'pools.InvalidName'],
    [wrongPool({ symbol: 'ä' }), 'pools.InvalidName'],
    [wrongPool({ symbol: CPU_POOL.symbol }), 'pools.SymbolTaken'],
    [wrongPool({ symbol: CPU_POOL.symbol.toUpperCase() }), 'pools.SymbolTaken'],
    [wrongTerms({ provideSeconds: 0 }), 'pools.InvalidProvideSeconds'],
    [wrongTerms({ provideSeconds: 90 }), 'pools.InvalidProvideSeconds'],
    [wrongTerms({ provideSeconds: 7 * 86_400 + 60 }), 'pools.InvalidProvideSeconds'],
    [wrongTerms({ provideSeconds: U64_MAX }), 'pools.InvalidProvideSeconds'],
    [wrongTerms({ sellUnitSeconds: 0 }), 'pools.InvalidSellSeconds'],
    [wrongTerms({ sellUnitSeconds: 420 }), 'pools.InvalidSellSeconds'],
    [wrongTerms({ sellMaxSeconds: 0 }), 'pools.InvalidSellSeconds'],
    [wrongTerms({ rentalMinSeconds: 0 }), 'pools.InvalidRentalSeconds'],
    [wrongTerms({ rentalMinSeconds: 601 }), 'pools.InvalidRentalSeconds'],
    [wrongTerms({ rentalMaxSeconds: U64_MAX }), 'pools.InvalidRentalSeconds'],
    [wrongChallenge({ n: 100 }), 'pools.InvalidChallenge'],
    [wrongChallenge({ matrices: 0 }), 'pools.InvalidChallenge'],
    [wrongChallenge({ lanes: U32_MAX }), 'pools.InvalidChallenge'],
    [wrongTerms({ benchmarkGops: 0 }), 'pools.InvalidBenchmark'],
    [wrongTerms({ privacyLimit: 101 }), 'pools.InvalidPrivacyLimit'],
    [call.sync(99), 'pools.UnknownPool'],
    [call.sync(U32_MAX), 'pools.UnknownPool'],
    [call.deepen(99, LOOPIN), 'pools.UnknownPool'],
    [call.deepen(CPU_POOL.id, 0n), 'pools.ZeroAmount'],
    [call.deepen(CPU_POOL.id, 1n), 'pools.ZeroAmount'],
    [call.deepen(CPU_POOL.id, UNBOUNDED), 'pools.Overflow'],
    [call.deepen(CPU_POOL.id, 2_000_000n * LOOPIN), 'Token.FundsUnavailable'],
  ]);
  const next = Math.max(...story.market.pools.keys()) + 1;
  const atOnce = tx.utility.batchAll([call.createPool(small, terms).tx, call.deepen(next, LOOPIN).tx]);
  await story.refused(bob, { tx: atOnce }, 'pools.PoolTooYoung');
  pool = await story.createSmallPool(bob);
});

scene.stage('devices', async () => {
  await story.does(charlie, call.registerDevice(pool, 'taken'));
  const register = (endpoint) => call.registerDevice(pool, 'new', endpoint);
  await story.refusedAll(charlie, [
    [call.registerDevice(99, 'new'), 'pools.UnknownPool'],
    [call.registerDevice(pool, 'taken'), 'devices.GpuAlreadyRegistered'],
    [call.registerDevice(pool, 'new', undefined, `0x${'00'.repeat(32)}`), 'devices.AgentKeyZero'],
    [register(''), 'devices.InvalidEndpoint'],
    [register('ftp://gpu.example.org'), 'devices.InvalidEndpoint'],
    [register('http://user@gpu.example.org'), 'devices.InvalidEndpoint'],
    [register('http://gpu.example.org:0'), 'devices.InvalidEndpoint'],
    [register('http://gpu.example.org/?a=b'), 'devices.InvalidEndpoint'],
    [register('http://gpu example'), 'devices.InvalidEndpoint'],
    [call.removeDevice(99), 'devices.UnknownDevice'],
    [call.removeDevice(U32_MAX), 'devices.UnknownDevice'],
  ]);
  await story.refused(dave, call.removeDevice(0), 'devices.NotDeviceOwner');
  await story.refused(alice, call.recordVerdict(99, 'Passed'), 'devices.UnknownDevice');
});

scene.stage('certificates', async () => {
  await story.refusedAll(charlie, [
    [call.burnForCertificate(99, 600n), 'pools.UnknownPool'],
    [call.burnForCertificate(pool, 0n), 'stakes.NoGpuSeconds'],
    [call.burnForCertificate(pool, 600n, 0n), 'stakes.BurnAboveMaximum'],
    [call.burnForCertificate(pool, UNBOUNDED), 'Arithmetic.Overflow'],
    [call.burnForCertificate(pool, 1n << 80n), 'Token.FundsUnavailable'],
    [call.removeCertificate(0), 'stakes.UnknownCertificate'],
    [call.removeCertificate(U32_MAX), 'stakes.UnknownCertificate'],
  ]);
});

scene.stage('stakes', async () => {
  await story.does(charlie, call.burnForCertificate(pool, 599n), call.burnForCertificate(CPU_POOL.id, 600n));
  await story.does(charlie, call.burnForCertificate(pool, 600n));
  await story.does(dave, call.burnForCertificate(pool, 600n));
  const [small, foreign, good, daves] = [0, 1, 2, 3];
  await story.refused(charlie, call.stake(0, good, 600n, 'Provide'), 'stakes.NotVerified');
  await story.verdict(0, 'Passed');
  await story.refusedAll(charlie, [
    [call.stake(99, good, 600n, 'Provide'), 'devices.UnknownDevice'],
    [call.stake(0, 99, 600n, 'Provide'), 'stakes.UnknownCertificate'],
    [call.stake(0, daves, 600n, 'Provide'), 'stakes.NotCertificateOwner'],
    [call.stake(0, foreign, 600n, 'Provide'), 'stakes.WrongCertificatePool'],
    [call.stake(0, small, 600n, 'Provide'), 'stakes.CertificateTooSmall'],
    [call.stake(0, small, 600n, 'Sell'), 'stakes.CertificateTooSmall'],
    [call.stake(0, good, 0n, 'Provide'), 'stakes.WrongDuration'],
    [call.stake(0, good, 599n, 'Provide'), 'stakes.WrongDuration'],
    [call.stake(0, good, 660n, 'Provide'), 'stakes.WrongDuration'],
    [call.stake(0, good, U64_MAX, 'Provide'), 'stakes.WrongDuration'],
    [call.stake(0, good, 0n, 'Sell'), 'stakes.WrongDuration'],
    [call.stake(0, good, 61n, 'Sell'), 'stakes.WrongDuration'],
    [call.stake(0, good, 660n, 'Sell'), 'stakes.WrongDuration'],
    [call.stake(0, good, U64_MAX, 'Sell'), 'stakes.WrongDuration'],
  ]);
  await story.refused(dave, call.stake(0, daves, 600n, 'Provide'), 'devices.NotDeviceOwner');
  await story.refused(dave, call.removeCertificate(good), 'stakes.NotCertificateOwner');
  await story.does(charlie, call.stake(0, good, 600n, 'Provide'));
  await story.refusedAll(charlie, [
    [call.stake(0, small, 540n, 'Sell'), 'stakes.AlreadyStaked'],
    [call.stake(0, good, 600n, 'Provide'), 'stakes.AlreadyStaked'],
    [call.removeCertificate(good), 'stakes.UnknownCertificate'],
    [call.claim(0), 'stakes.NoLiquidity'],
    [call.drain(0), 'stakes.NoLiquidity'],
    [call.withdrawLiquidity(0), 'stakes.NoLiquidity'],
    [call.close(0), 'stakes.StakeNotOver'],
    [call.sellHours(0, 60n), 'stakes.WrongIntent'],
  ]);
});

scene.stage('a pool without real hours', async () => {
  await story.refusedAll(eve, [
    [call.rent(pool, [0], 60n, ACCESS_KEY), 'stakes.NotInPool'],
    [call.rent(CPU_POOL.id, [0], 60n, ACCESS_KEY), 'stakes.WrongPool'],
    [call.rent(99, [0], 60n, ACCESS_KEY), 'pools.UnknownPool'],
  ]);
});

scene.stage('positions', async () => {
  await story.refused(dave, call.addLiquidity(0), 'stakes.NotPositionOwner');
  await story.does(charlie, call.addLiquidity(0));
  await story.refusedAll(dave, [
    [call.addLiquidity(99), 'stakes.UnknownPosition'],
    [call.sellHours(0, 60n), 'stakes.NotPositionOwner'],
    [call.sellHours(99, 60n), 'stakes.UnknownPosition'],
    [call.withdrawLiquidity(0), 'stakes.NotPositionOwner'],
    [call.withdrawLiquidity(99), 'stakes.UnknownPosition'],
    [call.drain(0), 'stakes.NotPositionOwner'],
    [call.undrain(0), 'stakes.NotPositionOwner'],
    [call.drain(99), 'stakes.NotInPool'],
    [call.claim(99), 'stakes.UnknownPosition'],
    [call.close(99), 'stakes.UnknownPosition'],
    [call.close(U32_MAX), 'stakes.UnknownPosition'],
  ]);
  await story.refusedAll(charlie, [
    [call.addLiquidity(0), 'stakes.LiquidityAlreadyAdded'],
    [call.undrain(0), 'stakes.NotDraining'],
    [call.withdrawLiquidity(0, UNBOUNDED), 'stakes.ReturnedBelowMinimum'],
    [call.close(0), 'stakes.StakeNotOver'],
  ]);
});

scene.stage('sales', async () => {
  const device = await story.device(dave, pool);
  const position = story.market.positions.length;
  await story.does(dave, ...story.staking(device, 120n, 'Sell'));
  await story.refusedAll(dave, [
    [call.sellHours(position, 0n), 'stakes.NoGpuSeconds'],
    [call.sellHours(position, 60n, UNBOUNDED), 'pools.ProceedsBelowMinimum'],
    [call.addLiquidity(position), 'stakes.WrongIntent'],
    [call.withdrawLiquidity(position), 'stakes.NoLiquidity'],
  ]);
  await story.verdict(device, 'Failed');
  await story.refused(dave, call.sellHours(position, 60n), 'stakes.NotVerified');
  await story.verdict(device, 'Passed');
  await story.does(dave, call.sellHours(position, U64_MAX));
  await story.refused(dave, call.sellHours(position, 60n), 'stakes.AllTimeSold');
});

scene.stage('rentals', async () => {
  await story.provider(charlie, pool);
  const rent = (devices, seconds = 60n, key = ACCESS_KEY, maxCost = UNBOUNDED) => call.rent(pool, devices, seconds, key, maxCost);
  await story.refusedAll(eve, [
    [rent([]), 'rentals.NoDevices'],
    [rent([0, 0]), 'rentals.DuplicateDevice'],
    [rent([0, 2, 0]), 'rentals.DuplicateDevice'],
    [rent([99]), 'stakes.NotInPool'],
    [rent([U32_MAX]), 'stakes.NotInPool'],
    [call.rent(CPU_POOL.id, [0], 60n, ACCESS_KEY), 'stakes.WrongPool'],
    [rent([0], 0n), 'rentals.TooShort'],
    [rent([0], 59n), 'rentals.TooShort'],
    [rent([0], 660n), 'rentals.TooLong'],
    [rent([0], U64_MAX), 'rentals.TooLong'],
    [rent([0], 600n), 'rentals.StakeEndsSooner'],
    [rent([0], 60n, ACCESS_KEY, 0n), 'pools.CostAboveMaximum'],
    [rent([0], 60n, ''), 'rentals.InvalidAccessKey'],
    [rent([0], 60n, 'ssh-ed25519'), 'rentals.InvalidAccessKey'],
    [rent([0], 60n, 'ssh-ed25519 hello'), 'rentals.InvalidAccessKey'],
    [rent([0], 60n, ACCESS_KEY.replace('8e0f ', ' ')), 'rentals.InvalidAccessKey'],
    [rent([0], 60n, `${ACCESS_KEY}\n${ACCESS_KEY}`), 'rentals.InvalidAccessKey'],
    [rent([0], 60n, `command="sh" ${ACCESS_KEY}`), 'rentals.InvalidAccessKey'],
  ]);
  await story.refused(charlie, call.drain(99), 'stakes.NotInPool');
  await story.does(charlie, call.drain(2));
  await story.refusedAll(eve, [[rent([2]), 'stakes.DeviceDraining'], [rent([0, 2]), 'stakes.DeviceDraining']]);
  await story.does(charlie, call.undrain(2));
  await story.verdict(2, 'Failed');
  await story.refusedAll(eve, [[rent([2]), 'stakes.NotVerified'], [rent([0, 2]), 'stakes.NotVerified']]);
  await story.verdict(2, 'Passed');

  await story.does(eve, rent([0]));
  await story.refusedAll(ferdie, [
    [rent([0]), 'rentals.DeviceRented'],
    [call.extend(0, 60n), 'rentals.NotRentalClient'],
    [call.terminate(0), 'rentals.NotRentalClient'],
    [call.reportFailure(0, 0), 'rentals.NotRentalClient'],
    [call.complete(0), 'rentals.RentalNotOver'],
    [call.extend(99, 60n), 'rentals.UnknownRental'],
    [call.terminate(99), 'rentals.UnknownRental'],
    [call.complete(99), 'rentals.UnknownRental'],
    [call.retireUsedHours(99), 'rentals.UnknownRental'],
    [call.withdrawReport(0), 'rentals.UnknownReport'],
  ]);
  await story.refusedAll(eve, [
    [call.extend(0, 0n), 'rentals.TooShort'],
    [call.extend(0, 600n), 'rentals.TooLong'],
    [call.extend(0, U64_MAX), 'rentals.TooLong'],
    [call.extend(0, 60n, 0n), 'pools.CostAboveMaximum'],
    [call.terminate(0, UNBOUNDED), 'pools.ProceedsBelowMinimum'],
    [call.reportFailure(0, 2), 'rentals.NotInRental'],
  ]);
});

scene.stage('what is longer than a list or text may be is refused before it is in a block', async () => {
  const long = [
    call.rent(pool, Array.from({ length: 65 }, (_, index) => index), 60n, ACCESS_KEY),
    call.rent(pool, [0], 60n, 'a'.repeat(1_025)),
    call.registerDevice(pool, 'new', `http://${'a'.repeat(256)}`),
  ];
  for (const { tx: transaction } of long) await assert.rejects(submit(story.api, transaction, eve), /1002|decode/i);
});

/** Bob gives somebody new so much. */
async function endow(name, value) {
  const account = newAccount(name);
  story.meet(account, 0n);
  await story.does(bob, {
    tx: tx.balances.transferKeepAlive(account.address, value),
    apply: (market, signer) => market.move(signer, account.address, value),
  });
  return account;
}

scene.stage('who cannot pay is refused', async () => {
  const poor = await endow('poor', LOOPIN / 2n);
  await story.refusedAll(poor, [
    [call.registerDevice(pool, 'poor'), 'Token.FundsUnavailable'],
    [call.burnForCertificate(pool, 600n), 'Token.FundsUnavailable'],
    [call.rent(pool, [2], 60n, ACCESS_KEY), 'Token.FundsUnavailable'],
    [call.createPool({ ...SMALL_POOL, symbol: 'poor' }, terms), 'Token.FundsUnavailable'],
  ]);
});

scene.stage('who has claims cannot be reaped, and is paid when it has nothing else', async () => {
  const owner = await endow('emptied', 1_000n * LOOPIN);
  const { position } = await story.provider(owner, pool);
  const rental = story.market.rentals.length;
  await story.does(owner, call.rent(pool, [2], 60n, ACCESS_KEY));
  await story.does(owner, {
    tx: tx.balances.transferAll(bob.address, false),
    apply: (market, signer, { events }) => {
      const { amount } = events.find((event) => story.api.events.balances.Transfer.is(event)).data;
      market.move(signer, bob.address, amount.toBigInt());
    },
  });
  assert.equal(story.market.party(owner.address).free, EXISTENTIAL_DEPOSIT);

  await story.does(ferdie, call.claim(position));
  assert.ok(story.market.party(owner.address).free > EXISTENTIAL_DEPOSIT);
  await story.verdict(2, 'Failed');
  await story.verdict(2, 'Failed');
  assert.equal(story.market.rentals[rental].open, false, 'the refund was paid');
});
