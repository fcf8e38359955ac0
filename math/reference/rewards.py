#!/usr/bin/env python3
"""An independent model of the arithmetic of rewards, and vectors of it.

It is written from the protocol's formulas and shares nothing with the Rust code: fractions are exact, exponentials
and logarithms have sixty digits, emission is added up epoch by epoch, and the diagram of regions is that of the
paper, in its normalised quantities.

    python3 math/reference/rewards.py --write    writes rewards.json again, the same every time
    python3 math/reference/rewards.py --check    fails if that would change it

`math/tests/rewards_reference.rs` says how closely the crate has to agree. Python 3.9 or later, its standard library
only.
"""

import argparse
import json
import random
import sys
from decimal import Decimal, getcontext
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

getcontext().prec = 60

LOOPIN = 10**12
SUPPLY = 73_000_000 * LOOPIN
ONE = 10**18
PERMILL = 10**6
HERE = Path(__file__).with_suffix(".json")


def decimal(fraction):
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


def magnitude(dice, bits):
    """Each order of magnitude as often as any other."""
    return floor(2 ** dice.uniform(0, bits))


# Emission.


def emission(dice):
    """Schedules, and what they emit in some epochs, reckoned by going through all epochs."""
    schedules = [(100_000 * LOOPIN, 365, SUPPLY, 0), (100_000 * LOOPIN, 365, SUPPLY, 7_300_000 * LOOPIN + 1)]
    schedules += [
        (magnitude(dice, 60), dice.randrange(0, 400), magnitude(dice, 75), magnitude(dice, 66)) for _ in range(40)
    ]
    for initial, halving, cap, endowed in schedules:
        asked = {0, 1, 364, 365, 366, 730, 7_300, 36_500} | {dice.randrange(36_500) for _ in range(6)}
        epochs = []
        before = 0
        for epoch in range(36_501):
            uncapped = initial // 2 ** (epoch // halving) if halving else initial
            emitted = min(uncapped, max(0, cap - endowed - before))
            if epoch in asked:
                epochs.append([epoch, str(emitted), str(before)])
            before += emitted
        yield dict(initial=str(initial), halving_epochs=halving, cap=str(cap), endowed=str(endowed), epochs=epochs)


def split(dice):
    for number in range(40):
        cuts = sorted(dice.randrange(PERMILL + 1) for _ in range(4))
        shares = [high - low for low, high in zip([0] + cuts, cuts + [PERMILL])]
        if number == 0:
            shares = [600_000, 50_000, 50_000, 200_000, 100_000]
        amount = magnitude(dice, 80)
        parts = [floor(Fraction(amount * share, PERMILL)) for share in shares]
        yield dict(shares=shares, amount=str(amount), parts=[str(part) for part in parts])


# Exponentials, in units of 10^-18 with nine digits more.


def exponential(dice):
    points = [0, 1, ONE, 20 * ONE, 2_303 * ONE // 1_000, 7_324 * ONE // 1_000, 41 * ONE, 42 * ONE, 1_000 * ONE]
    ln2 = Decimal(2).ln()
    for halvings in range(1, 30):
        # Where the range reduction begins anew.
        points += [int(halvings * ln2 * ONE) + offset for offset in (-1, 0, 1)]
    points += [dice.randrange(20 * ONE) for _ in range(400)] + [magnitude(dice, 64) for _ in range(100)]
    for x in points:
        yield [str(x), str(int((-Decimal(x) / ONE).exp() * ONE * 10**9))]


def multiplier(dice):
    """Exact factors; the crate rounds each of them down."""
    for number in range(200):
        k = [Fraction(2303, 1000), Fraction(7324, 1000), Fraction(2303, 1000), Fraction(7324, 1000)]
        full_age, band = 30 * 86_400, 50_000
        if number % 4 == 3:
            k = [Fraction(dice.randrange(20 * 1000), 1000) for _ in range(4)]
            full_age, band = dice.randrange(10**7), dice.randrange(PERMILL + 1)
        benchmark = dice.choice([0, 1, 1000, magnitude(dice, 40)])
        minted = dice.choice([0, magnitude(dice, 66)])
        record = dict(
            age_seconds=dice.choice([0, full_age, dice.randrange(2 * full_age + 1)]),
            kept=dice.choice([0, minted, magnitude(dice, 66), dice.randrange(minted + 1)]),
            minted=minted,
            privacy=dice.randrange(101),
            privacy_limit=dice.choice([0, 25, 50, 100]),
            work_gops=dice.choice([0, benchmark, benchmark * 95 // 100, dice.randrange(2 * benchmark + 1)]),
            benchmark_gops=benchmark,
        )
        pairs = [
            (record["age_seconds"], full_age),
            (record["kept"], record["minted"]),
            (record["privacy"], record["privacy_limit"]),
            (record["work_gops"], benchmark),
        ]
        factors = []
        for index, (value, reference) in enumerate(pairs):
            exponent = k[index] * min(Fraction(0), Fraction(value - reference, reference)) if reference else Fraction(0)
            in_band = index == 3 and reference - value <= floor(Fraction(benchmark * band, PERMILL))
            factors.append(Decimal(1) if in_band else decimal(exponent).exp())
        product = factors[0] * factors[1] * factors[2] * factors[3]
        standard = magnitude(dice, 66)
        yield dict(
            k=[str(int(each * ONE)) for each in k],
            full_age_seconds=full_age,
            work_dead_band=band,
            record={key: str(value) for key, value in record.items()},
            factors=[str(int(factor * ONE)) for factor in factors],
            standard=str(standard),
            paid=str(int(product * standard)),
        )


# Stability, as in the paper: everything is divided by c first.


def curve(x):
    """(x - 1)/ln x, which is 1 at 1."""
    return Decimal(1) if x == 1 else (x - 1) / x.ln()


def stability(dice):
    getcontext().prec = 100
    while True:
        b, q = magnitude(dice, 60), dice.choice([0, magnitude(dice, 60)])
        p = dice.randrange(PERMILL + 1)
        loss = ceil(Fraction(p * q, PERMILL))
        c = b + loss
        a = dice.choice([magnitude(dice, 62), c, c + 1, c - 1, b, b + dice.randrange(c - b + 1), c + magnitude(dice, 50)])
        a = dice.choice([a, c * dice.randrange(1_000, 3_000) // 1_000])
        d = dice.choice([magnitude(dice, 62), c * dice.randrange(500, 5_000) // 1_000, a])
        if Fraction(max(a, d), c) > 2**31:
            continue
        x, g, s = (Decimal(each) / Decimal(c) for each in (a, d, b))
        least = int(curve(x) * c) - loss if x > 1 else b
        largest = int(curve(g) * c) - loss if g >= 1 else None
        y = dice.choice([b, b - 1, magnitude(dice, 62), max(0, least + dice.randrange(-3, 4)), dice.randrange(2 * b + 1)])
        reward = Decimal(y) / Decimal(c)
        if x < 1:
            region = "A" if reward >= s else "B" if x < s else "C"
        else:
            enough = reward >= curve(x) - (1 - s) if x > 1 else reward >= s
            region = {(True, True): "F", (True, False): "E", (False, True): "G", (False, False): "D"}[x > g, enough]
        # Where only rounding decides, the crate may.
        is_near = x > 1 and abs(y - least) <= 1
        yield dict(
            a=str(a), b=str(b), p=p, q=str(q), d=str(d), y=str(y), least=str(least),
            largest=None if largest is None else str(largest), region=None if is_near else region,
        )  # fmt: skip


# Parts.


def pool_parts(dice):
    """Pools by reference price and provider-seconds, and in each one position: idle and rented time, both capped."""
    for number in range(60):
        budget = magnitude(dice, 66)
        idle_cap, rented_cap = Fraction(5, 4), Fraction(1, 2)
        if number % 4 == 3:
            idle_cap, rented_cap = (Fraction(dice.randrange(2 * ONE), ONE) for _ in range(2))
        pools = []
        for _ in range(dice.randrange(1, 65)):
            seconds = dice.choice([0, magnitude(dice, 40)])
            pools.append((dice.choice([0, magnitude(dice, 60)]), seconds))
        total = sum(reference * seconds for reference, seconds in pools)
        rows = []
        for reference, seconds in pools:
            part = floor(Fraction(budget * reference * seconds, total)) if total else 0
            mine = dice.randrange(min(seconds, 2**40) + 1)
            rented = dice.choice([0, mine, dice.randrange(mine + 1)])
            paid = floor(Fraction(reference * rented, 3_600) * Fraction(dice.uniform(0, 2)))
            # Rates have 64 bits after the point.
            rate = floor(Fraction(part * 2**64, seconds)) if seconds else 0

            def at(cap, time):
                return floor(Fraction(min(rate, floor(cap * reference * 2**64 / 3_600)) * time, 2**64))

            reward = at(idle_cap, mine - rented) + min(at(rented_cap, rented), floor(rented_cap * paid))
            row = dict(
                reference=reference, seconds=seconds, part=part, idle=mine - rented, rented=rented, paid=paid,
                reward=reward,
            )  # fmt: skip
            rows.append({key: str(value) for key, value in row.items()})
        caps = dict(idle_cap=str(int(idle_cap * ONE)), rented_cap=str(int(rented_cap * ONE)))
        yield dict(budget=str(budget), **caps, pools=rows)


def rounds(dice):
    """What part of a reward rounds prove, in exact fractions."""
    for _ in range(200):
        passes = [(dice.randrange(1, 46), dice.randrange(46)) for _ in range(dice.choice([0, 1, dice.randrange(30)]))]
        fails = dice.choice([0, 0, dice.randrange(10)])
        of = dice.choice([0, len(passes) + fails, dice.randrange(60)])
        divisor = max(Fraction(len(passes) + fails), Fraction(of, 2))
        passed = sum(Fraction(passed, passed + failed) for passed, failed in passes)
        proven = passed / divisor if divisor else Fraction(0)
        yield dict(passes=passes, fails=fails, of=of, proven=str(floor(proven * ONE)))


def capped_parts(dice):
    for _ in range(100):
        total = dice.choice([0, magnitude(dice, 66)])
        share = dice.randrange(total + 1)
        budget, most = magnitude(dice, 66), magnitude(dice, 66)
        part = min(most, floor(Fraction(budget * share, total))) if total else 0
        yield [str(each) for each in (budget, share, total, most, part)]


def take(generator, count):
    return [next(generator) for _ in range(count)]


def vectors():
    dice = random.Random(2026)
    tables = dict(
        emission=list(emission(dice)),
        split=list(split(dice)),
        exponential=list(exponential(dice)),
        multiplier=list(multiplier(dice)),
        stability=take(stability(dice), 600),
        pool_parts=list(pool_parts(dice)),
        rounds=list(rounds(dice)),
        capped_parts=list(capped_parts(dice)),
    )
    lines = []
    for name, rows in tables.items():
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
        lines.append(f'"{name}":[\n{rows}\n]')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write the vectors")
    action.add_argument("--check", action="store_true", help="fail if the vectors are others than the model's")
    if parser.parse_args().write:
        HERE.write_text(vectors())
    elif HERE.read_text() != vectors():
        sys.exit(f"{HERE} is not what the model says: write it again with --write")


if __name__ == "__main__":
    main()
