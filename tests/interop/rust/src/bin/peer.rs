//! The reference C client as an interoperation peer: obeys the command lines described in tests/interop/README.md, one
//! answer per line. Uses the C functions themselves, so that what is shown is the reference and not its wrapper.
use std::collections::{BTreeMap, HashMap};
use std::ffi::{c_char, c_void, CStr, CString};
use std::fmt::Write as _;
use std::io::{BufRead, Write as _};
use std::ptr::{null, null_mut};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rusteron_client::bindings::*;

#[path = "../messages.rs"]
mod messages;

type Answer = Result<String, String>;

/// What happened on the client's conductor, until somebody asks for it: kind and facts.
static EVENTS: Mutex<Vec<(&'static str, String)>> = Mutex::new(Vec::new());

fn record(kind: &'static str, facts: String) {
    EVENTS.lock().unwrap().push((kind, facts));
}

fn take_event(kind: &str) -> Option<String> {
    let mut events = EVENTS.lock().unwrap();
    let index = events.iter().position(|event| event.0 == kind)?;
    Some(events.remove(index).1)
}

fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c < ' ' => write!(json, "\\u{:04x}", c as u32).unwrap(),
            c => json.push(c),
        }
    }
    json + "\""
}

fn facts(members: &[(&str, &dyn std::fmt::Display)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn describe_error(code: i32, text: &str) -> String {
    facts(&[("code", &code), ("kind", &"\"c\""), ("text", &quoted(text))])
}

/// Errors of this program itself.
fn peer_error(text: &str) -> String {
    describe_error(2_000, text)
}

/// The C client's last error; what it did not hear from the driver is an errno, above 0.
fn client_error() -> String {
    unsafe {
        let code = aeron_errcode();
        let text = CStr::from_ptr(aeron_errmsg()).to_string_lossy().into_owned();
        describe_error(if code < 0 { -code } else { 2_000 }, &text)
    }
}

fn check(result: i32) -> Result<i32, String> {
    if result < 0 { Err(client_error()) } else { Ok(result) }
}

fn done(result: i32) -> Answer {
    check(result).map(|_| facts(&[]))
}

unsafe fn text_of(text: *const c_char) -> String {
    if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// A verb and its options, all separated by tabs.
struct Command {
    verb: String,
    options: HashMap<String, String>,
}

impl Command {
    fn parse(line: &str) -> Command {
        let words: Vec<&str> = line.split('\t').collect();
        let options = words[1..].chunks(2).filter(|pair| pair.len() == 2);
        Command {
            verb: words[0].to_string(),
            options: options.map(|pair| (pair[0].trim_start_matches("--").to_string(), pair[1].to_string())).collect(),
        }
    }
    fn text(&self, name: &str) -> Result<&str, String> {
        self.options.get(name).map(String::as_str).ok_or_else(|| peer_error(&format!("{} needs --{name}", self.verb)))
    }
    fn text_or<'a>(&'a self, name: &str, otherwise: &'a str) -> &'a str {
        self.options.get(name).map_or(otherwise, String::as_str)
    }
    fn number(&self, name: &str, otherwise: i64) -> i64 {
        self.options.get(name).map_or(otherwise, |text| text.parse().expect("a number"))
    }
    fn deadline(&self) -> Instant {
        Instant::now() + Duration::from_millis(self.number("timeout", 10_000) as u64)
    }
}

/// Yields, later sleeps; fails once the deadline has passed.
fn idle(rounds: usize, deadline: Instant, what: impl FnOnce() -> String) -> Result<(), String> {
    if rounds < 20 {
        std::thread::yield_now();
        return Ok(());
    }
    if Instant::now() > deadline {
        return Err(peer_error(&format!("waited too long: {}", what())));
    }
    std::thread::sleep(Duration::from_micros(if rounds < 100 { 20 } else { 500 }));
    Ok(())
}

fn wait_until<T>(deadline: Instant, what: &str, mut attempt: impl FnMut() -> Result<Option<T>, String>) -> Result<T, String> {
    for rounds in 100.. {
        if let Some(result) = attempt()? {
            return Ok(result);
        }
        idle(rounds, deadline, || what.to_string())?;
    }
    unreachable!()
}

/// Polls an asynchronous add until the client has its answer.
fn wait_for<T>(mut poll: impl FnMut(&mut *mut T) -> i32) -> Result<*mut T, String> {
    let mut resource = null_mut();
    wait_until(Instant::now() + Duration::from_secs(30), "the driver's answer", || {
        Ok(if check(poll(&mut resource))? > 0 { Some(()) } else { None })
    })?;
    Ok(resource)
}

#[derive(Clone, Copy)]
enum Publication {
    Shared(*mut aeron_publication_t),
    Exclusive(*mut aeron_exclusive_publication_t),
}

/// Calls the function of the right kind of publication; it is the first argument, or the third where the first two stand
/// behind a `;`.
macro_rules! on {
    ($publication:expr, $shared:ident, $exclusive:ident; $first:expr, $second:expr, $last:expr) => {
        match $publication {
            Publication::Shared(p) => unsafe { $shared($first, $second, p, $last) },
            Publication::Exclusive(p) => unsafe { $exclusive($first, $second, p, $last) },
        }
    };
    ($publication:expr, $shared:ident, $exclusive:ident $(, $argument:expr)*) => {
        match $publication {
            Publication::Shared(p) => unsafe { $shared(p $(, $argument)*) },
            Publication::Exclusive(p) => unsafe { $exclusive(p $(, $argument)*) },
        }
    };
}

unsafe fn describe_image(subscription: &str, image: *mut aeron_image_t) -> String {
    let mut constants: aeron_image_constants_t = std::mem::zeroed();
    aeron_image_constants(image, &mut constants);
    let end = aeron_image_end_of_stream_position(image);
    facts(&[
        ("subscription", &quoted(subscription)),
        ("session", &constants.session_id),
        ("position", &aeron_image_position(image)),
        ("join", &constants.join_position),
        ("source", &quoted(&text_of(constants.source_identity))),
        ("ended", &aeron_image_is_end_of_stream(image)),
        ("end", &if end == i64::MAX { -1 } else { end }),
        ("revoked", &aeron_image_is_publication_revoked(image)),
        ("mtu", &constants.mtu_length),
        ("term_length", &constants.term_buffer_length),
        ("initial_term_id", &constants.initial_term_id),
        ("correlation", &constants.correlation_id),
    ])
}

unsafe extern "C" fn on_available(name: *mut c_void, _: *mut aeron_subscription_t, image: *mut aeron_image_t) {
    record("available", describe_image(&text_of(name as *const c_char), image));
}
unsafe extern "C" fn on_unavailable(name: *mut c_void, _: *mut aeron_subscription_t, image: *mut aeron_image_t) {
    record("unavailable", describe_image(&text_of(name as *const c_char), image));
}
unsafe extern "C" fn on_error(_: *mut c_void, code: i32, message: *const c_char) {
    record("error", describe_error(code, &text_of(message)));
}
unsafe extern "C" fn on_close(_: *mut c_void) {
    record("closed", facts(&[]));
}
unsafe extern "C" fn on_publication_error(_: *mut c_void, error: *mut aeron_publication_error_values_t) {
    let length = (*error).error_message_length as usize;
    let text = std::slice::from_raw_parts((&raw const (*error).error_message) as *const u8, length);
    record("publication-error", facts(&[
        ("registration", &{ (*error).registration_id }),
        ("session", &{ (*error).session_id }),
        ("stream", &{ (*error).stream_id }),
        ("receiver", &{ (*error).receiver_id }),
        ("group_tag", &{ (*error).group_tag }),
        ("code", &{ (*error).error_code }),
        ("destination", &{ (*error).destination_registration_id }),
        ("text", &quoted(&String::from_utf8_lossy(text))),
    ]));
}
unsafe extern "C" fn on_counter(_: *mut c_void, _: *mut aeron_counters_reader_t, registration: i64, id: i32) {
    record("counter-available", facts(&[("registration", &registration), ("id", &id)]));
}
unsafe extern "C" fn on_counter_gone(_: *mut c_void, _: *mut aeron_counters_reader_t, registration: i64, id: i32) {
    record("counter-unavailable", facts(&[("registration", &registration), ("id", &id)]));
}
unsafe extern "C" fn reserved_value(index: *mut c_void, _: *mut u8, _: usize) -> i64 {
    *(index as *const i64)
}

/// What arrived from one publisher, in its order.
#[derive(Default)]
struct Received {
    messages: u64,
    checksum: u64,
    next: u64,
    out_of_order: bool,
}

#[derive(Default)]
struct Arrival {
    publishers: BTreeMap<u64, Received>,
    messages: u64,
    position: i64,
}

unsafe extern "C-unwind" fn on_message(arrival: *mut c_void, buffer: *const u8, length: usize, header: *mut aeron_header_t) {
    let arrival = &mut *(arrival as *mut Arrival);
    let message = std::slice::from_raw_parts(buffer, length);
    let first = u64::from_le_bytes(message[..8].try_into().unwrap());
    let mut values: aeron_header_values_t = std::mem::zeroed();
    aeron_header_values(header, &mut values);
    let index = first & 0xFFFF_FFFF;
    let from = arrival.publishers.entry(first >> 32).or_default();
    from.out_of_order |= from.messages != 0 && index != from.next || { values.frame.reserved_value } != index as i64;
    from.next = index + 1;
    from.messages += 1;
    from.checksum = messages::mix(from.checksum, message);
    arrival.messages += 1;
    arrival.position = aeron_header_position(header);
}

unsafe extern "C-unwind" fn keep_message(messages: *mut c_void, buffer: *const u8, length: usize, header: *mut aeron_header_t) {
    let mut values: aeron_header_values_t = std::mem::zeroed();
    aeron_header_values(header, &mut values);
    let hex = to_hex(std::slice::from_raw_parts(buffer, length));
    (*(messages as *mut Vec<String>))
        .push(facts(&[("reserved", &{ values.frame.reserved_value }), ("hex", &quoted(&hex))]));
}

/// The C assembler, with the calling convention that the bindings want of a fragment handler.
unsafe extern "C-unwind" fn assemble(assembler: *mut c_void, buffer: *const u8, length: usize, header: *mut aeron_header_t) {
    aeron_fragment_assembler_handler(assembler, buffer, length, header);
}

struct Peer {
    aeron: *mut aeron_t,
    publications: HashMap<String, Publication>,
    subscriptions: HashMap<String, *mut aeron_subscription_t>,
    counters: HashMap<String, *mut aeron_counter_t>,
    claim: aeron_buffer_claim_t,
}

impl Peer {
    fn obey(&mut self, command: &Command) -> Answer {
        match command.verb.as_str() {
            "connect" => self.connect(command),
            "add-publication" => self.add_publication(command),
            "add-subscription" => self.add_subscription(command),
            "add-destination" => self.add_destination(command),
            "remove-destination" => self.remove_destination(command),
            "await" => self.wait(command),
            "await-event" => {
                let kind = command.text("kind")?;
                wait_until(command.deadline(), &format!("event {kind}"), || Ok(take_event(kind)))
            }
            "send" => self.send(command),
            "receive" => self.receive(command),
            "read" => self.read(command),
            "claim" => self.take_claim(command),
            "commit" => done(unsafe { aeron_buffer_claim_commit(&mut self.claim) }),
            "abort" => done(unsafe { aeron_buffer_claim_abort(&mut self.claim) }),
            "images" => self.images(command),
            "reject" => self.reject(command),
            "revoke" => match self.publications.remove(command.text("on")?) {
                Some(Publication::Exclusive(p)) => done(unsafe { aeron_exclusive_publication_revoke(p, None, null_mut()) }),
                _ => Err(peer_error("only exclusive publications can be revoked")),
            },
            "close" => self.close(command),
            "reset" => self.reset(),
            "add-counter" => self.add_counter(command),
            "set-counter" => {
                let counter = self.counters[command.text("on")?];
                let value = command.number("value", 0);
                unsafe { std::sync::atomic::AtomicI64::from_ptr(aeron_counter_addr(counter)) }
                    .store(value, std::sync::atomic::Ordering::Release);
                done(0)
            }
            "read-counters" => self.read_counters(command),
            "next-session" => self.next_session(command),
            _ => Err(peer_error(&format!("unknown command {}", command.verb))),
        }
    }

    fn publication(&self, command: &Command) -> Result<Publication, String> {
        self.publications.get(command.text("on")?).copied().ok_or_else(|| peer_error("there is no such publication"))
    }

    fn subscription(&self, command: &Command) -> Result<*mut aeron_subscription_t, String> {
        self.subscriptions.get(command.text("on")?).copied().ok_or_else(|| peer_error("there is no such subscription"))
    }

    fn connect(&mut self, command: &Command) -> Answer {
        let mut context = null_mut();
        let directory = CString::new(command.text("dir")?).unwrap();
        let name = CString::new(command.text_or("name", "")).unwrap();
        unsafe {
            check(aeron_context_init(&mut context))?;
            check(aeron_context_set_dir(context, directory.as_ptr()))?;
            check(aeron_context_set_client_name(context, name.as_ptr()))?;
            check(aeron_context_set_driver_timeout_ms(context, command.number("driver-timeout", 5_000) as u64))?;
            check(aeron_context_set_keepalive_interval_ns(context, command.number("keepalive", 100) as u64 * 1_000_000))?;
            check(aeron_context_set_idle_sleep_duration_ns(context, 1_000_000))?;
            check(aeron_context_set_error_handler(context, Some(on_error), null_mut()))?;
            check(aeron_context_set_publication_error_frame_handler(context, Some(on_publication_error), null_mut()))?;
            check(aeron_context_set_on_available_counter(context, Some(on_counter), null_mut()))?;
            check(aeron_context_set_on_unavailable_counter(context, Some(on_counter_gone), null_mut()))?;
            check(aeron_context_set_on_close_client(context, Some(on_close), null_mut()))?;
            check(aeron_init(&mut self.aeron, context))?;
            check(aeron_start(self.aeron))?;
            Ok(facts(&[("client", &aeron_client_id(self.aeron))]))
        }
    }

    fn add_publication(&mut self, command: &Command) -> Answer {
        let channel = CString::new(command.text("channel")?).unwrap();
        let stream_id = command.number("stream", 1) as i32;
        let publication = unsafe {
            if command.text_or("kind", "shared") == "exclusive" {
                let mut adding = null_mut();
                check(aeron_async_add_exclusive_publication(&mut adding, self.aeron, channel.as_ptr(), stream_id))?;
                Publication::Exclusive(wait_for(|added| aeron_async_add_exclusive_publication_poll(added, adding))?)
            } else {
                let mut adding = null_mut();
                check(aeron_async_add_publication(&mut adding, self.aeron, channel.as_ptr(), stream_id))?;
                Publication::Shared(wait_for(|added| aeron_async_add_publication_poll(added, adding))?)
            }
        };
        self.publications.insert(command.text("as")?.to_string(), publication);
        let mut constants: aeron_publication_constants_t = unsafe { std::mem::zeroed() };
        check(on!(publication, aeron_publication_constants, aeron_exclusive_publication_constants, &mut constants))?;
        Ok(facts(&[
            ("registration", &constants.registration_id),
            ("original", &constants.original_registration_id),
            ("session", &constants.session_id),
            ("initial_term_id", &constants.initial_term_id),
            ("term_length", &constants.term_buffer_length),
            ("max_payload", &constants.max_payload_length),
            ("max_message", &constants.max_message_length),
            ("position", &on!(publication, aeron_publication_position, aeron_exclusive_publication_position)),
            ("channel_status", &on!(publication, aeron_publication_channel_status, aeron_exclusive_publication_channel_status)),
        ]))
    }

    fn add_subscription(&mut self, command: &Command) -> Answer {
        let channel = CString::new(command.text("channel")?).unwrap();
        let stream_id = command.number("stream", 1) as i32;
        let name = CString::new(command.text("as")?).unwrap().into_raw() as *mut c_void; // as long as the process
        unsafe {
            let mut adding = null_mut();
            check(aeron_async_add_subscription(&mut adding, self.aeron, channel.as_ptr(), stream_id, Some(on_available),
                                               name, Some(on_unavailable), name))?;
            let subscription = wait_for(|added| aeron_async_add_subscription_poll(added, adding))?;
            self.subscriptions.insert(command.text("as")?.to_string(), subscription);
            let mut constants: aeron_subscription_constants_t = std::mem::zeroed();
            check(aeron_subscription_constants(subscription, &mut constants))?;
            Ok(facts(&[
                ("registration", &constants.registration_id),
                ("channel_status", &aeron_subscription_channel_status(subscription)),
            ]))
        }
    }

    fn add_destination(&mut self, command: &Command) -> Answer {
        let channel = CString::new(command.text("channel")?).unwrap();
        let mut adding = null_mut();
        check(match self.publications.get(command.text("on")?) {
            Some(publication) => on!(*publication, aeron_publication_async_add_destination,
                                     aeron_exclusive_publication_async_add_destination; &mut adding, self.aeron, channel.as_ptr()),
            None => unsafe {
                aeron_subscription_async_add_destination(&mut adding, self.aeron, self.subscription(command)?, channel.as_ptr())
            },
        })?;
        let id = unsafe { aeron_async_destination_get_registration_id(adding) };
        self.await_destination(command, adding)?;
        Ok(facts(&[("destination", &id)]))
    }

    fn remove_destination(&mut self, command: &Command) -> Answer {
        let channel = CString::new(command.text_or("channel", "")).unwrap();
        let id = command.number("id", 0);
        let mut removing = null_mut();
        check(match self.publications.get(command.text("on")?) {
            Some(publication) if command.options.contains_key("id") => on!(*publication,
                aeron_publication_async_remove_destination_by_id,
                aeron_exclusive_publication_async_remove_destination_by_id; &mut removing, self.aeron, id),
            Some(publication) => on!(*publication, aeron_publication_async_remove_destination,
                                     aeron_exclusive_publication_async_remove_destination; &mut removing, self.aeron, channel.as_ptr()),
            None => unsafe {
                aeron_subscription_async_remove_destination(&mut removing, self.aeron, self.subscription(command)?, channel.as_ptr())
            },
        })?;
        self.await_destination(command, removing)?;
        done(0)
    }

    fn await_destination(&self, command: &Command, asking: *mut aeron_async_destination_t) -> Result<(), String> {
        wait_until(command.deadline(), "the driver's answer", || {
            let is_done = if self.subscriptions.contains_key(command.text("on")?) {
                unsafe { aeron_subscription_async_destination_poll(asking) }
            } else {
                unsafe { aeron_publication_async_destination_poll(asking) }
            };
            Ok((check(is_done)? > 0).then_some(()))
        })
    }

    fn wait(&mut self, command: &Command) -> Answer {
        let name = command.text_or("on", "");
        let state = command.text("is")?;
        let count = command.number("count", 1) as i32;
        let is_connected = || match self.publications.get(name) {
            Some(publication) => on!(*publication, aeron_publication_is_connected, aeron_exclusive_publication_is_connected),
            None => unsafe { aeron_subscription_is_connected(self.subscriptions[name]) },
        };
        wait_until(command.deadline(), &format!("{state} of {name}"), || {
            let holds = match state {
                "connected" => is_connected(),
                "disconnected" => !is_connected(),
                "images" => unsafe { aeron_subscription_image_count(self.subscriptions[name]) == count },
                "closed" => match self.publications.get(name) {
                    Some(publication) => on!(*publication, aeron_publication_is_closed, aeron_exclusive_publication_is_closed),
                    None => unsafe { aeron_subscription_is_closed(self.subscriptions[name]) },
                },
                "client-closed" => unsafe { aeron_is_closed(self.aeron) },
                _ => return Err(peer_error(&format!("unknown state {state}"))),
            };
            Ok(holds.then_some(()))
        })?;
        done(0)
    }

    fn send(&mut self, command: &Command) -> Answer {
        let publication = self.publication(command)?;
        let method = command.text_or("method", "offer");
        let publisher = command.number("publisher", 1) as u64;
        let messages = command.number("messages", 1) as u64;
        let first = command.number("first", 0) as u64;
        let lengths: Vec<usize> = command.text_or("lengths", "8").split(',').map(|length| length.parse().unwrap()).collect();
        let mut buffer = vec![0u8; lengths.iter().max().unwrap() + 8];
        let deadline = command.deadline();
        let mut checksum = 0;
        let mut position = 0;
        for index in first..first + messages {
            let length = lengths[index as usize % lengths.len()];
            messages::fill(&mut buffer, messages::first_word(publisher, index), length);
            checksum = messages::mix(checksum, &buffer[..length]);
            for attempts in 1.. {
                position = send_one(publication, method, &mut buffer[..length], index as i64)?;
                if position >= 0 {
                    break;
                }
                if position <= -4 {
                    return Err(peer_error(&format!("message {index}: result {position}")));
                }
                idle(attempts, deadline, || format!("message {index} not taken: {position}"))?;
            }
        }
        Ok(facts(&[("messages", &messages), ("checksum", &format!("\"{checksum:x}\"")), ("position", &position)]))
    }

    /// Until so many messages came, or with 0 until every image that was there has ended.
    fn receive(&mut self, command: &Command) -> Answer {
        let subscription = self.subscription(command)?;
        let wanted = command.number("messages", 0) as u64;
        let deadline = command.deadline();
        let mut arrival = Box::<Arrival>::default();
        let clientd = &mut *arrival as *mut Arrival as *mut c_void;
        let mut assembler = null_mut();
        unsafe {
            check(aeron_fragment_assembler_create(&mut assembler, Some(on_message), clientd))?;
            let mut idle_rounds = 0;
            while if wanted == 0 { aeron_subscription_image_count(subscription) > 0 } else { arrival.messages < wanted } {
                let limit = if wanted == 0 { 64 } else { (wanted - arrival.messages).min(64) };
                let fragments = check(aeron_subscription_poll(
                    subscription, Some(assemble), assembler as *mut c_void, limit as usize))?;
                idle_rounds = if fragments > 0 { 0 } else { idle_rounds + 1 };
                if fragments == 0 {
                    idle(idle_rounds, deadline, || format!("received {} of {wanted} messages", arrival.messages))?;
                }
            }
            aeron_fragment_assembler_delete(assembler);
        }
        let publishers: Vec<(String, String)> = arrival.publishers.iter().map(|(id, from)| (id.to_string(), facts(&[
            ("messages", &from.messages),
            ("checksum", &format!("\"{:x}\"", from.checksum)),
            ("in_order", &!from.out_of_order),
        ]))).collect();
        let by_publisher: Vec<(&str, &dyn std::fmt::Display)> =
            publishers.iter().map(|(id, from)| (id.as_str(), from as &dyn std::fmt::Display)).collect();
        Ok(facts(&[
            ("messages", &arrival.messages),
            ("publishers", &facts(&by_publisher)),
            ("position", &arrival.position),
        ]))
    }

    /// So many messages as they are.
    fn read(&mut self, command: &Command) -> Answer {
        let subscription = self.subscription(command)?;
        let wanted = command.number("messages", 1) as usize;
        let mut messages: Vec<String> = Vec::new();
        let mut assembler = null_mut();
        let clientd = &mut messages as *mut Vec<String>;
        unsafe {
            check(aeron_fragment_assembler_create(&mut assembler, Some(keep_message), clientd as *mut c_void))?;
            wait_until(command.deadline(), "messages", || {
                let limit = wanted - (*clientd).len();
                check(aeron_subscription_poll(subscription, Some(assemble), assembler as *mut c_void, limit))?;
                Ok(((*clientd).len() == wanted).then_some(()))
            })?;
            aeron_fragment_assembler_delete(assembler);
        }
        Ok(facts(&[("messages", &format!("[{}]", messages.join(",")))]))
    }

    fn take_claim(&mut self, command: &Command) -> Answer {
        let publication = self.publication(command)?;
        let length = command.number("length", 64) as usize;
        let position = wait_until(command.deadline(), "claim", || {
            let position = on!(publication, aeron_publication_try_claim, aeron_exclusive_publication_try_claim, length, &mut self.claim);
            Ok((position >= 0).then_some(position))
        })?;
        Ok(facts(&[("position", &position)]))
    }

    fn images(&self, command: &Command) -> Answer {
        unsafe extern "C" fn add(image: *mut aeron_image_t, images: *mut c_void) {
            (*(images as *mut Vec<String>)).push(describe_image("", image));
        }
        let mut images: Vec<String> = Vec::new();
        let subscription = self.subscription(command)?;
        unsafe { aeron_subscription_for_each_image(subscription, Some(add), &mut images as *mut Vec<String> as *mut c_void) };
        Ok(facts(&[("images", &format!("[{}]", images.join(",")))]))
    }

    fn reject(&self, command: &Command) -> Answer {
        let subscription = self.subscription(command)?;
        let reason = CString::new(command.text("reason")?).unwrap();
        unsafe {
            let image = aeron_subscription_image_at_index(subscription, 0);
            if image.is_null() {
                return Err(peer_error("there is no image to reject"));
            }
            let result = check(aeron_image_reject(image, reason.as_ptr()));
            aeron_subscription_image_release(subscription, image);
            result.map(|_| facts(&[]))
        }
    }

    fn close(&mut self, command: &Command) -> Answer {
        let name = command.text_or("on", "");
        done(if name.is_empty() {
            unsafe { aeron_close(std::mem::replace(&mut self.aeron, null_mut())) }
        } else if let Some(publication) = self.publications.remove(name) {
            on!(publication, aeron_publication_close, aeron_exclusive_publication_close, None, null_mut())
        } else if let Some(subscription) = self.subscriptions.remove(name) {
            unsafe { aeron_subscription_close(subscription, None, null_mut()) }
        } else if let Some(counter) = self.counters.remove(name) {
            unsafe { aeron_counter_close(counter, None, null_mut()) }
        } else {
            return Err(peer_error(&format!("there is no {name}")));
        })
    }

    /// Closes what was added and forgets what happened.
    fn reset(&mut self) -> Answer {
        for (_, publication) in self.publications.drain() {
            check(on!(publication, aeron_publication_close, aeron_exclusive_publication_close, None, null_mut()))?;
        }
        for (_, subscription) in self.subscriptions.drain() {
            check(unsafe { aeron_subscription_close(subscription, None, null_mut()) })?;
        }
        for (_, counter) in self.counters.drain() {
            check(unsafe { aeron_counter_close(counter, None, null_mut()) })?;
        }
        EVENTS.lock().unwrap().clear();
        done(0)
    }

    fn add_counter(&mut self, command: &Command) -> Answer {
        let key = from_hex(command.text_or("key", ""));
        let label = command.text_or("label", "");
        let type_id = command.number("type", 1_000) as i32;
        let key_pointer = if key.is_empty() { null() } else { key.as_ptr() };
        let label_pointer = label.as_ptr() as *const c_char;
        unsafe {
            let mut adding = null_mut();
            check(match command.options.get("registration") {
                None => aeron_async_add_counter(&mut adding, self.aeron, type_id, key_pointer, key.len(), label_pointer,
                                                label.len()),
                Some(_) => aeron_async_add_static_counter(&mut adding, self.aeron, type_id, key_pointer, key.len(),
                                                          label_pointer, label.len(), command.number("registration", 0)),
            })?;
            let counter = wait_for(|added| aeron_async_add_counter_poll(added, adding))?;
            self.counters.insert(command.text("as")?.to_string(), counter);
            let mut constants: aeron_counter_constants_t = std::mem::zeroed();
            check(aeron_counter_constants(counter, &mut constants))?;
            Ok(facts(&[("id", &constants.counter_id), ("registration", &constants.registration_id)]))
        }
    }

    fn read_counters(&self, command: &Command) -> Answer {
        struct Search {
            reader: *mut aeron_counters_reader_t,
            type_id: i32,
            key_length: usize,
            found: Vec<String>,
        }
        unsafe extern "C" fn look(value: i64, id: i32, type_id: i32, key: *const u8, key_length: usize,
                                  label: *const c_char, label_length: usize, search: *mut c_void) {
            let search = &mut *(search as *mut Search);
            if type_id != search.type_id {
                return;
            }
            let (mut registration, mut owner, mut reference) = (0, 0, 0);
            aeron_counters_reader_counter_registration_id(search.reader, id, &mut registration);
            aeron_counters_reader_counter_owner_id(search.reader, id, &mut owner);
            aeron_counters_reader_counter_reference_id(search.reader, id, &mut reference);
            let key = std::slice::from_raw_parts(key, key_length.min(search.key_length));
            let label = std::slice::from_raw_parts(label as *const u8, label_length);
            search.found.push(facts(&[
                ("id", &id),
                ("value", &value),
                ("label", &quoted(&String::from_utf8_lossy(label))),
                ("key", &quoted(&to_hex(key))),
                ("registration", &registration),
                ("owner", &owner),
                ("reference", &reference),
            ]));
        }
        unsafe {
            let mut search = Search {
                reader: aeron_counters_reader(self.aeron),
                type_id: command.number("type", 1_000) as i32,
                key_length: command.number("key-length", 16) as usize,
                found: Vec::new(),
            };
            aeron_counters_reader_foreach_counter(search.reader, Some(look), &mut search as *mut Search as *mut c_void);
            Ok(facts(&[("counters", &format!("[{}]", search.found.join(",")))]))
        }
    }

    fn next_session(&self, command: &Command) -> Answer {
        let mut asking = null_mut();
        let mut session = 0;
        unsafe {
            check(aeron_async_next_session_id(&mut asking, self.aeron, command.number("stream", 1) as i32))?;
            wait_until(Instant::now() + Duration::from_secs(30), "the driver's answer", || {
                Ok((check(aeron_async_next_session_id_poll(&mut session, asking))? > 0).then_some(()))
            })?;
        }
        Ok(facts(&[("session", &session)]))
    }
}

fn send_one(publication: Publication, method: &str, message: &mut [u8], index: i64) -> Result<i64, String> {
    let supplier: aeron_reserved_value_supplier_t = Some(reserved_value);
    let clientd = &index as *const i64 as *mut c_void;
    Ok(match method {
        "offer" => on!(publication, aeron_publication_offer, aeron_exclusive_publication_offer, message.as_ptr(),
                       message.len(), supplier, clientd),
        "vector" => {
            let half = message.len() / 2;
            let (start, end) = message.split_at_mut(half);
            let (one, rest) = start.split_at_mut(1);
            let mut parts = [one, rest, end].map(|part| aeron_iovec_t { iov_base: part.as_mut_ptr(), iov_len: part.len() });
            on!(publication, aeron_publication_offerv, aeron_exclusive_publication_offerv, parts.as_mut_ptr(),
                parts.len(), supplier, clientd)
        }
        "claim" => {
            let mut claim: aeron_buffer_claim_t = unsafe { std::mem::zeroed() };
            let position = on!(publication, aeron_publication_try_claim, aeron_exclusive_publication_try_claim,
                               message.len(), &mut claim);
            if position >= 0 {
                unsafe {
                    std::ptr::copy_nonoverlapping(message.as_ptr(), claim.data, message.len());
                    // The reserved value is the last field of the header.
                    std::ptr::copy_nonoverlapping(index.to_le_bytes().as_ptr(), claim.frame_header.add(24), 8);
                    aeron_buffer_claim_commit(&mut claim);
                }
            }
            position
        }
        _ => return Err(peer_error(&format!("unknown method {method}"))),
    })
}

fn main() {
    let mut peer = Peer {
        aeron: null_mut(),
        publications: HashMap::new(),
        subscriptions: HashMap::new(),
        counters: HashMap::new(),
        claim: unsafe { std::mem::zeroed() },
    };
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let answer = peer.obey(&Command::parse(&line)).unwrap_or_else(|error| format!("{{\"error\":{error}}}"));
        writeln!(output, "{answer}").unwrap();
        output.flush().unwrap();
    }
}
