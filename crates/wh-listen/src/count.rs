//! How many connections each address has.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts connections by the network that they come from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection that is counted as long as this lives.
#[derive(Debug)]
pub(crate) struct Counted {
    counts: Counts,
    network: IpAddr,
}

impl Counts {
    /// Counts one more, unless there are `max` already.
    pub(crate) fn one_more(&self, address: IpAddr, max: usize) -> Option<Counted> {
        let network = network(address);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(network).or_insert(0);
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(Counted { counts: self.clone(), network })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.network) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.network);
            }
        }
    }
}

/// Somebody with IPv6 has a /64 to choose addresses from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::Counts;

    #[test]
    fn a_network_has_so_many_and_gets_them_back() {
        let counts = Counts::default();
        let address = |text: &str| -> IpAddr { text.parse().expect("an address") };
        let first = counts.one_more(address("2001:db8::1"), 2).expect("the first");
        let second = counts.one_more(address("2001:db8::ffff:2"), 2).expect("the second");
        assert!(counts.one_more(address("2001:db8::3"), 2).is_none(), "the same /64");
        assert!(counts.one_more(address("2001:db8:0:1::3"), 2).is_some(), "another");
        assert!(counts.one_more(address("::ffff:10.0.0.1"), 1).is_some());
        drop(first);
        assert!(counts.one_more(address("2001:db8::3"), 2).is_some());
        drop(second);
        assert!(counts.0.lock().expect("counts").is_empty(), "nothing is kept of who is gone");
    }
}
