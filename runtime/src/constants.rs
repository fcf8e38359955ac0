//! Money, time, and what it costs to store something.

/// Amounts of LOOPIN, in planck (the smallest unit; 1 LOOPIN is 10^12 planck).
pub mod currency {
    use crate::Balance;
    pub use loopin_primitives::LOOPIN;

    /// Decimal places of LOOPIN that wallets show.
    pub const DECIMALS: u8 = 12;
    /// The symbol of the native token.
    pub const SYMBOL: &str = "LOOPIN";
    /// A thousandth of a LOOPIN.
    pub const MILLI: Balance = LOOPIN / 1_000;
    /// A millionth of a LOOPIN.
    pub const MICRO: Balance = LOOPIN / 1_000_000;

    /// The least an account may hold: 0.001 LOOPIN. An account that falls below it is removed.
    pub const EXISTENTIAL_DEPOSIT: Balance = MILLI;

    /// The deposit for keeping `items` storage entries with `bytes` of content in all. It is on hold or
    /// reserved in the account of whoever stores them and is returned when they are removed.
    pub const fn deposit(items: u32, bytes: u32) -> Balance {
        items as Balance * 100 * MILLI + bytes as Balance * MILLI
    }
}

/// Durations. Blocks come every six seconds; what people agree on is counted in Unix seconds instead: see the market's
/// pallets.
pub mod time {
    use crate::BlockNumber;

    /// Length of a BABE slot and target time between blocks, in milliseconds.
    pub const SLOT_MILLISECONDS: u64 = 6_000;
    /// Blocks in a minute.
    pub const MINUTES: BlockNumber = 60_000 / SLOT_MILLISECONDS as BlockNumber;
    /// Blocks in an hour.
    pub const HOURS: BlockNumber = 60 * MINUTES;
    /// Blocks in a day.
    pub const DAYS: BlockNumber = 24 * HOURS;

    /// In how many slots out of how many a validator is expected to win the VRF lottery (primary slots).
    /// The others fall to a secondary validator, so that every slot has an author.
    pub const PRIMARY_PROBABILITY: (u64, u64) = (1, 4);
}

/// What a transaction costs.
pub mod fee {
    use crate::Balance;

    /// Planck per picosecond of reference time. A transfer takes some 0.2 ms, which makes 0.001 LOOPIN.
    pub const PLANCK_PER_PICOSECOND: Balance = 5;
    /// Planck per byte of the encoded transaction.
    pub const PLANCK_PER_BYTE: Balance = super::currency::MICRO;
}
