//! An agenda in memory.

use loopin_math::{Agenda, Ending, Page, U256, time::moment_of};
use std::collections::BTreeMap;

/// The agenda of one pool, and what was recorded of positions that ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// By number of the hour.
    pub pages: BTreeMap<u64, Page>,
    /// How many positions ended, and the stream index then, by moment.
    pub endings: BTreeMap<u64, (u32, U256)>,
}

impl Agenda for Calendar {
    fn page(&self, hour: u64) -> Page {
        self.pages.get(&hour).cloned().unwrap_or_default()
    }

    fn set_page(&mut self, hour: u64, page: Page) {
        if page.is_empty() {
            self.pages.remove(&hour);
        } else {
            self.pages.insert(hour, page);
        }
    }

    fn record_endings(&mut self, hour: u64, endings: &[Ending]) {
        for ending in endings {
            let known = self.endings.insert(
                moment_of(hour, ending.minute),
                (ending.positions, ending.stream_index),
            );
            assert_eq!(known, None, "a minute is reported once");
        }
    }
}
