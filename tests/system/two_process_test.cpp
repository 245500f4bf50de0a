/// A publisher in another process, and a driver and a subscriber in this one.
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/system/numbered_messages.hpp"
#include "tests/system/process_fixture.hpp"

namespace cpperon::system_test {
namespace {

using namespace std::chrono_literals;

struct Stream {
    std::string name;
    bool is_exclusive = false;
    std::size_t max_length = 0;

    /// For GoogleTest, which would print the bytes.
    friend void PrintTo(const Stream& value, std::ostream* const out) { *out << value.name; }
};

class TwoProcesses : public ProcessFixture, public testing::WithParamInterface<Stream> {};

// Each stream goes round its three terms of 64 KiB several times.
TEST_P(TwoProcesses, EmbeddedDriverCarriesEachMessageOnceInOrderAndUnchanged) {
    const Stream& stream = GetParam();
    const std::int64_t count =
        (test::is_sanitized ? 1'000'000 : 10'000'000) / static_cast<std::int64_t>(stream.max_length);
    const EmbeddedDriver driver{{.ipc_term_length = 65'536, .timer_interval = 5ms}};
    Aeron aeron = Aeron::connect({.directory = driver.directory()});
    const Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001);
    std::vector<std::string> arguments{"--messages", std::to_string(count), "--max-length",
                                       std::to_string(stream.max_length)};
    if (stream.is_exclusive) {
        arguments.emplace_back("--exclusive");
    }

    const auto publisher = start_peer("publish", arguments, driver.directory());
    wait_for_event(*publisher, "ready");
    publisher->tell("go");
    NumberedMessages received{stream.max_length};
    std::int64_t position = 0;
    FragmentAssembler assembler{[&](const std::span<const std::byte> message, const Header& header) {
        received.on_message(message);
        position = header.position();
    }};
    wait_until(
        [&] {
            while (subscription.poll(assembler, 100) > 0) {
            }
            return received.total() == count || received.mistake() || publisher->has_ended();
        },
        "all messages");
    while (subscription.poll(assembler, 100) > 0) {
    }

    EXPECT_EQ(received.mistake(), std::nullopt);
    EXPECT_EQ(received.total(), count);
    EXPECT_EQ(publisher->exit_status(), 0) << publisher->error_output();
    EXPECT_EQ(wait_for_event(*publisher, "sent"), std::to_string(position));
    wait_until([&] { return subscription.image_count() == 0; }, "the image to end with its publisher");
    EXPECT_EQ(subscription.poll(assembler, 100), 0);
}

INSTANTIATE_TEST_SUITE_P(Streams, TwoProcesses,
                         testing::Values(Stream{.name = "SharedSmall", .is_exclusive = false, .max_length = 100},
                                         Stream{.name = "SharedFragmented", .is_exclusive = false, .max_length = 8'192},
                                         Stream{.name = "ExclusiveSmall", .is_exclusive = true, .max_length = 100},
                                         Stream{
                                             .name = "ExclusiveFragmented", .is_exclusive = true, .max_length = 8'192}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace cpperon::system_test
