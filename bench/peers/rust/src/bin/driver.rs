//! The reference C driver as a program: `driver -Daeron.dir=...`. Ends with the signal that kills it.
use std::ffi::CStr;

use rusteron_media_driver::bindings::*;

/// Fails with the driver's own words.
fn check(what: &str, result: i32) {
    if result < 0 {
        let message = unsafe { CStr::from_ptr(aeron_errmsg()) };
        eprintln!("{what}: {}", message.to_string_lossy());
        std::process::exit(1);
    }
}

fn main() {
    for argument in std::env::args().skip(1) {
        let property = argument.strip_prefix("-D").and_then(|text| text.split_once('='));
        let (name, value) = property.expect("arguments are properties: -Dname=value");
        std::env::set_var(name.to_uppercase().replace('.', "_"), value);
    }
    unsafe {
        let mut context = std::ptr::null_mut();
        check("context", aeron_driver_context_init(&mut context));
        let mut driver = std::ptr::null_mut();
        check("init", aeron_driver_init(&mut driver, context));
        check("start", aeron_driver_start(driver, true));
        loop {
            aeron_driver_main_idle_strategy(driver, aeron_driver_main_do_work(driver));
        }
    }
}
