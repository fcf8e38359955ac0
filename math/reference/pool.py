#!/usr/bin/env python3
"""An independent model of one dissipative pool, and random histories of it with exact results.

It is written from the protocol's formulas and shares nothing with the Rust code: it keeps every device, position and
rental by itself, has no agenda and no sums, and computes with exact fractions. What is known of each device gives
the hours `A`, the shares `L` and the rates at any moment; time passes from one end of a stake or rental to the next.

Rounding is where the protocol says so, and nowhere else:

* what a trade or a provider pays to the pool is rounded up to whole planck, what the pool pays is rounded down;
* only whole planck leave the reserve: a trade reckons with the exact reserve rounded up;
* a share rate is a whole number, rounded down;
* what is left of what a rental or a position has paid is rounded down where a rental grows or loses a device, and where
  something is given back.

    python3 math/reference/pool.py > math/reference/histories.json

writes the histories again, the same every time. `math/tests/reference.rs` replays them and says how closely the
crate has to agree. Python 3.9 or later, its standard library only.
"""

import json
import random
from fractions import Fraction
from math import ceil, floor

SHARES_PER_ANCHOR_GPU_SECOND = 2**40
MINUTE, HOUR, DAY = 60, 3_600, 86_400
WEEK = 7 * DAY
SUPPLY = 73_000_000 * 10**12
PERMILL = 1_000_000


class Device:
    """A device whose time the pool has until `end`."""

    def __init__(self, end):
        self.end = end
        self.rented_until = None
        self.liquidity = None


class Liquidity:
    """A provider's position: what it paid for how many GPU-seconds, its share rate, and what has streamed to it."""

    def __init__(self, gpu_seconds, contribution, share_rate):
        self.gpu_seconds = gpu_seconds
        self.contribution = contribution
        self.share_rate = share_rate
        self.streamed = Fraction(0)


class Contribution:
    """What was paid into the reserve, and what part of the first reserve was left then."""

    def __init__(self, kept, retention):
        self.kept = kept
        self.retention = retention

    def left(self, retention):
        return floor(self.kept * retention / self.retention)


class Rental:
    """Devices rented together until the same moment, and what was paid for them."""

    def __init__(self, until, devices, contribution):
        self.until = until
        self.devices = devices
        self.contribution = contribution


class Pool:
    """A pool at one moment, and all its devices."""

    def __init__(self, reserve, price_per_gpu_hour, start, fee):
        self.now = start
        self.fee = Fraction(fee, PERMILL)
        self.exact_reserve = Fraction(reserve)
        self.retention = Fraction(1)
        self.anchor = reserve * HOUR // price_per_gpu_hour
        self.anchor_shares = self.anchor * SHARES_PER_ANCHOR_GPU_SECOND
        self.devices = {}
        self.rentals = {}
        self.reserve_integral = Fraction(0)
        self.gpu_seconds_integral = Fraction(0)
        self.provider_seconds = 0

    # What the devices say.

    def gpu_seconds(self):
        """A: the anchor's virtual time, and what each device has idle until its end."""
        return self.anchor + sum(self.idle_time(device) for device in self.devices.values())

    def idle_time(self, device):
        return device.end - max(self.now, device.rented_until or self.now)

    def shares(self):
        """L: the anchor's shares, and what each position will give up until its end."""
        return self.anchor_shares + sum(
            liquidity.share_rate * (end - self.now) for liquidity, end in self.provisions()
        )

    def provisions(self):
        return [(device.liquidity, device.end) for device in self.devices.values() if device.liquidity]

    def idle(self):
        return [number for number, device in self.devices.items() if device.rented_until is None]

    def reserve(self):
        """B in whole planck."""
        return ceil(self.exact_reserve)

    # Time.

    def sync(self, moment):
        """Time passes until `moment`; what ends by then ends when it does. Returns the positions that ended."""
        ended = []
        while self.now < moment:
            ends = [device.end for device in self.devices.values()]
            ends += [device.rented_until for device in self.devices.values() if device.rented_until]
            self.flow(min([moment] + ends))
            for number, device in list(self.devices.items()):
                if device.rented_until == self.now:
                    device.rented_until = None
                if device.end == self.now:
                    del self.devices[number]
                    if device.liquidity:
                        ended.append((number, floor(device.liquidity.streamed)))
            for number, rental in list(self.rentals.items()):
                if rental.until == self.now:
                    del self.rentals[number]
        return ended

    def flow(self, moment):
        """Nothing but time passes: over `dt`, `R·dt` shares are given up, and `B·dL/L` streams to who gives them."""
        seconds = moment - self.now
        reserve, shares, gpu_seconds = self.exact_reserve, self.shares(), self.gpu_seconds()
        streamed = Fraction(0)
        for liquidity, _ in self.provisions():
            part = reserve * liquidity.share_rate * seconds / shares
            liquidity.streamed += part
            streamed += part
            self.provider_seconds += seconds
        self.exact_reserve -= streamed
        self.now = moment
        # Whatever was in the reserve has shrunk alike, whoever paid it.
        self.retention *= Fraction(self.shares(), shares)
        # Both fall on a straight line.
        self.reserve_integral += (reserve + self.exact_reserve) * seconds / 2
        self.gpu_seconds_integral += Fraction(gpu_seconds + self.gpu_seconds()) * seconds / 2

    # What people do. The price of h GPU-seconds is what keeps B·A constant.

    def pays(self, hours):
        """Somebody takes time: the amount and the fee, both rounded up."""
        amount = ceil(Fraction(self.reserve() * hours, self.gpu_seconds() - hours))
        self.exact_reserve += amount
        return amount, ceil(amount * self.fee)

    def brings(self, hours):
        """What the pool pays for time, rounded down."""
        return floor(Fraction(self.reserve() * hours, self.gpu_seconds() + hours))

    def receives(self, hours, most=None):
        """Somebody brings time: the amount, no more than the most, and the fee off it, rounded up."""
        amount = self.brings(hours)
        if most is not None:
            amount = min(amount, most)
        self.exact_reserve -= amount
        return amount, ceil(amount * self.fee)

    def add_liquidity(self, number, end):
        hours = end - self.now
        share_rate = self.shares() // self.gpu_seconds()
        paid = ceil(Fraction(self.reserve() * hours, self.gpu_seconds()))
        self.exact_reserve += paid
        device = self.devices[number] = Device(end)
        device.liquidity = Liquidity(hours, Contribution(paid, self.retention), share_rate)
        return paid, share_rate

    def deepen(self, amount):
        """LOOPIN is locked for ever at the present price, for virtual time and shares, both rounded down. (At the mean price
        where that is higher, but then the integrals, which are not exact in the crate, would decide.)"""
        hours = amount * self.gpu_seconds() // self.reserve()
        shares = hours * self.shares() // self.gpu_seconds()
        self.exact_reserve += amount
        self.anchor += hours
        self.anchor_shares += shares
        return hours, shares

    def sell(self, number, end):
        trade = self.receives(end - self.now)
        self.devices[number] = Device(end)
        return trade

    def extend_sale(self, number, end):
        device = self.devices[number]
        trade = self.receives(end - device.end)
        device.end = end
        return trade

    def rent(self, number, devices, until):
        trade = self.pays(len(devices) * (until - self.now))
        for device in devices:
            self.devices[device].rented_until = until
        self.rentals[number] = Rental(until, devices, Contribution(trade[0], self.retention))
        return trade

    def extend_rental(self, number, until):
        rental = self.rentals[number]
        trade = self.pays(len(rental.devices) * (until - rental.until))
        for device in rental.devices:
            self.devices[device].rented_until = until
        rental.until = until
        rental.contribution = Contribution(rental.contribution.left(self.retention) + trade[0], self.retention)
        return trade

    def give_back(self, number):
        rental = self.rentals.pop(number)
        hours = len(rental.devices) * (rental.until - self.now)
        trade = self.receives(hours, rental.contribution.left(self.retention))
        for device in rental.devices:
            self.devices[device].rented_until = None
        return trade

    def return_unserved(self, number, device):
        """One device of a rental did not serve: its time comes back without a trade, and the client is refunded."""
        until, contribution = self.drop_from_rental(device)
        hours = until - self.now
        refund = min(self.brings(hours), contribution.left(self.retention))
        self.devices[device].rented_until = None
        return hours, self.refund(refund)

    def refund(self, amount):
        """The reserve pays as much as it has and still has a price."""
        paid = min(amount, self.reserve() - 1)
        self.exact_reserve -= paid
        return paid

    def remove_liquidity(self, number):
        """The least of the shares' part, of what is unspent, of what is left of it, and of what leaves B·A/L² to the
        others. Also what has streamed, and what the client of the device is refunded."""
        device = self.devices[number]
        liquidity = device.liquidity
        reserve, hours, shares = self.reserve(), self.gpu_seconds(), self.shares()
        remaining = device.end - self.now
        given_up = liquidity.share_rate * remaining
        part = Fraction(reserve * given_up, shares)
        unspent = Fraction(liquidity.contribution.kept * remaining, liquidity.gpu_seconds)
        left = liquidity.contribution.left(self.retention)
        kept = Fraction(shares - given_up, shares)
        dear = reserve - reserve * kept**2 * hours / (hours - self.idle_time(device))
        returned = max(0, floor(min(part, unspent, left, dear)))
        self.exact_reserve -= returned
        _, refund = self.remove(number)
        return returned, floor(liquidity.streamed), refund

    def remove(self, number):
        """The device leaves, and its part of a rental ends. Returns the idle time that the pool loses, and what the
        client is refunded: what giving the time back brings when the device has left, if that is left of what was paid."""
        idle = self.idle_time(self.devices[number])
        rented = self.drop_from_rental(number)
        del self.devices[number]
        if rented is None:
            return idle, None
        until, contribution = rented
        return idle, self.refund(min(self.brings(until - self.now), contribution.left(self.retention)))

    def drop_from_rental(self, device):
        """Until when the device was rented, if it was, and its part of what was paid for that."""
        for number, rental in list(self.rentals.items()):
            if device in rental.devices:
                kept = rental.contribution.kept // len(rental.devices)
                rental.contribution.kept -= kept
                rental.devices = [other for other in rental.devices if other != device]
                if not rental.devices:
                    del self.rentals[number]
                return rental.until, Contribution(kept, rental.contribution.retention)
        return None


class Author:
    """Makes up what happens, and writes it down."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        reserve = self.dice.choice([1, 1_000, 10**9, 10**15, 10**17, SUPPLY, self.dice.randrange(1, SUPPLY)])
        # The price of a GPU-hour, so that the anchor has a minute to some hundred device-weeks.
        anchor = floor(10 ** self.dice.uniform(1.8, 8))
        price = max(1, reserve * HOUR // anchor)
        start = self.dice.choice([0, 1_800_000_007, self.dice.randrange(4 * 10**9)])
        fee = self.dice.choice([0, 3_000, 1_000_000, self.dice.randrange(PERMILL)])
        self.pool = Pool(reserve, price, start, fee)
        self.steps = []
        self.next_number = 0
        self.history = {
            "reserve": str(reserve),
            "price_per_gpu_hour": str(price),
            "start": start,
            "fee": fee,
            "steps": self.steps,
        }

    def number(self):
        self.next_number += 1
        return self.next_number

    def end(self, start):
        """A whole minute, seldom more than a week later."""
        seconds = self.dice.choice([MINUTE, 2 * HOUR, DAY, WEEK, self.dice.randrange(1, WEEK)])
        return -(-(start + seconds) // MINUTE) * MINUTE

    def write(self, **step):
        pool = self.pool
        step["state"] = [
            str(pool.reserve()),
            str(pool.gpu_seconds()),
            str(pool.shares()),
            len(pool.idle()),
            len(pool.provisions()),
        ]
        self.steps.append(step)

    def trade(self, trade, **step):
        self.write(**step, amount=str(trade[0]), fee=str(trade[1]))

    def step(self):
        pool, dice = self.pool, self.dice
        provided = [number for number, device in pool.devices.items() if device.liquidity]
        sold = [number for number, device in pool.devices.items() if not device.liquidity]
        idle, rentals = pool.idle(), list(pool.rentals)
        what = dice.choices(
            ["pass", "add_liquidity", "sell", "extend_sale", "rent", "extend_rental", "give_back", "return_unserved"]
            + ["remove_liquidity", "remove_sold", "claim", "deepen"],
            [6, 4, 2, 1, 5, 2, 2, 1, 1, 1, 1, 1],
        )[0]
        if what == "pass":
            longest = dice.choice([MINUTE, 3 * HOUR, 2 * DAY, 9 * DAY])
            self.pass_time(dice.randrange(1, longest))
        elif what == "add_liquidity" and pool.shares() >= pool.gpu_seconds():
            number, end = self.number(), self.end(pool.now)
            if pool.reserve() * (end - pool.now) // pool.gpu_seconds() > SUPPLY:
                return
            paid, share_rate = pool.add_liquidity(number, end)
            self.write(do=what, device=number, until=end, amount=str(paid), share_rate=str(share_rate))
        elif what == "sell":
            end = self.end(pool.now)
            if end - pool.now > pool.gpu_seconds():
                return
            number = self.number()
            self.trade(pool.sell(number, end), do=what, device=number, until=end)
        elif what == "extend_sale" and sold:
            number = dice.choice(sold)
            end = self.end(pool.devices[number].end)
            if end - pool.devices[number].end > pool.gpu_seconds():
                return
            self.trade(pool.extend_sale(number, end), do=what, device=number, until=end)
        elif what == "rent" and idle:
            until = min(self.end(pool.now), pool.devices[dice.choice(idle)].end)
            devices = [number for number in idle if pool.devices[number].end >= until][: dice.randint(1, 3)]
            number = self.number()
            trade = pool.rent(number, devices, until)
            self.trade(trade, do=what, rental=number, devices=devices, until=until)
        elif what == "extend_rental" and rentals:
            number = dice.choice(rentals)
            rental = pool.rentals[number]
            until = min([self.end(rental.until)] + [pool.devices[device].end for device in rental.devices])
            if until > rental.until:
                self.trade(pool.extend_rental(number, until), do=what, rental=number, until=until)
        elif what == "give_back" and rentals:
            number = dice.choice(rentals)
            self.trade(pool.give_back(number), do=what, rental=number)
        elif what == "return_unserved" and rentals:
            number = dice.choice(rentals)
            device = dice.choice(pool.rentals[number].devices)
            returned, refund = pool.return_unserved(number, device)
            self.write(do=what, rental=number, device=device, gpu_seconds=str(returned), refund=str(refund))
        elif what == "remove_liquidity" and provided:
            number = dice.choice(provided)
            returned, streamed, refund = pool.remove_liquidity(number)
            refund = refund if refund is None else str(refund)
            self.write(do=what, device=number, amount=str(returned), streamed=str(streamed), refund=refund)
        elif what == "remove_sold" and sold:
            number = dice.choice(sold)
            idle, refund = pool.remove(number)
            refund = refund if refund is None else str(refund)
            self.write(do=what, device=number, gpu_seconds=str(idle), refund=refund)
        elif what == "deepen":
            amount = dice.randrange(1, 2 + pool.reserve() // dice.choice([1, 10, 1_000]))
            is_worth_a_second = amount * pool.gpu_seconds() >= pool.reserve() and pool.shares() >= pool.gpu_seconds()
            mean = pool.reserve_integral / pool.gpu_seconds_integral if pool.gpu_seconds_integral else None
            is_dear = mean is not None and 0 < mean * 1001 / 1000 < Fraction(pool.reserve(), pool.gpu_seconds())
            if is_worth_a_second and is_dear and pool.reserve() + amount <= SUPPLY:
                hours, shares = pool.deepen(amount)
                self.write(do=what, amount=str(amount), gpu_seconds=str(hours), shares=str(shares))
        elif what == "claim" and provided:
            number = dice.choice(provided)
            streamed = floor(pool.devices[number].liquidity.streamed)
            self.write(do=what, device=number, streamed=str(streamed))

    def pass_time(self, seconds):
        pool = self.pool
        ended = [[number, str(streamed)] for number, streamed in pool.sync(pool.now + seconds)]
        integrals = [floor(2 * pool.reserve_integral), floor(2 * pool.gpu_seconds_integral), pool.provider_seconds]
        left = floor(SUPPLY * pool.retention)
        integrals = [str(integral) for integral in integrals]
        self.write(do="pass", until=pool.now, ended=ended, integrals=integrals, left=str(left))

    def write_history(self, steps):
        for _ in range(steps):
            self.step()
        # Until nobody is left, and a little longer.
        ends = [device.end for device in self.pool.devices.values()]
        self.pass_time(max(ends + [self.pool.now]) - self.pool.now + 1)
        return self.history


def main():
    histories = [Author(seed).write_history(40) for seed in range(48)]
    lines = ",\n".join(json.dumps(history, separators=(",", ":")).replace("},{", "},\n{") for history in histories)
    print(f"[\n{lines}\n]")


if __name__ == "__main__":
    main()
