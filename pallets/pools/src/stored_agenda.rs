//! The agenda of a pool, in storage.

use crate::{Agendas, Config, Endings, LOG_TARGET};
use core::marker::PhantomData;
use loopin_math::{Agenda, Ending, Page};
use loopin_primitives::PoolId;

/// The agenda of the pool with that number.
pub(crate) struct StoredAgenda<T> {
    pool: PoolId,
    runtime: PhantomData<T>,
}

impl<T> StoredAgenda<T> {
    pub(crate) fn of(pool: PoolId) -> Self {
        Self {
            pool,
            runtime: PhantomData,
        }
    }
}

/// Hours since 1970 as they are stored: enough for half a million years.
pub(crate) fn key(hour: u64) -> u32 {
    u32::try_from(hour).unwrap_or(u32::MAX)
}

impl<T: Config> Agenda for StoredAgenda<T> {
    fn page(&self, hour: u64) -> Page {
        Agendas::<T>::get(self.pool, key(hour))
    }

    fn set_page(&mut self, hour: u64, page: Page) {
        if page.is_empty() {
            Agendas::<T>::remove(self.pool, key(hour));
        } else {
            Agendas::<T>::insert(self.pool, key(hour), page);
        }
    }

    fn record_endings(&mut self, hour: u64, endings: &[Ending]) {
        Endings::<T>::mutate(self.pool, key(hour), |kept| {
            for ending in endings {
                // There are sixty minutes, and each comes once.
                if kept.try_push(*ending).is_err() {
                    log::error!(target: LOG_TARGET, "a minute of pool {} came twice", self.pool);
                }
            }
        });
    }
}
