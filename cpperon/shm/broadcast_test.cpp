/// Transmitter and receiver of the broadcast, which only make sense together.
#include <array>
#include <atomic>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/shm/broadcast_receiver.hpp"
#include "cpperon/shm/broadcast_transmitter.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/sanitizer.hpp"
#include "tests/support/shared_section.hpp"

namespace cpperon::shm {
namespace {

using test::from_hex;
using test::SharedSection;
using test::to_hex;
using ::testing::ElementsAre;

/// A broadcast of 1,024 bytes, as in the worked example.
class Broadcast : public ::testing::Test {
protected:
    static constexpr std::size_t capacity = 1'024;

    BroadcastTransmitResult transmit(const std::int32_t type_id, const std::size_t length) {
        return transmitter.transmit(type_id, std::vector<std::byte>(length));
    }
    BroadcastReceiveResult receive(BroadcastReceiver& receiver) {
        return receiver.receive([this](const std::int32_t type_id, const auto payload) {
            types.push_back(type_id);
            payloads.push_back(to_hex(payload));
        });
    }
    std::string hex(const std::size_t offset, const std::size_t length) {
        return to_hex(section.bytes(offset, length));
    }
    void expect_trailer(const std::int64_t intent, const std::int64_t tail, const std::int64_t latest) {
        EXPECT_EQ(section.word(capacity), intent);
        EXPECT_EQ(section.word(capacity + 8), tail);
        EXPECT_EQ(section.word(capacity + 16), latest);
    }

    SharedSection section{capacity + 128};
    BroadcastTransmitter transmitter{section.bytes()};
    std::vector<std::int32_t> types;
    std::vector<std::string> payloads;
};

// spec: 01-C22
TEST_F(Broadcast, GoesThroughTheWorkedExample) {
    BroadcastReceiver from_the_start{section.bytes()};

    EXPECT_EQ(transmitter.transmit(3, from_hex("00 01 02 03 04")), BroadcastTransmitResult::transmitted);
    expect_trailer(16, 16, 0);
    EXPECT_EQ(hex(0, 13), "0d000000 03000000 00010203 04");
    EXPECT_EQ(hex(1'024, 24), "10000000 00000000 10000000 00000000 00000000 00000000");

    for (int i = 0; i < 7; ++i) {
        EXPECT_EQ(transmit(3, 120), BroadcastTransmitResult::transmitted);
    }
    expect_trailer(912, 912, 784);

    EXPECT_EQ(transmit(4, 112), BroadcastTransmitResult::transmitted);
    expect_trailer(1'144, 1'144, 1'024);
    EXPECT_EQ(hex(912, 8), "70000000 ffffffff");
    EXPECT_EQ(hex(0, 8), "78000000 04000000");

    EXPECT_EQ(receive(from_the_start), BroadcastReceiveResult::overrun);
    EXPECT_EQ(from_the_start.lapped_count(), 1);
    EXPECT_EQ(receive(from_the_start), BroadcastReceiveResult::nothing);
    EXPECT_THAT(types, ElementsAre());

    BroadcastReceiver new_one{section.bytes()};
    EXPECT_EQ(receive(new_one), BroadcastReceiveResult::delivered);
    EXPECT_THAT(types, ElementsAre(4));
    EXPECT_EQ(receive(new_one), BroadcastReceiveResult::nothing);

    EXPECT_EQ(transmit(3, 129), BroadcastTransmitResult::message_too_long);
    EXPECT_EQ(transmit(0, 8), BroadcastTransmitResult::invalid_type_id);
    expect_trailer(1'144, 1'144, 1'024);
}

TEST_F(Broadcast, FollowsOverPaddingAtTheEndOfTheBuffer) {
    BroadcastReceiver receiver{section.bytes()};
    for (int i = 0; i < 7; ++i) {
        ASSERT_EQ(transmit(3, 120), BroadcastTransmitResult::transmitted);
        ASSERT_EQ(receive(receiver), BroadcastReceiveResult::delivered);
    }
    ASSERT_EQ(transmit(3, 64), BroadcastTransmitResult::transmitted);
    ASSERT_EQ(receive(receiver), BroadcastReceiveResult::delivered);
    ASSERT_EQ(transmit(9, 120), BroadcastTransmitResult::transmitted);

    EXPECT_EQ(receive(receiver), BroadcastReceiveResult::delivered);

    EXPECT_EQ(types.back(), 9);
    EXPECT_EQ(receiver.lapped_count(), 0);
}

TEST_F(Broadcast, DeliversTheLongestMessage) {
    BroadcastReceiver receiver{section.bytes()};
    EXPECT_EQ(transmitter.max_message_length(), 128);
    EXPECT_EQ(transmit(1, 128), BroadcastTransmitResult::transmitted);
    EXPECT_EQ(receive(receiver), BroadcastReceiveResult::delivered);
    EXPECT_EQ(payloads.back().size(), 2U * 128 + 31);
}

TEST(BroadcastCopy, GrowsBeyondItsInitialLength) {
    SharedSection section{1'048'576 + 128};
    BroadcastTransmitter transmitter{section.bytes()};
    BroadcastReceiver receiver{section.bytes()};
    std::vector<std::byte> payload(131'072, std::byte{0x5a});
    payload.back() = std::byte{1};
    ASSERT_EQ(transmitter.transmit(1, payload), BroadcastTransmitResult::transmitted);

    std::vector<std::byte> received;
    EXPECT_EQ(receiver.receive([&](auto, const auto bytes) { received.assign(bytes.begin(), bytes.end()); }),
              BroadcastReceiveResult::delivered);

    EXPECT_EQ(received, payload);
}

// spec: 01-C24
TEST_F(Broadcast, ReportsAnOverrunThatHappensBetweenTwoReads) {
    BroadcastReceiver receiver{section.bytes()};
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(transmit(2, 100), BroadcastTransmitResult::transmitted);
    }
    EXPECT_EQ(receive(receiver), BroadcastReceiveResult::overrun);
    EXPECT_THAT(types, ElementsAre());
    ASSERT_EQ(transmit(5, 100), BroadcastTransmitResult::transmitted);
    EXPECT_EQ(receive(receiver), BroadcastReceiveResult::delivered);
    EXPECT_THAT(types, ElementsAre(5));
    EXPECT_EQ(receiver.lapped_count(), 1);
}

TEST_F(Broadcast, TakesALengthThatIsBeingOverwrittenForAnOverrunAndGoesOn) {
    for (const std::int32_t length : {0, 7, -1, 8 + 129, INT32_MAX, INT32_MIN}) {
        BroadcastReceiver receiver{section.bytes()};
        while (receive(receiver) == BroadcastReceiveResult::delivered) {
        }
        const std::int64_t position = section.word(capacity + 8);
        ASSERT_EQ(transmit(1, 8), BroadcastTransmitResult::transmitted);
        const auto offset = static_cast<std::size_t>(position) & (capacity - 1);
        std::memcpy(section.bytes(offset, 4).data(), &length, 4);

        EXPECT_EQ(receive(receiver), BroadcastReceiveResult::overrun) << length;
        EXPECT_EQ(receive(receiver), BroadcastReceiveResult::nothing) << length;
        ASSERT_EQ(transmit(6, 8), BroadcastTransmitResult::transmitted);
        EXPECT_EQ(receive(receiver), BroadcastReceiveResult::delivered) << length;
    }
}

TEST_F(Broadcast, TransmitterTrustsItsOwnPosition) {
    ASSERT_EQ(transmit(1, 8), BroadcastTransmitResult::transmitted);
    section.word(capacity + 8) = 12'345;  // a client scribbles
    ASSERT_EQ(transmit(1, 8), BroadcastTransmitResult::transmitted);
    expect_trailer(32, 32, 16);
}

TEST(BroadcastSection, MustBeAPowerOfTwoPlusTheTrailer) {
    for (const std::size_t length : {std::size_t{0}, std::size_t{128}, std::size_t{132}, std::size_t{128 + 24}}) {
        SharedSection section{length + 8};
        EXPECT_THROW(BroadcastTransmitter{section.bytes(0, length)}, InvalidArgumentError) << length;
        EXPECT_THROW(BroadcastReceiver{section.bytes(0, length)}, InvalidArgumentError) << length;
    }
    SharedSection section{1'024 + 128 + 8};
    EXPECT_THROW(BroadcastReceiver{section.bytes(4, 1'024 + 128)}, InvalidArgumentError);
}

TEST(BroadcastRobustness, ReceiverSurvivesAnyContents) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    SharedSection section{256 + 128};
    const std::array<std::int64_t, 8> awkward{0, 1, -1, 7, 256, INT64_MAX, INT64_MIN, INT64_MAX - 3};
    const auto any_word = [&] {
        const auto any = static_cast<std::int64_t>((std::uint64_t{random()} << 32) | random());
        const auto plausible = static_cast<std::int64_t>(((random() % 3) << 1) | (random() % 48));
        return random() % 3 == 0 ? any : random() % 2 == 0 ? plausible : awkward[random() % 8];
    };

    for (int round = 0; round < 2'000; ++round) {
        for (std::size_t offset = 0; offset < 256 + 128; offset += 8) {
            section.word(offset) = any_word();
        }
        BroadcastReceiver receiver{section.bytes()};
        for (int i = 0; i < 20; ++i) {
            static_cast<void>(receiver.receive([](auto, const auto bytes) {
                EXPECT_LE(bytes.size(), 32U);
                EXPECT_EQ(to_hex(bytes).empty(), bytes.empty());
            }));
            section.word(256 + 8 * (random() % 3)) = any_word();
        }
    }
}

/// A sequence number, then bytes that follow from it, so that a torn copy shows.
struct Event {
    std::int64_t sequence = 0;
    std::array<std::uint8_t, 120> filling{};

    static Event of(const std::int64_t sequence) {
        Event event{.sequence = sequence};
        event.filling.fill(static_cast<std::uint8_t>(sequence * 31));
        return event;
    }
    [[nodiscard]] std::span<const std::byte> bytes() const {
        return std::as_bytes(std::span{this, 1}).first(static_cast<std::size_t>(8 + sequence % 121));
    }
};

/// The sequence number, or -1 if the bytes do not belong together.
std::int64_t sequence_of(const std::span<const std::byte> payload) {
    Event event;
    std::memcpy(&event, payload.data(), std::min(payload.size(), sizeof event));
    const Event expected = Event::of(event.sequence);
    return event.sequence >= 0 && payload.size() == expected.bytes().size() &&
                   std::memcmp(payload.data(), expected.bytes().data(), payload.size()) == 0
               ? event.sequence
               : -1;
}

// spec: 01-C23
TEST(BroadcastStress, AReceiverThatIsNotOverrunSeesEveryRecordOnceAndInOrder) {
    constexpr std::int64_t events = test::is_sanitized ? 20'000 : 500'000;
    SharedSection section{4'096 + 128};
    BroadcastTransmitter transmitter{section.bytes()};
    BroadcastReceiver receiver{section.bytes()};
    std::atomic<std::int64_t> received{0};

    std::thread sender{[&] {
        for (std::int64_t sequence = 0; sequence < events; ++sequence) {
            while (sequence - received.load() > 10) {  // at most 11 records of up to 136 bytes, and padding
                std::this_thread::yield();
            }
            static_cast<void>(transmitter.transmit(1, Event::of(sequence).bytes()));
        }
    }};
    std::int64_t wrong = 0;
    while (received.load() < events) {
        const auto result = receiver.receive(
            [&](auto, const auto payload) { wrong += sequence_of(payload) == received.load() ? 0 : 1; });
        if (result == BroadcastReceiveResult::nothing) {
            std::this_thread::yield();
        } else {
            wrong += result == BroadcastReceiveResult::overrun ? 1 : 0;
            received.fetch_add(1);
        }
    }
    sender.join();

    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(receiver.lapped_count(), 0);
}

// spec: 01-C24
TEST(BroadcastStress, AReceiverThatIsOverrunSaysSoAndNeverDeliversATornRecord) {
    constexpr std::int64_t events = test::is_sanitized ? 50'000 : 1'000'000;
    SharedSection section{1'024 + 128};
    BroadcastTransmitter transmitter{section.bytes()};
    BroadcastReceiver receiver{section.bytes()};
    std::atomic<std::int64_t> sent{0};

    std::thread sender{[&] {
        for (std::int64_t sequence = 0; sequence < events; ++sequence) {
            static_cast<void>(transmitter.transmit(1, Event::of(sequence).bytes()));
            sent.store(sequence + 1);
        }
    }};
    while (sent.load() < 200) {  // more than one lap behind
        std::this_thread::yield();
    }
    std::int64_t overruns = 0;
    std::int64_t last = -1;
    std::int64_t wrong = 0;
    while (true) {
        const bool is_over = sent.load() == events;
        const auto result = receiver.receive([&](auto, const auto payload) {
            const std::int64_t sequence = sequence_of(payload);
            wrong += sequence > last ? 0 : 1;
            last = sequence;
        });
        overruns += result == BroadcastReceiveResult::overrun ? 1 : 0;
        if (result == BroadcastReceiveResult::nothing && is_over) {
            break;
        }
    }
    sender.join();

    EXPECT_EQ(wrong, 0);
    EXPECT_GE(overruns, 1);
    EXPECT_EQ(receiver.lapped_count(), overruns);
}

}  // namespace
}  // namespace cpperon::shm
