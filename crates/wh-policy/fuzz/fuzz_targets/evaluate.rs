//! Whole decisions: the bytes choose documents and requests as a seed would, and the engine is held
//! against the second account and against its own laws.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proving::dice::Dice;
use proving::engine::Policies;
use proving::{generate, laws, spec};

const REQUESTS: usize = 4;

fuzz_target!(|data: &[u8]| {
    let mut dice = Dice::loaded(data);
    let mut q = generate::question(&mut dice);
    let policies = Policies::read(&q);
    for number in 0..REQUESTS {
        if number > 0 {
            generate::vary(&mut dice, &mut q);
        }
        let found = policies.decide(&q).expect("the names are sound");
        assert_eq!(found, spec::decide(&q), "{q:?}");
    }
    laws::hold(&mut dice, &q, &policies).expect("a law is broken");
});
