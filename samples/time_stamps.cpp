/// Where the time of a message goes: the driver writes into each message when it was sent and received. The message has
/// room for that, at offsets which the channels name; one time goes into the header, as its reserved value.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"
#include "samples/reports.hpp"

namespace {

constexpr std::chrono::seconds patience{10};

struct Options {
    std::string channel = samples::default_channel;
    std::int32_t stream_id = samples::default_stream_id;
    std::int64_t messages = 10;
};

/// The message: all of them wall clock times in nanoseconds since 1970. What the driver could not write stays 0.
struct Times {
    std::int64_t offered_ns = 0;   ///< by this program
    std::int64_t sent_ns = 0;      ///< by the driver, before it gave the datagram to the system
    std::int64_t received_ns = 0;  ///< by the driver, after it took the datagram from the system
};

std::int64_t now_ns() noexcept {
    return std::chrono::system_clock::now().time_since_epoch() / std::chrono::nanoseconds{1};
}

void print_times(const std::span<const std::byte> message, const cpperon::Header& header) {
    const std::int64_t polled_ns = now_ns();
    Times times;
    std::memcpy(&times, message.data(), sizeof(times));
    const std::int64_t arrived_ns = header.reserved_value();  // at the system, by its own time stamp
    const auto us = [](const std::int64_t from_ns, const std::int64_t to_ns) {
        return from_ns != 0 && to_ns != 0 ? fmt::format("{:.1f} us", static_cast<double>(to_ns - from_ns) / 1e3)
                                          : std::string{"unknown"};
    };
    fmt::print("offered to sent {}, to arrived {}, to received {}, to polled {}; in all {}\n",
               us(times.offered_ns, times.sent_ns), us(times.sent_ns, arrived_ns), us(arrived_ns, times.received_ns),
               us(times.received_ns, polled_ns), us(times.offered_ns, polled_ns));
}

void run(const Options& options) {
    const cpperon::EmbeddedDriver driver;
    auto aeron = cpperon::Aeron::connect({.directory = driver.directory()});
    const std::string subscription_channel =
        cpperon::ChannelUriBuilder::from(options.channel)
            .channel_receive_timestamp_offset(cpperon::TimestampOffset{offsetof(Times, received_ns)})
            .media_receive_timestamp_offset(cpperon::TimestampOffset::reserved())
            .build();
    const std::string publication_channel =
        cpperon::ChannelUriBuilder::from(options.channel)
            .channel_send_timestamp_offset(cpperon::TimestampOffset{offsetof(Times, sent_ns)})
            .build();
    const auto subscription = aeron.add_subscription(subscription_channel, options.stream_id);
    const auto publication = aeron.add_publication(publication_channel, options.stream_id);
    samples::report_ready("Subscribed", subscription);
    samples::report_ready("Publishing", publication);
    if (!cpperon::await_connected(publication, patience) || !cpperon::await_connected(subscription, patience)) {
        throw std::runtime_error(fmt::format("the two ends did not find each other within {} s", patience.count()));
    }

    for (std::int64_t i = 0; i < options.messages && !samples::is_stop_requested(); ++i) {
        const Times times{.offered_ns = now_ns()};
        const auto message = std::as_bytes(std::span{&times, 1});
        if (const auto result = cpperon::offer_until_taken(publication, message, patience); !result) {
            throw cpperon::OfferError{result};
        }
        const auto has_arrived = [&] { return subscription.poll(print_times, 1) > 0 || samples::is_stop_requested(); };
        if (!cpperon::await(aeron, has_arrived, patience)) {
            throw std::runtime_error(fmt::format("message {} did not arrive within {} s", i, patience.count()));
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"time_stamps", "Shows how long messages take from one place to the next on their way."};
    command.channel("-c,--channel", options.channel, "A UDP channel")->check([](const std::string& text) {
        return cpperon::ChannelUri::parse(text).is_udp()
                   ? std::string{}
                   : fmt::format("'{}' is not sent or received: give a UDP channel, like {}", text,
                                 samples::default_channel);
    });
    command.stream_id("-s,--stream", options.stream_id);
    command.number("-m,--messages", options.messages, "How many to send", 1, 1'000'000);
    return command.run(argc, argv, [&] { run(options); });
}
