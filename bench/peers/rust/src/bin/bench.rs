//! The reference C client in the side-by-side benchmark, on whichever driver has the directory. Does what measures.hpp does,
//! loop for loop. Calls the C functions themselves, so that what is shown is the reference and not its wrapper.
use std::collections::HashMap;
use std::ffi::{c_void, CStr, CString};
use std::hint::spin_loop;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusteron_client::bindings::*;

type Answer<T> = Result<T, String>;

const BURST: usize = 64;

/// Fails with the client's own words.
fn check(result: i32) -> Answer<i32> {
    if result < 0 {
        return Err(unsafe { CStr::from_ptr(aeron_errmsg()) }.to_string_lossy().into_owned());
    }
    Ok(result)
}

struct Settings {
    options: HashMap<String, String>,
    is_claiming: bool,
}

impl Settings {
    fn parse() -> Answer<Settings> {
        let mut settings = Settings { options: HashMap::new(), is_claiming: false };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            if word == "--claim" {
                settings.is_claiming = true;
            } else {
                let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
                settings.options.insert(word, value);
            }
        }
        Ok(settings)
    }
    fn text(&self, name: &str) -> Answer<&str> {
        self.options.get(name).map(String::as_str).ok_or_else(|| format!("{name} is missing"))
    }
    fn number<T: std::str::FromStr>(&self, name: &str) -> Answer<T> {
        self.text(name)?.parse().map_err(|_| format!("{name} is no number"))
    }
}

fn keep_this_thread_on(cpu: usize) -> Answer<()> {
    let mut set = nix::sched::CpuSet::new();
    set.set(cpu).and_then(|_| nix::sched::sched_setaffinity(nix::unistd::Pid::from_raw(0), &set))
        .map_err(|error| format!("processor {cpu}: {error}"))
}

fn wait_for(what: &str, mut attempt: impl FnMut() -> Answer<bool>) -> Answer<()> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !attempt()? {
        if Instant::now() > deadline {
            return Err(format!("waited too long for {what}"));
        }
        std::thread::yield_now();
    }
    Ok(())
}

#[derive(Clone, Copy)]
struct Sender {
    publication: *mut aeron_exclusive_publication_t,
    is_claiming: bool,
}
unsafe impl Send for Sender {}

impl Sender {
    /// False where it may be tried again.
    #[inline(always)]
    fn try_send(&self, message: &[u8]) -> Answer<bool> {
        let position = unsafe {
            if self.is_claiming {
                let mut claim = std::mem::MaybeUninit::<aeron_buffer_claim_t>::uninit();
                let position =
                    aeron_exclusive_publication_try_claim(self.publication, message.len(), claim.as_mut_ptr());
                if position > 0 {
                    std::ptr::copy_nonoverlapping(message.as_ptr(), (*claim.as_ptr()).data, message.len());
                    aeron_buffer_claim_commit(claim.as_mut_ptr());
                }
                position
            } else {
                aeron_exclusive_publication_offer(self.publication, message.as_ptr(), message.len(), None, null_mut())
            }
        };
        if position <= -4 {
            return Err(format!("not taken: {position}"));
        }
        Ok(position > 0)
    }
}

#[derive(Clone, Copy)]
struct Receiver(*mut aeron_subscription_t);
unsafe impl Send for Receiver {}

impl Receiver {
    #[inline(always)]
    fn receive<Handler: FnMut(&[u8])>(&self, handler: &mut Handler, limit: usize) -> usize {
        unsafe extern "C-unwind" fn call<Handler: FnMut(&[u8])>(handler: *mut c_void, buffer: *const u8, length: usize,
                                                                _: *mut aeron_header_t) {
            (*(handler as *mut Handler))(std::slice::from_raw_parts(buffer, length));
        }
        let clientd = handler as *mut Handler as *mut c_void;
        unsafe { aeron_subscription_poll(self.0, Some(call::<Handler>), clientd, limit) as usize }
    }
}

#[derive(Default)]
struct Arrivals {
    messages: u64,
    bytes: u64,
}

impl Arrivals {
    #[inline(always)]
    fn take(&mut self, input: Receiver) -> usize {
        let bytes = &mut self.bytes;
        let count = input.receive(&mut |message| *bytes += message.len() as u64, BURST);
        self.messages += count as u64;
        count
    }
    fn take_rest(&mut self, input: Receiver, sent: u64, length: usize) -> Answer<()> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.messages < sent {
            self.take(input);
            if Instant::now() > deadline {
                return Err(format!("{} of {sent} messages did not come", sent - self.messages));
            }
        }
        if self.messages != sent || self.bytes != sent * length as u64 {
            return Err(format!("{sent} messages of {length} bytes were sent, {} with {} bytes came", self.messages,
                               self.bytes));
        }
        Ok(())
    }
}

fn stream_once(out: Sender, input: Receiver, length: usize, seconds: f64) -> Answer<f64> {
    let message = vec![0u8; length];
    let mut arrivals = Arrivals::default();
    let mut sent = 0;
    let start = Instant::now();
    let end = start + Duration::from_secs_f64(seconds);
    let mut now = start;
    while now < end {
        for _ in 0..64 {
            for _ in 0..BURST {
                if !out.try_send(&message)? {
                    break;
                }
                sent += 1;
            }
            arrivals.take(input);
        }
        now = Instant::now();
    }
    let rate = arrivals.messages as f64 / (now - start).as_secs_f64();
    arrivals.take_rest(input, sent, length)?;
    Ok(rate)
}

fn stream(out: Sender, input: Receiver, settings: &Settings) -> Answer<String> {
    keep_this_thread_on(settings.number("--cpu")?)?;
    let length = settings.number("--length")?;
    stream_once(out, input, length, settings.number("--warm-up")?)?;
    let rate = stream_once(out, input, length, settings.number("--seconds")?)?;
    Ok(format!("\"messages_per_s\":{rate}"))
}

fn hand_over(out: Sender, input: Receiver, settings: &Settings) -> Answer<String> {
    let length = settings.number("--length")?;
    let cpu = settings.number("--cpu")?;
    let is_running = AtomicBool::new(true);
    std::thread::scope(|scope| {
        let is_running = &is_running;
        let publisher = scope.spawn(move || -> Answer<u64> {
            keep_this_thread_on(cpu)?;
            let message = vec![0u8; length];
            let mut sent = 0;
            let out = out;
            while is_running.load(Ordering::Relaxed) {
                if out.try_send(&message)? {
                    sent += 1;
                } else {
                    spin_loop();
                }
            }
            Ok(sent)
        });
        keep_this_thread_on(settings.number("--other-cpu")?)?;
        let mut arrivals = Arrivals::default();
        let poll_until = |arrivals: &mut Arrivals, end: Instant| {
            let mut now = Instant::now();
            while now < end {
                for _ in 0..64 {
                    if arrivals.take(input) == 0 {
                        spin_loop();
                    }
                }
                now = Instant::now();
            }
            now
        };
        let start = poll_until(&mut arrivals, Instant::now() + Duration::from_secs_f64(settings.number("--warm-up")?));
        let before = arrivals.messages;
        let end = poll_until(&mut arrivals, start + Duration::from_secs_f64(settings.number("--seconds")?));
        let received = arrivals.messages - before;
        is_running.store(false, Ordering::Relaxed);
        let sent = publisher.join().map_err(|_| "the publisher panicked".to_string())??;
        arrivals.take_rest(input, sent, length)?;
        Ok(format!("\"messages_per_s\":{}", received as f64 / (end - start).as_secs_f64()))
    })
}

fn time_messages(out: Sender, input: Receiver, length: usize, seconds: f64) -> Answer<Vec<u64>> {
    let message = vec![0u8; length];
    let mut times_ns = Vec::with_capacity((seconds * 1e7) as usize);
    let mut start = Instant::now();
    let end = start + Duration::from_secs_f64(seconds);
    while start < end {
        while !out.try_send(&message)? {
            spin_loop();
        }
        while input.receive(&mut |_| {}, 1) == 0 {
            spin_loop();
        }
        let now = Instant::now();
        times_ns.push((now - start).as_nanos() as u64);
        start = now;
    }
    times_ns.sort_unstable();
    Ok(times_ns)
}

fn time_loop(out: Sender, input: Receiver, settings: &Settings) -> Answer<String> {
    keep_this_thread_on(settings.number("--cpu")?)?;
    let length = settings.number("--length")?;
    time_messages(out, input, length, settings.number("--warm-up")?)?;
    let times_ns = time_messages(out, input, length, settings.number("--seconds")?)?;
    let count = times_ns.len();
    Ok(format!("\"p50_ns\":{},\"p99_ns\":{},\"round_trips\":{count}", times_ns[count / 2], times_ns[count * 99 / 100]))
}

fn round_trip(out: Sender, input: Receiver, echo_in: Receiver, echo_out: Sender, settings: &Settings) -> Answer<String> {
    let other_cpu = settings.number("--other-cpu")?;
    let is_running = AtomicBool::new(true);
    std::thread::scope(|scope| {
        let is_running = &is_running;
        let echo = scope.spawn(move || -> Answer<()> {
            keep_this_thread_on(other_cpu)?;
            let (echo_in, echo_out) = (echo_in, echo_out);
            let mut handler = |message: &[u8]| {
                while !echo_out.try_send(message).unwrap_or(true) && is_running.load(Ordering::Relaxed) {
                    spin_loop();
                }
            };
            while is_running.load(Ordering::Relaxed) {
                if echo_in.receive(&mut handler, 1) == 0 {
                    spin_loop();
                }
            }
            Ok(())
        });
        let figures = time_loop(out, input, settings);
        is_running.store(false, Ordering::Relaxed);
        echo.join().map_err(|_| "the echo panicked".to_string())??;
        figures
    })
}

unsafe fn open_stream(aeron: *mut aeron_t, settings: &Settings, stream_id: i32) -> Answer<(Sender, Receiver)> {
    let channel = CString::new(settings.text("--channel")?).unwrap();
    let mut adding = null_mut();
    let mut subscription = null_mut();
    check(aeron_async_add_subscription(&mut adding, aeron, channel.as_ptr(), stream_id, None, null_mut(), None,
                                       null_mut()))?;
    wait_for("the subscription", || Ok(check(aeron_async_add_subscription_poll(&mut subscription, adding))? > 0))?;
    let mut adding = null_mut();
    let mut publication = null_mut();
    check(aeron_async_add_exclusive_publication(&mut adding, aeron, channel.as_ptr(), stream_id))?;
    wait_for("the publication",
             || Ok(check(aeron_async_add_exclusive_publication_poll(&mut publication, adding))? > 0))?;
    wait_for("a connected stream", || {
        Ok(aeron_exclusive_publication_is_connected(publication) && aeron_subscription_is_connected(subscription))
    })?;
    Ok((Sender { publication, is_claiming: settings.is_claiming }, Receiver(subscription)))
}

fn run() -> Answer<()> {
    let settings = Settings::parse()?;
    let directory = CString::new(settings.text("--dir")?).unwrap();
    unsafe {
        let (mut context, mut aeron) = (null_mut(), null_mut());
        check(aeron_context_init(&mut context))?;
        check(aeron_context_set_dir(context, directory.as_ptr()))?;
        check(aeron_init(&mut aeron, context))?;
        check(aeron_start(aeron))?;
        let (out, input) = open_stream(aeron, &settings, settings.number("--stream")?)?;
        let figures = match settings.text("--measure")? {
            "stream" => stream(out, input, &settings)?,
            "hand-over" => hand_over(out, input, &settings)?,
            "loop" => time_loop(out, input, &settings)?,
            "round-trip" => {
                let (echo_out, back) = open_stream(aeron, &settings, settings.number::<i32>("--stream")? + 1)?;
                round_trip(out, back, input, echo_out, &settings)?
            }
            other => return Err(format!("unknown measure {other}")),
        };
        check(aeron_close(aeron))?;
        let version = CStr::from_ptr(aeron_version_text()).to_string_lossy();
        println!("{{{figures},\"version\":\"{version}\"}}");
    }
    Ok(())
}

fn main() {
    if let Err(problem) = run() {
        eprintln!("bench: {problem}");
        std::process::exit(1);
    }
}
