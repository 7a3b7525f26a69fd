//! Going over every name below a place, in the order of the keys.

use crate::index::NameIndex;

impl NameIndex {
    /// Hands `each` the key and the size of all that begins with `prefix`, in the order of the keys. What
    /// changes meanwhile is not waited for, and nobody waits for this.
    pub fn each_below(&self, bucket: &str, prefix: &str, mut each: impl FnMut(&str, u64)) {
        for leaf in self.below(bucket, prefix) {
            for held in leaf.iter().filter(|held| held.key.starts_with(prefix)) {
                each(held.key, held.row.size);
            }
        }
    }
}
