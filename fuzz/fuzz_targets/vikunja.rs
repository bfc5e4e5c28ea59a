#![no_main]

use libfuzzer_sys::fuzz_target;
use tackboard_fuzz::check;
use tackboard_fuzz::model::imports::Format;

fuzz_target!(|data: &[u8]| check(Format::Vikunja, data));
