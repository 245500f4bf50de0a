/// The other process of the system tests: one client in one role, which prints a line per event and takes its cues from
/// standard input. It ends with the test, however that ends.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <sys/prctl.h>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cpperon/client/aeron.hpp"
#include "cpperon/logbuffer/fragment_assembler.hpp"
#include "tests/system/numbered_messages.hpp"

namespace cpperon::system_test {
namespace {

struct Settings {
    std::string directory;
    std::string channel = "aeron:ipc";
    std::int32_t stream_id = 1'001;
    std::int64_t source = 1;
    std::int64_t messages = 0;
    std::size_t max_length = 100;
    std::int64_t keepalive_ms = 20;
    std::int64_t registration_id = 0;
    bool is_exclusive = false;
};

template <typename... Values>
void tell(const fmt::format_string<Values...> format, Values&&... values) {
    const std::string line = fmt::format(format, std::forward<Values>(values)...) + "\n";
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
}

/// The test's next cue; without one the test is gone.
std::string next_cue() {
    std::string line;
    if (!std::getline(std::cin, line)) {
        std::_Exit(EXIT_FAILURE);
    }
    return line;
}

void wait_for_cue() {
    static_cast<void>(next_cue());
}

template <typename Condition>
void wait_for(Condition&& condition) {
    while (!condition()) {
        std::this_thread::yield();
    }
}

Aeron connect(const Settings& settings, ErrorHandler on_error = {}) {
    return Aeron::connect({.directory = settings.directory,
                           .keepalive_interval = std::chrono::milliseconds{settings.keepalive_ms},
                           .client_name = "peer",
                           .on_error = std::move(on_error)});
}

void send_messages(const auto& publication, const Settings& settings) {
    for (std::int64_t number = 0; number < settings.messages; ++number) {
        const std::vector<std::byte> message =
            numbered_message({.source = settings.source, .number = number}, settings.max_length);
        wait_for([&] {
            const OfferResult result = publication.offer(message);
            if (!result && !result.is_retryable()) {
                throw Error(ErrorCode::closed, fmt::format("message {}: {}", number, to_string(result.status())));
            }
            return static_cast<bool>(result);
        });
    }
}

/// `ready <session>`, waits for the cue, sends its messages, `sent <position>`.
void publish_on(const auto& publication, const Settings& settings) {
    tell("ready {}", static_cast<std::int32_t>(publication.session_id()));
    wait_for_cue();
    wait_for([&] { return publication.is_connected(); });
    send_messages(publication, settings);
    tell("sent {}", publication.position().raw());
}

void publish(const Settings& settings) {
    Aeron aeron = connect(settings);
    if (settings.is_exclusive) {
        publish_on(aeron.add_exclusive_publication(settings.channel, settings.stream_id), settings);
    } else {
        publish_on(aeron.add_publication(settings.channel, settings.stream_id), settings);
    }
}

/// `ready`, receives so many messages in all, `received <count> from <source>` for each source, or `wrong: <what>`.
void subscribe(const Settings& settings) {
    Aeron aeron = connect(settings);
    const Subscription subscription = aeron.add_subscription(settings.channel, settings.stream_id);
    tell("ready");
    NumberedMessages received{settings.max_length};
    FragmentAssembler assembler{
        [&](const std::span<const std::byte> message, const Header&) { received.on_message(message); }};
    wait_for([&] {
        subscription.poll(assembler, 10);
        return received.total() >= settings.messages || received.mistake();
    });
    if (received.mistake()) {
        tell("wrong: {}", *received.mistake());
        std::exit(EXIT_FAILURE);
    }
    for (const auto& [source, count] : received.counts_by_source()) {
        tell("received {} from {}", count, source);
    }
}

/// Sends its messages, claims the next one, `claimed`, and never commits.
void hold_claim(const Settings& settings) {
    Aeron aeron = connect(settings);
    const Publication publication = aeron.add_publication(settings.channel, settings.stream_id);
    wait_for([&] { return publication.is_connected(); });
    send_messages(publication, settings);
    BufferClaim claim;
    wait_for([&] {
        claim = publication.try_claim(64);
        return static_cast<bool>(claim);
    });
    tell("claimed");
    wait_for_cue();
}

/// Adds resources of every kind without waiting for the driver, `added <count>` for each, until it is killed.
void add_forever(const Settings& settings) {
    Aeron aeron = connect(settings);
    std::vector<Pending<Publication>> publications;
    std::vector<Pending<ExclusivePublication>> exclusive_publications;
    std::vector<Pending<Subscription>> subscriptions;
    std::vector<Pending<Counter>> counters;
    const std::string channel = settings.channel + "?term-length=64k";
    for (std::int32_t count = 1;; ++count) {
        const std::int32_t stream_id = settings.stream_id + count % 7;
        switch (count % 4) {
            case 0: publications.push_back(aeron.async_add_publication(channel, stream_id)); break;
            case 1: exclusive_publications.push_back(aeron.async_add_exclusive_publication(channel, stream_id)); break;
            case 2: subscriptions.push_back(aeron.async_add_subscription(channel, stream_id)); break;
            default: counters.push_back(aeron.async_add_counter(1'000, "of a peer")); break;
        }
        if (publications.size() == 8) {  // waits for some, gives up others
            static_cast<void>(publications.front().try_wait());
            publications.clear();
            exclusive_publications.clear();
            subscriptions.clear();
            counters.clear();
        }
        tell("added {}", count);
    }
}

/// Holds a resource of every kind, `ready <client id>`; when the client has ended, `error <code>` and what its handles
/// answer.
void hold(const Settings& settings) {
    std::atomic<int> error{0};
    Aeron aeron = connect(settings, [&](const Error& cause) { error = static_cast<int>(cause.code()); });
    const Subscription subscription = aeron.add_subscription(settings.channel, settings.stream_id);
    const Publication publication = aeron.add_publication(settings.channel, settings.stream_id);
    const ExclusivePublication exclusive = aeron.add_exclusive_publication(settings.channel, settings.stream_id);
    const Counter counter = aeron.add_counter(1'000, "held");
    wait_for([&] { return subscription.image_count() == 2; });
    const Image image = *subscription.image_at(0);
    counter.set(42);
    static_cast<void>(publication.offer("left unread"));
    tell("ready {}", aeron.client_id());

    wait_for([&] { return aeron.is_closed() && error != 0; });
    tell("error {}", error.load());
    tell("publication {} {} {} {}", publication.offer("x").raw(), publication.try_claim(8).result().raw(),
         publication.position().raw(), publication.position_limit().raw());
    tell("exclusive {} {} {} {}", exclusive.offer("x").raw(), exclusive.append_padding(64).raw(),
         exclusive.position().raw(), exclusive.is_connected());
    const auto ignore = [](std::span<const std::byte>, const Header&) {};
    tell("polls {} {}", subscription.poll(ignore, 10), image.poll(ignore, 10));
    tell("closed {} {} {} {} {}", publication.is_closed(), exclusive.is_closed(), subscription.is_closed(),
         image.is_closed(), counter.is_closed());
    counter.set(43);
    tell("counter {}", counter.get());
    tell("constants {} {}", publication.stream_id(), publication.channel());
    const Result<Counter> late = aeron.async_add_counter(1'000, "late").try_wait();
    tell("add {}", late ? "accepted" : to_string(late.error().code));
    tell("end");
    wait_for_cue();
}

/// What may be done to a counter, by the name of the function.
const std::map<std::string, std::function<void(const Counter&, std::int64_t)>> counter_operations{
    {"set", [](const Counter& counter, const std::int64_t value) { counter.set(value); }},
    {"set_release", [](const Counter& counter, const std::int64_t value) { counter.set_release(value); }},
    {"set_relaxed", [](const Counter& counter, const std::int64_t value) { counter.set_relaxed(value); }},
    {"increment", [](const Counter& counter, std::int64_t) { counter.increment(); }},
    {"increment_release", [](const Counter& counter, std::int64_t) { counter.increment_release(); }},
    {"add", [](const Counter& counter, const std::int64_t value) { counter.add(value); }},
    {"add_release", [](const Counter& counter, const std::int64_t value) { counter.add_release(value); }},
    {"exchange", [](const Counter& counter, const std::int64_t value) { counter.exchange(value); }},
    {"compare_exchange",
     [](const Counter& counter, const std::int64_t value) {
         static_cast<void>(counter.compare_exchange(counter.get(), value));
     }},
    {"propose_max", [](const Counter& counter, const std::int64_t value) { counter.propose_max(value); }},
    {"close", [](const Counter& counter, std::int64_t) { counter.close(); }},
};

/// Adds a counter, or finds the static one of this kind: `added <id> <registration id>`. Does to it what each cue says,
/// an operation and a value, and answers `did`, until a cue is `drop`; then the same again.
void count(const Settings& settings) {
    Aeron aeron = connect(settings);
    while (true) {
        const Counter counter =
            settings.registration_id == 0
                ? aeron.add_counter(1'234, "of a peer")
                : aeron.add_static_counter(1'235, RegistrationId{settings.registration_id}, "static");
        tell("added {} {}", static_cast<std::int32_t>(counter.id()),
             static_cast<std::int64_t>(counter.registration_id()));
        for (std::string cue = next_cue(); cue != "drop"; cue = next_cue()) {
            std::istringstream words{cue};
            std::string operation;
            std::int64_t value = 0;
            words >> operation >> value;
            counter_operations.at(operation)(counter, value);
            tell("did {}", cue);
        }
    }
}

int run(const int argument_count, const char* const* const arguments) {
    CLI::App app{"The other process of cpperon's system tests"};
    app.require_subcommand(1);
    Settings settings;
    app.add_option("--directory", settings.directory)->required();
    app.add_option("--channel", settings.channel);
    app.add_option("--stream", settings.stream_id);
    app.add_option("--source", settings.source);
    app.add_option("--messages", settings.messages);
    app.add_option("--max-length", settings.max_length);
    app.add_option("--keepalive-ms", settings.keepalive_ms);
    app.add_option("--registration", settings.registration_id);
    app.add_flag("--exclusive", settings.is_exclusive);
    app.add_subcommand("publish")->callback([&] { publish(settings); });
    app.add_subcommand("subscribe")->callback([&] { subscribe(settings); });
    app.add_subcommand("hold-claim")->callback([&] { hold_claim(settings); });
    app.add_subcommand("add-forever")->callback([&] { add_forever(settings); });
    app.add_subcommand("count")->callback([&] { count(settings); });
    app.add_subcommand("hold")->callback([&] { hold(settings); });
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    }
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace cpperon::system_test

int main(const int argument_count, const char* const* const arguments) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
        return cpperon::system_test::run(argument_count, arguments);
    } catch (const std::exception& error) {
        fmt::print(stderr, "system_test_peer: {}\n", error.what());
        return EXIT_FAILURE;
    }
}
